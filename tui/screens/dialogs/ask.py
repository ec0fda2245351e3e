"""A question with one line for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.system.paths import read_path
from tui.toolkit.controls import Input
from tui.widgets.base.tones import build_line
from tui.widgets.input.path_suggester import PathSuggester

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult


class _SecretInput(Input):
    """A line for a secret. Of a paste of many lines the first alone would be taken, unseen."""

    def _on_paste(self, event: events.Paste) -> None:
        if len(event.text.strip().splitlines()) > 1 and isinstance(self.screen, Ask):
            event.prevent_default()
            event.stop()
            self.screen.fault(
                "What was pasted has a line break inside. Copy the whole key again, and nothing else."
            )


class Ask(ModalScreen["str | None"]):
    """Asks for a path, or with `secret` for something that is not shown. Dismissed with it, or None.

    A path is dismissed with its `~` expanded; one that cannot be used stays, and why is said below it.
    """

    BINDINGS = [Binding("escape", "leave", "cancel", id="ask.cancel")]

    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask Vertical {
        width: 76; max-width: 96%; height: auto; border: round $primary; padding: 0 1; background: $surface;
    }
    Ask Input { height: 1; border: none; padding: 0; }
    Ask #fault { color: $text-error; display: none; }
    """

    def __init__(
        self,
        question: str,
        start: str = "",
        *,
        title: str = "",
        secret: bool = False,
        example: str = "",
        read: Callable[[str], object] = read_path,
    ) -> None:
        """`title` says what it is asked for, where the question does not; `example` stands in the empty line.

        `read` returns what an answer means, or raises ValueError with a sentence; it is a path otherwise.
        """
        super().__init__()
        self._question, self._start, self._secret, self._read = question, start, secret, read
        self._title, self._example = title, example

    def compose(self) -> ComposeResult:
        """Yield the question and the line."""
        with Vertical() as box:
            if self._title:
                box.border_title = build_line([(self._title, "strong")]).markup
            yield Static(build_line([(self._question, "strong")]))
            suggester = PathSuggester() if self._read is read_path and not self._secret else None
            kind = _SecretInput if self._secret else Input
            yield kind(
                self._start,
                placeholder=self._example,
                password=self._secret,
                suggester=suggester,
                compact=True,
            )
            yield Static(id="fault", markup=False)
            yield Static(build_line([("enter", "key"), (" go on   ", ""), ("esc", "key"), (" cancel", "")]))

    def on_mount(self) -> None:
        """Put the focus into the line."""
        self.set_focus(self.query_one(Input))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        answer = event.value
        if answer and not self._secret:
            try:
                found = self._read(answer)
            except ValueError as error:
                self.fault(str(error))
                return
            answer = str(found) if self._read is read_path else answer
        self.dismiss(answer)

    def fault(self, sentence: str) -> None:
        """Show below the line why it cannot be used."""
        fault = self.query_one("#fault", Static)
        fault.update(build_line([(sentence, "")]))
        fault.display = True

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
