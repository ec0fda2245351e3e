"""Usage and costs: what was used and paid for, in buckets of time. No objects: they have a screen of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.operation import Key, Operation
from tui.resources.language.cells import count
from tui.resources.language.column import Column
from tui.resources.language.consumption import Measure, UsageKind
from tui.resources.language.objects import Object
from tui.resources.language.reading.amounts import UNREAD, Amount, find_foreign_currency, read_dollars, read_number
from tui.resources.language.reading.amounts import read_count as counted
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE, HOUR, DAY = 60, 3_600, 86_400

# Most buckets of each width, in seconds, that one request may ask for.
_BUCKETS: Mapping[int, int] = {MINUTE: 1_440, HOUR: 168, DAY: 31}
WIDTHS = {MINUTE: "1m", HOUR: "1h", DAY: "1d"}

# The query parameter that keeps only some values of a dimension. Of other dimensions the API keeps all.
FILTERS = {
    "project_id": "project_ids",
    "user_id": "user_ids",
    "api_key_id": "api_key_ids",
    "model": "models",
    "vector_store_id": "vector_store_ids",
    "size": "sizes",
    "source": "sources",
    "context_level": "context_levels",
}


@dataclass(frozen=True, slots=True)
class NameSource:
    """The list that tells what people call the ids of a dimension, and where in it.

    `lists` are the resources whose objects tell the same, where they are loaded.
    """

    operation: Operation
    label: str
    query: Mapping[str, Any]
    lists: tuple[str, ...]


_PROJECTS = "/organization/projects"
NAME_SOURCES = {
    "project_id": NameSource(
        Operation("list-projects", "GET", _PROJECTS, key=Key.ADMIN),
        "name",
        {"include_archived": True},
        ("projects",),
    ),
    "user_id": NameSource(
        Operation("list-users", "GET", "/organization/users", key=Key.ADMIN), "email", {}, ("users",)
    ),
    "api_key_id": NameSource(
        Operation("list-project-api-keys", "GET", f"{_PROJECTS}/{{project_id}}/api_keys", key=Key.ADMIN),
        "name",
        {"owner_project_access": "any"},
        ("keys", "project-keys"),
    ),
}


_REQUESTS = Measure("num_model_requests", "requests")
_INPUT = Measure("input_tokens", "input tokens")
_USUAL = ("project_id", "user_id", "api_key_id", "model")


def _declare_kind(name: str, *measures: Measure, by: tuple[str, ...] = _USUAL) -> UsageKind:
    path = f"/organization/usage/{name}"
    operation = Operation(f"usage-{name.replace('_', '-')}", "GET", path, key=Key.ADMIN, exact=True)
    return UsageKind(name, operation, measures, by, _BUCKETS, {})


COSTS_KIND = UsageKind(
    "costs",
    Operation("usage-costs", "GET", "/organization/costs", key=Key.ADMIN, exact=True),
    (Measure("amount.value", "dollars", "$"),),
    ("project_id", "api_key_id", "line_item"),
    {DAY: 180},
    {"api_key_id": 1_764_979_200},
)
COMPLETIONS_KIND = _declare_kind(
    "completions",
    _INPUT,
    Measure("output_tokens", "output tokens"),
    _REQUESTS,
    Measure("input_cached_tokens", "cached input tokens"),
    by=(*_USUAL, "batch", "service_tier"),
)
_STORE_CALLS = ("project_id", "user_id", "api_key_id", "vector_store_id")
KINDS: dict[str, UsageKind] = {
    kind.name: kind
    for kind in (
        COMPLETIONS_KIND,
        _declare_kind("embeddings", _INPUT, _REQUESTS),
        _declare_kind("moderations", _INPUT, _REQUESTS),
        _declare_kind("images", Measure("images", "images"), _REQUESTS, by=(*_USUAL, "size", "source")),
        _declare_kind("audio_speeches", Measure("characters", "characters"), _REQUESTS),
        _declare_kind("audio_transcriptions", Measure("seconds", "seconds", "s"), _REQUESTS),
        _declare_kind("vector_stores", Measure("usage_bytes", "stored", "B", level=True), by=("project_id",)),
        _declare_kind("code_interpreter_sessions", Measure("num_sessions", "sessions"), by=("project_id",)),
        _declare_kind("file_search_calls", Measure("num_requests", "calls"), by=_STORE_CALLS),
        _declare_kind(
            "web_search_calls", Measure("num_requests", "calls"), _REQUESTS, by=(*_USUAL, "context_level")
        ),
        COSTS_KIND,
    )
}


class BucketRow(Object):
    """A figure of one group in one bucket, as it is exported."""

    start: str | None = None
    end: str | None = None
    partial: bool | None = None
    """Whether the bucket has not ended yet."""
    kind: str | None = None
    by: str | None = None
    """The dimension it is grouped by."""
    group: str | None = None
    """The group's value of that dimension,"""
    label: str | None = None
    """and its name."""
    measure: str | None = None
    value: Any = None
    unreadable: int = 0


def _declare_usage(name: str, singular: str, aliases: tuple[str, ...], *kinds: UsageKind) -> Resource[BucketRow]:
    """Return the resource of some kinds of usage, which has a screen of its own."""
    return Resource(
        name=name,
        singular=singular,
        family="Usage",
        model=BucketRow,
        aliases=aliases,
        columns=(
            Column("START", "start", width=20, grow=True),
            Column("END", "end", width=20, drop_order=2),
            Column("PARTIAL", "partial", width=7, drop_order=4),
            Column("KIND", "kind", width=12, drop_order=3),
            Column("BY", "by", width=10, drop_order=3),
            Column("GROUP", "group", width=20, drop_order=1),
            Column("NAME", "label", width=20, drop_order=1),
            Column("MEASURE", "measure", width=14, drop_order=3),
            Column("VALUE", "value", count, 12, align="right"),
            Column("UNREADABLE", "unreadable", count, 10, align="right", wide=True),
        ),
        screen="usage",
        uses=tuple(kind.operation for kind in kinds),
    )


USAGE = _declare_usage("usage", "bucket", ("us",), *(kind for kind in KINDS.values() if kind is not COSTS_KIND))
COSTS = _declare_usage("costs", "day", ("co", "cost", "spend"), COSTS_KIND)


def name_dimension(dimension: str) -> str:
    """Return a dimension as people call it."""
    return {"api_key_id": "key"}.get(dimension, dimension.removesuffix("_id"))


def read_amount(result: object, measure: Measure) -> Amount:
    """Return a figure of a bucket's result; where it cannot be read, an amount that says so."""
    value: Any = result
    *steps, last = measure.path.split(".")
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    if measure.unit == "$":
        found = read_dollars(value)
        if found is None and (currency := find_foreign_currency(value)):
            return Amount(0, 1, {currency: 1})
    else:
        told = value.get(last) if isinstance(value, dict) else None
        found = read_number(told) if measure.unit == "s" else counted(told)
    return UNREAD if found is None or (found < 0 and measure.unit != "$") else Amount(found)
