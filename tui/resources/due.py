"""What ends: objects that stop working or expire, and families that the platform ends, with who used them lately.

They are gathered from other lists, so this is no kind of object of the platform, and it is not registered.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Action, Open
from tui.resources.language.cells import (
    NO_VALUE,
    NOT_KNOWN,
    count_down,
    date_time,
    duration,
    instant,
    own_id,
    short_count,
)
from tui.resources.language.column import Cell, CellContext, Column, Field, Section
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource
from tui.resources.tasks import LOCAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record

DAY = 86_400.0
ROTATED = "old key"  # the kind of a key that another has taken the place of
SOON = 30 * DAY  # seconds: what is in use and ends within needs its owner
USED_DAYS = 7  # days over which it is counted who used it
_NEAR = 7 * DAY
_FIRST = 3  # users that a row names


class Use(Object):
    """Who used something: a key of a project, and how many requests it made."""

    project_id: str | None = None
    project: str | None = None
    """What people call the project, where that is known; likewise the key."""
    api_key_id: str | None = None
    key: str | None = None
    requests: Any = None


class End(Object):
    """Something that ends."""

    kind: str | None = None
    """What one object of its list is called, or `family`."""
    resource: str | None = None
    """The resource that it is an object of, or whose family ends."""
    object_id: str | None = None
    name: str | None = None
    ends_at: float | None = None
    """When it ends, in unix seconds."""
    used_by: list[Use] | None = None
    """Who used it lately; None where that is not known."""
    requests: Any = None
    """All their requests, as a number; None where that is not known."""


def _show_unknown(record: Record, context: CellContext) -> Cell:
    """Show that nothing is known of who uses it: of models it will be, or could be, of all else it never is."""
    if record.at("resource") != "models":
        return NO_VALUE
    return Cell("…", "dim") if "used_by" in context.reading else NOT_KNOWN


def _users(value: Any, record: Record, context: CellContext) -> Cell:
    """Name the projects that used it, those with the most requests first."""
    if value is None:
        return _show_unknown(record, context)
    found = by_project(record.object)
    more = f" +{len(found) - _FIRST}" if len(found) > _FIRST else ""
    return Cell(", ".join(found[:_FIRST]) + more) if found else Cell("nobody", "dim")


def by_project(end: End) -> Sequence[str]:
    """Return the names of the projects that used something, those with the most requests first."""
    sums: dict[str, Decimal] = {}
    for use in end.used_by or ():
        project = use.project or use.project_id or "no project"
        sums[project] = sums.get(project, Decimal(0)) + Decimal(use.requests or 0)
    return sorted(sums, key=lambda project: -sums[project])


def _requests(value: Any, record: Record, context: CellContext) -> Cell:
    if value is None:
        return _show_unknown(record, context)
    told = format_requests(value)
    return Cell(told, "dim" if told == "0" else "warn" if told.endswith("?") else "")


def is_ahead(end: Record[End], now: float) -> bool:
    """Return whether something has not ended yet, or is an old key that waits to be deleted."""
    return end.object.kind == ROTATED or now < (end.object.ends_at or 0.0)


def format_requests(requests: Any) -> str:
    """Return a number of requests, with `+?` where a part of it could not be read."""
    missing = getattr(requests, "unread", 0)
    return short_count(float(requests or 0)) + (" +?" if missing else "")


def _use_lines(end: End, _context: CellContext) -> list[tuple[str, Cell]]:
    """Return a line for each key that used it."""
    if end.used_by is None:
        return [("", Cell("It is not known who uses it.", "dim"))]
    uses = sorted(end.used_by, key=lambda use: -(use.requests or 0))
    if not uses:
        return [("", Cell("Nobody used it.", "dim"))]
    lines = []
    for use in uses:
        project = use.project or use.project_id or "no project"
        key = use.key or use.api_key_id or "no key"
        made = f"{format_requests(use.requests)} requests"
        lines.append((project, Cell(f"{made} by {key}", ref=use.project_id or "")))
    return lines


def _attention(end: End, context: CellContext) -> str | None:
    """Return a reason to look if something in use ends soon or has ended, or an old key may be deleted by now."""
    if end.kind == ROTATED:
        return "it may be deleted by now: s in :tasks does it" if (end.ends_at or 0) <= context.now else None
    used = end.requests or getattr(end.requests, "unread", 0)
    if not used or end.ends_at is None or end.ends_at - context.now >= SOON:
        return None
    left = end.ends_at - context.now
    when = f"ends in {duration(left)}" if left > 0 else "has ended"
    return f"{when}; {format_requests(end.requests)} requests in {USED_DAYS} days"


DUE: Resource[End] = Resource(
    name="due",
    singular="end",
    family="Home",
    model=End,
    aliases=("ends", "stops"),
    columns=(
        Column("IN", "ends_at", count_down("ended", SOON, _NEAR), 6, align="right"),
        Column("KIND", "kind", width=12),
        Column("NAME", lambda end: end.name or end.object_id, width=24, grow=True),
        Column("USED 7D", "requests", _requests, 8, align="right", first_sort="down"),
        Column("USED BY", "used_by", _users, 30, grow=True),
        Column("ENDS AT", "ends_at", date_time, 23, drop_order=3),
        Column("ID", "object_id", own_id, 17, drop_order=5),
    ),
    title=lambda end: end.name or end.object_id,
    sort="IN",
    attention=_attention,
    ages=True,
    detail=(
        Section(
            "End",
            (
                Field("kind", "kind"),
                Field("name", "name"),
                Field("id", "object_id", own_id),
                Field("ends", "ends_at", instant),
                Field("used, 7 days", "requests", _requests),
            ),
        ),
        Section("Used in the last 7 days by", lines=_use_lines),
    ),
    actions=(
        Action(
            "takeout",
            "t",
            "take the family out",
            Open("takeout", LOCAL),
            on="many",
            refuse=lambda end: None if end.kind == "family" else "only a family that ends is taken out from here",
        ),
    ),
    notice="what stops or expires, and who uses it",
    screen="due",
    empty="Nothing that was read has an end.",
)
