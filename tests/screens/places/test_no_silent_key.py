"""No key is silent: what does nothing where it is pressed says why, in every place, with objects and without."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.support.driving import opened
from tests.support.odd_server import odd_server
from tui.resources.registry import PLACES, REGISTRY
from tui.screens.actions.actor import Actor
from tui.screens.places.base import PlaceScreen
from tui.screens.places.listing.screen import ResourceScreen
from tui.toolkit.keys.key_names import find_own_bindings, key_name
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.driving import Drive, Server

NAMES = ("home", "due", "tasks", "campaigns", "batches", "usage", "limits", "audit")


def keys_of(*kinds: type) -> set[str]:
    """The keys that some classes bind."""
    bindings = (binding for kind in kinds for base in kind.__mro__ for binding in find_own_bindings(base))
    return {key_name(key) for binding in bindings for key in binding.key.split(",")}


async def go(drive: Drive, name: str) -> PlaceScreen:
    """Go to a place and see what it shows."""
    resource = {**REGISTRY, **PLACES}[name]
    assert drive.app.navigator
    drive.app.navigator.open_resource(resource)

    def there() -> PlaceScreen | None:
        screen = drive.app.screen
        shown = isinstance(screen, PlaceScreen) and screen.is_mounted and screen.location.resource is resource
        return screen if shown and isinstance(screen, PlaceScreen) and screen.focused else None

    found: PlaceScreen = await drive.until(there, name)
    await drive.app.settled()
    return found


async def silent(drive: Drive, place: PlaceScreen, keys: Iterable[str]) -> set[str]:
    """The keys of a place that neither an action nor a sentence answers."""
    said: list[str] = []
    found, bound, elsewhere = set(), place.active_bindings, drive.app.find_elsewhere()
    with patch.object(Actor, "say", lambda _, sentence: said.append(sentence)):
        for key in keys:
            if key not in bound or not bound[key].enabled:
                before = len(said)
                place.say_unbound(key, elsewhere)
                found |= set() if len(said) > before else {key}
    if said:
        before = len(drive.toasts)
        place.actor.say(said[-1])
        await drive.until(lambda: len(drive.toasts) > before, f"{said[-1]!r} to be told")
    return found


async def test_every_key_does_something_or_says_why_not(fresh: Server) -> None:
    async with opened(fresh, "batches") as drive:
        for name in NAMES:
            place = await go(drive, name)
            assert not await silent(drive, place, keys_of(type(place), ResourceScreen, LiveTable)), name
        await go(drive, "home")
        for key in ("slash", "exclamation_mark", "space", "p", "f", "c", "W"):
            before = len(drive.toasts)
            await drive.press(key)
            assert len(drive.toasts) == before + 1, key
        await drive.told("/ (filter) is for lists: there is none here.")
        await drive.sees("Nothing is in progress.")
        await drive.press("tab", "c")  # in the part that is empty
        await drive.told("There is no object under the cursor.")


async def test_nor_is_any_silent_in_an_empty_list() -> None:
    nothing = {"object": "list", "data": [], "has_more": False}
    with odd_server({"/batches": nothing}) as url:
        async with opened(None, base_url=url) as drive:
            await drive.sees("No batches yet")
            await drive.press("q")
            await drive.told("This is the first place. ctrl+q ends the program.")
            place = await go(drive, "batches")
            assert not await silent(drive, place, keys_of(ResourceScreen, LiveTable))
            for key in ("c", "Y", "W", "u", "f", "space", "v", "enter", "O", "right_square_bracket", "L"):
                before = len(drive.toasts)
                await drive.press(key)
                await drive.until(lambda before=before: len(drive.toasts) > before, f"{key} to say something")  # type: ignore[misc]
