"""Deletions as a plan: from the files and the groups of storage, seen, taken out, confirmed by their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Drive, opened, served
from tests.support.nursery import SLOW
from tui.screens.workflows.plans.removal import RemovalScreen
from tui.widgets.text.conversation import Conversation

if TYPE_CHECKING:
    from pathlib import Path


async def shows(drive: Drive) -> RemovalScreen:
    """The plan, once all that uses its objects was looked for."""
    await drive.until(lambda: isinstance(drive.app.screen, RemovalScreen), "the plan")
    screen: Any = drive.app.screen
    await drive.until(lambda: not screen.looking, "the end of the looking")
    assert isinstance(screen, RemovalScreen)
    return screen


@pytest.mark.opens("RemovalScreen")
async def test_what_nothing_uses_is_deleted_as_it_was_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.dialogs.confirm.ARM_SECONDS", 0.01)
    with served(scenario="nasty", speed=SLOW) as server:
        files = {each["id"] for each in server.call("GET", "/files?limit=10000")["data"]}
        async with opened(server, "storage", size=(80, 24)) as drive:
            assert drive.app.platform
            drive.app.platform.scheduler.budget = 6_000
            await drive.until(lambda: "purpose/user_data" in drive.table.view.ids, "the groups")
            references = drive.app.platform.references
            await drive.until(lambda: references.is_whole, "what uses files")
            drive.table.cursor_id = "purpose/user_data"
            await drive.until(lambda: drive.record and drive.record.at("unused") == 9, "what is unused of it")
            await drive.press("Z")
            screen = await shows(drive)
            assert len(screen.plan.remaining) == 9
            view = screen.query_one(Conversation)
            assert {"PURPOSE", "AGE", "ID"} <= set(view.raw(1).split()), "the columns are named"
            assert all(len(view.raw(row)) <= 80 for row in range(view.count())), "a line is wrapped"

            # One is left out, one is gone meanwhile; the rest goes once the number is typed.
            left, gone, *_ = [step.record.id for step in screen.plan.steps]
            await drive.press("space")  # the cursor begins on the first of them
            await drive.sees("1 left out")
            server.call("DELETE", f"/files/{gone}")
            await drive.press("ctrl+s")
            await drive.sees("Save the plan to")
            await drive.press("ctrl+a", "ctrl+k")
            await drive.type(str(tmp_path / "plan.txt"))
            await drive.press("enter")
            await drive.until((tmp_path / "plan.txt").exists, "the plan")
            assert f"DELETE /files/{gone}\n" in (tmp_path / "plan.txt").read_text()
            await drive.press("ctrl+d")
            await drive.until(lambda: drive.armed, "the question")
            await drive.type("7")
            await drive.press("enter")
            await drive.told("That is not 8: nothing was done.")
            assert drive.app.screen is not screen, "another number agrees to nothing"
            await drive.press("y", "8")  # into an empty field, which takes digits alone
            server.control("faults", spec="latency=500ms@DELETE /files")
            await drive.press("enter")
            await drive.until(lambda: screen.is_calling and screen.plan.running, "the first calls")
            await drive.press("s")
            await drive.until(lambda: screen.is_paused, "the pause")
            await drive.sees("s go on")
            assert 0 < len(screen.plan.outcomes) < 8
            server.control("faults", spec="")
            await drive.press("s")
            await drive.until(lambda: screen.plan_run and screen.plan_run.is_over, "the end of the calls")
            await drive.told("8 of 8 calls done.")
            await drive.sees("To delete  none · 8 done · 1 left out")
            states = [screen.plan.state(step) for step in screen.plan.steps]
            assert states == ["out", "gone", *["done"] * 7]
            await drive.press("escape")

            # Marked files: what something uses stands apart, and is left alone.
            await drive.command("files")
            await drive.until(lambda: left in drive.table.view.ids, "the files")
            records = drive.table.view.collection.records.values()
            used = next(each.id for each in records if len(each.at("used_by") or ()) == 1)
            drive.table.view.marks.update({used, left})
            await drive.press("Z")
            screen = await shows(drive)
            await drive.sees("1 in use")
            await drive.sees("Used by ")
            assert [step.record.id for step in screen.plan.remaining] == [left]
            await drive.press("escape")
            await drive.command("ro")
            await drive.press("Z")
            await shows(drive)
            await drive.press("ctrl+d")
            await drive.told("Cannot delete: read-only mode is on")
        there = {each["id"] for each in server.call("GET", "/files?limit=10000")["data"]}
    assert len(files - there) == 8 and left in there


async def test_what_is_in_use_by_now_is_left_alone_whatever_was_known_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.screens.dialogs.confirm.ARM_SECONDS", 0.01)
    with served(scenario="calm", speed=SLOW) as server:
        upload: Any = {"files": {"file": ("a.txt", b"a")}, "data": {"purpose": "user_data"}}
        first, second, third = (server.call("POST", "/files", **upload)["id"] for _ in range(3))
        server.call("POST", "/vector_stores", json={"name": "holds nothing yet"})

        def use(file: str) -> None:
            server.call("POST", "/vector_stores", json={"name": "made meanwhile", "file_ids": [file]})

        async with opened(server, "files") as drive:
            assert drive.app.platform
            scheduler, references = drive.app.platform.scheduler, drive.app.platform.references
            scheduler.budget = 6_000
            await drive.until(lambda: references.is_whole and third in drive.table.view.ids, "what uses files")
            drive.table.view.marks.update({first, second})
            await drive.press("Z")
            screen = await shows(drive)
            assert len(screen.plan.remaining) == 2

            # What could not be read while the server was not reached is looked for once it is again.
            server.control("faults", spec="403@GET /evals")
            await drive.press("r")
            await drive.sees("Not looked at: evals")
            scheduler.unreachable = True
            server.control("faults", spec="")
            scheduler.unreachable = False
            await drive.until(lambda: not screen.looking and not screen.plan.unseen.failed, "another look")

            use(first)
            await drive.press("r")
            await drive.sees("1 in use")
            await drive.press("ctrl+d")
            await drive.until(lambda: drive.armed, "the question")
            use(second)
            scheduler.budget = 1  # what is looked at last does not depend on it
            await drive.type("1")
            await drive.press("enter")
            await drive.told("0 of 1 call done, 1 left alone after a last look.")
            assert [screen.plan.state(step) for step in screen.plan.steps] == ["out", "out"]
            await drive.press("escape")
            drive.table.view.marks.clear()
            drive.table.cursor_id = third
            await drive.press("ctrl+d")
            await drive.until(lambda: drive.armed, "the question")
            use(third)
            await drive.press("y")
            await drive.told("It was left alone.")
        there = {each["id"] for each in server.call("GET", "/files?limit=10000")["data"]}
    assert {first, second, third} <= there
