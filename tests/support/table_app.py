"""A table alone in a terminal: `python -m tests.support.table_app [ROWS]`. Keys make things happen to it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from textual import on

from tests.support.jobs import NOW, job, listed
from tui.live.lists.view import View
from tui.toolkit.drawing.painting import FrugalPainting
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.message import Message


class TableApp(FrugalPainting):
    """F1 changes one row, F2 twenty, F3 none, F4 adds one on top, F5 lets a second pass, F6 an hour, F7 hides."""

    BINDINGS = [(f"f{number}", f"happen({number})") for number in range(1, 8)]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, rows: int = 1000, *, theme: str = "textual-dark") -> None:
        super().__init__()
        self.theme = theme
        self.clock = NOW
        self.collection = listed(rows)
        self.table = LiveTable()
        self.heard: list[Message] = []
        self._times = 0

    def compose(self) -> ComposeResult:
        """The table, and nothing else."""
        yield self.table

    def on_mount(self) -> None:
        """Show all rows."""
        self.table.show(View(self.collection, clock=lambda: self.clock))
        self.collection.subscribe(self.table.apply)
        self.table.focus()
        self.fill()

    def fill(self) -> None:
        """Let what the table shows change before its first frame."""

    @on(LiveTable.Highlighted)
    @on(LiveTable.Selected)
    @on(LiveTable.MarksChanged)
    @on(LiveTable.NearEnd)
    @on(LiveTable.Sorted)
    def hear(self, message: Message) -> None:
        """Keep what the table says."""
        self.heard.append(message)

    def action_happen(self, what: int) -> None:
        """Let something happen."""
        self._times += 1
        changed = {1: range(3, 4), 2: range(2, 22)}.get(what, range(0))
        items = [
            job(number, done=(50 + self._times) % 100) if number in changed else self.collection.records[id_].raw
            for number, id_ in enumerate(self.collection.order[:100])
        ]
        if what == 4:
            items.insert(0, job(10**6 + self._times, created_at=self.clock))
        if what == 7:
            self.table.display = not self.table.display
        elif what in (5, 6):
            self.clock += 1 if what == 5 else 3600
            self.table.tick(self.clock)
        else:
            self.collection.apply(items, after=None, has_more=True, next=None, now=self.clock)


if __name__ == "__main__":
    TableApp(*map(int, sys.argv[1:])).run()
