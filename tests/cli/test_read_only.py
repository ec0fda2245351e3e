"""`--read-only` with every command: what arrives at the platform asks, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.commands import LOCAL, ON_THE_SCREEN, list_commands, run
from tests.support.driving import served
from tui.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path

ASKING = {"POST /v1/responses/input_tokens"}


def test_no_command_changes_anything(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    body = {"model": "gpt-5-mini", "input": "Hi"}
    request = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": body}
    source.write_text(json.dumps(request) + "\n")
    with served(scenario="calm", now=1_790_000_000.0) as server:
        batch = server.call("GET", "/batches")["data"][0]
        file = server.call("GET", "/files")["data"][0]["id"]
        tried = {
            "home": [],
            "get": ["files"],
            "record": [str(tmp_path / "kept"), "--", "get", "files"],
            "costs": [],
            "usage": [],
            "storage": [],
            "due": [],
            "doctor": [],
            "rotate": ["admin-keys", "key_1", "--yes"],
            "tasks go-on": ["all", "--yes"],
            "tasks forget": ["all"],
            "store fill": [str(source), "--new", "x", "--yes"],
            "store sync": [str(source), "--into", "vs_1", "--yes"],
            "wait": [batch["id"]],
            "batch wait": [batch["id"]],
            "batch check": [str(source)],
            "batch estimate": [str(source)],
            "batch run": [str(source), "--name", "nightly"],
            "batch resume": ["nightly"],
            "batch cancel": ["nightly"],
            "takeout": [str(tmp_path / "out"), "--only", "models"],
            "download": [file, "-o", str(tmp_path / "files")],
            "upload": [str(source), "--purpose", "batch"],
            "create": ["vector-stores", "--set", "name=x"],
            "edit": ["vector-stores", "vs_1", "--set", "name=x"],
            "cancel": ["batches", batch["id"], "--yes"],
            "delete": ["files", file, "--yes", "--used"],
            "act": ["batches", "resend", batch["id"], "--yes"],
        }
        assert set(list_commands(cli)) == LOCAL | ON_THE_SCREEN | tried.keys(), (
            "a command is new: say how it is called"
        )
        seen = len(server.requests())
        for name, words in tried.items():
            told = run(server.url, *name.split(), *words, "--read-only")
            assert told.exit_code != 2, told.output
            arrived = server.requests()[seen:]
            seen += len(arrived)
            unsafe = {f"{each['method']} {each['path']}" for each in arrived if each["method"] != "GET"}
            assert unsafe <= ASKING, f"{name} sent {unsafe}"
        assert server.call("GET", "/batches")["data"][0] == batch
