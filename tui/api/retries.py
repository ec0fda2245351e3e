"""When a failed request is repeated: reads freely, writes only where nothing can have been done."""

from __future__ import annotations

import asyncio
import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from tui.api.errors import ApiError, BadAnswer, LinkError, NotServed, QuotaExceeded, RateLimited, StatusError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

MOST = 2  # repetitions of one request
PATIENCE = 8.0  # seconds: whoever waits longer is told, and decides
T = TypeVar("T")
TRIES = 3  # times a write is made again that was answered with 429
HASTE = 1.0  # seconds before it, unless the platform asks for more
LONGEST = 60.0  # seconds: whoever is to wait longer is told, and decides
_YEAR = 31_536_000.0
_REPEATABLE = frozenset({408, 409, 429})


def backoff(failures: int, longest: float, *, first: float = 1.0, growth: float = 2.0) -> float:
    """Return the seconds to wait after so many failures in a row: `first`, then `growth` times as long each."""
    return float(min(longest, first * growth ** min(max(failures, 1) - 1, 16)))


def seconds_until(due: float, now: float, longest: float) -> float:
    """Return the seconds until something is due that never has to wait longer than `longest`.

    What seems further off than that was noted before somebody set the clock back: it is due now.
    """
    left = due - now
    return max(0.0, left) if left <= longest else 0.0


def delay_before_retry(error: ApiError, *, reads_only: bool, retries: int) -> float | None:
    """Return the seconds until a request may be sent again that failed after `retries` repetitions, or None."""
    if retries >= MOST or not _may_repeat(error, reads_only):
        return None
    wanted = error.retry_after if isinstance(error, StatusError) else None
    if wanted is None:
        return backoff(retries + 1, PATIENCE, first=0.5) * random.uniform(0.75, 1)
    # A little later than asked, and not all at the same moment.
    return wanted + random.uniform(0, 0.25) if wanted <= PATIENCE else None


def _may_repeat(error: ApiError, reads_only: bool) -> bool:
    """Return whether the same request can succeed later, and cannot do its work twice."""
    match error:
        case QuotaExceeded() | NotServed():
            return False
        case StatusError(should_retry=bool(word)):
            return word
        case StatusError(status=status):
            return status == 429 or (reads_only and (status in _REPEATABLE or status >= 500))
        case LinkError(reason="refused"):
            # A watcher hears at once and has its own pace; for a user's write a restarting server is waited for.
            return not reads_only
        case LinkError(reason="cut") | BadAnswer(reason="cut"):
            return reads_only
    return False


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds the server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date."""
    text = headers.get("retry-after", "").strip()
    try:
        return _bound(float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass  # the other header is asked
    try:
        return _bound(float(text))
    except ValueError:
        pass  # a date, then
    try:
        return _bound(parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _bound(seconds: float) -> float | None:
    """Return a wait of at most a year; None for one that is past or is no number."""
    return min(seconds, _YEAR) if seconds > 0 else None


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """Return the server's explicit word in `x-should-retry`, if it says any."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


async def retry_when_rate_limited(
    write: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> T:
    """Make a write, and again, at most `TRIES` times, while it is answered with 429. Raises ApiError.

    A 429 that asks for a longer wait than `LONGEST` is raised at once.
    """
    for _ in range(TRIES):
        try:
            return await write()
        except RateLimited as error:
            if (error.retry_after or 0) > LONGEST:
                raise
            await sleep(max(HASTE, error.retry_after or 0))
    return await write()
