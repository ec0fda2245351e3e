"""The list of any resource: the live table, the detail beside it, filter, sort, marks and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.containers import Container

from tui.resources.language.action import Open
from tui.screens.actions.permissions import find_refusal
from tui.screens.places.base import NO_OBJECT
from tui.screens.places.listing import text as list_text
from tui.screens.places.listing.columns import ListColumns
from tui.widgets.base.bars import Bar, FooterBar, KeyHint
from tui.widgets.detail.detail_pane import DetailPane
from tui.widgets.detail.split import Split
from tui.widgets.input.prompt import Prompt
from tui.widgets.table.live_table import LiveTable
from tui.widgets.table.side import Sides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.live.lists.collection import Delta
    from tui.live.polling.poller import Health
    from tui.live.polling.watch import Watch
    from tui.resources.language.action import Action
    from tui.resources.language.column import CellContext
    from tui.resources.language.objects import Record
    from tui.screens.navigation.picking import Picking
    from tui.widgets.base.freshness import Parts


class ResourceScreen(ListColumns):
    """Lists the objects of a resource, live."""

    BINDINGS = [
        Binding("exclamation_mark", "attention", "only what needs you", id="list.attention", key_display="!"),
        Binding("enter", "enter", "open", id="go.into"),
        Binding("f", "full", "fullscreen", id="detail.full"),
        Binding("comma", "page_detail(-1)", "detail up", id="detail.page_up", show=False, key_display=","),
        Binding("full_stop", "page_detail(1)", "detail down", id="detail.page_down", show=False, key_display="."),
        Binding("L", "load_all", "load all", id="list.load_all"),
        Binding("ctrl+s", "save", "save the list", id="list.save"),
    ]

    _at_fault: Sequence[str] = ()  # the accounts whose lists could not be read lately

    def compose(self) -> ComposeResult:
        """Yield header, title, list and detail, prompt, keys."""
        yield from self.compose_top()
        with Container(id="body"):
            with Sides(id="list"):
                yield from self.sides
                yield from self.compose_picture()
            yield Split()
            yield DetailPane(self.platform, self.navigator.session.tabs)
        yield Bar(id="line")
        yield Prompt()
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what is known already, and look as when last here."""
        if self.location.filter:
            self.filter_by(self.location.filter)
        if self.location.attention:
            for side in self.sides:
                side.view.set_attention(True)
        self.find_news()
        self.show_sides()
        self._let_go = self.list_watch.subscribe(self._apply_delta, self._show_health)
        self.arrange_detail()
        self.set_focus(self.table)
        self.say()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    def on_screen_suspend(self) -> None:
        """Stop watching children while hidden."""
        self.query_one(DetailPane).release()

    def on_screen_resume(self) -> None:
        """Watch children again."""
        self.query_one(DetailPane).resume()

    @property
    def is_remembered(self) -> bool:
        """Whether all rows are shown of a list that stands by itself."""
        here = self.location
        is_part = here.scope or here.resource.screen or here.filter or here.query or here.attention
        return not (is_part or here.resource.holds_text)

    def find_remembered(self) -> Widget | None:
        """Return the table, while its rows are those that there are."""
        is_whole = self.is_remembered and len(self.view) and self.source.health.state == "live"
        return self.table if is_whole and not self.is_beside else None

    # Following the list.

    def _apply_delta(self, delta: Delta) -> None:
        if not self.query(LiveTable):
            return  # it is being closed
        self.find_news()
        for side in self.sides:
            side.apply(delta)
        self.list_watch.peek_soon()
        self.say()
        shown = self.query_one(DetailPane).shown
        key = self.list_watch.key_of(*shown) if shown else None
        if self.detail_at != "off" and (key is None or key in (*delta.changed, *delta.removed)):
            self.show_soon()

    def _show_health(self, _health: Health) -> None:
        at_fault = [account for account, each in self.list_watch.by_account.items() if each.health.error]
        if at_fault != self._at_fault and self.query(LiveTable):
            self._at_fault = at_fault
            self._tick_tables()  # rows say whether they are old
        self.say()

    def show_names(self) -> None:
        """Show names that came to be known; rows may stand in their order."""
        for side in self.sides:
            side.view.recompute()
            side.table.rename()
        super().show_names()

    def tick(self) -> None:
        """Show how time has passed."""
        super().tick()
        self._tick_tables()
        if row := self.row:
            self.query_one(DetailPane).tick(self.view.context_of(row))

    def _tick_tables(self) -> None:
        for side in self.sides:
            side.table.tick()

    # What the lines say.

    def notice(self, health: Health) -> Parts:
        """Return why what is shown is old; where nothing is shown, the page in its place says it."""
        return super().notice(health) if self.list_watch.collection.records or self.picture else []

    def headline(self) -> tuple[Parts, Parts]:
        """Return what is listed, how much of it, and how it is filtered."""
        if self.is_beside:  # how much each has stands over its own table
            told = list_text.describe_sides(len(self.sides), sum(side.display for side in self.sides))
        else:
            told = self.describe_side(self.side)
        selection = list_text.describe_selection(self.location, self.list_watch, self.view)
        return [*list_text.name_list(self.location), *told], selection

    def keys(self) -> list[KeyHint]:
        """Return what enter does."""
        entering = self._find_entering()
        child = self.resource.child(self.resource.enter)
        word = entering.label if entering else child.resource if child else "open"
        word = "choose" if self._find_picking() else word
        return [KeyHint("enter", word, self.record is not None)]

    def say(self) -> None:
        """Bring the lines up to date, and show a page instead of an empty table."""
        super().say()
        if not self.is_mounted or self.query_one_optional(Sides) is None:
            return
        watch = self.list_watch
        is_read = watch.health.state != "loading" and not watch.progress
        rows = any(len(side.view) for side in self.sides) if self.detail_at == "line" else watch.collection.records
        self.leave_out_detail(is_read and not rows)
        for side in self.sides:
            is_back = not side.table.display and len(side.view)
            side.show_page(None if len(side.view) else self.page(side))
            if is_back and side is self.side and self.focused is None:  # it lost the focus with its rows
                self.set_focus(side.table)
            if side.account:
                self.say_of(side)
        if not self.is_beside:
            self.side.display = self.picture is None

    # Keys.

    def action_unwind(self) -> None:
        """Undo one layer: loading, detail's focus, filter, attention, marks, server filter, then the place."""
        if self.stop_loading():
            return
        if self.leave_detail():
            return
        if self.location.filter:
            self.filter_by("")
        elif self.view.attention_only:
            self.action_attention()
        elif self.view.marks:
            self.view.marks.clear()
            self.table.refilter()
            self.say()
        elif self.location.query:
            for name in list(self.location.query):
                self.set_server_filter(name, "")
        else:
            super().action_unwind()

    def action_attention(self) -> None:
        """Show only what needs its owner, or everything."""
        self.location.attention = not self.view.attention_only
        for side in self.sides:
            side.view.set_attention(self.location.attention)
        self.refilter()
        self.say()

    def _find_picking(self) -> Picking | None:
        """Return what the program was opened for, if it is to choose from this list."""
        picking = self.navigator.picking
        first = self.navigator.history.first
        return picking if first and first.resource is self.resource else None

    def _tell_unloaded(self, chosen: int) -> str:
        """Return a sentence where all that is shown was chosen, and more is not loaded; "" otherwise."""
        if self.list_watch.collection.complete or not self.view.marks.issuperset(self.view.ids):
            return ""
        loaded = len(self.list_watch.collection.records)
        told = f"{chosen:,} {self.resource.name} were chosen, of the {loaded:,} that were loaded"
        return f"{told}; there are more. L loads all."

    def _find_entering(self) -> Action | None:
        """Return the action that enter does. One that opens a screen gives way to the object while it cannot."""
        action = self.resource.action(self.resource.enter)
        barred = action and isinstance(action.does, Open) and self.record and find_refusal(action, *self.acting)
        return None if barred else action

    def action_enter(self) -> None:
        """Go into the object under the cursor."""
        record = self.record
        if record is None:
            self.actor.say(NO_OBJECT)
            return
        if picking := self._find_picking():
            chosen = [each.id for _, _, each in self.objects()]
            picking.take(chosen, self._tell_unloaded(len(chosen)))
            return
        action, child = self._find_entering(), self.resource.child(self.resource.enter)
        if action:
            self.perform(action)
        elif child:
            self.open_child(child.resource)
        else:
            self.navigator.enter(self.location, record)

    @work(group="load", exit_on_error=False)
    async def action_load_all(self) -> None:
        """Load every page."""
        watch = self.side.list_watch
        if watch.collection.complete:
            self.actor.say(f"All {len(watch.collection.records):,} {self.resource.name} are here.")
        await watch.load_more(all=True)

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write what is shown to a file, or all there is."""
        from tui.screens.places.listing.saving import save_list

        side, actor = self.side, self.make_actor(self.account)
        whose = f" of {side.account}" if side.account else ""
        await save_list(self.app, actor, side.list_watch, side.view, whose)

    # The table's messages.

    def on_live_table_highlighted(self, event: LiveTable.Highlighted) -> None:
        """Let the detail follow once the cursor rests."""
        self.list_watch.peek_soon()
        if event.table is not self.table:  # of another account, or of what was shown before
            return
        if event.id or not self.is_beside:
            self.location.cursor = event.id
        self.look_soon(event.id)
        self.follow_cursor()

    def on_live_table_fitted(self, event: LiveTable.Fitted) -> None:
        """Have the detail give way where columns are cut."""
        if not self.is_beside:
            self.yield_to_list(event.lacking)

    def on_live_table_selected(self, event: LiveTable.Selected) -> None:
        """Go into the object: enter was pressed, or it was clicked twice."""
        if event.table is self.table:
            self.action_enter()

    def on_live_table_marks_changed(self) -> None:
        """Count the marked rows anew."""
        self.say()

    def on_live_table_widened(self, event: LiveTable.Widened) -> None:
        """Remember how wide it is; all accounts have it so."""
        self.location.wide = event.table.wide
        for side in self.sides:
            side.table.wide = self.location.wide

    def on_live_table_sorted(self, event: LiveTable.Sorted) -> None:
        """Remember the order; all accounts have it."""
        self.location.sort = event.table.view.sort
        for side in self.sides:
            if side.view.sort != self.location.sort:
                side.view.set_sort(self.location.sort)
                side.table.refilter()
        self.say()

    def on_live_table_near_end(self, event: LiveTable.NearEnd) -> None:
        """Load the next page before it is needed."""
        watch = next((side.list_watch for side in self.sides if side.table is event.table), None)
        if watch and not watch.collection.complete and not watch.loading_more:
            self._load_more(watch)

    @work(group="load", exit_on_error=False)
    async def _load_more(self, watch: Watch) -> None:
        await watch.load_more()

    # The detail.

    def tell_in_line(self, record: Record, room: int) -> Parts:
        """Return why an object needs its owner, and what its row has no room for."""
        from tui.screens.places.listing.one_line import build_line

        row = self.row
        reason = self.list_watch.collection.attention().get(row.id, "") if row else ""
        unseen = self.table.unseen_columns
        return build_line(record, reason, unseen, self.context_of(record), room)

    def context_of(self, record: Record | None) -> CellContext:
        """Return what the cells of the row are made with, too."""
        row = self.row
        return self.view.context_of(row) if record and row else super().context_of(record)

    def action_full(self) -> None:
        """Open the object over the whole terminal."""
        if self.record:
            self.navigator.enter(self.location, self.record, tab=self.query_one(DetailPane).tab)

    def action_page_detail(self, by: int) -> None:
        """Page through the detail without leaving the list."""
        from tui.widgets.text.line_view import LineView

        for view in self.query_one(DetailPane).query(LineView):
            view.action_page(by)
