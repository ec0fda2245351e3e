"""Everything that home shows, kept fresh together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.errors import VARIABLES, NotServed, NoVersion
from tui.api.operation import Key
from tui.live.listeners import Listeners
from tui.live.polling.poller import Health, Poller, find_worst
from tui.live.shortfall import describe_absent, describe_lists
from tui.resources.due import SOON, is_ahead
from tui.workflows.due import DueWatch
from tui.workflows.overview.attention import InFlight, Need, find_in_flight, find_needs, find_watched_resources
from tui.workflows.overview.headroom import HeadroomReport
from tui.workflows.overview.lookout import Lookout
from tui.workflows.overview.news import News, list_unread
from tui.workflows.overview.spending import Spending
from tui.workflows.overview.storage import Storage, StorageReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.lists.collection import Collection
    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch
    from tui.resources.due import End
    from tui.resources.language.objects import Record
    from tui.system.state_file import StateFile
    from tui.workflows.overview.money import Money
    from tui.workflows.overview.visits import Visit

_NEEDING = {
    Key.PROJECT: "Batches, jobs and files need a project key",
    Key.ADMIN: "Money, keys and certificates need an admin key",
}
_SHORT_LIVED = ("batches", "containers")
CALM = 10.0  # seconds after which, at the earliest, what nobody shows is looked at: what is shown comes first


class Overview:
    """The lists, sums and costs that home shows. It asks nothing itself: it starts and stops what does.

    `subscribe` tells of every change in one of them; `health` is the worst of the lists with the project's key.
    """

    def __init__(self, platform: Platform, visits: StateFile, spending: Spending | None = None) -> None:
        """`visits` is the file, if any, in which it is kept how things were when the user was last here.

        `spending` is what keeps money fresh, where that is shared.
        """
        self.health = Health()
        self.unread = ""  # empty, as `missing` says what is left out
        self._starts = 0
        self._platform, connection = platform, platform.client.connection
        self.admin = connection.key(Key.ADMIN) is not None
        """Whether there is an admin key: without one there are no costs, keys and certificates."""
        self.watches: list[Watch] = [
            platform.watch(resource) for resource in find_watched_resources(platform.registry, connection)
        ]
        self.stored = StorageReport(platform.client, platform.scheduler)
        self.spending = spending or Spending(platform)
        self.costs = self.spending.costs
        self.headroom = HeadroomReport(platform.client, platform.scheduler, platform.now, self._note_change)
        self.due = DueWatch(platform)
        """What ends. Its parts are kept fresh, it asks nothing itself."""
        self._listeners: Listeners[[]] = Listeners()
        for watch in self.watches:
            watch.collection.subscribe(lambda _: self._note_change())
        self.stored.subscribe(self._note_change)
        self.spending.subscribe(self._note_change)
        self.due.collection.subscribe(lambda _: self._note_change())
        for part in (*self.watches, self.stored, self.headroom):
            part.listen(lambda _: self._note_change())
        lists = (*self.watches, *self.due.watches)
        self.news = News(platform, visits, lists, self.money, lambda: self._listeners.tell())
        """What has changed since the last visit."""
        costs = self.costs if self.admin else None
        self.lookout = Lookout(
            platform.scheduler, self.news, self.watches, costs, lambda: self._starts > 0 and bool(self.silent)
        )
        """What looks at all that nobody shows, once it is told to."""

    @property
    def parts(self) -> list[Poller]:
        """What is asked for: with the project's key, and with the admin key where there is one."""
        of_admin = [*self.spending.parts, self.headroom] if self.admin else []
        return list(dict.fromkeys((*self.watches, self.stored, *of_admin, *self.due.parts)))

    def start(self) -> None:
        """Keep everything fresh from now on."""
        self._starts += 1
        self.look_out()
        for watch in (*self.watches, *self.due.watches):
            watch.set_query({})  # all of it, whatever it was filtered by where it was shown last
        for watch in self.watches:
            if watch.peeks:  # how far what is in progress is
                watch.peeks.find_seen = watch.collection.active
        for part in self.parts:
            part.start()

    def look_out(self, delay: float = CALM) -> None:
        """Have lists and costs looked at now and then, first after some seconds, while nobody shows them."""
        self._platform.scheduler.add(self.lookout, delay=delay)

    def stop(self) -> None:
        """Undo one `start`; after the last only what is looked at now and then is asked for."""
        if self._starts:
            self._starts -= 1
            for part in self.parts:
                part.stop()
            self._platform.scheduler.renew(self.lookout)

    async def refresh(self) -> None:
        """Ask for everything now and wait for the first list; the rest comes when it comes."""
        for part in self.parts:
            part.outdate()
        if self.watches:
            await self.watches[0].refresh()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when anything that home shows may have changed. Return what ends that."""
        return self._listeners.add(listener)

    # What is known.

    @property
    def silent(self) -> list[str]:
        """The names of the lists that have not answered yet, and may."""
        return [watch.collection.resource.name for watch in list_unread(self.watches)]

    @property
    def is_whole(self) -> bool:
        """Whether every list was read to its end, so that the counts are not only of a part."""
        there = [watch for watch in self.watches if watch.health.since]
        return (
            not self.silent
            and bool(there)
            and all(watch.collection.complete and not watch.progress for watch in there)
        )

    @property
    def need_count(self) -> int:
        """How many objects need their owner."""
        return sum(len(collection.attention()) for collection in self._collections)

    @property
    def flight_count(self) -> int:
        """How many objects are in progress."""
        return sum(len(collection.active()) for collection in self._collections)

    @property
    def _collections(self) -> list[Collection]:
        return [watch.collection for watch in self.watches]

    def needs(self) -> list[Need]:
        """Return what needs its owner, the worst first."""
        return find_needs(self._collections, self._platform.now(), self._platform.names.of)

    def in_flight(self) -> list[InFlight]:
        """Return what is in progress."""
        return list(find_in_flight(self._collections, self._platform.now(), self._platform.names.of))

    def storage(self) -> Storage | None:
        """Return what is stored; None before it is known."""
        return self.stored.storage

    def money(self) -> Money | None:
        """Return what is spent; None before it is known, or without an admin key."""
        return self.spending.money()

    def ends(self) -> list[Record[End]]:
        """Return what ends within a month, soonest first, without what is made to live a day."""
        now = self._platform.now()
        known = self.due.collection.records.values()
        near = (each for each in known if is_ahead(each, now) and each.raw["ends_at"] <= now + SOON)
        lasting = (each for each in near if each.raw["resource"] not in _SHORT_LIVED)
        return sorted(lasting, key=lambda each: each.raw["ends_at"])

    @property
    def ends_progress(self) -> str:
        """Which lists have not answered yet of what ends."""
        return self.due.progress

    def missing(self) -> list[str]:
        """Return sentences on what home does not show, and why."""
        absent = {each.collection.resource.name: each.health.error for each in self.watches if _is_absent(each)}
        found = list(dict.fromkeys(each.hint for each in absent.values() if isinstance(each, NoVersion)))
        found += [describe_absent(absent)] if absent else []
        found += [sentence for kind in _NEEDING if (sentence := self.missing_key(kind))]
        there = [watch for watch in self.watches if not _is_absent(watch)]
        faults = {each.collection.resource.name: error for each in there if (error := each.health.error)}
        closed = {name: error for name, error in faults.items() if error.permanent}
        found += [sentence for sentence, _ in describe_lists(closed)]
        found += [describe_bound(name, checked) for name, checked in self.bounds.items() if name not in closed]
        return found

    @property
    def bounds(self) -> dict[str, int]:
        """The lists of which by design no more than the newest are checked, with how many that are: whole pages.

        What came since the first page adds to those, one by one.
        """
        return {
            watch.collection.resource.name: _count_paged(watch.collection)
            for watch in self.watches
            if watch.health.since
            and not watch.collection.complete
            and not watch.progress
            and not _is_absent(watch)
        }

    def missing_key(self, kind: Key) -> str:
        """Return what needs a key of a kind, and why there is none; "" where there is one, or none is needed."""
        connection = self._platform.client.connection
        if connection.key(kind) or not connection.needs_key(kind):
            return ""
        if kind is Key.ADMIN and connection.server.lacks("/organization"):
            return ""
        why = connection.problems.get(kind)
        return f"{_NEEDING[kind]}: {why}" if why else f"{_NEEDING[kind]} ({VARIABLES[kind]})."

    def tell_news(self) -> str:
        """Return in words what has changed since the last visit and what was spent; "" for nothing."""
        return self.news.summarize()

    @property
    def before(self) -> Visit | None:
        """The last visit before this one; None where none is known."""
        return self.news.before

    def _note_change(self) -> None:
        healths = [watch.health for watch in self.watches]
        self.health = find_worst([each for each in healths if each.state != "refused"] or healths)
        self._listeners.tell()


def describe_bound(name: str, checked: int) -> str:
    """Return a sentence on a list of which no more than the newest are checked."""
    return f"Only the newest {checked:,} {name} are checked."


def _count_paged(collection: Collection) -> int:
    """Return how many objects are known, in whole pages."""
    known, page = len(collection.records), max(1, collection.resource.page)
    return known // page * page or known


def _is_absent(watch: Watch) -> bool:
    """Return whether the server does not have a list."""
    return isinstance(watch.health.error, NotServed) and not watch.health.since
