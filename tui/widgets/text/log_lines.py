"""The lines of a log, the days over them, and their times in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN = "·"
DAY = "%a %Y-%m-%d"
_QUARTER = 900  # seconds, which lie in one day whatever the time zone


class LogLine(NamedTuple):
    """An event: when (Unix seconds; NaN where that is not known), how grave, what, and the key it is known by.

    `level` is "info", "warn", "error" or "" for a measurement; "event", "removal" or "failure" where the text says
    what it is; "mark" is a line the user drew, "day" one
    over the events of a day.
    """

    time: float
    level: str
    text: str
    key: str


class Days:
    """Puts a line over those of each day."""

    def __init__(self) -> None:
        self._found: dict[float, str] = {}  # by quarters of an hour

    def put_in(self, lines: Iterable[LogLine], last: str) -> list[LogLine]:
        """Return lines that follow one of the day `last`, with a line over those of each other day."""
        found: list[LogLine] = []
        for line in lines:
            day = self.find(line)
            if day not in (last, UNKNOWN):
                last = day
                found.append(LogLine(line.time, "day", day, ""))
            found.append(line)
        return found

    def find(self, line: LogLine) -> str:
        """Return the day of a line."""
        quarter = line.time // _QUARTER
        if quarter != quarter:  # it is NaN: the time is not known
            return UNKNOWN
        day = self._found.get(quarter)
        if day is None:
            day = self._found[quarter] = format_moment(line.time, DAY)
        return day


def format_moment(moment: float, form: str) -> str:
    """Return Unix seconds in local time, or `·` for a time that is not known or that no calendar has."""
    try:
        return datetime.fromtimestamp(moment).strftime(form)
    except (ValueError, OverflowError, OSError):
        return UNKNOWN


def format_age(seconds: float) -> str:
    """Return a duration in its largest unit: `8 s`, `38 m`, `2 h`, `3 d`."""
    if not abs(seconds) < 1e11:
        return UNKNOWN
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
