"""Lines of JSON, read the same way wherever they come from: a byte order mark and blank lines are no fault."""

from __future__ import annotations

import json
from typing import Any

BOM = b"\xef\xbb\xbf"
# NaN and Infinity are no JSON, but some servers write them; what is made of such a line is JSON again.
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


def object_of(line: bytes) -> dict[str, Any] | None:
    """The JSON object on a line, None if there is none. A byte order mark before it is read past."""
    try:
        value = _DECODER.decode(line.removeprefix(BOM).decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_blank(line: bytes) -> bool:
    """Whether there is nothing on a line but white space, and perhaps a byte order mark."""
    return line.isspace() or line == b"" or (line.startswith(BOM) and not line.removeprefix(BOM).strip())
