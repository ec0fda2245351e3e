"""Costs and usage without a screen: what days come to, by any dimensions."""

from __future__ import annotations

import asyncio
import re
import time
from calendar import timegm
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui.api.client import Client
from tui.api.errors import ApiError
from tui.headless.writes.targets import WrongUse
from tui.live.platform import Platform
from tui.live.totals import Group, Totals, find_last_days, read_totals, read_totals_between
from tui.resources.language.reading.amounts import (
    Amount,
    describe_unread,
    sum_amounts,
    sum_columns,
)
from tui.resources.registry import REGISTRY
from tui.resources.usage import COSTS_KIND, KINDS, name_dimension
from tui.workflows.labels import fetch_names
from tui.workflows.overview.money import format_change
from tui.workflows.overview.spending import Spending as MonthlySpending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.api.credentials.connection import Connection
    from tui.resources.language.consumption import UsageKind
    from tui.workflows.overview.money import Money

_DAYS = re.compile(r"([1-9]\d{0,3})d?")
_HOME = "project_id"

Figures = tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class SpendingQuery:
    """What is asked for: a kind of usage by dimensions, over days as they were typed."""

    kind: UsageKind
    by: tuple[str, ...]
    since: str
    until: str

    def check(self) -> None:
        """Raise ValueError for days that are none, or none of which can lie between the others at any time."""
        since, until = (_day(text, 0.0) if text else 0 for text in (self.since, self.until))
        counted_back = [bool(_DAYS.fullmatch(text)) for text in (self.since, self.until)]
        if self.until and since >= until and len(set(counted_back)) == 1:
            self.bounds(0.0)

    def bounds(self, now: float) -> tuple[int, int]:
        """Return the first second and the one after the last (unix). Raises ValueError with a sentence."""
        start = _day(self.since, now)
        end = _day(self.until, now) if self.until else find_last_days(1, now)[1]
        if start >= end:
            before = f"--until {self.until}, the first day that no longer counts" if self.until else "today"
            raise ValueError(f"--since {self.since} leaves no day before {before}.")
        return start, end


def _day(text: str, now: float) -> int:
    """Return the unix second a day of UTC begins: `30d` counts back from today, `2026-11-20` is that day.

    Raises ValueError with a sentence.
    """
    if match := _DAYS.fullmatch(text):
        return find_last_days(int(match[1]), now)[0]
    try:
        return timegm(time.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no day: write 30d or 2026-11-20.") from None


def parse_question(kind: str, by: str, since: str, until: str) -> SpendingQuery:
    """Read what was asked for on the command line. Raises ValueError with a sentence."""
    if kind not in KINDS:
        raise ValueError(f"There is no usage of {kind!r}: choose from {', '.join(KINDS)}.")
    dimensions = {name_dimension(name): name for name in KINDS[kind].dimensions}
    words = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    unknown = [word for word in words if dimensions.get(word, word) not in dimensions.values()]
    if unknown:
        raise ValueError(f"{kind} are not told apart by {unknown[0]!r}: choose from {', '.join(dimensions)}.")
    found = SpendingQuery(KINDS[kind], tuple(dimensions.get(word, word) for word in words), since, until)
    found.check()
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """What the days that are over came to in dollars, and as many days before, by the values of the dimensions."""

    start: int
    """The first second of the days before, unix; they end where the others begin."""
    end: int
    """The second after the last day that is over."""
    now: dict[tuple[Group, ...], Amount]
    before: dict[tuple[Group, ...], Amount]

    def change(self, group: tuple[Group, ...]) -> str:
        """Return by how much a group came to more; "" where that is not known."""
        return format_change(self.now.get(group, Amount()), self.before.get(group, Amount()))

    @property
    def totals(self) -> tuple[Amount, Amount]:
        """The sums over all groups, of the days that are over and of those before."""
        return sum_amounts(self.now.values()), sum_amounts(self.before.values())


@dataclass(frozen=True, slots=True)
class Spending:
    """What some days came to, by the values of the dimensions, largest first."""

    question: SpendingQuery
    start: int
    """The first second, unix."""
    end: int
    """The second after the last, unix."""
    now: float
    """The server's time when it was read, unix seconds."""
    groups: list[tuple[tuple[Group, ...], Figures]]
    """The values of the dimensions, and the sum of each measure."""
    names: dict[str, str]
    """What people call the ids among the values."""
    lacks: tuple[str, ...] = ()
    """Sentences on why a part of it is all that could be read."""
    compared: Compared | None = None
    """What the days that are over came to, beside as many before them; of costs alone."""
    money: Money | None = None
    """What the month comes to; of costs alone, where it was asked for and could be read."""

    @property
    def total(self) -> Figures:
        """The sums over all groups, measure by measure."""
        return sum_columns(figures for _, figures in self.groups) or (Amount(),) * len(self.question.kind.measures)

    @property
    def missing(self) -> str:
        """What says that it is not whole: why the rest was not read, and how many parts cannot be; "" if it is."""
        measures = self.question.kind.measures
        lacks = [
            f"{words} ({each.label})" if len(measures) > 1 else words
            for total, each in zip(self.total, measures, strict=True)
            if (words := describe_unread(total, each.noun))
        ]
        unread = [f"{'; '.join(lacks)}: not in the sums."] if lacks else []
        return " ".join([*(f"The sums are not whole: {lack}" for lack in self.lacks), *unread])

    @property
    def period(self) -> str:
        """The days in words, and whether the last is over."""
        return name_days(self.start, self.end) + " UTC" + (", the last not over" if self.now < self.end else "")


async def _read(client: Client, question: SpendingQuery) -> Spending:
    """Read the sums, and the names of the ids in them. Raises ApiError."""
    names: dict[str, str] = {}

    async def learn(dimension: str, projects: tuple[str, ...] = ()) -> None:
        try:
            async for found in fetch_names(client, dimension, projects):
                names.update(found)
        except ApiError:
            pass  # they stay ids

    for dimension in dict.fromkeys((_HOME, *question.by)):  # the first call tells the server's clock, too
        await learn(dimension)
    try:
        start, end = question.bounds(client.now())
    except ValueError as error:
        raise WrongUse(str(error)) from None
    # A key has one project: with it, what people call the key can be found.
    by = tuple(dict.fromkeys((*question.by, *([_HOME] if "api_key_id" in question.by else ()))))
    lacks: list[str] = []
    over = min(end, find_last_days(1, client.now())[0])  # when the days that are over end
    before = None
    if question.kind is COSTS_KIND and over > start:
        edges = sorted({start, over, end})
        parts = await read_totals_between(client, question.kind, by, edges, on_lack=lacks.append)
        if not lacks:
            with suppress(ApiError):  # it is beside what was asked for
                before = await read_totals(client, question.kind, by, 2 * start - over, start)
    else:
        parts = [await read_totals(client, question.kind, by, start, end, on_lack=lacks.append)]
    found = _add_up(parts)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1][0], str(pair[0])))
    if "api_key_id" in question.by:
        homes = dict.fromkeys(home for group, _ in ranked if (home := group[by.index(_HOME)]))
        await learn("api_key_id", tuple(homes))
    for group in before or ():  # who spent nothing since is a part of the difference
        found.setdefault(group, (Amount(),) * len(question.kind.measures))
    sums = sorted(_sum_up(found, len(question.by)).items(), key=lambda pair: -pair[1][0])
    compared = None
    if before is not None:
        now, past = (_sum_up(some, len(question.by)) for some in (parts[0], before))
        compared = Compared(2 * start - over, over, _first_measures(now), _first_measures(past))
    return Spending(question, start, end, client.now(), sums, names, tuple(lacks), compared)


def _add_up(parts: Sequence[Totals]) -> Totals:
    """Return the sums over several spans."""
    groups = dict.fromkeys(group for part in parts for group in part)
    return {group: sum_columns(part[group] for part in parts if group in part) for group in groups}


def _first_measures(found: Totals) -> dict[tuple[Group, ...], Amount]:
    return {group: figures[0] for group, figures in found.items()}


def _sum_up(found: Totals, count: int) -> Totals:
    """Return the sums by the first `count` values."""
    held: dict[tuple[Group, ...], list[Figures]] = {}
    for group, figures in found.items():
        held.setdefault(group[:count], []).append(figures)
    return {group: sum_columns(each) for group, each in held.items()}


def read_spending(connection: Connection, question: SpendingQuery, *, with_month: bool = False) -> Spending:
    """Read what was asked for, of costs also what this month comes to.

    Raises ApiError, and WrongUse where no day lies between those that were asked for.
    """

    async def go() -> Spending:
        platform = Platform(Client(connection), REGISTRY)
        try:
            spending = await _read(platform.client, question)
            if with_month and question.kind is COSTS_KIND:
                month = MonthlySpending(platform)
                await asyncio.gather(
                    *(part.poll() for part in month.parts)
                )  # what fails is not told: it is beside
                spending = replace(spending, money=month.money())
            return spending
        finally:
            await platform.aclose()

    return asyncio.run(go())


def name_days(start: int, end: int) -> str:
    """Return the first and the last of some days, or the one day."""
    return " to ".join(dict.fromkeys(time.strftime("%Y-%m-%d", time.gmtime(at)) for at in (start, end - 1)))
