"""Writes that were refused for haste are made again, but nobody waits for long without a word."""

from __future__ import annotations

import pytest

from tui.api.errors import ApiError, BadAnswer, LinkError, OutcomeUnknown, QuotaExceeded, RateLimited, ServerError
from tui.api.retries import (
    LONGEST,
    MOST,
    PATIENCE,
    TRIES,
    backoff,
    delay_before_retry,
    retry_after,
    retry_when_rate_limited,
    seconds_until,
)


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


@pytest.mark.parametrize(
    ("error", "reads", "writes"),
    [
        (RateLimited(429), True, True),
        (QuotaExceeded(429), False, False),
        (ServerError(500), True, False),
        (RateLimited(429, should_retry=False), False, False),
        (OutcomeUnknown(ServerError(503, should_retry=True)), False, False),
        (ServerError(500, should_retry=False), False, False),
        (LinkError("refused", "It failed."), False, True),
        (LinkError("cut", "It failed."), True, False),
        (LinkError("timeout", "It failed."), False, False),
        (BadAnswer("cut", "It is odd."), True, False),
        (BadAnswer("shape", "It is odd."), False, False),
    ],
)
def test_what_is_repeated(error: ApiError, reads: bool, writes: bool) -> None:
    for reads_only, repeated in ((True, reads), (False, writes)):
        for retries in range(MOST):
            assert (delay_before_retry(error, reads_only=reads_only, retries=retries) is not None) is repeated
        assert delay_before_retry(error, reads_only=reads_only, retries=MOST) is None


@pytest.mark.parametrize(
    ("due", "left"), [(130.0, 30.0), (100.0, 0.0), (70.0, 0.0), (160.0, 60.0), (161.0, 0.0), (7300.0, 0.0)]
)
def test_no_wait_is_longer_than_its_longest_whatever_the_clock_says(due: float, left: float) -> None:
    assert seconds_until(due, 100.0, 60.0) == left


def test_waits_grow_and_differ_and_follow_the_server() -> None:
    for retries, longest in ((0, 0.5), (1, 1.0)):
        waits = {delay_before_retry(RateLimited(429), reads_only=True, retries=retries) for _ in range(20)}
        assert len(waits) > 1
        assert all(wait and longest * 0.75 <= wait <= longest for wait in waits)
    assert [backoff(failures, 30.0) for failures in (0, 1, 2, 5, 6, 900)] == [1.0, 1.0, 2.0, 16.0, 30.0, 30.0]
    for wanted in (0.5, PATIENCE):
        wait = delay_before_retry(RateLimited(429, retry_after=wanted), reads_only=True, retries=0)
        assert wait is not None
        assert wanted <= wait <= wanted + 0.25
    late = RateLimited(429, retry_after=PATIENCE + 0.1)
    assert delay_before_retry(late, reads_only=True, retries=0) is None


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
