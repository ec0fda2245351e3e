"""Unwrapping CSV that the platform returns as base64, as it does for results of fine-tuning."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from tui.api.transfers.local_files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

WRAPPED = "fine-tune-results"
"""The purpose of files that come as base64, and are kept decoded."""
_MOST = 64 << 20  # bytes; results are far smaller
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
_TABLE = re.compile(r"[^\r\n,]+(,[^\r\n,]*)+\r?\n")  # a line of several columns


def decode_csv(content: bytes) -> bytes | None:
    """Return the CSV that base64 holds, or None for anything else. Names of files do not matter."""
    packed = b"".join(content.split())
    if not _BASE64.fullmatch(packed):
        return None
    try:
        plain = base64.b64decode(
            packed.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(packed) % 4), validate=True
        )
        text = plain.decode("utf-8-sig")
    except (binascii.Error, ValueError):
        return None
    return plain if _TABLE.match(text) and "\x00" not in text else None


def unwrap_csv_file(path: Path) -> bool:
    """Put the CSV in place of a file that holds it as base64. Return whether it did. Raises OSError."""
    if path.stat().st_size > _MOST:
        return False
    with path.open("rb") as file:
        begin = file.read(64)
        if not _BASE64.match(begin.lstrip()[:8]):
            return False
        content = decode_csv(begin + file.read())
    if content is None:
        return False
    write_whole(path, [content], replace=True)
    return True
