"""Everything that home shows, kept fresh together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.api.operation import Key
from tui.live.listeners import Listeners
from tui.live.polling.poller import Health, Poller
from tui.live.polling.pollers import SEVERITY
from tui.resources.home import HOME
from tui.resources.usage import COSTS_KIND
from tui.workflows.overview.attention import InFlight, Need, in_flight, needs, watched_resources
from tui.workflows.overview.money import Money, limit_of, money
from tui.workflows.overview.storage import Storage, StorageReport
from tui.workflows.usage import UsagePoller, default_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.lists.collection import Collection
    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch

LIMIT = "spend-limit"


class Overview(Poller):
    """The lists, sums and costs that home shows. It asks nothing itself: it starts and stops what does.

    `subscribe` tells of every change in one of them; `health` is the worst of the lists with the project's key.
    """

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform.scheduler)
        self._platform, connection = platform, platform.client.connection
        self.admin = connection.key(Key.ADMIN) is not None
        """Whether there is an admin key: without one there are no costs, keys and certificates."""
        self.watches: list[Watch] = [
            platform.watch(resource) for resource in watched_resources(platform.registry, connection)
        ]
        self.stored = StorageReport(platform.client, platform.scheduler)
        self.costs = UsagePoller(platform.client, platform.scheduler, default_query(COSTS_KIND), time.time)
        self._limit = platform.watch(platform.registry[LIMIT])
        self._listeners: Listeners[[]] = Listeners()
        for watch in (*self.watches, self._limit):
            watch.subscribe(lambda _: self._changed(), lambda _: self._changed())
        for report in (self.stored, self.costs):
            report.subscribe(self._changed)
            report.listen(lambda _: self._changed())

    @property
    def parts(self) -> list[Poller]:
        """What is asked for: with the project's key, and with the admin key where there is one."""
        return [*self.watches, self.stored, *([self.costs, self._limit] if self.admin else [])]

    def start(self) -> None:
        """Keep everything fresh from now on."""
        self._viewers += 1
        for part in self.parts:
            part.start()

    def stop(self) -> None:
        """End one start; after the last nothing is asked."""
        if self._viewers:
            self._viewers -= 1
            for part in self.parts:
                part.stop()

    async def refresh(self) -> None:
        """Ask for everything now and wait for the lists."""
        for part in self.parts:
            part.outdate()
        if self.watches:
            await self.watches[0].refresh()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when anything that home shows may have changed. Return what ends that."""
        return self._listeners.add(listener)

    # What is known.

    @property
    def _collections(self) -> list[Collection]:
        return [watch.collection for watch in self.watches]

    def needs(self) -> list[Need]:
        """Return what needs its owner, the worst first."""
        return needs(self._collections, self._platform.now(), self._platform.names.of)

    def in_flight(self) -> list[InFlight]:
        """Return what is in progress."""
        return list(in_flight(self._collections, self._platform.now(), self._platform.names.of))

    def storage(self) -> Storage | None:
        """Return what is stored; None before it is known."""
        return self.stored.storage

    def money(self) -> Money | None:
        """Return what is spent; None before it is known, or without an admin key."""
        report = self.costs.report
        if report is None or not (report.complete or report.is_cut):
            return None
        limit = next(iter(self._limit.collection.records.values()), None)
        return money(report, limit_of(limit.raw if limit else None))

    def missing(self) -> list[str]:
        """Return sentences on what home does not show, and why."""
        found = [] if self.admin else ["Money, keys and certificates need an admin key (OPENAI_ADMIN_KEY)."]
        for watch in self.watches:
            if (error := watch.health.error) and error.permanent:
                found.append(f"No {watch.collection.resource.name}: {error.sentence}")
        return found

    def _changed(self) -> None:
        lists = [watch.health for watch in self.watches if watch.health.state != "refused"]
        worst = max(lists, key=lambda health: (SEVERITY.index(health.state), -health.since), default=Health())
        if worst != self.health:
            self.health = worst
            self._announce()
        self._listeners.tell()

    async def _round(self) -> bool:
        return False

    def _pace(self) -> tuple[float, float]:
        return (float("inf"), float("inf"))


def overview_of(platform: Platform) -> Overview:
    """Return the overview of a platform: the same again while it is kept."""
    return platform.keep(Overview, HOME, {}, lambda: Overview(platform))
