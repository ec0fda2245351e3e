"""Times as servers write them, read into unix seconds: the one reader for every field that is a time."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
# A number from here on counts smaller units than seconds: milliseconds, microseconds, nanoseconds.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
# What some languages write into a time that tells nothing more: Go's second name of the zone and its clock, the
# name that Java puts behind an offset.
_EXTRA = re.compile(r"(?<=[+-]\d{4})( [A-Z]{3,4})?( m=[+-][\d.]+)?$|\[[\w/+-]+\]$")
_NET = re.compile(r"/Date\((\d+)(?:[+-]\d{4})?\)/")
_FIRST = 366 * 86_400.0  # no object of the platform is from 1970: such a number is no time
_LAST = 253_402_214_400.0  # the last day of 9999, beyond which calendars do not go


def unix_time(value: Any) -> float | None:
    """Return a time in unix seconds, or None for what is no time.

    Read are numbers (also as text) of seconds, milliseconds, microseconds or nanoseconds; ISO 8601 with or without
    a zone; the dates of mail and HTTP; and what Go, Java and .NET print. What names no zone is UTC. Whole
    seconds stay an int.
    """
    if type(value) is int and _FIRST < value < _UNITS[-1][0]:  # what nearly all are; lists are long
        return value
    if isinstance(value, str):
        return _read_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        unit = next((unit for least, unit in _UNITS if value > least), None)
        return _keep_in_range(value if unit is None else value / unit)
    except OverflowError:  # a whole number too large for a float
        return None


def _keep_in_range(value: float) -> float | None:
    return value if math.isfinite(value) and _FIRST < value < _LAST else None


def _read_text(text: str) -> float | None:
    if len(text) > 64:
        return None
    if inner := _NET.fullmatch(text):
        text = inner[1]
    if _NUMBER.fullmatch(text):
        number = int(text) if text.lstrip("+-").isdecimal() else float(text)
        if (found := unix_time(number)) is not None:
            return found
    try:
        read = _read_iso(text) or _mail(text)
        return (
            None
            if read is None
            else _keep_in_range((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
        )
    except (ValueError, OverflowError, OSError):
        return None


def _read_iso(text: str) -> datetime | None:
    text = re.sub(r"^(\d{4})/(\d\d)/(\d\d)\b", r"\1-\2-\3", _EXTRA.sub("", text))
    text = re.sub(r"\s*(UTC|GMT|Z)$", "+00:00", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$)", "", text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _mail(text: str) -> datetime | None:
    if not re.search(r"[A-Za-z]{3}", text) or not re.search(r"\b\d{4}\b", text) or ":" not in text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
