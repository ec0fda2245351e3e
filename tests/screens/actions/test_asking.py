"""What is asked before something is done, and what is shown while it is looked up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Static

from tests.support.driving import Server, opened
from tui.app import O9s
from tui.live.use import Use
from tui.screens.dialogs.lookup import LookUp
from tui.workflows.consequences.uses import UseSearch

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
async def test_a_deletion_says_that_it_looks_for_what_uses_the_object(
    fresh: Server, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspended: list[bool] = []
    monkeypatch.setattr(O9s, "action_suspend_process", lambda _: suspended.append(True))
    async with opened(fresh, "files", size=(80, 24)) as drive:
        await drive.until(lambda: drive.record and drive.record.id == silent, "the file")
        await drive.press("ctrl+d")
        await drive.until(lambda: isinstance(drive.app.screen, LookUp), "that it looks")
        await drive.sees("Looking for what uses it…")
        assert "Delete this file?" in drive.text()
        assert silent in drive.text()
        await drive.press("y")
        await drive.until(lambda: drive.armed, "the question")
        await drive.sees("Still looking in vector-stores, ")
        await drive.press("ctrl+z")  # what is typed next is for the shell
        await drive.until(lambda: suspended, "the way to the shell")
        assert any(each["id"] == silent for each in fresh.call("GET", "/files")["data"])


@pytest.mark.parametrize("uses", [True, False])
@pytest.mark.usefixtures("at_once")
async def test_a_dialog_goes_on_looking_and_says_what_is_found(
    fresh: Server, uses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = asyncio.Event()
    made = fresh.call("POST", "/files", files={"file": ("one.txt", b"one")}, data={"purpose": "assistants"})

    async def search(self: UseSearch, holder: str) -> None:
        await answered.wait()
        if uses and holder == "evals":
            resource = self._platform.registry[holder]
            use = Use(resource, resource.record({"id": "eval_1"}), "data")
            self._found.setdefault(made["id"], {})["eval_1"] = use
        if holder == "batches":
            self._unseen.failed.append(holder)

    monkeypatch.setattr(UseSearch, "_search_list", search)
    monkeypatch.setattr("tui.screens.actions.agreement.PATIENCE", 0.0)
    async with opened(fresh, "files", size=(30, 8)) as drive:
        await drive.until(lambda: drive.record and drive.record.id == made["id"], "the file")
        await drive.press("ctrl+d")
        await drive.until(lambda: drive.armed, "the question")
        dialog = drive.app.screen
        await drive.sees("Cancel")  # it is drawn anew once it takes the whole of the terminal
        await drive.sees("delete (y)")
        gaps = str(dialog.query_one("#gaps", Static).content)
        assert gaps.startswith("Still looking in batches, fine-tuning, ")
        answered.set()
        if uses:
            await drive.until(lambda: drive.app.screen is not dialog and drive.armed, "the question, anew")
            assert "Used by eval eval_1." in str(drive.app.screen.query_one("#warning", Static).content)
        else:
            await drive.until(lambda: "Nothing more" in str(dialog.query_one("#gaps", Static).content), "that")
        gaps = str(drive.app.screen.query_one("#gaps", Static).content)
        assert "Not looked at: batches. Something there may use it: leave this and try again" in gaps
        await drive.press("escape")
    assert any(each["id"] == made["id"] for each in fresh.call("GET", "/files")["data"])


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
