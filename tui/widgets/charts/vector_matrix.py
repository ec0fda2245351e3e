"""The similarities of texts as a matrix, and the nearest to the one under the cursor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.text import clean, fit
from tui.widgets.base.cursor_keys import bind_cursor
from tui.widgets.text.lines import find_next_rank, read_query

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

_CELL = 6  # cells a similarity takes
_SHADES = " ░▒▓█"


def similarity(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two vectors; 0 where one has no length."""
    lengths = math.sqrt(math.fsum(x * x for x in one)) * math.sqrt(math.fsum(y * y for y in other))
    return math.fsum(x * y for x, y in zip(one, other, strict=False)) / lengths if lengths else 0.0


def similarities(vectors: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the similarity of each vector to each; each pair is worked out once."""
    found = [[1.0] * len(vectors) for _ in vectors]
    for row, one in enumerate(vectors):
        for column in range(row):
            found[row][column] = found[column][row] = similarity(one, vectors[column])
    return found


def find_nearest(row: Sequence[float], own: int) -> list[int]:
    """Return the indexes of the other texts, nearest first."""
    return sorted((number for number in range(len(row)) if number != own), key=lambda number: -row[number])


class VectorMatrix(ScrollView, can_focus=True, inherit_bindings=False):
    """Texts down the side, numbered; their similarities to each other as numbers and shades."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"vector-matrix--{name}" for name in ("cursor", "dim", "far", "some", "near", "same")
    }

    DEFAULT_CSS = """
    VectorMatrix {
        height: 1fr; scrollbar-size: 1 1;
        & > .vector-matrix--cursor { background: $surface-lighten-1; }
        &:focus > .vector-matrix--cursor { background: $primary 45%; }
        & > .vector-matrix--dim { text-style: dim; }
        & > .vector-matrix--far { text-style: dim; }
        & > .vector-matrix--some { color: $text-warning; }
        & > .vector-matrix--near { color: $text-success; }
        & > .vector-matrix--same { text-style: dim; }
        &:ansi > .vector-matrix--cursor { text-style: reverse; background: ansi_default; }
    }
    """

    BINDINGS = [
        *bind_cursor("matrix", down="move(1)", up="move(-1)", first="move(-1000000)", last="move(1000000)"),
        Binding("left", "side(-1)", "left", show=False, id="matrix.left"),
        Binding("right", "side(1)", "right", show=False, id="matrix.right"),
        Binding("n", "find_next(1)", "next match", show=False, id="text.search_next"),
        Binding("N", "find_next(-1)", "previous match", show=False, id="text.search_previous"),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    """The text the cursor is on."""

    @dataclass
    class Moved(Message):
        """The cursor came to stand on another text."""

        cursor: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.texts: Sequence[str] = ()
        self.rows: list[list[float]] = []
        self._pattern: re.Pattern[str] | None = None
        self.found = ""
        """How the search stands, in words."""

    def show(self, texts: Sequence[str], rows: list[list[float]]) -> None:
        """Show these texts and how near they are."""
        self.texts, self.rows = texts, rows
        self.cursor = 0
        self._measure()
        self.refresh()
        self.post_message(self.Moved(0))

    def on_resize(self) -> None:
        """Give the texts the width that the numbers leave."""
        self._measure()

    def _measure(self) -> None:
        self.virtual_size = Size(self._side() + _CELL * len(self.texts), 1 + len(self.texts))

    def _side(self) -> int:
        """Return the width of the column of texts, in cells."""
        return max(20, min(46, self.size.width - _CELL * len(self.texts) - 1))

    def action_move(self, step: int) -> None:
        """Move to another text."""
        if self.texts:
            self.cursor = max(0, min(self.cursor + step, len(self.texts) - 1))
            self.scroll_to_region(Region(self.scroll_offset.x, self.cursor, 1, 2), animate=False)

    def action_side(self, step: int) -> None:
        """Scroll to further columns."""
        self.scroll_to(x=self.scroll_offset.x + step * _CELL, animate=False)

    def search(self, text: str) -> None:
        """Go to the next text that holds `text`. Raises ValueError for a bad pattern."""
        self._pattern, self.found = read_query(text).pattern if text else None, ""
        self.action_find_next(1)

    def action_find_next(self, step: int) -> None:
        """Go to the next or previous text that matches, round at the ends."""
        if self._pattern:
            hits = [at for at, text in enumerate(self.texts) if self._pattern.search(text)]
            if hits:
                rank = find_next_rank(hits, self.cursor, step)
                self.found = f"match {rank + 1:,}/{len(hits):,}"
                self.action_move(hits[rank] - self.cursor)
            else:
                self.found = "no match"
        self.post_message(self.Moved(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Move to the text under the pointer."""
        at = event.y + self.scroll_offset.y - 1
        if 0 <= at < len(self.texts):
            self.cursor = at

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two rows concerned."""
        for row in (old, new):
            self.refresh(Region(0, row + 1 - self.scroll_offset.y, self.size.width, 1))
        self.post_message(self.Moved(new))

    def _tone(self, name: str) -> Style:
        return self.get_component_rich_style(f"vector-matrix--{name}", partial=True)

    def render_line(self, y: int) -> Strip:
        """Draw a line of the view: the heads stay at the top, the texts at the side."""
        width, base, left = self.size.width, self.rich_style, self._side()
        at = y + self.scroll_offset.y - 1
        if y == 0:
            heads = Strip(
                [Segment(f"{number + 1:>{_CELL}}", self._tone("dim")) for number in range(len(self.texts))]
            )
            strip = Strip.join([Strip([Segment(" " * left)]), self._shift(heads, width - left)])
        elif at < len(self.texts):
            if at == self.cursor:
                base = self.get_component_rich_style("vector-matrix--cursor")
            text = f"{at + 1:>4}  {clean(self.texts[at], 200)}"
            cells = Strip([self._cell(at, column) for column in range(len(self.texts))])
            strip = Strip.join([Strip([Segment(fit(text, left))]), self._shift(cells, width - left)])
        else:
            return Strip.blank(width, base)
        return strip.crop_extend(0, width, None).apply_style(base).simplify()

    def _shift(self, strip: Strip, room: int) -> Strip:
        return strip.crop(self.scroll_offset.x, self.scroll_offset.x + room)

    def _cell(self, row: int, column: int) -> Segment:
        value = self.rows[row][column]
        if row == column:
            return Segment(f"{'·':>{_CELL}}", self._tone("same"))
        tone = "near" if value >= 0.6 else "some" if value >= 0.3 else "far"
        shade = _SHADES[max(0, min(len(_SHADES) - 1, int(value * len(_SHADES))))]
        return Segment(f" {shade}{value:>{_CELL - 2}.2f}".replace("0.", ".", 1).rjust(_CELL), self._tone(tone))
