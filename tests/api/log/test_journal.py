"""The journal of writes: private, bounded, and never in the way."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from tui.api.log import journal as module
from tui.api.log.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path


def test_a_write_is_two_lines_and_one_entry(tmp_path: Path) -> None:
    journal = Journal("work", tmp_path / "state", clock=lambda: 5.0)
    entry = journal.begin("DELETE", "/files/file-1", {"file_id": "file-1"})
    assert journal.entries()[0]["outcome"] == "open"
    journal.end(entry, "done", status=200, request_id="req_1")
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    assert [line["phase"] for line in lines] == ["begin", "end"]
    assert journal.entries() == [
        {
            "entry": entry,
            "time": 5.0,
            "profile": "work",
            "method": "DELETE",
            "path": "/files/file-1",
            "ids": {"file_id": "file-1"},
            "outcome": "done",
            "status": 200,
            "request_id": "req_1",
        }
    ]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_it_is_private(tmp_path: Path) -> None:
    journal = Journal("work", tmp_path / "state")
    journal.begin("POST", "/batches", {})
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_a_key_in_an_id_is_not_written(tmp_path: Path) -> None:
    journal = Journal("work", tmp_path)
    key = "sk-proj-" + "TESTONLY" * 4
    journal.begin("DELETE", f"/files/{key}", {"file_id": key})
    assert "TESTONLY" not in journal.path.read_text()


def test_it_keeps_the_last_and_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FILE_BYTES", 2000)
    journal = Journal("work", tmp_path)
    for number in range(200):
        journal.end(journal.begin("POST", f"/batches/{number}", {}), "done")
    assert len(list(tmp_path.iterdir())) == 5
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    assert [entry["path"] for entry in journal.entries(3)] == ["/batches/197", "/batches/198", "/batches/199"]


def test_lines_cut_by_a_crash_cost_nothing_else(tmp_path: Path) -> None:
    journal = Journal("work", tmp_path)
    journal.begin("POST", "/a", {})
    with journal.path.open("a") as file:
        file.write('{"entry": "x", "pha\n[1]\nnull\n"text"\n{}\n')
    journal.begin("POST", "/b", {})
    assert [entry["path"] for entry in journal.entries()] == ["/a", "/b"]


def test_a_journal_that_cannot_be_written_says_so_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    journal = Journal("work", tmp_path / "state")
    journal.end(journal.begin("POST", "/batches", {}), "done")
    assert "cannot be written" in journal.fault
    assert journal.entries() == []
