"""How lists are laid out as the user chose it, kept in a file from one start to the next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.config import private_directory, write_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERSION = 1
PLACES = ("right", "below", "off")
SHARES = {"right": 36, "below": 34}  # percent of the place that the detail takes, until the user says otherwise
_LEAST, _MOST = 15, 80  # percent
_FAULTS = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
_KEPT = 200  # resources whose columns are kept, and columns of one


class Layout:
    """Where the detail of a list stands, how much of the place it takes, and which columns are shown.

    `keep` writes it; what another program has kept meanwhile of other resources stays.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Begin with what is kept in `path`; without it nothing is kept."""
        self._path = path
        self.fault = ""
        """A sentence on the file, where it cannot be used."""
        self.detail = ""
        """Where the user wants the detail: `right`, `below`, `off`, or "" for where there is room."""
        self._shares: dict[str, int] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self._read()

    def share(self, where: str) -> int:
        """Return the percent of the place that the detail takes there."""
        return self._shares.get(where, SHARES[where])

    def columns(self, resource: str) -> tuple[str, ...]:
        """Return the names of the columns chosen for a resource, in order; none for those it has by itself."""
        return self._columns.get(resource, ())

    def resize(self, where: str, share: int) -> None:
        """Give the detail another share of the place."""
        self._shares[where] = max(_LEAST, min(_MOST, share))

    def choose(self, resource: str, columns: Sequence[str]) -> None:
        """Show these columns of a resource, or with none those it has by itself."""
        self._columns[resource] = tuple(columns)

    def _read(self) -> None:
        try:
            if (told := _read_file(self._path)) is None:
                return
            self.detail = told["detail"] if told["detail"] in PLACES else ""
            for where in SHARES.keys() & told["shares"].keys():
                self.resize(where, int(told["shares"][where]))
            self._columns = _read_columns(told)
        except _FAULTS:
            self.fault = f"{self._path} cannot be read; lists are laid out as usual."

    def keep(self) -> None:
        """Keep all as it is now. Raises OSError."""
        if self._path is None:
            return
        try:
            told = _read_file(self._path)
            columns = _read_columns(told) if told else {}
        except _FAULTS:
            columns = {}
        columns |= self._columns
        told = {
            "version": VERSION,
            "detail": self.detail,
            "shares": self._shares,
            "columns": {name: chosen for name, chosen in columns.items() if chosen},
        }
        private_directory(self._path.parent)
        write_private(self._path, json.dumps(told, separators=(",", ":")).encode())


def _read_file(path: Path | None) -> dict[str, Any] | None:
    """Return what a file holds; None where there is none. Raises as reading odd data does."""
    try:
        told = json.loads(path.read_text(encoding="utf-8")) if path else None
    except FileNotFoundError:
        return None
    if path and (not isinstance(told, dict) or told["version"] != VERSION):
        raise ValueError
    return told


def _read_columns(told: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the columns kept, by resource. Raises as reading odd data does."""
    kept = list(told["columns"].items())[:_KEPT]
    return {str(name): tuple(str(each) for each in chosen[:_KEPT]) for name, chosen in kept}
