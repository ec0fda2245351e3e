"""Plans: calls on objects, seen before they are made; which of them are left out, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from tui.api.errors import ApiError
from tui.api.requests import fill_path, target_of
from tui.resources.language.resource import title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.column import Cell
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

ENDED_WELL = ("done", "asked", "gone")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One call of a plan: an action that is done to an object."""

    resource: Resource
    action: Action
    record: Record
    scope: Mapping[str, str] = field(default_factory=dict)
    """The path parameters of what the object is in."""
    stage: int = 0
    """What is of a later stage waits until all before it have ended."""
    needs: tuple[str, ...] = ()
    """The calls of steps that have to end well before it is made."""
    blocked: str = ""
    """Why it cannot be made."""

    @cached_property
    def call(self) -> str:
        """Method and path; tells one step from the others."""
        operation = self.action.operation
        try:
            return f"{operation.method} {target_of(operation, fill_path(operation, self.scope, self.record.id))}"
        except ApiError:  # it cannot be made, and says so once that is tried
            return f"{operation.method} {operation.path} {self.record.id}"

    @property
    def name(self) -> str:
        """What people call the object, else its id."""
        return title_of(self.resource, self.record) or self.record.id


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What became of the call of a step.

    `asked` was taken and the object is as before so far, `gone` was deleted by somebody else before, `unknown` was
    on its way when it was stopped or its answer was lost, `skipped` was not tried as others were refused, `used`
    was left alone: by now something uses it, or else speaks against it.
    """

    call: str
    state: Literal["done", "asked", "gone", "failed", "unknown", "used", "skipped"]
    error: ApiError | None = None


def make_steps(
    platform: Platform, resource: Resource, scope: Mapping[str, str], records: Iterable[Record], action: Action
) -> list[Step]:
    """Return the steps of one action on many objects of a list, each object once, with their calls worked out.

    Of a hundred thousand that takes seconds: any thread may call it.
    """
    steps = []
    for record in {record.id: record for record in records}.values():
        origin = platform.origin(resource, record) if resource.listed_per else {}
        blocked = action.find_refusal(record) or ""
        place = {**scope, **origin}
        steps.append(Step(resource=resource, action=action, record=record, scope=place, blocked=blocked))
    return [step for step in steps if step.call]


AnyStep = TypeVar("AnyStep", bound=Step)


class Plan(Generic[AnyStep]):
    """Steps in the order of their calls, which of them are left out, and how each stands."""

    def __init__(self, steps: Iterable[AnyStep] = ()) -> None:
        self.steps: Sequence[AnyStep] = list(steps)
        self.left_out: set[str] = set()
        """The calls that are not to be made."""
        self.outcomes: dict[str, StepOutcome] = {}
        """By call."""
        self.running: set[str] = set()
        """The calls on their way."""

    @property
    def remaining(self) -> list[AnyStep]:
        """The steps still to be made."""
        return [step for step in self.steps if self.state(step) in ("planned", "failed", "unknown")]

    def state(self, step: AnyStep) -> str:
        """Return the state of a step: planned, out, blocked, running, done, asked, gone, failed or unknown."""
        call = step.call
        outcome = self.outcomes.get(call)
        if call in self.running:
            return "running"
        if outcome and outcome.state in ENDED_WELL:
            return outcome.state
        if step.blocked:
            return "blocked"
        if call in self.left_out:
            return "out"
        return outcome.state if outcome and outcome.state not in ("skipped", "used") else "planned"

    def include(self, calls: AbstractSet[str], *, included: bool) -> None:
        """Take calls into the plan, or leave them out."""
        self.left_out = self.left_out - calls if included else self.left_out | calls

    def note_begin(self, step: AnyStep) -> None:
        """Record that a call is on its way."""
        self.running.add(step.call)

    def note_outcome(self, step: AnyStep, outcome: StepOutcome) -> None:
        """Record the outcome of a call."""
        self.running.discard(step.call)
        self.outcomes[outcome.call] = outcome

    # What people are told.

    def remark(self, step: AnyStep) -> Cell | None:
        """Return the remark beside a step, or None."""
        from tui.resources.language.column import Cell

        state, outcome = self.state(step), self.outcomes.get(step.call)
        if state == "unknown":
            why = outcome.error.sentence if outcome and outcome.error else "It was stopped on its way."
            again = " A second try does no harm." if step.action.removes else ""
            return Cell(f"{why}{again}", "warn")
        if state == "failed":
            return Cell(str(outcome.error) if outcome else "", "bad")
        if state == "gone":
            return Cell("It was gone before.", "dim")
        if state == "planned" and outcome and outcome.state == "used":
            return Cell(str(outcome.error), "warn")
        return Cell(step.blocked, "warn") if state == "blocked" else None

    def cautions(self) -> Iterator[str]:
        """Yield sentences on what to know before the calls are made."""
        return iter(())


def describe_steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return steps as JSON can hold them: those that differ by their ids alone are one group."""
    groups: list[dict[str, Any]] = []
    for step in steps:
        group = {
            "resource": step.resource.name,
            "action": step.action.name,
            "scope": dict(step.scope),
            "stage": step.stage,
            "needs": list(step.needs),
        }
        if not groups or {**groups[-1], "ids": None} != {**group, "ids": None}:
            groups.append({**group, "ids": []})
        groups[-1]["ids"].append(step.record.id)
    return groups


def read_steps(registry: Mapping[str, Resource], groups: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Return the steps that groups tell of; of their objects no more than the id is known.

    Raises KeyError, TypeError or LookupError where they cannot be used.
    """
    steps = []
    for group in groups:
        resource = registry[group["resource"]]
        action = resource.action(group["action"])
        if action is None:
            raise LookupError(group["action"])
        steps += [
            Step(
                resource=resource,
                action=action,
                record=resource.record({resource.identify: str(id_)}),
                scope=group["scope"],
                stage=int(group["stage"]),
                needs=tuple(group["needs"]),
            )
            for id_ in group["ids"]
        ]
    return steps
