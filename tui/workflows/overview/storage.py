"""What the stored files come to, by purpose."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.live.listeners import Listeners
from tui.live.polling.poller import Poller
from tui.resources.files import FILES
from tui.resources.language.reading.amounts import Amount, read_count
from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.client import Client
    from tui.live.polling.scheduler import Scheduler

PACE = (600.0, 1_800.0)  # seconds between sums: each reads the whole list
MOST_PAGES = 20  # of 10,000 files each
_PLAIN = 10**15  # sizes below need no look at their digits
SOON = 7 * 86_400.0  # seconds: files that expire within are told


@dataclass(slots=True)
class Stored:
    """How many files there are of a kind, and their bytes."""

    files: int = 0
    known: int = 0
    """The bytes of those whose size can be read."""
    unread: int = 0
    """How many have a size that cannot be read."""

    def take(self, size: int | None) -> None:
        """Count one file more; its size is None where that cannot be read."""
        self.files += 1
        if size is None:
            self.unread += 1
        else:
            self.known += size

    @property
    def size(self) -> Amount:
        """Their bytes, and how many of them are not in it."""
        return Amount(self.known, self.unread)


def read_size(value: object) -> int | None:
    """Return the bytes that a file's size is, as the server sent it; None where that cannot be read."""
    if type(value) is int and 0 <= value < _PLAIN:  # nearly all of them: lists are long
        return value
    told = read_count(value)
    return None if told is None else int(told)


@dataclass(slots=True)
class Storage:
    """What is stored, by purpose, and what of it expires soon; not `whole` where the list has more."""

    whole: bool = True
    total: Stored = field(default_factory=Stored)
    soon: Stored = field(default_factory=Stored)
    purposes: dict[str, Stored] = field(default_factory=dict)

    def take(self, item: object, now: float) -> None:
        """Add one file, as the server sent it."""
        raw = item if isinstance(item, dict) else {}
        size = read_size(raw.get("bytes"))
        purpose = str(raw.get("purpose") or "no purpose")
        self.total.take(size)
        self.purposes.setdefault(purpose, Stored()).take(size)
        ends = unix_time(raw.get("expires_at"))
        if ends is not None and now <= ends <= now + SOON:
            self.soon.take(size)

    @property
    def largest(self) -> list[tuple[str, Stored]]:
        """The purposes with what they hold, the largest first."""
        return sorted(self.purposes.items(), key=lambda pair: (-pair[1].known, pair[0]))


class StorageReport(Poller):
    """Keeps the sums of all files fresh. `storage` is the last that is known; None before the first."""

    def __init__(self, client: Client, scheduler: Scheduler, clock: Callable[[], float] = time.time) -> None:
        super().__init__(scheduler, clock)
        self.storage: Storage | None = None
        self._client = client
        self._listeners: Listeners[[]] = Listeners()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when `storage` is another. Return what ends that."""
        return self._listeners.add(listener)

    async def _round(self) -> bool:
        assert FILES.list
        found, pages = Storage(), 0
        async for page in self._client.pages(FILES.list, query=FILES.query, limit=FILES.page_max):
            pages += 1
            for item in page.items:
                found.take(item, self._clock() + self._client.skew)
            if page.cut or (page.has_more and pages == MOST_PAGES):
                found.whole = False
            if pages == MOST_PAGES:
                break
        changed = found != self.storage
        self.storage = found
        self._listeners.tell()
        return changed

    def _pace(self) -> tuple[float, float]:
        return PACE
