"""Commands that a signal stops while a write is under way: what became of it is looked for and told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import KEYS
from tests.support.console import O9S, Console
from tests.support.driving import Server, served, until
from tui.api.log.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN_KEYS = "/organization/admin_api_keys"
# The program with the terminal as its own, which tells it that it hangs up.
CONTROLLED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "tui", *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


def find_sent(server: Server, method: str, path: str) -> int:
    """How many such calls it has seen."""
    return sum((each["method"], each["path"]) == (method, f"/v1{path}") for each in server.requests())


async def stop(server: Server, number: int, method: str, path: str, *words: str) -> tuple[int, Any, str]:
    """Send a command a signal while its call is not answered; give its code, its line, its sentences."""
    before = find_sent(server, method, path)
    server.control("faults", spec=f"hang-after@{method} {path} x1")
    program = subprocess.Popen(
        [sys.executable, "-m", "tui", *words, "--base-url", server.url],
        env={**os.environ, **KEYS},
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        await until(lambda: find_sent(server, method, path) > before, "the call")
        program.send_signal(number)
        out, told = program.communicate(timeout=40)
    finally:
        program.kill()
        program.wait()
        server.control("faults", spec="")
    return program.returncode, json.loads(out), told


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
async def test_what_was_deleted_is_told(server: Server, number: int, code: int) -> None:
    store = server.call("POST", "/vector_stores", json={"name": "to go"})["id"]
    words = ("delete", "vector-stores", store, "--yes", "--used")
    ended, line, told = await stop(server, number, "DELETE", f"/vector_stores/{store}", *words)
    assert (ended, line["outcome"]) == (code, "done"), told
    assert "It is gone, so it was done." in told
    assert [each["outcome"] for each in Journal("").entries()] == ["unknown"], "as it was when it ended"


async def test_what_may_have_been_made_is_named(server: Server) -> None:
    words = ("create", "admin-keys", "--set", "name=stopped", "--yes")
    ended, line, told = await stop(server, signal.SIGTERM, "POST", ADMIN_KEYS, *words)
    assert (ended, line["outcome"], len(line["alike"])) == (7, "unknown", 1), told
    (made,) = line["alike"]
    assert f"the same values: {made}" in told
    assert "Its secret cannot be had any more: delete it before you make another." in told
    ended, line, told = await stop(
        server, signal.SIGTERM, "POST", ADMIN_KEYS, "rotate", "admin-keys", made, "--yes"
    )
    assert (ended, line["outcome"], line["old"]) == (7, "unknown", made), told
    assert len(line["alike"]) == 1, "the old one is none that was made"
    assert f"the same values: {line['alike'][0]}" in told


def test_a_terminal_that_is_gone_leaves_the_journal_whole(server: Server) -> None:
    store = server.call("POST", "/vector_stores", json={"name": "hung up"})["id"]
    path = f"/vector_stores/{store}"
    server.control("faults", spec=f"hang-after@DELETE {path} x1")
    words = ("delete", "vector-stores", store, "--yes", "--used", "--base-url", server.url)
    console = Console(*words, command=(sys.executable, "-c", CONTROLLED), env=KEYS)
    try:
        console.until(lambda: find_sent(server, "DELETE", path), "the call")
        os.close(console._master)
        assert console._program.wait(timeout=40) == 129
    finally:
        console._program.kill()
        console._program.wait()
    assert [each["outcome"] for each in Journal("").entries()] == ["unknown"]


async def test_what_ignores_a_hang_up_goes_on(server: Server) -> None:
    ignoring = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    code = f"import os, signal, sys; {ignoring}; os.execv(sys.executable, sys.argv[1:])"
    store = server.call("POST", "/vector_stores", json={"name": "kept on"})["id"]
    server.control("faults", spec=f"latency=1500ms@DELETE /vector_stores/{store} x1")
    words = ("delete", "vector-stores", store, "--yes", "--used", "--base-url", server.url)
    program = subprocess.Popen(
        [sys.executable, "-c", code, *O9S, *words], env={**os.environ, **KEYS}, stdout=subprocess.PIPE, text=True
    )
    try:
        await until(lambda: Journal("").entries(), "the call")
        program.send_signal(signal.SIGHUP)
        out, _ = program.communicate(timeout=40)
    finally:
        program.kill()
        program.wait()
    assert (program.returncode, json.loads(out)["outcome"]) == (0, "done")
