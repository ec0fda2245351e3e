"""Lists that take minutes to read, such as the keys of all projects, kept from one start to the next.

They are kept in a file that only this user can read: of each parent that was asked a part, and when it was read.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.system.private_files import forget_kept, state_file
from tui.system.state_file import StateFile

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "last-read"
_VERSION = 1
_MOST = 20_000  # rows of a list


@dataclass(frozen=True, slots=True)
class Part:
    """Rows as they were read."""

    at: float
    """When, in unix seconds."""
    rows: list[Any]


class LastRead:
    """The parts of lists as they were read last, by the list's name, for one owner; with none nothing is kept."""

    def __init__(self, owner: str) -> None:
        path = None
        if owner:
            with suppress(OSError):
                path = state_file(_NAME, owner)
        self.file = StateFile(path, "what was last read")
        self._lists: dict[str, dict[str, Part]] | None = None
        self._has_news = False

    def of(self, name: str) -> dict[str, Part]:
        """Return the parts of a list, by their parent's id."""
        if self._lists is None:  # nearly no session needs it
            self._lists = self.file.read(_read) or {}
        return self._lists.get(name, {})

    def note(self, name: str, parts: Mapping[str, Part]) -> None:
        """Note the parts of a list as they are now. The newest are kept where it is long."""
        known, rows = self.of(name), 0
        if not parts or parts == known or self._lists is None:
            return
        kept: dict[str, Part] = {}
        for id_, part in sorted(parts.items(), key=lambda each: -each[1].at):
            rows += len(part.rows)
            if rows <= _MOST:
                kept[id_] = part
        self._lists[name] = kept
        self._has_news = True

    def write(self) -> None:
        """Keep it for the next start, as far as the disk lets it."""
        if self._has_news and self._lists:
            lists = {
                name: {id_: {"at": part.at, "rows": part.rows} for id_, part in parts.items()}
                for name, parts in self._lists.items()
            }
            with suppress(OSError, TypeError, ValueError):
                self.file.write({"version": _VERSION, "lists": lists})


def _read(told: Any) -> dict[str, dict[str, Part]]:
    if told["version"] != _VERSION:
        raise ValueError("another version")
    return {
        str(name): {str(id_): Part(float(part["at"]), list(part["rows"])) for id_, part in parts.items()}
        for name, parts in told["lists"].items()
    }


def forget() -> None:
    """Delete what was last read, whoever read it."""
    forget_kept(_NAME)
