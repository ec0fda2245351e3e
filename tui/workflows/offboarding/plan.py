"""The calls that take from a person what they hold, in their order, and how each stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tui.api.requests import fill_path, target_of
from tui.resources.language.column import Cell
from tui.text import clean
from tui.workflows.consequences.lockouts import matches_redacted
from tui.workflows.offboarding.kinds import ADMIN_API_KEYS, GROUPS, KINDS, PERSON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.api.credentials.keys import Secret
    from tui.api.errors import ApiError
    from tui.resources.language.objects import Record
    from tui.workflows.offboarding.holdings import Holdings
    from tui.workflows.offboarding.kinds import HoldingKind


@dataclass(frozen=True)
class OffboardStep:
    """One call of the plan. `blocked` says why it cannot be made; the `last` one ends the program's own key."""

    kind: HoldingKind
    record: Record
    scope: Mapping[str, str] = field(default_factory=dict)
    blocked: str = ""
    last: bool = False

    @cached_property
    def call(self) -> str:
        """Method and path; tells one step from the others."""
        operation, scope = self.kind.action.operation, dict(self.scope)
        return f"{operation.method} {target_of(operation, fill_path(operation, scope, self.record.id), None)}"

    @property
    def name(self) -> str:
        """The name of what is taken away, else its id."""
        return clean(self.record.at(self.kind.name) or self.record.id)


@dataclass(frozen=True, slots=True)
class OffboardOutcome:
    """How a call ended: `gone` had nothing left to do, of an `unknown` one the answer was lost."""

    state: Literal["done", "gone", "failed", "unknown"]
    error: ApiError | None = None


class OffboardPlan:
    """The calls that take from a person what they hold: their order, which are left out, and their outcomes."""

    def __init__(self, found: Holdings, admin_key: Secret | None = None) -> None:
        self.found = found
        self.left_out: set[str] = set()  # calls that are not to be made
        self.outcomes: dict[str, OffboardOutcome] = {}
        self.running = ""  # the call on its way
        self.steps: list[OffboardStep] = []
        """In the order of their calls: first what works without the person, then the person."""
        self._admin_key = admin_key
        self._tried: set[str] = set()  # these stay to be seen when they are done

    def update(self) -> None:
        """Rebuild the steps from what is known now."""
        held = (self._step(kind, record) for kind in KINDS for record in self.found.of_kind(kind) if record.id)
        now = {step.call: step for step in held}
        stay = {*now, *self._tried, self.running}  # a list may tell that it is gone before the call has ended
        kept = {step.call: step for step in self.steps if step.call in stay}
        self.steps = sorted((kept | now).values(), key=lambda step: (step.last, KINDS.index(step.kind)))

    def _step(self, kind: HoldingKind, record: Record) -> OffboardStep:
        scope = {name: str(record.at(path) or "") for name, path in kind.scope.items()}
        in_use = kind is ADMIN_API_KEYS and matches_redacted(self._admin_key, record.at("redacted_value"))
        return OffboardStep(kind, record, scope, self._find_block(kind, record), in_use)

    def _find_block(self, kind: HoldingKind, record: Record) -> str:
        if kind is GROUPS and record.at("group.is_scim_managed"):
            return "the identity provider manages this group, take them out there"
        if kind is PERSON and record.at("role") == "owner" and self.found.other_owner is False:
            return "they are the last owner, make somebody else one first"
        return ""

    @property
    def remaining(self) -> list[OffboardStep]:
        """The steps still to be made."""
        return [step for step in self.steps if self.state(step) in ("planned", "failed", "unknown")]

    def state(self, step: OffboardStep) -> str:
        """Return the state of a step: planned, out, blocked, running, done, gone, failed or unknown."""
        call = step.call
        outcome = self.outcomes.get(call)
        if call == self.running:
            return "running"
        if outcome and outcome.state in ("done", "gone"):
            return outcome.state
        if step.blocked:
            return "blocked"
        return "out" if call in self.left_out else outcome.state if outcome else "planned"

    def remark(self, step: OffboardStep) -> Cell | None:
        """Return the remark beside a step, or None."""
        state, outcome = self.state(step), self.outcomes.get(step.call)
        if state == "unknown":
            why = outcome.error.sentence if outcome and outcome.error else "It was stopped on its way."
            return Cell(f"{why} A second try does no harm.", "warn")
        if state == "failed":
            return Cell(str(outcome.error) if outcome else "", "bad")
        if state not in ("out", "blocked"):
            if state == "gone":
                return Cell("It was gone before.", "dim")
            return Cell("The key that o9s uses now: these pages close with it.", "warn") if step.last else None
        why = step.blocked or "taken out"
        if self._ends_with_user(step):
            return Cell(f"{why}; it ends with the user all the same", "dim")
        return Cell(f"{why}: {step.kind.if_left}", "warn")

    def leaves_access(self, step: OffboardStep) -> bool:
        """Return whether the person keeps access because a step is left out or blocked."""
        return self.state(step) in ("out", "blocked") and not self._ends_with_user(step)

    def _ends_with_user(self, step: OffboardStep) -> bool:
        """Return whether the user's removal, planned or done, ends it as well."""
        if step.kind.outlives or step.kind is PERSON:
            return False
        person = next((each for each in self.steps if each.kind is PERSON), None)
        return person is None or self.state(person) not in ("out", "blocked")

    def cautions(self) -> Iterator[str]:
        """Yield sentences on what to know before the calls are made."""
        found = self.found
        if found.user_looked_for and not found.user:
            yield "Nobody of the organization has this address; what is left of them is below."
        if found.user and found.user.at("is_scim_managed"):
            yield "The identity provider manages this user: remove them there too, or they come back."
        if strays := found.unlisted_keys:
            names = ", ".join(clean(key.at("name") or key.id) for key in strays)
            yield f"Listed among the admin keys, but of a project that does not list it: {names}. It is left."
        for step in self.steps:
            if step.last and self.state(step) != "done":
                yield f"The admin key that o9s uses now, {step.name}, is theirs. It goes last."
            if step.kind is PERSON and step.blocked:
                yield f"They cannot be removed: {step.blocked}."

    def note_outcome(self, step: OffboardStep, outcome: OffboardOutcome) -> None:
        """Record the outcome of a call."""
        self.outcomes[step.call] = outcome
        self._tried.add(step.call)
        if outcome.state in ("done", "gone"):
            self.found.forget(step.kind, step.record)
        self.update()

    def look_again(self) -> None:
        """Forget all outcomes; what was done leaves the plan."""
        self.outcomes.clear()
        self._tried.clear()
        self.update()
