"""Files in which the program keeps things as JSON from one start to the next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from tui.system.private_files import private_directory, write_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Kept = TypeVar("Kept")
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError, RecursionError, ArithmeticError)


class StateFile:
    """A file that only this user can read, or no file, where nothing is kept."""

    def __init__(self, path: Path | None = None, about: str = "what is kept") -> None:
        """`about` says in words what is kept there."""
        self.path, self._about = path, about
        self.fault = ""
        """A sentence on a file that could not be used, and where it is now; "" while there was none."""

    def read(self, read: Callable[[Any], Kept]) -> Kept | None:
        """Return what `read` makes of what is kept; None where nothing is.

        A file that is damaged or of another version is put aside, so that the next one does not take its place.
        One that cannot be put aside, or not be read at all, stays as it is, and nothing is kept from now on.
        """
        if self.path is None:
            return None
        try:
            return read(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except OSError as error:
            self.fault = (
                f"{self.path} cannot be read ({error.strerror}): {self._about} begins anew and is not kept."
            )
            self.path = None
        except _DAMAGED:
            self._put_aside(self.path)
        return None

    def _put_aside(self, path: Path) -> None:
        aside = path.with_name(f"{path.name}.bad")
        try:
            path.replace(aside)
        except OSError as error:
            where = f"It could not be put aside ({error.strerror}), so nothing is kept."
            self.path = None
        else:
            where = f"It is kept as {aside.name}."
        self.fault = f"{path} is damaged, or of another version: {self._about} begins anew. {where}"

    def write(self, told: object) -> None:
        """Keep something in the place of what was kept. Raises OSError."""
        if self.path is not None:
            private_directory(self.path.parent)
            write_private(self.path, json.dumps(told, separators=(",", ":")).encode())
