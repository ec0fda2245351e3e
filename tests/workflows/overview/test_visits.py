"""What is new since the last visit: every change once, from a file that may be damaged."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.listed import NOW, batch, listed
from tui.system.state_file import StateFile
from tui.workflows.overview.visits import (
    Spent,
    Visit,
    find_changes,
    read_visit,
    summarize,
    take_visit,
    write_visit,
)

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = {"status": "in_progress"}


def nameless(_: str) -> str:
    return ""


def test_each_change_is_told_once(tmp_path: Path) -> None:
    before = listed(
        "batches", batch(1, 5, 1, 0, **RUNNING), batch(2, 5, 1, 0, **RUNNING), batch(3, 5, 5, 0), batch(4, 1, 1, 0)
    )
    files = listed("files", {"id": "file-1", "filename": "kept.jsonl", "created_at": NOW - 9})
    spent = Spent(86_400, Decimal("1.50"))
    write_visit(StateFile(tmp_path / "visit.json"), take_visit([before, files], NOW)._replace(spent=spent))
    kept = read_visit(StateFile(tmp_path / "visit.json"))
    assert kept
    assert kept.spent == spent
    later = NOW + 600
    now = listed(
        "batches",
        batch(6, 1, 1, 0, created_at=NOW + 60),
        batch(1, 5, 5, 0),
        batch(2, 5, 0, 5),
        batch(3, 5, 5, 0),
    )
    files = listed(
        "files",
        {"id": "file-2", "filename": "new.jsonl", "created_at": NOW + 5},
        {"id": "file-1", "filename": "kept.jsonl", "created_at": NOW - 9},
    )
    found = find_changes(kept, [now, files], later, nameless)
    assert [(each.id, each.what) for each in found] == [
        ("batch_6", "new"),
        ("batch_1", "ok"),
        ("batch_2", "all failed"),
        ("batch_4", "gone"),
        ("file-2", "new"),
    ]
    assert summarize(found) == "1 finished · 1 failed · 1 new batch · 1 gone batch · 1 new file"
    assert find_changes(take_visit([now, files], later), [now, files], later, nameless) == []


def test_what_was_only_not_loaded_before_is_not_new() -> None:
    kept = take_visit([listed("batches", batch(2, 1, 1, 0))], NOW)
    more = listed("batches", batch(2, 1, 1, 0), batch(1, 1, 1, 0, created_at=NOW - 90_000))
    assert find_changes(kept, [more], NOW, nameless) == []


def test_what_is_behind_the_first_page_is_not_gone() -> None:
    kept = take_visit([listed("batches", batch(2, 1, 1, 0), batch(1, 1, 1, 0))], NOW)
    page = listed("batches")
    page.apply([batch(2, 1, 1, 0)], after=None, has_more=True, next="batch_2", now=NOW)
    assert find_changes(kept, [page], NOW, nameless) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        json.dumps({"version": 2, "at": NOW, "states": {}}),
        json.dumps({"version": 1, "at": "soon", "states": {}}),
        json.dumps({"version": 1, "at": NOW, "states": [1]}),
        json.dumps({"version": 1, "at": NOW, "states": {"batches": None}}),
        json.dumps({"version": 1, "at": NOW, "states": {"batches": {"batch_1": "ok"}}})[:-9],
    ],
)
def test_a_file_that_is_damaged_or_of_another_version_is_no_visit(tmp_path: Path, text: str) -> None:
    path = tmp_path / "visit.json"
    path.write_text(text)
    file = StateFile(path, "what is new")
    assert read_visit(file) is None
    assert str(path) in file.fault
    assert (tmp_path / "visit.json.bad").read_text() == text, "what could not be used is not lost"
    write_visit(file, Visit(NOW, {"batches": {"batch_1": "ok"}}))
    kept: Any = read_visit(StateFile(path))
    assert kept.states["batches"]["batch_1"] == "ok"
