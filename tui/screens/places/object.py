"""One object over the whole terminal: its tabs, its live children, its keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding

from tui.api.errors import NotFound
from tui.live.polling.read_one import OneObject
from tui.resources.language.cells import stamp
from tui.resources.language.column import CellContext, value_of
from tui.resources.language.resource import title_of
from tui.screens.actions.permissions import find_refusal
from tui.screens.places.base import PlaceScreen
from tui.text import cell_width, fit
from tui.widgets.base.bars import WAY, FooterBar, KeyHint
from tui.widgets.base.tones import build_line
from tui.widgets.detail.detail_pane import DetailPane
from tui.widgets.input.prompt import Prompt
from tui.widgets.text.line_view import LineView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.api.errors import ApiError
    from tui.live.lists.collection import Delta
    from tui.live.polling.poller import Health
    from tui.resources.language.objects import Record
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.widgets.base.freshness import Parts

_ID = 20  # fewest cells of an id that stands beside a name


class ObjectScreen(PlaceScreen):
    """Shows the object a place names, and follows it."""

    SLASH = "search"
    BINDINGS = [
        Binding("slash", "search", "search in it", id="list.filter", key_display="/", priority=True),
        Binding("enter", "open", "open", id="go.into", show=False),
        Binding("tab", "app.focus_next", "next pane", id="detail.focus", show=False),
    ]

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self._record: Record | None = None
        self._gone = False
        self._found = ""
        self._told: ApiError | None = None
        read = partial(self.platform.get, self.resource, location.scope, location.id)
        self._one = (
            OneObject(self.platform.scheduler, self.platform.now, self.resource, read)
            if self.resource.get
            else None
        )

    def compose(self) -> ComposeResult:
        """Yield header, title, the detail, prompt, keys."""
        yield from self.compose_top()
        yield DetailPane(self.platform, self.navigator.session.tabs)
        yield Prompt()
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what is known, then ask."""
        self._let_go = self.list_watch.subscribe(self._apply_delta, self._show_health)
        self._record = self.list_watch.collection.records.get(self.location.id)
        self.call_later(self._show)
        if self._one:
            self._one.subscribe(self._take_object)
            self._one.listen(self._note_failure)
            self._one.start()
        self.say()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()
        if self._one:
            self._one.stop()

    @property
    def record(self) -> Record | None:
        """The object."""
        return self._record

    def _cell_context(self) -> CellContext:
        return self.list_watch.collection.context_of(self.location.id, self.platform.now(), self.platform.names.of)

    def _take_object(self, record: Record) -> None:
        """Show the object as its own address tells it."""
        self._record, self._gone = record, False
        self.call_later(self._show_and_say)

    def _note_failure(self, health: Health) -> None:
        """Note that it could not be read: it is gone, or the reason is told once."""
        if isinstance(health.error, NotFound):
            self._gone = True
        elif health.error and str(health.error) != str(self._told):
            self.actor.say(str(health.error), bad=True)
        self._told = health.error
        if self.is_mounted:
            self.say()

    async def _show(self) -> None:
        if self._record:
            detail = self.query_one(DetailPane)
            focused = detail.record is not None
            await detail.show(
                self.resource, self.location.scope, self._record, self._cell_context(), self.location.tab
            )
            if not focused:
                detail.focus_body()

    async def _show_and_say(self) -> None:
        await self._show()
        self.say()

    def _apply_delta(self, delta: Delta) -> None:
        if self.location.id in delta.removed:
            self._gone = True
            self.say()
        elif self.location.id in (*delta.changed, *delta.added):
            record = self.list_watch.collection.records[self.location.id]
            if self._one is None or self._one.record is None:
                self._record = record
                self.call_later(self._show_and_say)
            elif not self._one.reading and record.raw != self._one.record.raw:
                self._one.outdate()  # the list may lag behind: the object itself is asked

    def _show_health(self, _health: Health) -> None:
        self.say()

    @work(group="refresh", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Ask the server for the object itself, or where it has no address for its list."""
        await (self._one or self.list_watch).refresh()

    def tick(self) -> None:
        """Show how time has passed."""
        super().tick()
        if self._record is not None:
            self.query_one(DetailPane).tick(self._cell_context())

    def headline(self) -> tuple[Parts, Parts]:
        """Return the way here, and how the object stands."""
        left = [(f" {WAY.join((*self.location.trail, ''))}", "dim"), (self.location.id, "strong")]
        if self._record is None:
            return left, [(f"gone since {stamp(self.platform.now())} ", "bad")] if self._gone else []
        known = (self._record.id, title_of(self.resource, self._record))
        left.append((f"  {known[1]}", ""))
        first = self.resource.columns[0]
        context = self._cell_context()
        cell = first.cell(self._record, context) if value_of(first.value, self._record, context) else None
        right: Parts = [(f"{cell.text} ", cell.tone)] if cell and cell.text not in known else []
        if self._found:
            right = [(f"{self._found}  ", "accent"), *right]
        if self._gone:
            right = [("gone from the list  ", "bad"), *right]
        missing = build_line([*left, *right]).cell_length + 1 - self.size.width
        if missing > 0:  # an id is known by its ends; what it stands beside is not
            left[1] = (
                fit(self.location.id, max(_ID, cell_width(self.location.id) - missing), middle=True),
                "strong",
            )
        return left, right

    def keys(self) -> list[KeyHint]:
        """Return the keys to move between tabs, and into the list that one shows, or what enter does elsewhere."""
        child, action = self.resource.child(self.location.tab), self.resource.action(self.resource.enter)
        word = "open the list" if child and not child.tail else ""
        if not word and action and find_refusal(action, self.record, self.platform) is None:
            word = action.label
        hints = [KeyHint("> <", "tabs"), *([KeyHint("enter", word)] if word else [])]
        for detail in self.query(DetailPane):
            hints += [KeyHint("h", "hide steps")] if detail.shows_steps else []
            hints += [KeyHint("V", "smooth")] if detail.shows_curves else []
        return hints

    def show_changed(self, raw: dict[str, Any]) -> None:
        """Refresh: the object may have changed."""
        if raw.get(self.resource.identify) == self.location.id:
            self._record = self.resource.record(raw)
            self.call_later(self._show_and_say)

    def focus_home(self) -> None:
        """Focus the detail."""
        self.query_one(DetailPane).focus_body()

    def on_screen_suspend(self) -> None:
        """Stop watching children while hidden."""
        self.query_one(DetailPane).release()

    def on_screen_resume(self) -> None:
        """Watch children again."""
        self.query_one(DetailPane).resume()

    def on_detail_pane_tab_changed(self, event: DetailPane.TabChanged) -> None:
        """Remember it for the way back."""
        self.location.tab, self._found = event.tab, ""
        self.query_one(DetailPane).focus_body()
        self.say()

    def action_search(self) -> None:
        """Ask what to look for in what the open tab shows."""
        shown = [view for view in self.query_one(DetailPane).query(LineView) if view.region]
        if shown:
            self.query_one(Prompt).open_search(shown[0], shown[0].search)

    def on_line_view_searched(self, event: LineView.Searched) -> None:
        """Say how the search stands."""
        self._found = event.words
        self.say()

    def action_open(self) -> None:
        """Do what enter does for this resource."""
        action = self.resource.action(self.resource.enter)
        if action:
            self.perform(action)
