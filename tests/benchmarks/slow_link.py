"""Keys over a link of 256 kbit/s that takes 150 ms there and back."""

from __future__ import annotations

import os
import select
import tempfile
import time
from collections import deque
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import KEYS, hide_detail
from tests.benchmarks.streams import begin_flood, typed
from tests.support.console import Console
from tests.support.driving import served
from tests.support.sent_files import requests_file

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 32_000  # bytes a second
ROUND_TRIP = 0.150  # seconds
ROUNDS = 40
PIECE = 512  # bytes that the link takes from the program at a time
NOW = 1_795_000_000.0


class SlowConsole(Console):
    """A program in a terminal at the other end of a slow link."""

    def __init__(self, *arguments: str, **options: Any) -> None:
        self._typed: deque[tuple[float, str]] = deque()
        self._sent: deque[tuple[float, bytes]] = deque()
        self._free = 0.0  # when the link has room again
        super().__init__(*arguments, **options)

    def send(self, keys: str) -> None:
        """Type: it arrives half a round trip later."""
        self._typed.append((time.monotonic() + ROUND_TRIP / 2, keys))

    def read(self, patience: float) -> int:
        """Take in what arrives within `patience` seconds; returns how many bytes did."""
        end = time.monotonic() + patience
        while True:
            now = time.monotonic()
            while self._typed and self._typed[0][0] <= now:
                os.write(self._master, self._typed.popleft()[1].encode())
            if now >= self._free and select.select([self._master], [], [], 0)[0]:
                try:
                    piece = os.read(self._master, PIECE)
                except OSError:
                    return 0
                self._free = max(now, self._free) + len(piece) / RATE
                self._sent.append((self._free + ROUND_TRIP / 2, piece))
            arrived = b""
            while self._sent and self._sent[0][0] <= now:
                arrived += self._sent.popleft()[1]
            if arrived:
                self._take(arrived)
                return len(arrived)
            if now >= end:
                return 0
            moments = [end, *(line[0][0] for line in (self._typed, self._sent) if line)]
            pause = max(0.0005, min(moments) - now)
            if now < self._free:
                time.sleep(min(pause, self._free - now))
            else:
                select.select([self._master], [], [], pause)


def cursor_line(console: Console) -> int:
    """Return the line that the cursor of the list stands on: the only one with its background."""
    grounds = {y: console._screen.buffer[y][4].bg for y in range(4, 38)}
    found = list(grounds.values())
    return next((y for y, ground in grounds.items() if found.count(ground) == 1), 0)


def moved(console: Console, key: str) -> float:
    """Return the milliseconds from a key to the cursor on another line."""
    before = cursor_line(console)
    pressed = time.perf_counter()
    console.press(key)
    console.until(lambda: console.text and cursor_line(console) not in (before, 0), "the cursor to move")
    return (time.perf_counter() - pressed) * 1e3


def figures() -> Iterator[Figure]:
    """Move the cursor while 50 batches move on, and type while a model writes."""
    with tempfile.TemporaryDirectory() as folder, served(scenario="calm", now=NOW) as server:
        content = requests_file(Path(folder), 2000).read_bytes()
        uploaded = server.call("POST", "/files", files={"file": ("r.jsonl", content)}, data={"purpose": "batch"})
        body = {"input_file_id": uploaded["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        for _ in range(50):
            server.call("POST", "/batches", json=body)
        server.control("clock", advance=12)
        with SlowConsole("batches", "--base-url", server.url, env=KEYS) as console:
            began = time.perf_counter()
            console.sees("● live")
            there = (time.perf_counter() - began) * 1e3
            console.step()
            hide_detail(console)
            taken = []
            for number in range(ROUNDS):
                if number % 4 == 0:
                    server.control("clock", advance=1)
                    console.send("r")
                    console.read(0.05)
                taken.append(moved(console, "jk"[number // 8 % 2]))
    trip = ROUND_TRIP * 1e3
    link = "the link's round trip"
    yield Figure("slow link: live rows", there, "ms", link, trip)
    yield Figure("slow link: cursor key while 50 batches change", median(taken), "ms", link, trip, most=trip + 60)
    yield Figure("slow link: the slowest tenth of them", quantiles(taken, n=10)[-1], "ms", link, trip)
    with (
        served(scenario="calm") as server,
        SlowConsole("models", "--base-url", server.url, env=KEYS) as console,
    ):
        begin_flood(console)
        flood = typed(console, while_="● writing", keys=15)
    yield Figure(
        "slow link: typing while 10,000 events a second arrive",
        median(flood),
        "ms",
        link,
        trip,
        most=2 * (trip + 60),
    )
