"""The live list: a table with the keys that move in it, mark its rows and sort it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.widgets.table.fitting import GAP
from tui.widgets.table.table_view import HEADER, TableView

if TYPE_CHECKING:
    from textual import events

    from tui.resources.language.column import Column


ON_ROWS = ("mark", "range", "extend", "mark_all", "choose", "sort", "sort_by")
"""The actions that do nothing without rows."""


class LiveTable(TableView, can_focus=True, inherit_bindings=False):
    """Rows of a view, with a cursor and marks that belong to objects, not to row numbers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action, label, show=name == "mark", id=f"table.{name}")
        for name, keys, action, label in (
            ("down", "down,j", "move(1)", "down"),
            ("up", "up,k", "move(-1)", "up"),
            ("page_down", "pagedown", "page(1)", "a screen down"),
            ("page_up", "pageup", "page(-1)", "a screen up"),
            ("first", "home,g", "first", "first row"),
            ("last", "end,G", "last", "last row loaded"),
            ("left", "left", "columns(-1)", "columns to the left"),
            ("right", "right", "columns(1)", "columns to the right"),
            ("select", "enter", "select", "open"),
            ("mark", "space", "mark", "mark"),
            ("range", "v", "range", "mark a range"),
            ("extend_down", "shift+down", "extend(1)", "mark downwards"),
            ("extend_up", "shift+up", "extend(-1)", "mark upwards"),
            ("mark_all", "asterisk", "mark_all", "mark all shown, or none"),
            ("clear_marks", "ctrl+backslash", "clear_marks", "clear marks"),
            ("choose_next", "shift+right", "choose(1)", "choose the next column"),
            ("choose_previous", "shift+left", "choose(-1)", "choose the column before"),
            ("sort", "O", "sort", "sort by the chosen column"),
            ("sort_name", "N", "sort_by('name')", "sort by name"),
            ("sort_age", "A", "sort_by('age')", "sort by age"),
            ("sort_status", "S", "sort_by('status')", "sort by status"),
            ("sort_needs", "X", "sort_by('needs')", "sort what needs you first"),
            ("sort_size", "C", "sort_by('size')", "sort by size or progress"),
            ("wide", "w,ctrl+w", "wide", "wide columns"),
        )
    ]

    @dataclass
    class Selected(Message):
        """An object was chosen, by enter or a double click; on a list without rows the list itself."""

        table: LiveTable
        id: str | None

    @dataclass
    class MarksChanged(Message):
        """Other objects are marked now: see the view's `marks`."""

        table: LiveTable

    @dataclass
    class Sorted(Message):
        """The user chose an order. The view has it."""

        table: LiveTable

    @dataclass
    class Widened(Message):
        """The user wants all columns, or no longer: see the table's `wide`."""

        table: LiveTable

    @dataclass
    class LastLoaded(Message):
        """The user went to the last row, and there are more that are not loaded."""

        table: LiveTable

    # Moving.

    def _move_to(self, row: int) -> None:
        """Move the cursor to a row, or the nearest there is. Marking and scrolling draw what they change."""
        before = self._list_cursor.row
        moved = self._list_cursor.move(self.view, row)
        self._mark_range()
        self._scroll(self._list_cursor.reveal(self._top, self._page))
        lines = {self.line_of(row) for row in (before, self._list_cursor.row)}
        self.sync(lines.intersection(range(HEADER, self.size.height)))
        if moved:
            self.post_message(self.Highlighted(self, self.cursor_id))
        self._near_end()

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self._list_cursor.end_range(sticky=False)
        self._move_to(self._list_cursor.row + rows)

    def action_page(self, screens: int) -> None:
        """Move the cursor by screens."""
        self.action_move(screens * self._page)

    def action_first(self) -> None:
        """Move to the first row."""
        self.action_move(-self._list_cursor.row)

    def action_last(self) -> None:
        """Move to the last row loaded."""
        self.action_move(len(self.view))
        if self.view.collection.records and not self.view.collection.complete:
            self.post_message(self.LastLoaded(self))

    def action_columns(self, step: int) -> None:
        """Scroll to the next column when they are too wide."""
        edges = [slot.x - GAP if slot.x > GAP else 0 for slot in self._painter.slots]
        at = self.scroll_offset.x
        further = [edge for edge in edges if (edge > at if step > 0 else edge < at)]
        if further:
            self.scroll_to(x=min(further) if step > 0 else max(further), animate=False, force=True)

    def action_wide(self) -> None:
        """Show all columns, or those there is room for again."""
        self.wide = not self.wide
        self.post_message(self.Widened(self))

    def action_select(self) -> None:
        """Open the object under the cursor."""
        self.post_message(self.Selected(self, self.cursor_id))

    def action_mark(self) -> None:
        """Mark the row, or unmark it, and move down."""
        if self.cursor_id is not None:
            self._list_cursor.end_range()
            self._set_marks(self.view.marks ^ {self.cursor_id})
            self.action_move(1)

    def action_range(self) -> None:
        """Start marking rows as the cursor moves, or stop."""
        if not self._list_cursor.end_range():
            self._list_cursor.start_range(self.view, sticky=True)
            self._mark_range()

    def action_extend(self, rows: int) -> None:
        """Mark from here on while moving."""
        self._list_cursor.start_range(self.view, sticky=self.ranging)
        self._move_to(self._list_cursor.row + rows)

    def action_mark_all(self) -> None:
        """Mark all that is shown; if it is, mark nothing."""
        shown, marks = set(self.view.ids), self.view.marks
        self._set_marks(marks - shown if shown <= marks else marks | shown)

    def action_clear_marks(self) -> None:
        """Unmark everything, also what the filter hides."""
        self._list_cursor.end_range()
        self._set_marks(set())

    def action_choose(self, step: int) -> None:
        """Choose the next column to sort by."""
        columns = [slot.column for slot in self._painter.slots]
        if columns:
            at = columns.index(self._chosen) if self._chosen in columns else (-1 if step > 0 else 0)
            self._chosen = columns[(at + step) % len(columns)]
            self.sync()

    def action_sort(self) -> None:
        """Sort by the chosen column."""
        if self._chosen is not None:
            self._sort_by(self._chosen)

    def action_sort_by(self, meaning: str) -> None:
        """Sort by the column that means this."""
        if column := self.view.column_for(meaning):
            self._sort_by(column)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out sorting by what this list does not have, and all but moving where it has no rows."""
        if action in ON_ROWS and not len(self.view):
            return None
        if action == "sort_by":
            return True if self.view.column_for(str(parameters[0])) else None
        return True

    def on_click(self, event: events.Click) -> None:
        """Move to the row, open it on a double click; on a header, sort."""
        where = event.get_content_offset(self)
        if where is None:
            return
        if where.y < HEADER:
            x = where.x + self.scroll_offset.x
            column = next((slot.column for slot in self._painter.slots if slot.x <= x < slot.x + slot.width), None)
            if column is not None:
                self._sort_by(column)
        elif (row := self.row_of(where.y)) < len(self.view):
            self.action_move(row - self._list_cursor.row)
            if event.chain > 1:
                self.action_select()

    # Marks and order.

    def _set_marks(self, marks: set[str]) -> None:
        if marks != self.view.marks:
            self.view.marks = marks
            self.sync()
            self.post_message(self.MarksChanged(self))

    def _mark_range(self) -> None:
        if (marks := self._list_cursor.range_marks(self.view)) is not None:
            self._set_marks(marks)

    def _sort_by(self, column: Column) -> None:
        """Sort by a column, or the other way round if it is sorted by."""
        self._chosen = column
        self.view.flip_sort(column)
        self._follow()
        self._scroll(self._list_cursor.reveal(self._top, self._page))
        self.post_message(self.Sorted(self))
