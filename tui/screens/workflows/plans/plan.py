"""A plan on one page: what would be done, which of it is left out, and the calls as they are made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.export import write_text
from tui.live.listeners import combine_ends
from tui.resources.language.cells import pluralize
from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.confirm import Confirm
from tui.screens.workflows.plans.plan_parts import PartDrawing, PlanPart, name_steps
from tui.text import safe_name
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, NoticeBar, TitleBar
from tui.widgets.base.layout import TICK
from tui.widgets.text.conversation import Conversation, Entry
from tui.workflows.plan.run import begin_plan
from tui.workflows.plan.text import format_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.resources.language.column import Cell
    from tui.widgets.base.freshness import Parts
    from tui.widgets.text.line_view import LineView
    from tui.workflows.plan.changes import Look
    from tui.workflows.plan.plan import Plan
    from tui.workflows.plan.run import PlanRun

AnyStep = TypeVar("AnyStep", bound=Any)

CHOSEN = ("planned", "out", "failed", "unknown")  # states of what can be taken out of the plan, or in


class PlanScreen(Screen[None], Generic[AnyStep]):
    """Shows a plan and makes its calls once that is confirmed. Subclasses say what it is a plan of."""

    AUTO_FOCUS = None
    BINDINGS = [
        Binding("escape,q", "back", "stop, or back", id="plan.back"),
        Binding("space", "take_out", "take out of the plan, or in again", id="plan.take_out"),
        Binding("ctrl+d,R", "run", "make the calls that remain", id="plan.run", key_display="ctrl+d"),
        Binding("s", "pause", "pause the calls, or go on with them", id="plan.pause"),
        Binding("ctrl+s", "save", "save the plan as text", id="plan.save"),
        Binding("r", "refresh", "look again", id="plan.refresh"),
    ]
    shows_calls: ClassVar[bool] = False
    """Whether the call of each step stands below it."""
    numbers: Collection[int] = ()
    """Which cells of a step are numbers, and stand at the right."""
    headers: Sequence[str] = ()
    """What the cells of a step are called; nothing where that goes without saying."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self.platform = platform
        self.plan_run: PlanRun | None = None
        """The calls as they are made, or were last."""
        self._let_go: Callable[[], None] = lambda: None

    # What a subclass says.

    what: str
    """What is done: `off-board ada@acme.example`."""
    object_name: str = ""
    """What stands beside it in the title."""

    @property
    def plan(self) -> Plan[AnyStep]:
        """The calls and how they stand."""
        raise NotImplementedError

    @property
    def typed(self) -> str:
        """What must be typed before the calls are made."""
        return str(len(self.plan.remaining))

    @property
    def looking(self) -> str:
        """How far the looking for what belongs to it is; "" once all is known."""
        return ""

    def parts(self) -> Iterable[PlanPart[AnyStep]]:
        """Return the parts of the plan, in the order of their calls."""
        raise NotImplementedError

    def cells(self, step: AnyStep, now: float) -> list[Cell]:
        """Return what to know of a step, as columns; the first is its name."""
        raise NotImplementedError

    def intro(self, now: float) -> Iterator[Entry]:  # noqa: ARG002
        """Yield what stands above the parts."""
        cautions = tuple((f"▲ {each}", "warn") for each in self.plan.cautions())
        if cautions:
            yield Entry("cautions", cautions[:1], cautions[1:])

    def outro(self, now: float) -> Iterator[Entry]:  # noqa: ARG002
        """Yield what stands below them."""
        return iter(())

    def counts(self, states: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield what of the plan is counted in the title, from the states of its steps."""
        done = states.count("done") + states.count("asked") + states.count("gone")
        for count, words, tone in (
            (states.count("planned") + states.count("running"), "to do", ""),
            (done, "done", "good"),
            (states.count("failed") + states.count("unknown"), "failed", "bad"),
        ):
            if count:
                yield f" · {count:,} {words}", tone

    def warnings(self) -> Iterator[str]:
        """Yield what the question before the calls warns of."""
        yield "None of this can be undone."
        yield from self.plan.cautions()

    def gaps(self) -> Iterator[str]:
        """Yield sentences on what cannot be seen."""
        return iter(())

    def notice(self) -> Parts:
        """Return why something may be missing, and what to do."""
        return []

    def subscribe(self) -> Callable[[], None]:
        """Have `show` called when more is known. Return what ends that."""
        return lambda: None

    def look_again(self) -> None:
        """Ask everything anew."""

    async def agree(self) -> bool:
        """Ask whether the calls that remain shall be made."""
        remaining = self.plan.remaining
        left = {step.call for step in remaining}
        parts = ((part, [step for step in part.steps if step.call in left]) for part in self.parts())
        things = [(f"{part.title} {len(steps):,}", name_steps(steps)) for part, steps in parts if steps]
        question = f"{pluralize(len(remaining), 'call')} to {self.what}?"
        verb = self.what.split(" ")[0]
        words = " ".join(self.warnings())
        dialog = Confirm(question, things, words, verb=verb, typed=self.typed)
        agreed: bool = await self.app.push_screen_wait(dialog)
        return agreed

    def order(self) -> Sequence[AnyStep]:
        """Return the steps that remain as they are made."""
        return self.plan.remaining

    def make_look(self) -> Look | None:
        """Return what looks, right before the calls, for what speaks against them by then."""
        return None

    # What is shown.

    def compose(self) -> ComposeResult:
        """Yield header, title, what went wrong, the plan, keys."""
        yield HeaderBar()
        yield TitleBar()
        yield NoticeBar()
        yield Conversation(empty="Looking…")
        yield FooterBar()

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_focus(self.query_one(Conversation))
        self._let_go = combine_ends(self.subscribe(), self.platform.tasks.subscribe(self.show))
        self.set_interval(TICK, self.show)

    def on_resize(self) -> None:
        """Shorten calls as there is room."""
        self.show()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    @property
    def is_calling(self) -> bool:
        """Whether calls are being made."""
        return self.plan_run is not None and self.plan_run.is_under_way

    @property
    def is_paused(self) -> bool:
        """Whether calls are left to be gone on with."""
        return self.plan_run is not None and self.plan_run.state == "paused"

    def show(self) -> None:
        """Bring everything up to date."""
        if not self.query(FooterBar):
            return
        plan, view = self.plan, self.query_one(Conversation)
        view.following = False  # it grows above its end
        view.show(self._entries())
        states = [plan.state(step) for step in plan.steps]
        whose = f"  in {self.platform.account}" if self.platform.account else ""
        left: Parts = [(f" {self.what.split(' ')[0]}", "strong"), (f"  {self.object_name}", ""), (whose, "warn")]
        run = self.plan_run
        far = f"{run.state} {run.progress}" if run and (self.is_calling or self.is_paused) else ""
        words = " · ".join(filter(None, (self.looking, far)))
        right: Parts = [(f"{words} ", "accent")] if words else []
        self.query_one(TitleBar).show([*left, *self.counts(states)], right)
        self.query_one(NoticeBar).show(self.notice())
        self.query_one(FooterBar).show_keys(self._keys(states))

    def _keys(self, states: Sequence[str]) -> list[KeyHint]:
        remaining = any(state in ("planned", "failed", "unknown") for state in states)
        tried = any(state in ("failed", "unknown", "done") for state in states)
        still = not (self.is_calling or self.is_paused)
        rest = KeyHint("R", "run the rest", remaining and still)
        run = rest if tried else KeyHint("ctrl+d", "run", remaining and still)
        paces = [KeyHint("s", "go on" if self.is_paused else "pause")] if not still else []
        return [
            KeyHint("space", "skip or include", still and any(state in CHOSEN for state in states)),
            *(paces or [run]),
            KeyHint("ctrl+s", "save plan", bool(states)),
            KeyHint("r", "look again", still),
            KeyHint("esc", "stop" if self.is_calling else "back"),
        ]

    def _entries(self) -> Iterator[Entry]:
        now = self.platform.now()
        yield from self.intro(now)
        room = self.query_one(Conversation).text_width
        drawing = PartDrawing(
            self.plan, lambda step: self.cells(step, now), self.numbers, self.shows_calls, room, self.headers
        )
        for part in self.parts():
            yield from drawing.draw(part)
        yield from self.outro(now)

    # Keys.

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Show a sentence for a few seconds."""
        show_toast(self.app, sentence, bad=bad)

    def action_back(self) -> None:
        """Stop the calls; else leave. What is paused stays in `:tasks`."""
        if self.is_calling and self.plan_run:
            self.platform.tasks.cancel(self.plan_run)
        else:
            self.dismiss(None)

    def action_pause(self) -> None:
        """Begin no more calls until it is gone on with; or go on with them."""
        if self.plan_run and self.is_paused:
            self.platform.tasks.go_on(self.plan_run)
        elif self.plan_run and self.is_calling:
            self.platform.tasks.pause(self.plan_run)

    def action_refresh(self) -> None:
        """Ask everything anew; what was done is no longer listed."""
        if not self.is_calling:
            self.look_again()

    def action_take_out(self) -> None:
        """Take the call under the cursor out of the plan, or in again; on a heading, all below it."""
        plan, key = self.plan, self.query_one(Conversation).key
        here = [step for part in self.parts() for step in part.steps if key in (step.call, part.title)]
        calls = {step.call for step in here if plan.state(step) in CHOSEN}
        if not (self.is_calling or self.is_paused) and calls:
            plan.include(calls, included=calls <= plan.left_out)
            self.show()

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write the plan, or what became of it, as text."""
        start = f"{safe_name(self.what.split(' ')[0], self.object_name)}.txt"
        if name := await self.app.push_screen_wait(Ask("Save the plan to", start)):
            now = self.platform.now()
            rows = [(part.title, part.verb, part.steps) for part in self.parts()]
            lines = format_plan(self.heading(), self.plan, rows, self.cells, now, self.gaps())
            number = len(self.plan.remaining)
            rest = len(self.plan.steps) - number
            more = f" to make, and {rest:,} done or left out," if rest else ""
            self.say(write_text(Path(name), lines, f"{pluralize(number, 'call')}{more}"))

    def heading(self) -> str:
        """Return the first line of the plan as text."""
        return self.what.capitalize()

    def action_run(self) -> None:
        """Make the calls that remain."""
        if self.platform.client.read_only:
            self.say(f"Cannot {self.what.split(' ')[0]}: {self.platform.client.why_read_only}.", bad=True)
        elif not (self.is_calling or self.is_paused) and self.plan.remaining:
            self._run_plan()

    @work(group="run", exclusive=True, exit_on_error=False)
    async def _run_plan(self) -> None:
        """Ask, make the calls, and tell how that ended."""
        if not await self.agree():
            return
        plan, steps = self.plan, list(self.order())
        run = self.plan_run = begin_plan(self.platform, self.what, steps, plan, self.make_look())
        self.show()
        await run.end.wait()
        self.show()
        if run.state == "cancelled":
            self.say(f"Stopped; {pluralize(len(plan.remaining), 'call')} to make. R goes on.")
            return
        left = [step for step in steps if plan.state(step) not in ("done", "asked", "gone", "out")]
        made = sum(plan.state(step) != "out" for step in steps) - len(left)
        done = f"{made:,} of {pluralize(len(steps), 'call')} done"
        if used := run.counts["used"]:
            done += f", {used:,} left alone after a last look"
        if left:
            why = next((outcome.error for outcome in run.outcomes.values() if outcome.state == "skipped"), None)
            self.say(f"{done}; R makes the rest.{f' {why.sentence}' if why else ''}", bad=True)
            self.query_one(Conversation).move_to_entry(left[0].call)
        else:
            self.say(f"{done}.")

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line, such as a call."""
        copy(self.app, event.text)
