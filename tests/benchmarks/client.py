"""Listing 10,000 batches, beside the official client."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import run_in_turn
from tests.support.driving import PROJECT_KEY, served
from tui.api.client import Client
from tui.headless.lists.listing import connect_to_sandbox
from tui.resources.batch.batches import BATCHES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT = 10_000


async def ours(url: str) -> int:
    client = Client(connect_to_sandbox(url))
    assert BATCHES.list is not None
    try:
        return sum([len(page.items) async for page in client.pages(BATCHES.list, limit=100)])
    finally:
        await client.aclose()


def theirs(url: str) -> int:
    from openai import OpenAI

    return sum(1 for _ in OpenAI(api_key=PROJECT_KEY, base_url=url).batches.list(limit=100))


def cpu_of(work: Callable[[], int]) -> float:
    """Return the CPU milliseconds of a work that lists all."""
    began = time.process_time()
    if (found := work()) < COUNT:
        raise RuntimeError(f"{found:,} batches were listed, not {COUNT:,}")
    return (time.process_time() - began) * 1e3


def figures() -> Iterator[Figure]:
    """List them with both clients, in turn. CPU time: the sandbox takes most of the rest."""
    with served(scenario="huge") as server:
        works = {"o9s": lambda: cpu_of(lambda: asyncio.run(ours(server.url)))}
        beside = "the official client"
        if importlib.util.find_spec("openai"):
            theirs(server.url)  # its imports
            works[beside] = lambda: cpu_of(lambda: theirs(server.url))
        taken = run_in_turn(works, 3)
    yield Figure("listing 10,000 objects", taken["o9s"], "ms", beside, taken.get(beside), times=0.22)
