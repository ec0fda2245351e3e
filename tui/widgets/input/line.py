"""A line to write in and to send, which may become several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui.toolkit.text_area import TextArea

if TYPE_CHECKING:
    from textual import events


class Line(TextArea):
    """The line to write in: enter sends, ctrl+j begins a new line; alt+enter too where terminals tell of it."""

    DEFAULT_CSS = """
    Line { height: auto; min-height: 1; max-height: 8; border: none; padding: 0 1; background: $boost; }
    Line:focus { background: $primary 20%; }
    """

    class Sent(Message):
        """Send what was written."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, text: str = "") -> None:
        super().__init__(text, tab_behavior="focus", compact=True, soft_wrap=True)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Sent(self.text))
        elif event.key in ("alt+enter", "shift+enter", "ctrl+j"):
            event.stop()
            event.prevent_default()
            self.insert("\n")
        else:
            await super()._on_key(event)
