"""Off-boarding somebody: all they hold on one page, the calls that take it from them, and making those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import age, pluralize
from tui.resources.language.column import CellContext
from tui.resources.organization.audit import AUDIT
from tui.screens.workflows.plans.plan import PlanScreen
from tui.screens.workflows.plans.plan_parts import PlanPart, name_steps
from tui.text import clean, fit
from tui.widgets.text.conversation import Entry
from tui.workflows.offboarding.kinds import API_KEYS, EVENTS, KINDS, PERSON, HoldingKind
from tui.workflows.offboarding.owner_look import OwnerLook
from tui.workflows.offboarding.plan import OffboardStep
from tui.workflows.offboarding.search import HoldingsSearch
from tui.workflows.offboarding.step_cells import build_step_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.app import App

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.column import Cell
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.widgets.base.freshness import Parts
    from tui.workflows.offboarding.plan import OffboardPlan


async def open_offboarding(actor: Actor, action: Action, record: Record | None = None) -> None:  # noqa: ARG001
    """Open the page of the user under the cursor."""
    if record is not None:
        open_user(actor.app, actor.platform, str(record.at("email") or record.id), record.id)


def open_user(app: App[Any], platform: Platform, mail: str, user_id: str = "") -> None:
    """Open the page of whoever has this mail address, in the organization or not."""
    app.push_screen(OffboardScreen(platform, mail, user_id))


class OffboardScreen(PlanScreen[OffboardStep]):
    """Lists what a person holds, each with the call that ends it."""

    shows_calls = True
    numbers = (3,)

    def __init__(self, platform: Platform, mail: str, user_id: str = "") -> None:
        super().__init__(platform)
        self.search = HoldingsSearch(platform, mail, user_id)
        """All that is known, and the plan made of it."""
        self.what, self.object_name = f"off-board {mail}", mail

    def on_screen_resume(self) -> None:
        """Go on looking."""
        self.search.start()

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden."""
        self.search.stop()

    def subscribe(self) -> Callable[[], None]:
        """Have it shown when more is known."""
        return self.search.subscribe(self.show)

    def look_again(self) -> None:
        """Ask everything anew."""
        self.search.look_again()

    @property
    def _mail(self) -> str:
        return self.search.found.mail

    @property
    def plan(self) -> OffboardPlan:
        """The calls and how they stand."""
        return self.search.plan

    @property
    def typed(self) -> str:
        """The mail address."""
        return self._mail

    @property
    def looking(self) -> str:
        """What is being asked."""
        return self.search.progress

    def order(self) -> Sequence[OffboardStep]:
        """Return the steps that remain, one after another."""
        return self.plan.order()

    def make_look(self) -> OwnerLook:
        """Return what looks, right before the calls, whether somebody else is an owner still."""
        return OwnerLook(self.search)

    def heading(self) -> str:
        """Return the first line of the plan as text."""
        return f"Off-boarding {self._mail}"

    def gaps(self) -> Iterator[str]:
        """Yield sentences on what cannot be seen."""
        yield from (f"{title} cannot be seen: {why}" for title, why in self.search.found.gaps.items())

    def counts(self, states: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield what is counted in the title."""
        yield from super().counts(states)
        if left := sum(map(self.plan.leaves_access, self.plan.steps)):
            yield f" · {left:,} left open", "warn"

    def notice(self) -> Parts:
        """Return why something may be missing."""
        error = self.search.worst_health.error
        return [("▲ ", "warn"), (error.sentence, ""), (f" {error.hint} r looks again.", "dim")] if error else []

    def warnings(self) -> Iterator[str]:
        """Yield what the question warns of."""
        yield "None of this can be undone."
        if not self.search.is_complete:
            yield "Not everything was looked at yet."
        yield from (f"{title} cannot all be seen: {why}" for title, why in self.search.found.gaps.items())
        if left := [step for step in self.plan.steps if self.plan.leaves_access(step)]:
            yield f"Left open: {name_steps(left)}."
        yield from self.plan.cautions()

    def intro(self, now: float) -> Iterator[Entry]:
        """Yield who it is, and what to know."""
        yield Entry("who", tuple(self._who(now)), tuple((f"▲ {each}", "warn") for each in self.plan.cautions()))

    def parts(self) -> Iterator[PlanPart[OffboardStep]]:
        """Yield what they hold, kind by kind."""
        for kind in KINDS:
            steps = [step for step in self.plan.steps if step.kind is kind]
            note = None
            if kind is API_KEYS and (shared := self.search.found.service_account_keys):
                keys = pluralize(shared, "key") + " of service accounts in these projects"
                words = (
                    "is nobody's and stays: renew it if they know its secret."
                    if shared == 1
                    else "are nobody's and stay: renew those whose secret they know."
                )
                note = Entry("shared", (("· ", "dim"), (f"{keys} {words}", "dim")))
            yield PlanPart(kind.title, steps, self._count(kind, len(steps)), kind.verb, note)

    def cells(self, step: OffboardStep, now: float) -> list[Cell]:
        """Return what to know of a thing before it is taken away."""
        return build_step_cells(step, now)

    def outro(self, now: float) -> Iterator[Entry]:
        """Yield what they did last."""
        events = self.search.found.events
        yield Entry(EVENTS.title, ((EVENTS.title, "strong"), self._count(EVENTS, len(events))), space=False)
        for event in events:
            yield Entry(event.id, tuple(self._event(event, now)), space=False)

    def _who(self, now: float) -> Iterator[tuple[str, str]]:
        user = self.search.found.user
        if user is None:
            yield self._mail, "strong"
            return
        yield clean(user.at("name") or self._mail), "strong"
        yield f"  {clean(user.at('role') or '')}", "accent" if user.at("role") == "owner" else ""
        yield f"  {user.id}  here for {age(user.at('added_at'), user, CellContext(now)).text}", "dim"

    def _count(self, about: HoldingKind, count: int) -> tuple[str, str]:
        """Return how many of a kind there are, or why that is not known."""
        gaps = self.search.found.gaps
        why = gaps.get(about.title) or (None if about.outlives else gaps.get(PERSON.title))
        if why:
            return f"  {f'{count:,}, and more ' if count else ''}cannot be seen: {why}", "warn"
        if count:
            return f"  {count:,}", ""
        return ("  none" if self.search.is_known(about) else "  …", "dim")

    def _event(self, event: Record, now: float) -> Iterator[tuple[str, str]]:
        cell = AUDIT.columns[1].cell(event, CellContext(now))
        yield f"  {fit(age(event.at('effective_at'), event, CellContext(now)).text, 6)}", "dim"
        yield fit(cell.text, 26), cell.tone
        yield clean(f"{event.object.target}  {event.at('project.name') or ''}"), "dim"
