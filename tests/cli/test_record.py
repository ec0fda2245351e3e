"""`o9s record` and `--replay`: what a command printed is printed again, without the platform."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from tests.support.canaries import find_kept_keys
from tests.support.commands import run
from tests.support.driving import served
from tui.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path


def replay(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run `o9s` on a recording, without any key."""
    told = CliRunner().invoke(cli, [*words, "--replay", str(folder)], prog_name="o9s")
    return told.exit_code, told.stdout, told.stderr


def test_what_was_recorded_is_printed_again(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with served(scenario="calm", now=1_790_000_000.0) as server:
        recorded = run(server.url, "record", str(folder), "--", "get", "files", "-o", "csv")
        assert recorded.exit_code == 0, recorded.output
        assert f"1 request recorded in {folder}" in recorded.stderr
        again = run(server.url, "record", str(folder), "get", "files")
        assert again.exit_code == 2
        assert "holds a recording already: name another folder" in again.stderr
        wrong = run(server.url, "record", str(tmp_path / "none"), "--most", "1 MB", "get", "files", "--nonsense")
    assert (wrong.exit_code, "Usage: o9s get [OPTIONS]" in wrong.stderr) == (2, True), wrong.stderr
    shown = run(server.url, "record", str(tmp_path / "none"), "--most", "1kb", "--", "--version")
    assert "version" in shown.stdout
    assert "Nothing was asked" not in wrong.stderr + shown.stderr, "the error says all there is to say"
    assert not (tmp_path / "none").exists()
    with served(scenario="calm") as server:
        file = server.call("GET", "/files")["data"][0]["id"]
        kept = str(tmp_path / "refused")
        told = run(server.url, "--read-only", "record", kept, "--", "delete", "files", file, "--yes", "--used")
        assert (told.exit_code, "Writing is off" in told.stderr) == (1, True), "options before it hold, too"
        for options in (["--profile", "acme,beta"], ["--replay", str(folder), "--sandbox"]):
            told = run(server.url, *options, "record", kept, "--", "get", "files")
            assert told.exit_code == 2, told.output
    assert not find_kept_keys(folder)
    with (folder / "recording.jsonl").open("a") as file:
        file.write("damaged\n")
    code, out, err = replay(folder, "get", "files", "-o", "csv")
    assert (code, out) == (0, recorded.stdout)
    assert "Line 4 is damaged" in err
    told = CliRunner().invoke(cli, ["get", "files", "--replay", str(folder), "--sandbox"], prog_name="o9s")
    assert "--replay takes the place of --sandbox: leave one of them out." in told.stderr


def test_what_cannot_be_replayed_says_why_at_once(tmp_path: Path) -> None:
    assert "holds no recording: o9s record" in replay(tmp_path, "get", "files")[2]
    (tmp_path / "recording.jsonl").write_text(
        json.dumps({"recording": 9, "began": 1.0, "program": "o9s 7"}) + "\n"
    )
    code, _, err = replay(tmp_path, "batches")
    assert (code, "was recorded by o9s 7, in a newer form" in err) == (2, True), err
