"""Sentences on how something went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.text import clean

if TYPE_CHECKING:
    from textual.app import App


def show_toast(app: App[Any], sentence: str, *, bad: bool = False) -> None:
    """Show a sentence for a few seconds; it may come from outside."""
    if bad:
        app.notify(clean(sentence), severity="error", markup=False, timeout=8)
    else:
        app.notify(clean(sentence), markup=False, timeout=4)
