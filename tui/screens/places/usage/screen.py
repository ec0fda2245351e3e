"""Usage and costs: bars over time beside what each group comes to, drilled from project to key to minute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.containers import Container, Vertical

from tui.api.errors import ApiError
from tui.resources.usage import (
    COMPLETIONS_KIND,
    COSTS,
    COSTS_KIND,
    KINDS,
    name_dimension,
)
from tui.screens.places.base import PlaceScreen
from tui.screens.places.usage.drill import Drill
from tui.screens.places.usage.periods import BUCKET
from tui.screens.places.usage.rows import Reading, describe_month
from tui.widgets.base.bars import Bar, FooterBar, KeyHint, NoticeBar
from tui.widgets.base.layout import BESIDE
from tui.widgets.charts.bars_chart import BarsChart
from tui.widgets.input.prompt import Prompt
from tui.workflows.labels import fetch_names, find_loaded_names
from tui.workflows.usage import (
    UsageFigures,
    UsagePoller,
    build_default_query,
    fit_query,
)
from tui.workflows.usage_export import export_rows

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.live.totals import Group
    from tui.resources.language.objects import Record
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.widgets.base.freshness import Parts


class UsageScreen(PlaceScreen):
    """Shows usage or costs over time, and by group."""

    SLASH = ""
    BINDINGS = [
        Binding("enter", "enter", "into the group, or the time", id="go.into"),
        Binding("b", "group", "group by the next", id="usage.group"),
        Binding("t", "period", "time range", id="usage.period"),
        Binding("K,u", "kind", "kind of usage", id="usage.kind"),
        Binding("M", "measure", "other metric", id="usage.measure"),
        Binding("U", "zone", "UTC or local time", id="usage.zone"),
        Binding("tab", "other_pane", "bars or groups", id="detail.focus"),
        Binding("ctrl+s", "save", "save as CSV", id="list.save"),
    ]
    DEFAULT_CSS = """
    UsageScreen #body { height: 1fr; layout: vertical; }
    UsageScreen .pane { height: 2fr; }
    UsageScreen #times { height: 3fr; }
    UsageScreen .pane Bar { background: $surface; }
    UsageScreen.-beside #body { layout: horizontal; }
    UsageScreen.-beside .pane { height: 1fr; }
    UsageScreen.-beside #groups { width: 50%; border-left: vkey $panel; }
    """

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        platform = self.platform
        first = build_default_query(COSTS_KIND if location.resource is COSTS else COMPLETIONS_KIND)

        def make() -> UsagePoller:
            return UsagePoller(platform.client, platform.scheduler, first, time.time)

        self._usage = platform.keep(UsagePoller, location.resource, {}, make)
        self.source = self._usage
        self._drill = Drill(self._usage, COSTS_KIND if location.resource is COSTS else None)
        self._spending = self.navigator.kept.spending if location.resource is COSTS else None
        self._local = False
        self._tried: set[Group] = set()  # whose names were asked for

    def compose(self) -> ComposeResult:
        """Yield header, title, bars and groups, prompt, keys."""
        yield from self.compose_top()
        yield NoticeBar(id="month")
        with Container(id="body"):
            with Vertical(id="times", classes="pane"):
                yield Bar(id="times-caption")
                yield BarsChart(id="times-bars")
            with Vertical(id="groups", classes="pane"):
                yield Bar(id="groups-caption")
                yield BarsChart(id="groups-bars")
        yield Prompt()
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what is known already."""
        ends = [self._usage.subscribe(self._show_and_name), self._usage.listen(lambda _: self._show())]
        if self._spending:
            ends.append(self._spending.subscribe(self.say))
        self._let_go = lambda: [end() for end in ends]
        self.on_resize()
        self.focus_home()
        self._show_and_name()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    def on_resize(self) -> None:
        """Put the groups where there is room."""
        self.set_class(self.size.width >= BESIDE, "-beside")

    def on_screen_resume(self) -> None:
        """Keep fresh what the month comes to."""
        if self._spending:
            self._spending.start()

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden."""
        if self._spending:
            self._spending.stop()

    # What is shown.

    @property
    def record(self) -> Record | None:
        """None: nothing here is an object."""
        return None

    @property
    def _times(self) -> BarsChart:
        return self.query_one("#times-bars", BarsChart)

    @property
    def _groups(self) -> BarsChart:
        return self.query_one("#groups-bars", BarsChart)

    @property
    def _reading(self) -> Reading:
        return Reading(self._usage.question, self._usage.names, self._local)

    def _show_and_name(self) -> None:
        """Draw what is known, and look up its names."""
        self._show()
        report = self._usage.report
        if report and report.complete and not self._reading.nameless(report) <= self._tried:
            self._learn_names(report)

    def _show(self) -> None:
        """Draw what is known."""
        report = self._usage.report
        if not self.query(BarsChart):
            return
        if report is None:
            for bars in (self._groups, self._times):
                bars.wait("" if self._usage.health.error else "Loading…")
        else:
            groups = list(self._reading.groups(report, self._drill.measure_at, self._drill.measure))
            if groups or not report.find_gaps():
                self._groups.show(groups)
            else:
                self._groups.wait("What was used is not known.")
            self._show_times(report)
        self.say()

    def _show_times(self, report: UsageFigures) -> None:
        """Draw the time, lit the part of the group under the cursor, where there are several to tell apart."""
        chosen = self._groups.row if self._groups.count() > 1 else None
        self._times.show(
            self._reading.times(report, self._drill.measure_at, self._drill.measure, chosen), at_end=True
        )

    def headline(self) -> tuple[Parts, Parts]:
        """Return what is shown, how far one has drilled, what it comes to, and how much of it came."""
        left, right = self._reading.headline(self._usage.report, self._drill.measure_at)
        return left, right

    def keys(self) -> list[KeyHint]:
        """Return the keys that ask for something else."""
        kind = self._usage.question.kind
        more = [KeyHint("K", "kind")] if self.resource is not COSTS else []
        more += [KeyHint("M", "metric")] if len(kind.measures) > 1 else []
        save = KeyHint("ctrl+s", "csv", self._usage.report is not None)
        return [
            KeyHint("enter", "drill down"),
            KeyHint("b", "group"),
            KeyHint("t", "time"),
            *more,
            KeyHint("U", "zone"),
            save,
        ]

    def say(self) -> None:
        """Bring the lines up to date."""
        super().say()
        if not self.query(BarsChart):
            return
        question = self._usage.question
        money = self._spending.money() if self._spending and not question.only else None
        self.query_one("#month", NoticeBar).show(describe_month(money) if money else [])
        bucket = BUCKET[question.width]
        many = self._groups.count() > 1 and self._groups.row
        lit: Parts = [("   █", "good"), (f" {self._groups.row.label}", "dim")] if many and self._groups.row else []
        self.query_one("#times-caption", Bar).show(
            [(f" {self._drill.measure.label} by {bucket}, {self._reading.zone}", "dim"), *lit]
        )
        dimension = name_dimension(question.by).replace("_", " ")
        self.query_one("#groups-caption", Bar).show(
            [(" by ", "dim"), (dimension, "accent")],
            self._reading.gaps(self._usage.report, self._tried) if self._usage.report else [],
        )

    @work(group="names", exclusive=True, exit_on_error=False)
    async def _learn_names(self, report: UsageFigures) -> None:
        """Find out what people call the groups; without an answer they stay ids.

        Keys are listed by project: within the budget those of the projects that matter most are asked for.
        """
        by, names = report.question.by, self._usage.names
        names |= find_loaded_names(self.platform, by)
        nameless = self._reading.nameless(report)
        homes = dict.fromkeys(report.homes.get(group, "") for group, _ in report.groups(0) if group in nameless)
        try:
            async for found in fetch_names(self.platform.client, by, filter(None, homes)):
                names |= found
                self._show()
                if self.platform.requests_last_minute >= self.platform.budget:
                    break
        except ApiError:
            pass  # the groups stay ids
        self._tried |= nameless
        self._show()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off the keys that are for objects."""
        if action in ("tab", "next_tab", "act", "actions", "copy", "copy_json"):
            return False
        return super().check_action(action, parameters)

    def action_group(self) -> None:
        """Group by the next dimension."""
        self._drill.group_by_next()
        self._show()

    def action_period(self) -> None:
        """Take the next time range."""
        self._drill.take_next_period()
        self._show()

    def action_kind(self) -> None:
        """Choose another kind of usage, over the same time."""
        if self.resource is COSTS:
            self.navigator.open_resource(self.navigator.platform.registry["usage"])
        else:
            self._choose_kind()

    @work(group="kind", exclusive=True, exit_on_error=False)
    async def _choose_kind(self) -> None:
        from tui.screens.dialogs.pick import Choice, Pick

        kinds = {name.replace("_", " "): kind for name, kind in KINDS.items() if kind is not COSTS_KIND}
        choices = [Choice(name, ", ".join(each.label for each in kind.measures)) for name, kind in kinds.items()]
        chosen = await self.app.push_screen_wait(Pick("Usage of", choices))
        if chosen:
            self._drill.ask(fit_query(self._usage.question, kinds[chosen[0]]))
            self._show()

    def action_measure(self) -> None:
        """Show the next figure."""
        self._drill.take_next_measure()
        self._show()

    def action_zone(self) -> None:
        """Switch between UTC and local time."""
        self._local = not self._local
        self._show()

    def action_enter(self) -> None:
        """Go into the group under the cursor, or the time; once all is told apart, into the time."""
        group, bucket = self._groups.row, self._times.row
        if self._groups.has_focus and group is None:
            self.actor.say("There is nothing here to go into.")
            return
        inner = self._groups.has_focus and group
        note = self._drill.go_into(group.key[0] if inner and group else None, bucket.key if bucket else None)
        if note:
            self.actor.say(note)
        self._show()

    def action_unwind(self) -> None:
        """Undo one layer: reading, the way in, then the place."""
        if self.stop_loading():
            return
        if self._drill.go_back():
            self._show()
        else:
            super().action_unwind()

    def stop_loading(self) -> bool:
        """Read no further page of what is asked for the first time. Returns whether there was one."""
        return self._usage.stop_reading() or super().stop_loading()

    def action_other_pane(self) -> None:
        """Move the focus between bars and groups."""
        self.set_focus(self._groups if self._times.has_focus else self._times)

    def focus_home(self) -> None:
        """Focus the groups."""
        self.set_focus(self._groups)

    def on_line_view_moved(self) -> None:
        """Light the part of the group under the cursor."""
        report = self._usage.report
        if report:
            self._show_times(report)
            self.say()

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write every figure of every group and bucket to a file."""
        from tui.export import save
        from tui.screens.dialogs.ask import Ask

        report = self._usage.report
        if report is None or not report.complete:
            self.actor.say("Not all of it is here yet.", bad=True)
            return
        start = f"{self._usage.question.kind.name}.csv"
        name = await self.app.push_screen_wait(Ask("Save what is shown to (.csv, .json, .jsonl)", start))
        if name:
            self.actor.say(
                save(
                    name,
                    self.resource,
                    [self.resource.record(raw) for raw in export_rows(report, self._usage.names)],
                    self._usage.now,
                )
            )
