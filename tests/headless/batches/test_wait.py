"""A batch without a screen: waited for, its results kept, and an exit code that tells."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tests.support.driving import PROJECT_KEY, Server, served
from tests.support.sent_files import requests_file
from tui.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An account with batches of every kind."""
    with served(scenario="calm", speed=20.0) as server:
        yield server


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks again at once."""
    monkeypatch.setattr("tui.headless.waiting.object_wait.PACE", (0.05, 0.1))


def wait(server: Server, *arguments: str) -> Result:
    env = {"OPENAI_API_KEY": PROJECT_KEY}
    return CliRunner().invoke(
        cli, ["batch", "--base-url", server.url, "wait", *arguments], env=env, prog_name="o9s"
    )


def batches(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.call("GET", "/batches?limit=100")["data"]
    return found


def test_the_exit_code_tells_what_became_of_it(server: Server) -> None:
    codes: dict[tuple[str, str], str] = {}
    for batch in batches(server):
        counts = batch["request_counts"]
        share = "some" if counts["completed"] and counts["failed"] else "all" if counts["failed"] else "none"
        codes.setdefault((batch["status"], share), batch["id"])
    wanted = {
        ("completed", "none"): 0,
        ("completed", "some"): 3,
        ("completed", "all"): 4,
        ("failed", "none"): 4,
        ("expired", "some"): 5,
        ("cancelled", "none"): 5,
    }
    assert {kind: wait(server, codes[kind]).exit_code for kind in wanted} == wanted


def test_a_running_batch_is_waited_for_through_trouble(server: Server, tmp_path: Path) -> None:
    content = requests_file(tmp_path, 100).read_bytes()
    file = server.call("POST", "/files", files={"file": ("r.jsonl", content)}, data={"purpose": "batch"})["id"]
    body = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    id_ = server.call("POST", "/batches", json=body)["id"]
    server.control("faults", spec=f"cut@GET /batches/{id_} x5")
    try:
        result = wait(server, id_)
    finally:
        server.control("faults", spec="")
    assert result.exit_code == 0, result.output
    assert f"{id_} ok: 100 ok, 0 failed\n" in result.output


def test_what_came_of_it_is_kept_and_nothing_is_overwritten(server: Server, tmp_path: Path) -> None:
    batch = next(each for each in batches(server) if each["status"] == "expired")
    folder = tmp_path / "new" / "folder"
    result = wait(server, batch["id"], "--salvage", "--out", str(folder))
    assert result.exit_code == 5, result.output
    assert "expired 20" in result.output
    names = {path.name.removeprefix(f"{batch['id']}."): path for path in folder.iterdir()}
    assert set(names) == {"joined.jsonl", "joined.csv", "retry.jsonl"}
    joined = [json.loads(line) for line in names["joined.jsonl"].read_text().splitlines()]
    assert len(joined) == batch["request_counts"]["total"]
    with names["joined.csv"].open(newline="") as file:
        assert [row["custom_id"] for row in csv.DictReader(file)] == [line["custom_id"] for line in joined]
    again = [json.loads(line)["custom_id"] for line in names["retry.jsonl"].read_text().splitlines()]
    assert again == [line["custom_id"] for line in joined if line["outcome"] == "expired"]
    before = {name: path.read_bytes() for name, path in names.items()}
    result = wait(server, batch["id"], "--salvage", "--out", str(folder))
    assert (result.exit_code, "exists" in result.output) == (5, True)
    assert {name: path.read_bytes() for name, path in names.items()} == before
    assert len(list(folder.iterdir())) == len(before)


def test_what_is_wrong_is_said_in_a_sentence(server: Server, tmp_path: Path) -> None:
    assert wait(server, "batch_nope").exit_code == 3
    assert "batch_nope" in wait(server, "batch_nope").output
    result = wait(server, "batch_nope", "--out", str(tmp_path))
    assert (result.exit_code, "give both" in result.output) == (2, True)
    batch = next(each for each in batches(server) if each["status"] == "expired")
    (tmp_path / "file").write_text("")
    result = wait(server, batch["id"], "--salvage", "--out", str(tmp_path / "file" / "below"))
    assert result.exit_code == 1
    assert str(tmp_path / "file" / "below") in result.output
