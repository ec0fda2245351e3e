"""How a screen is laid out: once for all that asked for it.

Textual lays a new screen out when it is shown, and again for the size that this gives to each widget, for the
screen's own size, for the toasts that there are none of, and for what asked while the first was under way.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual._compositor import Compositor
from textual.app import App
from textual.messages import Layout
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._toast import ToastRack

if TYPE_CHECKING:
    from collections import deque

    from textual.geometry import Size
    from textual.message import Message


class FrugalCompositor(Compositor):
    """Lays out a screen for all that has asked for that, and not again when they are heard."""

    def reflow(self, parent: Widget, size: Size) -> Any:
        """Lay out a screen."""
        for widget in parent.walk_children(Widget, with_self=True):
            if widget._layout_required and widget._is_mounted:
                widget._layout_required = False
                _forget_arrangements(widget)
        waiting: deque[Message | None] = parent._message_queue.values
        for message in waiting:
            if isinstance(message, Layout):
                message.prevent_default()
        return super().reflow(parent, size)


def _forget_arrangements(widget: Widget) -> None:
    """Have all arranged anew that may depend on the size of a widget, as Textual does once that is idle."""
    for around in widget.ancestors:
        if not isinstance(around, Widget):
            return
        around._clear_arrangement_cache()
        around._layout_updates += 1
        if not around.styles.auto_dimensions:
            return


class FrugalLayouts(App[None]):
    """An application whose screens are laid out no more often than something changes in them."""

    def _register_child(self, parent: Any, child: Widget, before: int | None, after: int | None) -> None:
        """Take in a widget. The sizes that a layout gives to it and to what it holds ask for no other layout."""
        super()._register_child(parent, child, before, after)
        vars(child)["_size_updated"] = partial(child._size_updated, layout=False)
        if isinstance(child, Screen):
            vars(child)["_screen_resized"] = partial(_resize, child)
        elif isinstance(child, ToastRack):
            child.display = bool(self._notifications)  # as Textual will have it


def _resize(screen: Screen[Any], size: Size) -> None:
    """Lay out a screen for a size that it does not have yet."""
    if screen._compositor.size != size:
        Screen._screen_resized(screen, size)
