"""How a character looks in the terminal, and the shortest codes that turn one look into another."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.color import Color, ColorSystem
    from rich.style import Style

# Attributes of a style: the code that begins each, and the one that ends it.
_ATTRIBUTES = {
    "bold": ("1", "22"),
    "dim": ("2", "22"),
    "italic": ("3", "23"),
    "underline": ("4", "24"),
    "blink": ("5", "25"),
    "blink2": ("6", "25"),
    "reverse": ("7", "27"),
    "conceal": ("8", "28"),
    "strike": ("9", "29"),
    "underline2": ("21", "24"),
    "frame": ("51", "54"),
    "encircle": ("52", "54"),
    "overline": ("53", "55"),
}
_ENDS = dict(_ATTRIBUTES.values())
_SEEN_ON_BLANKS = {"4", "7", "9", "21", "51", "52", "53"}


class Look(NamedTuple):
    """What the terminal is told of a character. Equal looks are the same object when `find_look` gives them."""

    background: str
    """The codes of the colour; "" for the terminal's own."""
    attributes: tuple[str, ...]
    """The codes that begin them."""
    foreground: str


@lru_cache(4096)
def _share(look: Look) -> Look:
    return look


PLAIN = _share(Look("", (), ""))


@lru_cache(8192)
def find_look(style: Style | None, system: ColorSystem) -> Look:
    """Return what a style looks like in a terminal of so many colours."""
    if style is None:
        return PLAIN
    attributes = tuple(begin for name, (begin, _) in _ATTRIBUTES.items() if getattr(style, name))
    return _share(
        Look(_find_codes(style.bgcolor, system, False), attributes, _find_codes(style.color, system, True))
    )


def _find_codes(color: Color | None, system: ColorSystem, is_foreground: bool) -> str:
    if color is None or color.is_default:
        return ""
    return ";".join(color.downgrade(system).get_ansi_codes(is_foreground))


@lru_cache(4096)
def find_blank(look: Look) -> Look:
    """Return the look of all blanks that are no different from those in `look`."""
    return _share(Look(look.background, (), "")) if is_bare(look) else look


def is_bare(look: Look) -> bool:
    """Return whether nothing but the background is seen of a blank."""
    return _SEEN_ON_BLANKS.isdisjoint(look.attributes)


@lru_cache(4096)
def find_nearest(before: Look, look: Look) -> Look:
    """Return the look that takes the fewest codes after `before` and whose blanks are those of `look`."""
    nearest = _share(Look(look.background, before.attributes, before.foreground))
    is_alike = find_blank(nearest) is find_blank(look)
    return nearest if is_alike and len(turn(before, nearest)) < len(turn(before, look)) else look


@lru_cache(4096)
def turn(before: Look, after: Look) -> str:
    """Return the shortest codes that make a terminal that writes in one look write in another."""
    if before == after:
        return ""
    ended = {_ENDS[code] for code in before.attributes if code not in after.attributes}
    begun = [code for code in after.attributes if code not in before.attributes or _ENDS[code] in ended]
    changes = [*sorted(ended), *begun]
    if before.foreground != after.foreground:
        changes.append(after.foreground or "39")
    if before.background != after.background:
        changes.append(after.background or "49")
    anew = ["0", *after.attributes, *filter(None, (after.foreground, after.background))]
    codes = min(";".join(changes), ";".join(anew), key=len)
    return f"\x1b[{'' if codes == '0' else codes}m"
