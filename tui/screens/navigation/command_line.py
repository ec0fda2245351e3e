"""The `:` prompt over a view that has none of its own, such as a conversation, a comparison or a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen, Screen

from tui.screens.navigation.command import CommandError
from tui.toolkit.controls import Input
from tui.toolkit.text_area import TextArea
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
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
        try:
            if go_to_line is not None and line.replace(",", "").strip().isdecimal():
                go_to_line(int(line.replace(",", "")))
            else:
                await navigator.run(line)
        except CommandError as error:
            text, fault = line, str(error)
        else:
            return
