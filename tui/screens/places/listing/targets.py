"""The rows of a list that keys act on, the objects they show, and whose these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.combined.rows import Row
from tui.screens.places.listing.plans import ListPlans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.live.lists.view import View
    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.screens.navigation.accounts.account import Account


class ListTargets(ListPlans):
    """A list of which keys act on the marked rows, else on the one under the cursor, each in its own account."""

    @property
    def row(self) -> Record | None:
        """The row under the cursor."""
        key = self.table.cursor_id if self.sides else None
        return self.list_watch.collection.records.get(key) if key else None

    @property
    def account(self) -> Account:
        """The account of the side, else that of the row under the cursor."""
        if self.is_beside:
            return self.navigator.find_account(self.side.account)
        row = self.row
        return self.navigator.find_account(row.account) if isinstance(row, Row) else super().account

    @property
    def record(self) -> Record | None:
        """The object under the cursor."""
        row = self.row
        return row.own if isinstance(row, Row) else row

    def _marked(self, view: View) -> list[Record]:
        """Return the rows of a view that are marked, as they stand in the list; hidden ones last."""
        collection = self.list_watch.collection
        if not (marks := view.marks & collection.records.keys()):
            return []
        shown = [key for key in view.ids if key in marks]
        hidden = marks.difference(shown)
        return [collection.records[key] for key in (*shown, *(key for key in collection.order if key in hidden))]

    def targets(self) -> Sequence[Record]:
        """Return the marked objects, else the one under the cursor."""
        marked = [row.own if isinstance(row, Row) else row for row in self._marked(self.view)]
        return marked or super().targets()

    def group_targets(self) -> Sequence[tuple[Account, Sequence[Record]]]:
        """Return the marked objects, else the one under the cursor, by the account they are of."""
        groups: dict[str, list[Record]] = {}
        for row in self._marked(self.view):
            if isinstance(row, Row):
                groups.setdefault(row.account, []).append(row.own)
        if not groups:
            return super().group_targets()
        return [(each, groups[each.name]) for each in self.accounts if each.name in groups]

    @property
    def acting(self) -> tuple[Record | None, Platform]:
        """The first object that keys act on, without gathering the others, and its platform."""
        records, marks = self.list_watch.collection.records, self.view.marks
        first = next((key for key in self.view.ids if key in marks), None) if marks else None
        row = records.get(first) if first else None
        return super().acting if row is None or isinstance(row, Row) else (row, self.account.platform)

    def find_compared(self) -> Sequence[tuple[Account, Record]]:
        """Return the marked objects of all sides, else what keys act on."""
        marked = [row for side in self.sides for row in self._marked(side.view) if isinstance(row, Row)]
        if not (self.is_beside and marked):
            return super().find_compared()
        return [(self.navigator.find_account(row.account), row.own) for row in marked]

    def show_changed_of(self, account: Account, raw: dict[str, Any]) -> None:
        """Put the cursor on what was made."""
        id_ = raw.get(self.resource.identify)
        key = self.list_watch.key_of(account.name, id_) if isinstance(id_, str) else ""
        for side in self.sides:
            if key and side.account in ("", account.name) and side.view.index(key) is not None:
                side.table.cursor_id = key
