"""Lines written to the terminal in few bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console

# What a style may have besides colours and bold, which alone are changed without a reset.
_ATTRIBUTES = (
    *("dim", "italic", "underline", "blink", "blink2", "reverse", "conceal"),
    *("strike", "underline2", "frame", "encircle", "overline"),
)


class LeanStrip(Strip):
    """A strip that, between two styles, sends only what differs.

    Textual ends each segment with a reset and starts the next one from nothing, 43 bytes in true colour; a new
    foreground on the same background takes 19, and blanks on it take none.
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
            style = style or Style.null()
            if not (text.isspace() and _blank_alike(last, style)):
                written.append(_turn(last, style, colors))
                last = style
            written.append(text)
        return "".join(written) + _turn(last, Style.null(), colors)


@lru_cache(maxsize=1024)
def _blank_alike(last: Style, style: Style) -> bool:
    """Return whether blanks look the same in two styles."""
    return last.bgcolor == style.bgcolor and not any(_attributes(last)) and not any(_attributes(style))


@lru_cache(maxsize=1024)
def _turn(last: Style, style: Style, colors: ColorSystem) -> str:
    """Return the codes that make a terminal writing in one style write in another."""
    before, after = Strip.render_ansi(last, colors), Strip.render_ansi(style, colors)
    if before == after:
        return ""
    if not before:
        return f"\x1b[{after}m"
    if not style.color or style.dim or last.bgcolor != style.bgcolor or _attributes(last) != _attributes(style):
        return f"\x1b[0;{after}m" if after else "\x1b[0m"
    bold = "" if bool(last.bold) is bool(style.bold) else "1" if style.bold else "22"
    color = "" if last.color == style.color else Strip.render_ansi(Style(color=style.color), colors)
    return f"\x1b[{';'.join(filter(None, (bold, color)))}m"


def _attributes(style: Style) -> list[bool]:
    """Return which attributes a style has."""
    return [bool(getattr(style, name)) for name in _ATTRIBUTES]
