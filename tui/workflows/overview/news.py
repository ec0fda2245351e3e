"""The news of an account: what has changed since the last visit, and what is kept for the next one."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

from tui.api.errors import NotServed
from tui.resources.index import COMPARED, RESOURCES
from tui.resources.language.reading.amounts import format_amount
from tui.workflows.overview.money import sum_since
from tui.workflows.overview.visits import (
    Change,
    Spent,
    Visit,
    find_changes,
    read_visit,
    summarize,
    take_visit,
    write_visit,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui.live.lists.collection import Collection
    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch
    from tui.resources.language.reading.amounts import Amount
    from tui.resources.language.resource import Resource
    from tui.system.state_file import StateFile
    from tui.workflows.overview.money import Money


class News:
    """Compares the lists of an account with those of the last visit, and keeps them for the next one.

    A list counts once it was read, whoever did that. It asks nothing itself.
    """

    def __init__(
        self,
        platform: Platform,
        visits: StateFile,
        lists: Iterable[Watch],
        find_money: Callable[[], Money | None],
        on_change: Callable[[], object],
    ) -> None:
        """`visits` is the file, if any, in which visits are kept; `lists` are there already.

        `on_change` hears when something may be new.
        """
        self._platform, self._visits = platform, visits
        self._find_money, self._on_change = find_money, on_change
        self.before: Visit | None = read_visit(visits)
        """The last visit before this one; None where none is known."""
        self._lists = {watch.collection.resource.name: watch for watch in lists}
        self._lists = {name: watch for name, watch in self._lists.items() if name in COMPARED}
        self._ahead = [
            entry.name
            for entry in RESOURCES
            if entry.name in COMPARED - self._lists.keys() and entry.name in platform.registry
        ]
        self._closed: list[str] = []  # lists for which there is no key
        self._changes: list[Change] | None = None
        for watch in self._lists.values():
            self._follow(watch)

    @property
    def keeps_visits(self) -> bool:
        """Whether it is kept how things are, for the next visit."""
        return self._visits.path is not None

    @property
    def lists(self) -> list[Watch]:
        """The lists that are compared: those taken up, and what others have read."""
        for collection in self._platform.loaded():
            if collection.resource.name in self._ahead and not collection.scope:
                self._take(collection.resource)
        return list(self._lists.values())

    def take_up(self) -> Watch | None:
        """Return the list of one more family that is to be compared; None where there is no other."""
        connection = self._platform.client.connection
        while self._ahead and self.keeps_visits:
            resource = self._platform.registry[self._ahead[0]]
            if not connection.needs_key(resource.key) or connection.key(resource.key):
                return self._take(resource)
            self._closed.append(self._ahead.pop(0))
        return None

    def _take(self, resource: Resource) -> Watch:
        self._ahead.remove(resource.name)
        watch = self._lists[resource.name] = self._platform.watch(resource)
        self._follow(watch)
        return watch

    def _follow(self, watch: Watch) -> None:
        watch.collection.subscribe(lambda _: self._note_change())
        watch.listen(lambda _: self._note_change())

    def _note_change(self) -> None:
        self._changes = None
        if self.before:
            self._on_change()

    # What is new.

    def changes(self) -> list[Change]:
        """Return what has changed since the last visit, as far as the lists are there."""
        if self._changes is None and self.before:
            there = [watch.collection for watch in self.lists if _is_there(watch)]
            self._changes = find_changes(self.before, there, self._platform.now(), self._platform.names.of)
        return self._changes or []

    def find_changed(self, collection: Collection) -> set[str]:
        """Return the ids of a list's objects that are new, or in another state, since the last visit."""
        if self.before is None:
            return set()
        now, name = self._platform.now(), self._platform.names.of
        return {each.id for each in find_changes(self.before, [collection], now, name) if each.what != "gone"}

    def spent(self) -> Amount | None:
        """Return what was spent since the last visit; None where that is not known."""
        money, known = self._find_money(), self.before.spent if self.before else None
        return sum_since(money, *known) if money and known else None

    def summarize(self) -> str:
        """Return in words what has changed since the last visit and what was spent; "" for nothing."""
        spent = self.spent()
        money = f"{format_amount(spent, '$')} spent" if spent else ""
        return " · ".join(filter(None, (summarize(self.changes()), money)))

    def gaps(self) -> dict[str, str]:
        """Return which families are not compared with the last visit, or not as a whole, and why."""
        if self.before is None:
            return {}
        names = [watch.collection.resource.name for watch in self.lists]
        return {name: why for name in (*names, *self._ahead, *self._closed) if (why := self._find_gap(name))}

    def _find_gap(self, name: str) -> str:
        """Return why the list of a family is not compared, or not all of it; "" where it is."""
        watch = self._lists.get(name)
        if watch and isinstance(watch.health.error, NotServed):
            return ""  # there is nothing
        if name in self._closed:
            return "no key for it"
        if watch and watch.health.error and not watch.health.since:
            return watch.health.error.sentence.rstrip(".")
        if watch is None or not _is_there(watch):
            return "not read yet"
        if self.before and name not in self.before.states:
            return "not read at the last visit"
        known = len(watch.collection.records)
        return "" if watch.collection.complete else f"beyond the first {known:,}"

    # What is kept.

    def remember(self) -> None:
        """Keep how the objects are now, for the next visit. What was not read stays as it was kept."""
        there = [watch for watch in self.lists if _is_there(watch)]
        if not self.keeps_visits or not there:
            return
        before, skew = self.before, self._platform.client.skew
        visit = take_visit([watch.collection for watch in there], self._platform.now())
        read = {watch.collection.resource.name: watch.health.since + skew for watch in there}
        kept = {name: before.time_of(name) for name in before.states} if before else {}
        money, spent = self._find_money(), before.spent if before else None
        if money:
            spent = Spent(money.today_began, Decimal(money.today))
        states = {**(before.states if before else {}), **visit.states}
        with suppress(OSError):  # the next visit is then compared with an older one
            write_visit(self._visits, Visit(visit.at, states, spent, {**kept, **read}))


def list_unread(lists: Sequence[Watch]) -> list[Watch]:
    """Return the lists that have not answered yet, and may."""
    return [
        watch
        for watch in lists
        if not watch.health.since and not (watch.health.error and watch.health.error.permanent)
    ]


def _is_there(watch: Watch) -> bool:
    """Return whether a list was read: as it is declared, and, where it is read from many parents, whole."""
    is_partly = watch.collection.resource.listed_per and not watch.collection.complete
    return bool(watch.health.since) and not watch.is_filtered and not is_partly
