"""Lines that take few bytes on the wire."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console


_NOT_BOLD = Style(bold=False)


class LeanStrip(Strip):
    """A strip that, between two styles, sends only what differs.

    Textual ends each segment with a reset and starts the next one from nothing, 43 bytes in true colour; a new
    foreground on the same background takes 19.
    """

    __slots__ = ()

    @classmethod
    def of(cls, strip: Strip) -> LeanStrip:
        """The same line, lean."""
        return cls(strip, strip.cell_length)

    def crop(self, start: int, end: int | None = None) -> Strip:
        """A part of the line, as lean."""
        return LeanStrip.of(super().crop(start, end))

    def render(self, console: Console) -> str:
        """The bytes for the terminal."""
        colors = COLOR_SYSTEMS.get(console.color_system or "truecolor", ColorSystem.TRUECOLOR)
        written: list[str] = []
        last = Style.null()
        for text, style, _ in self:
            written += (_turn(last, style or Style.null(), colors), text)
            last = style or Style.null()
        return "".join(written) + _turn(last, Style.null(), colors)


@lru_cache(maxsize=1024)
def _turn(last: Style, style: Style, colors: ColorSystem) -> str:
    """What makes a terminal that writes in one style write in another."""
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


def extent(old: Strip, new: Strip) -> int:
    """How many cells from the left must be drawn again for a line to become another; 0 for none.

    Textual sends a dirty region of a line from the widget's left edge on, so where it begins does not matter.
    """
    if old is new:
        return 0
    if old.cell_length != new.cell_length:
        return max(old.cell_length, new.cell_length)
    before, after = list(old), list(new)
    end = new.cell_length
    while before and after and before[-1] == after[-1]:
        end -= cell_len(before.pop().text)
        after.pop()
    if before and after and before[-1].style == after[-1].style:
        for one, other in zip(reversed(before[-1].text), reversed(after[-1].text), strict=False):
            if one != other:
                break
            end -= cell_len(one)
    return end
