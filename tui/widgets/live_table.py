"""The live list: what the program is about.

Textual sends whatever is marked for refresh, changed or not, and a change of a widget's virtual size repaints all
of it. Over SSH that is slow, so this table remembers what it last drew, compares, and refreshes the part of each
line that differs: nothing new costs nothing, by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.live.place import Place
from tui.widgets.lean_strip import LeanStrip, extent
from tui.widgets.table_rows import GAP, Painter

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from tui.live.collection import Delta
    from tui.live.view import View
    from tui.resources.base import Column

HEADER = 1  # lines above the first row

# What the keys that sort by meaning look for, the first that a resource has.
_MEANINGS = {
    "name": ("name", "filename", "title", "id"),
    "age": ("age", "created", "time"),
    "status": ("status", "outcome", "state"),
    "size": ("size", "bytes", "cost", "progress", "tokens", "amount"),
}


class LiveTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of a view, with a cursor and marks that belong to objects, not to row numbers."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"live-table--{part}"
        for part in ("header", "chosen", "cursor", "mark", "dim", "accent", "good", "warn", "bad")
    }
    DEFAULT_CSS = """
    LiveTable {
        height: 1fr;
        overflow: scroll scroll;
        scrollbar-size: 0 0;
        & > .live-table--header { color: $text-muted; }
        & > .live-table--chosen { color: $text-accent; text-style: underline; }
        & > .live-table--mark { color: $text-accent; }
        & > .live-table--dim { color: $text-muted; }
        & > .live-table--accent { color: $text-accent; }
        & > .live-table--good { color: $text-success; }
        & > .live-table--warn { color: $text-warning; }
        & > .live-table--bad { color: $text-error; }
        & > .live-table--cursor {
            color: $block-cursor-blurred-foreground;
            background: $block-cursor-blurred-background;
        }
        &:focus > .live-table--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("home,g", "first", "First row", show=False, id="table.first"),
        Binding("end,G", "last", "Last row", show=False, id="table.last"),
        Binding("left", "columns(-1)", "Columns to the left", show=False, id="table.left"),
        Binding("right", "columns(1)", "Columns to the right", show=False, id="table.right"),
        Binding("enter", "select", "Open", show=False, id="table.select"),
        Binding("space", "mark", "Mark", id="table.mark"),
        Binding("v", "range", "Mark a range", show=False, id="table.range"),
        Binding("shift+down", "extend(1)", "Mark downwards", show=False, id="table.extend_down"),
        Binding("shift+up", "extend(-1)", "Mark upwards", show=False, id="table.extend_up"),
        Binding("asterisk", "mark_all", "Mark all shown, or none", show=False, id="table.mark_all"),
        Binding("ctrl+backslash", "clear_marks", "Clear marks", show=False, id="table.clear_marks"),
        Binding("shift+right", "choose(1)", "Choose the next column", show=False, id="table.choose_next"),
        Binding("shift+left", "choose(-1)", "Choose the column before", show=False, id="table.choose_previous"),
        Binding("O", "sort", "Sort by the chosen column", show=False, id="table.sort"),
        Binding("N", "sort_by('name')", "Sort by name", show=False, id="table.sort_name"),
        Binding("A", "sort_by('age')", "Sort by age", show=False, id="table.sort_age"),
        Binding("S", "sort_by('status')", "Sort by status", show=False, id="table.sort_status"),
        Binding("C", "sort_by('size')", "Sort by size or progress", show=False, id="table.sort_size"),
        Binding("w,ctrl+w", "wide", "Wide columns", show=False, id="table.wide"),
    ]

    wide: reactive[bool] = reactive(False, repaint=False)
    """Whether all columns are shown, also those that do not fit."""

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another object, or on none. It may be passing: wait a little before fetching."""

        table: LiveTable
        id: str | None

    @dataclass
    class Selected(Message):
        """An object was chosen, by enter or a double click."""

        table: LiveTable
        id: str

    @dataclass
    class MarksChanged(Message):
        """Other objects are marked now: see the view's `marks`."""

        table: LiveTable

    @dataclass
    class NearEnd(Message):
        """The user came within a screen of the last row, and the collection has more to load."""

        table: LiveTable

    @dataclass
    class Sorted(Message):
        """The user chose an order. The view has it."""

        table: LiveTable

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.view: View | None = None
        self._place = Place()
        self._painter = Painter(self._style)
        self._chosen: Column | None = None
        self._lines: dict[int, Strip] = {}  # what was last drawn

    # What is shown

    @property
    def cursor_id(self) -> str | None:
        """The id of the object the cursor stands on. Set it to move there, as soon as the object is listed."""
        return self._place.cursor

    @cursor_id.setter
    def cursor_id(self, id: str) -> None:  # noqa: A002
        self._place.wanted = id
        self._follow()

    @property
    def ranging(self) -> bool:
        """Whether moving the cursor marks rows."""
        return self._place.ranging

    def show(self, view: View) -> None:
        """Show a view."""
        if view is not self.view:
            self.view, self._place, self._chosen = view, Place(), None
            self.scroll_to(0, 0, animate=False, force=True)
        self._arrange_columns()
        self.refilter()

    def refilter(self) -> None:
        """Follow a change of the view's query, sort or marks."""
        self._follow()
        self._near_end()

    def apply(self, delta: Delta) -> None:
        """Follow a change of the collection. Call it after refreshes without a change too: they end highlights."""
        if (view := self.view) is None:
            return
        shift = view.apply(delta)
        self._painter.calm()
        for id_ in set(delta.changed).intersection(self._place.seen):
            self._painter.brighten(view.collection.records[id_], view.look)
        if shift.rows is None:
            self._follow()
        else:
            self._sync()

    def tick(self, _now: float = 0.0) -> None:
        """Draw again what reads differently because time has passed."""
        self._painter.forget()
        self._sync()

    def watch_wide(self) -> None:
        """Fit the columns anew."""
        self._arrange_columns()
        self._sync()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw a line of the widget, and remember it as what the terminal shows."""
        self._lines[y] = strip = self._line(y)
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines in few bytes."""
        self._arrange_columns()  # the first time, this is the first to know the width
        return [LeanStrip.of(strip) for strip in super().render_lines(crop)]

    def notify_style_update(self) -> None:
        """Draw with the new styles."""
        super().notify_style_update()
        self._painter.forget()
        self._sync()

    def on_resize(self) -> None:
        """Fit the columns to the new width, and keep the cursor in sight."""
        self._arrange_columns()
        self._scroll(self._place.reveal(self._top, self._page))
        self._sync()
        self._near_end()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Draw what differs."""
        if round(old_value) != round(new_value):
            self._sync()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw what differs."""
        if round(old_value) != round(new_value):
            self._sync()
            self._near_end()

    @property
    def _page(self) -> int:
        """How many rows are in sight."""
        return max(1, self.size.height - HEADER)

    @property
    def _top(self) -> int:
        """The first row in sight."""
        return self.scroll_offset.y

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"live-table--{part}") if part else self.rich_style

    def _line(self, y: int) -> Strip:
        """What a line of the widget should show."""
        view, left, width = self.view, self.scroll_offset.x, self.size.width
        row = self._top + y - HEADER
        if view is None or row >= len(view):
            return Strip.blank(width, self.rich_style)
        if y < HEADER:
            return self._painter.header(view.sort, self._chosen).crop(left, left + width)
        id_ = view.ids[row]
        if (record := view.collection.records.get(id_)) is None:  # gone; the table is about to hear of it
            return Strip.blank(width, self.rich_style)
        return self._painter.row(record, view.look, id_ == self.cursor_id, id_ in view.marks).crop(
            left, left + width
        )

    def _sync(self) -> None:
        """Refresh the part of each line that should look different from what was last drawn."""
        if not self.is_attached or not self.size:
            return
        for y in range(self.size.height):
            if (drawn := self._lines.get(y)) is None:
                self.refresh(Region(0, y, self.size.width, 1))
            elif end := extent(drawn, self._line(y)):
                self.refresh(Region(0, y, end, 1))
        if self.view is not None:
            self._place.look_around(self.view, self._top, self._page)

    def _arrange_columns(self) -> None:
        """Fit the columns to the width."""
        if self.view is not None and self.size.width:
            self._painter.arrange(self.view.columns, self.size.width, self.wide)
        self._measure()

    def _measure(self) -> None:
        """Tell how far there is to scroll. Not by assignment: that would lay out and repaint everything."""
        self.set_reactive(ScrollView.virtual_size, Size(self._painter.width, len(self.view or ()) + HEADER))
        self.scroll_x = self.validate_scroll_x(self.scroll_x)

    # Keeping place

    def _follow(self) -> None:
        """Find the place again after rows moved, came or went."""
        if self.view is None:
            return
        top, moved = self._place.follow(self.view, self._top, self._page)
        self._measure()
        self._scroll(top)
        self._sync()
        if moved:
            self.post_message(self.Highlighted(self, self.cursor_id))

    def _scroll(self, top: int) -> None:
        """Make a row the first in sight, as far as there are rows to fill the rest."""
        top = max(0, min(top, len(self.view or ()) - self._page))
        self.scroll_to(y=top, animate=False, force=True)

    def _move_to(self, row: int) -> None:
        """Move the cursor to a row, or the nearest there is."""
        if self.view is None:
            return
        moved = self._place.move(self.view, row)
        self._mark_range()
        self._scroll(self._place.reveal(self._top, self._page))
        self._sync()
        if moved:
            self.post_message(self.Highlighted(self, self.cursor_id))
        self._near_end()

    def _near_end(self) -> None:
        """Ask for more rows when the last ones come near."""
        view = self.view
        if view is not None and view.collection.records and not view.collection.complete:
            last = max(self._place.row, self._top + self._page - 1)
            if len(view) - last <= self._page:
                self.post_message(self.NearEnd(self))

    # Actions

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self._place.end_range(sticky=False)
        self._move_to(self._place.row + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.action_move(pages * self._page)

    def action_first(self) -> None:
        """Move to the first row."""
        self.action_move(-self._place.row)

    def action_last(self) -> None:
        """Move to the last row loaded."""
        self.action_move(len(self.view or ()))

    def action_columns(self, step: int) -> None:
        """Scroll to the next column when they are too wide."""
        edges = [slot.x - GAP if slot.x > GAP else 0 for slot in self._painter.slots]
        at = self.scroll_offset.x
        further = [edge for edge in edges if (edge > at if step > 0 else edge < at)]
        if further:
            self.scroll_to(x=min(further) if step > 0 else max(further), animate=False, force=True)

    def action_select(self) -> None:
        """Open the object under the cursor."""
        if self.cursor_id is not None:
            self.post_message(self.Selected(self, self.cursor_id))

    def action_mark(self) -> None:
        """Mark the row, or unmark it, and move down."""
        if self.view is not None and self.cursor_id is not None:
            self._place.end_range()
            self._set_marks(self.view.marks ^ {self.cursor_id})
            self.action_move(1)

    def action_range(self) -> None:
        """Start marking rows as the cursor moves, or stop."""
        if self.view is not None and not self._place.end_range():
            self._place.start_range(self.view, sticky=True)
            self._mark_range()

    def action_extend(self, rows: int) -> None:
        """Mark from here on while moving."""
        if self.view is not None:
            self._place.start_range(self.view, sticky=self.ranging)
            self._move_to(self._place.row + rows)

    def action_mark_all(self) -> None:
        """Mark all that is shown; if it is, mark nothing."""
        if self.view is not None:
            shown = set(self.view.ids)
            marks = self.view.marks
            self._set_marks(marks - shown if shown <= marks else marks | shown)

    def action_clear_marks(self) -> None:
        """Unmark everything, also what the filter hides."""
        self._place.end_range()
        self._set_marks(set())

    def action_choose(self, step: int) -> None:
        """Choose the next column to sort by."""
        columns = [slot.column for slot in self._painter.slots]
        if columns:
            at = columns.index(self._chosen) if self._chosen in columns else (-1 if step > 0 else 0)
            self._chosen = columns[(at + step) % len(columns)]
            self._sync()

    def action_sort(self) -> None:
        """Sort by the chosen column."""
        if self._chosen is not None:
            self._sort_by(self._chosen)

    def action_sort_by(self, meaning: str) -> None:
        """Sort by the column that means this."""
        if column := self._meant(meaning):
            self._sort_by(column)

    def action_wide(self) -> None:
        """Show all columns, or those that fit."""
        self.wide = not self.wide

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out sorting by what this list does not have."""
        if action == "sort_by":
            return True if self._meant(str(parameters[0])) else None
        return True

    def on_click(self, event: events.Click) -> None:
        """Move to the row, open it on a double click; on a header, sort."""
        where = event.get_content_offset(self)
        if where is None or self.view is None:
            return
        if where.y < HEADER:
            x = where.x + self.scroll_offset.x
            column = next((slot.column for slot in self._painter.slots if slot.x <= x < slot.x + slot.width), None)
            if column is not None:
                self._sort_by(column)
        elif (row := self._top + where.y - HEADER) < len(self.view):
            self.action_move(row - self._place.row)
            if event.chain > 1:
                self.action_select()

    # Marks and order

    def _set_marks(self, marks: set[str]) -> None:
        if self.view is not None and marks != self.view.marks:
            self.view.marks = marks
            self._sync()
            self.post_message(self.MarksChanged(self))

    def _mark_range(self) -> None:
        if self.view is not None and (marks := self._place.range_marks(self.view)) is not None:
            self._set_marks(marks)

    def _meant(self, meaning: str) -> Column | None:
        """The column that has a meaning here."""
        resource = self.view.collection.resource if self.view else None
        found = (resource.column(name) for name in _MEANINGS[meaning]) if resource else ()
        return next((column for column in found if column), None)

    def _sort_by(self, column: Column) -> None:
        """Sort by a column in its first direction, or the other way round if it is sorted by."""
        if self.view is None:
            return
        up, down = column.header, f"-{column.header}"
        first, second = (up, down) if column.first == "up" else (down, up)
        self._chosen = column
        self.view.set_sort(second if self.view.sort == first else first)
        self._follow()
        self._scroll(self._place.reveal(self._top, self._page))
        self.post_message(self.Sorted(self))
