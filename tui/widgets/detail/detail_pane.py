"""The detail pane: one object under tabs that describe it, list its children, draw its curves or show its JSON."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual import work
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.css.query import NoMatches
from textual.message import Message

from tui.resources.language.column import CellContext
from tui.resources.registry import REGISTRY
from tui.widgets.detail.description import Description
from tui.widgets.detail.tab_bar import TabBar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.live.platform import Platform
    from tui.live.polling.tail import Tail
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Chart, Child, Resource
    from tui.widgets.charts.chart import CurveChart
    from tui.widgets.detail.feeds import Feed

SUMMARY, CHART, JSON = "summary", "chart", "json"
_WITH_CURVES = 116  # cells a pane needs for curves beside events


def tabs_of(resource: Resource) -> tuple[str, ...]:
    """Return the tabs of a resource's objects, in order."""
    children = tuple(child.resource for child in resource.children)
    return (SUMMARY, *children, *((CHART,) if resource.chart else ()), JSON)


class DetailPane(Vertical):
    """Shows one object of a resource. Children are watched only while their tab is open and the pane is shown."""

    DEFAULT_CSS = """
    DetailPane { height: 1fr; }
    DetailPane > Container { height: 1fr; }
    DetailPane .curves { width: 1fr; display: none; }
    DetailPane.-wide .curves { display: block; }
    DetailPane.-wide .beside { width: 55%; min-width: 87; }
    """
    BINDINGS = [Binding("V", "smooth", "smooth curves", id="curves.smooth")]

    @dataclass
    class TabChanged(Message):
        """Another tab is open."""

        tab: str

    def __init__(self, platform: Platform, last_tabs: dict[str, str], *, id: str | None = None) -> None:  # noqa: A002
        """`last_tabs` holds the tab open last, by the name of the resource; it is read and written here."""
        super().__init__(id=id)
        self._platform = platform
        self._side_by_side = False
        self._is_elsewhere = False  # whether what is shown is of another account than what is to be
        self._last_tabs = last_tabs
        self._resource: Resource | None = None
        self._scope: Mapping[str, str] = {}
        self._record: Record | None = None
        self._cell_context = CellContext(0.0)
        self._opening = asyncio.Lock()
        self._focuses = False  # whether what is being opened is to have the focus
        self._let_go: list[Callable[[], None]] = []
        self._smoothing = 0.0
        self.tab = SUMMARY

    def compose(self) -> ComposeResult:
        """Yield the tabs, and below them the body of the open one."""
        yield TabBar()
        yield Container()

    @property
    def record(self) -> Record | None:
        """The object shown."""
        return self._record

    @property
    def shown(self) -> tuple[str, str] | None:
        """The account and the id of the object shown."""
        return (self._platform.account, self._record.id) if self._record else None

    def use(self, platform: Platform) -> None:
        """Have what is shown from now on be of another account: one with the same id there is another object."""
        if platform is not self._platform:
            self._platform = platform
            self._is_elsewhere = True

    @property
    def tabs(self) -> tuple[str, ...]:
        """The tabs there are."""
        return tabs_of(self._resource) if self._resource else ()

    async def show(
        self,
        resource: Resource,
        scope: Mapping[str, str],
        record: Record | None,
        context: CellContext,
        tab: str = "",
    ) -> None:
        """Show `record`, or that there is none. The same object again only updates what changed."""
        before = self._record if resource is self._resource and not self._is_elsewhere else None
        self._is_elsewhere = False
        # A description of another object replaces the one shown line by line; live children are watched anew.
        same = before and record and (record.id == before.id or self.tab in (SUMMARY, JSON))
        self._resource, self._scope, self._record, self._cell_context = resource, scope, record, context
        if same and (not tab or tab == self.tab):
            self._update()
            return
        wanted = tab or self._last_tabs.get(resource.name, SUMMARY)
        await self.open(wanted if wanted in self.tabs else SUMMARY)

    def name_object(self, name: str) -> None:
        """Say beside the tabs which object is shown; "" says nothing."""
        self.query_one(TabBar).name_object(name)

    async def lay_sections(self, *, side_by_side: bool) -> None:
        """Show sections side by side from now on, where they have room, or one below the other."""
        if side_by_side != self._side_by_side:
            self._side_by_side = side_by_side
            if self.tab == SUMMARY and self._record is not None:
                await self.open(SUMMARY)

    async def open(self, tab: str) -> None:
        """Open a tab. Whoever gives up waiting leaves it open all the same: half of it would be dead widgets."""
        await asyncio.shield(asyncio.ensure_future(self._open(tab)))

    async def _open(self, tab: str) -> None:
        async with self._opening:
            if self._resource is not None and self.is_attached:
                await self._replace(self._resource, tab)
        if self._focuses and self.is_attached:
            self.focus_body()

    async def _replace(self, resource: Resource, tab: str) -> None:
        self.tab = self._last_tabs[resource.name] = tab
        self.query_one(TabBar).show(self.tabs, tab, f"{resource.singular.replace(' ', '-')}-")
        self._focuses |= self.has_focus_within
        self.release()
        body = self.query_one(Container)
        async with self.batch():
            await body.remove_children()
            if self._record is None:
                return
            await body.mount(*self._body(tab))
            self._update()
            self._watch_tab(tab)
        self.post_message(self.TabChanged(tab))

    async def step(self, by: int) -> None:
        """Open the next or previous tab."""
        if self.tabs:
            await self.open(self.tabs[(self.tabs.index(self.tab) + by) % len(self.tabs)])

    def focus_body(self) -> None:
        """Put the focus into what the open tab shows, once it stands: what goes would take no key, and keep it."""
        self._focuses = self._opening.locked()
        for widget in () if self._focuses else self.query_one(Container).query("*"):
            if widget.focusable and not widget.has_class("curves"):
                self.screen.set_focus(widget)
                return

    def release(self) -> None:
        """Stop watching children; the pane is hidden or shows something else."""
        for let_go in self._let_go:
            let_go()
        self._let_go.clear()

    def resume(self) -> None:
        """Watch again what the open tab shows. One that is being opened is watched once it stands."""
        if self._record is not None and not self._let_go and not self._opening.locked():
            self._watch_tab(self.tab)

    def tick(self, context: CellContext) -> None:
        """Draw again what reads differently as time passes."""
        self._cell_context = context
        self._update()
        child = self._child(self.tab)
        if child and not child.tail:
            from tui.widgets.table.live_table import LiveTable

            for table in self.query(LiveTable):
                table.tick()

    def on_resize(self) -> None:
        """Show curves beside events where both have room."""
        self.set_class(self.size.width >= _WITH_CURVES, "-wide")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off what smooths curves where there are none."""
        if action == "smooth" and not self.shows_curves:
            return None
        return super().check_action(action, parameters)

    @property
    def shows_curves(self) -> bool:
        """Whether curves are in sight."""
        chart = self._resource.chart if self._resource else None
        return bool(chart and (self.tab == CHART or (self.tab == chart.child and self.has_class("-wide"))))

    @property
    def shows_steps(self) -> bool:
        """Whether the open tab lists events that measurements may be among."""
        chart = self._resource.chart if self._resource else None
        return bool(chart and self.tab == chart.child)

    @property
    def _charts(self) -> list[CurveChart]:
        return [cast("CurveChart", widget) for widget in self.query("CurveChart")]

    def action_smooth(self) -> None:
        """Smooth the curves, more, or no longer."""
        from tui.widgets.charts.points import find_next_smoothing

        self._smoothing = find_next_smoothing(self._smoothing)
        for chart in self._charts:
            chart.smooth(self._smoothing)

    def on_unmount(self) -> None:
        """Stop watching."""
        self.release()

    async def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        """Open the tab that was clicked."""
        event.stop()
        await self.open(event.tab)

    # What the tabs show.

    def _child(self, name: str) -> Child | None:
        return self._resource.child(name) if self._resource else None

    def _body(self, tab: str) -> list[Widget]:
        """Return the widgets of a tab. Those that cost an import get it only now."""
        if tab == SUMMARY:
            return [Description(side_by_side=self._side_by_side)]
        if tab == JSON:
            from tui.widgets.text.json_view import JsonView

            return [JsonView(is_id=lambda text: self._platform.find(text) is not None)]
        child = self._child(tab)
        if child and not child.tail:
            from tui.widgets.table.child_list import ChildList

            return [ChildList()]
        from tui.widgets.charts.chart import CurveChart

        if tab == CHART:
            chart = CurveChart()
            chart.can_focus = True  # for the keys of this pane
            return [chart]
        from tui.widgets.text.event_log import EventLog

        curves, now = self._resource.chart if self._resource else None, self._platform.now
        if curves and curves.child == tab:
            return [
                Horizontal(CurveChart(classes="curves", most=1), EventLog(classes="beside", wrapped=True, now=now))
            ]
        return [EventLog(wrapped=True, now=now)]

    def _update(self) -> None:
        """Bring what is derived from the object itself up to date."""
        if self._record is None or self._resource is None:
            return
        if self.tab == SUMMARY:
            try:
                description = self.query_one(Description)
            except NoMatches:
                return
            description.show(self._resource, self._record, self._cell_context)
        elif self.tab == JSON:
            from tui.widgets.text.json_view import JsonView

            for view in self.query(JsonView):
                view.show(self._record.raw)

    def _watch_tab(self, tab: str) -> None:
        """Watch the child that a tab shows."""
        if tab in (SUMMARY, JSON) or self._resource is None or self._record is None:
            return
        chart = self._resource.chart
        child = self._child(chart.child if tab == CHART and chart else tab)
        if child is None:
            return
        scope = self._platform.child_scope(self._resource, self._scope, self._record, child)
        if child.tail:
            self._follow(child, scope, tab)
        else:
            from tui.widgets.table.child_list import ChildList

            watch = self._platform.watch_whole(REGISTRY[child.resource], scope)
            self._let_go.append(self.query_one(ChildList).follow(watch, self._platform))

    def _follow(self, child: Child, scope: Mapping[str, str], tab: str) -> None:
        """Feed the log and the curves of a tab with the entries of a child that only grows."""
        resource, platform = REGISTRY[child.resource], self._platform

        def active() -> bool:
            record, owner = self._record, self._resource
            return bool(record and owner and owner.active(record.object))

        tail = platform.tail(resource, scope, active)
        feeds: list[Feed] = []
        if self._resource and self._resource.chart:
            self._feed_charts(self._resource, self._resource.chart, tail, feeds)
        if tab != CHART:
            from tui.widgets.detail.feeds import feed_log
            from tui.widgets.text.event_log import EventLog

            feeds.append(feed_log(resource, platform.now, self.query_one(EventLog)))
        for feed in feeds:
            feed(list(tail.entries), True)

        def feed_all(entries: list[Record], at_end: bool) -> None:
            for feed in feeds:
                feed(entries, at_end)

        self._let_go.append(tail.subscribe(feed_all, lambda _: None))
        tail.start()
        self._let_go.append(tail.stop)
        self._load_whole(tail)

    def _feed_charts(self, resource: Resource, chart: Chart, tail: Tail, feeds: list[Feed]) -> None:
        """Have the charts drawn with the entries of a tail, and mark in them what is marked."""
        from tui.widgets.detail.feeds import feed_curves, feed_marks

        charts, record = self._charts, self._record
        feeds.append(feed_curves(chart, tail, charts))
        for each in charts:
            each.smooth(self._smoothing)
        child = self._child(chart.marks[0]) if chart.marks else None
        if chart.marks and child and record:
            scope = self._platform.child_scope(resource, self._scope, record, child)
            watch = self._platform.watch_whole(REGISTRY[child.resource], scope)
            self._let_go.append(feed_marks(chart.marks[1], watch, charts))

    @work(group="older", exclusive=True, exit_on_error=False)
    async def _load_whole(self, tail: Tail) -> None:
        await tail.load_whole()
