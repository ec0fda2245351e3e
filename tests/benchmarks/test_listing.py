"""Listing 10,000 batches, beside the official client in the same run. Prints the ratio; asserts counts.

Run with `pytest tests/benchmarks -m figures -n 0 -s`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from statistics import median

import pytest

from tests.support.driving import PROJECT_KEY, served
from tui.api.client import Client
from tui.headless.listing import to_sandbox
from tui.resources.batch.batches import BATCHES

COUNT = 10_000


async def ours(url: str) -> int:
    client = Client(to_sandbox(url))
    assert BATCHES.list is not None
    try:
        return sum([len(page.items) async for page in client.pages(BATCHES.list, limit=100)])
    finally:
        await client.aclose()


def theirs(url: str) -> int:
    from openai import OpenAI

    return sum(1 for _ in OpenAI(api_key=PROJECT_KEY, base_url=url).batches.list(limit=100))


@pytest.mark.figures
def test_listing_ten_thousand() -> None:
    with served(scenario="huge") as server:
        spans: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(3):
            began = time.perf_counter()
            assert asyncio.run(ours(server.url)) >= COUNT
            spans["ours"].append(time.perf_counter() - began)
            began = time.perf_counter()
            assert theirs(server.url) >= COUNT
            spans["theirs"].append(time.perf_counter() - began)
    mine, other = median(spans["ours"]), median(spans["theirs"])
    said = f"{mine:.2f} s, the official client {other:.2f} s, ratio {mine / other:.2f}"
    sys.stdout.write(f"\n10,000 batches: {said}\n")
