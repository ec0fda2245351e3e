"""What goes on while nobody does anything: a while in which nothing changes, an hour of `busy` in a minute."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import KEYS, Console, cpu_of, open_o9s, resident, settle
from tests.support.driving import served
from tests.support.virtual import busiest_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

IDLE = 20.0  # seconds
SPEED = 40.0  # times as fast as real time: an hour takes a minute and a half
HOUR = 3600.0
NOW = 1_795_000_000.0


def figures() -> Iterator[Figure]:
    """Look on."""
    with served(scenario="calm", now=NOW) as server, open_o9s(server.url, "batches") as console:
        console.sees("● live")
        settle(console, 1.5)
        before, cpu, end = len(console.output), cpu_of(console.pid), time.monotonic() + IDLE
        while (left := end - time.monotonic()) > 0:
            console.read(left)
        yield Figure("sent while nothing changes", len(console.output) - before, "B", most=0)
        yield Figure("CPU for that", (cpu_of(console.pid) - cpu) / IDLE * 100, "%", most=1)
    yield from _watch_an_hour()


def _watch_an_hour() -> Iterator[Figure]:
    hurried = (sys.executable, "-m", "tests.benchmarks.hurried", str(SPEED), str(time.time()))
    serving = subprocess.Popen((*hurried, "sandbox"), stdout=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    url = serving.stdout.readline().strip()
    try:
        with Console("home", "--base-url", url, command=hurried, env=KEYS) as console:
            console.sees("● live")
            settle(console, 0.2, 3)
            asked: dict[str, float] = {}
            memory, descriptors = resident(console.pid), _descriptors(console.pid)
            sent, most, end = len(console.output), descriptors, time.monotonic() + HOUR / SPEED
            log = f"{url.removesuffix('/v1')}/_sandbox/requests"
            while time.monotonic() < end:
                console.read(60 / SPEED)
                most = max(most, _descriptors(console.pid))
                asked |= {repr(each): float(each["at"]) for each in httpx.get(log).json()["data"]}
            grown = resident(console.pid) - memory
            sent = len(console.output) - sent
            yield Figure(
                "an hour of busy: requests in its busiest minute",
                busiest_minute(sorted(asked.values())),
                "",
                most=30,
            )
            yield Figure("an hour of busy: memory it grew by", grown, "MB", most=5)
            yield Figure(
                "an hour of busy: files and sockets it grew by",
                _descriptors(console.pid) - descriptors,
                "",
                most=0,
            )
            yield Figure("an hour of busy: sent", sent / 1e3, "kB")
    finally:
        serving.kill()
        serving.wait()
        serving.stdout.close()


def _descriptors(pid: int) -> int:
    """Return how many files and sockets a process has open; 0 where that is not told."""
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0
