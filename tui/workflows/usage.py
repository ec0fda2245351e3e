"""Usage over time: the requests of a query, their sums, and the days that stand out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.live.listeners import Listeners
from tui.live.polling.poller import Poller
from tui.live.totals import Group, build_queries, merge_results, read_bucket, read_dimension, read_usage_pages
from tui.resources.language.reading.amounts import UNREAD, Amount, sum_amounts, sum_columns
from tui.resources.usage import DAY, FILTERS, read_amount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal

    from tui.api.client import Client
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.consumption import UsageKind

PACE = (60.0, 300.0)  # seconds between polls: buckets fill slowly
LOOK_BACK = 14  # days that a day is compared with
MONTHS = 62 * DAY  # from today to the first day of the month before, at the most
STANDS_OUT = 3  # times their median ...
WORTH = 5  # ... and above this many dollars
DEEPER = ("project_id", "api_key_id", "model", "line_item")


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """What is asked: a kind of usage over `span` seconds in buckets of `width`, grouped, and narrowed to values.

    Without `start` the span ends with the bucket that is filling now.
    """

    kind: UsageKind
    span: int
    width: int
    by: str
    only: tuple[tuple[str, Group], ...] = ()
    start: int | None = None

    def bounds(self, now: float) -> tuple[int, int]:
        """Return begin and end (unix seconds), on the edges of buckets."""
        if self.start is not None:
            return self.start, self.start + self.span
        end = (int(now) // self.width + 1) * self.width
        return end - self.span, end

    @property
    def free_dimensions(self) -> tuple[str, ...]:
        """The dimensions it can be grouped by: those that are not narrowed to a value."""
        fixed = dict(self.only)
        return tuple(name for name in self.kind.dimensions if name not in fixed or name == self.by)

    @property
    def next_dimension(self) -> str | None:
        """The dimension to group by one step further in, from project to key to model; None when all is fixed."""
        fixed = dict(self.only)
        return next((name for name in DEEPER if name in self.kind.dimensions and name not in fixed), None)

    @property
    def lead_seconds(self) -> int:
        """Seconds before the span that are read too, to compare with: as many days, and the month before."""
        if self.width != DAY or self.kind.measures[0].unit != "$":
            return 0
        return max(self.span, LOOK_BACK * DAY, MONTHS - self.span)

    @property
    def filtered_here(self) -> tuple[tuple[str, Group], ...]:
        """The dimensions that the server cannot narrow it by: they are grouped by, and filtered here."""
        return tuple((name, value) for name, value in self.only if name not in FILTERS or value is None)

    def calls(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        """Yield the queries that answer it; each may have further pages."""
        kept = {FILTERS[name]: [value] for name, value in self.only if (name, value) not in self.filtered_here}
        home = ("project_id",) if self.by == "api_key_id" else ()  # a key has one: there its name is told
        asked = tuple(dict.fromkeys((self.by, *dict(self.filtered_here), *home)))
        for call in build_queries(self.kind, asked, start, end, self.width):
            yield {**call, **kept}


def build_default_query(kind: UsageKind) -> UsageQuery:
    """Return the query a kind of usage starts with."""
    return UsageQuery(kind, 30 * DAY, DAY, kind.dimensions[0])


def fit_query(question: UsageQuery, kind: UsageKind) -> UsageQuery:
    """Return the same query for another kind of usage, with the dimensions that it knows."""
    only = tuple((name, value) for name, value in question.only if name in kind.dimensions)
    found = replace(question, kind=kind, only=only)
    return (
        found if question.by in kind.dimensions else replace(found, by=found.next_dimension or kind.dimensions[0])
    )


class Standout(NamedTuple):
    """A day that stands out: how many times the median it is, and the group that grew most.

    Without `times` nothing was spent before: it is the first that all, or this group, ever spent.
    """

    times: Decimal | None
    group: Group


class Comparison(NamedTuple):
    """What some days came to, and as many days before them."""

    days: int
    now: Amount
    before: Amount


@dataclass(slots=True)
class UsageFigures:
    """The answer, as far as it came: for each bucket the figures of each group, in the order of the measures.

    `pages` of `expected` came; `is_cut` says that the server broke off before its last page, `is_stopped` that the
    user did. `unreadable` counts buckets that could not be understood.
    """

    question: UsageQuery
    start: int
    end: int
    now: float
    pages: int = 0
    expected: int = 0
    complete: bool = False
    is_cut: bool = False
    is_stopped: bool = False
    unreadable: int = 0
    found: dict[int, dict[Group, tuple[Amount, ...]]] = field(default_factory=dict)
    homes: dict[Group, str] = field(default_factory=dict)  # the projects of keys
    _results: dict[int, list[Any]] = field(default_factory=dict)  # of each bucket, as they came

    def add_page(self, items: Sequence[Any]) -> None:
        """Add the buckets of a page. A bucket may come in parts; one that comes again as it was counts once."""
        question = self.question
        by = (question.by, *dict(question.filtered_here))
        for item in items:
            if read := read_bucket(item):
                moment, results = read
                if moment in self._results:
                    results = merge_results(self._results[moment], results, by)
                self._results[moment] = results
                self.found[moment] = self._groups(results)
            else:
                self.unreadable += 1
        self.pages += 1

    def finish(self) -> None:
        """Note that no page is to come: what was kept to put buckets together is let go."""
        self.complete, self.is_stopped = not self.is_cut, False
        self._results.clear()

    def _groups(self, results: Sequence[Any]) -> dict[Group, tuple[Amount, ...]]:
        question = self.question
        sums: dict[Group, list[tuple[Amount, ...]]] = {}
        for result in results:
            figures = tuple(read_amount(result, measure) for measure in question.kind.measures)
            if not isinstance(result, dict):
                sums.setdefault(None, []).append(figures)
                continue
            if any(read_dimension(result, name) != value for name, value in question.filtered_here):
                continue
            group = read_dimension(result, question.by)
            sums.setdefault(group, []).append(figures)
            if question.by == "api_key_id" and (home := read_dimension(result, "project_id")):
                self.homes[group] = home
        return {group: sum_columns(figures) for group, figures in sums.items()}

    @property
    def buckets(self) -> range:
        """The moments at which the buckets of the span begin."""
        return range(self.start, self.end, self.question.width)

    def is_partial(self, bucket: int) -> bool:
        """Return whether a bucket is still filling."""
        return bucket <= self.now < bucket + self.question.width

    def find_gaps(self, since: int | None = None) -> list[int]:
        """Return which buckets of the span, counted from 0, are not known, as the answer lacks a part.

        A bucket that is not there may be one that did not come, or that came and cannot be read.
        """
        if not (self.is_cut or self.is_stopped or self.unreadable):
            return []
        width, start = self.question.width, self.start if since is None else since
        known = {(moment - start) // width for moment in self.found}
        slots = range(len(range(start, min(self.end, int(self.now) + 1), width)))
        return [slot for slot in slots if slot not in known]

    def series(self, measure: int, groups: tuple[Group, ...] = (), since: int | None = None) -> list[Amount]:
        """Return a figure of each bucket, of some groups or of all; `since` may be an earlier moment.

        Of an answer that lacks a part, buckets that are not there are unread, not 0.
        """
        width, start = self.question.width, self.start if since is None else since
        held: list[list[Amount]] = [[] for _ in range(start, self.end, width)]
        for moment, found in self.found.items():
            slot = (moment - start) // width
            if 0 <= slot < len(held):
                held[slot] += [each[measure] for name, each in found.items() if not groups or name in groups]
        for slot in self.find_gaps(start):
            held[slot].append(UNREAD)
        return [sum_amounts(figures) for figures in held]

    def total(self, measure: int, *groups: Group) -> Amount:
        """Return the sum over all buckets, of some groups or of all; of a level, the last that is known."""
        series = self.series(measure, groups)
        if self.question.kind.measures[measure].level:
            known = (value for bucket, value in zip(self.buckets, series, strict=True) if bucket <= self.now)
            return list(known)[-1] if series else Amount()
        return sum_amounts(series)

    def groups(self, measure: int) -> list[tuple[Group, Amount]]:
        """Return the groups and what each comes to, largest first."""
        names = {
            name for moment, groups in self.found.items() if self.start <= moment < self.end for name in groups
        }
        totals = ((name, self.total(measure, name)) for name in names)
        return sorted(totals, key=lambda pair: (-pair[1], str(pair[0])))

    def compare(self) -> Comparison | None:
        """Return what the days of the span that are over cost beside as many days before it.

        None where those before were not read, or no day is over.
        """
        width = self.question.width
        count = (min(self.end, int(self.now)) - self.start) // width
        if count < 1 or self.question.lead_seconds < count * width or not self.complete:
            return None
        series = self.series(0, since=self.start - count * width)
        return Comparison(count, sum_amounts(series[count : 2 * count]), sum_amounts(series[:count]))

    def find_standouts(self) -> dict[int, Standout]:
        """Return the days above three times the median of the 14 before them, and above five dollars.

        Those on which a group spends that much for the first time are among them, however small beside the rest.
        """
        if not self.question.lead_seconds:
            return {}
        since, found = self.start - LOOK_BACK * DAY, {}
        by_group = {name: self.series(0, (name,), since) for name, _ in self.groups(0)}
        whole = self.series(0, since=since)
        known = self.question.kind.since.get(self.question.by, 0)  # before, all groups are one
        for at in range(LOOK_BACK, len(whole)):
            day, before = since + at * self.question.width, slice(at - LOOK_BACK, at)
            usual = median(whole[before])
            if whole[at] > WORTH and whole[at] > STANDS_OUT * usual:
                grown = {name: series[at] - median(series[before]) for name, series in by_group.items()}
                group = max(grown, key=lambda name: grown[name], default=None)
                found[day] = Standout(whole[at] / usual if usual > 0 else None, group)
            elif since + (at - LOOK_BACK) * self.question.width >= known:
                new = {
                    name: series[at]
                    for name, series in by_group.items()
                    if series[at] > WORTH and not any(series[:at])
                }
                if new:
                    found[day] = Standout(None, max(new, key=lambda name: new[name]))
        return found


class UsagePoller(Poller):
    """Keeps the answer to one question fresh. `report` is the last one; it stays until the next is whole."""

    def __init__(
        self, client: Client, scheduler: Scheduler, question: UsageQuery, clock: Callable[[], float]
    ) -> None:
        super().__init__(scheduler, clock)
        self.question = question
        self.report: UsageFigures | None = None
        self.names: dict[str, str] = {}  # what people call the groups, as far as somebody found out
        self._client = client
        self._listeners: Listeners[[]] = Listeners()

    @property
    def now(self) -> float:
        """The server's time, unix seconds."""
        return self._clock() + self._client.skew

    def ask(self, question: UsageQuery) -> None:
        """Switch to another query."""
        if question == self.question:
            return
        self.question, self.report = question, None
        self._forget()
        self._tell()
        if self.visible:
            self._scheduler.poke(self)

    def stop_reading(self) -> bool:
        """Read no further page until it is asked for again. Returns whether something was being read."""
        report = self.report
        if report is None or report.complete or report.is_cut or report.is_stopped or self.health.error:
            return False
        report.is_stopped = True
        self._tell()
        return True

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when `report` is another, or more of it came. Return what ends that."""
        return self._listeners.add(listener)

    async def _round(self) -> bool:
        question = self.question
        start, end = question.bounds(self.now)
        calls = list(question.calls(start - question.lead_seconds, end))
        draft = UsageFigures(question, start, end, self.now)
        draft.expected = sum(
            math.ceil((call["end_time"] - call["start_time"]) / question.width / call["limit"]) for call in calls
        )
        first = self.report is None or not self.report.complete
        for call in calls:
            page = None
            async for page in read_usage_pages(self._client, question.kind, call):
                if self.question is not question:
                    return False  # another question was asked meanwhile
                if question.bounds(self.now) != (start, end):
                    return await self._round()  # it is later than was thought: the server's clock is known now
                if draft.is_stopped:
                    return True
                draft.add_page(page.items)
                if first:
                    self.report = draft
                    self._tell()
            draft.is_cut = draft.is_cut or bool(page and page.cut)
        draft.finish()
        changed = self.report is None or first or draft.found != self.report.found
        self.report = draft
        self._tell()
        return changed

    def _pace(self) -> tuple[float, float]:
        return (math.inf, math.inf) if self.report and self.report.is_stopped else PACE

    def _tell(self) -> None:
        self._listeners.tell()
