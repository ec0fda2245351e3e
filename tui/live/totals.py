"""Totals of a kind of usage over whole days, asked for page by page."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadAnswer
from tui.resources.language.reading.amounts import UNREAD, Amount, read_count, sum_columns, word_of
from tui.resources.language.reading.times import unix_time
from tui.resources.usage import DAY, FILTERS, WIDTHS, read_amount

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence

    from tui.api.client import Client
    from tui.api.paging.pages import Page
    from tui.resources.language.consumption import UsageKind

_SECONDS = {words: seconds for seconds, words in WIDTHS.items()}
_IDLE = 10  # pages in a row without a bucket that is asked for and new, after which no more are asked
NO_FILTER: Mapping[str, str] = MappingProxyType({})
Group = str | None  # a value of the dimension grouped by; None where the API names none
Totals = dict[tuple[Group, ...], tuple[Amount, ...]]  # the sum of each measure, by the values of some dimensions


def find_last_days(days: int, now: float) -> tuple[int, int]:
    """Return the begin and the end of so many days of UTC, today the last of them (unix seconds)."""
    end = (int(now) // DAY + 1) * DAY
    return end - days * DAY, end


async def read_totals(
    client: Client,
    kind: UsageKind,
    by: Sequence[str],
    start: int,
    end: int,
    *,
    only: Mapping[str, str] = NO_FILTER,
    on_lack: Callable[[str], None] | None = None,
) -> Totals:
    """Return what whole days come to, as `read_totals_between` does for one span of days. Raises ApiError.

    A level does not add up: of that it is the last day's.
    """
    if kind.measures[0].level:
        start = max(start, end - DAY)
    (found,) = await read_totals_between(client, kind, by, (start, end), only=only, on_lack=on_lack)
    return found


async def read_totals_between(
    client: Client,
    kind: UsageKind,
    by: Sequence[str],
    edges: Sequence[int],
    *,
    only: Mapping[str, str] = NO_FILTER,
    on_lack: Callable[[str], None] | None = None,
) -> list[Totals]:
    """Return what spans of whole days come to, for each combination of values of some dimensions.

    `edges` are the days (unix seconds) at which one span ends and the next begins. `only` keeps what has one value
    of a dimension, as far as the API can tell dimensions apart. Raises ApiError, where the server broke off, too,
    lest somebody reckon with a part of it, unless `on_lack` hears why there is no more than a part. What is there
    and cannot be read is counted by the amounts; a day that cannot be, by those of no group, in the first span
    that lacks one.
    """
    days: dict[int, list[Any]] = {}
    nobody: tuple[Group, ...] = (None,) * len(by)
    figures: list[dict[tuple[Group, ...], list[tuple[Amount, ...]]]] = [{} for _ in edges[1:]]
    unreadable = 0  # days
    kept = {FILTERS[name]: [value] for name, value in only.items() if name in FILTERS}
    for call in build_queries(kind, by, edges[0], edges[-1]):
        page = None
        try:
            async for page in read_usage_pages(client, kind, {**call, **kept}):
                for item in page.items:
                    if read := read_bucket(item):
                        day, results = read
                        days[day] = merge_results(days[day], results, by) if day in days else results
                    else:
                        unreadable += 1
            if page and page.has_more:
                raise BadAnswer("shape", "The server has more of this than it gave.")
        except ApiError as error:
            if on_lack is None or not (days or unreadable):
                raise
            on_lack(str(error))
            break
    for held, (start, end) in zip(figures, pairwise(edges), strict=True):
        for result in (result for day, results in days.items() if start <= day < end for result in results):
            group = tuple(read_dimension(result, name) for name in by) if isinstance(result, dict) else nobody
            held.setdefault(group, []).append(tuple(read_amount(result, measure) for measure in kind.measures))
        lacking = len([day for day in range(start, end, DAY) if day not in days])
        missed = unreadable if end == edges[-1] else min(unreadable, lacking)
        unreadable -= missed
        if missed:
            held.setdefault(nobody, []).extend([(UNREAD,) * len(kind.measures)] * missed)
    return [{group: sum_columns(each) for group, each in held.items()} for held in figures]


def build_queries(
    kind: UsageKind, by: Sequence[str], start: int, end: int, width: int = DAY
) -> Iterator[dict[str, Any]]:
    """Return the queries for a kind of usage by some dimensions, each within what the API allows.

    Where a dimension is known only from some moment on, what is before it is asked for without.
    """
    edges = sorted({start, end, *(kind.since[name] for name in by if name in kind.since)})
    for since, until in pairwise(edge for edge in edges if start <= edge <= end):
        yield {
            "start_time": since,
            "end_time": until,
            "bucket_width": WIDTHS[width],
            "group_by": [name for name in by if kind.since.get(name, 0) <= since],
            "limit": min(kind.buckets[width], math.ceil((until - since) / width)),
        }


async def read_usage_pages(client: Client, kind: UsageKind, call: Mapping[str, Any]) -> AsyncGenerator[Page, None]:
    """Yield the pages of one query, until their buckets are past its end or bring nothing new within it.

    Where it had to end early, the last page says `has_more` and has no `next`. Raises ApiError.
    """
    query = {name: value for name, value in call.items() if name != "limit"}
    start, end, width = call["start_time"], call["end_time"], _SECONDS[call["bucket_width"]]
    seen: set[int] = set()
    idle = 0
    async for page in client.pages(kind.operation, query=query, limit=call["limit"]):
        moments = {read[0] for read in map(read_bucket, page.items) if read}
        new = {moment for moment in moments if start - width < moment < end} - seen
        seen |= new
        idle = 0 if new else idle + 1
        past = bool(moments) and min(moments) >= end
        if page.next is not None and (past or idle >= _IDLE):
            whole = past and max(seen, default=start) + width >= end
            yield replace(page, has_more=not whole, next=None)
            return
        yield page


def merge_results(known: list[Any], results: list[Any], by: Sequence[str]) -> list[Any]:
    """Return the results of a bucket that came in two parts: those of other groups add up.

    What comes again as it was counts once. Where a group comes with other figures, the later ones count, and one
    result more that cannot be read: nobody knows which are right.
    """
    groups = {_group_of(result, by) for result in results}
    kept = [result for result in known if _group_of(result, by) not in groups]
    doubted = [result for result in known if _group_of(result, by) in groups and result not in results]
    return [*kept, *results, *([None] if doubted else [])]


def _group_of(result: Any, by: Sequence[str]) -> tuple[Group, ...] | None:
    return tuple(read_dimension(result, name) for name in by) if isinstance(result, dict) else None


def read_dimension(result: Mapping[str, Any], dimension: str) -> Group:
    """Return the value a result has of a dimension, as text."""
    value = result.get(dimension)
    return None if value is None else word_of(value)


def read_bucket(item: Any) -> tuple[int, list[Any]] | None:
    """Return when a bucket begins (unix seconds) and its results; None where that cannot be read."""
    if not isinstance(item, dict) or not isinstance(item.get("results"), list):
        return None
    start = item.get("start_time")
    moment = unix_time(start) or read_count(start)
    return None if moment is None else (int(moment), item["results"])
