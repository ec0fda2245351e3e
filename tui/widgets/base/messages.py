"""Sentences on how something went, in the line of the footer: they cover nothing that one reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets._toast import ToastRack

from tui.widgets.base.bars import FooterBar

if TYPE_CHECKING:
    from textual.notifications import Notification, Notifications, SeverityLevel

GLYPHS = {"information": "●", "warning": "▲", "error": "✖"}
READ = 20.0  # characters a second that are read without haste
_PADDING = 2  # cells beside a message


class MessagesBelow(App[Any]):
    """An application whose messages stand where the footer has its keys, as long as they are to be read.

    One that fits leaves the keys at the right alone. Of a long one, or of several, the further lines push up what
    stands above the footer. A glyph says how grave it is, also without colour.
    """

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a message for as long as it takes to read it, or longer."""
        shown = max(timeout or self.NOTIFICATION_TIMEOUT, len(message) / READ)
        told = f"{GLYPHS[severity]} {message}"
        super().notify(told, title=title, severity=severity, timeout=shown, markup=markup)

    def _refresh_notifications(self) -> None:
        super()._refresh_notifications()
        self.call_later(self._make_room)

    def on_resize(self) -> None:
        """Give the messages the room there is now."""
        self.call_later(self._make_room)

    def _unnotify(self, notification: Notification, refresh: bool = True) -> None:
        super()._unnotify(notification, refresh)
        self.call_later(self._make_room)

    def _make_room(self) -> None:
        """Give the footer as many lines as the messages take, and those the width that the footer leaves them."""
        try:
            rack = self.screen.get_child_by_type(ToastRack)
        except NoMatches:
            return
        footer = next(iter(self.screen.query(FooterBar)), None)
        lines, width = count_lines(self._notifications, self.size.width)
        free = self.size.width - (footer.fixed_cells if footer else 0)
        rack.styles.width = free if lines == 1 and width <= free else "100%"
        if footer:
            footer.styles.height = max(1, min(lines, self.size.height // 3))


def count_lines(messages: Notifications, width: int) -> tuple[int, int]:
    """Return how many lines messages take in so many cells, and the cells of the longest message."""
    texts = [Content(message.message) for message in messages]
    lines = sum(len(text.wrap(max(1, width - _PADDING))) for text in texts)
    return lines, max((text.cell_length for text in texts), default=0) + _PADDING
