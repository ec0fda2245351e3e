"""Writes by commands: what is done, what is refused and how it is said, and the codes they end with."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import lines, run
from tests.support.driving import Server, served
from tests.support.walking import declared, meant
from tui.api.log.journal import Journal
from tui.api.operation import Key
from tui.headless.writes.each import run_each
from tui.headless.writes.orders import Hearing, find_action
from tui.headless.writes.requests import model_of
from tui.headless.writes.targets import WrongUse
from tui.resources.language.action import Ask, Fetch
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

ALL = "/organization"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm", speed=200.0) as server:
        yield server


def test_every_operation_that_writes_is_reached_by_a_command() -> None:
    """By `act RESOURCE ACTION`, or as a part of an upload."""
    reached = {
        operation.name
        for resource in REGISTRY.values()
        for action in resource.actions
        if find_action(resource, action.name) is action
        and (model_of(action) or not action.operation.body)
        and not isinstance(action.does, Fetch)
        for operation in action.operations
    }
    every = {**declared(Key.PROJECT), **declared(Key.ADMIN)}
    assert not {name for name, operation in every.items() if not operation.reads_only} - reached
    for name, short in (("files", "create"), ("store-files", "delete"), ("store-files", "create")):
        assert find_action(REGISTRY[name], short)
    with pytest.raises(WrongUse, match=r"no action remove.*There are: create, cancel"):
        find_action(REGISTRY["batches"], "remove")


def files(server: Server, count: int) -> list[str]:
    """New files that nothing uses."""
    made = (
        server.call("POST", "/files", files={"file": (f"{n}.txt", b"x")}, data={"purpose": "user_data"})
        for n in range(count)
    )
    return [str(each["id"]) for each in made]


def writes(server: Server) -> list[str]:
    """What was asked of the server that is no read."""
    return [each["method"] for each in server.requests() if each["method"] != "GET"]


def states(told: Result) -> list[str]:
    return [line["outcome"] for line in lines(told)]


def test_deleting_many_wants_their_number_and_says_what_it_does(server: Server) -> None:
    ids = files(server, 3)
    typed = "\n".join([*ids, ids[0], ""])
    before = writes(server)

    told = run(server.url, "delete", "files", "-", "--dry-run", typed=typed)
    assert (told.exit_code, states(told)) == (0, ["planned"] * 3)
    assert [(line["method"], line["path"]) for line in lines(told)] == [("DELETE", f"/files/{id_}") for id_ in ids]
    assert "would be done" in told.stderr

    for words, said in (
        (["--yes"], "say so with --yes --count 3"),
        (["--yes", "--count", "2"], "--count says 2, and 3 ids came: nothing was done"),
        (["--count", "3"], "Nobody can be asked here: say --yes."),
    ):
        told = run(server.url, "delete", "files", "-", *words, typed=typed)
        assert (told.exit_code, told.stdout) == (2, ""), told.output
        assert said in told.stderr
    assert writes(server) == before, "something was sent that nobody agreed to"

    told = run(server.url, "delete", "files", "-", "--yes", "--count", "3", typed=typed)
    assert (told.exit_code, states(told)) == (0, ["done"] * 3), told.output
    assert {line["id"] for line in lines(told)} == set(ids)
    assert not set(ids) & {file["id"] for file in server.call("GET", "/files")["data"]}
    noted = [(entry["method"], entry["outcome"]) for entry in Journal("").entries()]
    assert noted == [("DELETE", "done")] * 3

    told = run(server.url, "delete", "files", *ids[:2], *files(server, 1), "--yes", "--count", "3")
    assert (told.exit_code, sorted(states(told))) == (3, ["done", "gone", "gone"])
    assert "1 done, 2 gone already" in told.stderr


def test_ids_come_as_other_commands_print_them(server: Server) -> None:
    store = server.call("POST", "/vector_stores", json={"name": "pets"})["id"]
    for id_ in files(server, 2):
        server.call("POST", f"/vector_stores/{store}/files", json={"file_id": id_})
    for form in ("ids", "jsonl"):
        listed = run(server.url, "get", "store-files", "--in", store, "-o", form).stdout
        told = run(server.url, "delete", "store-files", "-", "--dry-run", typed=listed)
        paths = [line["path"].rpartition("/")[0] for line in lines(told)]
        assert paths == [f"/vector_stores/{store}/files"] * 2, told.output
    planned = told.stdout
    told = run(server.url, "delete", "store-files", "-", "--yes", "--count", "2", typed=planned)
    assert (told.exit_code, states(told)) == (0, ["done", "done"])
    for typed, said in (('{"a": 1}', "has no id"), ("{", "is no JSON")):
        assert said in run(server.url, "delete", "store-files", "-", typed=typed).stderr


def test_in_a_terminal_it_asks_and_the_answer_is_no(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.cli.writes.agreement.can_ask", lambda: True)
    ids = files(server, 2)
    for typed in ("\n", "n\n"):
        told = run(server.url, "delete", "files", ids[0], typed=typed)
        assert (told.exit_code, states(told)) == (4, ["skipped"])
        assert f"Delete file?\n  {ids[0]}  0.txt" in told.stderr
        assert "This cannot be undone." in told.stderr
    for typed in ("\n", "y\n", "3\n"):
        told = run(server.url, "delete", "files", *ids, typed=typed)
        assert (told.exit_code, states(told)) == (4, ["skipped"] * 2)
        assert "Delete 2 files?" in told.stderr
        assert "Type 2 to delete them" in told.stderr
    told = run(server.url, "delete", "admin-keys", "key_none", typed="y\n")
    assert (told.exit_code, states(told)) == (4, ["gone"])
    made = lines(run(server.url, "create", "admin-keys", "--set", "name=ci", typed="y\n"))[0]["id"]
    for typed, state in (("y\n", "skipped"), ("ci\n", "done")):
        told = run(server.url, "delete", "admin-keys", made, typed=typed)
        assert "Type ci to delete it" in told.stderr
        assert states(told) == [state]
    told = run(server.url, "delete", "files", ids[0])  # its input ends
    assert (told.exit_code, told.stdout) == (130, "")
    assert states(run(server.url, "delete", "files", ids[0], typed="y\n")) == ["done"]
    rest = [ids[1], *files(server, 1)]
    assert states(run(server.url, "delete", "files", *rest, typed="2\n")) == ["done"] * 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_has_nothing_more_started_and_says_what_is_not_known(number: int) -> None:
    began: list[str] = []
    told: dict[str, str] = {}

    async def call(name: str) -> str:
        began.append(name)
        if name == "a":
            return name
        if len(began) == 5:
            signal.raise_signal(number)
        await asyncio.sleep(60)
        return name

    hearing = Hearing(tell=print, say=print, progress=lambda _: None, agree=lambda _: True)
    files = REGISTRY["files"]
    delete = find_action(files, "delete")
    ended, code = await run_each(
        files, delete, list("abcdefgh"), call, lambda step, _: told.update({step.call: step.state}), hearing
    )
    assert (ended.stopping, code) == (True, 128 + number)
    assert told == {"a": "done", **dict.fromkeys("bcde", "unknown")}, "what is on its way is not known"


def test_all_files_of_a_store_are_used_not_only_the_newest(server: Server) -> None:
    held = files(server, 101)
    store = server.call("POST", "/vector_stores", json={"name": "large", "file_ids": held[:100]})["id"]
    server.call("POST", f"/vector_stores/{store}/files", json={"file_id": held[100]})
    told = run(server.url, "delete", "files", *held, "--dry-run")
    assert (told.exit_code, set(states(told))) == (4, {"used"})
    assert "older store-files" not in told.stderr
    server.call("DELETE", f"/vector_stores/{store}")


def test_what_something_uses_is_left_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = server.call("GET", "/batches")["data"][-1]
    used = batch["input_file_id"]
    told = run(server.url, "delete", "files", used, "--yes")
    assert (told.exit_code, states(told)) == (4, ["used"])
    assert f"Used by batch {batch['id']}" in told.stderr
    assert "--used does it anyway" in told.stderr
    (free,) = files(server, 1)
    told = run(server.url, "delete", "files", used, free, "file-none", "--dry-run")
    assert (told.exit_code, sorted(states(told))) == (3, ["gone", "planned", "used"]), "as it would be done"

    before = len(writes(server))
    server.control("faults", spec="403@GET /batches x2")
    told = run(server.url, "delete", "files", free, used, "--yes", "--count", "2")
    assert (told.exit_code, set(states(told))) == (4, {"unchecked"}), "a list that fails tells nothing"
    assert "It is not known whether something uses it. Not looked at: batches. This key has no" in told.stderr
    assert "--used does it anyway." in told.stderr

    async def wait(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("tui.headless.writes.actions.LOOK_BEHIND", 0.0)
    monkeypatch.setattr("tui.workflows.consequences.uses.UseSearch._search_list", wait)
    for words in (["--dry-run"], ["--yes"]):
        told = run(server.url, "delete", "files", used, *words)
        assert (told.exit_code, states(told)) == (4, ["unchecked"]), "nor does one that is slow"
        assert "Not looked at, as it takes too long: batches, fine-tuning" in told.stderr
    with monkeypatch.context() as terminal:
        terminal.setattr("tui.cli.writes.agreement.can_ask", lambda: True)
        told = run(server.url, "delete", "files", used, typed="n\n")
        assert (told.exit_code, states(told)) == (4, ["skipped"])
        assert "It is not known whether something uses it. Not looked at, as it takes too long: b" in told.stderr
    assert len(writes(server)) == before
    assert run(server.url, "delete", "files", used, "--yes", "--used").exit_code == 0


def test_what_is_always_so_is_said_before_it_is_agreed_to_and_not_after(server: Server) -> None:
    told = run(server.url, "delete", "files", "file-nope", "--yes")
    assert (states(told), "removed from every vector store" in told.stderr) == (["gone"], False), told.output
    told = run(server.url, "delete", "files", files(server, 1)[0])
    assert (told.exit_code, "removed from every vector store" in told.stderr) == (2, True), told.output


def test_nothing_to_do_is_no_failure(server: Server) -> None:
    told = run(server.url, "delete", "files", "-", "--yes", typed="\n")
    assert (told.exit_code, told.stdout) == (0, "")
    assert "No ids came on standard input: nothing was done." in told.stderr
    told = run(server.url, "delete", "files", "-", "--yes", "--count", "3", typed="\n")
    assert (told.exit_code, told.stdout) == (2, ""), "a command before it in the pipe may have failed"
    assert "--count says 3. No ids came on standard input: nothing was done." in told.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["delete", "files", "file-none", "--yes"], 4, "No such File object"),
        (["delete", "files", "batch_1", "--yes"], 4, "No such File object"),  # no server of OpenAI's: it is asked
        (["delete", "files", "..", "--yes"], 4, "needs a file id"),
        (["delete", "files"], 2, "Give the id of a file, or - for ids on standard input."),
        (
            ["delete", "store-files", "file-1", "--yes"],
            2,
            "as VECTOR_STORE_ID/ID, or give what it is in",
        ),
        (["delete", "nothing", "x"], 2, "There is no resource called 'nothing'"),
        (["create", "batches", "--set", "endpont=x"], 2, "Did you mean endpoint?"),
        (["create", "batches", "--set", "input_file_id=./none.jsonl"], 2, "There is no file none.jsonl."),
        (["create", "batches", "-f", "none.json"], 2, "none.json cannot be read"),
        (["create", "store-files"], 2, "For store-files give --in VECTOR_STORE_ID."),
        (["act", "batches", "results", "batch_1"], 2, "Results is a screen of its own"),
        (["act", "files", "download", "file-1"], 2, "use `o9s download`"),
        (["act", "batches", "create", "batch_1"], 2, "takes no ids"),
        (["edit", "vector-stores", "vs_none", "--set", "name=a"], 4, "vs_none"),
        (["cancel", "batches", "batch_none", "--yes"], 4, "No batch found with id 'batch_none'"),
        (["delete", "files", "file-1", "--yes", "--read-only"], 1, "Writing is off: this is read-only."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said(server: Server, words: list[str], code: int, said: str) -> None:
    before = writes(server)
    told = run(server.url, *words)
    assert said in told.stderr, told.output
    assert told.exit_code == code, told.output
    assert [each for each in writes(server) if each != "DELETE"] == [each for each in before if each != "DELETE"]


def test_bodies_from_a_file_and_what_cannot_be_one(server: Server, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"name": "pets"}')
    told = run(server.url, "create", "vector-stores", "-f", str(body), "--set", "metadata.run=007")
    (line,) = lines(told)
    assert (line["object"]["name"], line["object"]["metadata"]) == ("pets", {"run": "007"})
    assert f"Created {line['id']}." in told.stderr
    for text, said in (("[1]", "holds no JSON object"), ("{", "is not JSON")):
        body.write_text(text)
        assert said in run(server.url, "create", "vector-stores", "-f", str(body)).stderr
    told = run(server.url, "edit", "vector-stores", line["id"], "--set", "name=pets", "--set", "metadata.by=ada")
    assert lines(told)[0]["object"]["metadata"] == {"run": "007", "by": "ada"}
    told = run(server.url, "edit", "vector-stores", line["id"], "--set", "name=pets")
    assert (states(told), told.exit_code) == (["unchanged"], 0)


def test_what_the_declaration_refuses_and_what_is_paid_for_again(server: Server) -> None:
    batch = next(each for each in server.call("GET", "/batches")["data"] if each["status"] == "completed")
    told = run(server.url, "cancel", "batches", batch["id"], "--yes")
    assert (told.exit_code, states(told)) == (4, ["refused"])
    assert "Cannot cancel: it is completed already." in told.stderr
    same = ["create", "batches", "--set", f"input_file_id={batch['input_file_id']}"]
    told = run(server.url, *same, "--set", f"endpoint={batch['endpoint']}")
    assert told.exit_code == 2
    assert "requests would be paid for again" in told.stderr


def test_a_file_of_this_machine_is_checked_and_goes_up_first(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    request = {
        "custom_id": "a",
        "method": "POST",
        "url": "/v1/responses",
        "body": {"model": "gpt-5-mini", "input": "Hi"},
    }
    file.write_text(json.dumps(request))
    told = run(server.url, "create", "batches", "--set", f"input_file_id={file}", "--dry-run")
    assert lines(told)[0]["body"]["endpoint"] == "/v1/responses", "the endpoint is the one of the requests"
    files = len(server.call("GET", "/files?limit=10000")["data"])
    other = ["--set", "endpoint=/v1/moderations"]
    told = run(server.url, "create", "batches", "--set", f"input_file_id={file}", *other)
    assert told.exit_code == 2
    assert "endpoint: requests.jsonl is for /v1/responses: choose that, or another file." in told.stderr
    assert len(server.call("GET", "/files?limit=10000")["data"]) == files, "nothing goes up"
    told = run(server.url, "create", "batches", "--set", f"input_file_id={file}")
    assert (told.exit_code, states(told)) == (0, ["done"]), told.output
    file.write_text("{}\n")
    told = run(server.url, "create", "batches", "--set", f"input_file_id={file}")
    assert told.exit_code == 2
    assert "line 1" in told.stderr


def deed(server: Server, *words: str) -> Any:
    """Do something that must be done, and give its object."""
    told = run(server.url, *words, "--yes")
    assert told.exit_code == 0, told.output
    (line,) = lines(told)
    return line["object"]


def test_the_organization_by_commands(server: Server, tmp_path: Path) -> None:
    id_ = deed(server, "create", "projects", "--set", "name=moon")["id"]
    within, path = ("--in", id_), f"{ALL}/projects/{id_}"

    def there(path: str) -> Any:
        return server.call("GET", path, admin=True)

    def made(resource: str, *said: str, place: tuple[str, ...] = within) -> str:
        sets = [word for each in said for word in ("--set", each)]
        told = run(server.url, "create", resource, *place, *sets, "--yes")
        assert told.exit_code == 0, told.output
        return str(lines(told)[0]["id"])

    def edited(resource: str, object_: str, *said: str) -> Any:
        return deed(server, "edit", resource, object_, *(word for each in said for word in ("--set", each)))

    refused = run(server.url, "create", "spend-limit", "--set", "threshold_amount=$5")
    assert refused.exit_code == 2, "money may be spent, and nobody agreed"
    assert "threshold_amount  $5" in refused.stderr

    role = made("project-roles", "role_name=Reader", "permissions=api.files.read")
    user = next(each["id"] for each in there(f"{ALL}/users?limit=100")["data"] if each["role"] != "owner")
    assert made("project-users", f"user_id={user}", "role=member") == user
    assert edited("project-users", f"{id_}/{user}", "role=owner")["role"] == "owner"
    assert made("project-user-roles", f"role_id={role}", place=(*within, "--in", user)) == role
    deed(server, "delete", "project-user-roles", f"{id_}/{user}/{role}")
    deed(server, "delete", "project-users", user, *within)
    assert edited("project-roles", f"{id_}/{role}", "permissions=api.all")["permissions"] == ["api.all"]
    deed(server, "delete", "project-roles", role, *within)

    told = run(server.url, "create", "service-accounts", *within, "--set", "name=robot")
    (line,) = lines(told)
    assert line["object"]["api_key"]["value"].startswith("sk-")
    assert "told this once" in told.stderr
    assert line["object"]["api_key"]["value"] not in told.stderr + Journal("").path.read_text()
    account = f"{id_}/{line['id']}"
    assert deed(server, "act", "service-accounts", "key", account, "--set", "name=second")["value"]
    assert edited("service-accounts", account, "role=owner")["role"] == "owner"
    told = run(server.url, "delete", "keys", f"{id_}/{line['object']['api_key']['id']}", "--yes")
    assert "it goes with its service account" in told.stderr
    deed(server, "delete", "service-accounts", account)

    assert (
        edited("rate-limits", f"{id_}/rl-gpt-5", "max_requests_per_1_minute=100")["max_requests_per_1_minute"]
        == 100
    )
    assert edited("project-models", id_, "mode=allow_list", "model_ids=gpt-5")["model_ids"] == ["gpt-5"]
    deed(server, "delete", "project-models", *within)
    assert edited("project-tools", id_, "mcp.enabled=false")["mcp"]["enabled"] is False
    for start, own, place in (("project-", id_, within), ("", "", ())):
        single = [own] if own else []
        deed(server, "edit", f"{start}retention", *single, "--set", "retention_type=zero_data_retention")
        made(f"{start}spend-limit", "threshold_amount=$500", place=place)
        limit = deed(server, "edit", f"{start}spend-limit", *single, "--set", "threshold_amount=60000")
        assert limit["threshold_amount"] == 60_000
        deed(server, "delete", f"{start}spend-limit", *single)
        told_of = "notification_channel.recipients=a@acme.example"
        alert = made(f"{start}spend-alerts", "threshold_amount=$10", told_of, place=place)
        changed = edited(f"{start}spend-alerts", "/".join((*single, alert)), "threshold_amount=$20")
        assert changed["threshold_amount"] == 2000
        deed(server, "delete", f"{start}spend-alerts", alert, *place)

    role = made("roles", "role_name=Looks", "permissions=api.usage.read", place=())
    assert edited("roles", role, "permissions=api.all")["permissions"] == ["api.all"]
    group = made("groups", "name=Night watch", place=())
    edited("groups", group, "name=Day watch")
    assert made("group-users", f"user_id={user}", place=("--in", group)) == user
    made("group-roles", f"role_id={role}", place=("--in", group))
    made("user-roles", f"role_id={role}", place=("--in", user))
    made("project-groups", f"group_id={group}", "role=role_project_owner")
    made("project-group-roles", "role_id=role_project_member", place=(*within, "--in", group))
    deed(server, "delete", "project-group-roles", f"{id_}/{group}/role_project_member")
    deed(server, "delete", "project-groups", f"{id_}/{group}")
    for name, held in (("user-roles", f"{user}/{role}"), ("group-roles", f"{group}/{role}")):
        deed(server, "delete", name, held)
    deed(server, "delete", "group-users", f"{group}/{user}")
    deed(server, "delete", "groups", group)
    deed(server, "delete", "roles", role)
    refused = run(server.url, "edit", "users", user, "--set", "role=owner")
    assert "role  reader → owner" in refused.stderr
    assert edited("users", user, "role=owner")["role"] == "owner"
    deed(server, "delete", "users", user)
    invite = made("invites", "email=new@acme.example", f"projects={id_}=member", "role=reader", place=())
    deed(server, "delete", "invites", invite)
    deed(server, "delete", "admin-keys", made("admin-keys", "name=ci", "expires_in_seconds=1d", place=()))

    known = there(f"{ALL}/certificates")["data"][0]["id"]
    pem = tmp_path / "edge.pem"
    pem.write_text(there(f"{ALL}/certificates/{known}?include[]=content")["certificate_details"]["content"])
    certificate = made("certificates", f"certificate={pem}", "name=copy", place=())
    assert edited("certificates", certificate, "name=spare")["name"] == "spare"
    for name, place in (("certificates", ()), ("project-certificates", within)):
        for action in ("activate", "deactivate"):
            deed(server, "act", name, action, certificate, *place)
    deed(server, "delete", "certificates", certificate)

    shop = next(each["id"] for each in there(f"{ALL}/projects?limit=100")["data"] if each["name"] == "storefront")
    keys = there(f"{ALL}/projects/{shop}/api_keys?owner_project_access=any")["data"]
    key = next(each["id"] for each in keys if each["owner"]["type"] == "user")
    deed(server, "delete", "keys", f"{shop}/{key}")
    job = next(each for each in server.call("GET", "/fine_tuning/jobs")["data"] if each["status"] == "succeeded")
    checkpoint = server.call("GET", f"/fine_tuning/jobs/{job['id']}/checkpoints")["data"][0]
    tuned = checkpoint["fine_tuned_model_checkpoint"]
    given = deed(server, "create", "permissions", "--in", tuned, "--set", f"project_ids={shop}")
    deed(server, "delete", "permissions", f"{tuned}/{given['data'][0]['id']}")
    assert edited("projects", id_, "name=mars")["name"] == "mars"
    deed(server, "act", "projects", "archive", id_)
    assert there(path)["status"] == "archived"
    called = {meant(entry["method"], entry["path"]) for entry in Journal("").entries()}
    writes = {name for name, operation in declared(Key.ADMIN).items() if not operation.reads_only}
    assert writes <= called, f"not called by a command: {sorted(writes - called)}"


def test_a_server_that_is_gone_and_one_that_fails(server: Server) -> None:
    told = run("http://127.0.0.1:9/v1", "delete", "files", "file-1", "--yes")
    assert told.exit_code == 1, told.output
    assert "refuses the connection" in told.stderr
    told = run("http://127.0.0.1:9/v1", "delete", "files", *"abcdefghij", "--yes", "--count", "10", "--used")
    assert (told.exit_code, set(states(told))) == (1, {"failed", "skipped"}), "the rest is not tried"
    assert told.stderr.count("refuses the connection") == 1, "a reason that many have is told once"
    assert "9 more like " in told.stderr
    server.control("faults", spec="429@POST /vector_stores x1")
    told = run(server.url, "create", "vector-stores", "--set", "name=later")
    assert (told.exit_code, states(told)) == (0, ["done"]), "it is not made again once the server takes it"
    server.control("faults", spec="500@POST /vector_stores x1")
    told = run(server.url, "create", "vector-stores", "--set", "name=failing")
    assert (told.exit_code, states(told)) == (7, ["unknown"]), "a server that fails may have done it"
    assert "The server failed (500 Internal Server Error)" in told.stderr
    assert "again later" not in told.stderr


def test_an_answer_that_is_lost_is_looked_for_and_nothing_is_done_twice(server: Server) -> None:
    server.control("faults", spec="drop-after@POST /vector_stores x1")
    told = run(server.url, "create", "vector-stores", "--set", "name=lost and found")
    (line,) = lines(told)
    assert (told.exit_code, line["outcome"]) == (7, "unknown"), told.output
    named = [
        each["id"] for each in server.call("GET", "/vector_stores")["data"] if each["name"] == "lost and found"
    ]
    assert line["alike"] == named
    assert f"Made in the last minutes with the same values: {named[0]}" in told.stderr

    server.control("faults", spec="drop-after@DELETE /vector_stores x1")
    told = run(server.url, "delete", "vector-stores", named[0], "--yes")
    assert (told.exit_code, states(told)) == (0, ["done"]), told.output
    assert "It is gone, so it was done. The answer was lost: " in told.stderr
    assert "not known" not in told.stderr, "what a look has settled is no longer open"

    kept = server.call("POST", "/vector_stores", json={"name": "kept"})["id"]
    server.control("faults", spec="500@DELETE /vector_stores")
    told = run(server.url, "delete", "vector-stores", kept, "--yes")
    assert states(told) == ["failed"], told.output
    assert "It is still there, so it was not done. The server failed" in told.stderr
    assert "not known" not in told.stderr
    server.control("faults", spec="")


def test_a_new_secret_that_cannot_be_printed_is_said_to_be_lost(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_nothing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    project = server.call("GET", f"{ALL}/projects", admin=True)["data"][0]["id"]
    accounts = f"{ALL}/projects/{project}/service_accounts"
    account = server.call("POST", accounts, admin=True, json={"name": "etl"})["id"]
    tried = {
        ("admin-keys", "create"): (),
        ("service-accounts", "create"): ("--in", project),
        ("service-accounts", "key"): (account, "--in", project),
    }
    assert set(tried) == {
        (resource.name, action.name)
        for resource in REGISTRY.values()
        for action in resource.actions
        if isinstance(action.does, Ask) and action.does.secret
    }
    for (resource, action), words in tried.items():
        with monkeypatch.context() as patch:
            patch.setattr("tui.cli.writes.carrying_out.print_lines", write_nothing)
            told = run(server.url, "act", resource, action, *words, "--set", "name=unseen", "--yes")
        assert told.exit_code == 6, told.output
        assert " is there, and its secret is lost: it is told once, and could not be printed." in told.stderr
        assert "keep it" not in told.stderr
        command = re.search(r"(?:delete it|all its keys only): o9s (.*)", told.stderr)
        assert command, told.stderr
        gone = run(server.url, *command[1].split(), "--yes", "--used")
        assert gone.exit_code == 0, gone.output
    assert not [each for each in server.call("GET", accounts, admin=True)["data"] if each["name"] == "unseen"]
    keys = server.call("GET", f"{ALL}/admin_api_keys?limit=100", admin=True)["data"]
    assert not [each for each in keys if each["name"] == "unseen"]


def test_every_command_that_writes_says_where_the_journal_is_not_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_nothing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    source = tmp_path / "a.jsonl"
    body = {"model": "gpt-5-mini", "input": "Hi"}
    source.write_text(
        json.dumps({"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": body}) + "\n"
    )
    key = server.call("POST", f"{ALL}/admin_api_keys", admin=True, json={"name": "journal"})["id"]
    monkeypatch.setattr("tui.workflows.store_folder.fill.LOOK_AGAIN", 0.1)
    monkeypatch.setattr("tui.workflows.campaigns.runner.LOOKS", (0.02, 0.05))
    kept = lines(run(server.url, "rotate", "admin-keys", key, "--yes", "--overlap", "0.0001s"))[0]["task"]
    old = server.call("POST", f"{ALL}/admin_api_keys", admin=True, json={"name": "other"})["id"]
    monkeypatch.setattr("tui.api.log.journal.append_line", write_nothing)
    for words in (
        ["create", "vector-stores", "--set", "name=x", "--yes"],
        ["upload", str(source), "--purpose", "batch"],
        ["store", "fill", str(source), "--new", "journal", "--yes"],
        ["rotate", "admin-keys", old, "--yes"],
        ["tasks", "go-on", kept, "--yes"],
        ["batch", "run", str(source), "--name", "journal"],
    ):
        told = run(server.url, *words)
        assert told.stderr.count("The journal of writes is not kept: ") == 1, f"{words}: {told.output}"
        assert told.exit_code in (0, 3), told.output
