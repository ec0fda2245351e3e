"""The main job in a real terminal: start, watch, create, open, follow, upload, download, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.console import opened
from tests.support.driving import served
from tests.support.sent_files import requests_file, texts_file, training_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.console import Console
    from tests.support.driving import Server


def test_from_a_file_of_2000_lines_to_its_output(tmp_path: Path) -> None:
    with served(scenario="calm", speed=5.0) as server, opened(server, "batches") as console:
        console.sees("● live")
        console.press("n")
        console.sees("Same input file as ")
        console.fill(str(requests_file(tmp_path, 2000)))
        console.sees("requests 2,000")
        console.press("ctrl+s")
        console.sees("Created batch ")
        console.until(lambda: any(1 <= n <= 99 for n in _percents(console)), "the bar to move")
        console.until(
            lambda: any(words in console.text for words in ("2,000/2,000", "2,000 ok")), "all answers", 60
        )
        console.until(lambda: "✓ ok" in console.lines[4], "the batch to be ok", 60)
        console.press("l")
        console.sees('"custom_id"')
        console.command("request-1999", "/")
        console.sees("match 1/1")
        console.press("q", "q")
        console.sees("● live")
        assert not console.strangers()


def _percents(console: Console) -> list[int]:
    return [int(word) for word in console.lines[4].replace("%", " % ").split() if word.isdigit()]


def test_a_fine_tuning_job_with_events_curves_and_checkpoints(tmp_path: Path) -> None:
    with served(scenario="calm", speed=20.0) as server, opened(server, "fine-tuning") as console:
        console.sees("● live")
        console.press("n")
        console.sees("training file")
        console.sees("The model to start from.")
        console.press("tab")
        console.sees("▌file-")  # one to write over, from the job that this is like
        console.fill(str(training_file(tmp_path)))
        console.sees("examples 20")
        console.press("ctrl+s")
        console.sees("Created fine-tuning job ")
        console.press("enter")
        console.sees("EVENTS")
        console.sees("loss")
        console.until(
            lambda: sum(0x2800 < ord(char) <= 0x28FF for char in console.text) > 10, "the curves to grow"
        )
        console.sees("successfully completed", 60)
        console.sees("✓ succeeded", 30)
        job = server.call("GET", "/fine_tuning/jobs")["data"][0]
        events = server.call("GET", f"/fine_tuning/jobs/{job['id']}/events?limit=100")["data"]
        assert events[0]["message"][:20] in console.text
        console.press(">")
        console.sees("CHECKPOINTS")
        checkpoints = server.call("GET", f"/fine_tuning/jobs/{job['id']}/checkpoints")["data"]
        console.sees(f" {checkpoints[0]['step_number']} ")
        console.press(">")
        console.sees("train")
        assert not console.strangers()


def test_a_file_goes_up_comes_down_and_goes_away(tmp_path: Path) -> None:
    content = texts_file(tmp_path / "data.jsonl", *["é" * 20] * 500)
    folder = tmp_path / "down"
    folder.mkdir()
    with served(scenario="calm") as server, opened(server, "files") as console:
        console.sees("● live")
        console.press("n")
        console.sees("A file on this machine")
        console.fill(str(tmp_path / "data.jsonl"))
        console.sees("purpose *")
        console.press("ctrl+s")
        console.sees("Created file ")
        file = server.call("GET", "/files")["data"][0]
        assert file["bytes"] == len(content)
        console.press("enter")
        console.sees('{"input": "éééé')
        console.press("q")
        console.sees("upload")
        console.press("D")
        console.sees("Download to")
        console.fill(str(folder))
        console.press("enter")
        console.sees("Saved")
        assert [path.read_bytes() for path in folder.iterdir()] == [content]
        console.press("ctrl+d")
        console.sees("Delete this file?")
        console.until(lambda: _answered(console, server, file["id"]), "the file to go")


def _answered(console: Console, server: Server, id_: str) -> bool:
    """Agree until the dialog listens, and tell whether the file is gone."""
    if "Delete this file?" in console.text:
        console.press("y")
        console.read(0.3)
    return id_ not in [each["id"] for each in server.call("GET", "/files")["data"]]
