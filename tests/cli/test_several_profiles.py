"""`--profile a,b` with every command: it tells of all, or says that it is for one and how that is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from tests.support.accounts import ACCOUNTS, two_accounts, write_profiles
from tests.support.commands import list_commands
from tui.cli.main import cli
from tui.headless.home_text import home_lines

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

DEAD = "http://127.0.0.1:9/v1"
OF_ALL = ("home", "due", "get")
BY_OWNER = ("edit", "cancel", "delete", "act")  # which ask in each where the objects are
ONE = "--profile acme or --profile beta"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--profile", ",".join(ACCOUNTS)], prog_name="o9s")


def takes_profile(name: str) -> bool:
    command: click.Command | None = cli
    for word in name.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    return command is not None and "profile" in {each.name for each in command.params}


def test_what_is_for_one_profile_says_so_before_anything_is_asked(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    request = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "Hi"}}
    source.write_text(json.dumps(request) + "\n")
    tried = {
        "pick": ["files"],
        "create": ["vector-stores", "--set", "name=a"],
        "edit": ["vector-stores", "vs_1", "--set", "name=a"],
        "upload": [str(source), "--purpose", "batch"],
        "download": ["file-1"],
        "cancel": ["batches", "batch_1"],
        "delete": ["files", "file-1"],
        "rotate": ["admin-keys", "key_1"],
        "act": ["batches", "cancel", "batch_1"],
        "batch cancel": ["nightly"],
        "batch check": ["file-abc"],
        "batch estimate": [str(source)],
        "batch pause": ["nightly"],
        "batch resume": ["nightly"],
        "batch run": [str(source), "--name", "nightly"],
        "batch wait": ["batch_1"],
        "wait": ["batch_1"],
        "store fill": [str(tmp_path), "--new", "a"],
        "store sync": [str(tmp_path), "--into", "vs_1"],
        "tasks forget": ["all"],
        "tasks go-on": ["all"],
        "takeout": [str(tmp_path / "out")],
        "usage": ["completions"],
        **{name: [] for name in ("costs", "storage", "doctor", "auth login", "auth logout", "auth status")},
        "auth trust": [],
    }
    there = {name for name in list_commands(cli) if takes_profile(name)}
    assert there - tried.keys() == set(OF_ALL)
    write_profiles(dict.fromkeys(ACCOUNTS, DEAD))
    for name, words in tried.items():
        told = run(*name.split(), *words)
        code = 1 if name in BY_OWNER else 2
        assert (told.exit_code, told.stdout) == (code, ""), f"{name}: {told.exit_code} {told.output}"
        assert ONE in told.stderr, f"{name}: {told.stderr}"


def test_what_tells_of_all_names_whose_each_row_is_and_one_that_is_down() -> None:
    with two_accounts() as servers:
        write_profiles({name: server.url for name, server in zip(ACCOUNTS, servers, strict=True)})
        home = json.loads(run("home", "-o", "json").stdout)
        for part in ("needs_you", "ends", "money", "storage"):
            assert {each["profile"] for each in home[part]} == set(ACCOUNTS), part
        assert home["not_read"] == []
        (acme, beta) = ([each for each in home["needs_you"] if each["profile"] == name] for name in ACCOUNTS)
        assert [each["ids"] for each in acme] == [each["ids"] for each in beta], "two worlds that began alike"
        table = run("home").stdout
        assert "PROFILE  RESOURCE" in table
        assert "money of beta: " in table
        assert "storage of acme: " in table
        ends = json.loads(run("due", "--within", "365d", "-o", "json").stdout)
        assert [each["ends_at"] for each in ends] == sorted(each["ends_at"] for each in ends)
        assert {each["profile"] for each in ends} == set(ACCOUNTS)
        calendar = run("due", "--within", "365d", "-o", "ics").stdout
        ids = [line for line in calendar.splitlines() if line.startswith("UID:")]
        assert len(set(ids)) == len(ids) == len(ends)
        assert run("due", "--within", "365d", "-o", "md").stdout.startswith("| profile | in | ")

        write_profiles({"acme": servers[0].url, "beta": DEAD})
        told = run("home", "-o", "json")
        assert told.exit_code == 7, told.output
        assert told.stderr.startswith("beta: 127.0.0.1 refuses the connection.")
        due = run("due", "--within", "365d")
        for words in (told.stderr, due.stderr):
            assert words.count("refuses") == 1, f"it is not told once: {words}"
        home = json.loads(told.stdout)
        assert home["not_read"] == [{"profile": "beta", "resource": None}]
        assert {each["profile"] for each in home["needs_you"]} == {"acme"}
        assert "not read: all of beta" in list(home_lines("table", home))

        write_profiles(dict.fromkeys(ACCOUNTS, DEAD))
        for command in OF_ALL:
            told = run(command, *(["batches"] if command == "get" else []))
            assert told.exit_code, command
            assert told.stderr.startswith("acme, beta: 127.0.0.1 refuses"), f"{command}: {told.stderr}"
            assert told.stderr.count("refuses") == 1, f"{command}: {told.stderr}"
