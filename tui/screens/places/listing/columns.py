"""The columns of a list: those that the user has chosen, and choosing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding

from tui.resources.language.column import META
from tui.screens.places.listing.targets import ListTargets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.column import Column


class ListColumns(ListTargets):
    """A list of which the user chooses the columns and their order."""

    BINDINGS = [
        Binding("o", "choose_columns", "choose columns", id="list.columns"),
    ]

    def find_columns(self) -> tuple[Sequence[Column], bool]:
        """Return the columns to show, and whether the user has chosen them; that of the profile stands before."""
        own = self.navigator.own.views.get(self.resource.name)
        names = self.navigator.session.layout.columns(self.resource.name) or (own.columns if own else ())
        listed = self.list_watch.collection.resource
        chosen = [column for column in map(listed.column_at, names) if column]
        if not chosen:
            return (self.resource if self.is_beside else listed).columns, False
        whose = [column for column in listed.columns if column not in (*self.resource.columns, *chosen)]
        return (chosen if self.is_beside else [*whose, *chosen]), True

    @work(group="columns", exclusive=True, exit_on_error=False)
    async def action_choose_columns(self) -> None:
        """Choose the columns, and their order."""
        from tui.screens.dialogs.choose_columns import ChooseColumns
        from tui.screens.places.listing.filter_words import find_metadata_keys

        shown = [column.header for column in self.table.list_fitting_columns()]
        known = [column.header for column in self.list_watch.collection.resource.columns]
        keys = find_metadata_keys(self.list_watch.collection.records.values())
        others = [name for name in (*known, *(f"{META}{key}" for key in keys)) if name not in shown]
        chosen = await self.app.push_screen_wait(ChooseColumns(self.resource.name, shown, others))
        if chosen is None:
            return
        self.navigator.session.layout.choose(self.resource.name, chosen)
        self.keep_layout()
        for side in self.sides:
            side.table.show_columns(*self.find_columns())
