"""Lines of files as what a model reads of them: the request that counts its tokens, and its texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
# The fields of a response's body that the platform counts the tokens of.
_COUNTED = (
    *("model", "input", "instructions", "previous_response_id", "conversation", "tools", "tool_choice", "text"),
    *("reasoning", "truncation", "parallel_tool_calls"),
)
_CAPS = ("max_output_tokens", "max_completion_tokens", "max_tokens")
_TEXTS = ("content", "text", "refusal", "arguments", "output", "summary", "name", "tool_calls", "function")


class Asked(NamedTuple):
    """What a line of a file has a model read."""

    endpoint: str
    """Of a request; of an example for training, that of chats."""
    body: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The model it asks for; "" for none."""
        model = self.body.get("model")
        return model if isinstance(model, str) else ""

    @property
    def cap(self) -> int | None:
        """The most tokens that its answer may have, where it says so."""
        found = next((self.body[name] for name in _CAPS if isinstance(self.body.get(name), int)), None)
        choices = self.body.get("n")
        return found if found is None else found * (choices if isinstance(choices, int) and choices > 1 else 1)


def read_line(line: Mapping[str, Any], model: str = "") -> Asked:
    """Return what a model reads of a line: a request of a batch, or an example of any kind of training."""
    body, url = line.get("body"), line.get("url")
    if isinstance(body, dict):
        return Asked(url if isinstance(url, str) else "", body)
    if isinstance(line.get("prompt"), str) and "completion" in line:
        return Asked(RESPONSES, {"model": model, "input": f"{line['prompt']}{line['completion']}"})
    given = line.get("input")
    example: Mapping[str, Any] = given if isinstance(given, dict) else line
    messages = [*_list(example.get("messages"))]
    for name in ("preferred_output", "non_preferred_output"):
        messages += _list(line.get(name))
    return Asked(CHAT, {"model": model, "messages": messages, "tools": example.get("tools") or []})


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def can_be_counted(asked: Asked) -> bool:
    """Return whether the platform counts the tokens of such a request."""
    return asked.endpoint == CHAT or (asked.endpoint == RESPONSES and "input" in asked.body)


def count_body(asked: Asked) -> dict[str, Any]:
    """Return the body of the request that counts the tokens a model reads of this one."""
    body = asked.body
    if asked.endpoint != CHAT:
        return {name: body[name] for name in _COUNTED if body.get(name) not in (None, "")}
    made: dict[str, Any] = {"input": list(_items(body.get("messages")))}
    if asked.model:
        made["model"] = asked.model
    if tools := [flat for tool in _list(body.get("tools")) if (flat := _flatten_tool(tool))]:
        made["tools"] = tools
    form = body.get("response_format")
    if isinstance(form, dict) and isinstance(form.get("json_schema"), dict):
        made["text"] = {"format": {"type": "json_schema", **form["json_schema"]}}
    return made


def _flatten_tool(tool: Any) -> dict[str, Any] | None:
    function = tool.get("function") if isinstance(tool, dict) else None
    return {"type": "function", **function} if isinstance(function, dict) else None


def _items(messages: Any) -> Iterator[dict[str, Any]]:
    """Yield the messages of a chat as items of a response's input."""
    for message in _list(messages):
        if not isinstance(message, dict):
            continue
        role, content = message.get("role"), message.get("content")
        if role in ("tool", "function"):
            call = str(message.get("tool_call_id") or message.get("name") or "call")
            yield {"type": "function_call_output", "call_id": call, "output": _join_texts(content)}
            continue
        parts = [_part(part, role == "assistant") for part in content] if isinstance(content, list) else content
        if parts:
            yield {"role": role, "content": parts}
        for call in _list(message.get("tool_calls")):
            function = call.get("function") if isinstance(call, dict) else None
            if isinstance(function, dict):
                named = {"name": str(function.get("name")), "arguments": str(function.get("arguments") or "")}
                yield {"type": "function_call", "call_id": str(call.get("id") or "call"), **named}


def _join_texts(content: Any) -> str:
    return content if isinstance(content, str) else "\n".join(iter_texts(content))


def _part(part: Any, said: bool) -> Any:
    """Return a part of a chat message as a part of an item."""
    if not isinstance(part, dict):
        return part
    match part.get("type"):
        case "text":
            return {"type": "output_text" if said else "input_text", "text": part.get("text")}
        case "image_url":
            image = part.get("image_url")
            image = image if isinstance(image, dict) else {"url": image}
            return {"type": "input_image", "image_url": image.get("url"), "detail": image.get("detail") or "auto"}
        case "file":
            file = part.get("file")
            return {"type": "input_file", **(file if isinstance(file, dict) else {})}
    return part


def iter_texts(value: Any) -> Iterator[str]:
    """Yield the texts that a model reads in a message, a part, or a list of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from iter_texts(each)
    elif isinstance(value, dict):
        for name in _TEXTS:
            yield from iter_texts(value.get(name))


def list_messages(asked: Asked) -> list[Any]:
    """Return the messages, items or texts that a model reads one by one."""
    body = asked.body
    if asked.endpoint == CHAT:
        return _list(body.get("messages"))
    given = body.get("input", body.get("prompt"))
    told = [body["instructions"]] if isinstance(body.get("instructions"), str) else []
    return [*told, *(given if isinstance(given, list) else [given])]


def dump_forms(asked: Asked) -> list[str]:
    """Return the tools and the schema of a request as the JSON they are read as, about."""
    text = asked.body.get("text")
    forms = [
        asked.body.get("tools"),
        asked.body.get("response_format"),
        text.get("format") if isinstance(text, dict) else None,
    ]
    return [json.dumps(form, ensure_ascii=False) for form in forms if form]
