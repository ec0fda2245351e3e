"""Going round all places again and again takes no more memory: what was left keeps no screens and no objects.

Run with `pytest tests/benchmarks/test_rounds.py -m figures -n 0 -s`; `O9S_ROUNDS` sets how many rounds.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.benchmarks.quiet import count_descriptors
from tests.support.console import opened
from tests.support.driving import served
from tui.resources.registry import PLACES, REGISTRY

if TYPE_CHECKING:
    from tests.support.console import Console

ROUNDS = int(os.environ.get("O9S_ROUNDS", "200"))
WARM = 3  # rounds, after which all has been seen
MOST = 100.0  # MB
GROWTH = 1.03  # of what it takes once all has been seen
ALL = [*PLACES.values(), *(each for each in REGISTRY.values() if each.list and not each.parent)]


class Figures(NamedTuple):
    """What the program holds after a round: memory in MB, open descriptors without connections, threads."""

    megabytes: float
    descriptors: int
    threads: int


def measure(pid: int) -> Figures:
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text().split()[1])
    threads = sum(1 for _ in (process / "task").iterdir())
    return Figures(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, count_descriptors(pid), threads)


def visit(console: Console, name: str) -> None:
    """Go to a place, wait until it is shown, and move the cursor there."""
    console.press(":")
    console.paste(name)
    console.press("enter")
    titles = (name, name.replace("-", " "))
    console.until(lambda: any(title in console.lines[2].lower() for title in titles), f"{name} in the title", 120)
    console.step("j", "j")


@pytest.mark.figures
@pytest.mark.timeout(20_000)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells what memory is used")
def test_no_memory_grows_with_the_rounds() -> None:
    rounds = []
    alone = {"PYTHONIOENCODING": "utf-8"}  # a program that is forked has in memory what the tests import
    with served(scenario="busy") as server, opened(server, "batches", **alone) as console:
        console.sees("● live")
        for number in range(1, ROUNDS + 1):
            for resource in ALL:
                visit(console, resource.name)
            rounds.append(measure(console.pid))
            console.output = b""
            sys.stdout.write(f"round {number}: {rounds[-1]}\n")
    warm, after = rounds[:WARM], rounds[WARM:]
    assert max(each.megabytes for each in after) <= MOST
    assert max(each.megabytes for each in after[len(after) // 2 :]) <= warm[-1].megabytes * GROWTH
    assert max(each.descriptors for each in after) <= max(each.descriptors for each in warm) + 2
    assert max(each.threads for each in after) <= max(each.threads for each in warm) + 2
