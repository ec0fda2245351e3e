"""What the shell offers after a tab: names that there are, and no request is made for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete

from tests.support.driving import write_config
from tui.cli.main import cli
from tui.live.ledger import Ledger, recall_ids
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path


def offered(line: str) -> list[str]:
    """What is offered for the last word of a line; it may be empty."""
    *words, typed = line.split(" ")
    return [item.value for item in ShellComplete(cli, {}, "o9s", "_O9S_COMPLETE").get_completions(words, typed)]


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("fi", ["files", "fine-tuning", "file-batches"]),
        ("del", ["delete"]),
        ("get bat", ["batches"]),
        ("get vs", ["vs", "vsf"]),
        ("cancel b", ["batches"]),
        ("cancel f", ["fine-tuning", "file-batches"]),
        ("act batches ", ["create", "cancel", "resend"]),
        ("act fine-tuning p", ["pause"]),
        ("create batches --set ", ["input_file_id=", "endpoint=", "metadata="]),
        ("create batches --set endpoint=/v1/r", ["endpoint=/v1/responses"]),
        ("act files upload --set p", ["purpose="]),
        ("edit vs --set ex", ["expires_after.days="]),
        ("create responses --set store=", ["store=true", "store=false"]),
        ("get batches --columns id,out", ["id,outcome", "id,output_file_id"]),
        ("get batches --sort ag", ["age"]),
        ("upload x --purpose b", ["batch"]),
        ("upload x --to ski", ["skills", "skill-versions"]),
        ("get files --profile w", ["work"]),
        ("usage emb", ["embeddings"]),
        ("costs --by project,k", ["project,key"]),
    ],
)
def test_names_are_completed(line: str, some: list[str]) -> None:
    write_config('[profiles.work]\nproject = "proj_1"\n[profiles.home]\n')
    found = offered(line)
    assert set(some) <= set(found), found
    typed = line.split(" ")[-1]
    assert all(name.startswith(typed) for name in found), found


def test_a_profile_is_named_once() -> None:
    write_config("[profiles.work]\n[profiles.home]\n")
    assert offered("--profile work,") == ["work,home"]


def test_a_command_is_offered_what_it_is_for() -> None:
    assert "files" not in offered("cancel ")
    assert "usage" not in offered("create ")
    assert offered("act nothing ") == offered("create files --set nothing=") == []


def test_ids_seen_before_are_offered_with_what_they_are_in(tmp_path: Path) -> None:
    assert recall_ids(None) == []
    now = iter(range(10))
    for profile, id_ in (("work host", "thread_1"), ("home host", "thread_2")):
        ledger = Ledger(profile, clock=lambda: float(next(now)))
        ledger.note(REGISTRY["threads"], {}, {"id": id_})
        ledger.note(REGISTRY["runs"], {"thread_id": id_}, {"id": f"run_of_{id_}"})
        ledger.close()
    assert offered("delete threads ") == ["thread_2", "thread_1"], "last seen first"
    assert offered("cancel runs thread_1") == ["thread_1/run_of_thread_1"]
    assert offered("get runs --in ") == ["thread_2", "thread_1"]
    assert offered("get threads --profile work ") == ["thread_1"]
    assert set(offered("wait ")) >= {"thread_1", "thread_1/run_of_thread_1", "batches", "runs"}
    assert offered("wait runs ") == ["thread_2/run_of_thread_2", "thread_1/run_of_thread_1"]
    assert "files" not in offered("wait ")
    (tmp_path / "state" / "ledger.sqlite3").write_text("no database")
    assert offered("delete threads ") == []


def test_standard_input_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert "--yes" in offered("delete files - --y")
    assert "endpoint=" in offered("create batches -f - --set end")
