"""Usage and costs: time buckets, in UTC, of what was used up to the last whole minute."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field

from tui.sandbox.families.organization.common import DAY, Strings
from tui.sandbox.families.organization.usage.consumption import bytes_stored, charges, requests_between, streams
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Fields, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui.sandbox.families.organization.usage.consumption import Stream
    from tui.sandbox.world import JSON, World

family = Family()

KEYS_SINCE = 1_764_979_200  # costs are known by key from here on
_WIDTHS = {"1m": (60, 60, 1440), "1h": (3600, 24, 168), "1d": (DAY, 7, 31)}  # seconds, usual and most buckets
_COSTS = (DAY, 7, 180)
_USUAL = ("project_id", "user_id", "api_key_id", "model")
# What each endpoint calls its results, and what they can be grouped by.
_ENDPOINTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "audio_speeches": ("audio_speeches", _USUAL),
    "audio_transcriptions": ("audio_transcriptions", _USUAL),
    "code_interpreter_sessions": ("code_interpreter_sessions", ("project_id",)),
    "completions": ("completions", (*_USUAL, "batch", "service_tier")),
    "embeddings": ("embeddings", _USUAL),
    "file_search_calls": ("file_searches", ("project_id", "user_id", "api_key_id", "vector_store_id")),
    "images": ("images", (*_USUAL, "size", "source")),
    "moderations": ("moderations", _USUAL),
    "vector_stores": ("vector_stores", ("project_id",)),
    "web_search_calls": ("web_searches", (*_USUAL, "context_level")),
}
_FILTERS = {
    "project_ids": "project_id",
    "user_ids": "user_id",
    "api_key_ids": "api_key_id",
    "models": "model",
    "vector_store_ids": "vector_store_id",
    "sources": "source",
    "sizes": "size",
    "context_levels": "context_level",
}


class BucketQuery(Fields):
    """The query of all of them: a time range in unix seconds, what to keep and how to group it."""

    start_time: Annotated[int, Field(ge=0)]
    end_time: Annotated[int, Field(ge=0)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    page: str | None = None
    group_by: Strings = []
    project_ids: Strings = []
    user_ids: Strings = []
    api_key_ids: Strings = []


class UsageQuery(BucketQuery):
    """The query of the usage endpoints."""

    bucket_width: Literal["1m", "1h", "1d"] = "1d"
    models: Strings = []
    vector_store_ids: Strings = []
    sources: Strings = []
    sizes: Strings = []
    context_levels: Strings = []
    batch: bool | None = None


class CostQuery(BucketQuery):
    """The query of the costs."""

    bucket_width: Literal["1d"] = "1d"
    line_items: Strings = []


class RawQuery(Fields):
    """The query of the raw data: a time range and the width, in seconds, of its rows."""

    start_time: int
    end_time: int
    width: Literal["60", "3600", "86400"] = "3600"


class Bucket(NamedTuple):
    """A span of unix seconds, and where in it what is known ends."""

    start: int
    end: int
    known: int


# Buckets.


def _buckets(query: BucketQuery, now: float, width: int, usual: int, most: int) -> tuple[list[Bucket], str | None]:
    """Return the buckets of a page and the next cursor. The first begins where asked, others at whole widths."""
    limit = query.limit or usual
    if limit > most:
        message = (
            f"Invalid 'limit': integer above maximum value. Expected a value <= {most}, but got {limit} instead."
        )
        raise Problem(message, param="limit", code="integer_above_max_value")
    if query.end_time is not None and query.end_time <= query.start_time:
        raise Problem("'end_time' must be after 'start_time'.", param="end_time", code="invalid_value")
    start = _read_cursor(query.page) if query.page else query.start_time
    last = min(query.end_time or int(now) + 1, int(now) + 1)
    buckets: list[Bucket] = []
    while start < last and len(buckets) < limit:
        end = min(start // width * width + width, query.end_time or 10**12)
        buckets.append(Bucket(start, end, max(start, min(end, int(now) // 60 * 60))))
        start = end
    return buckets, _page(start) if start < last else None


def _page(start: int) -> str:
    return "page_" + base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def _read_cursor(page: str) -> int:
    """Return where a page begins. Raises `Problem` when no answer named it."""
    text = page.removeprefix("page_")
    try:
        start = int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        start = -1
    if start < 0 or _page(start) != page:
        raise Problem(f"Invalid 'page': '{page}'.", param="page", code="invalid_value")
    return start


def _answer(found: tuple[list[Bucket], str | None], results: Callable[[Bucket], Sequence[JSON]]) -> Answer:
    buckets, following = found
    data = [
        {"object": "bucket", "start_time": one.start, "end_time": one.end, "results": results(one)}
        for one in buckets
    ]
    return {"object": "page", "data": data, "has_more": following is not None, "next_page": following}


def _matching_streams(world: World, query: BucketQuery) -> Iterator[Stream]:
    """Yield the streams that pass a query's filters."""
    wanted = {name: set(asked) for field, name in _FILTERS.items() if (asked := getattr(query, field, ()))}
    batch = getattr(query, "batch", None)
    for stream in streams(world):
        has = stream.has
        if all(has.get(name) in values for name, values in wanted.items()) and batch in (None, has.get("batch")):
            yield stream


def _grouping(query: BucketQuery, allowed: Sequence[str]) -> tuple[str, ...]:
    for name in query.group_by:
        if name not in allowed:
            choices = ", ".join(f"'{one}'" for one in allowed)
            message = f"Invalid value: '{name}'. Supported values are: {choices}."
            raise Problem(message, param="group_by", code="invalid_value")
    return tuple(dict.fromkeys(query.group_by))


def _amounts(seed: int, stream: Stream, bucket: Bucket) -> JSON:
    """Return the figures of a stream in a bucket; none if there are none."""
    if stream.kind == "vector_stores":  # a level, not an amount: what lies there at the end
        stored = bytes_stored(stream, bucket.start // DAY) if bucket.known > bucket.start else 0
        return {"usage_bytes": stored} if stored else {}
    requests, day = requests_between(seed, stream, bucket.start, bucket.known)
    return {name: value * requests for name, value in day.figures.items()} if requests else {}


# Usage.


def _declare(kind: str, result: str, dimensions: tuple[str, ...]) -> None:
    """Declare the operation that lists one kind of usage."""

    @family.route("GET", f"/organization/usage/{kind}", query=UsageQuery)
    def usage(world: World, query: UsageQuery) -> Answer:
        grouping = _grouping(query, dimensions)
        kept = [(stream, stream.has) for stream in _matching_streams(world, query) if stream.kind == kind]

        def results(bucket: Bucket) -> list[JSON]:
            groups: dict[tuple[Any, ...], defaultdict[str, int]] = {}
            for stream, has in kept:
                if amounts := _amounts(world.seed, stream, bucket):
                    sums = groups.setdefault(tuple(has.get(name) for name in grouping), defaultdict(int))
                    for name, amount in amounts.items():
                        sums[name] += amount
            return [
                {
                    "object": f"organization.usage.{result}.result",
                    **sums,
                    **dict.fromkeys(dimensions),
                    **dict(zip(grouping, group, strict=True)),
                }
                for group, sums in sorted(groups.items(), key=lambda item: repr(item[0]))
            ]

        return _answer(_buckets(query, world.now(), *_WIDTHS[query.bucket_width]), results)


for _kind, (_result, _dimensions) in _ENDPOINTS.items():
    _declare(_kind, _result, _dimensions)


# Costs.

_COST_DIMENSIONS = ("project_id", "user_id", "line_item", "api_key_id")


@family.route("GET", "/organization/costs", query=CostQuery)
def costs(world: World, query: CostQuery) -> Answer:
    """List the costs of each day, in dollars."""
    grouping = _grouping(query, _COST_DIMENSIONS)
    if "api_key_id" in grouping and query.start_time < KEYS_SINCE:
        message = f"Grouping by 'api_key_id' is only supported for a 'start_time' of {KEYS_SINCE} or later."
        raise Problem(message, param="group_by", code="invalid_value")
    if "user_id" in grouping and ("project_id" in grouping or query.project_ids):
        message = "Grouping by 'user_id' cannot be combined with 'project_id' or 'project_ids'."
        raise Problem(message, param="group_by", code="invalid_value")
    kept = [(stream, stream.has) for stream in _matching_streams(world, query)]

    def results(bucket: Bucket) -> list[JSON]:
        number = bucket.start // DAY
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for stream, has in kept:
            requests, day = requests_between(world.seed, stream, bucket.start, bucket.known)
            for line in charges(stream, requests, day, number) if requests else ():
                if line.nano and (not query.line_items or line.line_item in query.line_items):
                    names = {**has, "line_item": line.line_item}
                    sums = groups.setdefault(tuple(names.get(name) for name in grouping), [0, 0, line.unit])
                    sums[0] += line.nano
                    sums[1] += line.quantity
        return [
            {
                "object": "organization.costs.result",
                "amount": {"value": nano / 10**9, "currency": "usd"},
                **dict.fromkeys(_COST_DIMENSIONS),
                **dict(zip(grouping, group, strict=True)),
                "quantity": quantity if "line_item" in grouping else None,
                "quantity_unit": unit if "line_item" in grouping else None,
            }
            for group, (nano, quantity, unit) in sorted(groups.items(), key=lambda item: repr(item[0]))
        ]

    return _answer(_buckets(query, world.now(), *_COSTS), results)


# Raw data, to check the sums by.


@family.control("GET", "/usage", query=RawQuery)
def raw_usage(world: World, query: RawQuery) -> Answer:
    """List all that was used, stream by stream: what any page of usage and costs must add up to."""
    width, rows = int(query.width), []
    last = min(query.end_time, int(world.now()) // 60 * 60)
    for stream in streams(world):
        start = query.start_time
        while start < last:
            end = min(start // width * width + width, last)
            requests, day = requests_between(world.seed, stream, start, end)
            amounts = _amounts(world.seed, stream, Bucket(start, end, end))
            lines = (
                [line for line in charges(stream, requests, day, start // DAY) if line.nano] if requests else []
            )
            if amounts:
                told = [{"line_item": line.line_item, "nano_usd": line.nano} for line in lines]
                rows.append(
                    {
                        "kind": stream.kind,
                        **stream.has,
                        "start_time": start,
                        "end_time": end,
                        **amounts,
                        "costs": told,
                    }
                )
            start = end
    return {"data": rows}
