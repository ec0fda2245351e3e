"""The contents of transfers in a recording: each is kept whole, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from tui.system.private_files import open_private, private_directory

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS = "contents"


class Contents:
    """The folder of the contents, a file for each by the number of the exchange that brought its end."""

    def __init__(self, recording: Path) -> None:
        """`recording` is the folder of the recording."""
        self._folder = recording / CONTENTS
        self._cut: dict[str, Path] = {}  # by what was asked for, what came of it before it was cut

    def open(self, number: int, target: str, start: int) -> IO[bytes] | None:
        """Open the file that takes what comes of a target from its byte `start` on, behind what came before.

        Returns None where that is missing. Raises OSError.
        """
        part, path = self._cut.pop(target, None), self._folder / str(number)
        private_directory(self._folder)
        if part and 0 < start <= part.stat().st_size:
            part.rename(path)
            os.truncate(path, start)
            return open_private(path, "ab")
        if part:
            part.unlink()
        return None if start else open_private(path, "xb")

    def note_cut(self, number: int, target: str) -> None:
        """Note that what came of a target was cut: it may go on."""
        self._cut[target] = self._folder / str(number)

    def remove(self, number: int) -> None:
        """Remove what was kept of an exchange."""
        with suppress(OSError):
            (self._folder / str(number)).unlink()

    def close(self) -> None:
        """Remove what was cut and has not gone on."""
        for part in self._cut.values():
            with suppress(OSError):
                part.unlink()
        self._cut.clear()
