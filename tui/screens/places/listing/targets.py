"""The rows of a list that keys act on, the objects they show, and whose these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.combined.rows import Row
from tui.screens.places.listing.plans import ListPlans
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record
    from tui.screens.navigation.accounts.account import Account


class ListTargets(ListPlans):
    """A list of which keys act on the marked rows, else on the one under the cursor, each in its own account."""

    @property
    def row(self) -> Record | None:
        """The row under the cursor."""
        table = self.query_one_optional(LiveTable)
        key = table.cursor_id if table else None
        return self.list_watch.collection.records.get(key) if key else None

    @property
    def account(self) -> Account:
        """The account of the row under the cursor."""
        row = self.row
        return self.navigator.find_account(row.account) if isinstance(row, Row) else super().account

    @property
    def record(self) -> Record | None:
        """The object under the cursor."""
        row = self.row
        return row.own if isinstance(row, Row) else row

    def _marked(self) -> list[Record]:
        """Return the rows that are marked, as they stand in the list; hidden ones last."""
        collection = self.list_watch.collection
        if not (marks := self.view.marks & collection.records.keys()):
            return []
        shown = [key for key in self.view.ids if key in marks]
        hidden = marks.difference(shown)
        return [collection.records[key] for key in (*shown, *(key for key in collection.order if key in hidden))]

    def targets(self) -> Sequence[Record]:
        """Return the marked objects, else the one under the cursor."""
        marked = [row.own if isinstance(row, Row) else row for row in self._marked()]
        return marked or super().targets()

    def group_targets(self) -> Sequence[tuple[Account, Sequence[Record]]]:
        """Return the marked objects, else the one under the cursor, by the account they are of."""
        groups: dict[str, list[Record]] = {}
        for row in self._marked():
            if isinstance(row, Row):
                groups.setdefault(row.account, []).append(row.own)
        if not groups:
            return super().group_targets()
        return [(each, groups[each.name]) for each in self.accounts if each.name in groups]

    def show_changed_of(self, account: Account, raw: dict[str, Any]) -> None:
        """Put the cursor on what was made."""
        id_ = raw.get(self.resource.identify)
        key = self.list_watch.key_of(account.name, id_) if isinstance(id_, str) else ""
        if key and self.view.index(key) is not None:
            self.query_one(LiveTable).cursor_id = key
