"""Making the calls of a plan in the background: some at once, paused, stopped within a second, gone on with."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import nullcontext
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, OutcomeUnknown
from tui.live.listeners import guard
from tui.live.lost_answers import find_answer
from tui.live.tasks.tasks import Task
from tui.live.writes.answer_checks import is_asked_for
from tui.workflows.plan.calls import LOOK_BEHIND, NOTHING_DONE, attempt, ends_alike, ends_all
from tui.workflows.plan.plan import ENDED_WELL, Plan, StepOutcome, describe_steps

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from tui.live.platform import Platform
    from tui.live.polling.scheduler import Scheduler
    from tui.live.tasks.store import Fact
    from tui.live.tasks.tasks import State
    from tui.resources.language.resource import Resource
    from tui.workflows.plan.changes import Look
    from tui.workflows.plan.plan import Step

AT_ONCE = 4  # calls of a stage on their way together
PAUSE = 0.2  # seconds between looks at whether it shall go on, while a call waits for its next try
_CUT_OFF = ApiError("The program ended before the answer came.", "Look how it is before you do it again.")
GRACE = 0.6  # seconds that calls on their way get to be answered once it is stopped

WORDS = {
    "done": "done",
    "asked": "asked for and still as before",
    "gone": "gone already",
    "failed": "failed",
    "unknown": "not known",
    "used": "left alone",
    "skipped": "not tried",
}
"""What a step's outcome is called, in the order in which they are told."""


class PlanRun(Task):
    """The calls of a plan as they are made: stage by stage, a few at once.

    What is answered with 429 is done again later. A call that one may not make skips those like it, a bad key or
    no way to the server all the rest. What was about to be sent is on the disk before it leaves.
    """

    kind = "write"
    unit = "objects"

    def __init__(
        self,
        what: str,
        steps: Iterable[Step],
        write: Callable[[Step], Awaitable[Any]],
        plan: Plan[Any] | None = None,
        look: Look | None = None,
        scheduler: Scheduler | None = None,
    ) -> None:
        """`write` makes the call of a step and returns the platform's answer; `plan` hears of each.

        Each call takes its turn of the `scheduler`. Whenever the calls are begun or gone on with, `look` finds
        what is in use by then, and is left alone.
        """
        self.steps = {step.call: step for step in steps}
        """By call, in their order."""
        self.outcomes: dict[str, StepOutcome] = {}
        self._plan: Plan[Any] = plan or Plan()
        self._write, self._look, self._scheduler = write, look, scheduler
        self._is_looking = False
        self._counts = Counter[str]()  # of outcomes, by their state
        self._sent: set[str] = set()  # in an earlier run
        self._refusal: ApiError | None = None  # it ends all the rest
        self._refused: dict[tuple[str, str], ApiError] = {}  # by resource and action
        self._kinds = {step.resource.name: step for step in self.steps.values()}.values()  # one of each resource
        super().__init__(what, len(self.steps))

    def is_of(self, resource: Resource, scope: Mapping[str, str]) -> bool:
        """Return whether all it is done to stands in a list."""
        return all(step.resource is resource and scope.items() <= step.scope.items() for step in self._kinds)

    # Making the calls.

    async def work(self) -> None:
        """Make each call that has not been tried yet."""
        self._refusal = None
        self._refused.clear()
        try:
            if unknown := await self._leave_used():
                self._refusal = ApiError(unknown, NOTHING_DONE)
            for _, stage in groupby(self.untried, lambda step: step.stage):
                pending = iter(list(stage))
                async with asyncio.TaskGroup() as group:
                    for _ in range(AT_ONCE):
                        group.create_task(self._make_calls(pending))
        finally:
            self.result = self.summary

    async def find_changes(self, patience: float) -> str:
        """Leave out what is in use by now, and return in a sentence what has to be asked about, "" for nothing.

        It looks for as long as `patience` (seconds).
        """
        return await self._leave_used(patience, is_accepted=True)

    async def _leave_used(self, patience: float = LOOK_BEHIND, *, is_accepted: bool = False) -> str:
        """Leave out what is in use by now; return in a sentence what of that is not known."""
        used: dict[str, str] = {}
        unknown = ""
        if self._look:
            self._is_looking = True
            self.changed()
            try:
                used, unknown = await self._look.find(self.untried, patience, is_accepted=is_accepted)
            except ApiError as error:
                unknown = f"It is not known whether something uses them: {error.sentence}"
            finally:
                self._is_looking = False
        for call, why in used.items():
            self._settle(self.steps[call], StepOutcome(call, "used", ApiError(why)))
            await asyncio.sleep(0)  # there may be thousands, and each is kept
        return unknown

    async def _make_calls(self, pending: Iterator[Step]) -> None:
        for step in pending:
            if self.stopping:
                return
            kind = (step.resource.name, step.action.name)
            if refusal := self._refusal or self._refused.get(kind):
                self._settle(step, StepOutcome(step.call, "skipped", refusal))
            elif held := self._find_unmet(step):
                self._settle(step, StepOutcome(step.call, "failed", held))
            else:
                await self._make_call(step)

    async def _make_call(self, step: Step) -> None:
        """Make the call of a step in its turn, and note what became of it."""

        async def write() -> Any:
            async with self._scheduler.turn(self._pause) if self._scheduler else nullcontext():
                await self.announce("sent", call=step.call)
                return await self._write(step)

        self._plan.note_begin(step)
        self.changed()
        try:
            made = await attempt(write, self._pause)
        except _StoppedError:
            self._plan.running.discard(step.call)
            return
        except asyncio.CancelledError:
            self._settle(step, StepOutcome(step.call, "unknown"))
            raise
        if made.state == "failed" and made.error:
            if ends_all(made.error):
                self._refusal = made.error
            elif ends_alike(made.error):
                self._refused[step.resource.name, step.action.name] = made.error
        asked = made.state == "done" and made.answer is not None and is_asked_for(step.action, made.answer)
        self._settle(step, StepOutcome(step.call, "asked" if asked else made.state, made.error))

    async def _pause(self, seconds: float) -> None:
        """Wait for a call's next try, unless there shall be none."""
        while seconds > 0 and not self.stopping:
            await asyncio.sleep(min(seconds, PAUSE))
            seconds -= PAUSE
        if self.stopping:
            raise _StoppedError

    def _find_unmet(self, step: Step) -> ApiError | None:
        """Return why a step has to wait for one that did not end well; None where it has not."""
        for call in step.needs:
            outcome = self.outcomes.get(call)
            if outcome and outcome.state not in ENDED_WELL:
                how = "may be" if outcome.state == "unknown" else "is"
                return ApiError(f"{self.steps[call].name} {how} there still, and has to go before.")
        return None

    def halt(self, run: asyncio.Task[None], *, soon: bool) -> None:
        """Start no further call. What is on its way and not answered `soon` is then told as not known."""
        if soon:
            asyncio.get_running_loop().call_later(GRACE, run.cancel)

    # The outcome.

    def _settle(self, step: Step, outcome: StepOutcome) -> None:
        self._take(outcome)
        self.keep(
            "step", call=outcome.call, state=outcome.state, error=str(outcome.error) if outcome.error else ""
        )
        guard(self._plan.note_outcome)(step, outcome)

    @property
    def untried(self) -> list[Step]:
        """The steps that have not been tried yet."""
        return [step for call, step in self.steps.items() if call not in self.outcomes]

    def _take(self, outcome: StepOutcome) -> None:
        if before := self.outcomes.get(outcome.call):
            self._counts[before.state] -= 1
        self.outcomes[outcome.call] = outcome
        self._counts[outcome.state] += 1
        self.failed += outcome.state in ("failed", "unknown")
        self.move(self.done + (outcome.state not in ("skipped", "used")))

    def judge(self) -> State:
        """Return how it went; stopped before its end it is paused or cancelled."""
        if self.stopping and len(self.outcomes) < len(self.steps):
            return "paused" if self.state == "pausing" else "cancelled"
        some = self.counts["done"] + self.counts["asked"] + self.counts["used"]
        return "done" if self.whole else "partial" if some else "failed"

    @property
    def counts(self) -> Counter[str]:
        """The number of steps in each state; those never reached count as skipped."""
        found = self._counts.copy()
        found["skipped"] += len(self.steps) - len(self.outcomes)
        return found

    @property
    def progress(self) -> str:
        """The progress, such as `412/1,000 · 2 failed`."""
        counts = self._counts
        told = ["looking for what uses them"] if self._is_looking else []
        if self._scheduler and self._scheduler.is_crowded and self.state == "running":
            told.append(f"waits: {self._scheduler.budget} requests a minute are set")
        told += [
            f"{counts[state]:,} {WORDS[state]}"
            for state in ("failed", "unknown", "used", "skipped")
            if counts[state]
        ]
        return " · ".join((f"{self.done:,}/{len(self.steps):,}", *told))

    @property
    def summary(self) -> str:
        """The outcome, such as `988 of 1,000 done, 9 failed, 3 not known.`"""
        counts = self.counts
        rest = [
            f"{counts[state]:,} {words}" for state, words in WORDS.items() if state != "done" and counts[state]
        ]
        return ", ".join((f"{counts['done']:,} of {len(self.steps):,} done", *rest)) + "."

    @property
    def whole(self) -> bool:
        """True if each was done to what was there, or at least asked for."""
        return sum(self.counts[state] for state in ENDED_WELL) == len(self.steps)

    def failures(self) -> Sequence[tuple[str, str, str]]:
        """Return, of each object that it was not done to, the id, what became of it, and why."""
        rows = []
        for call, step in self.steps.items():
            outcome = self.outcomes.get(call)
            if outcome is None and self.is_over and call in self._sent:
                rows.append((step.record.id, WORDS["unknown"], str(_CUT_OFF)))
            elif outcome is None and self.is_over:
                rows.append((step.record.id, WORDS["skipped"], "It was stopped before."))
            elif outcome and outcome.state not in ("done", "asked"):
                error = str(outcome.error) if outcome.error else "It was stopped before the answer came."
                rows.append((step.record.id, WORDS[outcome.state], error))
        return rows

    # What is kept of the task.

    def describe(self) -> Fact:
        """Return its steps."""
        return {"kind": "plan", "groups": describe_steps(list(self.steps.values()))}

    def take(self, fact: Fact) -> None:
        """Take up what became of a step in an earlier run."""
        super().take(fact)
        if fact["fact"] == "sent":
            self._sent.add(str(fact["call"]))
        elif fact["fact"] == "step" and not (fact["state"] == "unknown" and self._may_repeat(str(fact["call"]))):
            error = ApiError(str(fact["error"])) if fact["error"] else None
            self._take(StepOutcome(str(fact["call"]), fact["state"], error))

    def doubt(self) -> None:
        """Note as not known what was on its way when an earlier run ended; what is deleted may be so twice."""
        for call in self._sent - self.outcomes.keys():
            if not self._may_repeat(call):
                self._take(StepOutcome(call, "unknown", _CUT_OFF))

    def _may_repeat(self, call: str) -> bool:
        return self.steps[call].action.removes


class _StoppedError(Exception):
    """A run was stopped while it waited for a call's next try: nothing was sent."""


async def make_call(platform: Platform, step: Step) -> dict[str, Any]:
    """Make the call of a step and return the platform's answer. Raises ApiError."""
    try:
        return await platform.act(step.resource, step.scope, step.record, step.action)
    except OutcomeUnknown as error:
        return await find_answer(platform, step.resource, step.scope, step.action, step.record, None, error)


def begin_plan(
    platform: Platform,
    what: str,
    steps: Iterable[Step],
    plan: Plan[Any] | None = None,
    look: Look | None = None,
) -> PlanRun:
    """Make the calls of steps in the background, as soon as it is their turn; `plan` hears of each.

    What `look` finds to be in use by then is left alone.
    """
    run = PlanRun(what, steps, partial(make_call, platform), plan, look, platform.scheduler)
    platform.tasks.add(run)
    return run


def begin_each(platform: Platform, steps: Sequence[Step], look: Look | None = None) -> PlanRun:
    """Do an action to many objects of a list in the background, as soon as it is its turn.

    What `look` finds to be in use by then is left alone.
    """
    what = f"{steps[0].action.label} {steps[0].resource.name}{platform.whose}"
    return begin_plan(platform, what, steps, look=look)


def find_run(platform: Platform) -> PlanRun | None:
    """Return the run of a plan that is under way, or was last."""
    runs = [task for task in platform.tasks.all if isinstance(task, PlanRun)]
    return next((run for run in runs if run.is_under_way), runs[-1] if runs else None)
