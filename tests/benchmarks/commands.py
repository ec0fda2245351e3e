"""What commands without a screen compute, beside a Python that does nothing and the official client."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import KEYS, cpu_of_command, run_in_turn
from tests.support.console import O9S
from tests.support.driving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
NOTHING = (sys.executable, "-c", "pass")
BESIDE = "a Python that does nothing"
LISTING = "a script with the official client"
OFFICIAL = (
    "import sys\nfrom openai import OpenAI\n"
    "for each in OpenAI(base_url=sys.argv[1]).batches.list(limit=100).data:\n    print(each.id)"
)
OLD = "EARLIER_O9S"
"""The variable that names another o9s to compare `get` with, such as one of an earlier version."""


def figures() -> Iterator[Figure]:
    """Run each in turn with its yardstick."""
    with served(scenario="calm") as server:
        got = ("get", "batches", "--limit", "100", "--base-url", server.url)
        works = {
            BESIDE: lambda: cpu_of_command(*NOTHING),
            "help": lambda: cpu_of_command(*O9S, "--help"),
            "get": lambda: cpu_of_command(*O9S, *got, env=KEYS),
            "resources": lambda: cpu_of_command(*O9S, "resources"),
        }
        if importlib.util.find_spec("openai"):
            works[LISTING] = lambda: cpu_of_command(sys.executable, "-c", OFFICIAL, server.url, env=KEYS)
        if before := os.environ.get(OLD):
            works[OLD] = lambda: cpu_of_command(before, *got, env=KEYS)
        taken = run_in_turn(works, ROUNDS)
    nothing = taken[BESIDE]
    yield Figure("o9s --help", taken["help"], "ms", BESIDE, nothing, most=2.5 * nothing + 40)
    if OLD in taken:
        yield Figure("o9s get, a page", taken["get"], "ms", "the same before", taken[OLD], times=0.45)
    if LISTING in taken:
        yield Figure("o9s get, a page", taken["get"], "ms", LISTING, taken[LISTING])
    yield Figure("o9s resources", taken["resources"], "ms", BESIDE, nothing)
