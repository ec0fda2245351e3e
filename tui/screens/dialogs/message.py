"""A few lines to write a message in, over what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.api.errors import ApiError
from tui.screens.dialogs.confirm import ARM_SECONDS
from tui.toolkit.editor import edit
from tui.widgets.base.tones import build_line
from tui.widgets.input.line import Line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App, ComposeResult


class WriteMessage(ModalScreen["str | None"]):
    """Asks for a message at the foot of the screen. Dismissed with the text, or None."""

    BINDINGS = [
        Binding("ctrl+s", "send", "send", id="message.send"),
        Binding("escape", "leave", "cancel", id="message.cancel"),
        # With priority, as fields of text have this key for the end of a line; `end` does that too.
        Binding("ctrl+e", "edit", "edit in $EDITOR", id="message.editor", priority=True),
    ]

    DEFAULT_CSS = """
    WriteMessage { align: center bottom; background: transparent; }
    WriteMessage > Vertical {
        width: 100%; height: auto; max-height: 80%; border: round $accent; padding: 0 1; background: $surface;
    }
    WriteMessage Line, WriteMessage Line:focus {
        height: auto; min-height: 3; max-height: 50vh; border: none; padding: 0; background: $surface;
    }
    WriteMessage #fault { height: auto; color: $text-error; }
    """

    def __init__(self, title: str, text: str = "", *, verb: str = "send", fault: str = "") -> None:
        """`text` is written already; `fault` is why it was not taken."""
        super().__init__()
        self.text = text
        self._title, self._verb, self._fault = title, verb, fault
        self._is_armed = not text

    def compose(self) -> ComposeResult:
        """Yield the lines to write in, why the message was not taken, and the keys."""
        with Vertical() as box:
            box.border_title = build_line([(self._title, "strong")]).markup
            yield Line(self.text)
            fault = Static(build_line([(self._fault, "")]), id="fault", markup=False)
            fault.display = bool(self._fault)
            yield fault
            does = {"enter": self._verb, "ctrl+j": "begin a line", "ctrl+e": "$EDITOR", "esc": "cancel"}
            parts = [part for key, words in does.items() for part in ((key, "key"), (f" {words}   ", ""))]
            yield Static(build_line(parts))

    def on_mount(self) -> None:
        """Put the cursor behind what is written; take enter for it a moment later."""
        self.set_timer(ARM_SECONDS, self._arm)
        area = self.query_one(Line)
        self.set_focus(area)
        area.move_cursor(area.document.end)

    def _arm(self) -> None:
        self._is_armed = True

    def on_line_sent(self) -> None:
        """Send, as enter does in benches; one that was typed ahead sends nothing that was written before."""
        if self._is_armed:
            self.action_send()

    def action_send(self) -> None:
        """Leave with the message, if there is one."""
        text = self.query_one(Line).text
        if text.strip():
            self.dismiss(text)
        else:
            self.app.bell()

    def action_leave(self) -> None:
        """Leave without sending; `text` is then what was written."""
        self.text = self.query_one(Line).text
        self.dismiss(None)

    def action_edit(self) -> None:
        """Write it in $EDITOR."""
        area = self.query_one(Line)
        written = edit(self.app, area.text)
        if written is not None:
            area.text = written


async def write_until_sent(
    app: App[Any],
    title: str,
    verb: str,
    send: Callable[[str], Awaitable[object]],
    *,
    about: str,
    drafts: dict[tuple[str, ...], Any],
) -> bool:
    """Let the user write a message and send it; what is refused can be changed. Returns whether it was sent.

    What was written and not sent is kept in `drafts` and is there the next time one writes `about` the same.
    """
    text, fault = drafts.pop(("message", about), ""), ""
    while True:
        dialog = WriteMessage(title, text, verb=verb, fault=fault)
        written = await app.push_screen_wait(dialog)
        if written is None:
            if dialog.text.strip():
                drafts["message", about] = dialog.text
            return False
        try:
            await send(written)
        except ApiError as error:
            text, fault = written, str(error)
        else:
            return True
