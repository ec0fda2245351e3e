"""`o9s pick`: enter ends the program with the ids of what is chosen, leaving it with none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.support.driving import opened
from tests.support.odd_server import odd_server
from tui.cli.main import cli

if TYPE_CHECKING:
    from tests.support.driving import Server


async def test_enter_takes_the_marked_or_the_one_under_the_cursor(fresh: Server) -> None:
    async with opened(fresh, "batches", is_pick=True, filter="!ok") as drive:
        await drive.until(lambda: drive.record, "a batch")
        await drive.sees("enter choose")
        assert "/!ok" in drive.text()
        await drive.press("colon", *"files", "enter")
        await drive.until(lambda: drive.record and drive.record.id.startswith("file-"), "another list")
        assert "enter choose" not in drive.text(), "files are not what is chosen"
        await drive.press("escape")
        await drive.until(lambda: drive.record and drive.record.id.startswith("batch_"), "the list")
        await drive.press("escape")  # the filter
        await drive.press("down", "down", "space", "up", "up", "up", "space")
        marked = [id_ for id_ in drive.table.view.ids if id_ in drive.table.view.marks]
        await drive.press("enter")
        await drive.until(lambda: drive.app.picked, "the choice")
        assert drive.app.picked == marked, "as they stand in the list"
        assert len(marked) == 2
        assert not drive.app.return_code


async def test_all_that_is_loaded_is_not_all_and_says_so() -> None:
    files = [{"id": f"file-{at}", "object": "file"} for at in range(3)]
    with odd_server({"/files": {"object": "list", "data": files, "has_more": True}}) as url:
        async with opened(None, "files", base_url=url, is_pick=True) as drive:
            await drive.until(lambda: drive.record, "a file")
            await drive.press("asterisk", "enter")
            await drive.until(lambda: drive.app.picked, "the choice")
            told = "3 files were chosen, of the 3 that were loaded; there are more. L loads all."
            assert drive.app.picked_note == told


async def test_what_is_inside_something_is_chosen_from_too(fresh: Server) -> None:
    stores = fresh.call("GET", "/vector_stores?limit=100")["data"]
    scope = {"vector_store_id": next(store["id"] for store in stores if store["file_counts"]["total"])}
    async with opened(fresh, "store-files", is_pick=True, scope=scope) as drive:
        await drive.until(lambda: drive.record and drive.record.id.startswith("file-"), "a file of the store")
        await drive.press("enter")
        await drive.until(lambda: drive.app.picked, "the choice")


async def test_left_without_a_choice_it_fails(fresh: Server) -> None:
    async with opened(fresh, "files", is_pick=True) as drive:
        await drive.until(lambda: drive.record, "a file")
        await drive.press("q")
        await drive.until(lambda: drive.app.return_code == 1, "the end")
        assert not drive.app.picked


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["checkpoints"], "checkpoints are in fine-tuning: say in which with --in ID."),
        (["events", "--in", "ftjob-abc"], "no list of objects to choose from"),
        (["home"], "home is no list of objects to choose from"),
        (["batchs"], "did you mean batches"),
    ],
)
def test_what_cannot_be_chosen_from_is_told(words: list[str], says: str) -> None:
    told = CliRunner().invoke(cli, ["pick", *words])
    assert told.exit_code == 2
    assert says in told.output
