"""Writes that were refused for haste are made again, but nobody waits for long without a word."""

from __future__ import annotations

import pytest

from tui.api.errors import RateLimited
from tui.api.retries import LONGEST, TRIES, retry_when_rate_limited


async def tried(retry_after: float | None) -> tuple[int, list[float]]:
    """How often a write was made that is always refused, and the waits between."""
    made, waits = 0, []

    async def write() -> None:
        nonlocal made
        made += 1
        raise RateLimited(429, retry_after=retry_after)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    with pytest.raises(RateLimited):
        await retry_when_rate_limited(write, sleep)
    return made, waits


async def test_a_short_wait_is_waited_and_a_long_one_is_told() -> None:
    assert await tried(2.0) == (1 + TRIES, [2.0] * TRIES)
    assert await tried(LONGEST + 1) == (1, [])
