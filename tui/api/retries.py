"""Which requests are repeated, and when: reads freely, writes only where nothing can have been done."""

from __future__ import annotations

import asyncio
import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from tui.api.errors import ApiError, BadAnswer, LinkError, QuotaExceeded, RateLimited, StatusError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

MOST = 2  # repetitions of one request
PATIENCE = 8.0  # seconds: whoever waits longer is told, and decides
T = TypeVar("T")
TRIES = 3  # times a write is made again that was refused for haste
HASTE = 1.0  # seconds before it, unless the platform names more
LONGEST = 60.0  # seconds: whoever is to wait longer is told, and decides
_REPEATABLE = frozenset({408, 409, 429})


def delay(error: ApiError, *, reads_only: bool, retries: int) -> float | None:
    """Seconds until a failed request may be sent again after `retries` repetitions, or None: never."""
    if retries >= MOST or not _worth(error, reads_only):
        return None
    backoff = min(0.5 * 2.0**retries, PATIENCE) * random.uniform(0.75, 1)
    wanted = error.retry_after if isinstance(error, StatusError) else None
    if wanted is None:
        return backoff
    # A little later than asked, and not all at the same moment.
    return wanted + random.uniform(0, 0.25) if wanted <= PATIENCE else None


def _worth(error: ApiError, reads_only: bool) -> bool:
    """Whether the same request can do better, and cannot do its work twice."""
    match error:
        case QuotaExceeded():
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
    """Seconds to wait as the server asks: `retry-after-ms`, or `retry-after` in seconds or as a date."""
    text = headers.get("retry-after", "").strip()
    try:
        return _sane(float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    try:
        return _sane(float(text))
    except ValueError:
        pass
    try:
        return _sane(parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _sane(seconds: float) -> float | None:
    """A wait between nothing and a week; neither what is past nor what is no number."""
    return seconds if 0 < seconds < 604_800 else None


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """The server's explicit word in `x-should-retry`, if it says any."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


async def patiently(
    write: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> T:
    """Make a write until it is not refused for haste, or patience ends. Raises ApiError.

    Where the platform names a longer time than `LONGEST`, that is told at once.
    """
    for _ in range(TRIES):
        try:
            return await write()
        except RateLimited as error:
            if (error.retry_after or 0) > LONGEST:
                raise
            await sleep(max(HASTE, error.retry_after or 0))
    return await write()
