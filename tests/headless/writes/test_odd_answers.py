"""Answers to writes by commands that are no success: nothing is built on them, and the code says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from tests.support.commands import lines, run
from tests.support.odd_server import odd_server
from tests.support.sent_files import texts_file
from tui.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BATCH = ("create", "batches", "--set", "endpoint=/v1/moderations", "--set")


def test_nothing_is_made_with_a_file_that_has_no_id(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    texts_file(path, "a")
    answer: dict[str, Any] = {}
    created: list[str] = []

    def create(_: object) -> int:
        created.append("batch")
        return 500

    with odd_server({"POST /files": lambda _: answer, "POST /batches": create}) as url:
        for id_ in ("missing", None, 7, ""):
            answer = {} if id_ == "missing" else {"id": id_}
            told = run(url, *BATCH, f"input_file_id={path}")
            assert (told.exit_code, told.stdout) == (7, ""), told.output
            assert "It is not known whether this was done: The upload was answered without the id" in told.stderr
            told = run(url, "upload", str(path), "--purpose", "batch")
            assert (told.exit_code, lines(told)[0]["outcome"]) == (7, "unknown"), told.output
        answer = {"id": "file-1", "status": "error", "status_details": "no room"}
        told = run(url, *BATCH, f"input_file_id={path}")
        assert told.exit_code == 1, told.output
        assert "The platform has it as file-1 and cannot use it: no room." in told.stderr
        size = path.stat().st_size
        for other, said in (
            ({"bytes": size - 1}, f"has it as file-1, but with {size - 1:,} bytes where {size:,} were sent"),
            ({"bytes": str(size + 1)}, f"but with {size + 1:,} bytes"),
            ({"purpose": "assistants"}, "but for assistants where it was sent for batch: that file is not used."),
        ):
            answer = {"id": "file-1", **other}
            told = run(url, *BATCH, f"input_file_id={path}")
            assert told.exit_code == 1, told.output
            assert said in told.stderr
            assert "Delete it and try again." in told.stderr
        assert not created
        answer = {"id": "file-1", "bytes": 0, "purpose": "Batch"}
        run(url, *BATCH, f"input_file_id={path}")
        assert created


def test_what_has_no_id_is_told_and_a_line_is_one_id() -> None:
    ids = [None, "", 7, ["a"], True, "file-2\nfile-3", "file-1"]
    data = [{"object": "file", "filename": "x"}, *({"id": id_, "filename": "y"} for id_ in ids)]
    with odd_server({"/files": {"object": "list", "data": data, "has_more": False}}) as url:
        told = run(url, "get", "files", "-o", "ids")
    assert told.stdout.split() == ["7", "file-1"]
    assert told.exit_code == 7, told.output
    assert "6 of the files cannot be printed: the server gave no id that can be used." in told.stderr


def test_a_profile_that_is_none_is_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text("[profiles.work]\nkey_command = 'op read'\n")
    monkeypatch.setenv("O9S_CONFIG_DIR", str(tmp_path))
    url = "http://127.0.0.1:9/v1"
    told = run(url, "get", "files", "--profile", "nosuch")
    assert (told.exit_code, told.stdout) == (2, ""), told.output
    assert "There is no profile nosuch. There are: work." in told.stderr
    told = run(url, "get", "files", "--profile", "wrok")
    assert "There is no profile wrok. Did you mean work? There are: work." in told.stderr
    for nothing in ("", ",,", " "):
        told = run(url, "get", "files", "--profile", nothing)
        assert told.exit_code == 2, told.output
        assert "It names no profile: leave it out for the usual one." in told.stderr
    told = run(url, "get", "files", "--profile", "work")
    assert told.exit_code == 1, told.output
    assert "profiles.work.key_command must be a list of texts" in told.stderr
    assert "Mend it in the config file." in told.stderr


def test_without_profiles_none_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O9S_CONFIG_DIR", str(tmp_path))
    for words in (["get", "files"], ["open", "files"]):
        told = run("http://127.0.0.1:9/v1", *words, "--profile", "work")
        assert (told.exit_code, told.stdout) == (2, ""), told.output
        assert "There is no profile work. There are none: `o9s auth login --profile NAME` makes one" in told.stderr


def test_with_a_config_that_cannot_be_read_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[profiles.work]\nread_only = tru")
    monkeypatch.setenv("O9S_CONFIG_DIR", str(tmp_path))
    why = f"{path} line 2 is no valid TOML: Invalid value."
    with odd_server({}) as url:
        told = run(url, "create", "vector-stores", "--set", "name=x")
    assert told.exit_code == 1, told.output
    assert why in told.stderr
    assert "read-only" in told.stderr
    for words in (["get", "files"], ["open", "files"]):
        told = run(url, *words, "--profile", "work")
        assert told.exit_code == 2, told.output
        assert f"Profile work cannot be looked up. {why}" in told.stderr
    told = CliRunner().invoke(cli, ["config"])
    assert (told.exit_code, told.stdout) == (1, ""), told.output
    assert told.stderr.startswith(why)
    told = CliRunner().invoke(cli, ["auth", "login", "--profile", "work", "--with-key"], input="sk-x")
    assert told.exit_code == 1, told.output
    assert "it is left as it is" in told.stderr


def test_what_failed_at_once_and_what_was_not_done_is_told() -> None:
    fault = {"message": "Quota is used up."}
    made = {"id": "batch_1", "object": "batch", "input_file_id": "file-1", "status": "failed"}
    running = {**made, "status": "in_progress"}
    answers: dict[str, Any] = {
        "POST /batches": {**made, "errors": {"data": [fault]}},
        "/batches/batch_1": running,
        "POST /batches/batch_1/cancel": running,
        "/files/file-1": {"id": "file-1", "object": "file"},
        "DELETE /files/file-1": {"id": "file-1", "deleted": False},
    }
    with odd_server(answers) as url:
        told = run(url, *BATCH, "input_file_id=file-1")
        (line,) = lines(told)
        assert (told.exit_code, line["outcome"], line["id"]) == (4, "failed", "batch_1"), told.output
        assert "has failed at once: Quota is used up." in told.stderr
        told = run(url, "cancel", "batches", "batch_1", "--yes")
        assert (told.exit_code, lines(told)[0]["outcome"]) == (0, "asked"), told.output
        assert "Asked to cancel batch_1; it is still in_progress." in told.stderr
        told = run(url, "delete", "files", "file-1", "--yes", "--used")
        assert (told.exit_code, lines(told)[0]["outcome"]) == (4, "failed"), told.output
        assert "The server answered that it was not deleted." in told.stderr
        answers["POST /batches"] = {}
        told = run(url, *BATCH, "input_file_id=file-1")
        assert (told.exit_code, json.loads(told.stdout)["outcome"]) == (7, "unknown"), told.output
