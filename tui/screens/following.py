"""Leaving a screen of its own for an object it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App


def follow(app: App[Any], id_: str) -> None:
    """Have the place below open the object that an id names; what lies over it goes, once that is found."""
    from tui.screens.place import PlaceScreen

    place = next((screen for screen in reversed(app.screen_stack) if isinstance(screen, PlaceScreen)), None)
    if place is not None and id_:
        place.follow(id_)
