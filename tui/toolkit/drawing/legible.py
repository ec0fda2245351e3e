"""Text that can be read in every theme, in as few colours as the terminal has, and without colour."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color as RichColor
from rich.color import ColorSystem, blend_rgb
from rich.style import Style as RichStyle
from textual.filter import LineFilter

if TYPE_CHECKING:
    from rich.color_triplet import ColorTriplet
    from rich.console import Console
    from rich.segment import Segment
    from rich.style import Style
    from textual.color import Color

LEAST = 4.5
"""The least contrast between a letter and its background, as the web's guidelines count it (1 to 21)."""

_BLACK, _WHITE = RichColor.from_ansi(0), RichColor.from_ansi(15)
_PURE = {_BLACK: RichColor.from_rgb(0, 0, 0), _WHITE: RichColor.from_rgb(255, 255, 255)}
_STEPS = 20  # from a colour to black or white
_FEW = (ColorSystem.STANDARD, ColorSystem.WINDOWS)


def measure_contrast(one: ColorTriplet, other: ColorTriplet) -> float:
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
def _make_legible(style: Style, system: ColorSystem) -> Style:
    """Return the style, its letters as far towards black or white as it takes to tell them from what is behind."""
    if is_left_to_chance(style):
        assert style.bgcolor
        ground = style.bgcolor.downgrade(system).get_truecolor()
        return style + RichStyle(color=_convert_to_system(_choose_opposite(ground), system))
    colours = find_colours(style, system)
    if colours is None or measure_contrast(*colours) >= LEAST:
        return style
    letter, ground = colours
    best = _choose_opposite(ground)
    found = _convert_to_system(best, system)
    if system not in _FEW:
        pure = _PURE[best].get_truecolor()
        nearer = (RichColor.from_triplet(blend_rgb(letter, pure, step / _STEPS)) for step in range(1, _STEPS))
        stands_out = (
            each for each in nearer if measure_contrast(each.downgrade(system).get_truecolor(), ground) >= LEAST
        )
        found = next(stands_out, found)
    return style + (RichStyle(bgcolor=found) if style.reverse else RichStyle(color=found))


def is_left_to_chance(style: Style) -> bool:
    """Return whether letters of the terminal's own colour, whatever that is, stand on a colour of ours."""
    ground = style.bgcolor
    own = style.color is None or style.color.is_default
    return own and not style.reverse and ground is not None and not ground.is_default


def _choose_opposite(ground: ColorTriplet) -> RichColor:
    """Return black or white, whichever stands out more from a background."""
    return max(_PURE, key=lambda each: measure_contrast(_PURE[each].get_truecolor(), ground))


def _convert_to_system(colour: RichColor, system: ColorSystem) -> RichColor:
    """Return black or white as a terminal of so many colours has it."""
    return colour if system in _FEW else _PURE[colour]


class Legible(LineFilter):
    """Moves letters away from their background that the terminal's colours would put too close to it."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments of a line, legible."""
        system = system_of(self._console)
        return [
            each
            if (style := each.style) is None
            or (legible := _make_legible(style, system)) is style
            or is_drawing(each.text)
            else each._replace(style=legible)
            for each in segments
        ]


def system_of(console: Console) -> ColorSystem:
    """Return the colour system of a terminal."""
    names = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "windows": ColorSystem.WINDOWS}
    return names.get(console.color_system or "", ColorSystem.TRUECOLOR)
