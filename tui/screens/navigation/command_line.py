"""The `:` prompt over a view that has none of its own, such as a conversation, a comparison or a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.screen import ModalScreen, Screen
from textual.worker import get_current_worker

from tui.screens.navigation.command import CommandError
from tui.toolkit.controls import Input
from tui.toolkit.text_area import TextArea
from tui.widgets.base.bars import Bar
from tui.widgets.input.prompt import WAITING, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App, ComposeResult

    from tui.screens.navigation.navigator import Navigator


class CommandLine(ModalScreen["str | None"]):
    """A prompt of its own. Dismissed with the line, or None."""

    DEFAULT_CSS = """
    CommandLine { background: transparent; }
    CommandLine Prompt { margin-bottom: 0; }
    """

    def __init__(self, navigator: Navigator, text: str = "", fault: str = "") -> None:
        """`text` is the line to begin with, `fault` what is wrong with it."""
        super().__init__()
        self._navigator, self._text, self._fault = navigator, text, fault

    def compose(self) -> ComposeResult:
        """Yield the prompt."""
        yield Prompt()

    def on_mount(self) -> None:
        """Open the prompt."""
        prompt = self.query_one(Prompt)
        prompt.open(":", self._text, self._navigator.complete, earlier=self._navigator.lines.lines)
        prompt.fault(self._fault)

    def on_prompt_closed(self) -> None:
        """Leave without a command."""
        self.dismiss(None)

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Leave with the command."""
        self.dismiss(event.text)


class Waiting(ModalScreen[None]):
    """A command that waits for the server. Dismissed when it is stopped."""

    BINDINGS = [Binding("escape", "stop", "stop", id="waiting.stop")]
    DEFAULT_CSS = """
    Waiting { background: transparent; }
    Waiting Bar { dock: bottom; background: $surface; margin-bottom: 1; }
    """

    def __init__(self, line: str, stop: Callable[[], object], sign: str = ":") -> None:
        """`stop` ends the command; `sign` stands before its line."""
        super().__init__()
        self._line, self._stop, self._sign = line, stop, sign

    def compose(self) -> ComposeResult:
        """Yield the line."""
        yield Bar()

    def on_mount(self) -> None:
        """Show the command."""
        self.query_one(Bar).show([(self._sign, "accent"), (self._line, "")], [(WAITING, "dim")])

    def action_stop(self) -> None:
        """Stop the command."""
        self._stop()


def takes_commands(screen: Screen[Any]) -> bool:
    """Return whether `:` asks for a command here: not in a text field, a dialog, or over a prompt of its own.

    Screens that ask for commands themselves, or not at all, say so with `OWN_PROMPT`.
    """
    closed = isinstance(screen, ModalScreen) or getattr(screen, "OWN_PROMPT", False)
    return not closed and not isinstance(screen.focused, Input | TextArea)


async def ask(app: App[Any], navigator: Navigator) -> None:
    """Ask for a command over the view shown and do it there, again while there is a fault in it."""
    view, text, fault = app.screen, "", ""
    while line := await app.push_screen_wait(CommandLine(navigator, text, fault)):
        go_to_line = getattr(view, "go_to_line", None)
        waiting = Waiting(line, get_current_worker().cancel) if navigator.asks_server(line) else None
        try:
            if waiting:
                app.push_screen(waiting)
            if go_to_line is not None and line.replace(",", "").strip().isdecimal():
                go_to_line(int(line.replace(",", "")))
            else:
                await navigator.run(line)
        except CommandError as error:
            text, fault = line, str(error)
        else:
            return
        finally:
            if waiting:
                waiting.dismiss()
