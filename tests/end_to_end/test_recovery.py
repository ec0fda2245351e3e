"""The server goes away while the program watches, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.console import opened
from tests.support.driving import Server
from tests.support.nursery import world
from tui.sandbox.serving.child import Sandbox

if TYPE_CHECKING:
    from pathlib import Path


def test_rows_stay_and_it_is_live_again_within_five_seconds() -> None:
    with world(scenario="calm") as data:
        goes_and_comes_back(data)


def goes_and_comes_back(data: Path) -> None:
    """See what the program does while a sandbox is away that keeps its state in a directory."""
    first = Sandbox.start(scenario="calm", data=data)
    port = int(first.url.rpartition(":")[2].removesuffix("/v1"))
    try:
        with opened(Server(first), "batches") as console:
            console.sees("● live")
            console.until(lambda: console.lines[20][20:38].strip(), "the rows")
            console.step()
            rows = [line[20:38].strip() for line in console.lines[4:20]]  # the names
            assert all(rows), rows
            first.stop()
            console.sees("▲ as of")
            console.sees("refuses the connection")
            console.until(lambda: all(row in console.text for row in rows), "all the rows to stay")
            console.press("j", "j", "/")  # the rest of the screen is alive
            console.fill("outcome:running")
            console.press("enter")
            console.until(lambda: "of" in console.lines[2], "the filter")
            console.press("esc")
            with Sandbox.start(scenario="calm", data=data, port=port):
                console.sees("● live", within=5)
                assert "▲ as of" not in console.text
    finally:
        first.stop()
