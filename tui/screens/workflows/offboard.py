"""Off-boarding somebody: all they hold on one page, the calls that take it from them, and making those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.live.listeners import combine_ends
from tui.resources.language.cells import age
from tui.resources.language.column import CellContext
from tui.resources.organization.audit import AUDIT
from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.confirm import Confirm
from tui.text import cell_width, clean, fit, safe_name
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, NoticeBar, TitleBar
from tui.widgets.base.layout import TICK
from tui.widgets.text.conversation import Conversation, Entry
from tui.workflows.offboarding.kinds import API_KEYS, EVENTS, KINDS, PERSON, HoldingKind
from tui.workflows.offboarding.plan_text import build_step_cells, format_plan
from tui.workflows.offboarding.search import HoldingsSearch
from tui.workflows.plan.run import begin_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.app import App, ComposeResult

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.widgets.text.line_view import LineView
    from tui.workflows.offboarding.plan import OffboardPlan, OffboardStep
    from tui.workflows.plan.run import PlanRun

WIDEST = 26  # cells a column takes at the most
INDENT = 4  # cells a call stands from the left
NAMED = 8  # names in a row before the rest is counted
SHORT = 13  # cells of an id where there is little room
MARKS = {
    "planned": ("◌", "accent"),
    "out": ("○", "dim"),
    "blocked": ("■", "dim"),
    "running": ("◐", "accent"),
    "done": ("✓", "good"),
    "gone": ("✓", "good"),
    "failed": ("✖", "bad"),
    "unknown": ("▲", "warn"),
}


async def open_offboarding(actor: Actor, action: Action, record: Record | None = None) -> None:  # noqa: ARG001
    """Open the page of the user under the cursor."""
    if record is not None:
        open_user(actor.app, actor.platform, str(record.at("email") or record.id), record.id)


def open_user(app: App[Any], platform: Platform, mail: str, user_id: str = "") -> None:
    """Open the page of whoever has this mail address, in the organization or not."""
    app.push_screen(OffboardScreen(platform, mail, user_id))


class OffboardScreen(Screen[None]):
    """Lists what a person holds, each with the call that ends it, and makes the calls once that is confirmed."""

    AUTO_FOCUS = None
    BINDINGS = [
        Binding("escape,q", "back", "stop, or back", id="offboard.back"),
        Binding("space", "take_out", "take out of the plan, or in again", id="offboard.take_out"),
        Binding("ctrl+d,R", "run", "make the calls that remain", id="offboard.run", key_display="ctrl+d"),
        Binding("ctrl+s", "save", "save the plan as text", id="offboard.save"),
        Binding("r", "refresh", "look again", id="offboard.refresh"),
    ]

    def __init__(self, platform: Platform, mail: str, user_id: str = "") -> None:
        super().__init__()
        self._platform = platform
        self.search = HoldingsSearch(platform, mail, user_id)
        """All that is known, and the plan made of it."""
        self._let_go: Callable[[], None] = lambda: None
        self.plan_run: PlanRun | None = None

    def compose(self) -> ComposeResult:
        """Yield header, title, what went wrong, everything held, keys."""
        yield HeaderBar()
        yield TitleBar()
        yield NoticeBar()
        yield Conversation(empty="Looking…")
        yield FooterBar()

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_focus(self.query_one(Conversation))
        self._let_go = combine_ends(self.search.subscribe(self._show), self._platform.tasks.subscribe(self._show))
        self.set_interval(TICK, self._show)

    def on_resize(self) -> None:
        """Shorten calls as there is room."""
        self._show()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    def on_screen_resume(self) -> None:
        """Go on looking."""
        self.search.start()

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden."""
        self.search.stop()

    @property
    def _mail(self) -> str:
        return self.search.found.mail

    @property
    def plan(self) -> OffboardPlan:
        """The calls and how they stand."""
        return self.search.plan

    # What is shown.

    def _show(self) -> None:
        """Bring everything up to date."""
        if not self.query(FooterBar):
            return
        view = self.query_one(Conversation)
        view.following = False  # it grows above its end
        view.show(self._entries())
        self.query_one(TitleBar).show(*self._headline())
        self.query_one(NoticeBar).show(self._notice())
        remaining, running = bool(self.plan.remaining), bool(self.plan.running)
        tried = any(self.plan.state(step) in ("failed", "unknown", "done") for step in self.plan.steps)
        rest = KeyHint("R", "run the rest", remaining and not running)
        run = rest if tried else KeyHint("ctrl+d", "run", remaining)
        self.query_one(FooterBar).show_keys(
            [
                KeyHint("space", "skip or include", bool(self.plan.steps) and not running),
                run,
                KeyHint("ctrl+s", "save plan", bool(self.plan.steps)),
                KeyHint("r", "look again", not running),
                KeyHint("esc", "stop" if running else "back"),
            ]
        )

    def _headline(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        plan = self.plan
        states = [plan.state(step) for step in plan.steps]
        done = states.count("done") + states.count("gone")
        left = [(" off-board", "strong"), (f"  {self._mail}", "")]
        for count, words, tone in (
            (states.count("planned"), "to do", ""),
            (done, "done", "good"),
            (states.count("failed") + states.count("unknown"), "failed", "bad"),
            (sum(map(plan.leaves_access, plan.steps)), "left open", "warn"),
        ):
            left += [(f" · {count:,} {words}", tone)] if count else []
        return left, [(f"{far} ", "accent")] if (far := self.search.progress) else []

    def _notice(self) -> list[tuple[str, str]]:
        error = self.search.worst_health.error
        return [("▲ ", "warn"), (error.sentence, ""), (f" {error.hint} r looks again.", "dim")] if error else []

    def _entries(self) -> Iterator[Entry]:
        """Yield the page: who it is, what to know, what they hold kind by kind, what they did last."""
        found, now = self.search.found, self._platform.now()
        yield Entry("who", tuple(self._who(now)), tuple((f"▲ {each}", "warn") for each in self.plan.cautions()))
        for kind in KINDS:
            yield from self._part(kind, [step for step in self.plan.steps if step.kind is kind], now)
        heading = ((EVENTS.title, "strong"), self._count(EVENTS, len(found.events)))
        yield Entry(EVENTS.title, heading, space=False)
        for event in found.events:
            yield Entry(event.id, tuple(self._event(event, now)), space=False)

    def _who(self, now: float) -> Iterator[tuple[str, str]]:
        user = self.search.found.user
        if user is None:
            yield self._mail, "strong"
            return
        yield clean(user.at("name") or self._mail), "strong"
        yield f"  {clean(user.at('role') or '')}", "accent" if user.at("role") == "owner" else ""
        yield f"  {user.id}  here for {age(user.at('added_at'), user, CellContext(now)).text}", "dim"

    def _part(self, kind: HoldingKind, steps: Sequence[OffboardStep], now: float) -> Iterator[Entry]:
        yield Entry(kind.title, ((kind.title, "strong"), self._count(kind, len(steps))), space=False)
        rows = [build_step_cells(step, now) for step in steps]
        columns = zip(*rows, strict=True)
        widths = [min(WIDEST, max(cell_width(clean(cell.text)) for cell in column)) for column in columns]
        shared = self.search.found.service_account_keys if kind is API_KEYS else 0
        for step, row in zip(steps, rows, strict=True):
            state = self.plan.state(step)
            mark, tone = MARKS[state]
            head = [(f"{mark} ", tone), (f"{kind.verb}  ", "dim")]
            head += [(_align(cell.text, width), cell.tone) for cell, width in zip(row, widths, strict=True)]
            head[-1] = (head[-1][0].rstrip(), head[-1][1])  # blanks would wrap, too
            remark = self.plan.remark(step)
            word = f"{state} · " if state in ("done", "running") else ""
            body = [
                (word + self._shorten(step.call, len(word)), "dim"),
                *([(remark.text, remark.tone)] if remark else []),
            ]
            yield Entry(step.call, tuple(head), tuple(body), indent=INDENT, space=step is steps[-1] and not shared)
        if shared:
            words = f"{shared:,} keys of service accounts in these projects are nobody's and stay: "
            yield Entry("shared", (("· ", "dim"), (words + "renew those whose secret they know.", "dim")))

    def _shorten(self, call: str, less: int) -> str:
        """Return a call on one line; where that is short, so are the ids in it."""
        if cell_width(call) + INDENT + less <= self.query_one(Conversation).text_width:
            return call
        return "/".join(
            fit(each, SHORT, middle=True).rstrip() if "_" in each else each for each in call.split("/")
        )

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

    # Keys.

    def _say(self, sentence: str, *, bad: bool = False) -> None:
        show_toast(self.app, sentence, bad=bad)

    def action_back(self) -> None:
        """Stop the calls; else leave."""
        if self.plan_run and self.plan_run.is_under_way:
            self._platform.tasks.cancel(self.plan_run)
        else:
            self.dismiss(None)

    def action_refresh(self) -> None:
        """Ask everything anew; what was done is no longer listed."""
        if not self.plan.running:
            self.search.look_again()

    def action_take_out(self) -> None:
        """Take the call under the cursor out of the plan, or in again; on a heading, all below it."""
        plan, key = self.plan, self.query_one(Conversation).key
        here = [step for step in plan.steps if key in (step.call, step.kind.title)]
        calls = {step.call for step in here if plan.state(step) in ("planned", "out", "failed", "unknown")}
        if not plan.running and calls:
            plan.left_out = plan.left_out - calls if calls <= plan.left_out else plan.left_out | calls
            self._show()

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write the plan, or what became of it, as text."""
        from pathlib import Path

        from tui.export import write_text
        from tui.screens.dialogs.ask import Ask

        start = f"{safe_name('offboard', self._mail)}.txt"
        if name := await self.app.push_screen_wait(Ask("Save the plan to", start)):
            lines = format_plan(self.plan, self._platform.now())
            self._say(write_text(Path(name), lines, f"{len(self.plan.steps):,} calls"))

    def action_run(self) -> None:
        """Make the calls that remain."""
        if self._platform.client.read_only:
            self._say("Cannot off-board: read-only mode is on; :rw turns it off.", bad=True)
        elif not self.plan.running and self.plan.remaining:
            self._run_plan()

    @work(group="run", exclusive=True, exit_on_error=False)
    async def _run_plan(self) -> None:
        plan = self.plan
        remaining = plan.remaining
        kinds = ((kind, [step for step in remaining if step.kind is kind]) for kind in KINDS)
        things = [(f"{kind.title} {len(steps):,}", _names(steps)) for kind, steps in kinds if steps]
        if not await self.app.push_screen_wait(
            Confirm(
                f"{len(remaining):,} calls to off-board {self._mail}?",
                things,
                " ".join(self._warnings()),
                verb="off-board",
                typed=self._mail,
            )
        ):
            return
        run = self.plan_run = begin_plan(self._platform, f"off-board {self._mail}", plan.order(), plan)
        await run.end.wait()
        self._show()
        if run.state == "cancelled":
            self._say(f"Stopped; {len(plan.remaining):,} calls remain. R makes them.")
            return
        left = [step for step in remaining if plan.state(step) not in ("done", "gone")]
        done = f"{len(remaining) - len(left):,} of {len(remaining):,} calls done"
        if left:
            self._say(f"{done}; R makes the rest.", bad=True)
            self.query_one(Conversation).move_to_entry(left[0].call)
        else:
            self._say(f"{done}.")

    def _warnings(self) -> Iterator[str]:
        """Yield what the dialog warns of."""
        yield "None of this can be undone."
        if not self.search.is_complete:
            yield "Not everything was looked at yet."
        yield from (f"{title} cannot all be seen: {why}" for title, why in self.search.found.gaps.items())
        if left := [step for step in self.plan.steps if self.plan.leaves_access(step)]:
            yield f"Left open: {_names(left)}."
        yield from self.plan.cautions()

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line, such as a call."""
        copy(self.app, event.text)


def _names(steps: Sequence[OffboardStep]) -> str:
    names = list(dict.fromkeys(step.name for step in steps))
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _align(text: str, width: int) -> str:
    return fit(text, width, "right" if text.startswith("$") else "left") + "  "
