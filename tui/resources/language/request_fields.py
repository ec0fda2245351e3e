"""The fields of the requests that a batch takes: their types and limits, and what belongs to another endpoint.

https://platform.openai.com/docs/api-reference; null stands for a field that is left out, and values of fields
that are not named here are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

RESPONSES, CHAT, COMPLETIONS = "/v1/responses", "/v1/chat/completions", "/v1/completions"
EMBEDDINGS = "/v1/embeddings"
MAX_EMBEDDED = 2_048  # texts, or tokens of one text, in one request

_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def json_kind(value: Any) -> str:
    """Return in words what a JSON value is."""
    return "null" if value is None else _KINDS.get(type(value), "a text")


class _Field(NamedTuple):
    """What a field takes: values of these types, numbers within limits; whole ones where there is no float."""

    types: tuple[type, ...]
    words: str
    low: float | None = None
    high: float = float("inf")


def _whole(low: float | None = None, high: float = float("inf")) -> _Field:
    return _Field((int,), "a whole number", low, high)


def _number(low: float, high: float) -> _Field:
    return _Field((int, float), "a number", low, high)


_FLAG, _TEXT = _Field((bool,), "true or false"), _Field((str,), "a text")
_OBJECT, _LIST = _Field((dict,), "an object"), _Field((list,), "a list")
_TEXT_OR_LIST = _Field((str, list), "a text or a list")
_TEXT_OR_OBJECT = _Field((str, dict), "a text or an object")

_SHARED: dict[str, _Field] = {
    "metadata": _OBJECT,
    "parallel_tool_calls": _FLAG,
    "prompt_cache_key": _TEXT,
    "safety_identifier": _TEXT,
    "service_tier": _TEXT,
    "store": _FLAG,
    "stream_options": _OBJECT,
    "temperature": _number(0, 2),
    "tool_choice": _TEXT_OR_OBJECT,
    "tools": _LIST,
    "top_logprobs": _whole(0, 20),
    "top_p": _number(0, 1),
    "user": _TEXT,
}
_COMPLETED: dict[str, _Field] = {
    "frequency_penalty": _number(-2, 2),
    "logit_bias": _OBJECT,
    "n": _whole(1, 128),
    "presence_penalty": _number(-2, 2),
    "seed": _whole(),
    "stop": _TEXT_OR_LIST,
}
_IMAGES = {"n": _whole(1, 10), "output_compression": _whole(0, 100), "partial_images": _whole(0, 3)}
_FIELDS: dict[str, dict[str, _Field]] = {
    RESPONSES: {
        **_SHARED,
        "background": _FLAG,
        "context_management": _LIST,
        "conversation": _TEXT_OR_OBJECT,
        "include": _LIST,
        "input": _TEXT_OR_LIST,
        "instructions": _TEXT,
        "max_output_tokens": _whole(16),
        "max_tool_calls": _whole(),
        "previous_response_id": _TEXT,
        "prompt": _OBJECT,
        "reasoning": _OBJECT,
        "text": _OBJECT,
        "truncation": _TEXT,
    },
    CHAT: {
        **_SHARED,
        **_COMPLETED,
        "audio": _OBJECT,
        "function_call": _TEXT_OR_OBJECT,
        "functions": _LIST,
        "logprobs": _FLAG,
        "max_completion_tokens": _whole(1),
        "max_tokens": _whole(1),
        "messages": _LIST,
        "modalities": _LIST,
        "prediction": _OBJECT,
        "reasoning_effort": _TEXT,
        "response_format": _OBJECT,
        "verbosity": _TEXT,
        "web_search_options": _OBJECT,
    },
    COMPLETIONS: {
        **_COMPLETED,
        "best_of": _whole(0, 20),
        "echo": _FLAG,
        "logprobs": _whole(0, 5),
        "max_tokens": _whole(0),
        "prompt": _TEXT_OR_LIST,
        "suffix": _TEXT,
        "temperature": _number(0, 2),
        "top_p": _number(0, 1),
        "user": _TEXT,
    },
    EMBEDDINGS: {"dimensions": _whole(1), "encoding_format": _TEXT, "input": _TEXT_OR_LIST, "user": _TEXT},
    "/v1/moderations": {"input": _TEXT_OR_LIST},
    "/v1/images/generations": {**_IMAGES, "prompt": _TEXT},
    "/v1/images/edits": {**_IMAGES, "prompt": _TEXT},
    "/v1/videos": {"prompt": _TEXT},
}
# What only the other of the two has, and what stands for it here.
_ELSEWHERE: dict[str, set[str]] = {
    RESPONSES: _FIELDS[CHAT].keys() - _FIELDS[RESPONSES].keys(),
    CHAT: _FIELDS[RESPONSES].keys() - _FIELDS[CHAT].keys(),
}
_INSTEAD: dict[str, dict[str, str]] = {
    RESPONSES: {
        "functions": "tools",
        "function_call": "tool_choice",
        "max_completion_tokens": "max_output_tokens",
        "max_tokens": "max_output_tokens",
        "messages": "input",
        "reasoning_effort": "reasoning.effort",
        "response_format": "text.format",
        "verbosity": "text.verbosity",
    },
    CHAT: {
        "input": "messages",
        "instructions": "a message of the role system",
        "max_output_tokens": "max_completion_tokens",
        "reasoning": "reasoning_effort",
        "text": "response_format",
    },
}
_PARTS: dict[str, tuple[str, ...]] = {
    RESPONSES: ("input_text", "input_image", "input_file", "input_audio", "output_text", "refusal"),
    CHAT: ("text", "image_url", "input_audio", "file", "refusal"),
}
_OTHER = {CHAT: RESPONSES, RESPONSES: CHAT}
_ROLES = ("system", "developer", "user", "assistant")  # of a response's input


def find_field_fault(url: str, body: Mapping[str, Any], hint: str = "") -> str:
    """Return what is wrong with a field of a body, or ""; a `hint` follows where a text should be a number."""
    if body.get("stream"):
        return 'has "stream": true in its body: a batch does not stream'
    fields, elsewhere = _FIELDS.get(url, {}), _ELSEWHERE.get(url, ())
    for name, value in body.items():
        field = fields.get(name)
        if field is not None:
            if type(value) in field.types and (field.low is None or field.low <= value <= field.high):
                continue
            if value is not None and (fault := _find_value_fault(field, name, value, hint)):
                return fault
        elif name in elsewhere and value is not None:
            instead = _INSTEAD[url].get(name)
            return f"has {name} in its body, which {url} does not know" + (
                f": it takes {instead} instead" if instead else ""
            )
    if url == CHAT:
        return _find_part_fault(body["messages"], url) or _find_choice_fault(body, url)
    if url == RESPONSES:
        return _find_input_fault(body.get("input")) or _find_choice_fault(body, url)
    return _find_embedding_fault(body["input"]) if url == EMBEDDINGS else ""


def _find_value_fault(field: _Field, name: str, value: Any, hint: str) -> str:
    kind = type(value)
    if kind is float and field.types == (int,) and value.is_integer():
        kind = int
    if kind not in field.types:
        found = "a fraction" if kind is float else json_kind(value)
        number = int in field.types and kind is str
        return f"has {name} in its body that is {found}: it must be {field.words}{hint * number}"
    if field.low is not None and not field.low <= value <= field.high:
        limits = (
            f"from {field.low:g} to {field.high:g}" if field.high < float("inf") else f"at least {field.low:g}"
        )
        return f"has {name} {value} in its body: it must be {limits}"
    return ""


def _find_embedding_fault(value: Any) -> str:
    """Return what is wrong with what is to be embedded, or "": a text, a list of them, or either as tokens."""
    if not isinstance(value, list):
        return ""
    if len(value) > MAX_EMBEDDED:
        return f"has {len(value):,} inputs in its body; a request takes at most {MAX_EMBEDDED:,}"
    kinds = {type(each) for each in value}
    if len(kinds) > 1:
        return "has an input that mixes texts and tokens"
    if "" in value:
        return "has an empty text in its input"
    if not kinds <= {str, int, list}:
        return f"has an input with {json_kind(value[0])} in it: it must be of texts or tokens"
    return ""


def _find_part_fault(messages: list[dict[str, Any]], url: str, what: str = "message") -> str:
    """Return the first part of a message that the endpoint does not know, in words, or ""."""
    known = _PARTS[url]
    for place, message in enumerate(messages, 1):
        content = message.get("content")
        if isinstance(content, list):
            for part in content:
                kind = part.get("type") if isinstance(part, dict) else None
                if kind not in known:
                    found = f"a part of the type {kind!r:.40}" if kind else "a part that has no type"
                    return f"has {found} in its {what} {place}: {url} takes {', '.join(known)}"
        if message.get("role") == "tool" and url == CHAT and not message.get("tool_call_id"):
            return f"has a message {place} (tool) without a tool_call_id"
    return ""


def _find_input_fault(items: Any) -> str:
    """Return what is wrong with the input of a response, or ""."""
    if not isinstance(items, list):
        return ""
    messages: list[dict[str, Any]] = []
    for place, item in enumerate(items, 1):
        if not isinstance(item, dict):
            return f"has an input {place} that is {json_kind(item)}: it must be an object"
        kind, role = item.get("type"), item.get("role")
        said = kind == "message" or (kind is None and "role" in item)
        if said and role not in _ROLES:
            return f"has an input {place} of the role {role!r:.40}: {RESPONSES} takes {', '.join(_ROLES)}"
        if kind is None and not said and "id" not in item:
            return f"has an input {place} without a type or a role"
        messages.append(item if said else {})
    return _find_part_fault(messages, RESPONSES, "input")


def _find_choice_fault(body: Mapping[str, Any], url: str) -> str:
    """Return what is wrong with the tools and the form of the answer, which the endpoints write differently."""
    if body.keys().isdisjoint(("tools", "response_format", "text")):
        return ""
    for place, tool in enumerate(body.get("tools") or (), 1):
        if not isinstance(tool, dict) or not isinstance(kind := tool.get("type"), str):
            return f"has a tool {place} without a type"
        held = tool.get(kind) if url == CHAT else tool
        if kind in ("function", "custom") and not (isinstance(held, dict) and held.get("name")):
            other = isinstance(tool.get(kind), dict) if url == RESPONSES else bool(tool.get("name"))
            where = f"in its {kind}" if url == CHAT else "beside its type"
            return f"has a tool {place} without a name {where}" + f": it is written as in {_OTHER[url]}" * other
    form = body.get("response_format") if url == CHAT else (body.get("text") or {}).get("format")
    if isinstance(form, dict) and form.get("type") == "json_schema":
        held, where = (
            (form.get("json_schema"), "response_format.json_schema") if url == CHAT else (form, "text.format")
        )
        if not isinstance(held, dict) or not isinstance(held.get("name"), str) or not held["name"]:
            return f"has no name in {where}"
    return ""
