"""A plan of deletions: what something uses is left out, and what changes while it is looked at is noticed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.resources.language.column import Cell
from tui.workflows.consequences.consequences import UserSearch
from tui.workflows.plan.plan import Plan, Step, StepOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui.live.lists.collection import Delta
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.workflows.consequences.unseen import Unseen


class RemovalPlan(Plan[Step]):
    """The deletions of objects of one list.

    What something or somebody needs is left out unless it is taken in after that was seen. So is what was spare
    when the plan was made and is so no longer; what is gone counts as done.
    """

    def __init__(
        self,
        platform: Platform,
        resource: Resource,
        scope: Mapping[str, str],
        steps: Iterable[Step],
        action: Action,
    ) -> None:
        """`steps` are of this action, made by `make_steps`."""
        super().__init__(steps)
        self.resource, self.action = resource, action
        self.reasons: dict[str, str] = {}
        """By call, why something needs the object."""
        self._platform = platform
        self._at = {step.record.id: number for number, step in enumerate(self.steps)}
        self._spare = {step.call for step in self.steps if self._find_spare(step.record)}
        self._scope = scope
        self._search = self._make_search()

    def _make_search(self) -> UserSearch:
        records = [step.record for step in self.steps]
        return UserSearch(self._platform, self.resource, self.action, records, self._scope)

    @property
    def unseen(self) -> Unseen:
        """Where something may use the objects that was not looked at, or not yet."""
        return self._search.unseen

    @property
    def size(self) -> int:
        """The bytes of what remains to be deleted."""
        sizes = (step.record.at("bytes") for step in self.remaining)
        return sum(size for size in sizes if isinstance(size, int) and size > 0)

    async def look(self) -> None:
        """Look anew for what uses the objects. Raises ApiError."""
        self._search = self._make_search()
        await self._search.run()
        self.update()

    def update(self) -> None:
        """Leave out what is known to be used by now."""
        for id_, words in self._search.users.items():
            if id_ in self._at:
                self._hold(self.steps[self._at[id_]], words)

    def take(self, delta: Delta, records: Mapping[str, Record]) -> None:
        """Take up what has changed in the list: `records` are all that are there now."""
        steps = list(self.steps)
        for id_ in delta.changed:
            if (at := self._at.get(id_)) is not None and id_ in records:
                step = steps[at] = replace(steps[at], record=records[id_])
                if step.call in self._spare and not self._find_spare(step.record):
                    self._hold(step, "In use by now.")
        self.steps = steps
        for id_ in delta.removed:
            if (at := self._at.get(id_)) is not None and steps[at].call not in {*self.outcomes, *self.running}:
                self.outcomes[steps[at].call] = StepOutcome(steps[at].call, "gone")

    def _find_spare(self, record: Record) -> str | None:
        return self.resource.find_spare(record, self._platform.now())

    def _hold(self, step: Step, why: str) -> None:
        """Leave a step out once something is known to need its object."""
        if step.call not in self.reasons and step.call not in self.outcomes:
            self.left_out = self.left_out | {step.call}
        self.reasons[step.call] = why

    def note_outcome(self, step: Step, outcome: StepOutcome) -> None:
        """Record the outcome of a call; what turned out to be in use is left out."""
        super().note_outcome(step, outcome)
        if outcome.state == "used":
            self.left_out = self.left_out | {step.call}
            self.reasons[step.call] = str(outcome.error)

    def remark(self, step: Step) -> Cell | None:
        """Return the remark beside a step, or None."""
        told = super().remark(step)
        reason = self.reasons.get(step.call, "")
        if told or not reason:
            return told
        return Cell(reason, "warn") if self.state(step) in ("out", "planned") else None

    def split(self) -> tuple[list[Step], list[Step]]:
        """Return the steps that nothing speaks against, and those that something needs or that cannot be made."""
        free: list[Step] = []
        held: list[Step] = []
        for step in self.steps:
            (held if step.call in self.reasons or step.blocked else free).append(step)
        return free, held
