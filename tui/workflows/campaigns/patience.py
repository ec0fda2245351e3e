"""Waiting out what passes: a link that is down, a platform that fails, 429 for an hour."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from tui.api.errors import ApiError, BadAnswer, LinkError, OutcomeUnknown, RateLimited, ServerError
from tui.api.retries import backoff
from tui.resources.language.cells import duration

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    T = TypeVar("T")

FIRST = 30.0  # seconds that a link may be down which never worked: it is more likely to be a wrong address
LONGEST = 86_400.0  # seconds that a fault may last; the platform may ask to wait for longer
PAUSE = (1.0, 60.0)  # seconds between tries: at first, and at the most
_WANTED = 3_600.0  # seconds that the platform may ask to wait at once
_STEP = 20.0  # seconds between two lines that tell of it


class Patience:
    """Tries calls again while they fail for what passes. `on_note` hears what stays, `on_progress` the rest."""

    def __init__(self, on_progress: Callable[[str], None], on_note: Callable[[str], None]) -> None:
        self._on_progress, self._on_note = on_progress, on_note
        self._since = time.monotonic()
        self._failures = 0
        self._heard = False  # whether the platform ever answered

    async def until_done(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call until that succeeds, and return what it gave. It must do no harm twice. Raises ApiError."""
        while True:
            try:
                found = await call()
            except ApiError as error:
                await self.wait(error)
            else:
                self.succeed()
                return found

    def succeed(self) -> None:
        """Forget the faults before: a call went well."""
        self._failures, self._heard = 0, True

    async def wait(self, error: ApiError) -> None:
        """Wait until it is worth it to call again after this fault. Raises it where that is of no use."""
        cause = error.cause if isinstance(error, OutcomeUnknown) else error
        limited = isinstance(cause, RateLimited)
        if not passes(cause):
            raise error
        now = time.monotonic()
        if not self._failures:
            self._since = now
        self._failures += 1
        most = LONGEST if self._heard or not isinstance(cause, LinkError) else FIRST
        if now - self._since > most and not limited:
            raise error
        if not isinstance(cause, LinkError):
            self._heard = True
        wanted = getattr(cause, "retry_after", None) or 0.0
        pause = max(backoff(self._failures, PAUSE[1], first=PAUSE[0]), min(wanted, _WANTED))
        say = self._on_note if self._failures == 1 else self._on_progress
        end = now + pause
        while (left := end - time.monotonic()) > 0:
            say(f"{cause.sentence} Trying again in {duration(left)}, for {duration(now - self._since)} so far.")
            say = self._on_progress
            await asyncio.sleep(min(left, _STEP))


def passes(error: ApiError) -> bool:
    """Return whether a fault may be over later without anybody doing something."""
    match error:
        case LinkError(reason=reason):
            return reason not in ("tls", "proxy")
        case BadAnswer(reason=reason):
            return reason in ("cut", "html", "json")
        case ServerError(should_retry=word):
            return word is not False
    return isinstance(error, RateLimited)
