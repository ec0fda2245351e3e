"""Several profiles at once without a screen: lists are one, and a write never goes to the wrong account."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.support.accounts import ACCOUNTS, urls_of, write_profiles, writes_of
from tui.cli.main import cli

if TYPE_CHECKING:
    from tests.support.driving import Server

DEAD = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def profiles(servers: tuple[Server, Server]) -> None:
    write_profiles(urls_of(servers))


def run(*words: str, profile: str = "acme,beta") -> Result:
    return CliRunner().invoke(cli, ["--profile", profile, *words], prog_name="o9s")


def test_lists_of_both_are_one_and_each_row_says_whose_it_is(servers: tuple[Server, Server]) -> None:
    told = json.loads(run("get", "batches", "-o", "json").stdout)
    ids = [each["id"] for each in servers[0].call("GET", "/batches?limit=100")["data"]]
    for name in ACCOUNTS:
        assert [each["id"] for each in told if each["profile"] == name] == ids
    made = [each["created_at"] for each in told]
    assert made == sorted(made, reverse=True), "one list, newest first, not one list after the other"
    table = run("get", "batches", "--limit", "3").stdout.splitlines()
    assert table[0].startswith("PROFILE")
    assert len(table) == 4
    rows = csv.DictReader(io.StringIO(run("get", "models", "-o", "csv", "--filter", "profile:beta").stdout))
    assert {row["profile"] for row in rows} == {"beta"}
    one = json.loads(run("get", "batches", ids[0], "-o", "json").stdout)
    assert [(each["profile"], each["id"]) for each in one] == [("acme", ids[0]), ("beta", ids[0])]
    told = run("get", "batches", "--sort", "-profile", "--columns", "profile,id").stdout.split()
    assert told.index("beta") < told.index("acme")


def test_one_that_is_down_costs_its_own_rows_and_is_named(servers: tuple[Server, Server]) -> None:
    write_profiles({"acme": servers[0].url, "beta": DEAD})
    told = run("get", "files", "-o", "jsonl")
    assert told.exit_code == 7, told.output
    assert {json.loads(line)["profile"] for line in told.stdout.splitlines()} == {"acme"}
    assert "beta: " in told.stderr
    write_profiles({"acme": DEAD, "beta": DEAD})
    assert run("get", "files").exit_code == 1
    assert "There is no profile gamma." in run("get", "files", profile="acme,gamma").output
    for words in (("get", "files"), ("files",)):
        assert "--base-url is for one profile" in run(*words, "--base-url", servers[0].url).output


def test_an_object_that_one_of_them_has_is_found(servers: tuple[Server, Server]) -> None:
    acme, beta = servers
    id_ = acme.call("POST", "/vector_stores", json={"name": "of acme"})["id"]
    told = run("get", "vector-stores", id_, "-o", "jsonl")
    assert told.exit_code == 0, told.output
    assert [json.loads(line)["profile"] for line in told.stdout.splitlines()] == ["acme"]
    assert f"beta: Not found (404 Not Found): Vector store with id '{id_}' not found." in told.stderr
    told = run("get", "vector-stores", "vs_none")
    assert (told.exit_code, told.stdout) == (3, ""), told.output
    assert "acme, beta: Not found (404 Not Found)" in told.stderr
    for lacking, down in (ACCOUNTS, ACCOUNTS[::-1]):
        write_profiles({lacking: beta.url, down: DEAD})
        told = run("get", "vector-stores", id_)
        assert (told.exit_code, told.stdout) == (1, ""), "one that is not asked may have it"
        assert f"{lacking}: Not found (404 Not Found)" in told.stderr
        assert f"{down}: 127.0.0.1 refuses the connection." in told.stderr
    write_profiles({"acme": acme.url, "beta": DEAD})
    assert run("get", "vector-stores", id_).exit_code == 7, "one that is not asked may have it, too"


def outcome(told: Result) -> tuple[int, list[Any]]:
    return told.exit_code, [json.loads(line)["outcome"] for line in told.stdout.splitlines()]


def test_a_write_goes_to_the_one_account_that_has_the_object(servers: tuple[Server, Server]) -> None:
    acme, beta = servers
    first, second, *_ = (each["id"] for each in acme.call("GET", "/files?purpose=user_data")["data"])
    told = run("delete", "files", first, "--yes")
    assert told.exit_code == 2
    assert f"{first} is in acme and in beta: give --profile acme or --profile beta." in told.output
    assert "give --profile acme or --profile beta" in run("create", "vector-stores", "--set", "name=x").output
    assert "An id alone does not say whose it is: give --profile acme" in run("pick", "files").output
    assert "`o9s costs` is for one profile at a time" in run("costs").output
    beta.call("DELETE", f"/files/{first}")
    acme.call("DELETE", f"/files/{second}")
    both = run("delete", "files", first, second, "--yes", "--count", "2")
    assert "a command writes to one profile" in both.output
    assert not writes_of("acme") + writes_of("beta")
    told = run("delete", "files", first, "--dry-run")
    assert json.loads(told.stdout)["profile"] == "acme"
    assert "acme: Nothing was called" in told.stderr
    told = run("delete", "files", first, "--yes")
    assert outcome(told) == (0, ["done"]), told.output
    assert "Found in profile acme." in told.stderr
    assert [each["ids"] for each in writes_of("acme")] == [{"file_id": first}]
    assert not writes_of("beta")
    told = run("delete", "files", first, "--yes")
    assert (told.exit_code, told.stderr) == (4, f"{first} is in none of acme, beta.\n"), "as with one profile"
    write_profiles({"acme": DEAD, "beta": beta.url})
    told = run("delete", "files", second, "--yes")
    assert f"It is not known whether {second} is in acme: 127.0.0.1 refuses the connection." in told.stderr
    assert "Or give --profile acme or --profile beta." in told.stderr
    assert told.exit_code == 1, "the link's code, as with one profile"
    assert beta.call("GET", f"/files/{second}")["id"] == second
