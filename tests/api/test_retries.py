"""Writes that were refused for haste are made again, but nobody waits for long without a word."""

from __future__ import annotations

import pytest

from tui.api.errors import RateLimited
from tui.api.retries import LONGEST, TRIES, retry_after, retry_when_rate_limited


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


@pytest.mark.parametrize(
    ("told", "seconds", "words"),
    [
        ("0.5", 0.5, "in 1 s."),
        ("119", 119.0, "in 119 s."),
        ("7200", 7_200.0, "in 2 h."),
        ("604801", 604_801.0, "in 7 d."),
        ("1e300", 31_536_000.0, "in 365 d."),
        ("inf", 31_536_000.0, "in 365 d."),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 31_536_000.0, "in 365 d."),
        ("nan", None, "in a while."),
        ("-3", None, "in a while."),
        ("0", None, "in a while."),
        ("soon", None, "in a while."),
    ],
)
def test_a_wait_of_any_length_is_honoured(told: str, seconds: float | None, words: str) -> None:
    assert retry_after({"retry-after": told}) == seconds
    assert RateLimited(429, retry_after=seconds).next.endswith(words)
