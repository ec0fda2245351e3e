"""Campaigns without a screen: sent once whatever happens, merged whole, and told of in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.support.campaigns import answers_of, find_doubles, read_lines, write_parts
from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tui.cli.main import cli
from tui.headless import campaigns
from tui.headless.listing import to_sandbox
from tui.workflows.campaigns.campaign import Options
from tui.workflows.campaigns.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
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
                code, _ = campaigns.run(to_sandbox(server.url), campaigns.resume(name, {}, server.url), **quiet)
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
