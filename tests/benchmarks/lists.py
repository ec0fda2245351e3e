"""Lists of 1,000, 100,000 and 1,000,000 rows: when they are there, what they take, and keys, sorts and filters."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.large import Files, served_files
from tests.benchmarks.programs import (
    LATER,
    SMALLEST,
    hide_detail,
    open_o9s,
    press,
    press_in_turn,
    resident,
    settle,
)
from tests.support.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

BESIDE = "the smallest program"
ROUNDS = 30
BUDGETS: dict[int, tuple[float | None, float | None, float | None, float | None]] = {
    1_000: (None, None, 1.7, None),
    100_000: (500, 150, 1.7, 150),
    1_000_000: (None, 700, 2.0, None),
}
"""By rows: ms after the data, MB, times the key of the smallest program, ms to sort or filter."""


def figures() -> Iterator[Figure]:
    """Load a list whole, and use it."""
    for count, (ready, memory, key, anew) in BUDGETS.items():
        with (
            served_files(count) as files,
            Console(command=SMALLEST) as small,
            open_o9s(files.url, "files") as console,
        ):
            named = f"{count:,} rows"
            small.sees("here")
            console.sees("● live")
            yield from _load(console, files, named, ready, memory)
            settle(console)
            settle(small)
            taken = press_in_turn({BESIDE: small, "o9s": console}, {BESIDE: "xy", "o9s": "jjjjkkkk"}, ROUNDS)
            yield Figure(f"{named}: cursor key", taken["o9s"].seen, "ms", BESIDE, taken[BESIDE].seen, times=key)
            yield Figure(f"{named}: CPU of it", taken["o9s"].cpu, "ms", BESIDE, taken[BESIDE].cpu)
            for what, keys in (
                ("sorted by size", "C"),
                ("sorted by name", "N"),
                ("a letter more to filter by", "/n"),
            ):
                for each in keys[:-1]:
                    press(console, each)
                yield Figure(f"{named}: CPU of {what}", press(console, keys[-1], LATER).cpu, "ms", most=anew)


def _load(
    console: Console, files: Files, named: str, ready: float | None, memory: float | None
) -> Iterator[Figure]:
    hide_detail(console)
    before = resident(console.pid)
    console.press("L")
    console.until(lambda: f"files  {files.count:,} " in f"{console.lines[2]} ", "all files", 240)
    yield Figure(f"{named}: ready after the data", (time.monotonic() - files.sent_at) * 1e3, "ms", most=ready)
    settle(console)
    taken = resident(console.pid)
    yield Figure(f"{named}: memory", taken, "MB", most=memory)
    yield Figure(f"{named}: memory for a row", (taken - before) / files.count * 1e6, "B")
