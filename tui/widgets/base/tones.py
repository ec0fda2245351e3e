"""The colours that tones stand for, as variables of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

Part = tuple[str, str]
"""A part of a line: its text and its tone."""

STYLES: dict[str, str] = {
    "": "",
    "dim": "$foreground 60%",
    "accent": "$text-accent",
    "good": "$text-success",
    "warn": "$text-warning",
    "bad": "$text-error",
    "strong": "bold",
    "badge": "bold $background on $accent",
    "badge-warn": "bold $background on $warning",
    "key": "bold $text-accent",
}


def build_line(parts: Iterable[Part]) -> Content:
    """Return `(text, tone)` parts as one line of content. The text may come from outside: it is cleaned here."""
    return Content.assemble(*((clean(text), STYLES.get(tone, tone)) for text, tone in parts))
