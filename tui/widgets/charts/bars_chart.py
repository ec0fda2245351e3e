"""Bars, one to a row: how much of something over time, or of each group."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.language.cells import draw_bar, draw_column
from tui.text import cell_width, fit
from tui.widgets.text.keyed_rows import KeyedRows
from tui.widgets.text.painted import Painted, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LABEL = 26  # most cells of a label
_BAR = 6  # fewest cells of a bar: notes give way before it does
_TELLS = 20  # cells of the longest bar below which notes are told in brief


class BarRow(NamedTuple):
    """A bar: the `key` it is known by, its label, its value and how that reads, and a note with its tone.

    `trend` is drawn behind the note where there is room for all of it. `brief` is told instead of the note
    where that would leave the bars short.
    `part` of the value is drawn brighter than the rest. A `partial` value still grows: its bar is hatched.
    """

    key: Any
    label: str
    value: float
    text: str
    part: float = 0.0
    note: str = ""
    tone: str = "dim"
    partial: bool = False
    trend: str = ""
    brief: str = ""


def draw_sparkline(values: Sequence[float], width: int) -> str:
    """Return values as blocks of a height, in at most `width` cells; each is the mean of its share of them."""
    if not values or width <= 0:
        return ""
    cells = min(width, len(values))
    edges = [index * len(values) // cells for index in range(cells + 1)]
    sums = [sum(values[start:end]) / (end - start) for start, end in pairwise(edges)]
    most = max(sums)
    return "".join(draw_column(each / most) if most > 0 and each > 0 else " " for each in sums)


class BarsChart(KeyedRows[BarRow]):
    """Labelled bars with their values right-aligned and a note behind; the longest fills the room there is.

    The cursor stays on the row with the same key. What is shown already is not drawn again.
    """

    # A bar's chosen part is told from the rest without colour, too: $text-primary would be as bright a grey.
    DEFAULT_CSS = """
    BarsChart > .line-view--key { color: $primary; }
    BarsChart:ansi > .line-view--key { color: ansi_blue; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._widths = (0, 0, 0, 0, 0)
        self._most = 0.0

    def wait(self, words: str) -> None:
        """Show no bars but these words."""
        if self.rows or self.empty != words:
            self.rows, self.empty = [], words
            self.refresh_rows()

    def show(self, rows: Iterable[BarRow], *, at_end: bool = False) -> None:
        """Show these bars instead. With `at_end` the cursor starts on the last of them."""
        new = list(rows)
        if new == self.rows and new:
            return
        self.empty = "Nothing was used."
        scale, followed = (self._widths, self._most), self.following
        self._widths = (
            min(_LABEL, _widest(row.label for row in new)),
            _widest(row.text for row in new),
            _widest(row.note for row in new),
            _widest(row.trend for row in new),
            _widest(row.brief or row.note for row in new),
        )
        self._most = max((row.value for row in new), default=0)
        alike = scale == (self._widths, self._most)
        self.replace(new, alike=alike, start=len(new) - 1 if at_end else 0, keep=not (at_end and followed))

    def raw(self, row: int) -> str:
        """Return a bar as text."""
        bar = self.rows[row]
        return "  ".join(filter(None, (bar.label, bar.text, bar.note)))

    def paint(self, row: int) -> Painted:
        """Return label, bar, value and note of a row."""
        bar = self.rows[row]
        labels, values, notes, trend, briefs = self._widths
        room = self.text_width - labels - values - 5
        note = bar.note
        if room - notes - 2 < _TELLS:
            note, notes = bar.brief or bar.note, briefs
        if trend and room - 2 - notes - 1 - trend >= _BAR:
            note, notes = f"{note:<{notes}} {bar.trend}", notes + 1 + trend
        notes = max(0, min(notes, room - _BAR - 2))
        width = max(_BAR, room - (notes + 2 if notes else 0))
        drawn = self.bar_of(bar, width)
        label = fit(bar.label, labels, middle=True)
        text = f"{label}  {drawn}  {fit(bar.text, values, 'right')}  "
        start = len(label) + 2
        bright = min(len(drawn.rstrip()), start and round(self._share(bar.part) * width))
        end = start + width
        # Not the bar: without colour its chosen part would be as bright as the rest.
        standing_out = bar.tone if bar.tone != "dim" else ""
        spans: list[Span] = [(0, start - 2, "dim" if bar.partial else standing_out)]
        spans += [(start, start + bright, "good"), (start + bright, end, "key")]
        spans += [(end, len(text), ""), (len(text), len(text) + notes, bar.tone)]
        return Painted(text + (fit(note, notes) if notes else ""), spans)

    def _share(self, value: float) -> float:
        return max(0.0, min(1.0, value / self._most)) if self._most > 0 else 0.0

    def bar_of(self, bar: BarRow, width: int) -> str:
        """Return the bar to an eighth of a cell; anything above zero leaves a trace."""
        eighths = round(self._share(bar.value) * width * 8) or (1 if bar.value > 0 else 0)
        if bar.partial:
            return ("▒" * max(eighths // 8, 1 if eighths else 0)).ljust(width)
        return draw_bar(eighths / 8 / width, width, " ")


def _widest(texts: Iterable[str]) -> int:
    return max(map(cell_width, texts), default=0)
