"""A table alone in a terminal: `python -m tests.benchmarks.table_app ROWS [THEME]`. Keys make things happen to it."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult

from tests.live.jobs import NOW, job, listed
from tui.live.view import View
from tui.widgets.live_table import LiveTable


class TableApp(App[None]):
    """F1 changes one row, F2 twenty, F3 nothing, F4 adds one on top, F5 lets a second pass, F6 an hour."""

    BINDINGS = [(f"f{number}", f"happen({number})") for number in range(1, 7)]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, rows: int, theme: str) -> None:
        super().__init__()
        self.theme = theme
        self._clock = NOW
        self._times = 0
        self.collection = listed(rows)

    def compose(self) -> ComposeResult:
        """The table, and nothing else."""
        yield LiveTable()

    def on_mount(self) -> None:
        """Show all rows."""
        table = self.query_one(LiveTable)
        table.show(View(self.collection, look=lambda: self._clock))
        self.collection.subscribe(table.apply)

    def action_happen(self, what: int) -> None:
        """Let something happen."""
        self._times += 1
        changed = {1: range(3, 4), 2: range(2, 22)}.get(what, range(0))
        items = [
            job(number, done=(50 + self._times) % 100) if number in changed else self.collection.records[id_].raw
            for number, id_ in enumerate(self.collection.order[:100])
        ]
        if what == 4:
            items.insert(0, job(10**6 + self._times))
        if what in (5, 6):
            self._clock += 1 if what == 5 else 3600
            self.query_one(LiveTable).tick(self._clock)
        else:
            self.collection.apply(
                items, after=None, has_more=len(self.collection.order) > 100, next=None, now=self._clock
            )


if __name__ == "__main__":
    TableApp(int(sys.argv[1]), *sys.argv[2:] or ["textual-dark"]).run()
