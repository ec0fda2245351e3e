"""The filter of a list, as one types it; and the filters that the server applies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.live.lists.query import QueryError
from tui.live.lists.view import View
from tui.screens.places.detail_beside import DetailBeside
from tui.screens.places.listing import text as list_text
from tui.widgets.input.prompt import Prompt
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator


class FilteredList(DetailBeside):
    """A place whose table shows a view of its list, filtered as its location says."""

    BINDINGS = [
        Binding("slash", "filter", "filter", id="list.filter", key_display="/", priority=True),
    ]

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        if location.query:
            self.list_watch.set_query({**location.resource.query, **location.query})
        self.view = View(self.list_watch.collection, clock=self.platform.now, name=self.platform.names.of)
        if location.sort is not None:
            self.view.set_sort(location.sort)

    def action_filter(self) -> None:
        """Ask for a filter, starting from the one there is."""
        complete = partial(
            list_text.complete_filter, self.resource, self.list_watch.collection.records, self.platform.now
        )
        self.query_one(Prompt).open("/", self.location.filter, complete, accept=self._keep_filter)

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """Filter as it is typed."""
        if event.sign == "/":
            self.filter_by(event.text)

    def _keep_filter(self, text: str) -> bool:
        """Filter by the finished line and go back to the list, unless there is a fault in it."""
        if not self.filter_by(text):
            return False
        self.query_one(Prompt).close()
        self.focus_home()
        return True

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        """Clear the filter: its prompt was left."""
        if event.sign == "/":
            self.filter_by("")

    def filter_by(self, text: str) -> bool:
        """Filter by `text`. Returns whether there is no fault in it.

        A fault is shown beside it, with the filter that stays in force.
        """
        prompt = self.query_one(Prompt)
        try:
            self.view.set_query(text)
        except QueryError as error:
            kept = self.view.query.source
            fault = f"{error.message} {f'In force is /{kept}.' if kept else 'No filter is in force.'}"
            if prompt.is_open:
                prompt.fault(fault)
            else:  # the filter came with the place
                self.actor.say(fault, bad=True)
            self.location.filter = kept
            return False
        prompt.fault("")
        self.location.filter = text.strip()
        self.query_one(LiveTable).refilter()
        self.say()
        return True

    def set_server_filter(self, param: str, value: str) -> None:
        """Let the server filter; without a value it no longer does."""
        if value:
            self.location.query[param] = value
        else:
            self.location.query.pop(param, None)
        self.list_watch.set_query({**self.resource.query, **self.location.query})
        self.say()
