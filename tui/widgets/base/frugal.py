"""Widgets that send to the terminal what differs from what it shows, in few bytes.

Textual sends whatever is marked for refresh, changed or not, and a change of a widget's virtual size repaints all
of it. Over SSH that is slow.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console


_NOT_BOLD = Style(bold=False)


class FrugalView(ScrollView):
    """A scroll view that remembers what it last drew, compares, and refreshes the part of each line that differs.

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
            if (drawn := self._lines.get(y)) is None:
                self.refresh(Region(0, y, self.size.width, 1))
            elif end := find_extent(drawn, self.line(y)):
                self.refresh(Region(0, y, end, 1))

    def measure(self, width: int, height: int) -> None:
        """Set how far there is to scroll. Unlike assigning the virtual size, this repaints nothing."""
        self.set_reactive(ScrollView.virtual_size, Size(width, height))
        self.scroll_x = self.validate_scroll_x(self.scroll_x)

    def render_line(self, y: int) -> Strip:
        """Draw a line, and remember it as what the terminal shows."""
        self._lines[y] = strip = self.line(y)
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines in few bytes."""
        return [LeanStrip.of(strip) for strip in super().render_lines(crop)]

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


class LeanStrip(Strip):
    """A strip that, between two styles, sends only what differs.

    Textual ends each segment with a reset and starts the next one from nothing, 43 bytes in true colour; a new
    foreground on the same background takes 19.
    """

    __slots__ = ()

    @classmethod
    def of(cls, strip: Strip) -> LeanStrip:
        """Return the same line, lean."""
        return cls(strip, strip.cell_length)

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Return a part of the line, as lean."""
        return LeanStrip.of(super().crop(start, end))

    def render(self, console: Console) -> str:
        """Return the bytes for the terminal."""
        colors = COLOR_SYSTEMS.get(console.color_system or "truecolor", ColorSystem.TRUECOLOR)
        written: list[str] = []
        last = Style.null()
        for text, style, _ in self:
            written += (_turn(last, style or Style.null(), colors), text)
            last = style or Style.null()
        return "".join(written) + _turn(last, Style.null(), colors)


@lru_cache(maxsize=1024)
def _turn(last: Style, style: Style, colors: ColorSystem) -> str:
    """Return the codes that make a terminal writing in one style write in another."""
    if last == style:
        return ""
    alike = last.without_color + _NOT_BOLD == style.without_color + _NOT_BOLD
    if alike and style.color and not style.dim and last.bgcolor == style.bgcolor:
        bold = "" if bool(last.bold) is bool(style.bold) else "1" if style.bold else "22"
        color = "" if last.color == style.color else Strip.render_ansi(Style(color=style.color), colors)
        codes = [bold, color]
    else:
        codes = ["0" if last else "", Strip.render_ansi(style, colors)]
    return f"\x1b[{';'.join(filter(None, codes))}m"


def find_extent(old: Strip, new: Strip) -> int:
    """Return how many cells from the left to draw again for a line to become another; 0 for none.

    Textual sends a dirty region of a line from the widget's left edge on, so where it begins does not matter.
    """
    if old is new or old == new:
        return 0
    if old.cell_length != new.cell_length:
        return max(old.cell_length, new.cell_length)
    before, after = ([(char, style) for text, style, _ in strip for char in text] for strip in (old, new))
    end = len(after)
    back = len(before) - end
    while end and end + back and before[end + back - 1] == after[end - 1]:
        end -= 1
    if not end and not back:
        return 0
    # Cropping loses a combining mark at its edge.
    while end < len(after) and not (cell_len(after[end][0]) and cell_len(after[max(0, end - 1)][0])):
        end += 1
    return cell_len("".join(char for char, _ in after[:end]))
