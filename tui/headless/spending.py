"""Costs and usage without a screen: what days come to, by any dimensions, as a table, JSON or CSV."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import time
from calendar import timegm
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.api.client import Client
from tui.api.errors import ApiError
from tui.headless.listing import aligned, client_now
from tui.live.totals import Group, last_days, totals
from tui.resources.language.amounts import Amount, add_up, dumps, missing, shown
from tui.resources.usage import KINDS, NAME_SOURCES, called
from tui.text import clean, csv_cell
from tui.workflows.labels import labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.api.credentials.resolve import Connection
    from tui.resources.language.consumption import UsageKind

_DAYS = re.compile(r"([1-9]\d{0,3})d?")
_HOME = "project_id"

Figures = tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a kind of usage by dimensions, over days as they were typed."""

    kind: UsageKind
    by: tuple[str, ...]
    since: str
    until: str

    def bounds(self, now: float) -> tuple[int, int]:
        """From when to when, unix seconds. Raises ValueError with a sentence."""
        start = _day(self.since, now)
        end = _day(self.until, now) if self.until else last_days(1, now)[1]
        if start >= end:
            raise ValueError(f"No day lies between {self.since} and {self.until or 'today'}.")
        return start, end


def _day(text: str, now: float) -> int:
    """When a day of UTC begins: `30d` counts back with today as the last, `2026-11-20` is itself."""
    if match := _DAYS.fullmatch(text):
        return last_days(int(match[1]), now)[0]
    try:
        return timegm(time.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no day: write 30d or 2026-11-20.") from None


def asked(kind: str, by: str, since: str, until: str) -> Asked:
    """What was asked for on the command line. Raises ValueError with a sentence."""
    if kind not in KINDS:
        raise ValueError(f"There is no usage of {kind!r}: choose from {', '.join(KINDS)}.")
    dimensions = {called(name): name for name in KINDS[kind].dimensions}
    words = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    unknown = [word for word in words if dimensions.get(word, word) not in dimensions.values()]
    if unknown:
        raise ValueError(f"{kind} are not told apart by {unknown[0]!r}: choose from {', '.join(dimensions)}.")
    found = Asked(KINDS[kind], tuple(dimensions.get(word, word) for word in words), since, until)
    found.bounds(time.time())
    return found


@dataclass(frozen=True, slots=True)
class Spending:
    """What the days from `start` to `end` came to, by the values of the dimensions, largest first."""

    asked: Asked
    start: int
    end: int
    now: float
    groups: list[tuple[tuple[Group, ...], Figures]]
    names: dict[str, str]

    @property
    def total(self) -> Figures:
        """All of it, measure by measure."""
        return add_up(figures for _, figures in self.groups) or (Amount(),) * len(self.asked.kind.measures)

    @property
    def missing(self) -> str:
        """How many parts of it cannot be read, in a sentence; "" for none."""
        measures = zip(self.total, self.asked.kind.measures, strict=True)
        told = [f"{said} ({each.label})" for total, each in measures if (said := missing(total, each.noun))]
        return f"{'; '.join(told)}: the sums are without them." if told else ""

    @property
    def period(self) -> str:
        """The days in words, and whether the last is over."""
        days = (time.strftime("%Y-%m-%d", time.gmtime(at)) for at in (self.start, self.end - 1))
        return " to ".join(days) + " UTC" + (", the last not over" if self.now < self.end else "")


async def _read(client: Client, asked: Asked) -> Spending:
    """Ask for it, and for what people call the ids. Raises ApiError."""
    names: dict[str, str] = {}

    async def learn(dimension: str, projects: tuple[str, ...] = ()) -> None:
        try:
            async for told in labels(client, dimension, projects):
                names.update(told)
        except ApiError:
            pass  # they stay ids

    for dimension in dict.fromkeys((_HOME, *asked.by)):  # the first call tells the server's clock, too
        await learn(dimension)
    start, end = asked.bounds(client_now(client))
    # A key has one project: with it, what people call the key can be found.
    by = tuple(dict.fromkeys((*asked.by, *([_HOME] if "api_key_id" in asked.by else ()))))
    found = await totals(client, asked.kind, by, start, end)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1][0], str(pair[0])))
    if "api_key_id" in asked.by:
        homes = dict.fromkeys(home for group, _ in ranked if (home := group[by.index(_HOME)]))
        await learn("api_key_id", tuple(homes))
    held: dict[tuple[Group, ...], list[Figures]] = {}
    for group, figures in ranked:
        held.setdefault(group[: len(asked.by)], []).append(figures)
    sums = [(group, add_up(each)) for group, each in held.items()]
    sums.sort(key=lambda pair: -pair[1][0])
    return Spending(asked, start, end, client_now(client), sums, names)


def read(connection: Connection, asked: Asked) -> Spending:
    """What was asked for. Raises ApiError."""

    async def go() -> Spending:
        client = Client(connection)
        try:
            return await _read(client, asked)
        finally:
            await client.aclose()

    return asyncio.run(go())


def rendered(form: str, spending: Spending) -> Iterator[str]:
    """It as `table`, `json` or `csv`, in lines."""
    match form:
        case "json":
            yield dumps(_told(spending), indent=2)
        case "csv":
            yield from _csv(spending)
        case _:
            yield from _table(spending)


def _told(spending: Spending) -> dict[str, object]:
    kind = spending.asked.kind
    measures = [measure.path for measure in kind.measures]
    return {
        "kind": kind.name,
        "start_time": spending.start,
        "end_time": spending.end,
        "partial": spending.now < spending.end,
        "total": dict(zip(measures, spending.total, strict=True)),
        "unreadable": _unread(spending.total),
        "groups": [
            {
                **(ids := dict(zip(spending.asked.by, group, strict=True))),
                **{
                    f"{called(name)}_name": spending.names.get(str(ids[name]))
                    for name in ids
                    if name in NAME_SOURCES
                },
                **dict(zip(measures, figures, strict=True)),
                "unreadable": _unread(figures),
            }
            for group, figures in spending.groups
        ],
    }


def _unread(figures: Figures) -> int:
    """How many parts of some sums cannot be read."""
    return sum(figure.unread for figure in figures)


def _csv(spending: Spending) -> Iterator[str]:
    by, kind = spending.asked.by, spending.asked.kind
    named = [name for name in by if name in NAME_SOURCES]
    rows: list[list[object]] = [
        [*by, *(f"{called(name)}_name" for name in named), *(measure.path for measure in kind.measures)]
    ]
    for group, figures in spending.groups:
        ids = dict(zip(by, group, strict=True))
        rows.append([*group, *(spending.names.get(str(ids[name])) for name in named), *figures])
    if _unread(spending.total):
        rows[0].append("unreadable")
        for row, (_, figures) in zip(rows[1:], spending.groups, strict=True):
            row.append(_unread(figures))
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(map(csv_cell, row))
        yield line.getvalue()


def _table(spending: Spending) -> Iterator[str]:
    by, measures = spending.asked.by, spending.asked.kind.measures
    headers = [called(name).replace("_", " ").upper() for name in by] + [each.label.upper() for each in measures]

    def row(words: list[str], figures: Figures) -> list[str]:
        read = (shown(value, each.unit) for value, each in zip(figures, measures, strict=True))
        return [*words, *read]

    def word(value: Group, dimension: str) -> str:
        return f"(no {called(dimension)})" if value is None else clean(spending.names.get(value, value), 60)

    rows = [
        row([word(value, name) for value, name in zip(group, by, strict=True)], figures)
        for group, figures in spending.groups
    ]
    if by:
        rows.append(row(["total", *[""] * (len(by) - 1)], spending.total))
    yield f"{spending.asked.kind.name}, {spending.period}"
    yield from aligned(headers, rows, ["left"] * len(by) + ["right"] * len(measures))
