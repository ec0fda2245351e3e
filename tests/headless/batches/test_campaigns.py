"""Campaigns without a screen: sent once whatever happens, merged whole, and told of in sentences."""

from __future__ import annotations

import errno
import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.support.campaigns import answers_of, batches_of, find_doubles, read_lines, write_parts
from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tui.cli.main import cli
from tui.headless.batches import campaigns
from tui.headless.lists.listing import connect_to_sandbox
from tui.workflows.campaigns.journal import CampaignError, Journal, folder_of, read_records
from tui.workflows.campaigns.sender import Sender
from tui.workflows.campaigns.sending import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TROUBLE = "batch-errors=0.1,batch-expiry=0.1"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An account in which batches take a moment."""
    with served(scenario="calm", speed=400.0) as server:
        yield server


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks again at once, and nothing arrives late."""
    monkeypatch.setattr("tui.workflows.campaigns.runner.LOOKS", (0.02, 0.05))
    monkeypatch.setattr("tui.workflows.campaigns.runner.ROOM", (0.05, 0.05))
    monkeypatch.setattr("tui.workflows.campaigns.sender.LATE", 0.0)
    monkeypatch.setattr("tui.workflows.campaigns.patience.PAUSE", (0.01, 0.05))


@pytest.fixture
def faults(server: Server) -> Iterator[Any]:
    """Have the server make faults, for this test."""
    yield lambda spec: server.control("faults", spec=spec)
    server.control("faults", spec="")


def o9s(server: Server, *arguments: str, key: str = PROJECT_KEY, admin: bool = False) -> Result:
    env = {"OPENAI_API_KEY": key, **({"OPENAI_ADMIN_KEY": ADMIN_KEY} if admin else {})}
    return CliRunner().invoke(cli, ["batch", "--base-url", server.url, *arguments], env=env, prog_name="o9s")


class Killed(BaseException):
    """The program is killed."""


@pytest.mark.parametrize("acts", [False, True], ids=["before what is announced is done", "once it is done"])
def test_killed_at_every_record_it_sends_nothing_twice_and_loses_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: Any, acts: bool
) -> None:
    name = f"killed-{acts}"
    ids = write_parts(tmp_path / "in", 2, 12)
    faults(TROUBLE)
    append = Journal.append
    lives = written = 0
    planned = False

    def kill(journal: Journal, what: str, **told: Any) -> dict[str, Any]:
        nonlocal written, planned
        # The input is cut anew until that is done, and what was not done is announced anew.
        most = 1 + (not acts and lives % 2) if planned else lives
        if acts and written >= most:  # what came of the last record is never noted
            raise Killed
        record = append(journal, what, **told)
        written += 1
        planned = planned or what == "planned"
        if not acts and written >= most:
            raise Killed
        return record

    quiet = {"on_progress": lambda _: None, "on_note": lambda _: None}
    target = tmp_path / "out.jsonl"
    campaigns.begin(name, [str(tmp_path / "in")], Options(retry=2, merge=str(target)), server.url).close()
    while True:
        written = 0
        lives += 1
        assert lives < 200
        try:
            with monkeypatch.context() as patch:
                patch.setattr(Journal, "append", kill)
                code, _ = campaigns.run(
                    connect_to_sandbox(server.url), campaigns.resume(name, {}, server.url), **quiet
                )
            break
        except Killed:
            continue
    assert lives > 25
    assert code in (0, 3)
    assert find_doubles(server, name) == []
    files = [each["filename"] for each in server.call("GET", "/files?purpose=batch")["data"]]
    mine = [each for each in files if each.startswith(f"{name}-")]
    assert len(set(mine)) == len(mine)
    merged = read_lines(target)
    assert [line["custom_id"] for line in merged] == ids
    wanted = answers_of(server, name)
    told = {line["custom_id"]: (line["batch_id"], line["response"]) for line in merged}
    assert told == wanted
    assert {line["generation"] for line in merged} >= {0, 1}
    kept = folder_of(name).parent
    assert [path for path in (kept, *kept.rglob("*")) if path.stat().st_mode & 0o077] == [], (
        "others may read these"
    )


def posts(server: Server) -> int:
    return sum(each["method"] == "POST" for each in server.requests())


def failing(calls: int, what: int) -> Callable[[int], None]:
    """`os.fsync`, which fails after so many calls."""
    fsync, left = os.fsync, [calls]

    def fail(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(what, os.strerror(what))
        fsync(handle)

    return fail


def test_what_cannot_be_begun_is_said_in_a_sentence_and_nothing_is_sent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    write_parts(tmp_path / "in", 2, 3)
    (tmp_path / "in" / "part3.jsonl").write_text((tmp_path / "in" / "part1.jsonl").read_text())
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.jsonl").write_text('{"custom_id": "a"\n')
    (tmp_path / "taken.jsonl").write_text("mine\n")
    good = str(tmp_path / "in" / "part[12].jsonl")
    before = posts(server)
    wrong = {
        ("--name", "n"): "Name a folder, files or a pattern",
        (str(tmp_path / "empty"), "--name", "n"): "holds no file that ends in .jsonl",
        (str(tmp_path / "none"), "--name", "n"): "does not exist",
        (str(tmp_path / "none*"), "--name", "n"): "No file matches",
        (good, "--name", "../n"): "cannot be the name of a campaign",
        (good, "--name", "n", "--resume"): "name no files",
        ("--name", "none", "--resume"): "There is no campaign none",
        (good, "--name", "n", "--max-queued", "0"): "max-queued",
        (good, "--name", "n", "--merge", str(tmp_path / "taken.jsonl")): "exists already",
        (good, "--name", "n", "--merge", str(tmp_path / "none" / "out")): "does not exist",
        (good, "--name", "n", "--set", "model"): "FIELD=VALUE",
        (good, "--name", "n", "--set", "model="): "sets nothing",
        (good, "--name", "n", "--set", "model=a", "--set", "model=b"): "model is set twice",
        (good, "--name", "n", "--set", 'model=" "'): "A model is a name",
        (good, "--name", "n", "--set", "model=5"): "A model is a name",
    }
    for arguments, sentence in wrong.items():
        result = o9s(server, "run", *arguments)
        assert (result.exit_code, sentence in result.output) == (2, True), result.output
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "repeated")
    told = f"{tmp_path}/in/part3.jsonl:1: repeats the custom_id 'request-1-0' of {tmp_path}/in/part1.jsonl:1"
    assert (result.exit_code, told in result.output) == (2, True), result.output
    result = o9s(server, "run", str(tmp_path / "bad"), "--name", "bad")
    assert (result.exit_code, f"{tmp_path}/bad/a.jsonl:1: is not JSON" in result.output) == (2, True), (
        result.output
    )
    result = o9s(server, "run", "--read-only", good, "--name", "closed")
    assert (result.exit_code, "read-only" in result.output) == (1, True)
    for number, what in enumerate((errno.ENOSPC, errno.EROFS)):
        for at in range(3):
            with monkeypatch.context() as patch:
                patch.setattr(os, "fsync", failing(at, what))
                result = o9s(server, "run", good, "--name", f"disk-{number}")
            assert (result.exit_code, "Usage" in result.output, "goes on" in result.output) == (6, False, False)
    with monkeypatch.context() as patch:
        patch.setattr("tui.workflows.campaigns.parts.shutil.disk_usage", lambda _: SimpleNamespace(free=9))
        result = o9s(server, "run", good, "--name", "small-disk")
    assert (result.exit_code, "has room for 9 B" in result.output, "Usage" in result.output) == (6, True, False)
    result = o9s(server, "status")
    assert "There is no campaign yet" in result.output, "what cannot be sent leaves nothing behind"
    assert list(folder_of("any").parent.iterdir()) == []
    os.mkfifo(tmp_path / "pipe.jsonl")
    result = o9s(server, "run", str(tmp_path / "pipe.jsonl"), "--name", "pipe")
    assert (result.exit_code, "is no file that can be read twice" in result.output) == (2, True), result.output
    begun(server, "taken", tmp_path).close()
    result = o9s(server, "run", good, "--name", "taken")
    assert (result.exit_code, "There is a campaign taken already" in result.output) == (2, True)
    assert posts(server) == before


def test_the_queue_is_kept_to_where_it_is_known_and_learned_where_it_is_not(
    server: Server, tmp_path: Path
) -> None:
    ids = write_parts(tmp_path / "in", 3, 10, "gpt-5-nano")
    projects = server.call("GET", "/organization/projects?limit=100", admin=True)["data"]

    def limit(tokens: int) -> None:
        for each in projects:
            path = f"/organization/projects/{each['id']}/rate_limits/rl-gpt-5-nano"
            server.call("POST", path, admin=True, json={"batch_1_day_max_input_tokens": tokens})

    limit(700)  # room for one part and a half
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "learned", "--merge", str(tmp_path / "learned"))
    assert result.exit_code == 0, result.output
    assert [line["custom_id"] for line in read_lines(tmp_path / "learned")] == ids
    assert find_doubles(server, "learned") == []
    limit(200)
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "known", admin=True)
    assert (result.exit_code, "found no room" in result.output) == (0, False), result.output
    assert len(batches_of(server, "known")) > 3, "parts were cut to what the queue takes"
    told = json.loads(o9s(server, "status", "known", "-o", "json").output)
    assert (told["queue_limit"], told["cost"] > 0) == (200, True), "both are told with an admin key"
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "too-large")
    assert (result.exit_code, "found no room in the queue of 200" in result.output) == (4, True), result.output
    assert "--max-queued 200 cuts" in result.output
    assert len(batches_of(server, "too-large")) == 3, "each was tried once"
    limit(0)
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "none", admin=True)
    assert (result.exit_code, "takes 0 input tokens" in result.output) == (2, True), result.output
    limit(10_000_000)


def test_what_fails_for_good_is_told_once_and_what_passes_is_waited_out(
    server: Server, tmp_path: Path, faults: Any
) -> None:
    write_parts(tmp_path / "in", 1, 4, "gpt-none")
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "refused", "--retry", "3")
    assert (result.exit_code, "refused 4" in result.output) == (4, True), result.output
    assert len(batches_of(server, "refused")) == 1
    again = ("--resume", "--retry-also", "refused", "--set", "model=gpt-5-mini", "--merge", str(tmp_path / "out"))
    result = o9s(server, "run", "--name", "refused", *again)
    assert (result.exit_code, "generation 0: 0 ok · 1: 4 ok" in result.output) == (0, True), result.output
    assert {line["request"]["body"]["model"] for line in read_lines(tmp_path / "out")} == {"gpt-5-mini"}
    assert batches_of(server, "refused")[1]["metadata"]["retry_of"] == batches_of(server, "refused")[0]["id"]
    write_parts(tmp_path / "more", 2, 4)
    faults("429@POST /files x3,drop-after@POST /files x1,500@POST /batches x1,drop-after@POST /batches x1,cut x2")
    result = o9s(server, "run", str(tmp_path / "more"), "--name", "troubled")
    assert (result.exit_code, "Too many requests" in result.output) == (0, True), result.output
    assert len(batches_of(server, "troubled")) == 2
    files = [each["filename"] for each in server.call("GET", "/files?purpose=batch")["data"]]
    assert len([name for name in files if name.startswith("troubled-")]) == 2


def test_what_the_platform_lists_too_late_is_found_and_told_of(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: Any
) -> None:
    write_parts(tmp_path / "in", 3, 4)
    hidden = {"find_batch": 1, "find_upload": 1}

    for name in hidden:
        real = getattr(Sender, name)

        async def find(self: Sender, *told: Any, _real: Any = real, _name: str = name) -> str:
            hidden[_name] -= 1
            return "" if hidden[_name] >= 0 else str(await _real(self, *told))

        monkeypatch.setattr(Sender, name, find)
    faults("drop-after@POST /files x1,drop-after@POST /batches x1")
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "late")
    assert (result.exit_code, hidden) == (7, {"find_batch": 0, "find_upload": 0}), result.output
    assert "was made of part 1 a second time" in result.output
    (extra,) = [each["id"] for each in batches_of(server, "late") if each["id"] in result.stdout]
    assert json.loads(o9s(server, "status", "late", "-o", "json").output)["reasons"][0].startswith(
        f"The batch {extra} "
    )
    files = [each["filename"] for each in server.call("GET", "/files?purpose=batch")["data"]]
    assert len([name for name in files if name.startswith("late-")]) == 3, "the second copy is deleted"
    again = o9s(server, "run", "--name", "late", "--resume")
    assert (again.exit_code, again.stdout.count(extra)) == (7, 1), "it is found and told of once"


def begun(server: Server, name: str, tmp_path: Path, **options: Any) -> Journal:
    write_parts(tmp_path / name, 2, 4)
    return campaigns.begin(name, [str(tmp_path / name)], Options(**options), server.url)


def test_a_full_disk_stops_it_before_more_is_sent_and_a_cut_journal_goes_on(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(server, "full", tmp_path).close()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(20, errno.ENOSPC))
        result = o9s(server, "run", "--name", "full", "--resume")
    assert (result.exit_code, "disk is full" in result.output) == (6, True), result.output
    assert "--resume goes on" in result.output
    journal = folder_of("full") / "journal.jsonl"
    records = read_records(folder_of("full"))
    journal.write_bytes(journal.read_bytes() + b'{"what":"crea')
    assert read_records(folder_of("full")) == records
    result = o9s(server, "run", "--name", "full", "--resume")
    assert result.exit_code == 0, result.output
    assert find_doubles(server, "full") == []
    assert len(batches_of(server, "full")) == 2
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0], b"\0\0\n", *lines[1:]]))
    result = o9s(server, "run", "--name", "full", "--resume")
    assert (result.exit_code, "Line 2 of" in result.output) == (2, True), result.output


def tell_one(name: str) -> dict[str, Any]:
    (row,), _ = campaigns.read_rows([name])
    return row


def test_what_stopped_it_is_told_and_its_own_merged_file_is_replaced(
    server: Server, tmp_path: Path, faults: Any
) -> None:
    write_parts(tmp_path / "in", 2, 4)
    out = tmp_path / "out.jsonl"
    faults("403@POST /batches x1")
    result = o9s(server, "run", str(tmp_path / "in"), "--name", "stopped-by", "--merge", str(out))
    assert (result.exit_code, "--resume goes on" in result.output) == (1, True), result.output
    row = tell_one("stopped-by")
    assert (row["state"], row["queued_tokens"], len(row["reasons"])) == ("not run", 0, 1)
    assert row["reasons"][0] in result.output
    assert f"stopped-by: {row['reasons'][0]}" in o9s(server, "status").output
    part = sorted(folder_of("stopped-by").glob("*-p0002-g0.jsonl"))[0]
    part.rename(tmp_path / "aside")
    result = o9s(server, "run", "--name", "stopped-by", "--resume")
    assert (result.exit_code, f"{part} does not exist" in result.output) == (6, True), result.output
    (tmp_path / "aside").rename(part)
    out.write_text("of somebody else\n")
    result = o9s(server, "run", "--name", "stopped-by", "--resume")
    assert (result.exit_code, "exists already" in result.output) == (6, True), result.output
    assert "--resume` writes it" in tell_one("stopped-by")["reasons"][0]
    out.unlink()
    fails = ("--exec", "sh -c 'exit 3'")
    result = o9s(server, "run", "--name", "stopped-by", "--resume", *fails)
    assert (result.exit_code, "The --exec command sh ended with 3" in result.output) == (0, True), result.output
    assert tell_one("stopped-by")["reasons"] == []
    part.rename(tmp_path / "aside")
    result = o9s(server, "run", "--name", "stopped-by", "--resume", "--retry", "2")
    assert (result.exit_code, f"{part} does not exist" in result.output) == (6, True), result.output
    (tmp_path / "aside").rename(part)
    result = o9s(server, "run", "--name", "stopped-by", "--resume", "--retry", "3")
    assert (result.exit_code, len(read_lines(out))) == (0, 8), result.output
    out.write_text(out.read_text().replace("Say", "Sax"))
    result = o9s(server, "run", "--name", "stopped-by", "--resume", "--retry", "4")
    assert (result.exit_code, "--force replaces it" in result.output) == (2, True), result.output


def test_it_is_paused_resumed_cancelled_and_stopped_from_outside(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    journal = begun(server, "asked", tmp_path)
    with pytest.raises(CampaignError, match=f"is run by process {os.getpid()} on "):
        Journal(folder_of("asked"), new=False)
    journal.close()
    assert "paused; nothing runs it now" in o9s(server, "pause", "asked").output
    asked: list[str] = []

    def resume(said: str) -> None:
        if "paused" in said and not asked:
            asked.append(campaigns.control("asked", "resume")[0])

    connection = connect_to_sandbox(server.url)
    opened = campaigns.resume("asked", {}, server.url)
    code, _ = campaigns.run(connection, opened, on_progress=resume, on_note=notes.append)
    assert (code, f"Asked of process {os.getpid()}" in asked[0]) == (0, True)
    assert "Resumed." in notes
    assert campaigns.control("asked", "cancel") == ("asked is over: done.", False)

    journal = begun(server, "ended", tmp_path, merge=str(tmp_path / "out"))
    told = iter(["cancel"])

    def cancel(_: str) -> None:
        for each in told:
            campaigns.control("ended", each)

    code, lines = campaigns.run(connection, journal, on_progress=lambda _: None, on_note=cancel)
    assert (code, lines[0]) == (5, "ended cancelled: 0 ok, 8 failed of 8")
    assert batches_of(server, "ended") == []
    error = read_lines(tmp_path / "out")[0]["error"]
    assert (error["code"], "cancelled before" in error["message"]) == ("never_ran", True)
    assert (lines[1], tell_one("ended")["causes"]) == ("not run 8", {"not run": 8})

    journal = begun(server, "stopped", tmp_path)
    kills = iter([15])

    def stop(_: str) -> None:
        for number in kills:
            os.kill(os.getpid(), number)

    code, lines = campaigns.run(connection, journal, on_progress=lambda _: None, on_note=stop)
    assert (code, "`o9s batch run --name stopped --resume` goes on" in lines[0]) == (143, True)
    rows = [json.loads(line) for line in o9s(server, "status", "-o", "json").output.splitlines()]
    states = {row["name"]: (row["state"], row["ok"], row["parts"]) for row in rows}
    assert states == {"asked": ("done", 8, 2), "ended": ("cancelled", 0, 2), "stopped": ("not run", 0, 2)}
    kept = (folder_of("asked") / "journal.jsonl").read_text()
    for damage in ("", "\0\n", kept[:9], '{"what":"begin"}\n', kept.replace('"planned"', '"part"')):
        (folder_of("asked") / "journal.jsonl").write_text(damage)
        result = o9s(server, "status")
        table = result.output
        assert result.exit_code == 6
        assert "stopped  not run" in table
        assert "asked    damaged  " in table
        assert "asked: " in table
        result = o9s(server, "status", "asked", "none", "stopped", "-o", "json")
        assert (result.exit_code, result.stderr.split(".")[0]) == (3, "There is no campaign none")
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [(row["name"], row["state"]) for row in rows] == [("asked", "damaged"), ("stopped", "not run")]
        assert "damaged" in rows[0]["reasons"][0]
        for command in ("run --resume --name", "pause", "resume", "cancel"):
            assert "damaged" in o9s(server, *command.split(), "asked").output, (damage, command)
        result = o9s(server, "run", str(tmp_path / "asked"), "--name", "asked")
        assert "There is a campaign asked already" in result.output
    for command in ("pause", "resume", "cancel", "forget"):
        assert o9s(server, command, "none").exit_code == 3
    result = o9s(server, "cancel", "stopped")
    assert (result.exit_code, "stopped cancelled: " in result.output) == (5, True), result.output
    assert all(each["status"] != "in_progress" for each in batches_of(server, "stopped"))
    result = o9s(server, "forget", "ended")
    lost = f"8 of 8 requests came to something; they are in {tmp_path / 'out'}."
    assert (result.exit_code, lost in result.output, "say --yes" in result.output) == (2, True, True)
    with Journal(folder_of("ended"), new=False):
        result = o9s(server, "forget", "ended", "--yes")
        assert (result.exit_code, f"is run by process {os.getpid()}" in result.output) == (2, True)
    result = o9s(server, "forget", "ended", "--yes")
    assert (result.exit_code, folder_of("ended").exists()) == (0, False), result.output
    result = o9s(server, "forget", "asked", "--yes")  # whose journal is damaged
    assert (result.exit_code, "It is not known what else" in result.output) == (0, True), result.output
    assert table.split("\n")[0].split()[:7] == ["NAME", "STATE", "PARTS", "OK", "FAIL", "LEFT", "GEN"]


def test_the_command_at_the_end_hears_what_came_of_it(server: Server, tmp_path: Path) -> None:
    write_parts(tmp_path / "in", 1, 2)
    heard = tmp_path / "heard"
    command = f"sh -c 'echo \"$O9S_NAME $O9S_OUTCOME $O9S_OK $O9S_FAILED $O9S_CODE $O9S_SUMMARY\" >> {heard}'"
    assert o9s(server, "run", str(tmp_path / "in"), "--name", "told", "--exec", command).exit_code == 0
    assert o9s(server, "run", "--name", "told", "--resume").exit_code == 0
    assert heard.read_text() == "told done 2 0 0 told done: 2 ok, 0 failed of 2\n"
