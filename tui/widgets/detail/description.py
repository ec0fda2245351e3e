"""The description of an object, its sections side by side where the view is wider than high."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Horizontal

from tui.widgets.detail.summary import BLANK, Summary, SummaryRow, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.resources.language.column import CellContext
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_MOST = 3  # sections beside each other
_ROOM = 38  # cells each needs
_GROUPS = 12  # sections that are shared out one by one; what follows goes with the last


class Description(Horizontal):
    """Describes one object in one column of sections, or with `side_by_side` in as many as have room."""

    BINDINGS = [
        Binding("left", "step(-1)", "sections to the left", id="summary.left", show=False),
        Binding("right", "step(1)", "sections to the right", id="summary.right", show=False),
    ]
    DEFAULT_CSS = """
    Description > .parted { border-left: vkey $panel; }
    Description > .column { width: 1fr; scrollbar-size: 0 0; }
    Description > .column:blur > .line-view--cursor { background: $background; }
    """

    def __init__(self, *, side_by_side: bool = False) -> None:
        super().__init__()
        self._side_by_side = side_by_side
        self._rows: list[SummaryRow] = []

    def compose(self) -> ComposeResult:
        """Yield the columns."""
        if self._side_by_side:
            yield Summary(classes="column")
            for _ in range(_MOST - 1):
                yield Summary(classes="column parted")
        else:
            yield Summary()

    def show(self, resource: Resource, record: Record, context: CellContext) -> None:
        """Describe `record` as it is now."""
        self._rows = list(describe(resource, record, context))
        self._share_out()

    def on_resize(self) -> None:
        """Use as many columns as have room."""
        self._share_out()

    def _share_out(self) -> None:
        """Give each column its sections."""
        columns = list(self.query(Summary))
        number = max(1, min(len(columns), self.size.width // _ROOM)) if self.size.width else 1
        shares = share_out(self._rows, number)
        for at, column in enumerate(columns):
            column.display = at < len(shares)
            column.show_rows(shares[at] if at < len(shares) else [])

    def action_step(self, by: int) -> None:
        """Move the focus to another column."""
        columns = [column for column in self.query(Summary) if column.display]
        at = next((at for at, column in enumerate(columns) if column.has_focus), 0)
        self.screen.set_focus(columns[max(0, min(at + by, len(columns) - 1))])


def share_out(rows: Sequence[SummaryRow], number: int) -> list[list[SummaryRow]]:
    """Return the rows in up to so many columns of about the same height, in order; no section is torn."""
    groups: list[list[SummaryRow]] = [[]]
    for row in rows:
        if row == BLANK and groups[-1] and len(groups) < _GROUPS:
            groups.append([])
        groups[-1].append(row)
    number_of_cuts = min(number, len(groups)) - 1
    ways = (
        [groups[start:end] for start, end in zip((0, *cuts), (*cuts, len(groups)), strict=True)]
        for cuts in combinations(range(1, len(groups)), number_of_cuts)
    )
    best = min(ways, key=lambda way: max(sum(map(len, column)) for column in way))
    columns = [[row for group in column for row in group] for column in best]
    # A blank line parts sections, and begins no column.
    return [column[1:] if at else column for at, column in enumerate(columns)]
