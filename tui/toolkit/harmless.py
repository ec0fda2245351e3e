"""The last door before the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.filter import LineFilter

from tui.text import harmless

if TYPE_CHECKING:
    from rich.segment import Segment
    from textual.color import Color


class Harmless(LineFilter):
    """Removes characters that a terminal would obey from every line of every widget.

    What is drawn has been made visible before. This holds also where somebody forgot to.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments of a line without such characters."""
        return [
            each if each.control or (text := harmless(each.text)) is each.text else each._replace(text=text)
            for each in segments
        ]
