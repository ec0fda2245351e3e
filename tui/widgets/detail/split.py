"""The line between a list and its detail, which the mouse can drag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from tui.widgets.base.bars import Bar

if TYPE_CHECKING:
    from textual import events


class Split(Bar):
    """A line that is dragged. Lying between what is above and below it, it says what the detail shows."""

    DEFAULT_CSS = """
    Split { background: $panel; }
    Split:hover { background: $primary 30%; }
    """

    @dataclass
    class Dragged(Message):
        """The line is pulled to a cell of the screen; when it is let go, `over` is true."""

        x: int
        y: int
        over: bool

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Follow the mouse from now on."""
        event.stop()
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Ask to be moved to where the mouse is."""
        if self.app.mouse_captured is self:
            self.post_message(self.Dragged(int(event.screen_x), int(event.screen_y), over=False))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Stop following the mouse."""
        if self.app.mouse_captured is self:
            self.release_mouse()
            self.post_message(self.Dragged(int(event.screen_x), int(event.screen_y), over=True))
