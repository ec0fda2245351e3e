"""One action done to many objects: its calls, its progress, what became of each, and how to stop it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from tui.api.errors import ApiError, Forbidden, LinkError, NotFound, OutcomeUnknown
from tui.api.retries import retry_when_rate_limited
from tui.live.listeners import guard
from tui.live.tasks.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tui.live.tasks.store import Fact
    from tui.live.tasks.tasks import State
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

Answer = TypeVar("Answer")

AT_ONCE = 4  # writes of a bulk action on their way together
PAUSE = 0.2  # seconds between looks at whether a bulk action shall go on
GRACE = 0.6  # seconds that calls on their way get to be answered once it is stopped

WORDS = {
    "done": "done",
    "asked": "asked for and still as before",
    "gone": "gone already",
    "failed": "failed",
    "unknown": "not known",
    "skipped": "not tried",
}
"""What a step's state is called, in the order in which they are told."""
_GOOD = ("done", "asked", "gone")


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Answer]):
    """The outcome of one call.

    `gone` is what was deleted by somebody else before, `unknown` what was on its way when it was stopped or the
    answer was lost.
    """

    state: Literal["done", "gone", "failed", "unknown"]
    error: ApiError | None = None
    answer: Answer | None = None


async def attempt(
    call: Callable[[], Awaitable[Answer]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Attempt[Answer]:
    """Make a call, again later while it is answered with 429, and return what became of it."""
    try:
        answer = await retry_when_rate_limited(call, sleep)
    except NotFound as error:
        return Attempt("gone", error)
    except OutcomeUnknown as error:
        return Attempt("unknown", error)
    except ApiError as error:
        return Attempt("failed", error)
    return Attempt("done", answer=answer)


@dataclass(frozen=True, slots=True)
class BulkStep:
    """The outcome of a bulk action for one object.

    `asked` was taken and the object is as before so far, `gone` was deleted by somebody else before, `unknown` was
    on its way when the action was stopped or the answer was lost, `skipped` was not tried as others were refused.
    """

    id: str
    state: Literal["done", "asked", "gone", "failed", "unknown", "skipped"]
    error: ApiError | None = None


class BulkRun(Protocol):
    """Does the action to objects, and tells of each as it happens."""

    async def __call__(
        self,
        ids: Sequence[str],
        on_step: Callable[[BulkStep], None],
        *,
        go_on: Callable[[], bool],
        before: Callable[[str], Awaitable[None]],
    ) -> list[BulkStep]:
        """Run it. No further call is started once `go_on` says no; `before` is awaited before each."""


class Bulk(Task):
    """An action on many objects."""

    kind = "write"
    unit = "objects"

    def __init__(
        self,
        resource: Resource,
        scope: Mapping[str, str],
        action: Action,
        ids: Sequence[str],
        run: BulkRun,
        origins: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`origins` name by id the parent of an object where the list is of many parents."""
        self.resource, self.scope, self.action, self.origins = resource, scope, action, origins or {}
        self._sent: set[str] = set()  # in an earlier run
        self.ids = tuple(dict.fromkeys(ids))
        self.steps: dict[str, BulkStep] = {}
        self._run = run
        super().__init__(f"{action.label} {resource.name}", len(self.ids))

    async def work(self) -> None:
        """Do it to each object that it was not tried on yet."""
        left = [id_ for id_ in self.ids if id_ not in self.steps]
        try:
            await self._run(left, self._note, go_on=lambda: not self.stopping, before=self._announce)
        finally:
            self.result = self.summary

    def halt(self, run: asyncio.Task[None], *, soon: bool) -> None:
        """Start no further call. What is on its way and not answered `soon` is then told as not known."""
        if soon:
            asyncio.get_running_loop().call_later(GRACE, run.cancel)

    def judge(self) -> State:
        """Return how it went; stopped before its end it is paused or cancelled."""
        if self.stopping and len(self.steps) < len(self.ids):
            return "paused" if self.state == "pausing" else "cancelled"
        return "done" if self.whole else "partial" if self.counts["done"] + self.counts["asked"] else "failed"

    def describe(self) -> Fact:
        """Return what it is done to."""
        return {
            "kind": "bulk",
            "resource": self.resource.name,
            "action": self.action.name,
            "scope": dict(self.scope),
            "ids": list(self.ids),
            "origins": {id_: dict(origin) for id_, origin in self.origins.items()},
        }

    def take(self, fact: Fact) -> None:
        """Take up what became of an object in an earlier run."""
        super().take(fact)
        if fact["fact"] == "sent":
            self._sent.add(str(fact["id"]))
        elif fact["fact"] == "step" and not (fact["state"] == "unknown" and self.action.removes):
            error = ApiError(str(fact["error"])) if fact["error"] else None
            self._take(BulkStep(str(fact["id"]), fact["state"], error))

    def doubt(self) -> None:
        """Note as not known what was on its way when an earlier run ended; what is deleted may be so twice."""
        for id_ in self._sent - self.steps.keys():
            if not self.action.removes:
                self._take(BulkStep(id_, "unknown", ApiError("The program ended before the answer came.")))

    async def _announce(self, id_: str) -> None:
        await self.announce("sent", id=id_)

    def _note(self, step: BulkStep) -> None:
        self._take(step)
        self.keep("step", id=step.id, state=step.state, error=str(step.error) if step.error else "")

    def _take(self, step: BulkStep) -> None:
        self.steps[step.id] = step
        self.failed += step.state not in _GOOD
        self.move(len(self.steps))

    @property
    def counts(self) -> Counter[str]:
        """The number of objects in each state; those never reached count as skipped."""
        found = Counter[str](step.state for step in self.steps.values())
        found["skipped"] += len(self.ids) - len(self.steps)
        return found

    @property
    def progress(self) -> str:
        """The progress, such as `412/1,000 · 2 failed`."""
        counts = Counter(step.state for step in self.steps.values())
        told = [f"{counts[state]:,} {WORDS[state]}" for state in ("failed", "unknown", "skipped") if counts[state]]
        return " · ".join((f"{len(self.steps):,}/{len(self.ids):,}", *told))

    @property
    def summary(self) -> str:
        """The outcome, such as `988 of 1,000 done, 9 failed, 3 not known.`"""
        counts = self.counts
        rest = [
            f"{counts[state]:,} {words}" for state, words in WORDS.items() if state != "done" and counts[state]
        ]
        return ", ".join((f"{counts['done']:,} of {len(self.ids):,} done", *rest)) + "."

    @property
    def whole(self) -> bool:
        """True if it was done to each object that was there, or at least asked for."""
        return sum(self.counts[state] for state in _GOOD) == len(self.ids)

    def failures(self) -> Sequence[tuple[str, str, str]]:
        """Return, of each object that it was not done to, the id, what became of it, and why."""
        rows = []
        for id_ in self.ids:
            step = self.steps.get(id_)
            if step is None and not self.is_under_way:
                rows.append((id_, WORDS["skipped"], "It was stopped before."))
            elif step and step.state not in ("done", "asked"):
                error = str(step.error) if step.error else "It was stopped before the answer came."
                rows.append((id_, WORDS[step.state], error))
        return rows


class _StoppedError(Exception):
    """A bulk action was stopped while it waited for a call's next try: nothing was sent."""


async def write_each(
    ids: Sequence[str],
    write: Callable[[str], Awaitable[Answer]],
    on_step: Callable[[BulkStep], None],
    *,
    go_on: Callable[[], bool],
    is_asked: Callable[[Answer], bool] = lambda _: False,
) -> list[BulkStep]:
    """Call `write` for each id, a few at once; call `on_step` after each and return all steps, in order.

    What is answered with 429 is done again later. Being refused for want of a right skips the rest. No further
    object is begun once `go_on` is false; those have no step. Cancelling stops at once: what is on its way becomes
    `unknown`, the rest is not touched. `is_asked` tells from an answer that the object is as before so far.
    """
    steps: dict[str, BulkStep] = {}
    tell = guard(on_step)
    pending = iter(dict.fromkeys(ids))
    refusal: ApiError | None = None

    def settle(step: BulkStep) -> None:
        steps[step.id] = step
        tell(step)

    async def pause(seconds: float) -> None:
        """Wait for a call's next try, unless there shall be none."""
        while seconds > 0 and go_on():
            await asyncio.sleep(min(seconds, PAUSE))
            seconds -= PAUSE
        if not go_on():
            raise _StoppedError

    async def work() -> None:
        nonlocal refusal
        for id_ in pending:
            if not go_on():
                return
            if refusal:
                settle(BulkStep(id_, "skipped", refusal))
                continue
            try:
                made = await attempt(partial(write, id_), pause)
            except _StoppedError:
                return
            except asyncio.CancelledError:
                settle(BulkStep(id_, "unknown"))
                raise
            if made.state == "failed" and made.error and ends_bulk(made.error):
                refusal = made.error
            asked = made.state == "done" and made.answer is not None and is_asked(made.answer)
            settle(BulkStep(id_, "asked" if asked else made.state, made.error))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE, len(ids))):
            group.create_task(work())
    return [steps[id_] for id_ in dict.fromkeys(ids) if id_ in steps]


def ends_bulk(error: ApiError) -> bool:
    """Return whether the rest of a bulk action would fail in the same way: refused, or no way to the server."""
    return error.about_caller or isinstance(error, Forbidden) or (isinstance(error, LinkError) and not error.sent)
