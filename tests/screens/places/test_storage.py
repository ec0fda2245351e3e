"""What files take and what uses them, read in the background while somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import opened
from tui.resources.vector_stores.stores import VECTOR_STORES
from tui.screens.places.files import FilesScreen
from tui.screens.places.storage import StorageScreen

if TYPE_CHECKING:
    from tests.support.driving import Server

UNUSED = "/used_by=0"


@pytest.mark.opens("FilesScreen", "StorageScreen")
async def test_files_tell_what_uses_them_and_groups_lead_to_them(fresh: Server) -> None:
    files = fresh.call("GET", "/files?limit=10000")["data"]
    batch = next(each for each in fresh.call("GET", "/batches")["data"] if each["output_file_id"])
    async with opened(fresh, "storage") as drive:
        await drive.until(lambda: isinstance(drive.app.screen, StorageScreen), "the groups")
        await drive.sees("nothing uses it")
        await drive.sees("used by as of ")
        records = drive.table.view.collection.records
        found = sum(record.at("files") for record in records.values() if record.at("by") == "purpose")
        assert found == len(files)
        unused = records["use/nothing uses it"]
        drive.table.cursor_id = unused.id
        await drive.until(lambda: drive.record and drive.record.id == unused.id, "the cursor on it")
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, FilesScreen), "the files")
        await drive.sees(f"{unused.at('files')} of {len(files)}")
        await drive.sees(f"{unused.at('files')} unused")
        ids = set(drive.table.view.ids)
        assert len(ids) == unused.at("files")
        await drive.sees("used by as of ")

        # What is made here from a file uses it at once.
        taken = next(iter(ids))
        platform, create = drive.app.platform, VECTOR_STORES.action("create")
        assert create and platform
        await platform.act(VECTOR_STORES, {}, None, create, {"name": "made here", "file_ids": [taken]})
        await drive.until(lambda: taken not in drive.table.view.ids, "it is unused no longer")
        ids.remove(taken)

        # Of several that are to be deleted, those that something uses are told apart, from what is known by now.
        await drive.press("escape")
        used = batch["output_file_id"]
        await drive.until(lambda: used in drive.table.view.ids, "all files")
        drive.table.view.marks.update({used, next(iter(ids))})
        await drive.press("ctrl+d")
        await drive.sees("In use, left alone unless ticked")
        await drive.sees(f"batch {batch['id']}.")
        await drive.press("escape")
        drive.table.view.marks.clear()
        drive.table.cursor_id = used
        await drive.until(lambda: drive.record and drive.record.id == used, "the cursor on it")
        assert drive.record.at("used_by")[0]["id"] == batch["id"]
