"""Changes to the bodies of requests that are sent again: read as they are typed, and made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.resources.language.json_lines import read_object_to_copy
from tui.resources.language.reading.amounts import dump_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_change(text: str) -> tuple[str, Any]:
    """Return the path and the value of `FIELD=VALUE`; a value is JSON where it can be, else text.

    Raises ValueError with a sentence.
    """
    path, equals, told = text.partition("=")
    if not equals or not all(path.split(".")):
        raise ValueError(f"{text} is no FIELD=VALUE, such as model=gpt-5-mini.")
    if not told:
        raise ValueError(f'{text} sets nothing; {text}"" sets an empty text.')
    try:
        value = json.loads(told)
    except ValueError:
        value = told
    if path == "model" and (not isinstance(value, str) or not value.strip()):
        raise ValueError("A model is a name, such as model=gpt-5-mini.")
    return path, value


def change(line: bytes, changes: Mapping[str, Any]) -> bytes:
    """Return the line of a request with fields of its body, given by their path, set anew."""
    request = read_object_to_copy(line) or {}
    body = request.get("body")
    for path, value in changes.items():
        *above, last = path.split(".")
        at = body
        for name in above:
            at = at.setdefault(name, {}) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at[last] = value
    return dump(request) + b"\n"


def dump(value: Any) -> bytes:
    """Return JSON, in UTF-8."""
    try:
        return dump_json(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a character, which only an escape can write
        return dump_json(value).encode()
