"""A made-up resource, and pages of it from memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.live.lists.collection import Collection, Delta
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Progress,
)
from tui.resources.language.objects import Object, Record
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = 1_750_000_000.0


class Job(Object):
    """A job: it has a state and gets done bit by bit."""

    name: str | None = None
    state: str | None = None
    done: int = 0
    failed: int = 0
    total: int = 0


def _state(value: Any, _record: Record, _context: CellContext) -> Cell:
    shown = {"running": Cell("◐ running", "accent"), "failed": Cell("✖ broken", "bad")}
    return shown.get(value, Cell(f"✓ {value}", "good"))


def _bar(value: Any, _record: Record, _context: CellContext) -> Cell:
    full = round(value * 12)
    return Cell(f"{'█' * full}{'░' * (12 - full)} {value:4.0%}")


def _age(value: Any, _record: Record, context: CellContext) -> Cell:
    minutes = (context.now - value) / 60
    return Cell(f"{minutes:.0f} m" if minutes < 120 else f"{minutes / 60:.0f} h", "dim")


def _eta(_value: Any, record: Record, context: CellContext) -> Cell:
    left = record.object.total - record.object.done
    return Cell(f"{left / context.rate:.0f} s") if context.rate else Cell("·", "dim")


def _failed(value: Any, _record: Record, _context: CellContext) -> Cell:
    return Cell(str(value), "bad" if value else "dim")


JOBS = Resource(
    name="jobs",
    singular="job",
    family="Tests",
    model=Job,
    list=Operation("listJobs", "GET", "/jobs"),
    columns=(
        Column("STATE", "state", _state, 14),
        Column("ID", "id", width=17),
        Column("NAME", "name", width=14, grow=True, drop_order=4),
        Column("PROGRESS", lambda job: job.done / job.total, _bar, 17, first_sort="down"),
        Column("FAIL", "failed", _failed, 6, align="right", drop_order=2, first_sort="down"),
        Column("ETA", "", _eta, 6, align="right", drop_order=1),
        Column("SIZE", "bytes", width=9, align="right", drop_order=3, first_sort="down"),
        Column("AGE", "created_at", _age, 5, align="right", drop_order=5, first_sort="down"),
        Column("META", "metadata", width=20, wide=True, drop_order=9),
    ),
    active=lambda job: job.state == "running",
    attention=lambda job, _: "it broke" if job.state == "failed" else None,
    progress=lambda job: Progress(job.done, job.failed, job.total),
)


def job(number: int, **fields: Any) -> dict[str, Any]:
    """One object as the server sends it. Higher numbers are older."""
    return {
        "id": f"job_{number:012}",
        "name": f"nightly-{number % 7}",
        "state": "running" if number % 5 == 0 else "done",
        "done": number % 101,
        "failed": 0,
        "total": 100,
        "bytes": (number * 7919) % 100_003,
        "created_at": NOW - 60 * number,
        "metadata": {"run": f"r{number % 3}"},
        **fields,
    }


def feed(collection: Collection, items: Sequence[Any], now: float = NOW) -> Delta:
    """Give a collection the whole list."""
    return collection.apply(items, after=None, has_more=False, next=None, now=now)


def listed(count: int) -> Collection:
    """A collection of so many jobs."""
    collection = Collection(JOBS)
    feed(collection, [job(number) for number in range(count)])
    return collection
