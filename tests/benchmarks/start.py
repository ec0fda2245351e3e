"""How soon the program is there, and what it sends until then."""

from __future__ import annotations

import shutil
import tempfile
import time
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import DATA_TABLE, SMALLEST, open_o9s, run_in_turn, settle
from tests.support.console import Console
from tests.support.driving import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 3
SIZES = ((120, 40), (200, 60))
BESIDE = "the smallest program"
OTHERS = (("harlequin", "Data Catalog"), ("posting", "Collection"))
_FIRST_ROW = 4  # line of the screen


def seconds_until(open_: Callable[[], Console], seen: Callable[[Console], bool]) -> float:
    """Return the milliseconds from the start of a program until something is on its screen."""
    began = time.perf_counter()
    with open_() as console:
        console.until(lambda: seen(console), "the program")
        return (time.perf_counter() - began) * 1e3


def until(words: str) -> Callable[[Console], bool]:
    """Return a test of whether words are on the screen."""
    return lambda console: words in console.text


def figures() -> Iterator[Figure]:
    """Start it beside the smallest program, with and without rows that were seen before."""
    with served(scenario="calm") as server:
        for columns, rows in SIZES:
            yield from _measure_size(server.url, columns, rows)
    for name, words in OTHERS:
        if command := shutil.which(name):
            works = {
                name: lambda command=command, words=words: seconds_until(  # type: ignore[misc]
                    lambda: Console(command=(command,)), until(words)
                ),
                BESIDE: lambda: seconds_until(lambda: Console(command=SMALLEST), until("here")),
            }
            taken = run_in_turn(works, 3)
            yield Figure(f"first frame of {name}, for comparison", taken[name], "ms", BESIDE, taken[BESIDE])
    table = {
        "table": lambda: seconds_until(lambda: Console(command=(*DATA_TABLE, "1000")), until("file-00000030")),
        BESIDE: lambda: seconds_until(lambda: Console(command=SMALLEST), until("here")),
    }
    taken = run_in_turn(table, 3)
    yield Figure("1,000 rows in a DataTable, for comparison", taken["table"], "ms", BESIDE, taken[BESIDE])


def _measure_size(url: str, columns: int, rows: int) -> Iterator[Figure]:
    at = f"at {columns}×{rows}"
    with tempfile.TemporaryDirectory() as known:

        def open_known() -> Console:
            return open_o9s(url, "batches", columns, rows, O9S_STATE_DIR=known)

        def open_new() -> Console:
            state = tempfile.mkdtemp(dir=known)
            return open_o9s(url, "batches", columns, rows, O9S_STATE_DIR=state)

        with open_known() as console:
            console.sees("● live")
            settle(console)
            first = console.lines[_FIRST_ROW].split()[1]
            console.press("\x11")  # ctrl+q: what was seen is kept at the end
            console.ends()
        with open_new() as console:
            console.sees("● live")
            sent = len(console.output)
        works = {
            BESIDE: lambda: seconds_until(
                lambda: Console(command=SMALLEST, columns=columns, rows=rows), until("here")
            ),
            "frame": lambda: seconds_until(open_new, until("starting…")),
            "seen": lambda: seconds_until(open_known, until(first)),
            "live": lambda: seconds_until(open_new, until("● live")),
        }
        taken = run_in_turn(works, ROUNDS)
    yield Figure(f"first frame {at}", taken["frame"], "ms", BESIDE, taken[BESIDE], times=1.25)
    yield Figure(f"rows seen last time {at}", taken["seen"], "ms", BESIDE, taken[BESIDE], times=1.3)
    yield Figure(f"live rows {at}", taken["live"], "ms", BESIDE, taken[BESIDE], times=2.0)
    yield Figure(f"sent until live rows {at}", sent / 1e3, "kB", most=25 if columns == 120 else None)
