"""Taking out from the keyboard: what and where to is asked, and it goes on in the background."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.driving import opened, served
from tui.screens.workflows.takeout import TakeoutDialog
from tui.toolkit.controls import Input
from tui.workflows.takeout.folder import Folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.driving import Server


@pytest.mark.opens("TakeoutDialog")
async def test_what_is_ticked_is_taken_out_to_the_folder_named(fresh: Server, tmp_path: Path) -> None:
    async with opened(fresh, "due") as drive:
        await drive.command("takeout evals nonsense")
        await drive.sees("nonsense cannot be taken out")
        await drive.press("escape")
        await drive.command("takeout evals assistants")
        await drive.until(lambda: isinstance(drive.app.screen, TakeoutDialog), "the question")
        await drive.sees("[x] evals  end")
        await drive.sees("[x] assistants  ended 2026-08-26")
        await drive.sees("[ ] batches")
        await drive.press("space")  # on the first that is ticked
        await drive.sees("[ ] evals")
        await drive.press("k", "space")
        await drive.sees("[x] evals")
        await drive.press("home", "space")
        await drive.sees("[x] batches")
        await drive.press("k", "space")
        await drive.sees("[ ] batches")
        folder = drive.app.screen.query_one(Input)
        assert folder.value.startswith("takeout-default-20"), "two accounts share no folder"
        folder.value = ""
        await drive.press("enter")
        await drive.sees("Name the folder that it goes to.")
        folder.value = str(tmp_path / "out")
        await drive.press("enter")
        await drive.told("Begun: take out evals, assistants to")
        tasks = drive.app.platform.tasks  # type: ignore[union-attr]
        await drive.until(lambda: tasks.all[0].state == "done", "the take-out")
        assert {"evals.jsonl", "assistants.jsonl"} <= set(Folder(tmp_path / "out").read_manifest().lists)

        # Where the manifest is damaged, it asks, and goes on.
        (tmp_path / "out" / "manifest.json").write_text("{")
        await drive.command("takeout evals")
        await drive.until(lambda: isinstance(drive.app.screen, TakeoutDialog), "the question")
        drive.app.screen.query_one(Input).value = str(tmp_path / "out")
        await drive.press("enter")
        await drive.sees("Take everything out anew?")
        await drive.answer()
        await drive.told("Begun: take out evals to")
        await drive.until(lambda: len(tasks.all) == 2 and all(each.state == "done" for each in tasks.all), "both")
        assert "evals.jsonl" in Folder(tmp_path / "out").read_manifest().lists
        shutil.copytree(tmp_path / "out", tmp_path / "kept")

        # A family that ends is taken out from its row.
        at = "family/evals"
        await drive.until(lambda: at in drive.table.view.ids, "the family's end")
        drive.table.cursor_id = at
        await drive.until(lambda: drive.record and drive.record.id == at, "the cursor on it")
        await drive.press("t")
        await drive.until(lambda: isinstance(drive.app.screen, TakeoutDialog), "the question")
        await drive.sees("[x] evals")
        await drive.sees("[ ] assistants")
        await drive.press("escape")

    # Served again it can be looked at, and the screen says so.
    with served(data=tmp_path / "kept") as again:
        async with opened(again, "evals") as drive:
            await drive.until(lambda: drive.table.view.ids, "the evals")
            await drive.sees("TAKE-OUT")
            await drive.sees("▲ take-out of 20")
            await drive.until(lambda: "new eval" not in drive.text(), "no key that writes")
            await drive.press("ctrl+d")
            await drive.told("nothing in a take-out can be changed")
            await drive.command("rw")
            await drive.sees("the take-out says read-only")
