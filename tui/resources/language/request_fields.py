"""The fields of the requests that a batch takes: their types and limits, and what belongs to another endpoint.

https://platform.openai.com/docs/api-reference; null stands for a field that is left out, and values of fields
that are not named here are not looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.language.request_contents import (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    MODERATIONS,
    RESPONSES,
    RULES,
    name_json_kind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.request_contents import Rule


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
    MODERATIONS: {"input": _TEXT_OR_LIST},
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
    for name, rule in RULES.get(url, {}).items() if shape is None else shape.rules:
        if body.get(name) is not None and (fault := rule(body[name], body)):
            return fault
    return ""


class _Shape(NamedTuple):
    """What is left to look at in a body whose fields have the right types."""

    limits: tuple[tuple[str, float, float], ...]
    """Numbers with the least and the most that they may be."""
    rules: tuple[tuple[str, Rule], ...]
    """What looks into its fields."""


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
    rules = RULES.get(url, {})
    return _Shape(tuple(limits), tuple((name, rules[name]) for name in names if name in rules))


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
        found = "a fraction" if kind is float else name_json_kind(value)
        number = int in field.types and kind is str
        return f"has {name} in its body that is {found}: it must be {field.words}{hint * number}"
    if field.low is not None and not field.low <= value <= field.high:
        limits = (
            f"from {field.low:g} to {field.high:g}" if field.high < float("inf") else f"at least {field.low:g}"
        )
        return f"has {name} {value} in its body: it must be {limits}"
    return ""
