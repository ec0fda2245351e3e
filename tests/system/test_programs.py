"""Programs of the user: what they print is bounded, how they end is told, and they end with o9s."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from pathlib import Path

import pytest

from tests.support.driving import until
from tui.system.programs import MOST, CannotRun, run_program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are of POSIX")
ENVIRONMENT = {"PATH": os.environ.get("PATH", "")}


async def test_a_program_reads_and_prints_and_its_code_is_told() -> None:
    ended = await run_program(["sh", "-c", "cat; echo bad >&2; exit 3"], b"given\n", ENVIRONMENT)
    assert (ended.code, ended.output, ended.is_cut) == (3, "given\nbad\n", False)
    assert ended.describe("it") == "it ended with 3."
    killed = await run_program(["sh", "-c", "kill -9 $$"], b"x" * 1_000_000, ENVIRONMENT)
    assert killed.describe("it") == "it was ended by SIGKILL."


async def test_what_it_prints_is_kept_up_to_a_limit() -> None:
    ended = await run_program(["head", "-c", str(3 * MOST), "/dev/zero"], b"", ENVIRONMENT)
    assert (ended.code, len(ended.output), ended.is_cut) == (0, MOST, True)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no-such-program", "There is no program no-such-program here"),
        ("/", "no program that may be run"),
        ("a\0", "cannot"),
    ],
)
async def test_a_program_that_cannot_be_run_is_told(name: str, says: str) -> None:
    with pytest.raises(CannotRun, match=says):
        await run_program([name], b"", ENVIRONMENT)


async def test_stopped_while_it_begins_it_ends_with_all_that_it_started(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    script = f"sleep 600 & echo $! $$ > {begun}.part; mv {begun}.part {begun}; wait"
    running = asyncio.ensure_future(run_program(["sh", "-c", script], b"", ENVIRONMENT))
    for _ in range(2):  # as far as to what forks, which comes back before the event loop hears of it
        await asyncio.sleep(0)
    while not begun.exists():
        time.sleep(0.001)  # so that nothing else of this process goes on meanwhile
    running.cancel()
    await asyncio.wait({running})
    for number in begun.read_text().split():
        await until(partial(_is_over, int(number)), "its end")


async def test_stopped_it_ends_with_all_that_it_started(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    script = f"sleep 600 & echo $! $$ > {begun}.part; mv {begun}.part {begun}; wait"
    running = asyncio.ensure_future(run_program(["sh", "-c", script], b"", ENVIRONMENT))
    await until(begun.exists, "the program")
    running.cancel()
    await asyncio.wait({running})
    for number in begun.read_text().split():
        await until(partial(_is_over, int(number)), "its end")


def _is_over(process: int) -> bool:
    """Return whether a process is gone, or only waits to be forgotten by its parent."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"
