"""How near each rate limit came in a week: by its busiest minute, looked for in the busiest hours alone.

The usage of a week by the hour is one page. A minute had no more than its hour, so that of most limits it is known
at once that nothing came near; only of the others the minutes of hours are read, the busiest first.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.live.listeners import Listeners
from tui.live.polling.poller import Poller
from tui.live.totals import merge_results, read_bucket, read_usage_pages
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import read_count
from tui.resources.usage import DAY, HOUR, MINUTE
from tui.workflows.overview.headroom import (
    BY,
    KINDS_MEASURED,
    MEASURES,
    build_limited_queries,
    find_limited,
    sum_groups,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.api.client import Client
    from tui.live.polling.scheduler import Scheduler

SPAN = 7 * DAY
FLOOR = Decimal("0.1")  # of a limit: what came no nearer is not looked into
MOST_HOURS = 48  # whose minutes are read
FRESH = 1_800.0  # seconds that the hours are taken to be as they were
READING, RESTING = (2.0, 10.0), (600.0, 1_800.0)  # seconds between looks

Limited = tuple[str, str]  # a model as its limit names it, and the id of a project
Key = tuple[str, str, str]  # both, and what is measured


class Peak(NamedTuple):
    """How near a limit came."""

    what: str
    """`requests` or `tokens`, a minute."""
    amount: Decimal
    """What the busiest minute had; where that is not `is_exact`, what it had at the most."""
    limit: int
    is_exact: bool
    minute: int | None
    """When the busiest minute began (unix seconds), as far as it was looked for."""

    @property
    def share(self) -> float:
        """The part of the limit, 0 to 1, or more."""
        return float(self.amount) / self.limit


class WeekPeaks(Poller):
    """Looks for the busiest minutes of the last 7 days, a few requests at a time."""

    is_beside = True

    def __init__(
        self,
        client: Client,
        scheduler: Scheduler,
        now: Callable[[], float],
        read_limits: Callable[[], Mapping[Limited, Mapping[str, Any]]],
    ) -> None:
        """`read_limits` returns the limits that are known, as the platform sent them."""
        super().__init__(scheduler)
        self._client, self._now, self._read_limits = client, now, read_limits
        self._hours: dict[Key, list[tuple[Decimal, int]]] = {}  # what each had, the busiest first
        self._hours_at = 0.0  # when they were read
        self._minutes: dict[int, dict[Key, tuple[Decimal, int]]] = {}  # the busiest of each hour looked into
        self._unfinished: set[int] = set()  # hours that were not over when they were looked into
        self._listeners: Listeners[[]] = Listeners()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when more is known. Return what ends that."""
        return self._listeners.add(listener)

    @property
    def progress(self) -> str:
        """How far it is; "" once all is known."""
        if not self._hours_at:
            return "" if self.health.error else "reading the week"
        return f"{pluralize(len(self._minutes), 'busy hour')} read" if self._choose_hour() is not None else ""

    def find_peaks(self) -> dict[Limited, list[Peak]]:
        """Return how near the limits of each model and project came, the nearest first; none if not used."""
        limits, found = self._read_limits(), defaultdict[Limited, list[Peak]](list)
        for key, hours in self._hours.items():
            model, project, what = key
            if (limit := self._limit_of(limits, key)) and hours[0][0] > 0:
                known, minute = self._busiest_of(key)
                unread = next((total for total, hour in hours if hour not in self._minutes), Decimal(0))
                is_exact = unread <= known
                peak = Peak(what, known if is_exact else unread, limit, is_exact, minute if is_exact else None)
                found[model, project].append(peak)
        return {at: sorted(peaks, key=lambda peak: -peak.share) for at, peaks in found.items()}

    async def _round(self) -> bool:
        limits = self._read_limits()
        if not limits:
            return False
        if not self._hours_at or self._now() - self._hours_at > FRESH:
            await self._read_hours(limits)
        elif (hour := self._choose_hour()) is not None:
            await self._read_minutes(limits, hour)
        else:
            return False
        self._listeners.tell()
        return True

    def _pace(self) -> tuple[float, float]:
        return READING if not self._hours_at or self._choose_hour() is not None else RESTING

    async def _read_hours(self, limits: Mapping[Limited, Mapping[str, Any]]) -> None:
        end = (int(self._now()) // HOUR + 1) * HOUR
        found = await self._read(limits, end - SPAN, end, HOUR)
        self._hours = {
            key: sorted(((total, hour) for hour, total in each.items()), reverse=True) for key, each in found
        }
        self._hours_at = self._now()
        for hour in (*self._unfinished, *(hour for hour in self._minutes if hour < end - SPAN)):
            self._minutes.pop(hour, None)
        self._unfinished.clear()

    async def _read_minutes(self, limits: Mapping[Limited, Mapping[str, Any]], hour: int) -> None:
        found = await self._read(limits, hour, hour + HOUR, MINUTE)
        self._minutes[hour] = {key: max((total, minute) for minute, total in each.items()) for key, each in found}
        if hour + HOUR > self._now():
            self._unfinished.add(hour)

    async def _read(
        self, limits: Mapping[Limited, Mapping[str, Any]], start: int, end: int, width: int
    ) -> list[tuple[Key, dict[int, Decimal]]]:
        """Return what each limit's model had in each bucket. Raises ApiError."""
        found: dict[Key, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        names: dict[Limited, str] = {}
        by_project = defaultdict[str, list[str]](list)
        for limited, owner in limits:
            by_project[owner].append(limited)
        for kind in KINDS_MEASURED:
            buckets: dict[int, list[object]] = {}
            for call in build_limited_queries(kind, start, end, width):
                async for page in read_usage_pages(self._client, kind, call):
                    for moment, results in filter(None, map(read_bucket, page.items)):
                        buckets[moment] = merge_results(buckets.get(moment, []), results, BY)
            for moment, results in buckets.items():
                for (model, project), figures in sum_groups(kind, results).items():
                    if model and project:
                        if (model, project) not in names:
                            names[model, project] = find_limited(model, by_project[project])
                        for what, amount in figures.items():
                            found[names[model, project], project, what][moment] += amount
        return [(key, each) for key, each in found.items() if key[0]]

    def _choose_hour(self) -> int | None:
        """Return the hour to look into next: in which a limit may have come nearest; None once all is known."""
        if len(self._minutes) >= MOST_HOURS:
            return None
        found = max(self._find_hours(self._read_limits()), default=None)
        return found[1] if found else None

    def _find_hours(self, limits: Mapping[Limited, Mapping[str, Any]]) -> Iterator[tuple[float, int]]:
        """Yield of each limit how near it may have come, and the hour in which it may have."""
        for key, hours in self._hours.items():
            if limit := self._limit_of(limits, key):
                enough = max(self._busiest_of(key)[0], FLOOR * limit)
                total, hour = next((each for each in hours if each[1] not in self._minutes), (Decimal(0), 0))
                if total > enough:
                    yield float(total) / limit, hour

    def _busiest_of(self, key: Key) -> tuple[Decimal, int | None]:
        """Return what the busiest minute had of those that were looked into, and when it began."""
        nothing = (Decimal(0), 0)
        total, minute = max((held.get(key, nothing) for held in self._minutes.values()), default=nothing)
        return total, minute or None

    @staticmethod
    def _limit_of(limits: Mapping[Limited, Mapping[str, Any]], key: Key) -> int:
        model, project, what = key
        return int(read_count(limits.get((model, project), {}).get(MEASURES[what][0])) or 0)
