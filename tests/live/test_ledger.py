"""The ledger of ids seen."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from tui.api.operation import Operation
from tui.live.ledger import Ledger
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

THREADS = Resource(
    "threads", "thread", "Tests", Object, (), get=Operation("getThread", "GET", "/threads/{thread_id}")
)
RUNS = Resource(
    "runs", "run", "Tests", Object, (), get=Operation("getRun", "GET", "/threads/{thread_id}/runs/{run_id}")
)


def test_what_was_seen_is_there_after_a_restart_newest_first(tmp_path: Path) -> None:
    ledger = Ledger("work", tmp_path)
    for id_ in ("thread_1", "thread_2", "thread_1"):
        ledger.note(THREADS, {}, {"id": id_, "created_at": 5})
    ledger.close()
    again = Ledger("work", tmp_path)
    assert again.entries(THREADS, {}) == [
        {"id": "thread_1", "created_at": 5},
        {"id": "thread_2", "created_at": 5},
    ]
    again.forget(THREADS, {}, "thread_1")
    assert [entry["id"] for entry in again.entries(THREADS, {})] == ["thread_2"]


def test_profiles_and_places_are_kept_apart(tmp_path: Path) -> None:
    ledger = Ledger("work", tmp_path)
    ledger.note(THREADS, {}, {"id": "thread_1"})
    ledger.note(RUNS, {"thread_id": "thread_1", "other": "x"}, {"id": "run_1"})
    assert Ledger("home", tmp_path).entries(THREADS, {}) == []
    assert ledger.entries(RUNS, {"thread_id": "thread_2"}) == []
    assert [entry["id"] for entry in ledger.entries(RUNS, {"thread_id": "thread_1"})] == ["run_1"]


def test_it_holds_nothing_of_what_was_said_and_is_private(tmp_path: Path) -> None:
    ledger = Ledger("work", tmp_path)
    ledger.note(
        THREADS, {}, {"id": "thread_1", "metadata": {"a": "SECRET"}, "output": ["SECRET"], "text": "SECRET"}
    )
    ledger.close()
    path = tmp_path / "ledger.sqlite3"
    assert b"SECRET" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.live.ledger.KEPT", 50)
    ledger = Ledger("work", tmp_path)
    for number in range(70):
        ledger.note(THREADS, {}, {"id": f"thread_{number}"})
    ids = [entry["id"] for entry in ledger.entries(THREADS, {})]
    assert len(ids) == 50
    assert ids[0] == "thread_69"


def test_a_file_that_is_none_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(b"nonsense" * 1000)
    ledger = Ledger("work", tmp_path)
    ledger.note(THREADS, {}, {"id": "thread_1"})
    assert [entry["id"] for entry in ledger.entries(THREADS, {})] == ["thread_1"]
    assert "is damaged" in ledger.fault
    assert (tmp_path / "ledger.sqlite3.bad").exists()
    assert [entry["id"] for entry in Ledger("work", tmp_path).entries(THREADS, {})] == ["thread_1"], "kept again"


def test_an_object_without_an_id_is_not_noted(tmp_path: Path) -> None:
    ledger = Ledger("work", tmp_path)
    ledger.note(THREADS, {}, {"id": None})
    assert ledger.entries(THREADS, {}) == []
