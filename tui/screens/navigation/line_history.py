"""The `:` lines that were typed before, kept for later starts."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.api.redaction import redact
from tui.config import write_private

if TYPE_CHECKING:
    from pathlib import Path

MOST = 200  # lines
LONGEST = 200  # characters of a line


class LineHistory:
    """Lines, the newest last, each once. Without a usable file they are kept until the end."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.lines: list[str] = read_lines(path) if path else []

    def add(self, line: str) -> None:
        """Remember a line; one that may hold a key is forgotten."""
        line = line.strip()
        if not line or len(line) > LONGEST or redact(line) != line:
            return
        known = read_lines(self._path) if self._path else []  # a second program may have added some
        lines = [*(known or self.lines), line]
        self.lines = list(reversed(dict.fromkeys(reversed(lines))))[-MOST:]
        if self._path:
            with suppress(OSError):  # not worth more than being forgotten
                write_private(self._path, json.dumps(self.lines).encode())


def read_lines(path: Path) -> list[str]:
    """Return the lines kept in a file; none where it is missing or damaged."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    lines = told if isinstance(told, list) else []
    return [line for line in lines if isinstance(line, str) and len(line) <= LONGEST][-MOST:]
