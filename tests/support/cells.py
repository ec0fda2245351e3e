"""The cells of a screen as text that is easy to compare: the lines, then the styles of each."""

from __future__ import annotations

import re
import zlib
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style
    from textual.strip import Strip

Run = tuple[str, int]
"""The name of a style, and how many cells have it."""


def described(strips: Iterable[Strip], measured: str) -> str:
    """Return the lines, the runs of styles in each, and what each style is.

    A run is `name*cells`; lines in a row with the same runs stand together. What matches the pattern `measured` is
    different each time: it becomes `#` wherever it stands, and its line keeps the order of its styles only.
    """
    styles: dict[str, str] = {}
    lines: list[str] = []
    runs: list[str] = []
    for strip in strips:
        text = "".join(segment.text for segment in strip)
        found = _runs(((segment.style, segment.cell_length) for segment in strip if segment.text), styles)
        if re.search(measured, text):
            text = re.sub(" {2,}", "  ", re.sub(measured, "#", text))
            runs.append(" ".join(f"{name}*#" for name, _ in found))
        else:
            runs.append(" ".join(f"{name}*{cells}" for name, cells in found))
        lines.append(text.rstrip())
    return "\n".join([*lines, "", *_grouped(runs), "", *(f"{name} {styles[name]}" for name in sorted(styles)), ""])


def _runs(segments: Iterable[tuple[Style | None, int]], styles: dict[str, str]) -> list[Run]:
    """Join segments of the same style, and add what the styles are to `styles`."""
    named: list[Run] = []
    for style, cells in segments:
        words = _words(style)
        named.append((_name(words, styles), cells))
    return [(name, sum(cells for _, cells in run)) for name, run in groupby(named, lambda each: each[0])]


def _name(words: str, styles: dict[str, str]) -> str:
    """Return a short name that a style keeps whatever other styles there are."""
    number = zlib.crc32(words.encode())
    while styles.setdefault(name := _letters(number), words) != words:
        number += 1
    return name


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(2))


def _words(style: Style | None) -> str:
    """Return what a style is: its colours, and how letters stand."""
    if style is None:
        return "plain"
    how = ("bold", "dim", "italic", "underline", "reverse", "strike")
    fore, back = (color.get_truecolor().hex if color else "usual" for color in (style.color, style.bgcolor))
    return " ".join([fore, "on", back, *(word for word in how if getattr(style, word))])


def _grouped(runs: Sequence[str]) -> list[str]:
    """Return the runs of each line after its number, those of equal lines in a row once."""
    groups = [(run, [at for at, _ in found]) for run, found in groupby(enumerate(runs), lambda each: each[1])]
    return [f"{span[0]}-{span[-1]}: {run}" if len(span) > 1 else f"{span[0]}: {run}" for run, span in groups]
