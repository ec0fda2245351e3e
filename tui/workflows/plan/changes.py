"""What has changed since a plan was made: what it was to take away may be in use by now."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.workflows.consequences.consequences import find_users, needs_look
from tui.workflows.consequences.uses import PATIENCE

if TYPE_CHECKING:
    from tui.live.platform import Platform
    from tui.workflows.plan.run import PlanRun


async def leave_used(platform: Platform, run: PlanRun, patience: float = PATIENCE) -> str:
    """Leave out of a run what something uses by now; return in a sentence what of that is not known.

    What uses the objects is looked for again, for as long as `patience` (seconds). Raises ApiError.
    """
    unknown = []
    for _, group in groupby(run.untried, lambda step: (step.resource.name, step.action.name)):
        steps = list(group)
        first = steps[0]
        if not needs_look(first.resource, first.action):
            continue
        records = [step.record for step in steps]
        users, unseen = await find_users(platform, first.resource, first.action, records, first.scope, patience)
        for step in steps:
            if used := users.get(step.record.id):
                run.leave_out(step, ApiError(f"{used} It was left alone."))
        if unseen.leaves_open:
            unknown.append(str(unseen))
    return f"It is not known whether something uses them. {' '.join(unknown)}" if unknown else ""
