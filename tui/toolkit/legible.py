"""Text that can be read in every theme, in as few colours as the terminal has, and without colour."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.filter import LineFilter

if TYPE_CHECKING:
    from rich.color_triplet import ColorTriplet
    from rich.console import Console
    from rich.segment import Segment
    from rich.style import Style
    from textual.color import Color

LEAST = 3.0
"""The least contrast between a letter and its background, as the web's guidelines count it (1 to 21)."""

_BLACK, _WHITE = RichColor.from_ansi(0), RichColor.from_ansi(15)
_PURE = {_BLACK: RichColor.from_rgb(0, 0, 0), _WHITE: RichColor.from_rgb(255, 255, 255)}
_FEW = (ColorSystem.STANDARD, ColorSystem.WINDOWS)


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """Return how far two colours are apart for the eye: 1 for equal ones, 21 for black and white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: ColorTriplet) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def is_drawing(text: str) -> bool:
    """Return whether a text is only blanks, lines and blocks, which may be as faint as they like."""
    return all(char.isspace() or "\u2500" <= char <= "\u259f" for char in text)


@lru_cache(4096)
def find_colours(style: Style, system: ColorSystem) -> tuple[ColorTriplet, ColorTriplet] | None:
    """Return the colours of letter and background as the terminal shows them; None where it picks one."""
    if style.color is None or style.bgcolor is None or style.color.is_default or style.bgcolor.is_default:
        return None
    letter, ground = (colour.downgrade(system).get_truecolor() for colour in (style.color, style.bgcolor))
    return (ground, letter) if style.reverse else (letter, ground)


@lru_cache(4096)
def _legible(style: Style, system: ColorSystem) -> Style:
    """Return the style, its letters black or white where they would be too close to their background."""
    colours = find_colours(style, system)
    if colours is None or contrast(*colours) >= LEAST:
        return style
    from rich.style import Style as RichStyle

    ground = colours[1]
    best = max(_PURE, key=lambda each: contrast(_PURE[each].get_truecolor(), ground))
    best = best if system in _FEW else _PURE[best]
    return style + (RichStyle(bgcolor=best) if style.reverse else RichStyle(color=best))


class Legible(LineFilter):
    """Makes letters black or white that the terminal's colours would put too close to their background."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments of a line, legible."""
        system = system_of(self._console)
        return [
            each
            if (style := each.style) is None
            or (legible := _legible(style, system)) is style
            or is_drawing(each.text)
            else each._replace(style=legible)
            for each in segments
        ]


def system_of(console: Console) -> ColorSystem:
    """Return the colour system of a terminal."""
    names = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "windows": ColorSystem.WINDOWS}
    return names.get(console.color_system or "", ColorSystem.TRUECOLOR)
