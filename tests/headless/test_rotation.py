"""Rotating keys by commands: the new secret is told once, the old key stays until its deletion is agreed to."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import lines, run
from tests.support.driving import Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm", speed=200.0) as server:
        yield server


@pytest.fixture(autouse=True)
def whole(server: Server) -> Iterator[None]:
    """A server without faults, afterwards."""
    yield
    server.control("faults", spec="")


def admin_keys(server: Server) -> dict[str, dict[str, Any]]:
    """The admin keys, by id."""
    listed = server.call("GET", "/organization/admin_api_keys?limit=100", admin=True)["data"]
    return {each["id"]: each for each in listed}


def make_key(server: Server, name: str) -> str:
    body = {"name": name, "expires_in_seconds": 864_000}
    return str(server.call("POST", "/organization/admin_api_keys", admin=True, json=body)["id"])


def test_a_key_is_made_anew_and_the_old_one_deleted_when_that_is_agreed_to(server: Server) -> None:
    old = make_key(server, "ci")
    told = run(server.url, "rotate", "admin-keys", old)
    assert (told.exit_code, "say --yes" in told.stderr) == (2, True)
    told = run(server.url, "rotate", "admin-keys", old, "--yes", "--overlap", "0.0001s")
    assert told.exit_code == 0, told.output
    (line,) = lines(told)
    secret = line["object"]["value"]
    keys = admin_keys(server)
    assert (line["old"], keys[line["id"]]["name"]) == (old, "ci")
    assert old in keys and secret.startswith("sk-admin")
    assert keys[line["id"]]["expires_at"] - keys[line["id"]]["created_at"] == 864_000, "it lives as long"
    assert "owner of the admin key in use" in told.stderr and "The new one belongs to " in told.stderr
    assert "Not due before" in run(server.url, "tasks").stdout
    assert "told this once" in told.stderr and secret not in told.stderr

    listed = run(server.url, "due", "-o", "json")
    assert "delete the old admin key ci" in listed.stdout and '"old key"' in listed.stdout
    for words in (["home"], ["home", "-o", "json"], ["due"], ["due", "-o", "ics"]):
        told = run(server.url, *words)
        assert "delete the old admin key ci" in told.stdout.replace("\r\n ", ""), told.output
    assert secret not in run(server.url, "tasks", "-o", "json").stdout
    told = run(server.url, "tasks", "go-on", "all", "--yes")
    assert (told.exit_code, lines(told)[0]["outcome"]) == (0, "done"), told.output
    assert old not in admin_keys(server) and line["id"] in admin_keys(server)
    assert "old admin key" not in run(server.url, "due", "-o", "json").stdout


def test_one_that_is_not_due_is_left_and_one_that_is_gone_counts_as_deleted(server: Server) -> None:
    old = make_key(server, "nightly")
    (line,) = lines(run(server.url, "rotate", "admin-keys", old, "--yes"))
    assert run(server.url, "tasks", "go-on", "all", "--yes").exit_code == 0
    assert old in admin_keys(server), "what is not due is not deleted unasked"
    words = "admin-keys", make_key(server, "due"), "--yes", "--overlap", "0.0001s"
    (due,) = lines(run(server.url, "rotate", *words))
    told = run(server.url, "tasks", "go-on", due["task"], line["task"], "--yes")
    assert (told.exit_code, "It is not due before" in told.stderr) == (2, True)
    assert [each["id"] for each in lines(told)] == [due["task"]], "what was done before is told"
    server.call("DELETE", f"/organization/admin_api_keys/{old}", admin=True)
    told = run(server.url, "tasks", "go-on", line["task"], "--yes")
    assert (told.exit_code, lines(told)[0]["outcome"]) == (0, "done"), told.output


def test_a_service_account_is_made_anew_for_its_key_and_a_users_key_is_not(server: Server) -> None:
    project = server.call("GET", "/organization/projects", admin=True)["data"][0]["id"]
    path = f"/organization/projects/{project}"
    made = server.call("POST", f"{path}/service_accounts", admin=True, json={"name": "etl"})
    keys = server.call("GET", f"{path}/api_keys?limit=100&owner_project_access=any", admin=True)["data"]
    of_account = next(
        key["id"] for key in keys if (key["owner"].get("service_account") or {}).get("id") == made["id"]
    )
    of_user = next(key["id"] for key in keys if key["owner"].get("user"))
    told = run(server.url, "rotate", "project-keys", of_account, "--in", project, "--yes", "--overlap", "0.0001s")
    assert told.exit_code == 0, told.output
    (line,) = lines(told)
    assert "delete the old service account etl" in run(server.url, "home").stdout
    assert (line["resource"], line["old"], line["object"]["name"]) == ("service-accounts", made["id"], "etl")
    assert line["object"]["api_key"]["value"]
    told = run(server.url, "rotate", "project-keys", of_user, "--in", project, "--yes")
    assert (told.exit_code, "its owner makes the new one" in told.stderr) == (1, True)
    told = run(server.url, "tasks", "go-on", line["task"], "--yes")
    assert told.exit_code == 0, told.output
    left = server.call("GET", f"{path}/service_accounts?limit=100", admin=True)["data"]
    assert [each["id"] for each in left if each["name"] == "etl"] == [line["id"]]


def test_what_is_wrong_leaves_nothing_waiting(server: Server) -> None:
    old = make_key(server, "odd")
    for words, code, said in (
        (["files", "file-1", "--yes"], 2, "are no keys"),
        (["admin-keys", "key_none", "--yes"], 3, "key_none"),
        (["admin-keys", old, "--yes", "--read-only"], 1, "this is read-only"),
    ):
        told = run(server.url, "rotate", *words)
        assert (told.exit_code, said in told.stderr) == (code, True), told.output
    server.control("faults", spec="drop-after@POST /organization/admin_api_keys x1")
    told = run(server.url, "rotate", "admin-keys", old, "--yes")
    assert told.exit_code == 7, told.output
    (line,) = lines(told)
    (new,) = [id_ for id_, each in admin_keys(server).items() if each["name"] == "odd" and id_ != old]
    assert (line["outcome"], line["old"], line["alike"]) == ("unknown", old, [new])
    assert told.stderr.count("before you make another") == 1
    assert f"o9s delete admin-keys {new}" in told.stderr
    assert not lines(run(server.url, "tasks", "-o", "jsonl"))
    told = run(server.url, "rotate", "admin-keys", old, "--yes")
    assert (told.exit_code, told.stdout, new in told.stderr) == (4, "", True), "no second one is made unasked"
    assert run(server.url, "delete", "admin-keys", new, "--yes").exit_code == 0
    server.control("faults", spec="drop@POST /organization/admin_api_keys x1")
    told = run(server.url, "rotate", "admin-keys", old, "--yes")
    assert (told.exit_code, lines(told)[0]["alike"]) == (7, []), told.output
    assert "Look whether there is a new one of this name before you rotate again." in told.stderr
    told = run(server.url, "rotate", "admin-keys", old, "--yes")
    assert told.exit_code == 0, told.output
    told = run(server.url, "rotate", "admin-keys", old, "--yes")
    assert (told.exit_code, told.stdout) == (4, ""), told.output
    assert "It is rotated already: task " in told.stderr


def write_nothing(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_deletion_that_cannot_be_kept_is_not_promised(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    old = make_key(server, "full")
    monkeypatch.setattr("tui.live.tasks.store.append_line", write_nothing)
    monkeypatch.setattr("tui.api.log.journal.append_line", write_nothing)
    told = run(server.url, "rotate", "admin-keys", old, "--yes")
    assert told.exit_code == 6, told.output
    (line,) = lines(told)
    assert line["object"]["value"] and not {"task", "due"} & set(line)
    assert "What is left of tasks is not kept" in told.stderr and "No space left on device" in told.stderr
    assert f"neither o9s due nor o9s tasks has {old}, and it stays" in told.stderr
    assert f"delete it with o9s delete admin-keys {old}\n" in told.stderr
    assert "o9s due and o9s tasks have it" not in told.stderr
    assert "The journal of writes is not kept: " in told.stderr


def test_a_secret_that_cannot_be_printed_is_said_to_be_lost(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_key(server, "unseen")
    before = set(admin_keys(server))
    monkeypatch.setattr("tui.cli.writes.rotate.print_lines", write_nothing)
    told = run(server.url, "rotate", "admin-keys", old, "--yes")
    assert told.exit_code == 6, told.output
    (new,) = set(admin_keys(server)) - before
    assert "its secret is lost: it is told once, and could not be printed." in told.stderr
    assert f"o9s delete admin-keys {new}. {old} stays as it is." in told.stderr
    assert "keep it" not in told.stderr
    assert run(server.url, "tasks", "-o", "jsonl").stdout.count(old) == 0, "the old key is not to be deleted"
