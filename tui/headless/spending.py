"""Costs and usage without a screen: what days come to, by any dimensions, as a table, JSON or CSV."""

from __future__ import annotations

import asyncio
import re
import time
from calendar import timegm
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.api.client import Client
from tui.api.errors import ApiError
from tui.export import csv_line
from tui.headless.listing import align, server_now
from tui.live.totals import Group, last_days, read_totals
from tui.resources.language.reading.amounts import (
    Amount,
    describe_unread,
    dump_json,
    format_amount,
    sum_columns,
)
from tui.resources.usage import KINDS, NAME_SOURCES, dimension_name
from tui.text import clean
from tui.workflows.labels import fetch_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.api.credentials.connection import Connection
    from tui.resources.language.consumption import UsageKind

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

    def bounds(self, now: float) -> tuple[int, int]:
        """Return the first second and the one after the last (unix). Raises ValueError with a sentence."""
        start = _day(self.since, now)
        end = _day(self.until, now) if self.until else last_days(1, now)[1]
        if start >= end:
            raise ValueError(f"No day lies between {self.since} and {self.until or 'today'}.")
        return start, end


def _day(text: str, now: float) -> int:
    """Return the unix second a day of UTC begins: `30d` counts back from today, `2026-11-20` is that day.

    Raises ValueError with a sentence.
    """
    if match := _DAYS.fullmatch(text):
        return last_days(int(match[1]), now)[0]
    try:
        return timegm(time.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no day: write 30d or 2026-11-20.") from None


def parse_question(kind: str, by: str, since: str, until: str) -> SpendingQuery:
    """Read what was asked for on the command line. Raises ValueError with a sentence."""
    if kind not in KINDS:
        raise ValueError(f"There is no usage of {kind!r}: choose from {', '.join(KINDS)}.")
    dimensions = {dimension_name(name): name for name in KINDS[kind].dimensions}
    words = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    unknown = [word for word in words if dimensions.get(word, word) not in dimensions.values()]
    if unknown:
        raise ValueError(f"{kind} are not told apart by {unknown[0]!r}: choose from {', '.join(dimensions)}.")
    found = SpendingQuery(KINDS[kind], tuple(dimensions.get(word, word) for word in words), since, until)
    found.bounds(time.time())
    return found


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
        days = (time.strftime("%Y-%m-%d", time.gmtime(at)) for at in (self.start, self.end - 1))
        return " to ".join(days) + " UTC" + (", the last not over" if self.now < self.end else "")


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
    start, end = question.bounds(server_now(client))
    # A key has one project: with it, what people call the key can be found.
    by = tuple(dict.fromkeys((*question.by, *([_HOME] if "api_key_id" in question.by else ()))))
    lacks: list[str] = []
    found = await read_totals(client, question.kind, by, start, end, on_lack=lacks.append)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1][0], str(pair[0])))
    if "api_key_id" in question.by:
        homes = dict.fromkeys(home for group, _ in ranked if (home := group[by.index(_HOME)]))
        await learn("api_key_id", tuple(homes))
    held: dict[tuple[Group, ...], list[Figures]] = {}
    for group, figures in ranked:
        held.setdefault(group[: len(question.by)], []).append(figures)
    sums = [(group, sum_columns(each)) for group, each in held.items()]
    sums.sort(key=lambda pair: -pair[1][0])
    return Spending(question, start, end, server_now(client), sums, names, tuple(lacks))


def read_spending(connection: Connection, question: SpendingQuery) -> Spending:
    """Read what was asked for. Raises ApiError."""

    async def go() -> Spending:
        client = Client(connection)
        try:
            return await _read(client, question)
        finally:
            await client.aclose()

    return asyncio.run(go())


def spending_lines(form: str, spending: Spending) -> Iterator[str]:
    """Yield the lines of `table`, `json` or `csv`."""
    match form:
        case "json":
            yield dump_json(_json_object(spending), indent=2)
        case "csv":
            yield from _csv_rows(spending)
        case _:
            yield from _table(spending)


def _json_object(spending: Spending) -> dict[str, object]:
    kind = spending.question.kind
    measures = [measure.path for measure in kind.measures]
    return {
        "kind": kind.name,
        "start_time": spending.start,
        "end_time": spending.end,
        "partial": spending.now < spending.end,
        "whole": not spending.missing,
        "total": dict(zip(measures, spending.total, strict=True)),
        "unreadable": _count_unread(spending.total),
        "groups": [
            {
                **(ids := dict(zip(spending.question.by, group, strict=True))),
                **{
                    f"{dimension_name(name)}_name": spending.names.get(str(ids[name]))
                    for name in ids
                    if name in NAME_SOURCES
                },
                **dict(zip(measures, figures, strict=True)),
                "unreadable": _count_unread(figures),
            }
            for group, figures in spending.groups
        ],
    }


def _count_unread(figures: Figures) -> int:
    """Return how many parts of some sums cannot be read."""
    return sum(figure.unread for figure in figures)


def _csv_rows(spending: Spending) -> Iterator[str]:
    by, kind = spending.question.by, spending.question.kind
    named = [name for name in by if name in NAME_SOURCES]
    rows: list[list[object]] = [
        [*by, *(f"{dimension_name(name)}_name" for name in named), *(measure.path for measure in kind.measures)]
    ]
    for group, figures in spending.groups:
        ids = dict(zip(by, group, strict=True))
        rows.append([*group, *(spending.names.get(str(ids[name])) for name in named), *figures])
    if _count_unread(spending.total):
        rows[0].append("unreadable")
        for row, (_, figures) in zip(rows[1:], spending.groups, strict=True):
            row.append(_count_unread(figures))
    for row in rows:
        yield csv_line(row, end="")


def _table(spending: Spending) -> Iterator[str]:
    by, measures = spending.question.by, spending.question.kind.measures
    headers = [dimension_name(name).replace("_", " ").upper() for name in by] + [
        each.label.upper() for each in measures
    ]

    def row(words: list[str], figures: Figures) -> list[str]:
        read = (format_amount(value, each.unit) for value, each in zip(figures, measures, strict=True))
        return [*words, *read]

    def word(value: Group, dimension: str) -> str:
        return (
            f"(no {dimension_name(dimension)})" if value is None else clean(spending.names.get(value, value), 60)
        )

    rows = [
        row([word(value, name) for value, name in zip(group, by, strict=True)], figures)
        for group, figures in spending.groups
    ]
    if by:
        rows.append(row(["total", *[""] * (len(by) - 1)], spending.total))
    yield f"{spending.question.kind.name}, {spending.period}"
    yield from align(headers, rows, ["left"] * len(by) + ["right"] * len(measures))
