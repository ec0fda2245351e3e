"""Copying rate limits to many projects and models: planning the calls, and making them in turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.resources.language.reading.amounts import read_count
from tui.resources.organization.limits import RATE_LIMITS, EditRateLimit
from tui.workflows.plan.calls import attempt, ends_alike

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from tui.api.errors import ApiError
    from tui.live.platform import Platform
    from tui.resources.language.objects import Record

FIELDS = tuple(EditRateLimit.model_fields)
CROWDED = 1.0  # seconds between looks at the budget once it is used up


@dataclass(frozen=True, slots=True)
class LimitChange:
    """One call: the cell, and the limits it gets."""

    cell: Record
    body: Mapping[str, int]

    @property
    def project(self) -> str:
        """The id of its project."""
        return str(self.cell.at("project.id") or "")


@dataclass(frozen=True, slots=True)
class LimitOutcome:
    """What became of a change: the limits it has now, or why not."""

    change: LimitChange
    answer: Mapping[str, Any] | None = None
    error: ApiError | None = None


def plan_changes(source: Record, targets: Iterable[Record]) -> list[LimitChange]:
    """Return the calls that give `targets` the limits of `source`, where both have a limit and it differs."""
    wanted = {name: int(value) for name in FIELDS if (value := read_count(source.at(name))) is not None}
    changes = []
    for target in targets:
        body = {name: value for name, value in wanted.items() if _differs(target.at(name), value)}
        if body:
            changes.append(LimitChange(target, body))
    return changes


def _differs(now: Any, wanted: int) -> bool:
    """Return whether a limit is there and is another one. One that cannot be read counts as equal."""
    return (found := read_count(now)) is not None and found != wanted


async def carry_out(
    platform: Platform,
    changes: Iterable[LimitChange],
    on_outcome: Callable[[LimitOutcome], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Make the calls within the request budget, none twice; `on_outcome` hears what became of each.

    Being refused for want of a right ends it. Cancelling stops before the next call.
    """
    for change in changes:
        while platform.requests_last_minute >= platform.budget:
            await sleep(CROWDED)
        outcome = await _apply(platform, change, sleep)
        on_outcome(outcome)
        if outcome.error and ends_alike(outcome.error):
            return


async def _apply(
    platform: Platform, change: LimitChange, sleep: Callable[[float], Awaitable[None]]
) -> LimitOutcome:
    record, scope = RATE_LIMITS.record(change.cell.raw), {"project_id": change.project}
    action = RATE_LIMITS.actions[0]
    made = await attempt(lambda: platform.act(RATE_LIMITS, scope, record, action, change.body), sleep)
    return LimitOutcome(change, made.answer, made.error)
