"""Calls for many objects, a few at once, until all are done or a signal, such as ctrl+c, stops it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.live.tasks.tasks import Tasks
from tui.system.signals import on_signals
from tui.workflows.plan.plan import Plan, Step
from tui.workflows.plan.run import PlanRun

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tui.headless.writes.orders import Hearing
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource
    from tui.workflows.plan.plan import StepOutcome


@dataclass(frozen=True, kw_only=True)
class NamedStep(Step):
    """A step that is known by a name, such as the path of a file that is sent."""

    call: str
    """The name."""


async def run_each(
    resource: Resource,
    action: Action,
    names: Sequence[str],
    call: Callable[[str], Awaitable[Any]],
    tell: Callable[[StepOutcome, Any], None],
    hearing: Hearing,
    scheduler: Scheduler | None = None,
) -> tuple[PlanRun, int]:
    """Make a call for each name, and tell of each as it ends, with what its call gave (None: it failed).

    Returns also the exit code of the signal that stopped it, 0 for none.
    """
    place = resource.record({})
    steps = [NamedStep(resource=resource, action=action, record=place, call=name) for name in names]
    return await run_steps(Tasks(), steps, lambda step: call(step.call), tell, hearing, scheduler)


async def run_steps(
    tasks: Tasks,
    steps: Sequence[Step],
    write: Callable[[Step], Awaitable[Any]],
    tell: Callable[[StepOutcome, Any], None],
    hearing: Hearing,
    scheduler: Scheduler | None = None,
) -> tuple[PlanRun, int]:
    """Make the calls of steps of one action, and tell of each as it ends, with what it gave (None: it failed).

    Returns also the exit code of the signal that stopped it, 0 for none. While that is under way,
    what is left of it is kept where `tasks` keeps such.
    """
    answers: dict[str, Any] = {}
    faults: list[Exception] = []
    first = steps[0]

    async def make(step: Step) -> None:
        answers[step.call] = await write(step)

    def hear(outcome: StepOutcome) -> None:
        try:
            tell(outcome, answers.pop(outcome.call, None))
        except Exception as error:  # the calls go on; it is raised at the end
            faults.append(error)
        if len(steps) > 1:
            hearing.progress(f"{len(run.outcomes):,}/{len(steps):,} {first.action.label} · ctrl+c stops")

    run = PlanRun(f"{first.action.label} {first.resource.name}", steps, make, _Heard(hear), scheduler=scheduler)
    tasks.add(run)
    try:
        with on_signals(lambda: tasks.cancel(run)) as caught:
            await run.end.wait()
    finally:
        tasks.forget(run)  # unless something ended it before its end
        await tasks.aclose()
    if run.error:
        raise run.error
    hearing.progress("")
    if faults:
        raise faults[0]
    return run, caught.code


class _Heard(Plan[Step]):
    """A plan of which somebody hears each outcome."""

    def __init__(self, hear: Callable[[StepOutcome], None]) -> None:
        super().__init__()
        self._hear = hear

    def note_outcome(self, step: Step, outcome: StepOutcome) -> None:
        """Tell of it."""
        super().note_outcome(step, outcome)
        self._hear(outcome)
