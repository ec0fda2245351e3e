"""The deletion of many objects as a plan: their sizes, what is in use apart, then the calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work

from tui.api.errors import ApiError, LinkError
from tui.live.listeners import combine_ends
from tui.resources.files import FILES
from tui.resources.language.cells import pluralize, short_size
from tui.resources.language.column import CellContext
from tui.screens.actions.agreement import describe_gaps
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.lookup import look_up
from tui.screens.workflows.plans.plan import PlanScreen
from tui.screens.workflows.plans.plan_parts import PlanPart, name_steps
from tui.widgets.text.conversation import Conversation
from tui.workflows.consequences.consequences import describe_warning
from tui.workflows.consequences.uses import PATIENCE
from tui.workflows.plan.plan import ENDED_WELL, Step, make_steps
from tui.workflows.plan.removal import RemovalPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from textual.app import App

    from tui.live.lists.collection import Delta
    from tui.live.platform import Platform
    from tui.resources.language.column import Cell
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.base.freshness import Parts
    from tui.workflows.plan.changes import UseLook

_COLUMNS = 5  # of the list that are shown of each object, and its id


def plan_removal(
    app: App[object],
    platform: Platform,
    resource: Resource,
    scope: Mapping[str, str],
    records: Sequence[Record],
) -> None:
    """Open the plan of deleting objects. Raises LookupError where such objects cannot be deleted."""
    action = next((each for each in resource.actions if each.removes), None)
    if action is None:
        raise LookupError(resource.name)

    async def make_and_show() -> None:
        steps = await asyncio.to_thread(make_steps, platform, resource, scope, list(records), action)
        await app.push_screen(
            RemovalScreen(platform, RemovalPlan(platform, resource, scope, steps, action), scope)
        )

    app.run_worker(make_and_show(), group="plan", exclusive=True, exit_on_error=False)


class RemovalScreen(PlanScreen[Step]):
    """Lists what would be deleted."""

    def __init__(self, platform: Platform, plan: RemovalPlan, scope: Mapping[str, str]) -> None:
        super().__init__(platform)
        self._plan, self._watch = plan, platform.watch(plan.resource, scope)
        self._used_by = platform.used_by() if plan.resource is FILES else None
        self._is_looking, self._fault, self._is_placed = True, "", False
        self._is_lost = False  # whether the server was not reached, and what was looked for since may not be seen
        self.what = f"{plan.action.label} {plan.resource.name}{platform.whose}"
        self.object_name = plan.resource.name
        columns = [
            each for each in plan.resource.columns if not (each.wide or each.is_id or each.name == "used_by")
        ]
        least = sorted(columns, key=lambda each: each.drop_order)[:_COLUMNS]
        chosen = [each for each in columns if each in least]
        self._columns = [*chosen, *(each for each in plan.resource.columns if each.header == "ID")]
        self.headers = [each.header for each in self._columns]
        self.numbers = [at for at, each in enumerate(chosen) if each.align == "right"]

    @property
    def plan(self) -> RemovalPlan:
        """The calls and how they stand."""
        return self._plan

    def on_mount(self) -> None:
        """Look for what uses the objects."""
        self.look_again()

    def on_screen_resume(self) -> None:
        """Follow the list, and what uses files."""
        self._watch.start()
        if self._used_by:
            self._used_by.start()

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden."""
        self._watch.stop()
        if self._used_by:
            self._used_by.stop()

    def subscribe(self) -> Callable[[], None]:
        """Follow what changes in the list."""
        ends = [self._watch.subscribe(self._take, lambda _: self.show())]
        if self._used_by:
            ends.append(self._used_by.listen(lambda _: self._update()))
        ends.append(self.platform.subscribe(self._note_link))
        return combine_ends(*ends)

    def _note_link(self) -> None:
        """Look again for what could not be read as the server was not reached, once it is."""
        if self.platform.scheduler.unreachable:
            self._is_lost = True
        elif self._is_lost and not self._is_looking:
            self._is_lost = False
            if self._plan.unseen.failed:
                self._look()

    def show(self) -> None:
        """Bring everything up to date; the cursor begins on the first object."""
        super().show()
        if not self._is_placed and (view := self.query_one_optional(Conversation)) and view.count():
            first = next((step for part in self._plan.split() for step in part), None)
            self._is_placed = True
            if first:
                view.move_to_entry(first.call)

    def _take(self, delta: Delta) -> None:
        self._plan.take(delta, self._watch.collection.records)
        self.show()

    def _update(self) -> None:
        self._plan.update()
        self.show()

    def look_again(self) -> None:
        """Look for what uses the objects."""
        self._look()

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        self._is_looking, self._fault = True, ""
        try:
            await self._plan.look()
        except ApiError as error:
            self._fault = str(error)
        self._is_looking = False
        if isinstance(self._plan.unseen.fault, LinkError):
            self._watch.outdate()  # the poller asks until the link is back, and `_note_link` then looks again
        self.show()

    @property
    def looking(self) -> str:
        """What is still looked for."""
        far = self._used_by.progress if self._used_by else ""
        return far or ("looking for what uses them" if self._is_looking else "")

    def notice(self) -> Parts:
        """Return why something may be missing."""
        gaps = self._fault or ("" if self._is_looking else describe_gaps(self._plan.unseen, "them"))
        return [("▲ ", "warn"), (gaps, "")] if gaps else []

    def gaps(self) -> Iterator[str]:
        """Yield sentences on what was not looked at."""
        yield from filter(None, [self._fault or describe_gaps(self._plan.unseen, "them")])

    def counts(self, states: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield what is counted in the title."""
        size = f", {short_size(self._plan.size)}" if self._plan.size else ""
        for words, tone in super().counts(states):
            yield f"{words}{size}" if words.endswith(" to do") else words, tone
        _, held = self._plan.split()
        if held:
            yield f" · {len(held):,} in use", "warn"
        if out := states.count("out") - sum(self._plan.state(step) == "out" for step in held):
            yield f" · {out:,} left out", "dim"

    def parts(self) -> Iterator[PlanPart[Step]]:
        """Yield what nothing speaks against, and what is in use."""
        free, held = self._plan.split()
        if free:
            yield PlanPart(f"To {self._plan.action.label}", free, (f"  {self._count(free)}", ""))
        if held:
            words = f"  {len(held):,}, left alone unless taken in with space"
            yield PlanPart("In use", held, (words, "warn"))

    def _count(self, steps: Sequence[Step]) -> str:
        """Return how many of some are still to do, and how many are done or left out."""
        states = [self._plan.state(step) for step in steps]
        done, out = sum(state in ENDED_WELL for state in states), states.count("out")
        told = [f"{number:,} {words}" for number, words in ((done, "done"), (out, "left out")) if number]
        return " · ".join((f"{len(states) - done - out:,}" if done + out < len(states) else "none", *told))

    def cells(self, step: Step, now: float) -> list[Cell]:
        """Return what the list shows of an object, and its id."""
        context = CellContext(now)
        return [column.cell(step.record, context) for column in self._columns]

    def make_look(self) -> UseLook:
        """Return what looks once more before the calls: what was taken in though it is in use stays in."""
        from tui.workflows.plan.changes import UseLook

        taken_in = [step.record.id for step in self._plan.remaining if step.call in self._plan.reasons]
        return UseLook(self.platform, taken_in, self._plan.unseen.open)

    async def agree(self) -> bool:
        """Look once more for what uses the objects, and ask."""
        plan = self._plan
        looking = asyncio.ensure_future(plan.look())
        before = set(plan.reasons)
        title = f"{self.what.capitalize()}?"
        things = [(step.record.id, step.name) for step in plan.remaining]
        try:
            if not await look_up(
                self.app, self.platform, title, things, "Looking for what uses them…", looking, PATIENCE
            ):
                return False
            if looking.done():
                await looking
        finally:
            looking.cancel()
        plan.update()
        self.show()
        news = set(plan.reasons) - before
        remaining = plan.remaining
        if not remaining:
            self.say("Nothing is left to do: all of it is in use or left out.", bad=True)
            return False
        size = f", {short_size(plan.size)} in all" if plan.size else ""
        noun = plan.resource.name if len(remaining) > 1 else plan.resource.singular
        free, held = plan.split()
        chosen = {step.call for step in remaining}
        parts = [
            (f"{words} {len(steps):,}", name_steps(steps))
            for words, part in ((f"to {plan.action.label}", free), ("in use", held))
            if (steps := [step for step in part if step.call in chosen])
        ]
        told = [f"{pluralize(len(news), 'object')} found to be in use just now, and left out."] if news else []
        told.append(describe_warning(plan.action, [step.record for step in remaining]))
        dialog = Confirm(
            f"{plan.action.label.capitalize()} {len(remaining):,} {noun}{self.platform.whose}{size}?",
            parts,
            " ".join(filter(None, told)),
            describe_gaps(plan.unseen, "them"),
            verb=plan.action.label,
            typed=str(len(remaining)),
        )
        agreed: bool = await self.app.push_screen_wait(dialog)
        return agreed
