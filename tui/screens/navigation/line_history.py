"""The `:` lines that were typed before, kept for later starts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tui.api.redaction import redact

if TYPE_CHECKING:
    from tui.system.state_file import StateFile

MOST = 200  # lines
LONGEST = 200  # characters of a line


class LineHistory:
    """Lines, the newest last, each once. Without a file they are kept until the end."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self.lines: list[str] = read_lines(file)

    def add(self, line: str) -> None:
        """Remember a line; one that may hold a key is forgotten."""
        line = line.strip()
        if not line or len(line) > LONGEST or redact(line) != line:
            return
        known = read_lines(self._file)  # a second program may have added some
        lines = [*(known or self.lines), line]
        self.lines = list(reversed(dict.fromkeys(reversed(lines))))[-MOST:]
        with suppress(OSError):  # not worth more than being forgotten
            self._file.write(self.lines)


def read_lines(file: StateFile) -> list[str]:
    """Return the lines kept in a file; none where it is missing or damaged."""
    return file.read(_read_kept) or []


def _read_kept(told: Any) -> list[str]:
    if not isinstance(told, list):
        raise TypeError
    return [line for line in told if isinstance(line, str) and len(line) <= LONGEST][-MOST:]
