"""What has changed in a list since the last visit: its rows are marked until the user has seen them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.screens.places.listing.filter import FilteredList
from tui.widgets.base.layout import SETTLE
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import Iterable


class ListNews(FilteredList):
    """A list whose changed rows are marked."""

    BINDINGS = [
        Binding("M", "look_at_all", "point out no more what changed", id="list.looked_at"),
    ]
    _knows_news = False  # whether it was found out what has changed

    def find_news(self) -> None:
        """Find what has changed since the last visit: once, as soon as the list is there."""
        overview, collection = self.navigator.session.overview, self.list_watch.collection
        if overview and collection.records and not self.location.scope and not self._knows_news:
            self._knows_news = True
            self.view.news = overview.find_changed(collection) - self.navigator.session.looked_at

    def look_soon(self, id_: str | None) -> None:
        """Note that the user has seen an object, if the cursor rests on it."""
        if id_ in self.view.news:
            self.set_timer(SETTLE, partial(self._look_at_resting, id_))

    def _look_at_resting(self, id_: str) -> None:
        if self.query(LiveTable) and self.query_one(LiveTable).cursor_id == id_:
            self._look_at([id_])

    def _look_at(self, ids: Iterable[str]) -> None:
        """Mark objects no more: the user has seen them."""
        if seen := self.view.news.intersection(ids):
            self.view.news -= seen
            self.navigator.session.looked_at |= seen
            self.query_one(LiveTable).sync()
            self.say()

    def action_look_at_all(self) -> None:
        """Mark no object any more."""
        self._look_at(list(self.view.news))
