"""Presentation mode: what says who and whose account this is reaches no one who looks at the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.filter import LineFilter
from textual.widget import Widget

from tui.toolkit.mask import Mask, hide_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.segment import Segment
    from textual.color import Color


class Masked(LineFilter):
    """Hides what a mask hides on every line of every widget, whatever its pieces."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments of a line, as wide, with dots for what is hidden."""
        spans = self._mask.find("".join([each.text for each in segments]))
        return hide_parts(segments, spans) if spans else segments


class Presenting(App[Any]):
    """An application that can be shown to others: on its screen, and on what it has the terminal copy or tell."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.mask = Mask()
        self._masked = Masked(self.mask)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line of every widget goes through before it is drawn."""
        return [*super().get_line_filters(), *([self._masked] if self.mask.is_on else ())]

    def hear(self, answer: object) -> None:
        """Take in the people whom an answer of the platform names; they are hidden wherever they stand already."""
        known = len(self.mask)
        self.mask.learn(answer)
        if self.mask.is_on and len(self.mask) > known:
            self.present(True)

    def present(self, on: bool) -> None:
        """Begin or end presentation mode, and draw all anew."""
        self.mask.is_on = on
        self._masked = Masked(self.mask)  # another one: lines that it has seen are looked at again
        for screen in self.screen_stack if self._running else ():
            for widget in screen.walk_children(Widget, with_self=True):
                widget.refresh()


def is_presenting(app: App[Any]) -> bool:
    """Return whether an application is in presentation mode."""
    return isinstance(app, Presenting) and app.mask.is_on


def hide(app: App[Any], text: str) -> str:
    """Return a text as it may be seen by those who see the screen of an application."""
    return app.mask.hide(text) if isinstance(app, Presenting) and app.mask.is_on else text
