"""The curves of several fine-tuning jobs in one chart, and what sets the jobs apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.screen import Screen

from tui.resources.language.cells import pluralize
from tui.resources.language.curves import sort_curves
from tui.resources.language.resource import title_of
from tui.resources.registry import REGISTRY
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.charts.chart import SERIES, CurveChart, stroke_of
from tui.widgets.charts.points import SMOOTHING, find_next_smoothing
from tui.widgets.text.cells_view import CellRow, CellsView
from tui.workflows.job_comparison import find_best, find_differing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.app import ComposeResult

    from tui.live.polling.tail import Tail
    from tui.live.polling.watch import Watch
    from tui.resources.fine_tuning.checkpoints import Checkpoint
    from tui.resources.fine_tuning.jobs import Job
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor

_TONES = ("key", "warn", "good", "bad", "dim")  # of rows: the colours of the curves, in their order
_NAME = 20  # most cells of a job's name in the chart


async def open_overlay(actor: Actor, _action: Action, record: Record | None = None, *others: Record) -> None:
    """Draw the curves of the marked jobs over each other."""
    order = actor.platform.watch(actor.resource, actor.scope).collection.order
    jobs = sorted((each for each in (record, *others) if each), key=lambda each: order.index(each.id))
    if len(jobs) < 2:
        actor.say("Mark two or more jobs with space to see their curves in one chart.")
    elif len(jobs) > SERIES:
        actor.say(f"One chart holds the curves of {SERIES} jobs: mark fewer.", bad=True)
    else:
        await actor.app.push_screen(Overlay(actor, jobs))


class Overlay(Screen[None]):
    """Shows a curve of each job in one chart, and below it a row for each job."""

    BINDINGS = [
        Binding("escape,q", "back", "back", id="overlay.back"),
        Binding("M", "measure", "other figure", id="overlay.measure"),
        Binding("V", "smooth", "smooth curves", id="overlay.smooth"),
        Binding("d", "difference", "all fields of this and the next", id="overlay.difference"),
    ]
    DEFAULT_CSS = """
    Overlay CellsView { border-top: solid $panel; max-height: 40%; }
    """

    def __init__(self, actor: Actor, jobs: Sequence[Record]) -> None:
        super().__init__()
        self._actor, self._jobs = actor, jobs
        self._tails: list[Tail] = []
        self._checkpoints: list[Watch] = []
        self._let_go: list[Callable[[], None]] = []
        self._figure: tuple[str, str] | None = None
        self._smoothing = SMOOTHING[0]
        self._rows = CellsView(3)
        self._chart = CurveChart(empty="Loading the events of these jobs…", lettered=True)

    def compose(self) -> ComposeResult:
        """Yield header, title, the chart, a row for each job, keys."""
        yield HeaderBar()
        yield TitleBar()
        yield self._chart
        yield self._rows
        yield FooterBar()

    def on_mount(self) -> None:
        """Follow the events and the checkpoints of each job."""
        self._rows.styles.height = len(self._jobs) + 1
        self.set_focus(self._rows)
        self.query_one(FooterBar).show_keys(
            [
                KeyHint("M", "other figure"),
                KeyHint("V", "smooth"),
                KeyHint("d", "fields that differ"),
                KeyHint(":", "go"),
                KeyHint("esc", "back"),
            ]
        )
        for job in self._jobs:
            self._follow(job)
        self._show()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        for let_go in self._let_go:
            let_go()

    def _follow(self, job: Record) -> None:
        """Follow the events and the checkpoints of a job."""
        actor, chart = self._actor, self._actor.resource.chart
        events = actor.resource.child(chart.child) if chart else None
        checkpoints = actor.resource.child(chart.marks[0]) if chart and chart.marks else None
        if events is None or checkpoints is None:
            return
        platform = actor.platform
        scopes = [platform.child_scope(actor.resource, actor.scope, job, child) for child in (events, checkpoints)]
        running = actor.resource.active(job.object)
        tail = platform.tail(REGISTRY[events.resource], scopes[0], lambda: running)
        watch = platform.watch_whole(REGISTRY[checkpoints.resource], scopes[1])
        self._tails.append(tail)
        self._checkpoints.append(watch)
        self._let_go += [
            tail.subscribe(lambda *_: self._show(), lambda _: None),
            watch.subscribe(lambda _: self._show(), lambda _: None),
        ]
        for poller in (tail, watch):
            poller.start()
            self._let_go.append(poller.stop)
        self.run_worker(tail.load_whole(), exit_on_error=False)

    def _curves(self) -> dict[tuple[str, str], dict[str, list[tuple[float, float]]]]:
        """Return the curves by figure, such as loss in training, and within it by job."""
        chart = self._actor.resource.chart
        found: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
        if chart:
            for at, tail in enumerate(self._tails):
                for quantity, curves in sort_curves(chart, tail.entries).items():
                    for over, points in curves.items():
                        found.setdefault((quantity, over), {})[self._label(at)] = points
        return found

    def _label(self, at: int) -> str:
        job = self._jobs[at]
        return f"{'ABCDE'[at]} {(title_of(self._actor.resource, job) or job.id)[:_NAME]}"

    def _show(self) -> None:
        """Draw the figure, and tell of each job."""
        curves = self._curves()
        if self._figure not in curves:
            self._figure = next(iter(curves), None)
        figure = " ".join(dict.fromkeys(reversed(self._figure))) if self._figure else ""
        drawn = curves.get(self._figure, {}) if self._figure else {}
        # Each job keeps its colour and stroke, also where another one has no such figure.
        self._chart.show_groups({figure: {self._label(at): drawn.get(self._label(at), []) for at in self._order}})
        self._rows.show(self._legend(), "")
        left = [(" curves", "strong"), (f"  {pluralize(len(self._jobs), 'job')}", ""), (f"  {figure}", "dim")]
        count = (
            f"{list(curves).index(self._figure) + 1}/{pluralize(len(curves), 'figure')} " if self._figure else ""
        )
        self.query_one(TitleBar).show(left, [(count, "dim")])

    @property
    def _order(self) -> range:
        return range(len(self._jobs))

    def _legend(self) -> Iterator[CellRow]:
        """Yield a row for each job: stroke, name, best checkpoint, and the settings that others have otherwise."""
        differing = find_differing([cast("Job", job.object) for job in self._jobs])
        for at, (job, watch) in enumerate(zip(self._jobs, self._checkpoints, strict=True)):
            records = watch.collection.records.values()
            best = find_best([cast("Checkpoint", record.object) for record in records])
            told = "no checkpoint"
            if best:
                told = f"best: step {'?' if best.step is None else best.step}, {best.over} loss {best.loss:.4f}"
            settings = "  ".join(f"{name} {value}" for name, value in differing[at].items())
            yield CellRow(
                job.id,
                (
                    (stroke_of(at), _TONES[at]),
                    (self._label(at), _TONES[at]),
                    (told, ""),
                    (settings or "the same settings", "" if settings else "dim"),
                ),
            )

    def action_measure(self) -> None:
        """Draw the next figure that was measured."""
        figures = list(self._curves())
        if self._figure in figures:
            self._figure = figures[(figures.index(self._figure) + 1) % len(figures)]
            self._show()

    def action_smooth(self) -> None:
        """Smooth the curves, more, or no longer."""
        self._smoothing = find_next_smoothing(self._smoothing)
        self._chart.smooth(self._smoothing)

    async def action_difference(self) -> None:
        """Show field by field how the job under the cursor differs from the next, or the last from the first."""
        at = self._rows.cursor
        pair = (self._jobs[at], self._jobs[(at + 1) % len(self._jobs)])
        await self._actor.workflows["difference"]()(self._actor, None, *pair)

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)
