"""Many objects at once: what uses them is named, how far it is shows, it stops, and every failure is kept."""

from __future__ import annotations

import asyncio
import csv
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from tests.support.batch_line import BATCH_LINE
from tests.support.driving import Drive, Server, opened, served
from tui.screens.actions import agreement
from tui.screens.dialogs import confirm
from tui.screens.dialogs.confirm import Confirm, ConfirmMany
from tui.screens.dialogs.outcome import Outcome
from tui.toolkit.controls import Input
from tui.workflows.plan.run import find_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


@pytest.fixture
def troubled(server: Server) -> Iterator[Server]:
    yield server
    server.control("faults", spec="")


def add_files(server: Server, count: int, size: int = 1_000, purpose: str = "assistants") -> list[str]:
    """Upload files of so many bytes."""
    return [
        server.call("POST", "/files", files={"file": (f"bulk-{at}.txt", b"x" * size)}, data={"purpose": purpose})[
            "id"
        ]
        for at in range(count)
    ]


def there(server: Server, ids: list[str]) -> set[str]:
    """Which of the files are still there."""
    return {file["id"] for file in server.call("GET", "/files")["data"]} & set(ids)


async def marked(drive: Drive, ids: list[str]) -> None:
    """Mark files, and ask to delete them."""
    await drive.until(lambda: set(ids) <= set(drive.table.view.ids), "the files in the list")
    drive.table.view.marks.update(ids)
    await drive.press("ctrl+d")
    await drive.until(lambda: drive.armed, "the dialog")


async def agree(drive: Drive, count: int) -> None:
    """Type the number and agree."""
    await drive.type(str(count))
    await drive.press("enter")


async def test_what_something_uses_is_named_apart_and_left_alone(server: Server) -> None:
    free, held, ticked = add_files(server, 2), add_files(server, 1), add_files(server, 1)
    job: Any = server.call(
        "POST",
        "/files",
        files={"file": ("in.jsonl", json.dumps(BATCH_LINE).encode() + b"\n")},
        data={"purpose": "batch"},
    )["id"]
    batch = server.call(
        "POST",
        "/batches",
        json={"input_file_id": job, "endpoint": "/v1/chat/completions", "completion_window": "24h"},
    )["id"]
    store = server.call("POST", "/vector_stores", json={"name": "holds", "file_ids": [*held, *ticked]})["id"]
    ids = [*free, *held, *ticked, job]
    async with opened(server, "files") as drive:
        await marked(drive, ids)
        dialog = drive.app.screen
        assert isinstance(dialog, ConfirmMany)
        assert {thing.id for thing in dialog._free.first} == set(free)
        await drive.sees("Delete 2 files, 2.0 kB in all?")
        words = {thing.id: thing.words for thing in dialog._held.first}
        assert set(words) == {*held, *ticked, job}
        assert f"Used by vector store {store}." in words[held[0]]
        assert f"Used by batch {batch}." in words[job]
        await drive.sees(store)
        await drive.sees("For each of them: it is also removed from every vector store")
        assert "It is also removed" not in drive.text()
        await drive.press("tab", "tab")
        await drive.until(lambda: type(drive.app.focused).__name__ == "UsedThings", "the boxes")
        at = [thing.id for thing in dialog._held.first].index(ticked[0])
        await drive.press(*["down"] * at, "space")
        await drive.sees("Delete 3 files, 3.0 kB in all?")
        await drive.sees("Type 3 to confirm")
        dialog.set_focus(dialog.query_one("Input"))
        await agree(drive, 3)
        await drive.told("3 of 3 done.")
    assert there(server, ids) == {*held, job}


async def test_a_single_one_names_what_uses_it_and_its_size(server: Server) -> None:
    (file,) = add_files(server, 1, 2_000)
    store = server.call("POST", "/vector_stores", json={"name": "single", "file_ids": [file]})["id"]
    async with opened(server, "files") as drive:
        await drive.until(lambda: file in drive.table.view.ids, "the file")
        drive.table.cursor_id = file
        await drive.until(lambda: drive.record and drive.record.id == file, "the cursor on it")
        await drive.press("ctrl+d")
        await drive.until(lambda: drive.armed, "the dialog")
        await drive.sees(store)
        await drive.sees("2.0 kB")
        await drive.press("escape")


async def test_how_far_it_is_shows_and_esc_stops_it_within_a_second(troubled: Server) -> None:
    ids = add_files(troubled, 90)
    async with opened(troubled, "files") as drive:
        await marked(drive, ids)
        troubled.control("faults", spec="latency=300ms@DELETE /files")
        await agree(drive, 90)
        await drive.sees("/90 · esc stops")
        platform = drive.app.platform
        assert platform
        plan_run = find_run(platform)
        assert plan_run
        await drive.until(lambda: len(plan_run.outcomes) >= 4, "some to be done")
        before = drive.record.id
        await drive.press("j")  # the list is alive meanwhile
        await drive.until(lambda: drive.record.id != before, "the cursor to move")
        stopped = time.monotonic()
        await drive.press("escape")
        await drive.until(lambda: plan_run.is_over, "the end")
        assert plan_run.state == "cancelled"
        assert time.monotonic() - stopped < 30  # a hang shows; how soon it is, the unit test tells
        assert len(plan_run.outcomes) < 90
        await drive.until(lambda: isinstance(drive.app.screen, Outcome), "the list of what was not done")
        await drive.sees("not tried")
        gone = {call.rpartition("/")[2] for call, each in plan_run.outcomes.items() if each.state == "done"}
        left = there(troubled, ids)
        assert not gone & left
        await drive.press("escape")
        await drive.sees("● live")
    assert there(troubled, ids) == left


@pytest.mark.opens("ConfirmMany", "Outcome")
async def test_every_failure_is_kept_with_its_reason_and_can_be_saved(troubled: Server, tmp_path: Path) -> None:
    ids = add_files(troubled, 6)
    async with opened(troubled, "files") as drive:
        await marked(drive, ids)
        lost = f"cut@DELETE /files/{ids[2]},500@GET /files/{ids[2]}"
        troubled.control("faults", spec=f"404@DELETE /files/{ids[1]},{lost},401@DELETE /files/zzz")
        await agree(drive, 6)
        await drive.told("4 of 6 done, 1 gone already, 1 not known.")
        await drive.until(lambda: isinstance(drive.app.screen, Outcome), "the list")
        await drive.sees(ids[1])
        await drive.sees(ids[2])
        assert ids[3] not in drive.text()
        await drive.press("ctrl+s")
        await drive.sees("Save what was not done")
        drive.app.screen.query_one(Input).value = str(tmp_path / "left.csv")
        await drive.press("enter")
        await drive.told("Saved")
        rows = {row["id"]: row for row in csv.DictReader((tmp_path / "left.csv").read_text().splitlines())}
        assert rows[ids[1]]["state"] == "gone already"
        assert rows[ids[2]]["state"] == "not known"
        assert all(row["reason"] for row in rows.values())
        await drive.press("escape")
        await drive.command("outcome")
        await drive.until(lambda: isinstance(drive.app.screen, Outcome), "the list again")


async def test_enter_on_cancel_never_agrees(server: Server) -> None:
    (file,) = add_files(server, 1)
    async with opened(server, "files") as drive:
        await drive.until(lambda: file in drive.table.view.ids, "the file")
        drive.table.cursor_id = file
        await drive.until(lambda: drive.record and drive.record.id == file, "the cursor on it")
        await drive.press("ctrl+d")
        await drive.until(lambda: drive.armed, "the dialog listens")
        assert drive.app.focused is drive.app.screen.query_one("#no")
        await drive.press("enter")
        await drive.until(lambda: not isinstance(drive.app.screen, Confirm), "the dialog gone")
        await drive.pilot.pause()
        # What is asked for after it comes after it: were it deleted, it would be gone by then.
        await drive.press("r")
        await drive.sees("● live")
    assert there(server, [file]) == {file}


def test_a_dialog_listens_later_than_a_burst_of_keys_lasts() -> None:
    assert confirm.ARM_SECONDS >= 0.25


async def test_what_is_typed_ahead_of_the_dialog_does_not_answer_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.dialogs.confirm.ARM_SECONDS", 3_600.0)
    (file,) = add_files(server, 1)
    async with opened(server, "files") as drive:
        await drive.until(lambda: file in drive.table.view.ids, "the file")
        drive.table.cursor_id = file
        await drive.until(lambda: drive.record and drive.record.id == file, "the cursor on it")
        await drive.press("ctrl+d")
        await drive.until(lambda: isinstance(drive.app.screen, Confirm), "the dialog")
        await drive.press("y")
        await drive.pilot.pause()
        assert isinstance(drive.app.screen, Confirm)
        await drive.press("escape")
    assert there(server, [file]) == {file}


async def test_the_number_typed_right_after_the_key_is_for_the_question(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()

    async def look_long(*_: object) -> bool:
        return await looked.wait()

    monkeypatch.setattr(agreement, "look_up", look_long)
    ids = add_files(server, 2)
    async with opened(server, "files") as drive:
        await drive.until(lambda: set(ids) <= set(drive.table.view.ids), "the files")
        await drive.press("space", "j", "space")
        await drive.sees("2 marked")
        for key, character in (("ctrl+d", None), ("2", "2")):
            drive.app.post_message(events.Key(key, character))
        await drive.until(lambda: drive.app.is_typed_ahead, "the number to wait")
        for _ in range(500):  # turns of the loop, in which it would go to the list
            await asyncio.sleep(0)
        assert drive.app.is_typed_ahead
        looked.set()
        await drive.until(lambda: isinstance(drive.app.screen, ConfirmMany), "the question")
        await drive.until(lambda: drive.app.screen.query_one(Input).value == "2", "the number in it")
        await drive.press("escape")
    assert there(server, ids) == set(ids)
