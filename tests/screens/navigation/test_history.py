"""`q` leads out: from whatever was opened back to where the user came from, and never into what was left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import opened, served
from tui.resources.home import HOME
from tui.resources.registry import REGISTRY
from tui.screens.navigation.history import History, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.driving import Drive, Server

LISTS = [name for name in REGISTRY if not REGISTRY[name].parent and name != "home"]
GROUPS = 6
DEEPEST = 8  # layers from home to a place: a list, an object, what is inside that, what is drilled into


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="busy", speed=0.001) as server:
        yield server


def place_of(drive: Drive) -> Location | None:
    return getattr(drive.app.screen, "location", None)


def is_new(drive: Drive, before: Location | None) -> bool:
    here = place_of(drive)
    return here is not None and here is not before


async def leave(drive: Drive, name: str) -> None:
    """Press `q` until home is shown. Each press undoes a layer, and no place is shown again."""
    left: list[tuple[str, str]] = []
    for _ in range(DEEPEST):
        here = place_of(drive)
        if here is not None and here.resource.name == "home":
            return
        if here is not None and here.address not in left[-1:]:
            assert here.address not in left, f"{name}: q leads back into {here.line}"
            left.append(here.address)
        await drive.press("q")
        await drive.rest()
    raise AssertionError(f"{name}: q does not lead home: {left}\n{drive.text()}")


@pytest.mark.parametrize("names", [LISTS[at::GROUPS] for at in range(GROUPS)], ids=str)
async def test_q_leads_from_each_list_and_its_objects_back_home(server: Server, names: list[str]) -> None:
    async with opened(server, "home") as drive:
        await drive.until(lambda: is_new(drive, None), "home")
        for name in names:
            home = place_of(drive)
            await drive.command(name)
            await drive.until(lambda home=home: is_new(drive, home), name)  # type: ignore[misc]
            await drive.rest()
            for _ in range(2):  # into an object, and into what is inside that
                here, screen = place_of(drive), drive.app.screen
                await drive.press("enter")
                await drive.rest()
                if not is_new(drive, here):
                    break
            while place_of(drive) is None:  # a text or a dialog
                screen = drive.app.screen
                await drive.press("escape")
                await drive.until(lambda screen=screen: drive.app.screen is not screen, f"{name}: closed")  # type: ignore[misc]
            await leave(drive, name)


def test_what_a_place_is_part_of_is_gone_back_to_where_it_was_visited() -> None:
    history, batches = History(), Location(REGISTRY["batches"])
    home, files = Location(HOME), Location(REGISTRY["files"])
    batch = Location(REGISTRY["batches"], id="batch_1", up=batches)
    for each in (home, batches, batch):
        history.visit(each)
    assert history.go_up(batches) is batches
    assert history.step(1) is batch, "the way forward stays"
    assert history.step(-1) is batches and history.step(-1) is home

    # Opened by its id from elsewhere, it gives way to its list.
    history.visit(files)
    history.visit(batch)
    assert history.go_up(batches) is batches
    assert history.step(-1) is files and history.step(-1) is home and history.step(-1) is None


def test_a_list_that_was_opened_anew_is_the_same_place() -> None:
    history, batches = History(), Location(REGISTRY["batches"], filter="failed")
    for each in (Location(HOME), batches, Location(REGISTRY["batches"], id="batch_1")):
        history.visit(each)
    again: Any = Location(REGISTRY["batches"], filter="failed")
    assert history.go_up(again) is batches
