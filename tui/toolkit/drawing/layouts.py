"""How screens are laid out: once for each size, and with limits, such as `max-height: 50vh`, that count."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.css.scalar import Unit
from textual.screen import Screen
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.box_model import BoxModel
    from textual.geometry import Size


def _is_part_of_terminal(widget: Widget) -> bool:
    """Return whether a widget is at most some part of the terminal's height."""
    limit = widget.styles.max_height
    return limit is not None and limit.unit is Unit.VIEW_HEIGHT


class BoundedHeight(Widget):
    """A widget whose limit counts where it is measured, too: there Textual counts only limits in cells."""

    def _get_box_model(self, container: Size, viewport: Size, *arguments: Any, **options: Any) -> BoxModel:
        model = super()._get_box_model(container, viewport, *arguments, **options)
        limit = self.styles.max_height
        if limit is not None and _is_part_of_terminal(self):
            most = Fraction(int(limit.resolve(container, viewport))) + self.styles.gutter.height
            model = model._replace(height=min(model.height, most))
        return model


class FittingHeights(App[Any]):
    """An application that lays out anew what has such a limit when the terminal has another height.

    Textual keeps how tall what stands around it was, as long as its own width stays.
    """

    def _check_resize(self) -> None:
        is_resized = self._resize_event is not None and bool(self.screen_stack)
        super()._check_resize()
        if is_resized:
            self.screen.call_later(self._fit_heights)  # once it has its new size

    def _fit_heights(self) -> None:
        for widget in self.screen.walk_children(Widget):
            if _is_part_of_terminal(widget):
                widget.refresh(layout=True)


class LaidOutOnce(App[None]):
    """An application whose screens are laid out once for each size.

    Textual lays a screen out when it comes to be shown, tells it of its size, and lays it out again at that, with
    every screen below it.
    """

    def _register_child(self, parent: Any, child: Widget, before: int | None, after: int | None) -> None:
        """Take in a widget or screen."""
        super()._register_child(parent, child, before, after)
        if isinstance(child, Screen):
            vars(child)["_screen_resized"] = partial(_lay_out, child)


def _lay_out(screen: Screen[Any], size: Size) -> None:
    """Lay a screen out, unless that was done for this size. What its parts have asked for since is done anyway."""
    if screen._compositor.size != size:
        Screen._screen_resized(screen, size)
