"""Making the calls of an off-boarding plan."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.live.tasks.bulk import attempt
from tui.workflows.offboarding.kinds import ADMIN_API_KEYS, PERSON
from tui.workflows.offboarding.plan import OffboardOutcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui.live.platform import Platform
    from tui.workflows.offboarding.plan import OffboardPlan, OffboardStep


async def carry_out(
    platform: Platform,
    plan: OffboardPlan,
    on_change: Callable[[], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Make the calls that remain, one after another; `on_change` is called when one begins or ends.

    It does not wait for room in the budget; the polls give way to it: a leaver's key is to be dead now. What fails
    is noted and the rest goes on, unless no further call could succeed. Cancelling stops at once.
    """
    step = None
    try:
        for step in plan.remaining:
            plan.running = step.call
            on_change()
            outcome = _hold_back(plan, step) or await _take_away(platform, step, sleep)
            plan.running = ""
            plan.note_outcome(step, outcome)
            if outcome.error and outcome.error.about_caller:
                return
    finally:
        if plan.running and step:  # it was stopped
            plan.running = ""
            plan.note_outcome(step, OffboardOutcome("unknown"))
        on_change()


def _hold_back(plan: OffboardPlan, step: OffboardStep) -> OffboardOutcome | None:
    """Return a failure for removing the user while an admin key is left: only the user's id tells its owner."""
    open_ = (
        each for each in plan.steps if each.kind is ADMIN_API_KEYS and plan.state(each) in ("failed", "unknown")
    )
    if step.kind is PERSON and (key := next(open_, None)):
        how = "is" if plan.state(key) == "failed" else "may be"
        return OffboardOutcome(
            "failed", ApiError(f"{key.name} {how} there still, and only this user tells whose it is.")
        )
    return None


async def _take_away(
    platform: Platform, step: OffboardStep, sleep: Callable[[float], Awaitable[None]]
) -> OffboardOutcome:
    """Make the call of a step and return its outcome."""
    kind = step.kind
    made = await attempt(lambda: platform.act(kind.resource, step.scope, step.record, kind.action), sleep)
    return OffboardOutcome(made.state, made.error)
