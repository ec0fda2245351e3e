"""The widget under every view of text: rows with a cursor that is moved, followed and copied from."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive

from tui.widgets.base.cursor_keys import bind_cursor
from tui.widgets.text.row_view import RowView

if TYPE_CHECKING:
    from textual import events


_SIDE_STEP = 8  # cells a press of left or right moves


class LineView(RowView):
    """Rows of text to move in: a cursor, paging, wrapping, sideways scrolling and following the end.

    A cursor move repaints two rows, an unchanged view nothing.
    """

    BINDINGS = [
        *bind_cursor("text", down="move(1)", up="move(-1)", page_down="page(1)", page_up="page(-1)"),
        *bind_cursor("text", first="first", last="last"),
        Binding("left", "side(-1)", "scroll left", id="text.left", show=False),
        Binding("right", "side(1)", "scroll right", id="text.right", show=False),
        Binding("w", "wrap", "wrap", id="text.wrap"),
        Binding("c", "copy", "copy line", id="text.copy"),
    ]

    following: reactive[bool] = reactive(False, repaint=False)
    """Whether the cursor stays on the last row as rows arrive. Leaving that row ends it, reaching it resumes."""

    @dataclass
    class Moved(Message):
        """The cursor came to stand on `row` of `total`, or the number of rows changed. The latest counts."""

        view: LineView
        row: int
        total: int

        def can_replace(self, message: Message) -> bool:
            """Let a later position replace an earlier one."""
            return isinstance(message, LineView.Moved)

    @dataclass
    class CopyRequested(Message):
        """The user wants `text` on the clipboard. It is raw."""

        text: str

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        wrapped: bool = False,
        empty: str = "Nothing here.",
    ) -> None:
        """`empty` is shown when there are no rows."""
        super().__init__(id=id, classes=classes, wrapped=wrapped, empty=empty)
        self._steered = False  # the cursor scrolls, not the wheel or the scrollbar

    # Changes of the rows.

    def refresh_rows(self, first: int = 0) -> None:
        """Draw again what differs, as rows from `first` on were changed, added or removed."""
        for row in [row for row in self._strips if row >= first]:
            del self._strips[row]
        self._layout_key = ()
        with self.drawing():
            self._measure()
        last = max(0, self.count() - 1)
        if self.cursor > last:
            self.cursor = last
        with self.drawing():
            size = self.size
            for y in range(size.height):
                if y not in self._drawn or self._drawn[y] != self._line(y):
                    self.refresh(Region(0, y, size.width, 1))
        self.post_message(self.Moved(self, self.cursor, self.count()))

    # Moving.

    def move_to(self, row: int) -> None:
        """Put the cursor on `row`, or the nearest there is, and bring it into view."""
        self.cursor = max(0, min(row, self.count() - 1))
        self._bring_into_view(self.cursor)

    def reveal(self, row: int) -> None:
        """Put the cursor on `row`; when that was out of view, with some rows above it for context."""
        seen = {shown for shown, _ in self._lay_out()}
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
        if self.wrapped and self.cursor == self.top and self.count():
            hidden = len(self._parts(self.cursor)) - self._skip - self._rows()
            if (step > 0 and hidden > 0) or (step < 0 and self._skip > 0):
                page = max(1, self._rows() - 1)
                self._skip = max(0, self._skip + (min(hidden, page) if step > 0 else -page))
                self.refresh()
                return
        self.move_to(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by `step` views."""
        shown = len({row for row, _ in self._lay_out()}) if self.wrapped else self._rows()
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
        rows = {row for row, _ in self._lay_out()}
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

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two rows concerned."""
        for row in (old, new):
            self.refresh_row(row)
        self.following = new >= self.count() - 1
        self.post_message(self.Moved(self, new, self.count()))

    def watch_wrapped(self) -> None:
        """Lay the rows out anew."""
        self._left = 0
        self.refresh_rows()
        self._bring_into_view(self.cursor)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep the cursor in view when the user scrolls; scrolling to the end follows it."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) == round(new_value) or not self.count():
            return
        self._skip = 0
        if self._steered:
            return
        arranged = self._lay_out()
        first, last = arranged[0][0], arranged[-1][0]
        if not first <= self.cursor <= last:
            self.cursor = max(first, min(self.cursor, last))
        if new_value > old_value and last == self.count() - 1 and self.cursor != last:
            self.action_last()

    def on_resize(self) -> None:
        """Lay the rows out anew, and fill the view with what stands before where nothing follows."""
        self._strips.clear()
        self._layout_key = ()
        self._measure()
        if self._rows() > 0 and self.count() and (top := self._find_top(self.count() - 1)) < self.top:
            self.scroll_top(top)
        self._bring_into_view(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row under the pointer."""
        arranged = self._lay_out()
        if 0 <= event.y < len(arranged):
            self.cursor = arranged[event.y][0]

    def _find_top(self, row: int, least: int = 0) -> int:
        """Return the first row, of those from `least`, of a view that ends with `row`."""
        room, lowest = self._rows() - self._height(row), row
        while lowest > least and room >= self._height(lowest - 1):
            lowest -= 1
            room -= self._height(lowest)
        return lowest

    def _bring_into_view(self, row: int) -> None:
        rows = self._rows()
        if rows <= 0 or not self.count():
            return
        top = row if row < self.top else self._find_top(row, self.top)
        if top != self.top:
            self.scroll_top(top)
        elif row == top and self._skip:
            self._skip = 0
            self.refresh()
