"""Rows of cells in columns, with a cursor: a small table that knows all its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui.text import cell_width, clean, fit
from tui.widgets.text.keyed_rows import KeyedRows
from tui.widgets.text.painted import Painted, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.widgets.base.tones import Part

_GAP = "  "
_ROOM = 18  # cells that the growing column needs at least, before others are left out


class CellRow(NamedTuple):
    """A row: the `key` it is known by, and a text with a tone for each column."""

    key: Any
    cells: tuple[Part, ...]


class CellsView(KeyedRows[CellRow]):
    """Rows of cells, each column as wide as its widest cell; one column takes what is left, or gives it.

    The cursor stays on the row with the same key. What is shown already is not drawn again.
    """

    def __init__(
        self,
        grow: int,
        right: Sequence[int] = (),
        drop: Sequence[int] = (),
        *,
        names: Sequence[int] = (),
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`grow` is the column that takes the room that is left, `right` are those aligned to the right.

        `drop` are the columns to leave out, one after the other, while the growing one has no room. `names` are
        those that are cut in their middle: names differ at their ends.
        """
        super().__init__(id=id, empty="Loading…")
        self._grow, self._right, self._drop, self._names = grow, right, drop, names
        self._widths: list[int] = []

    def row_of_id(self, id_: str) -> int | None:
        """Return the row whose key ends with an id; None where there is none."""
        return next((at for at, row in enumerate(self.rows) if row.key and row.key[-1] == id_), None)

    def show(self, rows: Iterable[CellRow], empty: str) -> None:
        """Show these rows instead; `empty` stands there where there are none."""
        new = [CellRow(key, tuple((clean(text), tone) for text, tone in cells)) for key, cells in rows]
        if new == self.rows and empty == self.empty:
            return
        widths = [max(map(cell_width, column)) for column in zip(*(_texts(row) for row in new), strict=True)]
        alike, self._widths, self.empty = widths == self._widths, widths, empty
        # At the top it stays there while more comes, until the user is in it.
        self.replace(new, alike=alike, keep=self.has_focus or self.cursor > 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that copy and look for a line to the screen: its rows are objects."""
        return False if action in ("copy", "find_next", "wrap") else super().check_action(action, parameters)

    def raw(self, row: int) -> str:
        """Return a row as text."""
        return _GAP.join(filter(None, _texts(self.rows[row])))

    def paint(self, row: int) -> Painted:
        """Return the cells of a row, each in its column."""
        text, spans = "", list[Span]()
        for (at, width), (word, tone) in zip(self._fit_columns().items(), self.rows[row].cells, strict=True):
            if not width:
                continue
            start = len(text)
            text += fit(word, width, "right" if at in self._right else "left", middle=at in self._names)
            spans.append((start, len(text), tone))
            text += _GAP
        return Painted(text.rstrip(), spans)

    def _fit_columns(self) -> dict[int, int]:
        """Return the cells of each column; the growing one has what the others leave."""
        widths = dict(enumerate(self._widths))
        for dropped in (None, *self._drop):
            if dropped is not None:
                widths[dropped] = 0
            others = sum(width + len(_GAP) for at, width in widths.items() if at != self._grow and width)
            widths[self._grow] = max(0, self.text_width - others)
            if widths[self._grow] >= min(_ROOM, self._widths[self._grow]):
                break
        return widths


def _texts(row: CellRow) -> list[str]:
    return [text for text, _ in row.cells]
