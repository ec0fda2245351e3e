"""The application: the first frame, the connection, and what concerns no single screen."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding

from tui.config.reading import load
from tui.connected import Connected
from tui.resources.registry import find_name
from tui.start import Start
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
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult
    from textual.command import Provider
    from textual.screen import Screen

    from tui.config.settings import Config
    from tui.screens.navigation.command import Command
    from tui.screens.navigation.navigator import Navigator


def load_palette() -> type[Provider]:
    """Return the provider of the palette, imported when it is opened."""
    from tui.toolkit.drawing.palette import Palette

    return Palette


class O9s(
    FaultTolerant,
    Connected,
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
    AT_ONCE = ("quit", "suspend_process", "help_quit", "redraw")
    BINDINGS: ClassVar[list[Any]] = [
        Binding("ctrl+q", "quit", "quit", id="app.quit", priority=True, show=False),
        # With priority, as the keys of a dialog are all there is: what is typed for the shell would answer it.
        Binding("ctrl+z", "suspend_process", "suspend to the shell", id="app.suspend", priority=True, show=False),
        Binding("f5", "redraw", "draw all again", id="app.redraw", show=False),
        # With priority, so that what is typed ahead of the prompt lands in it; see check_action.
        Binding("colon", "command", "command", id="go.command", key_display=":", priority=True, show=False),
        Binding("question_mark,f1", "help", "help", id="app.help", key_display="?", show=False),
        *JUMPS,
        Binding("ctrl+p", "command_palette", "palette", id="app.palette", priority=True, show=False),
    ]

    def __init__(self, start: Start | None = None, config: Config | None = None) -> None:
        # Without colour the sixteen of the terminal become greys, too, instead of one black.
        super().__init__(
            start=start or Start(),
            config=config or load(),
            ansi_color=False if "NO_COLOR" in os.environ else None,
        )
        theme_faults = self.start_theme(
            self.config.theme, directories().config / "themes", os.environ, self.config.source.at
        )
        self.notices.add(*self.config.notices, *theme_faults)
        self.present(self.connector.start.present or self.config.present)

    def compose(self) -> ComposeResult:
        """Yield the first frame. It waits for nothing."""
        yield HeaderBar()
        place = find_name(self.connector.start.resource or self.config.start)
        self.remember_for_connector()
        yield from self.recall(place)
        yield FooterBar()

    def action_help_quit(self) -> None:
        """Say how the program is left: ctrl+c copies what is selected, and ends nothing."""
        key = next((key for key, each in self.active_bindings.items() if each.binding.id == "app.quit"), "ctrl+q")
        self.notify(f"{key} quits o9s.")

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

    # Commands that concern no single place.

    def make_commands(self, navigator: Navigator) -> list[Command]:
        """Return what `:` takes besides resources."""
        from tui.commands.builtin import build_commands

        return build_commands(
            self,
            navigator,
            profiles=self.config.profiles,
            connect_as=self.connect_as,
            choose_profiles=self.action_profiles,
            show_help=self.action_help,
            follow_terminal=self.follow_terminal,
            present=self.present,
            tell_replay=self.connector.tell_replay,
            faults=self.notices.told,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `:` to places, which have a prompt of their own, and to dialogs, where it is text.

        Where text is written, the key that suspends takes back what was typed.
        A form that is being sent stays until it is answered: the answer may hold what is told only once.
        """
        if action == "suspend_process" and hasattr(self.focused, "action_undo"):
            return False
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
        from tui.screens.navigation.accounts.choosing import choose_profiles

        if chosen := await choose_profiles(self, self.accounts, self.config.profiles):
            self.connect_as(",".join(chosen))

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

    # The end of the program.

    async def action_quit(self) -> None:
        """End the program."""
        self.end_tasks("Leave o9s?", self.accounts, self.exit)

    def _leave(self, code: int) -> None:
        """End on a signal."""
        self.exit(return_code=code)


def run(start: Start) -> int:
    """Run the program and return its exit code."""
    app = O9s(start)
    app.run()
    return app.return_code or 0
