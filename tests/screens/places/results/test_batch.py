"""A batch's results: joined from its files, read, narrowed to a cause, saved, and sent again."""

from __future__ import annotations

import csv
import json
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Drive, Server, opened, served
from tests.support.odd_server import odd_server, with_batch
from tui.screens.dialogs.retry import Retry
from tui.screens.dialogs.transfer import Transfer
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.form import Form
from tui.screens.forms.pick_object import PickObject
from tui.screens.places.object import ObjectScreen
from tui.screens.places.results.batch import ResultsScreen
from tui.widgets.detail.summary import Summary
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An account with batches of every kind."""
    with served(scenario="calm", speed=20.0) as server:
        yield server


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where private files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def lines(server: Server, file_id: str) -> list[dict[str, Any]]:
    content: bytes = server.call("GET", f"/files/{file_id}/content")
    return [json.loads(line) for line in content.splitlines()]


def the(server: Server, **wanted: Any) -> dict[str, Any]:
    """The oldest batch with these fields; `failed` is whether some, but not all, of its requests failed."""

    def fits(batch: dict[str, Any]) -> bool:
        counts = batch["request_counts"]
        told = {**batch, "some failed": 0 < counts["failed"] < counts["total"]}
        return all(told[name] == value for name, value in wanted.items())

    batches = server.call("GET", "/batches?limit=100")["data"]
    found: dict[str, Any] = next(batch for batch in reversed(batches) if fits(batch))
    return found


async def shown(drive: Drive, id_: str) -> ResultsScreen:
    """Go to the results of a batch by enter."""
    drive.table.cursor_id = id_
    await drive.until(lambda: drive.record and drive.record.id == id_, "the batch under the cursor")
    await drive.press("enter")
    await drive.until(lambda: isinstance(drive.app.screen, ResultsScreen), "the results")
    screen = drive.app.screen
    assert isinstance(screen, ResultsScreen)
    await drive.until(lambda: screen.results and len(screen.view), "the rows")
    return screen


async def test_requests_and_answers_are_joined_read_and_gone_afterwards(server: Server, temporary: Path) -> None:
    batch = the(server, status="expired")
    asked = lines(server, batch["input_file_id"])
    good = {line["custom_id"] for line in lines(server, batch["output_file_id"])}
    async with opened(server) as drive:
        screen = await shown(drive, batch["id"])
        rows = {record.raw["custom_id"]: record.raw for record in screen.list_watch.collection.records.values()}
        assert list(rows) == [line["custom_id"] for line in asked]
        assert {name for name, row in rows.items() if row["outcome"] == "ok"} == good
        await drive.sees(f"ok {len(good)} · expired")
        await drive.sees("400 unsupported_value 1")
        assert "counts" not in drive.text()  # they agree
        (folder,) = temporary.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        await drive.press("slash")
        await drive.type("outcome:expired")
        await drive.press("enter")
        never = next(line for line in asked if rows[line["custom_id"]]["outcome"] == "expired")
        await drive.until(lambda: drive.record.id == never["custom_id"], "the first that expired")
        await drive.press("enter")
        await drive.sees("batch_expired: This request could not be executed")
        await drive.sees(never["body"]["messages"][0]["content"][:40])
        await drive.press("y")
        await drive.sees('"custom_id"')
        await drive.press("y", "escape")
        await drive.press("exclamation_mark", "exclamation_mark")
        await drive.until(lambda: len(screen.view) == len(asked) - len(good), "what has no good answer")
        await drive.press("escape", "escape")
        await drive.until(lambda: not isinstance(drive.app.screen, ResultsScreen), "the list of batches")
        assert drive.table.cursor_id == batch["id"]
        await drive.until(lambda: not list(temporary.iterdir()), "the private files to go")


async def test_a_cause_shows_its_rows_and_both_texts_are_saved_together(server: Server, tmp_path: Path) -> None:
    batch = the(server, status="completed", **{"some failed": True})
    failed = [line["custom_id"] for line in lines(server, batch["error_file_id"])]
    async with opened(server) as drive:
        screen = await shown(drive, batch["id"])
        await drive.press("E")
        await drive.sees("Why requests have no good answer")
        await drive.press("enter")
        await drive.until(lambda: sorted(screen.view.ids) == sorted(failed), "the rows of the cause")
        for form in ("jsonl", "csv"):
            await drive.press("ctrl+s")
            await drive.sees(f"{batch['id']}.joined.jsonl")
            await drive.press("ctrl+u")
            path = tmp_path / f"out.{form}"
            await drive.type(str(path))
            await drive.press("enter")
            await drive.until(path.is_file, f"the {form}")
        await drive.told(f"Saved {len(failed):,} results")
        kept = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        table = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
        requests = {line["custom_id"]: line["body"] for line in lines(server, batch["input_file_id"])}
        assert sorted(line["custom_id"] for line in kept) == sorted(failed)
        assert all(line["request"]["body"] == requests[line["custom_id"]] for line in kept)
        assert [row["custom_id"] for row in table] == [line["custom_id"] for line in kept]
        assert all(row["message"] and row["outcome"] == "failed" for row in table)


async def test_what_did_not_run_is_sent_again_in_four_keys(server: Server) -> None:
    batch = the(server, status="expired")
    errors = lines(server, batch["error_file_id"])
    expired = {line["custom_id"] for line in errors if line["response"] is None}
    before = {each["id"] for each in server.call("GET", "/batches?limit=100")["data"]}
    async with opened(server) as drive:
        await shown(drive, batch["id"])
        await drive.press("R")
        await drive.sees(f"{len(expired)} requests · ")
        await drive.press("enter")
        await drive.sees("✓ ")
        await drive.sees(f"requests {len(expired)} ")
        await drive.press("ctrl+s")
        await drive.told("Created batch ")
        data = server.call("GET", "/batches?limit=100")["data"]
        (new,) = (each for each in data if each["id"] not in before and "retry_of" in (each["metadata"] or {}))
        assert new["metadata"] == {**batch["metadata"], "retry_of": batch["id"]}
        assert new["endpoint"] == batch["endpoint"]
        originals = {line["custom_id"]: line for line in lines(server, batch["input_file_id"])}
        again = lines(server, new["input_file_id"])
        assert {line["custom_id"] for line in again} == expired
        assert all(line == originals[line["custom_id"]] for line in again)
        await drive.until(lambda: drive.record and drive.record.id == new["id"], "the cursor on the new batch")


async def test_keys_that_could_do_nothing_are_not_offered(server: Server) -> None:
    listed = server.call("GET", "/batches?limit=100")["data"]
    batch = next(each for each in listed if each["status"] == "completed" and not each["request_counts"]["failed"])
    async with opened(server) as drive:
        await shown(drive, batch["id"])
        assert not any(words in drive.text() for words in ("R send again", "E causes"))
        await drive.press("R")
        await drive.told("Every request was answered. Mark rows with space to send those again.")
        await drive.press("space")
        await drive.sees("R send again")
        assert "E causes" not in drive.text()


@pytest.mark.opens("Retry", "ResultsScreen")
async def test_a_file_of_what_was_marked_is_written_whole_or_not_at_all(server: Server, tmp_path: Path) -> None:
    batch = the(server, status="expired")
    content = server.call("GET", f"/files/{batch['input_file_id']}/content").splitlines(keepends=True)
    target = tmp_path / "again.jsonl"
    async with opened(server, read_only=True) as drive:
        await shown(drive, batch["id"])
        await drive.press("space", "space", "R")
        await drive.sees("[x] only the marked")
        await drive.press("enter")
        await drive.sees("Cannot send them now: read-only mode is on")
        await drive.press("down", "down", "space")  # off: nothing is left
        await drive.sees("Nothing is ticked.")
        await drive.press("w")
        assert isinstance(drive.app.screen, Retry)
        await drive.press("space", "w")
        await drive.sees("Write the requests to")
        await drive.press("ctrl+u")
        await drive.type(str(target))
        await drive.press("enter")
        await drive.told("Saved 2 requests")
        assert target.read_bytes() == b"".join(content[:2])
        await drive.press("R", "w")
        await drive.sees("Write the requests to")
        await drive.press("ctrl+u")
        await drive.type(str(target))
        await drive.press("enter")
        await drive.told("exists")
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["again.jsonl"]


async def test_what_the_platform_refused_is_not_sent_again_unasked(server: Server) -> None:
    batch = the(server, status="expired")
    async with opened(server) as drive:
        await shown(drive, batch["id"])
        await drive.press("R")
        await drive.sees("[ ] refused                  1  would fail again unchanged")
        await drive.press("down", "space")
        await drive.sees("21 requests · ")
        await drive.sees("each with its own model")
        await drive.press("m")
        await drive.until(lambda: isinstance(drive.app.screen, PickObject), "the models")
        await drive.type("gpt-4.1-mini")
        await drive.press("enter")
        await drive.sees(" · with gpt-4.1-mini")
        await drive.press("s")
        await drive.sees("Field of the body to set")
        await drive.sees("Set a field of the requests sent again")
        await drive.type("temperature")
        await drive.press("enter")
        await drive.sees("temperature is no FIELD=VALUE")
        await drive.type("=0")
        await drive.press("enter")
        await drive.sees(" · with gpt-4.1-mini, temperature=0")
        await drive.press("escape")
        await drive.until(lambda: isinstance(drive.app.screen, ResultsScreen), "the results")
        await drive.press("R", "enter")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.press("escape")
        await drive.until(lambda: isinstance(drive.app.screen, ResultsScreen), "the results")


@pytest.mark.opens("ObjectScreen")
async def test_enter_opens_the_object_where_there_are_no_results_yet(server: Server) -> None:
    batch = the(server, status="failed")
    async with opened(server) as drive:
        drive.table.cursor_id = batch["id"]
        await drive.until(lambda: drive.record and drive.record.id == batch["id"], "the batch under the cursor")
        await drive.sees("enter open")
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, ObjectScreen), "the object")
        await drive.press("enter")
        await drive.told("it has neither output nor errors")


async def test_files_that_are_gone_are_told_and_the_rest_is_joined(server: Server) -> None:
    batch = the(server, status="completed", output_file_id=None)
    error, input_ = batch["error_file_id"], batch["input_file_id"]
    async with opened(server) as drive:
        server.control("faults", spec=f"404@/files/{input_}")
        try:
            screen = await shown(drive, batch["id"])
            await drive.sees("The input file is gone")
            assert screen.results and len(screen.results) == batch["request_counts"]["failed"]
            await drive.press("R")
            await drive.told("the input file is gone")
            server.control("faults", spec=f"404@/files/{error},404@/files/{input_}")
            await drive.press("r")
            await drive.sees("The results of this batch are gone.")
            assert len(screen.view)  # what came stays
            server.control("faults", spec="")
            await drive.press("r")
            await drive.until(lambda: screen.results and screen.results.has_requests, "all of them to be there")
            assert "The input file is gone" not in drive.text()
        finally:
            server.control("faults", spec="")


@pytest.mark.opens("Transfer")
async def test_a_download_is_stopped_and_a_lost_link_is_tried_again(server: Server, temporary: Path) -> None:
    batch = the(server, status="completed", **{"some failed": True})
    content = f"/files/{batch['output_file_id']}/content"
    async with opened(server) as drive:
        drive.table.cursor_id = batch["id"]
        await drive.until(lambda: drive.record and drive.record.id == batch["id"], "the batch under the cursor")
        try:
            server.control("faults", spec=f"drip=300ms@{content}")
            await drive.press("enter")
            await drive.until(lambda: isinstance(drive.app.screen, Transfer), "the transfer")
            await drive.press("escape")
            await drive.told("Stopped; nothing was kept.")
            await drive.sees("OUTCOME")
            assert not isinstance(drive.app.screen, ResultsScreen)
            assert not list(temporary.iterdir())
            server.control("faults", spec=f"403@{content}")
            await drive.press("enter")
            await drive.sees("the good answers are lost")
            server.control("faults", spec="500@/batches")
            await drive.press("r")
            await drive.sees("r tries again.")
            assert len(drive.app.screen.query_one(LiveTable).view)
        finally:
            server.control("faults", spec="")
        await drive.press("r")
        await drive.until(lambda: "tries again" not in drive.text() and "lost" not in drive.text(), "the whole")


def refused(server: Server) -> tuple[str, list[bytes]]:
    """A batch that is refused for two of its lines, and all of them."""
    lines_ = [
        json.dumps(
            {
                "custom_id": f"r{number}",
                "method": "POST" if number not in (3, 5) else "GET",
                "url": "/v1/chat/completions",
                "body": {"model": "gpt-5-mini", "messages": [{"role": "user", "content": f"Say {number}"}]},
            }
        ).encode()
        + b"\n"
        for number in range(1, 7)
    ]
    named = {"file": ("r.jsonl", b"".join(lines_))}
    file = server.call("POST", "/files", files=named, data={"purpose": "batch"})["id"]
    body = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    return server.call("POST", "/batches", json=body)["id"], lines_


async def test_a_refused_batch_leads_to_its_faulty_lines_and_is_sent_again_without_them(server: Server) -> None:
    id_, content = refused(server)
    async with opened(server) as drive:
        await drive.until(lambda: drive.table.view.index(id_) is not None, "the batch in the list")
        drive.table.cursor_id = id_
        await drive.until(lambda: drive.record and drive.record.object.outcome == "invalid", "it to be refused")
        assert drive.record.object.faulty_lines == [3, 5]
        await drive.sees("line 3: ")
        await drive.press("E")
        await drive.until(lambda: isinstance(drive.app.screen, Viewer), "the file")
        await drive.sees('3 │ {"custom_id": "r3"')
        await drive.sees("3/6")
        await drive.press("b")
        await drive.sees("3 │ r3 ")
        await drive.press("b")
        await drive.sees('3 │ {"custom_id": "r3"')
        await drive.press("escape")
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, ObjectScreen), "the object")
        summary = drive.app.screen.query_one(Summary)
        summary.focus()
        row = next(row for row in range(summary.count()) if summary.raw(row).endswith("#5"))
        summary.move_to(row)
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, Viewer), "the file")
        await drive.sees("5/6")
        await drive.press("escape")
        await drive.press("R")
        await drive.sees("without the faulty lines")
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("requests 4 ")
        before = {each["id"] for each in server.call("GET", "/batches?limit=100")["data"]}
        await drive.press("ctrl+s")
        await drive.told("Created batch ")
        data = server.call("GET", "/batches?limit=100")["data"]
        (new,) = (each for each in data if each["id"] not in before and "retry_of" in (each["metadata"] or {}))
        assert new["metadata"] == {"retry_of": id_}
        sent = server.call("GET", f"/files/{new['input_file_id']}/content")
        assert sent == b"".join(line for number, line in enumerate(content, 1) if number not in (3, 5))


async def test_what_needs_its_owner_is_sorted_to_the_front(server: Server) -> None:
    async with opened(server) as drive:
        await drive.until(lambda: len(drive.table.view) > 3, "the list")
        before = list(drive.table.view.ids)
        needing = drive.table.view.collection.attention()
        await drive.press("X")
        await drive.sees("needs you")
        wanted = [id_ for id_ in before if id_ in needing]
        assert list(drive.table.view.ids)[: len(wanted)] == wanted
        await drive.press("X")
        await drive.until(lambda: list(drive.table.view.ids)[-len(wanted) :] == wanted, "them at the end")


@pytest.mark.parametrize("end", [b"\r", b"\n"])
async def test_files_of_which_nothing_can_be_read_are_never_called_answered(end: bytes) -> None:
    line = b'{"custom_id": "a", "response": {"status_code": 200, "body": {"choices": [{"message": {}}]}}}'
    files = {"input": end.join([line, line, b""]), "output": end.join([line, line, b""])}
    if end == b"\n":
        files = dict.fromkeys(files, end)
    counts = {"total": 2, "completed": 2, "failed": 0}
    told = "lines that cannot be read" if end == b"\r" else "no request and no answer"
    with odd_server(with_batch({"request_counts": counts}, **files)) as url:
        async with opened(base_url=url) as drive:
            await drive.until(lambda: drive.record, "the batch")
            await drive.press("enter")
            await drive.until(lambda: getattr(drive.app.screen, "results", None) is not None, "the results")
            for key in ("E", "R"):
                await drive.press(key)
                await drive.told(told)
            assert not any("was answered" in toast.message for toast in drive.toasts), drive.toasts
