"""Opening one of the objects that a row names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.dialogs.pick import Choice, Pick

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.screens.places.base import PlaceScreen


async def follow_one(place: PlaceScreen, named: Iterable[tuple[str, str]], within: str = "") -> None:
    """Open one of the objects that are named here, each given in a word and by its id; of many ask which.

    `within` is the id of the project they are in.
    """
    able: dict[str, Choice] = {}
    for word, id_ in named:
        resource = place.platform.find(id_) if id_ else None
        if resource and resource.get:
            inside = within and resource.parent == "projects"
            able.setdefault(f"{within} {id_}" if inside else id_, Choice(id_, word))
    if not able:
        place.actor.say("This names nothing that can be opened.")
        return
    chosen = next(iter(able))
    if len(able) > 1:
        picked = await place.app.push_screen_wait(Pick("Open", list(able.values())))
        if picked is None:
            return
        chosen = next(ids for ids, choice in able.items() if choice.value == picked[0])
    place.follow(chosen)
