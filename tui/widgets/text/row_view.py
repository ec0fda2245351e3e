"""Rows of text laid out and drawn: wrapped or scrolled sideways, only where they are visible."""

from __future__ import annotations

import textwrap
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import NULL_STYLE
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from tui.resources.language.column import ACCOUNT_TONES
from tui.text import clean
from tui.widgets.base.tones import build_account_rules
from tui.widgets.text.search_view import SearchView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style

    from tui.widgets.text.painted import Painted

_KEPT_STRIPS = 1_000


_PARTS = ("cursor", "match", "dim", "key", "string", "number", "word", "accent", "good", "warn", "bad")


class RowView(SearchView):
    """Rows of text with a cursor, drawn; `LineView` adds how one moves in them.

    A subclass gives the number of rows (`count`), the looks of one (`paint`) and what is searched
    (`searchable`). Only visible rows are asked for.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line-view--{name}" for name in (*_PARTS, *ACCOUNT_TONES)}

    DEFAULT_CSS = """
    RowView {
        height: 1fr;
        padding-left: 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .line-view--cursor { background: $surface-lighten-1; }
        &:focus > .line-view--cursor { background: $primary 45%; }
        & > .line-view--match { background: $warning; color: $background; }
        & > .line-view--dim { text-style: dim; }
        & > .line-view--key { color: $text-primary; }
        & > .line-view--number { color: $text-success; }
        & > .line-view--word { color: $text-success; }
        & > .line-view--accent { color: $text-accent; text-style: underline; }
        & > .line-view--good { color: $text-success; }
        & > .line-view--warn { color: $text-warning; }
        & > .line-view--bad { color: $text-error; }
        &:ansi > .line-view--cursor { background: ansi_default; }
        &:ansi:focus > .line-view--cursor { text-style: reverse; background: ansi_default; }
        &:ansi > .line-view--match { background: ansi_yellow; color: ansi_black; }
    }
    """ + build_account_rules("RowView", "line-view")

    wrapped: reactive[bool] = reactive(False, repaint=False)
    """Whether long rows go on below instead of to the right."""

    FOOT: ClassVar[int] = 0  # rows a subclass keeps at the bottom of the view for itself

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        wrapped: bool = False,
        empty: str = "Nothing here.",
    ) -> None:
        """`empty` is shown when there are no rows."""
        super().__init__(id=id, classes=classes)
        self.set_reactive(RowView.wrapped, wrapped)
        self._left = 0  # cells scrolled sideways
        self._skip = 0  # parts of the top row above the view: a row may be higher than the view
        self._drawn: dict[int, Strip] = {}  # by line of the view
        self._strips: OrderedDict[int, list[Strip]] = OrderedDict()
        self._strips_width = 0  # cells that they were wrapped to
        self._layout_key: tuple[int, ...] = ()
        self._layout: list[tuple[int, int]] = []
        self._base: Style | None = None
        self._room: tuple[Size, int] | None = None  # while lines are drawn: its size, and the cells of a row
        self.empty = empty

    # What a subclass says.

    def paint(self, row: int) -> Painted:
        """Return `row` as it looks."""
        raise NotImplementedError

    def raw(self, row: int) -> str:
        """Return the text of `row` to copy."""
        raise NotImplementedError

    def prefix(self, row: int) -> str:  # noqa: ARG002
        """Return what stands left of `row` and never scrolls sideways; as wide for every row."""
        return ""

    def foot(self) -> Segment:
        """Return the text of the row kept at the bottom."""
        return Segment("")

    # Drawing.

    @property
    def top(self) -> int:
        """The topmost row in view."""
        return self.scroll_offset.y

    def redraw(self) -> None:
        """Draw all rows again."""
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self._strips.clear()

    def row_changed(self, row: int) -> None:
        """Draw a row again whose text has changed and takes as many lines as before."""
        self._strips.pop(row, None)
        self.refresh_row(row)

    def refresh_row(self, row: int) -> None:
        """Repaint one row, if it is in view."""
        for y, (shown, _) in enumerate(self._lay_out()):
            if shown == row:
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def text_width(self) -> int:
        """Cells a row has: all but those of the scrollbar, which keeps its column while there is none."""
        return self._room[1] if self._room else self.scrollable_content_region.width

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Work out size and style, for which all that is around it counts, once for all lines drawn inside."""
        self._base = None
        self._room = self.size, self.scrollable_content_region.width
        try:
            yield
        finally:
            self._room = None

    def _height(self, row: int) -> int:
        return len(self._parts(row)) if self.wrapped else 1

    def _rows(self) -> int:
        return (self._room[0] if self._room else self.size).height - self.FOOT

    def _prefix_width(self) -> int:
        return len(self.prefix(0)) if self.count() else 0

    def _measure(self) -> None:
        """Set how far there is to scroll."""
        rows = self.count()
        if self.wrapped and rows:
            # Heights of rows out of view are unknown: leave room for any row to be the topmost.
            fits = rows <= self._rows() and sum(len(self._parts(row)) for row in range(rows)) <= self._rows()
            rows += 0 if fits else self._rows() - 1
        # Never less than the view: a size that changes makes the whole screen draw itself anew.
        size = Size(self.text_width, max(rows + self.FOOT, self.size.height))
        if self.styles.scrollbar_size_vertical:
            self.virtual_size = size
        else:  # nothing else shows how much there is
            self.set_reactive(RowView.virtual_size, size)
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _lay_out(self) -> list[tuple[int, int]]:
        """Return the row and the part of it on each line of the view."""
        size = self._room[0] if self._room else self.size
        key = (self.top, self._skip, self.count(), *size, self.text_width, self.wrapped)
        if key != self._layout_key:
            self._layout_key = key
            room = max(0, self._rows())
            rows = range(self.top, min(self.top + room, self.count()))
            if self.wrapped:
                self._layout = []
                for row in rows:
                    first = self._skip if row == self.top else 0
                    self._layout += [(row, part) for part in range(first, len(self._parts(row)))]
                    if len(self._layout) >= room:
                        break
                del self._layout[room:]
            else:
                self._layout = [(row, 0) for row in rows]
        return self._layout

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of the view, and remember it as what the terminal shows."""
        self._drawn[y] = strip = self._line(y)
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines, in the styles there are now."""
        with self.drawing():
            return super().render_lines(crop)

    def _line(self, y: int) -> Strip:
        """Draw a line of the view: a part of a row, the foot, or what stands there when there are no rows."""
        if self._base is None:
            self._base = self.rich_style  # worked out from all ancestors: once for all lines
        width, base = self.text_width, self._base
        if y >= self._rows():
            return Strip([self.foot()]).crop_extend(0, width, base).apply_style(base)
        arranged = self._lay_out()
        if y >= len(arranged):
            told = [] if arranged else textwrap.wrap(clean(self.empty), max(10, width - 2))
            blank = f" {told[y - 1]}" if 0 < y <= len(told) else ""
            return Strip([Segment(blank, self.tone("dim"))]).crop_extend(0, width, None).apply_style(base)
        row, part = arranged[y]
        if row == self.cursor:
            base = self.get_component_rich_style("line-view--cursor")
        body = self._parts(row)[part]
        if base.reverse:  # where colours are few and unknown: tones would be backgrounds, so only matches stay
            body = Strip(Segment(text, tone if tone and tone.bgcolor else None) for text, tone, _ in body)
        if not self._prefix_width():
            return self._crop(body, width).apply_style(base).simplify()
        label = self.prefix(row) if part == 0 else " " * self._prefix_width()
        gutter = Segment(label, self.tone("dim"))
        body = self._crop(body, max(0, width - len(label)))
        return Strip([gutter, *body]).apply_style(base).crop(0, width).simplify()

    def _crop(self, body: Strip, width: int) -> Strip:
        """Return what is shown of a row in so many cells, with a mark where it goes on to the right."""
        shown = body.crop_extend(self._left, self._left + width, None)
        if self.wrapped or width < 2 or body.cell_length <= self._left + width:
            return shown
        return Strip([*shown.crop(0, width - 1), Segment("…", self.tone("dim"))])

    def tone(self, name: str) -> Style:
        """Return the style of a tone, without the background it stands on."""
        return self.get_component_rich_style(f"line-view--{name}", partial=True) if name else NULL_STYLE

    def _parts(self, row: int) -> list[Strip]:
        """Return `row` drawn: one strip, or as many as it wraps into."""
        width = self.text_width - self._prefix_width() if self.wrapped else 0
        if width != self._strips_width:  # it may be drawn before it hears of its new size
            self._strips.clear()
            self._strips_width = width
        if row not in self._strips:
            painted = self.paint(row)
            self._strips[row] = painted.strips(width, self.tone, self.pattern)
            if len(self._strips) > _KEPT_STRIPS:
                self._strips.popitem(last=False)
        self._strips.move_to_end(row)
        return self._strips[row]
