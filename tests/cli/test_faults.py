"""What a fault of the server or the link makes of each command, for one profile and two: code and sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.support.accounts import ACCOUNTS, write_profiles
from tests.support.commands import LOCAL, ON_THE_SCREEN, list_commands
from tests.support.driving import served
from tui.api import retries
from tui.cli.main import cli
from tui.live import patience

if TYPE_CHECKING:
    from pathlib import Path

DEAD = "http://127.0.0.1:9/v1"
SENTENCES = {
    "down": "127.0.0.1 refuses the connection.",
    "401": "The server does not accept the key (401 Unauthorized)",
    "429": "Too many requests (429 Too Many Requests)",
    "500": "The server failed (500 Internal Server Error)",
}
# They tell of tasks and campaigns here, wait until a fault has passed, or run another command.
NOT_WALKED = {"tasks go-on", "tasks forget", "batch run", "batch resume", "batch cancel", "record"}
# The commands of several profiles: those that tell of all, and those that write to the one that has the object.
OF_SEVERAL = ("home", "get", "due", "edit", "cancel", "delete", "act")
# Those that read end with 4 where the key is not accepted; those that write or wait, with 1 as for every fault.
WRITING = {
    "rotate",
    "store fill",
    "store sync",
    "upload",
    "create",
    "edit",
    "cancel",
    "delete",
    "act",
    "download",
    "wait",
    "batch wait",
    "doctor",
}


def find_code(name: str, kind: str, *, several: bool) -> int:
    """The code that a command is to end with."""
    if kind == "401":
        return 1 if name in WRITING else 4
    if name == "due" or (name == "takeout" and kind != "down"):
        return 7  # 1 says that something in use ends; and what could not be taken out stands in the manifest
    return 7 if name in ("upload", "create") and kind == "500" and not several else 1


@pytest.mark.parametrize("kind", SENTENCES)
def test_each_command_ends_with_the_code_of_the_fault(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "delay_before_retry", lambda *_, **__: None)
    monkeypatch.setattr(patience, "TURNS", 0)
    monkeypatch.setattr(patience, "CROWDED", 0.0)
    source = tmp_path / "a.jsonl"
    request = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "Hi"}}
    source.write_text(json.dumps(request) + "\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("A")
    tried = {
        **{name: [] for name in ("home", "costs", "usage", "storage", "due", "doctor")},
        "get": ["files", "file-1"],
        "rotate": ["admin-keys", "key_1", "--yes"],
        "store fill": [str(tmp_path / "docs"), "--new", "x", "--yes"],
        "store sync": [str(tmp_path / "docs"), "--into", "vs_1", "--yes"],
        "wait": ["batch_1", "--timeout", "1s"],
        "batch wait": ["batch_1", "--timeout", "1s"],
        "batch check": ["file-1"],
        "batch estimate": [str(source)],
        "takeout": [str(tmp_path / "out"), "--only", "models"],
        "download": ["file-1", "-o", str(tmp_path / "files")],
        "upload": [str(source), "--purpose", "batch"],
        "create": ["vector-stores", "--set", "name=x"],
        "edit": ["vector-stores", "vs_1", "--set", "name=x"],
        "cancel": ["batches", "batch_1", "--yes"],
        "delete": ["files", "file-1", "--yes"],
        "act": ["batches", "cancel", "batch_1", "--yes"],
    }
    assert set(list_commands(cli)) == LOCAL | ON_THE_SCREEN | NOT_WALKED | tried.keys(), (
        "a command is new: say how it is called"
    )
    with served(scenario="calm", now=1_790_000_000.0) as server:
        write_profiles(dict.fromkeys(ACCOUNTS, DEAD if kind == "down" else server.url))
        spec = {"down": "", "429": "retry-after=0.01"}.get(kind, kind)
        server.control("faults", spec=spec)
        for name, words in tried.items():
            for profiles in ("acme", "acme,beta") if name in OF_SEVERAL else ("acme",):
                several = profiles != "acme"
                told = CliRunner().invoke(cli, [*name.split(), *words, "--profile", profiles], prog_name="o9s")
                code = find_code(name, kind, several=several)
                assert told.exit_code == code, f"{name} {profiles}: {told.exit_code} {told.output}"
                assert SENTENCES[kind] in told.output, f"{name} {profiles}: {told.output}"
                assert not several or "acme" in told.output, f"{name}: {told.output}"
