"""The rows of a view as a table: columns fitted, repainted row by row as they change, its place kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.live.lists.collection import Collection
from tui.live.lists.cursor import ListCursor
from tui.live.lists.view import View
from tui.resources.language.column import ACCOUNT_TONES
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource
from tui.widgets.base.frugal import FrugalView
from tui.widgets.base.tones import build_account_rules
from tui.widgets.table.fitting import lay_out
from tui.widgets.table.table_rows import Painter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style
    from textual.geometry import Region

    from tui.live.lists.collection import Delta
    from tui.resources.language.column import Column

HEADER = 1  # lines above the first row
_NOTHING = Resource("nothing", "nothing", "", Object, ())  # what a table shows before it is given a view


class TableView(FrugalView):
    """Rows of a view, with a cursor that belongs to an object, not to a row number. `LiveTable` adds the keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"live-table--{part}"
        for part in ("header", "chosen", "cursor", "mark", "dim", "accent", "good", "warn", "bad", *ACCOUNT_TONES)
    }
    DEFAULT_CSS = """
    TableView {
        height: 1fr;
        & > .live-table--header { color: $text-muted; }
        & > .live-table--chosen { color: $text-accent; text-style: underline; }
        & > .live-table--mark { color: $text-accent; }
        & > .live-table--dim { color: $text-muted; }
        & > .live-table--accent { color: $text-accent; }
        & > .live-table--good { color: $text-success; }
        & > .live-table--warn { color: $text-warning; }
        & > .live-table--bad { color: $text-error; }
        & > .live-table--cursor { color: $foreground; background: $primary 20%; }
        &:focus > .live-table--cursor { color: $foreground; background: $primary 45%; }
        &:ansi > .live-table--cursor { color: ansi_default; background: ansi_bright_black; }
        &:ansi:focus > .live-table--cursor { color: ansi_bright_white; background: ansi_blue; }
    }
    """ + build_account_rules("TableView", "live-table")
    wide: reactive[bool] = reactive(False, repaint=False)
    """Whether all columns are shown, also those that do not fit."""

    @dataclass
    class Highlighted(Message, namespace="live_table"):
        """The cursor stands on another object, or on none. It may be passing: wait a little before fetching."""

        table: TableView
        id: str | None

    @dataclass
    class NearEnd(Message, namespace="live_table"):
        """The user came within a screen of the last row, and the collection has more to load."""

        table: TableView

    @dataclass
    class Fitted(Message, namespace="live_table"):
        """The columns have other room now than they would fill: `lacking` cells more or, below 0, less."""

        table: TableView
        lacking: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.view = View(Collection(_NOTHING))
        self._list_cursor = ListCursor()
        self._painter = Painter(self._style)
        self._reasons: list[tuple[int, str]] = []
        self._reasons_key: tuple[object, ...] = ()
        self._chosen: Column | None = None
        self._lacking = 0

    # What is shown.

    @property
    def cursor_id(self) -> str | None:
        """The id of the object the cursor stands on. Set it to move there, as soon as the object is listed."""
        return self._list_cursor.cursor

    @cursor_id.setter
    def cursor_id(self, id: str) -> None:  # noqa: A002
        self._list_cursor.wanted = id
        self._follow()

    @property
    def ranging(self) -> bool:
        """Whether moving the cursor marks rows."""
        return self._list_cursor.ranging

    @property
    def seen_ids(self) -> Sequence[str]:
        """The ids of the rows in sight."""
        return self._list_cursor.seen

    @property
    def seen_columns(self) -> list[Column]:
        """The columns that are shown, in order."""
        return [slot.column for slot in self._painter.slots]

    def list_fitting_columns(self) -> list[Column]:
        """Return the columns that are shown; while it shows no row, those that its screen has room for."""
        if seen := self.seen_columns:
            return seen
        view = self.view
        narrow = {column.header: len(column.header) for column in view.columns}  # nobody knows what they hold
        fitted = lay_out(view.columns, self.screen.size.width, self.wide or view.are_chosen, narrow)
        return [slot.column for slot in fitted]

    @property
    def unseen_columns(self) -> list[Column]:
        """The columns that have no room."""
        seen = self.seen_columns
        return [column for column in self.view.collection.resource.columns if column not in seen]

    def show(self, view: View) -> None:
        """Show a view."""
        if view is not self.view:
            if self.cursor_id is not None and not len(view):
                self.post_message(self.Highlighted(self, None))
            self.view, self._list_cursor, self._chosen = view, ListCursor(), None
            self._painter.tone_of = view.tone_of if view.tones else None
            self._painter.forget_content()
            self.scroll_to(0, 0, animate=False, force=True)
        self._arrange_columns()
        self.refilter()

    def refilter(self) -> None:
        """Follow a change of the view's query, sort or marks."""
        self._follow()
        self._near_end()

    def show_columns(self, columns: Sequence[Column], are_chosen: bool) -> None:
        """Show these columns, in this order; all of them where the user has chosen them."""
        self.view.columns, self.view.are_chosen = columns, are_chosen
        self._chosen = None
        self._painter.forget_content()
        self._arrange_columns()
        self.scroll_to(x=0, animate=False, force=True)
        self.sync()

    def rename(self) -> None:
        """Follow names that came to be known, in whose order rows may stand and which columns are as wide as."""
        self._painter.forget_content()
        self._painter.forget()
        self._arrange_columns()
        self.refilter()

    def apply(self, delta: Delta) -> None:
        """Follow a change of the collection. Call it after refreshes without a change too: they end highlights."""
        view = self.view
        shift = view.apply(delta)
        self._painter.calm()
        for id_ in set(delta.changed).intersection(self._list_cursor.seen, view.collection.records):
            self._painter.brighten(view.collection.records[id_], view.context_of)
        if shift.rows is None:
            self._follow()
            self.call_after_refresh(self._fit_to_sight)
        else:
            self.sync()

    def tick(self, _now: float = 0.0) -> None:
        """Draw again what reads differently because time has passed."""
        self._painter.forget()
        self._reasons_key = ()
        self.sync()

    def watch_wide(self) -> None:
        """Fit the columns anew."""
        self._arrange_columns()
        self.sync()

    # Drawing.

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines; the first frame is the first to know the width."""
        self._arrange_columns()
        lines = super().render_lines(crop)
        if self._painter.grown:
            self.call_next(self._regrow)
        return lines

    def restyle(self) -> None:
        """Draw with the new styles."""
        self._painter.restyle()

    def on_resize(self) -> None:
        """Fit the columns to the new width, and keep the cursor in sight."""
        self._painter.forget_content()
        self._arrange_columns()
        self._scroll(self._list_cursor.reveal(self._top, self._page))
        self.sync()
        self._near_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for more when the end comes near."""
        super().watch_scroll_y(old_value, new_value)
        self._near_end()

    @property
    def _page(self) -> int:
        """The number of rows in sight."""
        return max(1, self.size.height - HEADER)

    @property
    def _top(self) -> int:
        """The first row in sight."""
        return self.scroll_offset.y

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"live-table--{part}") if part else self.rich_style

    def line(self, y: int) -> Strip:
        """Draw the header or a row."""
        view, left, width = self.view, self.scroll_offset.x, self.size.width
        row = self._top + y - HEADER
        strip = None
        if y < HEADER:
            strip = self._painter.header(view.sort, self._chosen)
        elif lines := self._lay_out_reasons():
            row, reason = lines[y - HEADER] if y - HEADER < len(lines) else (len(view), "")
            if reason:
                return self._painter.why(reason, width)
        if y >= HEADER and row < len(view):
            id_ = view.ids[row]
            # It may be gone already, before the delta arrives here.
            if record := view.collection.records.get(id_):
                strip = self._painter.row(
                    record, view.context_of, id_ == self.cursor_id, id_ in view.marks, id_ in view.news
                )
        return self._painter.crop(strip, left, width) if strip else Strip.blank(width, self.rich_style)

    def _lay_out_reasons(self) -> Sequence[tuple[int, str]]:
        """Return the row of each line, and on a line under one that needs somebody the reason.

        There are such lines only where all rows have room with them, so that nothing scrolls; else it is empty.
        """
        view, room = self.view, self._page
        if len(view) >= room or not self._painter.slots:
            self._painter.tell_below({})
            return ()
        key = (view.collection.version, tuple(view.ids), room, self._painter.slots)
        if key != self._reasons_key:
            self._reasons_key = key
            self._painter.tell_below({})
            needing, records, context_of = view.collection.attention(), view.collection.records, view.context_of
            lines = []
            for row, id_ in enumerate(view.ids):
                lines.append((row, ""))
                reason, record = needing.get(id_), records.get(id_)
                if reason and record and not self._painter.tells(record, context_of, reason):
                    lines.append((row, reason))
            self._reasons = lines if len(view) < len(lines) <= room else []
            self._painter.tell_below({view.ids[row]: reason for row, reason in self._reasons if reason})
        return self._reasons

    def line_of(self, row: int) -> int:
        """Return the line of the widget that a row stands on."""
        if lines := self._lay_out_reasons():
            return lines.index((row, "")) + HEADER if (row, "") in lines else len(lines) + HEADER
        return row - self._top + HEADER

    def row_of(self, line: int) -> int:
        """Return the row on a line of the widget; behind the last one a number that no row has."""
        if lines := self._lay_out_reasons():
            return lines[line - HEADER][0] if line - HEADER < len(lines) else len(self.view)
        return self._top + line - HEADER

    def sync(self, lines: Iterable[int] | None = None) -> None:
        """Draw what differs, and remember which rows are in sight."""
        super().sync(lines)
        if self._painter.grown:
            self._regrow()
        if self.size.height:
            self._list_cursor.look_around(self.view, self._top, self._page)

    def _arrange_columns(self) -> None:
        """Fit the columns to the width, and to what the rows in sight hold."""
        view = self.view
        if self.size:  # before that nobody knows which rows are in sight
            if not self._painter.knows_content:
                known = map(view.collection.records.get, view.ids[self._top : self._top + self._page])
                shown = [column for column in view.columns if self.wide or self._keeps(column) or not column.wide]
                self._painter.measure(shown, filter(None, known), view.context_of)
            self._painter.arrange(view.columns, self.size.width, self.wide, self._keeps)
            if self._painter.lacking != self._lacking:
                self._lacking = self._painter.lacking
                self.post_message(self.Fitted(self, self._lacking))
        self.measure(self._painter.width, len(self.view) + HEADER)

    def _keeps(self, column: Column) -> bool:
        """Return whether a column is there in whatever width: it was chosen, or rows stand in its order."""
        return self.view.are_chosen or self.view.sort.lstrip("-") == column.header

    def _fit_to_sight(self) -> None:
        """Fit the columns to what is in sight now, once it has scrolled there."""
        self._painter.forget_content()
        self._arrange_columns()
        self.sync()

    def _regrow(self) -> None:
        """Fit the columns anew, as they hold more than before."""
        self._arrange_columns()
        super().sync()

    # Keeping the cursor and the scroll position.

    def _follow(self) -> None:
        """Find the place again after rows moved, came or went."""
        top, moved = self._list_cursor.follow(self.view, self._top, self._page)
        self.measure(self._painter.width, len(self.view) + HEADER)
        if self.size.height:  # else the first frame brings the cursor into sight
            self._scroll(top)
        self.sync()
        if moved:
            self.post_message(self.Highlighted(self, self.cursor_id))

    def _scroll(self, top: int) -> None:
        """Make a row the first in sight, as far as there are rows to fill the rest."""
        top = max(0, min(top, len(self.view) - self._page))
        self.scroll_to(y=top, animate=False, force=True)

    def _near_end(self) -> None:
        """Ask for more rows when the last ones come near."""
        view = self.view
        if view.collection.records and not view.collection.complete:
            last = max(self._list_cursor.row, self._top + self._page - 1)
            if len(view) - last <= self._page:
                self.post_message(self.NearEnd(self))
