"""The base of every place: its keys, the prompt, and moving about."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding

from tui.api.errors import ApiError
from tui.screens.navigation.command import CommandError
from tui.screens.navigation.history import Location
from tui.screens.places.object_actions import ObjectActions
from tui.toolkit.controls import Input
from tui.toolkit.keys.key_names import find_own_bindings, key_name, show_key
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.places_bar import JUMPS
from tui.widgets.detail.detail_pane import JSON, SUMMARY, DetailPane
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.screens.navigation.accounts.account import Account
    from tui.widgets.base.places_bar import PlacesBar
    from tui.widgets.detail.summary import Summary
    from tui.widgets.table.child_list import ChildList
    from tui.widgets.text.json_view import JsonView
    from tui.widgets.text.line_view import LineView


NO_OBJECT = "There is no object under the cursor."
ON_OBJECT = ("copy", "copy_json", "watch", "used_by", "full")
"""The actions of places that do nothing without an object under the cursor."""


class PlaceScreen(ObjectActions):
    """A place the user can be at: a list, or one object. Subclasses show it.

    Textual calls `on_mount`, `on_resize`, `on_unmount` and their like of every class in the order of inheritance,
    subclasses first: none of them calls `super()` for that.
    """

    OWN_PROMPT = True  # `:` is asked for in the place itself
    REASONS: ClassVar[Mapping[str, str]] = {}
    """Why a key that lists have does nothing here, by its action; others are told in general words."""

    BINDINGS = [
        # With priority, so that what is typed ahead of the prompt lands in it; see check_action.
        Binding("colon", "command", "command", id="go.command", key_display=":", priority=True),
        Binding("question_mark,f1", "app.help", "help", id="app.help", key_display="?"),
        Binding("escape,q", "up", "back", id="go.up"),
        Binding("left_square_bracket", "history(-1)", "back in history", id="go.back", key_display="["),
        Binding("right_square_bracket", "history(1)", "forward in history", id="go.forward", key_display="]"),
        Binding("minus", "last", "last place", id="go.last", key_display="-"),
        Binding("r,ctrl+r", "refresh", "refresh now", id="live.refresh"),
        Binding("z", "hold", "hold updates", id="live.hold"),
        Binding("d", "tab('summary')", "describe", id="detail.describe"),
        Binding("y", "tab('json')", "JSON", id="detail.json"),
        Binding("l", "act('l')", "events or log", id="act.log"),
        Binding("greater_than_sign", "next_tab(1)", "next tab", id="detail.next_tab", key_display=">"),
        Binding("less_than_sign", "next_tab(-1)", "previous tab", id="detail.previous_tab", key_display="<"),
        Binding("n", "act('n')", "new", id="act.new"),
        Binding("e", "act('e')", "edit", id="act.edit"),
        Binding("F", "act('F')", "search in it", id="act.search"),
        Binding("R", "act('R')", "run it", id="act.run"),
        Binding("ctrl+x", "act('ctrl+x')", "cancel", id="act.cancel"),
        Binding("ctrl+d,delete", "act('ctrl+d')", "delete", id="act.delete"),
        Binding("s", "act('s')", "pause or resume", id="act.pause"),
        Binding("D", "act('D')", "download", id="act.download"),
        Binding("E", "act('E')", "errors", id="act.errors"),
        Binding("t", "act('t')", "try it", id="act.try"),
        Binding("I", "act('I')", "issue it anew, and delete it later", id="act.rotate"),
        Binding("=", "compare", "compare the two marked", id="act.compare"),
        Binding("W", "watch", "tell me when it is over", id="act.watch"),
        Binding("u", "used_by", "used by", id="go.used_by"),
        Binding("a", "app.actions", "actions", id="act.menu"),
        Binding("c", "copy", "copy id", id="copy.id"),
        Binding("Y", "copy_json", "copy JSON", id="copy.json"),
        Binding("P", "profiles", "profiles", id="app.profiles"),
        Binding("i", "exchanges", "requests made", id="app.exchanges"),
        *JUMPS,
    ]

    # What a subclass says.

    def set_server_filter(self, param: str, value: str) -> None:
        """Have the server filter what is listed; without a value it no longer does."""
        raise NotImplementedError

    # Keys.

    def say_unbound(self, key: str, elsewhere: Sequence[type]) -> None:
        """Run the user's command on a key that nothing else has; else say why it does nothing now.

        It may do something `elsewhere`, or in this place at other times.
        """
        if command := next((each for each in self.own_commands() if key_name(each.key) == key), None):
            self.run_own_command(command)
            return
        changed: Mapping[str, str] = getattr(self.app, "own_keys", {})
        here = set(type(self).__mro__)
        for kind in (*type(self).__mro__, *elsewhere):
            for binding in find_own_bindings(kind):
                if key not in map(key_name, changed.get(str(binding.id), binding.key).split(",")):
                    continue
                if told := self.REASONS.get(binding.action):
                    self.actor.say(told)
                elif binding.action in ON_OBJECT and kind in here and self.record is None and not self.targets():
                    self.actor.say(NO_OBJECT)
                else:
                    why = "does nothing here" if kind in here else "is for lists: there is none here"
                    self.actor.say(f"{self.app.get_key_display(Binding(key, ''))} ({binding.description}) {why}.")
                return

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that would open the prompt to a text field; turn off what needs an object without one."""
        if action in ("command", "filter", "search") and isinstance(self.focused, Input):
            return False
        if action in ON_OBJECT and self.is_mounted and self.record is None and not self.targets():
            return None
        return super().check_action(action, parameters)

    def action_command(self) -> None:
        """Ask for a command."""
        lines = self.navigator.lines.lines
        self.query_one(Prompt).open(":", complete=self.navigator.complete, earlier=lines)

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Run the command."""
        if event.sign == ":":
            self.query_one(Prompt).wait()
            self._command(event.text)

    @work(group="command", exclusive=True)
    async def _command(self, line: str) -> None:
        """Run a `:` line in a worker: some ask the server first, and esc stops that."""
        prompt = self.query_one(Prompt)
        try:
            await self.navigator.run(line)
        except CommandError as error:
            prompt.fault(str(error))
        else:
            if prompt.is_attached and prompt.sign == ":":
                prompt.close()
                self.focus_home()

    def on_prompt_closed(self, _event: Prompt.Closed) -> None:
        """Go back to what had the focus. A command that still waits for the server is not done."""
        self.workers.cancel_group(self, "command")
        self.focus_home()

    def focus_home(self) -> None:
        """Put the focus where it belongs."""

    def action_up(self) -> None:
        """Stop the action on many objects of this list that is under way, or undo one layer."""
        if run := self.own_run():
            for account in self.accounts:
                if run in account.platform.tasks.all:
                    account.platform.tasks.cancel(run)
        else:
            self.action_unwind()

    def action_unwind(self) -> None:
        """Undo one layer: go to what the place is part of, else back to where one came from."""
        if self.navigator.up() or self.navigator.step(-1):
            return
        if picking := self.navigator.picking:
            picking.give_up()
        else:
            self.actor.say(f"This is the first place. {show_key(self, 'ctrl+q')} ends the program.")

    def action_history(self, by: int) -> None:
        """Go back or forward."""
        if not self.navigator.step(by):
            self.actor.say("There is no place to go back to." if by < 0 else "There is no place to go forward to.")

    def action_last(self) -> None:
        """Go to the last place."""
        if not self.navigator.last():
            self.actor.say("There is no last place yet.")

    def action_jump(self, index: int) -> None:
        """Go to a place of the row."""
        if self.navigator.find_place(self.location) != index:
            self._jump(index)

    @work(group="command", exclusive=True, exit_on_error=False)
    async def _jump(self, index: int) -> None:
        try:
            await self.navigator.jump(index)
        except CommandError as error:
            self.actor.say(str(error), bad=True)

    def on_places_bar_chosen(self, event: PlacesBar.Chosen) -> None:
        """Go to the place that was clicked; behind the last, ask for a command."""
        if event.index is None:
            self.action_command()
        else:
            self.action_jump(event.index)

    @work(group="refresh", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Ask the server now, also for what it did not have when it was last asked."""
        for account in self.accounts:
            account.platform.ask_again(self.resource)
        await self.source.refresh()

    def action_hold(self) -> None:
        """Freeze updates, or let them go on."""
        held = not self.platform.scheduler.held
        for account in self.accounts:
            account.platform.scheduler.held = held
        if held:
            self.stop_loading()
        self.actor.say("Updates are held; r asks once, z goes on." if held else "Live again.")
        self.say()

    def stop_loading(self) -> bool:
        """Load no further page of a whole list, not even the one on its way. Returns whether there was one."""
        loading = [each for each in self.workers if each.node is self and each.group == "load" and each.is_running]
        for worker in loading:
            worker.cancel()
        return bool(loading)

    async def action_tab(self, tab: str) -> None:
        """Open a tab of the detail; the same key again goes back to the summary."""
        detail = self.query_one(DetailPane)
        await self.show_detail()
        await detail.open(SUMMARY if tab == JSON and detail.tab == JSON else tab)

    async def action_next_tab(self, by: int) -> None:
        """Open the next or previous tab."""
        await self.show_detail()
        await self.query_one(DetailPane).step(by)

    async def show_detail(self) -> None:
        """Make the detail pane visible."""

    @work(group="profiles", exclusive=True, exit_on_error=False)
    async def action_profiles(self) -> None:
        """Choose the accounts to show; in a place that can only show one of those in use, which one."""
        from tui.screens.navigation.accounts.choosing import choose_account

        here, navigator = self.location, self.navigator
        if not (navigator.combines and here.account) or here.id or here.scope:
            await self.app.run_action("app.profiles")
        elif chosen := await choose_account(self.app, "Show it of", navigator.accounts, self.account):
            navigator.go(Location(here.resource, account=chosen.name))

    def action_exchanges(self) -> None:
        """Show the requests made."""
        from tui.screens.dialogs.http_log import ExchangesScreen

        client = self.platform.client
        self.app.push_screen(ExchangesScreen(client.exchanges, client.connection))

    # What the detail pane asks.

    def follow(self, id_: str, account: str = "") -> None:
        """Open the object that an id names in an account, that of the row under the cursor where none is given.

        With `#` and a number after it, that line of the file is opened.
        """
        self._follow(id_, self.navigator.find_account(account) if account else self.account)

    @work(group="follow", exclusive=True, exit_on_error=False)
    async def _follow(self, id_: str, account: Account) -> None:
        from tui.screens.workflows.refused_batch import open_line

        file, _, line = id_.rpartition("#")
        try:
            if file and line.isascii() and line.isdecimal():
                await open_line(self.make_actor(account), file, int(line))
            else:
                await self.navigator.open_id(id_, is_followed=True, account=account.name)
        except (ApiError, CommandError) as error:
            self.actor.say(str(error), bad=True)

    def on_summary_follow(self, event: Summary.Follow) -> None:
        """Open the object whose id was chosen in the summary."""
        self.follow(event.id)

    def on_child_list_chosen(self, event: ChildList.Chosen) -> None:
        """Go to the object chosen in the list of a tab, where its own keys work."""
        self.open_child(event.child, event.id)

    def on_json_view_follow(self, event: JsonView.Follow) -> None:
        """Open the object whose id was chosen in the JSON."""
        self.follow(event.id)

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line of the detail."""
        copy(self.app, event.text)
