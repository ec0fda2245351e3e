"""The dialog before anything that changes the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.widgets.controls import Input
from tui.widgets.tones import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

ARM_SECONDS = 0.4  # keys typed ahead of the dialog must not answer it


class Confirm(ModalScreen[bool]):
    """Names what will happen to which ids. Cancel is the default.

    `typed` is the word to type for grave things; without it `y` agrees.
    """

    BINDINGS = [
        Binding("escape,n,q", "answer(False)", "cancel", id="confirm.no"),
        Binding("y", "answer(True)", "yes", id="confirm.yes"),
        Binding("left,right", "app.focus_next", "other answer", id="confirm.other", show=False),
    ]

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        border: round $warning; padding: 0 1; background: $surface;
    }
    Confirm VerticalScroll { height: auto; max-height: 12; }
    Confirm .line { height: auto; }
    Confirm Horizontal { height: 1; margin-top: 1; }
    Confirm Input { width: 1fr; height: 1; border: none; padding: 0; }
    Confirm .ask { width: auto; margin-right: 1; }
    Confirm Button { height: 1; border: none; min-width: 12; margin-left: 2; }
    Confirm .space { width: 1fr; }
    """

    def __init__(
        self,
        title: str,
        things: Sequence[tuple[str, str]],
        warning: str = "",
        *,
        verb: str = "yes",
        typed: str = "",
    ) -> None:
        """`things` are `(id, description)`; the answer is for exactly these."""
        super().__init__()
        self._title, self._things, self._warning = title, things, warning
        self._verb, self._typed = verb, typed
        self.armed = False

    def compose(self) -> ComposeResult:
        """The question, what it is about, what follows, and the way out."""
        with Vertical() as box:
            box.border_title = line([(self._title, "strong")]).markup
            with VerticalScroll(can_focus=False):
                for id_, words in self._things:
                    yield Static(line([(id_, "strong"), (f"  {words}" if words else "", "dim")]), classes="line")
            if self._warning:
                yield Static(line([(self._warning, "warn")]), classes="line")
            with Horizontal():
                if self._typed:
                    yield Static(line([(f"Type {self._typed} to confirm:", "")]), classes="ask")
                    yield Input(compact=True)
                else:
                    yield Static("", classes="space")
                # Where the question is whether to cancel, that word would stand for both answers.
                yield Button("Leave it" if self._verb.startswith("cancel") else "Cancel", id="no", compact=True)
                if not self._typed:
                    yield Button(f"{self._verb} (y)", id="yes", variant="warning", compact=True)

    def on_mount(self) -> None:
        """Start on the safe side; a moment later listen."""
        self.set_focus(self.query_one(Input if self._typed else "#no"))
        self.set_timer(ARM_SECONDS, self._arm)

    def _arm(self) -> None:
        self.armed = True

    def action_answer(self, yes: bool) -> None:
        """Answer, unless agreeing is not open yet."""
        if not yes:
            self.dismiss(False)
        elif self.armed and not self._typed:
            self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id == "yes")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if self.armed and event.value.strip() == self._typed:
            self.dismiss(True)
        else:
            self.app.bell()
