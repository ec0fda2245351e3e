"""The filter that each line passes last before the terminal: it removes what a terminal would obey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.filter import LineFilter

from tui.api.redaction import find_known
from tui.text import harmless
from tui.toolkit.mask import hide_parts

if TYPE_CHECKING:
    from rich.segment import Segment
    from textual.color import Color


class Harmless(LineFilter):
    """Removes characters that a terminal would obey, and the keys in use, from every line of every widget.

    What is drawn has been made visible before, and redacted. This holds also where somebody forgot to.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments of a line without such characters and keys."""
        shown = [
            each if each.control or (text := harmless(each.text)) is each.text else each._replace(text=text)
            for each in segments
        ]
        keys = find_known("".join([each.text for each in shown]))
        return hide_parts(shown, keys) if keys else shown
