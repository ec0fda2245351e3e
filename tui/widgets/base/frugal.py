"""Widgets that draw the lines that differ from what they drew last.

Textual draws whatever is marked for refresh, changed or not, and all of a widget whose virtual size changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.strip import Strip


class FrugalView(ScrollView):
    """A scroll view that remembers what it last drew, compares, and refreshes the lines that differ.

    Subclasses say in `line` what a line should show, and call `sync` whenever that may have changed: nothing new
    then costs nothing. Call `measure` when the content's size changes.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FrugalView { overflow: scroll scroll; scrollbar-size: 0 0; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._lines: dict[int, Strip] = {}  # what was last drawn

    def line(self, y: int) -> Strip:
        """Return a line of the widget as it should look, scrolled as it is now."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Forget what was made of the styles, as they have changed."""

    def sync(self, lines: Iterable[int] | None = None) -> None:
        """Refresh what should look different from what was last drawn, in some lines or in all."""
        if not self.is_attached:
            return
        for y in range(self.size.height) if lines is None else lines:
            if y not in self._lines or self._lines[y] != self.line(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def measure(self, width: int, height: int) -> None:
        """Set how far there is to scroll. Unlike assigning the virtual size, this repaints nothing."""
        self.set_reactive(ScrollView.virtual_size, Size(width, height))
        self.scroll_x = self.validate_scroll_x(self.scroll_x)

    def render_line(self, y: int) -> Strip:
        """Draw a line, and remember it as what the terminal shows."""
        self._lines[y] = strip = self.line(y)
        return strip

    def notify_style_update(self) -> None:
        """Draw with the new styles, once those of the component classes are new as well."""
        super().notify_style_update()
        self.call_next(self._redraw)

    def _redraw(self) -> None:
        self.restyle()
        self.sync()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Draw what differs."""
        if round(old_value) != round(new_value):
            self.sync()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw what differs."""
        if round(old_value) != round(new_value):
            self.sync()
