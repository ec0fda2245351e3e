"""The colours that tones stand for, as variables of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

Part = tuple[str, str]
"""A part of a line: its text and its tone."""

OWN = ("#a78bda", "#d98c5f", "#4fb0a5", "#d17aa8", "#6b9bd8", "#a5a25a")
"""The colours that tell accounts apart, and mean nothing else; they are made legible as they are drawn."""

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
    **{f"own-{number}": colour for number, colour in enumerate(OWN, 1)},
    **{f"badge-own-{number}": f"bold $background on {colour}" for number, colour in enumerate(OWN, 1)},
}


def build_account_rules(widget: str, part: str) -> str:
    """Return the rules of CSS that give the parts of a widget the colours of accounts."""
    rules = (f"{widget} > .{part}--own-{at} {{ color: {colour}; }}" for at, colour in enumerate(OWN, 1))
    return "\n".join(rules)


def build_line(parts: Iterable[Part]) -> Content:
    """Return `(text, tone)` parts as one line of content. The text may come from outside: it is cleaned here."""
    return Content.assemble(*((clean(text), STYLES.get(tone, tone)) for text, tone in parts))
