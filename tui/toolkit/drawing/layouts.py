"""When a screen is laid out: once for the size it gets.

Textual lays a screen out when it comes to be shown, tells it of its size, and lays it out again at that, together
with every screen below it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import Screen

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.widget import Widget


class LaidOutOnce(App[None]):
    """An application whose screens are laid out once for each size."""

    def _register_child(self, parent: Any, child: Widget, before: int | None, after: int | None) -> None:
        """Take in a widget or screen."""
        super()._register_child(parent, child, before, after)
        if isinstance(child, Screen):
            vars(child)["_screen_resized"] = partial(_lay_out, child)


def _lay_out(screen: Screen[Any], size: Size) -> None:
    """Lay a screen out, unless that was done for this size. What its parts have asked for since is done anyway."""
    if screen._compositor.size != size:
        Screen._screen_resized(screen, size)
