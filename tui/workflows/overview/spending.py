"""What is spent, kept fresh: costs by day, the limit of the organization and its alerts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.live.listeners import Listeners
from tui.live.polling.poller import Poller
from tui.resources.usage import COSTS_KIND
from tui.workflows.overview.money import Money, limit_of, read_money
from tui.workflows.usage import UsagePoller, build_default_query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.live.platform import Platform
    from tui.live.polling.scheduler import Scheduler
    from tui.live.polling.watch import Watch

LIMIT, ALERTS = "spend-limit", "spend-alerts"
PACE = (600.0, 1_800.0)  # seconds between looks at both: they hardly change


class Settings(Poller):
    """Reads the limit and the alerts now and then."""

    def __init__(self, watches: Sequence[Watch], scheduler: Scheduler) -> None:
        super().__init__(scheduler)
        self._watches = watches

    async def _round(self) -> bool:
        for watch in self._watches:
            await watch.poll()
        if error := next((watch.health.error for watch in self._watches if watch.health.error), None):
            raise error
        return False

    def _pace(self) -> tuple[float, float]:
        return PACE


class Spending:
    """What the organization spends. It asks nothing itself: it starts and stops what does."""

    def __init__(self, platform: Platform) -> None:
        self.costs = UsagePoller(platform.client, platform.scheduler, build_default_query(COSTS_KIND), time.time)
        self._limit = platform.watch(platform.registry[LIMIT])
        self._alerts = platform.watch(platform.registry[ALERTS])
        self.settings = Settings((self._limit, self._alerts), platform.scheduler)
        """What reads the limit and the alerts."""
        self._money: Money | None = None  # reckoned once for what is known
        self._listeners: Listeners[[]] = Listeners()
        self.costs.subscribe(self._note)
        self.costs.listen(lambda _: self._listeners.tell())
        for watch in (self._limit, self._alerts):
            watch.collection.subscribe(lambda _: self._note())
            watch.listen(lambda _: self._note())

    @property
    def parts(self) -> list[Poller]:
        """What is asked for; all of it with the admin key."""
        return [self.costs, self.settings]

    def start(self) -> None:
        """Keep it fresh from now on."""
        for part in self.parts:
            part.start()

    def stop(self) -> None:
        """Undo one `start`."""
        for part in self.parts:
            part.stop()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when what is spent may be another. Return what ends that."""
        return self._listeners.add(listener)

    def money(self) -> Money | None:
        """Return what is spent; None before it is known."""
        report = self.costs.report
        if report is None or not (report.complete or report.is_cut):
            return None
        if self._money is None:
            limit = next(iter(self._limit.collection.records.values()), None)
            alerts = map(limit_of, (each.raw for each in self._alerts.collection.records.values()))
            money = read_money(report, limit_of(limit.raw if limit else None), filter(None, alerts))
            self._money = money._replace(
                is_limit_known=bool(self._limit.health.since), are_alerts_known=bool(self._alerts.health.since)
            )
        return self._money

    def _note(self) -> None:
        self._money = None
        self._listeners.tell()
