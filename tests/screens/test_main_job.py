"""The main job from the keyboard, with its effect on the server checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.driving import Server, opened
from tests.support.sent_files import requests_file, texts_file, training_file
from tui.screens.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_batch_from_a_local_file_to_its_output(fresh: Server, tmp_path: Path) -> None:
    path = requests_file(tmp_path)
    before = {batch["id"] for batch in fresh.call("GET", "/batches")["data"]}
    async with opened(fresh) as drive:
        await drive.press("n")
        await drive.sees("Same input file as ")
        await drive.type(str(path))
        await drive.sees("requests 200")
        await drive.sees("gpt-5-mini")
        await drive.press("ctrl+s")
        new = await drive.until(
            lambda: [batch for batch in fresh.call("GET", "/batches")["data"] if batch["id"] not in before],
            "the batch on the server",
        )
        assert len(new) == 1
        assert new[0]["endpoint"] == "/v1/chat/completions"
        id_ = new[0]["id"]
        await drive.until(lambda: drive.table.cursor_id == id_, "the cursor on the new batch")
        await drive.until(lambda: drive.record.raw["status"] == "completed", "the batch to complete", 40)
        await drive.press("l")
        await drive.sees('"custom_id":')
        output = fresh.call("GET", f"/batches/{id_}")["output_file_id"]
        first = fresh.call("GET", f"/files/{output}/content").splitlines()[0].decode()
        await drive.sees(first[:60])
        await drive.press("enter")
        await drive.sees("▾")
        await drive.press("q", "q")
        await drive.sees("✓ ok")


async def test_a_faulty_file_is_refused_before_anything_is_sent(fresh: Server, tmp_path: Path) -> None:
    path = requests_file(tmp_path, 3)
    path.write_text(path.read_text() + '{"custom_id": "request-1", "method": "GET"\nnonsense\n')
    files = len(fresh.call("GET", "/files")["data"])
    async with opened(fresh) as drive:
        await drive.press("n")
        await drive.type(str(path))
        await drive.sees("line 4 is not JSON")
        await drive.press("ctrl+s")
        await drive.sees("Nothing was sent")
        assert len(fresh.call("GET", "/files")["data"]) == files
        await drive.press("escape")
        await drive.sees("batches")


async def test_cancelling_asks_and_cancel_is_the_default(slow: Server, tmp_path: Path) -> None:
    content = requests_file(tmp_path, 2000).read_bytes()
    uploaded = slow.call("POST", "/files", files={"file": ("r.jsonl", content)}, data={"purpose": "batch"})
    body = {"input_file_id": uploaded["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    id_ = slow.call("POST", "/batches", json=body)["id"]
    async with opened(slow) as drive:
        await drive.press("ctrl+x")
        await drive.sees("Cancel this batch?")
        await drive.sees(id_)
        await drive.until(lambda: drive.armed, "the dialog to listen")
        await drive.press("enter")
        await drive.until(lambda: not isinstance(drive.app.screen, Confirm), "the dialog to close")
        await drive.press("r")  # asked after whatever the dialog may have sent
        await drive.sees("● live")
        assert slow.call("GET", f"/batches/{id_}")["cancelling_at"] is None
        await drive.press("ctrl+x")
        await drive.sees("Cancel this batch?")
        await drive.answer()
        await drive.until(
            lambda: slow.call("GET", f"/batches/{id_}")["cancelling_at"], "the batch to be cancelled"
        )


async def test_a_fine_tuning_job_from_file_to_checkpoints(fresh: Server, tmp_path: Path) -> None:
    path = training_file(tmp_path)
    async with opened(fresh, "fine-tuning") as drive:
        await drive.press("n")
        await drive.sees("training file")
        await drive.press("tab")
        await drive.type(str(path))
        await drive.sees("examples 20")
        await drive.press("ctrl+s")
        await drive.sees("Created fine-tuning job ")
        job = fresh.call("GET", "/fine_tuning/jobs")["data"][0]["id"]
        await drive.until(lambda: drive.table.cursor_id == job, "the cursor on the new job")
        await drive.press("enter")
        await drive.sees("EVENTS")
        await drive.sees("loss", 30)
        await drive.until(
            lambda: fresh.call("GET", f"/fine_tuning/jobs/{job}")["status"] == "succeeded",
            "the job to succeed",
            40,
        )
        await drive.press("r")
        from tui.widgets.text.event_log import EventLog

        def same() -> bool:
            events: list[dict[str, object]] = []
            while True:
                after = f"&after={events[-1]['id']}" if events else ""
                page = fresh.call("GET", f"/fine_tuning/jobs/{job}/events?limit=100{after}")
                events += page["data"]
                if not page["has_more"]:
                    break
            shown = [line.key for line in drive.app.screen.query_one(EventLog).lines]
            return shown == [event["id"] for event in reversed(events)]

        await drive.until(same, "every event once and in order", 30)
        await drive.press("greater_than_sign")
        await drive.sees("CHECKPOINTS")
        await drive.sees("ckpt")
        await drive.press("greater_than_sign")
        await drive.sees("train")
        await drive.press("q")
        await drive.sees("✓ succeeded")


async def test_files_uploaded_viewed_downloaded_deleted(fresh: Server, tmp_path: Path) -> None:
    path = tmp_path / "some data.jsonl"
    content = texts_file(path, *["é"] * 100)
    async with opened(fresh, "files") as drive:
        await drive.press("n")
        await drive.sees("purpose")
        await drive.type(str(path))
        await drive.sees(f"{len(content) / 1000:.1f} kB")
        await drive.press("ctrl+s")
        await drive.sees("Created file ")
        file = fresh.call("GET", "/files")["data"][0]
        assert (file["filename"], file["bytes"], file["purpose"]) == ("some data.jsonl", len(content), "batch")
        await drive.until(lambda: drive.table.cursor_id == file["id"], "the cursor on the new file")
        await drive.press("enter")
        await drive.sees('{"input": "é"}')
        await drive.press("q")
        target = tmp_path / "down"
        target.mkdir()
        await drive.press("D")
        await drive.sees("Download to")
        await drive.press("backspace")
        await drive.type(str(target))
        await drive.press("enter")
        saved = await drive.until(lambda: list(target.glob("file-*")), "the download")
        await drive.told("Saved")
        assert [each.read_bytes() for each in saved] == [content]
        await drive.press("ctrl+d")
        await drive.sees("Delete this file?")
        await drive.answer()
        await drive.until(
            lambda: file["id"] not in [each["id"] for each in fresh.call("GET", "/files")["data"]],
            "the file to go",
        )
        await drive.until(lambda: drive.table.cursor_id != file["id"], "the row to go")


async def test_deleting_many_wants_their_number(fresh: Server) -> None:
    ids = [
        fresh.call("POST", "/files", files={"file": (f"{n}.txt", b"x")}, data={"purpose": "user_data"})["id"]
        for n in range(3)
    ]
    async with opened(fresh, "files") as drive:
        await drive.press("space", "space", "space")
        await drive.sees("3 marked")
        await drive.press("ctrl+d")
        await drive.sees("Type 3 to confirm")
        await drive.until(lambda: drive.armed, "the dialog to listen")
        await drive.press("2", "enter")
        assert {each["id"] for each in fresh.call("GET", "/files")["data"]} >= set(ids)
        await drive.press("backspace", "3", "enter")
        await drive.until(
            lambda: not {each["id"] for each in fresh.call("GET", "/files")["data"]} & set(ids), "all three to go"
        )
        await drive.told("3 of 3")
