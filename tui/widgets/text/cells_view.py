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
    """Rows of cells, each column as wide as its widest cell; those that grow share what is left, or give it.

    One that grows alone takes all that is left, of several none takes more than its widest cell.

    The cursor stays on the row with the same key. What is shown already is not drawn again.
    """

    # A row is opened as a whole: none of its cells is a link.
    DEFAULT_CSS = """
    CellsView > .line-view--accent { text-style: none; }
    """

    def __init__(
        self,
        *grow: int,
        right: Sequence[int] = (),
        drop: Sequence[int] = (),
        names: Sequence[int] = (),
        heads: Sequence[str] = (),
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`grow` are the columns that share the room that is left, `right` are those aligned to the right.

        `drop` are the columns to leave out, one after the other, while those that grow have no room. `names` are
        those that are cut in their middle: names differ at their ends. `heads` are the titles of the columns, for
        `head_line`.
        """
        super().__init__(id=id, empty="Loading…")
        self._grow, self._right, self._drop, self._names = grow, right, drop, names
        self._heads = tuple((head, "dim") for head in heads)
        self._widths: list[int] = []

    def head_line(self) -> str:
        """Return the titles of the columns as a line over them; nothing where there are no rows."""
        return f" {self._lay_out_cells(self._heads).text}" if self.rows and self._heads else ""

    def row_of_id(self, id_: str) -> int | None:
        """Return the row whose key ends with an id; None where there is none."""
        return next((at for at, row in enumerate(self.rows) if row.key and row.key[-1] == id_), None)

    def show(self, rows: Iterable[CellRow], empty: str) -> None:
        """Show these rows instead; `empty` stands there where there are none."""
        new = [CellRow(key, tuple((clean(text), tone) for text, tone in cells)) for key, cells in rows]
        if new == self.rows and empty == self.empty:
            return
        widths = [max(map(cell_width, column)) for column in zip(*(_texts(row) for row in new), strict=True)]
        for at, (head, _) in enumerate(self._heads[: len(widths)]):
            widths[at] = widths[at] and max(widths[at], cell_width(head))  # a column without any cell has none
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
        return self._lay_out_cells(self.rows[row].cells)

    def _lay_out_cells(self, cells: Sequence[Part]) -> Painted:
        text, spans = "", list[Span]()
        for (at, width), (word, tone) in zip(self._fit_columns().items(), cells, strict=True):
            if not width:
                continue
            start = len(text)
            text += fit(word, width, "right" if at in self._right else "left", middle=at in self._names)
            spans.append((start, len(text), tone))
            text += _GAP
        return Painted(text.rstrip(), spans)

    def _fit_columns(self) -> dict[int, int]:
        """Return the cells of each column; those that grow have what the others leave."""
        widths = dict(enumerate(self._widths))
        for dropped in (None, *self._drop):
            if dropped is not None:
                widths[dropped] = 0
            growing = [at for at in self._grow if widths[at] or len(self._grow) == 1]
            others = sum(width + len(_GAP) for at, width in widths.items() if at not in growing and width)
            room = self.text_width - others - len(_GAP) * (len(growing) - 1)
            wanted = {at: self._widths[at] for at in growing}
            widths |= _share_out(room, wanted)
            if all(widths[at] >= min(_ROOM, cells) for at, cells in wanted.items()):
                break
        return widths


def _share_out(room: int, wanted: dict[int, int]) -> dict[int, int]:
    """Return the cells of columns in so much room: as many for each, none more than it wants; one alone all."""
    shares: dict[int, int] = {}
    for number, at in enumerate(sorted(wanted, key=wanted.__getitem__)):
        left = len(wanted) - number
        shares[at] = max(0, room if len(wanted) == 1 else min(wanted[at], room // left))
        room -= shares[at]
    return shares


def _texts(row: CellRow) -> list[str]:
    return [text for text, _ in row.cells]
