"""What goes on while nobody does anything: a while in which nothing changes, an hour of `busy` in a minute."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import KEYS, cpu_of, open_o9s, resident, settle
from tests.support.console import Console
from tests.support.driving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

IDLE = 20.0  # seconds
SPEED = 40.0  # times as fast as real time: an hour takes a minute and a half
HOUR = 3600.0
NOW = 1_795_000_000.0


def figures() -> Iterator[Figure]:
    """Look on."""
    with served(scenario="calm", now=NOW) as server, open_o9s(server.url, "batches") as console:
        console.sees(" today")  # what the header counts is read last
        settle(console, 1.5)
        before, cpu, end = len(console.output), cpu_of(console.pid), time.monotonic() + IDLE
        while (left := end - time.monotonic()) > 0:
            console.read(left)
        yield Figure("sent while nothing changes", len(console.output) - before, "B", most=0)
        yield Figure("CPU for that", (cpu_of(console.pid) - cpu) / IDLE * 100, "%", most=1)
    yield from _watch_an_hour()


def _watch_an_hour() -> Iterator[Figure]:
    hurried = (sys.executable, "-m", "tests.benchmarks.hurried", str(SPEED), str(NOW))
    with served(scenario="busy", now=NOW) as server:
        began = time.monotonic()
        gone = 0.0
        alone = {**KEYS, "PYTHONIOENCODING": "utf-8"}  # one that is forked has in memory what the tests import
        with Console("home", "--base-url", server.url, command=hurried, env=alone) as console:
            console.sees("● live")
            settle(console, 0.2, 3)
            asked: Counter[tuple[float, str]] = Counter()
            memory, sent = resident(console.pid), len(console.output)
            early = late = 1 << 10  # the fewest files and sockets in each half: some are open for a moment
            while gone < HOUR:
                console.read(0.2)
                now = (time.monotonic() - began) * SPEED
                server.control("clock", advance=now - gone)
                gone = now
                held = count_descriptors(console.pid)
                if held and gone < HOUR / 2:  # 0: one was closed while they were counted
                    early = min(early, held)
                elif held:
                    late = min(late, held)
                asked |= Counter((each["at"], each["path"]) for each in server.requests())
            grown = resident(console.pid) - memory
            sent = len(console.output) - sent
    what = "an hour of busy"
    yield Figure(f"{what}: requests a minute", asked.total() / gone * 60, "", most=30)
    yield Figure(f"{what}: memory it grew by", grown, "MB", most=5)
    yield Figure(f"{what}: files and sockets it grew by", late - early, "", most=0)
    yield Figure(f"{what}: sent", sent / 1e3, "kB")


def count_descriptors(pid: int) -> int:
    """Return how many files and sockets a process has open; 0 where that is not told.

    Connections are left out: they come and go with what is asked at once, and are 20 at most.
    """
    try:
        opened = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
        connections = [line.split()[9] for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    except OSError:
        return 0
    return len(opened) - len({f"socket:[{inode}]" for inode in connections}.intersection(opened))
