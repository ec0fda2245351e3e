"""What goes over the wire to the terminal: nothing for nothing new, little for little."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.support.console import opened
from tests.support.driving import served
from tests.support.sent_files import requests_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.console import Console
    from tests.support.driving import Server

NOW = 1_795_000_000.0  # the sandbox's clock stands still until a test moves it


def settle(console: Console) -> None:
    """Wait until all that the start brings is drawn."""
    while console.read(1.0):
        pass


def polled(server: Server) -> int:
    """How many lists of batches the program has asked for."""
    return sum(1 for seen in server.requests() if seen["path"].startswith("/v1/batches"))


def test_nothing_new_sends_nothing() -> None:
    with served(scenario="calm", now=NOW) as server, opened(server, "batches") as console:
        console.sees("● live")
        settle(console)
        before = len(console.output)
        for _ in range(3):
            refreshed(console, server)
        settle(console)
        assert console.output[before:] == b""


def refreshed(console: Console, server: Server) -> None:
    """Ask for a poll, and wait until the server has answered it."""
    asked = polled(server)
    console.press("r")
    console.until(lambda: polled(server) > asked, "the poll")


def test_one_batch_that_moves_sends_its_row(tmp_path: Path) -> None:
    with served(scenario="calm", now=NOW) as server:
        content = requests_file(tmp_path, 2000).read_bytes()
        uploaded = server.call("POST", "/files", files={"file": ("r.jsonl", content)}, data={"purpose": "batch"})
        body = {"input_file_id": uploaded["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        server.call("POST", "/batches", json=body)
        server.control("clock", advance=12)
        with opened(server, "batches") as console:
            console.sees("/2,000")
            console.press("p")  # the detail out of the way: it would follow too
            console.press("j")
            settle(console)
            sizes = []
            for _ in range(4):
                shown, before = console.lines[4], len(console.output)
                server.control("clock", advance=1)
                refreshed(console, server)
                console.until(lambda shown=shown: console.lines[4] != shown, "the row to move")  # type: ignore[misc]
                settle(console)
                sizes.append(len(console.output) - before)
            # The first move also brings the rate, and with it the time to go. On a busy machine the end of
            # one move's brightness may fall into the next: two rows then.
            assert median(sizes[1:]) <= 300, sizes
            assert max(sizes[1:]) <= 600, sizes
