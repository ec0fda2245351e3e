"""Conversations in the form of each API: the request to send, and how to read what comes back."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tui.resources.generation import endpoints as generation
from tui.resources.generation.parameters import merge_parameters
from tui.resources.generation.tools import (
    convert_item_for_response,
    convert_tool_for_chat,
    convert_tool_for_response,
)
from tui.workflows.generation.generation import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel

    from tui.api.operation import Operation
    from tui.workflows.generation.answer_parts import AnswerPart

JSON = dict[str, Any]


class NotExpressible(ValueError):
    """Something that an endpoint cannot be sent; the message is a sentence."""


@dataclass(slots=True)
class UserTurn:
    """A message of the user, or the output of a tool for the call `call_id`.

    `files` are shown along with it: their names, and their ids or contents as data URLs.
    """

    text: str
    role: Literal["user", "tool"] = "user"
    call_id: str = ""
    custom: bool = False
    files: list[tuple[str, str]] = field(default_factory=list)


Turn = UserTurn | Answer


@dataclass(frozen=True, slots=True)
class Dialect:
    """An endpoint to talk to, and how a conversation is put into its words."""

    name: str
    operation: Operation
    build_body: Callable[[Mapping[str, Any], Sequence[Turn]], JSON]
    """Makes the request out of the settings and the turns so far."""
    take_event: Callable[[Answer, JSON, float], None]
    """Takes one event of a stream into an answer, at a time (monotonic seconds)."""
    take_whole: Callable[[Answer, JSON, float], None]
    """Takes an answer that came in one piece."""
    talks: bool = True
    """Whether it remembers what was said before; else each prompt is taken by itself."""

    @property
    def settings(self) -> type[BaseModel]:
        """The model of its settings."""
        body = self.operation.body
        if body is None:
            raise TypeError(f"{self.operation.name} has no settings")
        return body

    def start(self) -> JSON:
        """Return the settings a bench starts with."""
        example: list[Any] = self.settings.model_fields["model"].examples or [""]
        return {"model": example[0]}


def open_calls(turns: Sequence[Turn]) -> list[AnswerPart]:
    """Return the calls of the last answer that nobody has answered yet."""
    for number in range(len(turns) - 1, -1, -1):
        turn = turns[number]
        if isinstance(turn, Answer):
            given = {later.call_id for later in turns[number + 1 :] if isinstance(later, UserTurn)}
            return [call for call in turn.calls if call.call_id not in given]
    return []


def is_image(name: str) -> bool:
    """Return whether a file is an image, by its name."""
    return (mimetypes.guess_type(name)[0] or "").startswith("image/")


def _without(settings: Mapping[str, Any], *own: str) -> JSON:
    """Return the settings that have a value, without those named: they are sent in another form."""
    return {name: value for name, value in settings.items() if name not in own and value is not None}


# Chat completions.


def build_chat_body(settings: Mapping[str, Any], turns: Sequence[Turn]) -> JSON:
    """Return the request for a chat completion."""
    body = _without(settings, "instructions", "json_schema", "tools", "stream", "more")
    messages: list[JSON] = []
    if instructions := settings.get("instructions"):
        messages.append({"role": "developer", "content": instructions})
    for turn in turns:
        messages += _chat_messages_of_user(turn) if isinstance(turn, UserTurn) else _chat_messages_of_answer(turn)
    body["messages"] = messages
    if schema := settings.get("json_schema"):
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    if tools := settings.get("tools"):
        body["tools"] = [convert_tool_for_chat(tool) for tool in tools]
    if settings.get("stream", True):
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return merge_parameters(body, settings.get("more"))


def _chat_messages_of_user(said: UserTurn) -> list[JSON]:
    if said.role == "tool":
        return [{"role": "tool", "tool_call_id": said.call_id, "content": said.text}]
    if not said.files:
        return [{"role": "user", "content": said.text}]
    parts: list[JSON] = [{"type": "text", "text": said.text}]
    for name, value in said.files:
        if value.startswith("data:image/"):
            parts.append({"type": "image_url", "image_url": {"url": value}})
        elif value.startswith("data:"):
            parts.append({"type": "file", "file": {"filename": name, "file_data": value}})
        elif is_image(name):
            raise NotExpressible(
                f"Chat completions take no image by its id ({name}); give a path, or use :respond."
            )
        else:
            parts.append({"type": "file", "file": {"file_id": value}})
    return [{"role": "user", "content": parts}]


def _chat_messages_of_answer(answer: Answer) -> list[JSON]:
    message: JSON = {"role": "assistant", "content": answer.text or None}
    if answer.refusal:
        message["refusal"] = answer.refusal
    if answer.calls:
        message["tool_calls"] = [
            {"id": call.call_id, "type": "custom", "custom": {"name": call.name, "input": call.text}}
            if call.custom
            else {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.text}}
            for call in answer.calls
        ]
    return [message] if len(message) > 2 or message["content"] else []


# Responses.


def build_response_body(settings: Mapping[str, Any], turns: Sequence[Turn]) -> JSON:
    """Return the request for a response: it continues the last one that the platform keeps, or sends all again."""
    body = _without(settings, "json_schema", "tools", "stream", "reasoning_effort", "more")
    kept = settings.get("store", True)
    anchors = [n for n, turn in enumerate(turns) if isinstance(turn, Answer) and turn.is_whole and turn.id]
    if kept and anchors:
        last = turns[anchors[-1]]
        if isinstance(last, Answer):
            body["previous_response_id"] = last.id
        turns = turns[anchors[-1] + 1 :]
    items = [
        item
        for turn in turns
        for item in (
            _response_items_of_user(turn) if isinstance(turn, UserTurn) else _response_items_of_answer(turn)
        )
    ]
    only = items[0] if len(items) == 1 else {}
    body["input"] = only["content"] if isinstance(only.get("content"), str) and only["role"] == "user" else items
    if schema := settings.get("json_schema"):
        body["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": schema}}
    if tools := settings.get("tools"):
        body["tools"] = [convert_tool_for_response(tool) for tool in tools]
    if effort := settings.get("reasoning_effort"):
        body["reasoning"] = {"effort": effort, "summary": "auto"}
    if settings.get("stream", True):
        body["stream"] = True
    return merge_parameters(body, settings.get("more"))


def _response_items_of_user(said: UserTurn) -> list[JSON]:
    if said.role == "tool":
        kind = "custom_tool_call_output" if said.custom else "function_call_output"
        return [{"type": kind, "call_id": said.call_id, "output": said.text}]
    if not said.files:
        return [{"role": "user", "content": said.text}]
    parts: list[JSON] = [{"type": "input_text", "text": said.text}]
    for name, value in said.files:
        if value.startswith("data:image/"):
            parts.append({"type": "input_image", "image_url": value})
        elif value.startswith("data:"):
            parts.append({"type": "input_file", "filename": name, "file_data": value})
        else:
            parts.append({"type": "input_image" if is_image(name) else "input_file", "file_id": value})
    return [convert_item_for_response({"role": "user", "content": parts})]


def _response_items_of_answer(answer: Answer) -> list[JSON]:
    said = answer.text or answer.refusal
    items: list[JSON] = [{"role": "assistant", "content": said}] if said else []
    for call in answer.calls:
        inner = {"input": call.text} if call.custom else {"arguments": call.text}
        kind = "custom_tool_call" if call.custom else "function_call"
        items.append({"type": kind, "call_id": call.call_id, "name": call.name, **inner})
    return items


def _take_whole_response(answer: Answer, data: JSON, now: float) -> None:
    answer.take_response({"response": data}, now)


# Legacy completions.


def build_completion_body(settings: Mapping[str, Any], turns: Sequence[Turn]) -> JSON:
    """Return the request to complete the last prompt."""
    prompt = next((turn.text for turn in reversed(turns) if isinstance(turn, UserTurn)), "")
    body = {**_without(settings, "stream", "more"), "prompt": prompt}
    if settings.get("stream", True):
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return merge_parameters(body, settings.get("more"))


RESPOND = Dialect("responses", generation.RESPOND, build_response_body, Answer.take_response, _take_whole_response)
CHAT = Dialect("chat", generation.CHAT, build_chat_body, Answer.take_chat, Answer.take_chat)
COMPLETE = Dialect(
    "completions",
    generation.COMPLETE,
    build_completion_body,
    Answer.take_completion,
    Answer.take_completion,
    talks=False,
)

DIALECTS = {dialect.operation.path: dialect for dialect in (RESPOND, CHAT, COMPLETE)}
