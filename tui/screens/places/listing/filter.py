"""The filter of a list, as one types it; and the filters that the server applies."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import work
from textual.binding import Binding

from tui.live.lists.query import QueryError, expand_saved
from tui.live.lists.view import View
from tui.resources.language.resource import title_of
from tui.screens.places.listing.sides import ListSides
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.config.settings import OwnView
    from tui.resources.language.column import Tone
    from tui.resources.language.objects import Record
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.screens.places.object_actions import ObjectGroups

BREATH = 0.001  # seconds between two slices, in which a key is dealt with


class FilteredList(ListSides):
    """A place whose tables show a view of its list, filtered as its location says."""

    BINDINGS = [
        Binding("slash", "filter", "filter", id="list.filter", key_display="/", priority=True),
    ]

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self.list_watch.set_query(location.query)  # the list may be filtered as it was when it was left
        is_first, location.is_seen = not location.is_seen, True
        own = self._find_own_view()
        if own and is_first and not (location.filter or location.query or location.attention or location.cursor):
            location.filter = own.filter
        self.make_sides()

    def _find_own_view(self) -> OwnView | None:
        """Return how the user wants the list to be shown, unless the location says otherwise."""
        return self.navigator.own.views.get(self.resource.name)

    def make_view(self, only: Callable[[Record], bool] | None) -> View:
        """Return the rows of the list, or `only` some of them, filtered and sorted as its location says."""
        here = self.location
        platform = self.navigator.find_account(here.at[0]).platform
        view = View(self.list_watch.collection, clock=platform.now, name=platform.names.of, only=only)
        if own := self._find_own_view():
            if own.sort and here.sort is None:
                view.set_sort(own.sort)
            view.set_tones((rule.when, cast("Tone", rule.tone)) for rule in own.colours)
        if here.sort is not None:
            with suppress(KeyError):  # it may be by whose a row is, and all are of one account now
                view.set_sort(here.sort)
        return view

    def show_sides(self) -> None:
        """Show the rows of all sides; those of long lists are worked out bit by bit."""
        super().show_sides()
        for side in self.sides:
            side.view.defer = self._work_out_rows

    @work(group="rows", exclusive=True, exit_on_error=False)
    async def _work_out_rows(self) -> None:
        """Work out which rows are shown, in slices: keys that are typed meanwhile are not late."""
        self.say()
        while working := [side for side in self.sides if side.view.is_working]:
            for side in working:
                shown = side.view.ids
                side.view.work()
                if side.view.ids is not shown:
                    side.table.refilter()
                    self.say()
            await asyncio.sleep(BREATH)

    def action_filter(self) -> None:
        """Ask for a filter, starting from the one there is."""
        from tui.screens.places.listing.filter_words import complete_filter

        collection, saved = self.list_watch.collection, self.navigator.own.filters
        known = collection.resource, collection.records, self.platform.now
        complete = partial(complete_filter, *known, saved=saved)
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
        self.say()
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
            for side in self.sides:
                side.view.set_query(expand_saved(text, self.navigator.own.filters))
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
        self.refilter()
        self.say()
        return True

    def action_watch(self) -> None:
        """Watch the objects that keys act on, or all of the list, those to come included, until they are over.

        The list is meant where all that it shows is marked, or nothing is there yet. Where a filter is in force
        and nothing is marked, it is asked which.
        """
        ids, marks = self.view.ids, self.view.marks
        if not ids or (marks and marks.issuperset(ids)):
            self._watch_list()
        elif self.location.filter and not marks:
            self._ask_what_to_watch(self.group_watched())
        else:
            super().action_watch()

    @work(group="watch", exclusive=True, exit_on_error=False)
    async def _ask_what_to_watch(self, groups: ObjectGroups) -> None:
        from tui.screens.dialogs.pick import Choice, Pick

        name = title_of(self.resource, self.record) if self.record else ""
        choices = [
            Choice("one", f"this {self.resource.singular} alone", name or self.location.at[1]),
            Choice("list", f"{len(self.view):,} now, and each that comes", f"/{self.location.filter}"),
        ]
        chosen = await self.app.push_screen_wait(Pick("Tell me when it is over", choices, verb="watch"))
        if chosen == ["one"]:
            self.toggle_watches(groups)
        elif chosen:
            self._watch_list()

    def _watch_list(self) -> None:
        """Watch the objects of the list that fit the filter, so that each end is told; or stop watching them."""
        from tui.workflows.watch_rules.rules import RuleError

        lasting, is_watched = "", False
        for account in self.acting_accounts:
            rules, lists = account.session.rules, self.list_watch.by_account
            own = lists.get(account.name) or lists.get("")
            if rules is None or own is None or not own.health.since:
                continue
            try:
                rule = rules.toggle_list(own.collection, self.location.query, self.location.filter)
            except (RuleError, QueryError) as error:
                self.actor.say(str(error), bad=True)
                return
            except OSError as error:
                self.actor.say(f"What is watched cannot be kept: {error.strerror or error}.", bad=True)
                return
            is_watched, lasting = rule is not None, "" if rules.lasting else ", as long as the program runs"
        is_known = any(account.session.rules for account in self.acting_accounts)
        if not (is_known and self.list_watch.health.since):
            return
        what = f"/{self.location.filter}" if self.location.filter else self.resource.name
        self.actor.say(
            f"You are told when each of {what} is over, also of what comes later{lasting}."
            if is_watched
            else f"No longer watched: all of {what}."
        )

    def set_server_filter(self, param: str, value: str) -> None:
        """Let the server filter; without a value it no longer does."""
        if value:
            self.location.query[param] = value
        else:
            self.location.query.pop(param, None)
        self.list_watch.set_query(self.location.query)
        self.say()
