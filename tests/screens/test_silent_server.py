"""A server that no longer answers: every place says so, also one opened only then, until something is answered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.widgets import Static

from tests.support.driving import opened, served
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.lookup import SILENT, LookUp
from tui.screens.places.frame import Frame

if TYPE_CHECKING:
    import pytest

    from tests.support.driving import Drive

NOW = 1_795_000_000.0
PLACES = ("vector-stores", "home", "tasks", "storage", "costs", "limits", "batches", "files")


def head(drive: Drive) -> str:
    """The header."""
    return drive.text().splitlines()[0]


def far_in(drive: Drive) -> str:
    """What a dialog that looks says of how far it is; "" before that is there."""
    return "".join(str(each.content) for each in drive.app.screen.query("#far").results(Static))


def is_at(drive: Drive, place: str) -> bool:
    """Whether a place is shown."""
    screen = drive.app.screen
    return isinstance(screen, Frame) and screen.location.resource.name == place


async def test_it_is_waited_for_wherever_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(scenario="calm", now=NOW) as server:
        async with opened(server, "files") as drive:
            await drive.until(lambda: "● live" in head(drive), "the first answer")
            server.control("faults", spec="hang")
            monkeypatch.setattr("tui.api.log.silence.LIMIT", 0.2)
            await drive.press("ctrl+d")  # nothing is asked but what uses the file, and that by the dialog
            await drive.until(lambda: isinstance(drive.app.screen, Confirm), "the dialog")
            await drive.until(lambda: "◌ waiting" in head(drive), "that the server is waited for")
            await drive.sees("The server has not answered")
            await drive.press("escape")
            for place in PLACES:
                await drive.command(place)
                await drive.until(partial(is_at, drive, place), place)
                await drive.until(lambda: "◌ waiting" in head(drive), f"{place} to know what the others do")
            server.control("faults", spec="")
            await drive.press("r")
            await drive.until(lambda: "● live" in head(drive), "the server to answer again")


async def test_it_is_said_while_one_waits_for_the_last_look_before_a_deletion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(scenario="calm", now=NOW) as server:
        before = server.call("GET", "/files")["data"]
        async with opened(server, "files") as drive:
            await drive.until(lambda: drive.record, "a file")
            await drive.press("ctrl+d")
            await drive.until(lambda: drive.armed and "Still looking" not in drive.text(), "the question")
            server.control("faults", spec="hang")
            monkeypatch.setattr("tui.api.log.silence.LIMIT", 0.2)
            await drive.press("y")
            await drive.until(lambda: isinstance(drive.app.screen, LookUp), "that it looks once more")
            await drive.until(lambda: SILENT in far_in(drive), "that the server is waited for")
            await drive.press("escape")
            await drive.until(lambda: is_at(drive, "files"), "the list")
            server.control("faults", spec="")
        assert server.call("GET", "/files")["data"] == before, "nothing was done"
