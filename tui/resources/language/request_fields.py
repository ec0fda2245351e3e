"""The fields of the requests that a batch takes: their types and limits, and what belongs to another endpoint.

https://platform.openai.com/docs/api-reference; null stands for a field that is left out, and values of fields
that are not named here are not looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

RESPONSES, CHAT, COMPLETIONS = "/v1/responses", "/v1/chat/completions", "/v1/completions"
EMBEDDINGS = "/v1/embeddings"
MAX_EMBEDDED = 2_048  # texts, or tokens of one text, in one request
_SHOWN = 80  # characters of a value that stand in a fault

_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def json_kind(value: Any) -> str:
    """Return in words what a JSON value is."""
    return "null" if value is None else _KINDS.get(type(value), "a text")


def quote(value: str) -> str:
    """Return a text of a file as a fault shows it: in quotes and not too long."""
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


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
ROLES = (*_ROLES, "tool", "function")  # of a chat's messages
_WITHOUT_CONTENT = ("tool_calls", "function_call", "refusal", "audio")  # what an assistant may say instead
_CHOOSING = frozenset(("tools", "response_format", "text"))


def find_field_fault(url: str, body: Mapping[str, Any], hint: str = "") -> str:
    """Return what is wrong with a field of a body, or ""; a `hint` follows where a text should be a number."""
    if body.get("stream"):
        return 'has "stream": true in its body: a batch does not stream'
    shape = _judge_shape(url, tuple(body), tuple(map(type, body.values())))
    for name, low, high in shape.limits if shape else ():
        if not low <= body[name] <= high:
            shape = None
            break
    if shape is None and (fault := _find_faulty_field(url, body, hint)):
        return fault
    if url == EMBEDDINGS:
        return _find_embedding_fault(body["input"])
    if url == RESPONSES and (fault := _find_input_fault(body.get("input"))):
        return fault
    chooses = url in _OTHER if shape is None else shape.chooses
    return _find_choice_fault(body, url) if chooses else ""


class _Shape(NamedTuple):
    """What is left to look at in a body whose fields have the right types."""

    limits: tuple[tuple[str, float, float], ...]
    """Numbers with the least and the most that they may be."""
    chooses: bool
    """Whether it has tools, or asks for a form of the answer."""


@lru_cache(maxsize=256)
def _judge_shape(url: str, names: tuple[str, ...], types: tuple[type, ...]) -> _Shape | None:
    """Return what is left to look at in such bodies; None if all of them is. Most of a file are alike."""
    fields, elsewhere = _FIELDS.get(url, {}), _ELSEWHERE.get(url, ())
    limits = list[tuple[str, float, float]]()
    for name, kind in zip(names, types, strict=True):
        field = fields.get(name)
        if kind is type(None) or (field is None and name not in elsewhere):
            continue
        if field is None or kind not in field.types:
            return None
        if field.low is not None:
            limits.append((name, field.low, field.high))
    return _Shape(tuple(limits), url in _OTHER and not _CHOOSING.isdisjoint(names))


def _find_faulty_field(url: str, body: Mapping[str, Any], hint: str) -> str:
    """Return what is wrong with the first field that is not as the endpoint takes it, or ""."""
    fields, elsewhere = _FIELDS.get(url, {}), _ELSEWHERE.get(url, ())
    for name, value in body.items():
        if value is None:
            continue
        if field := fields.get(name):
            if fault := _find_value_fault(field, name, value, hint):
                return fault
        elif name in elsewhere:
            instead = _INSTEAD[url].get(name)
            return f"has {name} in its body, which {url} does not know" + (
                f": it takes {instead} instead" if instead else ""
            )
    return ""


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


def find_messages_fault(messages: Any) -> str:
    """Return what is wrong with the messages of a chat, or ""."""
    if not isinstance(messages, list):
        return f"has messages that are {json_kind(messages)}: they must be a list"
    for place, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            return f"has a message {place} that is {json_kind(message)}: it must be an object"
        role, content = message.get("role"), message.get("content")
        if type(content) is str and role in _ROLES:
            continue  # as nearly all are
        if not isinstance(role, str) or not role:
            return f"has a message {place} without a role"
        if role not in ROLES:
            return f"has a message {place} of the unknown role {quote(role)}: known are {', '.join(ROLES)}"
        if content is not None and not isinstance(content, str | list):
            return f"has a message {place} whose content is {json_kind(content)}: it must be a text or a list"
        acts = role == "function" or (role == "assistant" and any(message.get(name) for name in _WITHOUT_CONTENT))
        if (content is None or content == []) and not acts:
            return f"has a message {place} ({role}) without content"
        if fault := _find_part_fault(content, CHAT, f"message {place}"):
            return fault
        if role == "tool" and not message.get("tool_call_id"):
            return f"has a message {place} (tool) without a tool_call_id"
    return ""


def _find_part_fault(content: Any, url: str, what: str) -> str:
    """Return the first part of a message's content that the endpoint does not know, in words, or ""."""
    known = _PARTS[url]
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in known:
            found = f"a part of the type {kind!r:.40}" if kind else "a part that has no type"
            return f"has {found} in its {what}: {url} takes {', '.join(known)}"
    return ""


def _find_input_fault(items: Any) -> str:
    """Return what is wrong with the input of a response, or ""."""
    if not isinstance(items, list):
        return ""
    for place, item in enumerate(items, 1):
        if not isinstance(item, dict):
            return f"has an input {place} that is {json_kind(item)}: it must be an object"
        kind, role = item.get("type"), item.get("role")
        said = kind == "message" or (kind is None and "role" in item)
        if said and role not in _ROLES:
            return f"has an input {place} of the role {role!r:.40}: {RESPONSES} takes {', '.join(_ROLES)}"
        if kind is None and not said and "id" not in item:
            return f"has an input {place} without a type or a role"
        if said and (fault := _find_part_fault(item.get("content"), RESPONSES, f"input {place}")):
            return fault
    return ""


def _find_choice_fault(body: Mapping[str, Any], url: str) -> str:
    """Return what is wrong with the tools and the form of the answer, which the endpoints write differently."""
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
