"""Tasks: transfers and actions on many objects go on in the background, are shown, cancelled and told of."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.batch_line import BATCH_LINE
from tests.support.driving import Drive, Server, opened, served
from tui.headless.tasks import read_tasks
from tui.live.tasks.store import open_task_store
from tui.resources.tasks import TASKS
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.transfer import Transfer
from tui.screens.forms.form import Form
from tui.screens.places.tasks import TasksScreen
from tui.toolkit.controls import Input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 40_000


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


def add_files(server: Server, count: int) -> list[str]:
    """Upload files that can be downloaded."""
    return [
        server.call(
            "POST", "/files", files={"file": (f"part-{at}.jsonl", b"x" * SIZE)}, data={"purpose": "evals"}
        )["id"]
        for at in range(count)
    ]


async def download(drive: Drive, ids: list[str], folder: Path) -> None:
    """Ask for files to be downloaded."""
    await drive.until(lambda: set(ids) <= set(drive.table.view.ids), "the files")
    drive.table.view.marks.clear()
    drive.table.view.marks.update(ids)
    await drive.press("D")
    await drive.sees("to")
    await drive.until(lambda: drive.app.screen.query(Input), "the question")
    drive.app.screen.query_one(Input).value = str(folder)
    await drive.press("enter")


@pytest.mark.opens("TasksScreen")
async def test_transfers_go_on_in_the_background(server: Server, tmp_path: Path) -> None:
    ids, folder = add_files(server, 3), tmp_path / "saved"
    folder.mkdir()
    async with opened(server, "files") as drive:
        tasks = drive.app.platform.tasks  # type: ignore[union-attr]
        server.control("faults", spec="drip=1200ms@GET /files/file")
        await download(drive, ids, folder)
        await drive.told("Downloading 3 files")
        await drive.sees("3 tasks")
        await drive.command("tasks")
        await drive.until(lambda: isinstance(drive.app.screen, TasksScreen), "the tasks")
        await drive.sees("◌ waiting")
        waiting = tasks.all[-1]
        drive.table.cursor_id = waiting.id
        await drive.until(lambda: drive.record and drive.record.id == waiting.id, "the cursor on it")
        await drive.press("ctrl+x")
        await drive.answer()
        await drive.sees("■ cancelled")
        await drive.press("ctrl+d")
        await drive.until(lambda: waiting not in tasks.all, "it to be forgotten")

        await drive.press("ctrl+q")
        await drive.until(lambda: isinstance(drive.app.screen, Confirm), "the question whether to leave")
        await drive.sees("Leave o9s?")
        await drive.press("escape")
        server.control("faults", spec="")
        await drive.told("Saved 2 of 3 files")
        await drive.sees("✓ done")
        assert sorted(path.stat().st_size for path in folder.iterdir()) == [SIZE] * 2
        await drive.press("c")
        await drive.told("Copied")
        for key in ("W", "u"):
            await drive.press(key)
            await drive.told("no object of the platform")
        await drive.press("f")
        await drive.told("All of a task stands in the detail")

        # One alone is followed in a dialog until `b`; paused, it goes on from where it was, and is whole.
        await drive.command("files")
        server.control("faults", spec="drip=1200ms@GET /files/file")
        await download(drive, ids[2:], tmp_path)
        await drive.until(lambda: isinstance(drive.app.screen, Transfer), "the dialog")
        await drive.press("b")
        await drive.until(lambda: not isinstance(drive.app.screen, Transfer), "the place again")
        left = tasks.all[-1]
        await drive.until(lambda: left.done, "the first bytes")
        await drive.command("tasks")
        await drive.until(lambda: drive.record and drive.record.id == left.id, "the cursor on it")
        await drive.press("s")
        await drive.sees("‖ paused")
        assert 0 < left.done < SIZE
        server.control("faults", spec=f"cut@GET /files/{ids[2]}/content x1")  # lost once more on its way
        await drive.press("s")
        await drive.told("in full.")
        assert left.sha256 == hashlib.sha256(b"x" * SIZE).hexdigest()
        await drive.sees(left.sha256)
        ranges = [each["status"] for each in server.requests() if each["path"].endswith(f"{ids[2]}/content")]
        assert ranges[-2:] == [206, 206]
        await drive.command("files")

        # So is an upload, whose form is left with it.
        source = tmp_path / "notes.jsonl"
        source.write_text(json.dumps(BATCH_LINE) + "\n")
        server.control("faults", spec="latency=3s@POST /files")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.type(str(source))
        await drive.press("ctrl+s")
        await drive.until(lambda: isinstance(drive.app.screen, Transfer), "the dialog")
        await drive.press("b")
        await drive.until(lambda: not isinstance(drive.app.screen, Transfer | Form), "the place again")
        await drive.told("Upload notes.jsonl: Created file")
        made = tasks.all[-1].object_id
        await drive.until(lambda: made in drive.table.view.ids, "it in the list")


async def test_what_is_left_when_the_program_ends_is_offered_at_the_next_start(
    server: Server, tmp_path: Path
) -> None:
    server.control("faults", spec="")
    deleted, (wanted,) = add_files(server, 40), add_files(server, 1)
    async with opened(server, "files") as drive:
        server.control("faults", spec="latency=3s@DELETE /files,drip=4s@GET /files/file")
        await download(drive, [wanted], tmp_path)
        await drive.until(lambda: isinstance(drive.app.screen, Transfer), "the dialog")
        await drive.press("b")
        tasks = drive.app.platform.tasks  # type: ignore[union-attr]
        await drive.until(lambda: tasks.all and tasks.all[0].done > 0, "the first bytes")
        drive.table.view.marks.clear()
        drive.table.view.marks.update(deleted)
        await drive.press("ctrl+d")
        await drive.until(lambda: drive.armed, "the question")
        await drive.type(str(len(deleted)))
        await drive.press("enter")
        await drive.sees("2 tasks")
        await drive.until(lambda: tasks.all[-1].done >= 4, "some to be done")
        await drive.press("ctrl+q")
        await drive.answer()
    server.control("faults", spec="")
    there = {file["id"] for file in server.call("GET", "/files?limit=10000")["data"]}
    assert 0 < len(there & set(deleted)) < len(deleted)
    async with opened(server, "files") as drive:
        tasks = drive.app.platform.tasks  # type: ignore[union-attr]
        await drive.told("Left from before: download part-0.jsonl")
        assert not tasks.under_way
        await drive.command("tasks")
        await drive.until(lambda: isinstance(drive.app.screen, TasksScreen) and drive.record, "the tasks")
        await drive.press("asterisk", "s")
        await drive.answer()
        await drive.until(lambda: [task.state for task in tasks.all] == ["done", "done"], "both to be done")
        assert tasks.all[0].sha256 == hashlib.sha256(b"x" * SIZE).hexdigest()
    there = {file["id"] for file in server.call("GET", "/files?limit=10000")["data"]}
    assert there & {*deleted, wanted} == {wanted}
    (saved,) = tmp_path.glob(f"{wanted}*")
    assert saved.read_bytes() == b"x" * SIZE


async def test_what_another_program_has_is_shown_with_that_and_taken_over_once_it_ends(server: Server) -> None:
    begin = {"fact": "begin", "at": 1, "kind": "upload", "purpose": "batch", "expires_after": None}
    end = {"fact": "end", "at": 2, "state": "done", "result": "Created file x.", "sha256": "", "object_id": "x"}
    async with opened(server, "files") as drive:
        assert drive.app.platform
        connection = drive.app.platform.client.connection
        other = open_task_store(connection)
        assert other
        for name in ("one", "two"):
            other.note(name, {**begin, "source": f"/nowhere/{name}", "what": f"upload {name}"})
        other.note("two", {**end, "done": 1, "total": 1, "error": ""})
        await drive.command("tasks")
        await drive.sees("Another o9s that is open has it")
        await drive.sees("✓ done")
        drive.table.cursor_id = "one"
        await drive.until(lambda: drive.record and drive.record.id == "one", "the cursor on it")
        refusals = {action.refuse(drive.record.object) for action in TASKS.actions if action.name != "failures"}
        assert refusals == {"another o9s that is open has it"}
        records, _ = await asyncio.to_thread(read_tasks, connection, lambda _: None)
        assert sorted(record.raw["state"] for record in records) == ["done", "elsewhere"]
        other.close()
        await drive.press("r")
        await drive.sees("‖ paused")
        assert not drive.app.platform.tasks.elsewhere
        assert {task.id for task in drive.app.platform.tasks.all} == {"one", "two"}
