"""What a profile saw last of a place, so that the next start shows it until the platform has answered.

It is kept in a file that only this user can read: the lines as they stood, of a few places. Each set of settings
and keys of the environment has a file of its own, so that no account is taken for another.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tui.system.private_files import forget_kept, state_file
from tui.system.state_file import StateFile

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = "last-seen"
_VERSION = 1
_MOST = 8  # places
_TALLEST, _WIDEST = 200, 500  # lines and pieces of one


@dataclass(frozen=True, slots=True)
class Seen:
    """Lines of the screen as they stood: of each its pieces, a text with the style that it had."""

    at: float
    """When, in unix seconds."""
    theme: str
    width: int
    """Of the whole screen, in cells."""
    x: int
    y: int
    """Where the first of them began."""
    lines: Sequence[Sequence[Sequence[str]]]


class LastSeen:
    """What was seen last of each place, by its name, for one owner; with no owner nothing is kept."""

    def __init__(self, owner: str) -> None:
        path = None
        if owner:
            with suppress(OSError):
                path = state_file(_NAME, owner)
        self.file = StateFile(path, "what was last seen")
        self._seen: dict[str, Seen] = self.file.read(_read) or {}

    def of(self, place: str) -> Seen | None:
        """Return what was seen last of a place."""
        return self._seen.get(place)

    def note(self, place: str, seen: Seen) -> None:
        """Note what is seen of a place now."""
        self._seen.pop(place, None)
        self._seen[place] = seen
        self._seen = dict(list(self._seen.items())[-_MOST:])

    def write(self) -> None:
        """Keep it for the next start, as far as the disk lets it."""
        if self._seen:
            seen = {name: asdict(one) for name, one in self._seen.items()}
            with suppress(OSError):
                self.file.write({"version": _VERSION, "seen": seen})


def _read(told: Any) -> dict[str, Seen]:
    if told["version"] != _VERSION:
        raise ValueError("another version")
    found = {}
    for name, one in told["seen"].items():
        lines = [[(str(text), str(style)) for text, style in line[:_WIDEST]] for line in one["lines"][:_TALLEST]]
        width, x, y = (int(one[field]) for field in ("width", "x", "y"))
        found[str(name)] = Seen(float(one["at"]), str(one["theme"]), width, x, y, lines)
    return found


def forget() -> None:
    """Delete what was last seen, whoever saw it."""
    forget_kept(_NAME)


def describe_age(at: float, now: float | None = None) -> str:
    """Return in words when something was seen: a time of day, or a day too. `now` is by default this machine's."""
    then, today = time.localtime(at), time.localtime(now)[:3]
    return time.strftime("as of %H:%M" if then[:3] == today else "as of %d %b %H:%M", then)
