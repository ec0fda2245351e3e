"""The messages of a chat completion's request, and what must hold among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from tui.sandbox.answers.bodies import FileIds, check_base64, check_url
from tui.sandbox.protocol import Body, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence


class TextPart(Body):
    """Text of a message."""

    type: Literal["text"]
    text: str
    prompt_cache_breakpoint: dict[str, Any] | None = None


class RefusalPart(Body):
    """Refusal of an assistant's message."""

    type: Literal["refusal"]
    refusal: str


class ChatImage(Body):
    """Address of an image, and in how much detail to look at it."""

    url: str
    detail: Literal["auto", "low", "high", "original"] = "auto"


class ImagePart(Body):
    """An image of a message."""

    type: Literal["image_url"]
    image_url: ChatImage
    prompt_cache_breakpoint: dict[str, Any] | None = None


class Sound(Body):
    """Recorded speech."""

    data: str
    format: Literal["wav", "mp3"]


class SoundPart(Body):
    """Speech of a message."""

    type: Literal["input_audio"]
    input_audio: Sound
    prompt_cache_breakpoint: dict[str, Any] | None = None


class File(Body):
    """A file: uploaded or inside the request."""

    file_id: str | None = None
    file_data: str | None = None
    filename: str | None = None


class FilePart(Body):
    """A file of a message."""

    type: Literal["file"]
    file: File
    prompt_cache_breakpoint: dict[str, Any] | None = None


Texts = Annotated[list[TextPart], Field(min_length=1)]
UserParts = Annotated[
    list[Annotated[TextPart | ImagePart | SoundPart | FilePart, Field(discriminator="type")]], Field(min_length=1)
]


class Instruction(Body):
    """A message of the developer."""

    role: Literal["developer", "system"]
    content: str | Texts
    name: str | None = None


class UserMessage(Body):
    """A message of the user."""

    role: Literal["user"]
    content: str | UserParts
    name: str | None = None


class CalledFunction(Body):
    """The function of a call."""

    name: str
    arguments: str


class CalledCustom(Body):
    """The custom tool of a call."""

    name: str
    input: str


class FunctionCall(Body):
    """A call of a function."""

    id: str
    type: Literal["function"]
    function: CalledFunction


class CustomCall(Body):
    """A call of a custom tool."""

    id: str
    type: Literal["custom"]
    custom: CalledCustom


class AssistantMessage(Body):
    """An earlier message of the assistant. Answers can be sent back as they came, `annotations` included."""

    role: Literal["assistant"]
    content: str | list[Annotated[TextPart | RefusalPart, Field(discriminator="type")]] | None = None
    refusal: str | None = None
    name: str | None = None
    audio: dict[str, Any] | None = None
    annotations: list[Any] | None = None
    tool_calls: list[Annotated[FunctionCall | CustomCall, Field(discriminator="type")]] | None = None
    function_call: CalledFunction | None = None


class ToolMessage(Body):
    """The output of a tool call."""

    role: Literal["tool"]
    content: str | Texts
    tool_call_id: str


class FunctionMessage(Body):
    """The output of a function, in the deprecated form."""

    role: Literal["function"]
    content: str | None
    name: str


Message = Annotated[
    Instruction | UserMessage | AssistantMessage | ToolMessage | FunctionMessage, Field(discriminator="role")
]


def check_turns(messages: Sequence[Message]) -> None:
    """Raise `Problem` unless tool calls have their answers, and parts hold what can be read."""
    open_: set[str] = set()
    for number, message in enumerate(messages):
        param = f"messages[{number}]"
        if isinstance(message, ToolMessage):
            if message.tool_call_id not in open_:
                words = "Invalid parameter: messages with role 'tool' must be a response to a preceding message "
                raise Problem(f"{words}with 'tool_calls'.", param=f"{param}.role")
            open_.discard(message.tool_call_id)
            continue
        _check_open(open_, param)
        if isinstance(message, AssistantMessage):
            open_ = {call.id for call in message.tool_calls or ()}
            if not (message.content or message.tool_calls or message.function_call or message.refusal):
                words = f"Invalid value for '{param}.content': expected a string, but got null."
                raise Problem(words, param=f"{param}.content", code="invalid_value")
        elif isinstance(message, UserMessage) and not isinstance(message.content, str):
            _check_parts(message.content, f"{param}.content")
    _check_open(open_, "messages")


def list_files(messages: Sequence[Message]) -> FileIds:
    """Return the files that messages show."""
    return [
        (part.file.file_id, f"messages[{number}].content[{place}].file.file_id")
        for number, message in enumerate(messages)
        if isinstance(message, UserMessage) and not isinstance(message.content, str)
        for place, part in enumerate(message.content)
        if isinstance(part, FilePart) and part.file.file_id
    ]


def _check_open(open_: set[str], param: str) -> None:
    if open_:
        words = "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        ids = ", ".join(sorted(open_))
        raise Problem(
            f"{words}'tool_call_id'. These tool_call_ids did not have response messages: {ids}", param=param
        )


def _check_parts(parts: list[Any], param: str) -> None:
    for number, part in enumerate(parts):
        here = f"{param}[{number}]"
        if isinstance(part, ImagePart):
            check_url(part.image_url.url, f"{here}.image_url.url")
        elif isinstance(part, SoundPart):
            check_base64(part.input_audio.data, f"{here}.input_audio.data")
        elif isinstance(part, FilePart):
            if bool(part.file.file_id) == bool(part.file.file_data):
                message = f"Invalid '{here}.file': expected either 'file_id' or 'file_data'."
                raise Problem(message, param=f"{here}.file", code="invalid_value")
            if part.file.file_data:
                check_url(part.file.file_data, f"{here}.file.file_data")
