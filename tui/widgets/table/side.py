"""Sides: a list's table, or beside each other the tables of several accounts, each under what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.widgets.base.bars import Bar, NoticeBar
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.live.lists.collection import Delta
    from tui.live.lists.view import View
    from tui.live.polling.watch import Watch
    from tui.widgets.base.freshness import Parts
    from tui.widgets.table.live_table import LiveTable

LEAST = 38
"""Cells from which on a table has room beside another one."""


class SideTitle(Bar):
    """The account of a side, what it has, and how fresh that is."""

    DEFAULT_CSS = """
    SideTitle { background: $surface; }
    """
    KEEPS_RIGHT = True


class Side(Vertical):
    """The table of a list, with a page in its place while it has no rows.

    It is of one `account` where several have a side each, and says above the table what that one has.
    """

    DEFAULT_CSS = """
    Side { width: 1fr; height: 1fr; }
    Side > #page { display: none; height: 1fr; padding: 2 4; }
    Side.-next { border-left: solid $panel; }
    Side.-own > #page { padding: 1 2; }
    """

    def __init__(self, list_watch: Watch, view: View, table: LiveTable, account: str = "") -> None:
        """`list_watch` keeps fresh what the view shows."""
        super().__init__(classes="-own" if account else "")
        self.list_watch, self.view, self.table, self.account = list_watch, view, table, account
        self._title, self._notice, self._page = SideTitle(), NoticeBar(), Static(id="page")
        self._is_shown, self._version = False, view.collection.version

    def compose(self) -> ComposeResult:
        """Yield what is said of the account, the table, and the page."""
        if self.account:
            yield self._title
            yield self._notice
        yield self.table
        yield self._page

    def show(self) -> None:
        """Show the rows, from now on as they change."""
        self._is_shown = True
        if self.view.collection.version != self._version:  # nobody told the view so far
            self.view.recompute()
        self.table.show(self.view)

    def apply(self, delta: Delta) -> None:
        """Follow a change of the list."""
        if self._is_shown:
            self.table.apply(delta)
        else:
            self.view.apply(delta)

    def say(self, left: Parts, right: Parts, notice: Parts) -> None:
        """Say what the account has, how fresh that is, and what is amiss."""
        self._title.show(left, right)
        self._notice.show(notice)

    def show_page(self, page: Sequence[Parts] | None) -> None:
        """Show paragraphs in place of the table, or with None the table."""
        # Not by a class: that would style everything in it anew.
        self.table.display, self._page.display = page is None, page is not None
        if page:
            self._page.update(Content("\n\n").join(map(build_line, page)))


class Sides(Horizontal):
    """Sides beside each other, as many as have room: the one that was chosen last is among them."""

    @dataclass
    class Fitted(Message):
        """Other sides are in sight now."""

    _shown: Sequence[Side] = ()
    _chosen: Side | None = None
    _first = 0  # of those that are in sight

    def choose(self, side: Side, among: Sequence[Side]) -> None:
        """Have a side in sight, and of those beside it as many as have room."""
        self._chosen, self._shown = side, among
        self._fit()

    def on_resize(self) -> None:
        """Show as many as have room now."""
        self._fit()

    def _fit(self) -> None:
        """Show as many as have room: those that were in sight, as far as the chosen one is among them."""
        sides = self._shown
        if self._chosen not in sides or len(sides) < 2:
            return
        room, at = max(1, self.size.width // LEAST), sides.index(self._chosen)
        self._first = min(max(self._first, at - room + 1), at, max(0, len(sides) - room))
        before = [side.display for side in sides]
        for index, side in enumerate(sides):
            side.display = self._first <= index < self._first + room
            side.set_class(self._first < index, "-next")
        if before != [side.display for side in sides]:
            self.post_message(self.Fitted())
