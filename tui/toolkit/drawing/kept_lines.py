"""Lines of a screen taken as they stand, and drawn again in another run of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.errors import StyleSyntaxError
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Region
    from textual.screen import Screen


def take_lines(screen: Screen[object], region: Region) -> list[list[tuple[str, str]]]:
    """Return what a screen shows in a region: of each line its pieces, a text and its style as Rich writes it."""
    lines = screen._compositor.render_strips()[region.y : region.bottom]
    strips = (line.crop(region.x, region.right).simplify() for line in lines)
    return [[(text, str(style or "")) for text, style, _ in strip] for strip in strips]


class KeptLines(Widget):
    """Lines that were taken, from a column and a line of this on. They are a picture: nothing acts on them.

    `as_of` says in words when they were taken.
    """

    DEFAULT_CSS = """
    KeptLines { height: 1fr; width: 100%; }
    """

    def __init__(self, lines: Sequence[Sequence[Sequence[str]]], x: int, y: int, as_of: str) -> None:
        super().__init__()
        self._lines, self._x, self._y, self.as_of = lines, x, y, as_of

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        number = y - self._y
        if not 0 <= number < len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        pieces = [Segment(" " * self._x, self.rich_style)]
        pieces += [Segment(text, _find_style(style)) for text, style in self._lines[number]]
        return Strip(pieces).adjust_cell_length(self.size.width, self.rich_style)


def _find_style(written: str) -> Style:
    try:
        return Style.parse(written)
    except StyleSyntaxError:
        return Style()
