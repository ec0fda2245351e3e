"""The calls that take from a person what they hold, in their order, and how each stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui.resources.language.column import Cell
from tui.text import clean
from tui.workflows.consequences.lockouts import matches_redacted
from tui.workflows.offboarding.kinds import ADMIN_API_KEYS, GROUPS, KINDS, PERSON
from tui.workflows.plan.plan import ENDED_WELL, Plan, Step, StepOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.api.credentials.keys import Secret
    from tui.resources.language.objects import Record
    from tui.workflows.offboarding.holdings import Holdings
    from tui.workflows.offboarding.kinds import HoldingKind


@dataclass(frozen=True, kw_only=True)
class OffboardStep(Step):
    """One call of the plan, of a kind of what people hold. The `last` one ends the program's own key."""

    kind: HoldingKind
    last: bool = False

    @property
    def name(self) -> str:
        """The name of what is taken away, else its id."""
        return clean(self.record.at(self.kind.name) or self.record.id)


class OffboardPlan(Plan[OffboardStep]):
    """The calls that take from a person what they hold: first what works without the person, then the person."""

    def __init__(self, found: Holdings, admin_key: Secret | None = None) -> None:
        super().__init__()
        self.found = found
        self._admin_key = admin_key
        self._tried: set[str] = set()  # these stay to be seen when they are done

    def update(self) -> None:
        """Rebuild the steps from what is known now."""
        held = (self._step(kind, record) for kind in KINDS for record in self.found.of_kind(kind) if record.id)
        now = {step.call: step for step in held}
        # In the order of their lists, however these came in. Once steps are taken none goes or changes its place:
        # a list may tell that it is gone, or what is gone was all that told whose it is.
        steps = {step.call: step for step in self.steps} | now if self._tried or self.running else now
        self.steps = sorted(steps.values(), key=lambda step: (step.last, KINDS.index(step.kind)))

    def _step(self, kind: HoldingKind, record: Record) -> OffboardStep:
        scope = {name: str(record.at(path) or "") for name, path in kind.scope.items()}
        in_use = kind is ADMIN_API_KEYS and matches_redacted(self._admin_key, record.at("redacted_value"))
        return OffboardStep(
            resource=kind.resource,
            action=kind.action,
            record=record,
            scope=scope,
            blocked=self._find_block(kind, record),
            kind=kind,
            last=in_use,
        )

    def _find_block(self, kind: HoldingKind, record: Record) -> str:
        if kind is GROUPS and record.at("group.is_scim_managed"):
            return "the identity provider manages this group, take them out there"
        if kind is PERSON and record.at("role") == "owner" and self.found.other_owner is False:
            return "they are the last owner, make somebody else one first"
        return ""

    def order(self) -> list[OffboardStep]:
        """Return the steps that remain, one after another; the user goes only once their admin keys are gone.

        Only the user tells whose an admin key is.
        """
        steps = self.remaining
        keys = tuple(step.call for step in steps if step.kind is ADMIN_API_KEYS and not step.last)
        return [
            replace(step, stage=at, needs=keys if step.kind is PERSON else ()) for at, step in enumerate(steps)
        ]

    def remark(self, step: OffboardStep) -> Cell | None:
        """Return the remark beside a step, or None."""
        told = super().remark(step)
        if self.state(step) not in ("out", "blocked"):
            own = Cell("The key that o9s uses now: these pages close with it.", "warn") if step.last else None
            return told or own
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

    def note_outcome(self, step: OffboardStep, outcome: StepOutcome) -> None:
        """Record the outcome of a call."""
        super().note_outcome(step, outcome)
        self._tried.add(step.call)
        if outcome.state in ENDED_WELL:
            self.found.forget(step.kind, step.record)
        self.update()

    def look_again(self) -> None:
        """Forget all outcomes; what was done leaves the plan."""
        self.outcomes.clear()
        self._tried.clear()
        self.update()
