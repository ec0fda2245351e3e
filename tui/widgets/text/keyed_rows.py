"""Rows known by a key: when others are shown the cursor stays on its row, and only what differs is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from tui.widgets.text.line_view import LineView
from tui.widgets.text.lines import LineSource, MemoryLines

if TYPE_CHECKING:
    from collections.abc import Sequence


class Keyed(Protocol):
    """A row with the key it is known by."""

    @property
    def key(self) -> Any:
        """The key: no two rows share it."""


AnyRow = TypeVar("AnyRow", bound=Keyed)


class KeyedRows(LineView, Generic[AnyRow]):
    """Rows that are shown all at once, each known by its key."""

    def __init__(self, *, id: str | None = None, classes: str | None = None, empty: str = "") -> None:  # noqa: A002
        super().__init__(id=id, classes=classes, empty=empty)
        self.rows: Sequence[AnyRow] = []

    @property
    def row(self) -> AnyRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def replace(self, rows: Sequence[AnyRow], *, alike: bool, start: int | None = None, keep: bool = True) -> None:
        """Show other rows; those that differ are drawn alone where all keep their places.

        `alike` says that the rows are laid out as before. The cursor stays on the row with the same key, unless it
        is not to `keep` to that; where the row is gone it goes to `start`, by default nowhere.
        """
        old, key = self.rows, self.row.key if self.row else None
        self.rows = rows
        if rows and alike and [row.key for row in old] == [row.key for row in rows]:
            for index, (before, after) in enumerate(zip(old, rows, strict=True)):
                if before != after:
                    self.row_changed(index)
            return
        self.refresh_rows()
        start = self.cursor if start is None else start
        self.move_to(next((index for index, row in enumerate(rows) if keep and old and row.key == key), start))

    def count(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def searchable(self) -> LineSource:
        """Return the rows as texts."""
        return MemoryLines([self.raw(row) for row in range(len(self.rows))])
