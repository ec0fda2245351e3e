"""What has changed in a list since the last visit: its rows are marked until the user has seen them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.live.combined.rows import split_key
from tui.screens.places.listing.filter import FilteredList
from tui.widgets.base.layout import SETTLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator


class ListNews(FilteredList):
    """A list whose changed rows are marked."""

    BINDINGS = [
        Binding("M", "look_at_all", "point out no more what changed", id="list.looked_at"),
    ]

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self._known_news: set[str] = set()  # the accounts of which it was found out what has changed

    def find_news(self) -> None:
        """Find what has changed since the last visit: once, as soon as the list is there."""
        if not self.list_watch.collection.records or self.location.scope:
            return
        for account in self.accounts:
            session, lists = account.session, self.list_watch.by_account
            own = lists.get(account.name) or lists.get("")
            if session.overview and own and own.collection.records and account.name not in self._known_news:
                self._known_news.add(account.name)
                found = session.overview.news.find_changed(own.collection) - session.looked_at
                keys = {self.list_watch.key_of(account.name, id_) for id_ in found}
                for side in self.sides:
                    if side.account in ("", account.name):
                        side.view.news |= keys

    def look_soon(self, id_: str | None) -> None:
        """Note that the user has seen an object, if the cursor rests on it."""
        if id_ in self.view.news:
            self.set_timer(SETTLE, partial(self._look_at_resting, id_))

    def _look_at_resting(self, id_: str) -> None:
        if self.table.cursor_id == id_:
            self._look_at([id_])

    def _look_at(self, ids: Iterable[str]) -> None:
        """Mark objects no more: the user has seen them."""
        if seen := self.view.news.intersection(ids):
            self.view.news -= seen
            for account, id_ in map(split_key, seen):
                self.navigator.find_account(account or self.location.account).session.looked_at.add(id_)
            self.table.sync()
            self.say()

    def action_look_at_all(self) -> None:
        """Mark no object any more."""
        self._look_at(list(self.view.news))
