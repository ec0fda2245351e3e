"""The periods that usage can be looked at over."""

from __future__ import annotations

from typing import NamedTuple

from tui.resources.usage import DAY, HOUR, MINUTE


class Period(NamedTuple):
    """How far back to look and in buckets of which width, both in seconds."""

    words: str
    span: int
    width: int


PERIODS = (
    Period("30 days", 30 * DAY, DAY),
    Period("90 days", 90 * DAY, DAY),
    Period("365 days", 365 * DAY, DAY),
    Period("60 minutes", HOUR, MINUTE),
    Period("24 hours", DAY, HOUR),
    Period("7 days by the hour", 7 * DAY, HOUR),
    Period("7 days", 7 * DAY, DAY),
)
FINER = {DAY: Period("a day", DAY, HOUR), HOUR: Period("an hour", HOUR, MINUTE)}
BUCKET = {DAY: "day", HOUR: "hour", MINUTE: "minute"}
