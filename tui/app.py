"""The application: the first frame, the connection, and what concerns no single screen."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding

from tui.config.reading import load
from tui.resources.registry import find_name
from tui.screens.actions.notices import Notices
from tui.start import Connector, Start, find_connections, find_first_place, open_platforms
from tui.system import terminal
from tui.system.private_files import directories
from tui.themes import Themed
from tui.toolkit.drawing.layouts import FittingHeights, LaidOutOnce
from tui.toolkit.drawing.painting import FrugalPainting
from tui.toolkit.drawing.styling import RememberedStyles
from tui.toolkit.faults import FaultTolerant
from tui.toolkit.garbage import ScreensReleased
from tui.toolkit.keys.screen_order import ScreensInOrder
from tui.toolkit.keys.unbound_keys import UnboundKeysTold
from tui.toolkit.presenting import Presenting, hide
from tui.toolkit.remembering import Remembering
from tui.widgets.base.bars import FooterBar, HeaderBar
from tui.widgets.base.messages import MessagesBelow
from tui.widgets.base.places_bar import JUMPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult
    from textual.command import Provider
    from textual.screen import Screen
    from textual.worker import Worker

    from tui.api.credentials.connection import Connection
    from tui.config.settings import Config
    from tui.live.platform import Platform
    from tui.screens.navigation.account import Account
    from tui.screens.navigation.command import Command
    from tui.screens.navigation.navigator import Navigator


def load_palette() -> type[Provider]:
    """Return the provider of the palette, imported when it is opened."""
    from tui.toolkit.drawing.palette import Palette

    return Palette


class O9s(
    FaultTolerant,
    Remembering,
    UnboundKeysTold,
    ScreensInOrder,
    ScreensReleased,
    LaidOutOnce,
    FrugalPainting,
    FittingHeights,
    Presenting,
    RememberedStyles,
    MessagesBelow,
    Themed,
):
    """The application: it opens on the first frame, connects, and shows places."""

    TITLE = "o9s"
    CSS_PATH = "app.tcss"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[Any] = {load_palette}
    BINDINGS: ClassVar[list[Any]] = [
        Binding("ctrl+q", "quit", "quit", id="app.quit", priority=True, show=False),
        Binding("ctrl+z", "suspend_process", "suspend to the shell", id="app.suspend", show=False),
        Binding("f5", "redraw", "draw all again", id="app.redraw", show=False),
        # With priority, so that what is typed ahead of the prompt lands in it; see check_action.
        Binding("colon", "command", "command", id="go.command", key_display=":", priority=True, show=False),
        Binding("question_mark,f1", "help", "help", id="app.help", key_display="?", show=False),
        *JUMPS,
        Binding("ctrl+p", "command_palette", "palette", id="app.palette", priority=True, show=False),
    ]

    def __init__(self, start: Start | None = None, config: Config | None = None) -> None:
        # Without colour the sixteen of the terminal become greys, too, instead of one black.
        super().__init__(ansi_color=False if "NO_COLOR" in os.environ else None)
        self.config = config or load()
        self.connector = Connector(start or Start(), self.config)
        self._asking: Screen[Any] | None = None
        """The question, asked last, whether to end what is under way."""
        self.navigator: Navigator | None = None
        self.connection: Connection | None = None
        """That of the first account in use; None while it is not known."""
        self._keeping_fresh: dict[Platform, Worker[None]] = {}
        """What keeps the platforms of the accounts in use fresh."""
        self.notices = Notices(self)
        """What could not be used, such as a line of the config; `:faults` shows it."""
        self.picked: Sequence[str] = ()
        """The ids that were chosen, where the program was opened for that."""
        self.own_keys: dict[str, str] = {}
        """The keys that the user has in the place of others, by the binding's id, with commas."""
        theme_faults = self.start_theme(
            self.config.theme, directories().config / "themes", os.environ, self.config.source.at
        )
        self.notices.add(*self.config.notices, *theme_faults)
        self.present(self.connector.start.present or self.config.present)

    def compose(self) -> ComposeResult:
        """Yield the first frame. It waits for nothing."""
        yield HeaderBar()
        place = find_name(self.connector.start.resource or self.config.start)
        self._remember_for_connector()
        yield from self.recall(place)
        yield FooterBar()

    def _remember_for_connector(self) -> None:
        self.remember_for(self.connector.owner if self.config.remember else "")

    def on_load(self) -> None:
        """Give the terminal back at any end, before it is taken."""
        terminal.on_signals(self._leave)
        terminal.on_hangup(self._leave)

    def on_mount(self) -> None:
        """Draw, then connect."""
        self.query_one(HeaderBar).show(
            [(" o9s ", "strong"), ("starting…", "dim")], [(f"▲ {self.as_of} " if self.as_of else "", "warn")]
        )
        self.redraw_on_resume()
        self.call_after_refresh(self.connect)

    # Connecting.

    @work(group="connect", exclusive=True)
    async def connect(self) -> None:
        """Connect as the start says, or begin anew with another profile."""
        self.connection = None  # a key that is given now is for this profile, not for the one before
        connections, trouble = await find_connections(self, self.connector)
        self.connection = connections[0]
        self._remember_for_connector()  # it may be another whom the user chose
        if connections[0].sandbox:
            self.drop_picture()
        await self._open(connections)
        self.release_screens()
        if trouble:
            self.notify(trouble, severity="warning", markup=False, timeout=10)

    async def _open(self, connections: Sequence[Connection]) -> None:
        """Open the platforms of connections, on their first place or where the user was with others."""
        from tui.commands.routes import ROUTES
        from tui.screens.actions.ends import follow_ends, offer_left
        from tui.screens.navigation.account import make_accounts
        from tui.screens.navigation.layout import Layout
        from tui.screens.navigation.navigator import Navigator
        from tui.screens.navigation.session import Session

        before = self.navigator
        known = before.accounts if before else ()
        platforms = open_platforms(connections, self.config, [each.platform for each in known], self._owner)
        await self._close([each for each in known if each.platform not in platforms])
        if before:
            session = before.accounts[0].session
        else:
            session = Session(Layout(directories().state / "layout.json"))
            self.notices.add(session.layout.fault)
        accounts = make_accounts(platforms, session, known, self.notices.tell)
        if not before:
            accounts[0].record(self.connector.start.recorder)
        self.navigator = Navigator(
            self,
            accounts,
            ROUTES,
            places=before.places if before else self.config.places,
            tell_fault=self.notices.tell,
            make_commands=self._commands,
        )
        for private in (part for connection in connections for part in connection.account):
            self.mask.add(private)
        faults = await self._take_own(self.navigator)
        if self.connector.start.is_pick:
            from tui.screens.navigation.picking import Picking

            self.navigator.picking = Picking(self._take_picked, partial(self.exit, return_code=1))
        for account in accounts:
            if account.platform not in self._keeping_fresh:
                self.notices.add(account.platform.ledger.fault if account.platform.ledger else "")
                account.platform.client.hear = self.hear
                self._keeping_fresh[account.platform] = self._run(account.platform)
                follow_ends(self, account, self.config.notify.exec)
                self.run_worker(offer_left(self, account), group="tasks", exit_on_error=False)
        if before:
            location = before.find_top(combined=self.navigator.combines)
        else:
            location, fault = find_first_place(self.connector.start, self.config, session.layout.last)
            self.notices.add(fault)
        source = self.navigator.find_source(location)
        await self.open_first(source, partial(self.navigator.go, location))
        self.notices.tell_waiting([*(note for each in connections for note in each.notes), *faults])

    async def _take_own(self, navigator: Navigator) -> list[str]:
        """Use what the user has added. Returns sentences on what cannot be used."""
        if self.config == type(self.config)():
            return []  # and most of it need not be imported
        from tui.commands.own_settings import OwnSettings

        # In a thread: it imports every screen there is.
        found = await asyncio.to_thread(OwnSettings, self.config, navigator.list_words)
        self.own_keys, navigator.own = found.keymap, found.own
        self.set_keymap(self.own_keys)
        return found.notices

    def _take_picked(self, ids: Sequence[str]) -> None:
        """End with what was chosen."""
        self.picked = ids
        self.exit()

    @work(group="platform")
    async def _run(self, platform: Platform) -> None:
        await platform.run()

    @property
    def platform(self) -> Platform | None:
        """The connected platform."""
        return self.navigator.platform if self.navigator else None

    async def _close(self, accounts: Sequence[Account]) -> None:
        for account in accounts:
            if overview := account.session.overview:
                overview.remember()
            if running := self._keeping_fresh.pop(account.platform, None):
                running.cancel()
            await account.platform.aclose()
            if recorder := account.session.recorder:
                recorder.close()

    # Commands that concern no single place.

    def _commands(self, navigator: Navigator) -> list[Command]:
        from tui.commands.builtin import build_commands

        return build_commands(
            self,
            navigator,
            profiles=self.config.profiles,
            connect_as=self._connect_as,
            choose_profiles=self.action_profiles,
            show_help=self.action_help,
            follow_terminal=self.follow_terminal,
            present=self.present,
            faults=self.notices.told,
        )

    def _connect_as(self, profile: str) -> None:
        def go() -> None:
            connector = self.connector
            connector.start = replace(connector.start, profile=profile, sandbox="", replay=None, base_url=None)
            self.connect()

        from tui.api.credentials.several import split_profiles

        staying = split_profiles(profile, self.config.profiles)
        leaving = [each for each in self.accounts if each.name not in staying]
        self._end_tasks(f"Connect as {profile}?", leaving, go)

    @property
    def accounts(self) -> Sequence[Account]:
        """The accounts in use."""
        return self.navigator.accounts if self.navigator else ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `:` to places, which have a prompt of their own, and to dialogs, where it is text.

        A form that is being sent stays until it is answered: the answer may hold what is told only once.
        """
        if action == "command_palette" and getattr(self.screen, "is_sending", False):
            return False
        if action in ("command", "jump"):
            from tui.screens.navigation.command_line import takes_commands

            return self.navigator is not None and takes_commands(self.screen)
        return super().check_action(action, parameters)

    def get_key_display(self, binding: Binding) -> str:
        """Return how a key is written: `ctrl+s`, as everywhere else, not `^s`."""
        shown = super().get_key_display(binding)
        return re.sub(r"\^(?=.)", "ctrl+", shown) if "ctrl" in binding.key else shown

    def find_elsewhere(self) -> Sequence[type]:
        """Return the list and what it inherits: its keys are tried in every place."""
        from tui.screens.places.listing.screen import ResourceScreen
        from tui.widgets.table.live_table import LiveTable

        return (*ResourceScreen.__mro__, LiveTable)

    @work(group="command", exclusive=True)
    async def action_command(self) -> None:
        """Ask for a command, over whatever is shown."""
        from tui.screens.navigation.command_line import ask

        if self.navigator is not None:
            await ask(self, self.navigator)

    @work(group="command", exclusive=True)
    async def action_jump(self, index: int) -> None:
        """Go to one of the user's places, away from whatever is shown."""
        from tui.screens.actions.toast import show_toast
        from tui.screens.navigation.command import CommandError

        try:
            if self.navigator is not None:
                await self.navigator.jump(index)
        except CommandError as error:
            show_toast(self, str(error), bad=True)

    @work(group="profiles", exclusive=True)
    async def action_profiles(self) -> None:
        """Tick the profiles to connect as; the place stays."""
        from tui.screens.navigation.choosing import choose_profiles

        if chosen := await choose_profiles(self, self.accounts, self.config.profiles):
            self._connect_as(",".join(chosen))

    def action_help(self) -> None:
        """Show every key that works here; enter does it."""
        from tui.screens.places.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_actions(self) -> None:
        """Show what can be done to the object that keys act on."""
        from tui.screens.places.help import HelpScreen

        self.push_screen(HelpScreen(self.screen, only_actions=True))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what was cut or copied in a text field. Nothing selected leaves the clipboard as it is."""
        if text:
            from tui.toolkit.terminal.clipboard import put

            self._clipboard = text  # what Textual's own fields paste
            put(self, hide(self, text))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield the entries of the palette: every resource, every command, and the actions here."""
        navigator = self.navigator
        if navigator is None:
            return
        from tui.commands.offers import find_offers

        for title, words, run in find_offers(navigator, screen):
            yield SystemCommand(title, words, run)

    # The end.

    async def action_quit(self) -> None:
        """End the program."""
        self._end_tasks("Leave o9s?", self.accounts, self.exit)

    def _end_tasks(self, question: str, accounts: Sequence[Account], go: Callable[[], object]) -> None:
        """Do what ends all tasks of accounts; where some are under way the `question` is asked, once."""
        under_way = [task for account in accounts for task in account.platform.tasks.under_way]
        if not under_way or self.screen is self._asking:
            go()
            return
        from tui.screens.dialogs.confirm import Confirm

        things = [(task.what, f"{task.state}, {task.far}") for task in under_way]
        is_kept = all(account.platform.tasks.store for account in accounts)
        kept = "what is left is kept, and offered at the next start" if is_kept else "nothing of it is kept"
        self._asking = Confirm(question, things, f"What is under way stops; {kept}.", verb="stop it")
        self.push_screen(self._asking, lambda agreed: go() if agreed else None)

    def _leave(self, code: int) -> None:
        """End on a signal."""
        self.exit(return_code=code)

    async def on_unmount(self) -> None:
        """Close the connections, and end the sandbox and what is recorded."""
        if self.navigator and self.config.start == "last":
            self.navigator.keep_place()
        await self._close(self.accounts)
        await asyncio.to_thread(self.connector.close)

    def on_app_blur(self) -> None:
        """Poll less often: the terminal has lost the focus."""
        for account in self.accounts:
            account.platform.scheduler.blurred = True

    def on_app_focus(self) -> None:
        """Poll as often as before: the terminal has the focus again."""
        for account in self.accounts:
            account.platform.scheduler.blurred = False


def run(start: Start) -> int:
    """Run the program and return its exit code."""
    app = O9s(start)
    app.run()
    return app.return_code or 0
