"""Waiting for objects of any kind ends with a code that tells what became of them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.support.driving import PROJECT_KEY, Server, served
from tests.support.nursery import SLOW
from tests.support.odd_server import odd_server
from tui.cli.main import cli
from tui.headless.waiting.several import WaitError, find_waitable, is_waitable
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks again at once, and what lasts is over soon."""
    monkeypatch.setattr("tui.headless.waiting.object_wait.PACE", (0.01, 0.02))
    monkeypatch.setattr("tui.headless.waiting.object_wait.FAULTS", (0.2, 0.4))
    monkeypatch.setattr("tui.headless.waiting.object_wait.STRANGE", 0.2)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A platform on which some work is over and some is not, at a speed at which it stays so."""
    with served(scenario="busy", speed=SLOW) as server:
        yield server


def wait(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["wait", "--base-url", url, *arguments], env={"OPENAI_API_KEY": PROJECT_KEY})


def of_status(server: Server, path: str, *statuses: str) -> list[str]:
    """Return the ids of objects in one of these states."""
    return [each["id"] for each in server.call("GET", f"{path}?limit=100")["data"] if each["status"] in statuses]


def test_each_that_is_over_is_a_line_and_the_code_tells_how_they_ended(server: Server) -> None:
    good = [each["id"] for each in server.call("GET", "/batches?limit=100")["data"] if is_whole(each)][:2]
    (bad, *_), (job, *_) = (of_status(server, f"/{path}", "failed") for path in ("batches", "fine_tuning/jobs"))
    well = wait(server.url, *good)
    assert (well.exit_code, len(well.stdout.splitlines())) == (0, 2), well.output
    mixed = wait(server.url, "-o", "json", *good, bad, job)
    assert mixed.exit_code == 3
    told = {line["id"]: line["ended_well"] for line in map(json.loads, mixed.stdout.splitlines())}
    assert told == {**dict.fromkeys(good, True), bad: False, job: False}
    assert wait(server.url, bad, job, job).exit_code == 4


def is_whole(batch: dict[str, Any]) -> bool:
    """Return whether every request of a batch was answered."""
    counts = batch["request_counts"]
    return bool(batch["status"] == "completed" and counts["completed"] == counts["total"] > 0)


def test_any_ends_with_the_first(server: Server) -> None:
    (bad, *_), (running, *_) = (
        of_status(server, "/batches", "failed"),
        of_status(server, "/batches", "in_progress"),
    )
    found = wait(server.url, "--any", running, bad)
    assert (found.exit_code, found.stdout.split()[0]) == (4, bad)
    late = wait(server.url, "--timeout", "2", running, bad)
    assert late.exit_code == 8
    assert "not over after" in late.stdout


def test_what_is_gone_or_not_answered_costs_itself_only(server: Server) -> None:
    good = next(each["id"] for each in server.call("GET", "/batches?limit=100")["data"] if is_whole(each))
    found = wait(server.url, "batch_nobody", good)
    assert found.exit_code == 3
    assert "batch_nobody not found" in found.stdout
    assert "No batch found with id 'batch_nobody'" in found.stderr
    with odd_server({"/batches/batch_1": 500, "/fine_tuning/jobs/ftjob-1": 500}) as url:
        broken = wait(url, "batch_1", "ftjob-1")
    assert broken.exit_code == 1
    assert len(broken.stdout.splitlines()) == 2


def test_a_state_nobody_knows_is_not_said_to_be_well() -> None:
    job = {"id": "ftjob-1", "object": "fine_tuning.job", "status": "levitating"}
    with odd_server({"/fine_tuning/jobs/ftjob-1": job}) as url:
        found = wait(url, "ftjob-1")
    assert found.exit_code == 7
    assert "levitating" in found.stdout


def test_a_command_is_run_for_each_with_facts_and_no_shell(server: Server, tmp_path: Path) -> None:
    bad, *_ = of_status(server, "/fine_tuning/jobs", "failed")
    script, kept = tmp_path / "note.py", tmp_path / "kept"
    script.write_text("import os, sys; open(sys.argv[1], 'a').write(os.environ['O9S_ID'] + sys.argv[2])")
    found = wait(server.url, "--exec", f"'{sys.executable}' '{script}' '{kept}' '; echo $HOME'", bad)
    assert found.exit_code == 4
    assert kept.read_text() == f"{bad}; echo $HOME"
    assert "cannot be run" in wait(server.url, "--exec", "/no/such/program", bad).stderr
    assert wait(server.url, "--exec", "a 'b", bad).exit_code == 2


@pytest.mark.parametrize("written", ["nonsense", "file-1", "run_1", "run_1/step_1", "org/batch_1", ""])
def test_what_cannot_be_waited_for_is_a_sentence(written: str) -> None:
    with pytest.raises(WaitError, match=r"\.$"):
        find_waitable(written)


def test_every_kind_of_work_with_ids_of_its_own_can_be_waited_for() -> None:
    for resource in REGISTRY.values():
        if not resource.changes_itself or resource.get is None or not resource.prefixes:
            continue
        inside = "/".join("parent" for _ in resource.get.placeholders[:-1])
        found, path = find_waitable(f"{inside}/{resource.prefixes[0]}1".lstrip("/"))
        assert (found.name, len(path)) == (resource.name, len(resource.get.placeholders))


def test_what_a_server_names_in_its_own_way_is_waited_for_by_what_it_is() -> None:
    for resource in filter(is_waitable, REGISTRY.values()):
        assert resource.get
        parents = "".join("parent/" for _ in resource.get.placeholders[:-1])
        found, path = find_waitable(f"{parents}7f3a", resource)
        assert (found.name, list(path.values())[-1]) == (resource.name, "7f3a")
    silent = {"id": "8", "status": "completed"}
    with odd_server({"/batches/7f3a": {"id": "7f3a", "status": "failed"}, "/batches/8": silent}) as url:
        assert wait(url, "batches", "8").exit_code == 7, "it does not tell what was answered"
        ended = wait(url, "batches", "7f3a")
        assert (ended.exit_code, ended.stdout.split()[0]) == (4, "7f3a"), ended.output
        for words, said in (
            (["7f3a"], "o9s wait batches 7f3a."),
            (["batches"], "Give the ids"),
            (["files", "7f3a"], "nothing to wait for"),
        ):
            refused = wait(url, *words)
            assert refused.exit_code == 2
            assert said in refused.stderr
