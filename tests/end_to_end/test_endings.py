"""However it ends: the terminal is whole, the exit code tells, nothing printed holds a key."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.console import O9S, Console
from tests.support.driving import Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "sk-proj-" + "CANARY" * 5

# The program with one of its parts broken, its error carrying a key.
BROKEN = """
import sys
from tui.screens.places.listing.screen import ResourceScreen
from tui.cli.main import main
key = {key!r}

def handler(self):
    secret = key
    raise RuntimeError("it broke with " + secret)

async def worker(self, *_: object):
    handler(self)

ResourceScreen.action_attention = handler
if {at_start}:
    from tui.app import O9s
    O9s._open = worker
ResourceScreen._load_worker = worker
ResourceScreen.action_load_all = lambda self: self.run_worker(self._load_worker, exit_on_error=False)
sys.argv = ["o9s", *sys.argv[1:]]
main()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox that the programs which end have in common."""
    with served(scenario="calm") as server:
        yield server


def opened(url: str) -> Console:
    return Console("--base-url", url, env={"OPENAI_API_KEY": CANARY})


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_signals(server: Server, number: str, code: int) -> None:
    with opened(server.url) as console:
        console.sees("● live")
        console.kill(getattr(signal, number))
        assert console.ends() == code
        console.assert_whole()
        assert CANARY.encode() not in console.output


def test_a_signal_that_comes_as_it_starts() -> None:
    with Console("--sandbox", "calm") as console:
        console.until(lambda: b"\x1b[?1049h" in console.output, "the terminal to be taken")
        console.kill(signal.SIGQUIT)
        assert console.ends() == 131
        console.assert_whole()


def test_quitting(server: Server) -> None:
    with opened(server.url) as console:
        console.sees("● live")
        console.send("\x11")
        assert console.ends() == 0
        console.assert_whole()


def broken(url: str, at_start: bool = False) -> Console:
    command = (sys.executable, "-c", BROKEN.format(key=CANARY, at_start=at_start))
    return Console("batches", "--base-url", url, command=command, env={"OPENAI_API_KEY": CANARY})


@pytest.mark.faulty
def test_a_crash_at_the_start(server: Server, tmp_path: Path) -> None:
    with broken(server.url, at_start=True) as console:
        assert console.ends() == 1
        console.assert_whole()
        assert b"o9s stopped because of a fault of its own: RuntimeError" in console.output
        reports = list((tmp_path / "state").glob("crash-*.txt"))
        assert len(reports) == 1
        assert "in handler" in reports[0].read_text()
        for text in (console.output, reports[0].read_bytes()):
            assert CANARY.encode() not in text
            assert CANARY[:14].encode() not in text


@pytest.mark.faulty
@pytest.mark.parametrize("key", ["!", "L"], ids=["in an action", "in a worker"])
def test_a_fault_costs_no_more_than_what_it_was_doing(server: Server, tmp_path: Path, key: str) -> None:
    with broken(server.url) as console:
        console.sees("● live")
        console.press(key)
        console.sees("RuntimeError")
        assert len(list((tmp_path / "state").glob("crash-*.txt"))) == 1
        console.press("j", "?")
        console.sees("type to search · enter runs")
        console.kill(signal.SIGTERM)
        assert console.ends() == 143
        console.assert_whole()
        assert CANARY.encode() not in console.output


# The program with the terminal as its own, so that the kernel sends SIGHUP and SIGCONT when that hangs up.
CONTROLLED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "tui", *sys.argv[1:]])
"""


@pytest.mark.parametrize("command", [O9S, (sys.executable, "-c", CONTROLLED)], ids=["unsignalled", "signalled"])
def test_a_terminal_that_goes_away(server: Server, command: tuple[str, ...]) -> None:
    console = Console("--base-url", server.url, command=command, env={"OPENAI_API_KEY": CANARY})
    console.sees("● live")
    os.close(console._master)
    try:
        assert console._program.wait(timeout=30) == 129
    finally:
        console._program.kill()
        console._program.wait()


def test_a_program_that_is_told_to_continue_reads_on(server: Server) -> None:
    with opened(server.url) as console:
        console.sees("● live")
        for _ in range(2):
            console.kill(signal.SIGCONT)
            console.press("?")
            console.sees("type to search · enter runs")
            console.press("esc")
            console.until(lambda: "type to search · enter runs" not in console.text, "the list again")
        console.send("\x11")
        assert console.ends() == 0
        console.assert_whole()


def test_it_refuses_a_pipe() -> None:
    import subprocess

    done = subprocess.run([sys.executable, "-m", "tui"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "o9s get" in done.stderr
