"""The way from a screen of its own to an object it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from textual.app import App


@runtime_checkable
class Follows(Protocol):
    """A screen that can open the object of an id: a place."""

    def follow(self, id_: str, account: str = "") -> object:
        """Have the place below open the object of an id; the screens over it close once that is found."""


def follow(app: App[Any], id_: str, account: str = "") -> None:
    """Have the place below open the object of an id in an account; the screens over it close once that is found.

    Without an account it is that of the row under the cursor.
    """
    place = next((screen for screen in reversed(app.screen_stack) if isinstance(screen, Follows)), None)
    if place is not None and id_:
        place.follow(id_, account)
