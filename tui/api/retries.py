"""Which requests are repeated, and when: reads freely, writes only where nothing can have been done."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tui.api.errors import ApiError, BadAnswer, LinkError, QuotaExceeded, StatusError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 2  # repetitions of one request
PATIENCE = 8.0  # seconds: whoever waits longer is told, and decides
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
