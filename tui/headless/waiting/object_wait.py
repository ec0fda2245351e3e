"""Waiting for an object without a screen, until it is over."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadAnswer, LinkError, RateLimited, ServerError, StatusError
from tui.api.retries import backoff
from tui.live.polling.read_one import expect_object
from tui.resources.language.cells import duration
from tui.resources.language.reading.statuses import is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.client import Client
    from tui.live.listeners import Hear
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

PACE = (2.0, 30.0)  # seconds between looks: at first, and at the most
FAULTS = (30.0, 900.0)  # seconds a fault may last: one that was there from the beginning, and a later one
STRANGE = 600.0  # seconds an object may be in a state that nobody has heard of
_GROWTH = 1.5


class ObjectWait:
    """Reads an object, less and less often, until nothing about it will change or waiting is of no use.

    Subclasses say what they know of their kind in `check` and `describe`.
    """

    def __init__(
        self, client: Client, resource: Resource, path: Mapping[str, str], on_progress: Hear, on_note: Hear
    ) -> None:
        """Wait for the object that `path` names, the parameters of `resource.get`.

        `on_progress` hears how far it is ("" at the end), `on_note` what is to stay on the screen.
        """
        assert resource.get
        self.id = path[resource.get.placeholders[-1]]
        self.on_progress = on_progress
        self.on_note = on_note
        self.seen: Record | None = None
        """The object as it was last read."""
        self.fault: ApiError | None = None
        """Why the last read failed."""
        self._client, self._resource, self._path = client, resource, path
        self._end = math.inf  # of the waiting, by the monotonic clock
        self._since = time.monotonic()  # when the fault began, or the strange state

    def check(self, raw: dict[str, Any]) -> None:
        """Raise ApiError for an answer that is no such object."""

    def describe(self, record: Record) -> str:
        """Return how the object is, in a few words."""
        return str(record.read("status") or "in no state").replace("_", " ")

    async def until_over(self) -> tuple[Record, str]:
        """Return the object, and why it is not over if it is not. Raises ApiError for a fault that lasts."""
        first, longest = PACE
        reads = 0
        while True:
            wanted = 0.0
            try:
                record = await self._read()
            except (LinkError, BadAnswer, RateLimited, ServerError) as error:
                self._endure(error)
                wanted = getattr(error, "retry_after", None) or 0.0
            else:
                if not self._resource.active(record.object):
                    self.on_progress("")
                    return record, ""
                if is_unknown(record.object) and time.monotonic() - self._since > STRANGE:
                    return record, f"in this state for {duration(STRANGE)}, and it is none that is known here"
            reads += 1
            await asyncio.sleep(max(backoff(reads, longest, first=first, growth=_GROWTH), min(wanted, FAULTS[1])))

    async def until_over_within(self, timeout: float | None) -> tuple[Record, str]:
        """Return the same, after `timeout` seconds at the latest. Raises ApiError, also where it heard nothing."""
        self._end = math.inf if timeout is None else time.monotonic() + timeout
        try:
            async with asyncio.timeout(timeout):
                return await self.until_over()
        except TimeoutError:
            if self.fault or self.seen is None:
                raise self.fault or ApiError(f"Nothing was heard in {duration(timeout or 0)}.") from None
            return self.seen, f"not over after {duration(timeout or 0)}"

    async def _read(self) -> Record:
        """Read the object and say how far it is. Raises ApiError."""
        assert self._resource.get
        raw = await self._client.call(self._resource.get, self._path)
        self.check(raw)
        expect_object(self._resource, self._path, raw)
        record = self._resource.record(raw)
        now, before, strange = time.monotonic(), self.seen, is_unknown(record.object)
        if self.fault or not strange or before is None or before.read("status") != record.read("status"):
            self._since = now
        self.seen, self.fault = record, None
        if self._resource.active(record.object):
            known = f" This state is not known here; it is waited for {duration(STRANGE)}." if strange else ""
            say = self.on_note if before is None else self.on_progress
            say(f"{self.id} {self.describe(record)}.{known}")
        return record

    def _endure(self, error: ApiError) -> None:
        """Report that a fault is waited out. Raises it where that is of no use, or was done for long enough."""
        lasting = isinstance(error, LinkError) and error.reason in ("tls", "proxy")
        final = isinstance(error, StatusError) and error.should_retry is False
        if lasting or final or (isinstance(error, BadAnswer) and error.reason != "cut"):
            raise error
        now, first = time.monotonic(), self.fault is None
        if first:
            self._since = now
        self.fault = error
        # A link that never worked is more likely to be a wrong address than to come back.
        patience = FAULTS[0] if self.seen is None and isinstance(error, LinkError) else FAULTS[1]
        if now - self._since >= patience:
            raise error
        say = self.on_note if first else self.on_progress
        left = min(patience - (now - self._since), self._end - now)
        say(f"{error} Trying again for {duration(max(left, 0))}.")
