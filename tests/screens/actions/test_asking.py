"""What is asked before something is done, and what is shown while it is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened
from tui.screens.dialogs.lookup import LookUp

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def silent(fresh: Server) -> Iterator[str]:
    """A file on a server that does not say in time which vector stores there are."""
    made = fresh.call("POST", "/files", files={"file": ("one.txt", b"one")}, data={"purpose": "assistants"})
    fresh.control("faults", spec="stall@GET /vector_stores")
    yield str(made["id"])
    fresh.control("faults", spec="")


@pytest.mark.usefixtures("at_once")
async def test_a_deletion_says_that_it_looks_for_what_uses_the_object(fresh: Server, silent: str) -> None:
    async with opened(fresh, "files", size=(80, 24)) as drive:
        await drive.until(lambda: drive.record and drive.record.id == silent, "the file")
        await drive.press("ctrl+d")
        await drive.until(lambda: isinstance(drive.app.screen, LookUp), "that it looks")
        await drive.sees("Looking for what uses it…")
        assert "Delete this file?" in drive.text()
        assert silent in drive.text()
        await drive.press("y")
        await drive.until(lambda: drive.armed, "the question")
        await drive.sees("Not looked at: ")
        assert any(each["id"] == silent for each in fresh.call("GET", "/files")["data"])


@pytest.mark.opens("LookUp")
@pytest.mark.usefixtures("at_once")
async def test_looking_can_be_left(fresh: Server, silent: str) -> None:
    async with opened(fresh, "files", size=(80, 24)) as drive:
        await drive.until(lambda: drive.record and drive.record.id == silent, "the file")
        await drive.press("ctrl+d")
        await drive.until(lambda: isinstance(drive.app.screen, LookUp), "that it looks")
        await drive.press("escape")
        await drive.until(lambda: drive.record, "the list")
        assert "Delete this file?" not in drive.text()
