"""A matrix: rows and columns with a cursor in a cell, the first two columns always in view."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip

from tui.text import cell_width, fit
from tui.widgets.base.cursor_keys import bind_cursor
from tui.widgets.base.frugal import FrugalView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.style import Style
    from textual import events

CellKey = tuple[str, str]  # the keys of a row and a column
_LABEL = 26  # most cells of a row's label
_COLUMN = (8, 18)  # fewest and most cells of a column


class Spot(NamedTuple):
    """The text of a cell, and its tone."""

    text: str
    tone: str = ""


class Matrix(FrugalView, can_focus=True):
    """Shows spots by row and column. `space` marks; cursor and marks stay with the keys of the cells."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"matrix--{name}" for name in ("head", "cursor", "marked", "dim", "warn", "bad", "accent")
    }
    DEFAULT_CSS = """
    Matrix { height: 1fr; }
    Matrix > .matrix--head { text-style: bold; }
    Matrix > .matrix--dim { color: $foreground 60%; }
    Matrix > .matrix--warn { color: $text-warning; }
    Matrix > .matrix--bad { color: $text-error; }
    Matrix > .matrix--accent { color: $text-accent; text-style: bold; }
    Matrix > .matrix--marked { background: $warning 25%; }
    Matrix > .matrix--cursor { background: $primary 45%; text-style: bold; }
    Matrix:ansi > .matrix--cursor { text-style: reverse; }
    Matrix:ansi > .matrix--marked { text-style: underline; }
    """
    BINDINGS = [
        *bind_cursor("matrix", down="move(1, 0)", up="move(-1, 0)", page_down="page(1)", page_up="page(-1)"),
        Binding("right,l", "move(0, 1)", "right", id="matrix.right", show=False),
        Binding("left,h", "move(0, -1)", "left", id="matrix.left", show=False),
        Binding("home", "edge(0)", "first column", id="matrix.first_column", show=False),
        Binding("end", "edge(1)", "last column", id="matrix.last_column", show=False),
        Binding("space", "mark", "mark", id="matrix.mark"),
        Binding("ctrl+backslash", "unmark", "clear marks", id="matrix.unmark"),
    ]

    class Moved(Message):
        """The cursor stands in another cell, other cells are marked, or others are in view."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.marks: set[CellKey] = set()
        self.empty = ""  # what it says when it has no rows
        self._rows: list[str] = []
        self._columns: list[tuple[str, str]] = []
        self._spots: Mapping[CellKey, Spot] = {}
        self._second: tuple[str, Mapping[str, Spot]] = ("", {})
        self._at = [0, 0]
        self._top = 0
        self._first = 0
        self._sizes = (0, 0)  # of the labels, and of the column beside them
        self._widths: list[int] = []  # of the columns
        self._moved = False  # by the user, so that the cursor stays with its cell

    def show(
        self,
        rows: Sequence[str],
        columns: Sequence[tuple[str, str]],
        spots: Mapping[CellKey, Spot],
        second: tuple[str, Mapping[str, Spot]],
    ) -> None:
        """Show these: rows by key, columns by key and label, spots by both, and the column beside the labels.

        The cursor stays in its cell once it was moved, and until then in the first.
        """
        here = self.cell if self._moved else None
        if here is None:
            self._at = [0, 0]
        self._rows, self._columns, self._spots, self._second = list(rows), list(columns), spots, second
        needs = {key: cell_width(label) for key, label in columns}
        for (_, column), spot in spots.items():
            needs[column] = max(needs.get(column, 0), cell_width(spot.text))
        self._widths = [_fit_column(needs[key]) for key, _ in columns]
        beside = max([cell_width(second[0]), *(cell_width(spot.text) for spot in second[1].values())])
        self._sizes = (min(_LABEL, max([5, *map(len, rows)])) + 2, _fit_column(beside))
        self.marks = {(row, column) for row, column in self.marks if (row, column) in spots}
        keys = [key for key, _ in columns]
        if here and here[0] in self._rows:
            self._at[0] = self._rows.index(here[0])
        if here and here[1] in keys:
            self._at[1] = keys.index(here[1])
        self._keep_in_view()

    def go_home(self) -> None:
        """Put the cursor into the first cell."""
        self._at, self._moved = [0, 0], False
        self._keep_in_view()

    @property
    def cell(self) -> CellKey | None:
        """The cell of the cursor."""
        row, column = self._at
        if row < len(self._rows) and column < len(self._columns):
            return self._rows[row], self._columns[column][0]
        return None

    @property
    def hidden(self) -> tuple[int, int]:
        """The number of columns out of view to the left, and to the right."""
        return self._first, max(0, len(self._columns) - self._find_end(self._first))

    def _find_end(self, first: int) -> int:
        """Return the column behind the last one that has room, when a column stands first."""
        ends = accumulate(self._widths[first:], initial=sum(self._sizes))
        return first + max(1, sum(end <= self.size.width for end in ends) - 1)

    def _keep_in_view(self) -> None:
        self._at = [
            max(0, min(self._at[0], len(self._rows) - 1)),
            max(0, min(self._at[1], len(self._columns) - 1)),
        ]
        room = max(1, self.size.height - 1)
        # Where there is more room than what follows takes, what stands before comes into view.
        self._top = max(self._at[0] - room + 1, min(self._top, self._at[0], len(self._rows) - room), 0)
        self._first = max(0, min(self._first, self._at[1]))
        while self._find_end(self._first) <= self._at[1]:
            self._first += 1
        while self._first and self._find_end(self._first - 1) >= len(self._columns):
            self._first -= 1
        self.sync()

    def on_resize(self) -> None:
        """Keep the cursor in view, and the view full."""
        self._keep_in_view()
        self.post_message(self.Moved())

    # Keys.

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        self._moved = True
        self._at = [self._at[0] + rows, self._at[1] + columns]
        self._keep_in_view()
        self.post_message(self.Moved())

    def action_page(self, by: int) -> None:
        """Move by a view."""
        self.action_move(by * max(1, self.size.height - 2), 0)

    def action_edge(self, last: int) -> None:
        """Move to the first or last column."""
        self.action_move(0, len(self._columns) * (1 if last else -1))

    def action_mark(self) -> None:
        """Mark the cell, or no longer, and go down."""
        if self.cell in self._spots and self.cell:
            self.marks ^= {self.cell}
        self.action_move(1, 0)

    def action_unmark(self) -> None:
        """Clear all marks."""
        self.set_marks(set())

    def set_marks(self, marks: set[CellKey]) -> None:
        """Mark these cells and no others."""
        self.marks = marks
        self.sync()
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Move to the cell under the pointer."""
        begins = accumulate(self._widths[self._first : self._find_end(self._first)], initial=sum(self._sizes))
        passed = [begin <= event.x for begin in begins]
        if event.y and passed[0] and not passed[-1]:
            self._at = [self._top + event.y - 1, self._first + sum(passed) - 1]
            self.action_move(0, 0)

    # Drawing.

    def line(self, y: int) -> Strip:
        """Return the head, or a row."""
        label, second = self._sizes
        base = self.rich_style
        shown = range(self._first, min(self._find_end(self._first), len(self._columns)))
        row = self._top + y - 1
        segments: list[Segment] = []
        if not self._rows:
            segments = [Segment(f"  {self.empty}" if y == 1 else "", self._tone("dim"))]
        elif y == 0:
            names = [
                ("", label),
                (self._second[0], second),
                *((self._columns[each][1], self._widths[each]) for each in shown),
            ]
            head = self._tone("head")
            segments = [Segment(_draw_cell(name, size, middle=True), head) for name, size in names]
        elif row < len(self._rows):
            key = self._rows[row]
            beside = self._second[1].get(key, Spot("·", "dim"))
            segments = [
                Segment(
                    f" {fit(key, label - 1, middle=True)}", self._tone("accent" if row == self._at[0] else "")
                ),
                Segment(_draw_cell(beside.text, second), self._tone("dim")),
            ]
            segments += [self._spot(key, row, each) for each in shown]
        return Strip(segments).crop_extend(0, self.size.width, base).apply_style(base).simplify()

    def _spot(self, key: str, row: int, column: int) -> Segment:
        place = key, self._columns[column][0]
        spot = self._spots.get(place, Spot("·", "dim"))
        style = self._tone(spot.tone)
        if place in self.marks:
            style += self._tone("marked", over=True)
        if [row, column] == self._at:
            style += self._tone("cursor", over=True)
        text = f"✓{spot.text}" if place in self.marks else spot.text
        return Segment(_draw_cell(text, self._widths[column]), style)

    @property
    def _tone(self) -> Callable[..., Style]:
        def tone(name: str, *, over: bool = False) -> Style:
            if not name:
                return self.rich_style
            return self.get_component_rich_style(f"matrix--{name}", partial=not over)

        return tone


def _fit_column(need: int) -> int:
    """Return the cells of a column that holds texts of so many, with the gap before it."""
    return max(_COLUMN[0], min(_COLUMN[1], need)) + 2


def _draw_cell(text: str, width: int, *, middle: bool = False) -> str:
    """Return a right-aligned cell with a space at its right."""
    return f"{fit(text, width - 1, 'right', middle)} "
