"""Names with a line break in them: no command prints a line of theirs among its own sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from tests.support.commands import KEYS, LOCAL, ON_THE_SCREEN, run
from tests.support.driving import served
from tui.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from click.testing import Result

    from tests.support.driving import Server

FORGED = "All is well."
EVIL = f"x\n{FORGED}\n"
SERVES = {"sandbox"}  # until it is ended
STARTS = {"sandbox"}  # a server of its own, whatever its name


Found = Iterator[tuple[tuple[str, ...], click.Command]]


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Found:
    """Give each command that is no group, with its words."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(click.Context(command)):
        if inner := command.get_command(click.Context(command), name):
            yield from commands(inner, (*path, name))


def order(server: Server, words: list[str]) -> Result:
    """Run a command, on the server where it talks to one."""
    is_local = LOCAL & {words[0], " ".join(words[:2])}
    return CliRunner().invoke(cli, words, env=KEYS) if is_local else run(server.url, *words)


def forged(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith(FORGED)]


def test_no_option_and_no_argument_makes_a_line_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where some make a folder of this name
    refused = 0
    with served(scenario="calm") as server:
        for words, command in commands(cli):
            if words[0] in ON_THE_SCREEN | SERVES:
                continue
            given = [[EVIL], [EVIL, EVIL, "--yes"]]
            given += [
                [each.opts[0], EVIL]
                for each in command.params
                if isinstance(each, click.Option) and not (each.is_flag or each.name in STARTS)
            ]
            is_local = " ".join(words) in LOCAL
            for more in given:
                told = (
                    CliRunner().invoke(cli, [*words, *more], env=KEYS)
                    if is_local
                    else run(server.url, *words, *more)
                )
                assert not forged(told.stderr), f"{words} {more}: {told.stderr}"
                refused += told.exit_code != 0
    assert refused > 100


def test_no_name_of_an_object_or_a_file_makes_a_line_of_its_own(tmp_path: Path) -> None:
    body = {"model": "gpt-5-mini", "input": "Hi"}
    request = json.dumps({"custom_id": EVIL, "method": "POST", "url": "/v1/responses", "body": body})
    source, rows = tmp_path / f"{EVIL}.jsonl", tmp_path / f"{EVIL}.csv"
    source.write_text(request + "\n")
    rows.write_text("text\nHi\n")
    (tmp_path / EVIL).mkdir()
    (tmp_path / EVIL / EVIL).write_text("note")
    template = tmp_path / "template.json"
    template.write_text(json.dumps({**body, "input": "{text}"}))
    with served(scenario="calm", speed=1_000.0) as server:
        file = server.call("GET", "/files")["data"][0]["id"]
        store = server.call("POST", "/vector_stores", json={"name": EVIL})["id"]
        key = server.call("POST", "/organization/admin_api_keys", admin=True, json={"name": EVIL})["id"]
        tried = [
            ["delete", "files", f"file-{EVIL}", "--yes"],
            ["delete", "vector-stores", store, "--yes"],
            ["cancel", "batches", f"batch_{EVIL}", "--yes"],
            ["edit", "vector-stores", f"vs_{EVIL}", "--set", f"name={EVIL}", "--yes"],
            ["create", "vector-stores", "--set", f"{EVIL}={EVIL}", "--yes"],
            ["create", "batches", "--set", f"input_file_id={source}", "--yes"],
            ["rotate", "admin-keys", key, "--yes"],
            ["rotate", "admin-keys", key, "--yes"],
            ["tasks", "forget", "all"],
            ["upload", str(source), str(tmp_path / f"{EVIL}none"), "--purpose", "batch"],
            ["download", file, "-o", str(tmp_path / f"{EVIL}saved")],
            ["download", f"file-{EVIL}", "-o", str(tmp_path)],
            ["batch", "build", str(rows), "-t", str(template), "-o", str(tmp_path / f"{EVIL}out.jsonl")],
            ["batch", "check", str(source)],
            ["batch", "estimate", str(source)],
            ["batch", "run", str(source), "--name", "nightly"],
            ["batch", "run", str(tmp_path / f"{EVIL}none"), "--name", "weekly"],
            ["wait", "batches", f"batch_{EVIL}"],
            ["get", "files", f"file-{EVIL}"],
            ["get", "files", "--filter", f"size > {EVIL}"],
            ["store", "fill", str(tmp_path / EVIL), "--new", EVIL, "--yes"],
            ["takeout", str(tmp_path / f"{EVIL}out"), "--only", "models"],
        ]
        told_of = 0
        for words in tried:
            told = order(server, words)
            assert not forged(told.stderr), f"{words}: {told.stderr}"
            told_of += "\u21b5" in told.stderr
        assert told_of > 10
