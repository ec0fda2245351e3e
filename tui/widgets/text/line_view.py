"""The widget under every view of text: numbered rows with a cursor, drawn only where they are visible."""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import NULL_STYLE
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.widgets.text.search_view import SearchView

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from tui.widgets.text.painted import Painted

_KEPT_STRIPS = 1_000
_SIDE_STEP = 8  # cells a press of left or right moves


class LineView(SearchView):
    """Rows of text with a cursor, wrapping, sideways scrolling and following the end.

    A subclass says how many rows there are (`count`), how one looks (`painted`) and what is searched
    (`searchable`). Only visible rows are asked for; a cursor move repaints two rows, an unchanged view nothing.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line-view--{name}"
        for name in ("cursor", "match", "dim", "key", "string", "number", "word", "accent", "good", "warn", "bad")
    }

    DEFAULT_CSS = """
    LineView {
        height: 1fr;
        padding-left: 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .line-view--cursor { background: $surface-lighten-1; }
        &:focus > .line-view--cursor { background: $primary 30%; }
        & > .line-view--match { background: $warning; color: $background; }
        & > .line-view--dim { text-style: dim; }
        & > .line-view--key { color: $text-primary; }
        & > .line-view--number { color: $text-success; }
        & > .line-view--word { color: $text-success; }
        & > .line-view--accent { color: $text-accent; text-style: underline; }
        & > .line-view--good { color: $text-success; }
        & > .line-view--warn { color: $text-warning; }
        & > .line-view--bad { color: $text-error; }
        &:ansi > .line-view--cursor { text-style: reverse; background: ansi_default; }
        &:ansi > .line-view--match { background: ansi_yellow; color: ansi_black; }
    }
    """

    BINDINGS = [
        Binding("down,j", "move(1)", "down", id="text.down", show=False),
        Binding("up,k", "move(-1)", "up", id="text.up", show=False),
        Binding("pagedown", "page(1)", "page down", id="text.page_down", show=False),
        Binding("pageup", "page(-1)", "page up", id="text.page_up", show=False),
        Binding("home,g", "first", "first line", id="text.first", show=False),
        Binding("end,G", "last", "last line", id="text.last", show=False),
        Binding("left", "side(-1)", "scroll left", id="text.left", show=False),
        Binding("right", "side(1)", "scroll right", id="text.right", show=False),
        Binding("w", "wrap", "wrap", id="text.wrap"),
        Binding("c", "copy", "copy line", id="text.copy"),
    ]

    wrapped: reactive[bool] = reactive(False, repaint=False)
    """Whether long rows go on below instead of to the right."""
    following: reactive[bool] = reactive(False, repaint=False)
    """Whether the cursor stays on the last row as rows arrive. Leaving that row ends it, reaching it resumes."""

    class Moved(Message):
        """The cursor came to stand on `row` of `total`, or the number of rows changed. The latest counts."""

        def __init__(self, view: LineView, row: int, total: int) -> None:
            super().__init__()
            self.view, self.row, self.total = view, row, total

        def can_replace(self, message: Message) -> bool:
            """A later position makes an earlier one pointless."""
            return isinstance(message, LineView.Moved)

    class CopyRequested(Message):
        """The user wants `text` on the clipboard. It is raw."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    FOOT: ClassVar[int] = 0  # rows a subclass keeps at the bottom of the view for itself

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        wrapped: bool = False,
        empty: str = "Nothing here.",
    ) -> None:
        """`empty` is what the view says when it has no rows."""
        super().__init__(id=id, classes=classes)
        self.set_reactive(LineView.wrapped, wrapped)
        self._left = 0  # cells scrolled sideways
        self._skip = 0  # parts of the top row above the view: a row may be higher than the view
        self._drawn: dict[int, Strip] = {}  # by line of the view
        self._strips: OrderedDict[int, list[Strip]] = OrderedDict()
        self._steered = False  # it is the cursor that scrolls, not the wheel or the scrollbar
        self._layout_key: tuple[int, ...] = ()
        self._layout: list[tuple[int, int]] = []
        self.empty = empty

    # What a subclass says.

    def painted(self, row: int) -> Painted:
        """How `row` looks."""
        raise NotImplementedError

    def raw(self, row: int) -> str:
        """The text of `row` as copying gives it."""
        raise NotImplementedError

    def prefix(self, row: int) -> str:  # noqa: ARG002
        """What stands left of `row` and never scrolls sideways. Every row's is equally wide."""
        return ""

    def foot(self) -> Segment:
        """What the row kept at the bottom says."""
        return Segment("")

    # What changed.

    def changed(self, first: int = 0) -> None:
        """Draw again, as rows from `first` on are other rows, or more, or fewer."""
        for row in [row for row in self._strips if row >= first]:
            del self._strips[row]
        self._layout_key = ()
        self._measure()
        last = max(0, self.count() - 1)
        if self.cursor > last:
            self.cursor = last
        for y in range(self.size.height):  # only what differs: a pane is two kilobytes, a word is fifty bytes
            if self._drawn.get(y) != self._line(y):
                self.refresh(Region(0, y, self.size.width, 1))
        self.post_message(self.Moved(self, self.cursor, self.count()))

    def redraw(self) -> None:
        """Draw all rows again."""
        self._strips.clear()
        self.refresh()

    # Moving.

    def move_to(self, row: int) -> None:
        """Put the cursor on `row`, or the nearest there is, and bring it into view."""
        self.cursor = max(0, min(row, self.count() - 1))
        self._bring_into_view(self.cursor)

    def reveal(self, row: int) -> None:
        """Put the cursor on `row`; when that was out of view, with some rows above it for context."""
        seen = {shown for shown, _ in self._arranged()}
        self.move_to(row)
        if row not in seen:
            room, top = self._rows() // 3, self.cursor
            while top and room >= self._height(top - 1):
                top -= 1
                room -= self._height(top)
            self.scroll_top(top)

    def scroll_top(self, row: int) -> None:
        """Make `row` the topmost in view, as far as the rows reach. Does nothing before there is a screen."""
        if self._rows() > 0:
            self._steered = True
            self.scroll_to(y=max(0, row), animate=False, force=True)
            self._steered = False

    def action_move(self, step: int) -> None:
        """Move the cursor by `step` rows, or within a row that is higher than the view."""
        if self.wrapped and self.cursor == self.top:
            hidden = len(self._parts(self.cursor)) - self._skip - self._rows()
            if (step > 0 and hidden > 0) or (step < 0 and self._skip > 0):
                page = max(1, self._rows() - 1)
                self._skip = max(0, self._skip + (min(hidden, page) if step > 0 else -page))
                self.refresh()
                return
        self.move_to(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by `step` views."""
        shown = len({row for row, _ in self._arranged()}) if self.wrapped else self._rows()
        self.action_move(step * max(1, shown - 1))

    def action_first(self) -> None:
        """Move to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Move to the last row, and follow it."""
        self.move_to(sys.maxsize)
        self.following = True

    def action_follow(self) -> None:
        """Follow the end, or stop."""
        if self.following:
            self.following = False
        else:
            self.action_last()

    def action_side(self, step: int) -> None:
        """Scroll sideways."""
        rows = {row for row, _ in self._arranged()}
        widest = max((self._parts(row)[0].cell_length for row in rows), default=0)
        room = widest - self.text_width + self._prefix_width()
        left = max(0, min(self._left + step * _SIDE_STEP, max(room, 0 if step < 0 else self._left)))
        if left != self._left and not self.wrapped:
            self._left = left
            self.refresh()

    def action_wrap(self) -> None:
        """Wrap long rows, or stop."""
        self.wrapped = not self.wrapped

    def action_copy(self) -> None:
        """Ask for the cursor's row to be copied."""
        if self.count():
            self.post_message(self.CopyRequested(self.raw(self.cursor)))

    @property
    def top(self) -> int:
        """The topmost row in view."""
        return self.scroll_offset.y

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two rows concerned."""
        for row in (old, new):
            self.refresh_row(row)
        self.following = new >= self.count() - 1
        self.post_message(self.Moved(self, new, self.count()))

    def watch_wrapped(self) -> None:
        """Arrange anew."""
        self._left = 0
        self.changed()
        self._bring_into_view(self.cursor)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep the cursor in view when the user scrolls; scrolling to the end follows it."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) == round(new_value) or not self.count():
            return
        self._skip = 0
        if self._steered:
            return
        arranged = self._arranged()
        first, last = arranged[0][0], arranged[-1][0]
        if not first <= self.cursor <= last:
            self.cursor = max(first, min(self.cursor, last))
        if new_value > old_value and last == self.count() - 1 and self.cursor != last:
            self.action_last()

    def on_resize(self) -> None:
        """Arrange anew."""
        self._strips.clear()
        self._layout_key = ()
        self._measure()
        self._bring_into_view(self.cursor)

    def notify_style_update(self) -> None:
        """Forget what was drawn in the colours of before."""
        super().notify_style_update()
        self._strips.clear()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row under the pointer."""
        arranged = self._arranged()
        if 0 <= event.y < len(arranged):
            self.cursor = arranged[event.y][0]

    def _bring_into_view(self, row: int) -> None:
        rows = self._rows()
        if rows <= 0 or not self.count():
            return
        top = self.top
        if row < top:
            top = row
        else:
            room, lowest = rows - self._height(row), row
            while lowest > top and room >= self._height(lowest - 1):
                lowest -= 1
                room -= self._height(lowest)
            top = max(top, lowest)
        if top != self.top:
            self.scroll_top(top)
        elif row == top and self._skip:
            self._skip = 0
            self.refresh()

    # Drawing.

    def row_changed(self, row: int) -> None:
        """Draw one row anew that says something else in as many lines."""
        self._strips.pop(row, None)
        self.refresh_row(row)

    def refresh_row(self, row: int) -> None:
        """Repaint one row, if it is in view."""
        for y, (shown, _) in enumerate(self._arranged()):
            if shown == row:
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def text_width(self) -> int:
        """Cells a row has: all but those of the scrollbar, which keeps its column while there is none."""
        return self.scrollable_content_region.width

    def _height(self, row: int) -> int:
        return len(self._parts(row)) if self.wrapped else 1

    def _rows(self) -> int:
        return self.size.height - self.FOOT

    def _prefix_width(self) -> int:
        return len(self.prefix(0)) if self.count() else 0

    def _measure(self) -> None:
        """Tell how far there is to scroll."""
        rows = self.count()
        if self.wrapped and rows:
            # Heights of rows out of view are unknown: leave room for any row to be the topmost.
            fits = rows <= self._rows() and sum(len(self._parts(row)) for row in range(rows)) <= self._rows()
            rows += 0 if fits else self._rows() - 1
        # Never less than the view: a size that changes makes the whole screen draw itself anew.
        self.virtual_size = Size(self.text_width, max(rows + self.FOOT, self.size.height))

    def _arranged(self) -> list[tuple[int, int]]:
        """The row and its part on each line of the view."""
        key = (self.top, self._skip, self.count(), *self.size, self.wrapped)
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

    def _line(self, y: int) -> Strip:
        width, base = self.text_width, self.rich_style
        if y >= self._rows():
            return Strip([self.foot()]).crop_extend(0, width, base).apply_style(base)
        arranged = self._arranged()
        if y >= len(arranged):
            blank = f" {self.empty}" if y == 1 and not arranged else ""
            return Strip([Segment(blank, self.tone("dim"))]).crop_extend(0, width, None).apply_style(base)
        row, part = arranged[y]
        if row == self.cursor:
            base = self.get_component_rich_style("line-view--cursor")
        body = self._parts(row)[part]
        if base.reverse:  # where colours are few and unknown: tones would be backgrounds, so only matches stay
            body = Strip(Segment(text, tone if tone and tone.bgcolor else None) for text, tone, _ in body)
        if not self._prefix_width():
            return body.crop_extend(self._left, self._left + width, None).apply_style(base).simplify()
        label = self.prefix(row) if part == 0 else " " * self._prefix_width()
        gutter = Segment(label, self.tone("dim"))
        body = body.crop_extend(self._left, self._left + max(0, width - len(label)), None)
        return Strip([gutter, *body]).apply_style(base).crop(0, width).simplify()

    def tone(self, name: str) -> Style:
        """The style of a tone, without the background of what it stands on."""
        return self.get_component_rich_style(f"line-view--{name}", partial=True) if name else NULL_STYLE

    def _parts(self, row: int) -> list[Strip]:
        """The drawn parts of `row`: one, or as many as it wraps into."""
        if row not in self._strips:
            painted = self.painted(row)
            width = self.text_width - self._prefix_width() if self.wrapped else 0
            self._strips[row] = painted.strips(width, self.tone, self.pattern)
            if len(self._strips) > _KEPT_STRIPS:
                self._strips.popitem(last=False)
        self._strips.move_to_end(row)
        return self._strips[row]
