"""JSON as the platform reads it: UTF-8 without a byte order mark, and only what RFC 8259 allows."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def parse_json(content: bytes) -> Any:
    """Parse JSON. Raises ValueError for anything else: NaN, a byte order mark, UTF-16, or nested beyond reason."""
    try:
        return json.loads(content.decode(), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
