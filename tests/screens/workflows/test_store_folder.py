"""A folder put into a vector store from the keyboard: seen first, done in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.driving import opened
from tui.screens.dialogs.ask import Ask
from tui.screens.dialogs.confirm import Confirm
from tui.toolkit.controls import Input

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.driving import Drive, Server


async def answer(drive: Drive, question: str, text: str) -> None:
    await drive.until(lambda: isinstance(drive.app.screen, Ask), "the question")
    await drive.sees(question)
    drive.app.screen.query_one(Input).value = text
    await drive.press("enter")


async def test_a_folder_becomes_a_store_and_is_kept_like_it(fresh: Server, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for at in range(3):
        (folder / f"note-{at}.md").write_text(f"note {at}")
    (folder / "empty.md").touch()
    async with opened(fresh, "vector-stores") as drive:
        tasks = drive.app.platform.tasks  # type: ignore[union-attr]
        await drive.press("a")
        await drive.sees("new store from a folder")
        await drive.press(*"new store from")
        await drive.press("enter")
        await answer(drive, "Folder, file or pattern that it shall hold", str(folder))
        await answer(drive, "Name of the new vector store", "My notes")
        await drive.until(lambda: isinstance(drive.app.screen, Confirm), "the question whether")
        await drive.sees("3 new;")
        await drive.sees("1 left out: it is empty.")
        assert not [each for each in fresh.call("GET", "/vector_stores")["data"] if each["name"] == "My notes"]
        await drive.answer()
        await drive.told("Begun: fill")
        await drive.until(lambda: tasks.all and tasks.all[0].state == "done", "the store")
        store = next(each for each in fresh.call("GET", "/vector_stores")["data"] if each["name"] == "My notes")
        assert store["file_counts"]["total"] == 3

        (folder / "note-0.md").write_text("changed")
        (folder / "note-1.md").unlink()
        await drive.until(lambda: store["id"] in drive.table.view.ids, "the new store")
        drive.table.cursor_id = store["id"]
        await drive.until(lambda: drive.record and drive.record.id == store["id"], "the cursor on it")
        await drive.press("R")
        await answer(drive, "Folder, file or pattern that it shall hold", str(folder))
        await drive.sees("1 changed; 1 as it is")
        await drive.press("escape")
        await drive.press("a")
        await drive.sees("keep like a folder")
        await drive.press(*"keep like")
        await drive.press("enter")
        await answer(drive, "Folder, file or pattern that it shall hold", str(folder))
        await drive.sees("1 changed, 1 gone; 1 as it is")
        await drive.answer()
        await drive.until(lambda: len(tasks.all) == 2 and tasks.all[1].state == "done", "the store")
        found = fresh.call("GET", f"/vector_stores/{store['id']}/files")["data"]
        assert {each["attributes"]["path"] for each in found} == {"note-0.md", "note-2.md"}
