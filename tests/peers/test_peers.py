"""Servers that others wrote, driven as a user would: lists, an upload, a batch to its end, results, a chat.

Run with `pytest -m peers -n 0`; they are installed from the registries of npm and of Python into folders below
`O9S_PEERS`, where they stay for the next time, or into temporary ones. One that cannot be installed is skipped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tests.support.benching import ask, leave, panes
from tests.support.driving import opened, served, write_config
from tests.support.peers import KEY, PEERS, SAID, Peer, running
from tui.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]

REQUESTS = [f"say {number}" for number in range(3)]


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: peer.name)
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Peer, str]]:
    """A peer and its address."""
    with (
        served(scenario="calm", speed=600) as upstream,
        running(request.param, upstream.url, tmp_path_factory.mktemp("peers")) as address,
    ):
        yield request.param, address


@pytest.fixture(autouse=True)
def profile(peer: tuple[Peer, str]) -> None:
    """A profile for the peer: by its kind and address, where there is a kind."""
    about, address = peer
    where = f'kind = "{about.kind}"\nbase_url = "{address}"' if about.kind else f'base_url = "{address}/v1"'
    write_config(f'[profiles.peer]\nkey_command = ["echo", "{KEY}"]\n{where}\n{about.settings}')


def run(*words: str) -> Result:
    """Run a command on the peer."""
    return CliRunner().invoke(cli, [*words, "--profile", "peer"], prog_name="o9s")


def test_the_doctor_tells_what_it_has_and_what_not(peer: tuple[Peer, str]) -> None:
    about, _ = peer
    told = run("doctor", "-o", "json")
    assert told.exit_code == 0, told.output
    found = {each["name"]: each for each in json.loads(told.stdout)["findings"]}
    assert {name for name in about.has if found[name]["state"] != "good"} == set()
    assert {name: found[name]["what"] for name in about.lacks if found[name]["state"] != "absent"} == {}
    assert run("get", sorted(about.lacks)[0]).exit_code == 3


def test_a_batch_goes_from_the_file_to_its_results(peer: tuple[Peer, str], tmp_path: Path) -> None:
    about, _ = peer
    assert about.model in run("get", "models", "-o", "ids").stdout.split()
    made = [
        {
            "custom_id": f"r{at}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": about.model, "messages": [{"role": "user", "content": text}]},
        }
        for at, text in enumerate(REQUESTS)
    ]
    source = tmp_path / "requests.jsonl"
    source.write_text("".join(f"{json.dumps(each)}\n" for each in made))
    sent = run("upload", str(source), "--purpose", "batch")
    assert sent.exit_code == 0, sent.output
    file = json.loads(sent.stdout)["id"]
    assert file in run("get", "files", "-o", "ids").stdout.split()
    kept = tmp_path / "kept"
    assert run("download", file, "-o", str(kept)).exit_code == 0
    begun = run(
        "create", "batches", "--set", f"input_file_id={file}", "--set", "endpoint=/v1/chat/completions", "--yes"
    )
    assert begun.exit_code == 0, begun.output
    batch = json.loads(begun.stdout)["id"]
    assert batch in run("get", "batches", "-o", "ids").stdout.split()
    over = run("batch", "wait", batch, "--salvage", "--out", str(tmp_path / "out"), "--timeout", "120")
    assert over.exit_code == 0, over.output
    joined = (tmp_path / "out" / f"{batch}.joined.jsonl").read_text().splitlines()
    answers = [json.loads(line) for line in joined]
    assert [each["custom_id"] for each in answers] == [each["custom_id"] for each in made]
    assert run("wait", batch).exit_code == 0
    gone = run("delete", "files", file, "--yes", "--used")
    assert gone.exit_code == 0, gone.output
    assert file not in run("get", "files", "-o", "ids").stdout.split()


async def test_the_screen_is_live_a_chat_streams_and_what_is_missing_reads_so(peer: tuple[Peer, str]) -> None:
    about, _ = peer
    async with opened(resource="batches", profile="peer", env={}) as drive:
        await drive.sees("● live")
        await drive.command(f"chat {about.model}")
        await drive.until(lambda: panes(drive) and drive.app.screen.focused, "the bench")
        await ask(drive, "hello", within=60)
        (pane,) = panes(drive)
        assert pane.answer
        assert pane.answer.is_whole, pane.answer.outcome
        assert pane.answer.text
        assert pane.answer.first is not None
        if about.name == "aimock":
            assert pane.answer.text == SAID
        await leave(drive)
        await drive.command("home")
        await drive.sees("Not on this server")
        await drive.command(sorted(about.lacks)[0])
        await drive.sees("Not on this server.")
        await drive.command("files")
        await drive.sees("● live")
