"""The lines of a recording: JSON, in which bodies stand as they came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Raw(str):
    """Text that is JSON already."""


def encode(line: Mapping[str, Any]) -> bytes:
    """Return a line of JSON."""
    return _encode_value(line).encode(errors="replace") + b"\n"


def _encode_value(value: Any) -> str:
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{_encode_value(each)}' for name, each in value.items())}}}"
    return json.dumps(value, separators=(",", ":"))
