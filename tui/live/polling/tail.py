"""The tail: follows a list that only grows, newest first, such as fine-tuning events or the audit log."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.api.errors import ApiError, BadRequest
from tui.api.paging.pages import Trail
from tui.api.requests import fill_path
from tui.live.listeners import Listeners, combine_ends
from tui.live.polling.poller import Poller
from tui.resources.language.objects import make_content_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.api.client import Client, Page
    from tui.live.polling.poller import Health
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

FOLLOWING = (3.0, 10.0)  # seconds between polls while entries come: at first, and after many without news


class Tail(Poller):
    """Follows an append-only list: every entry once, oldest first, whatever comes between two polls.

    The API gives the newest page first and pages back from there, so a poll walks back until it meets an entry it
    knows; only then is what it found taken in, in one piece. While `active` says so it polls; then once more,
    for what was written last, and no more until asked to. `entries` holds at most `capacity`; `dropped` counts
    the oldest ones let go.
    """

    def __init__(
        self,
        client: Client,
        resource: Resource,
        scope: Mapping[str, str],
        scheduler: Scheduler,
        *,
        active: Callable[[], bool],
        capacity: int = 5000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(scheduler, clock)
        self.resource = resource
        self.scope = dict(scope)
        self.active = active
        self.capacity = capacity
        self.dropped = 0
        self.version = 0  # grows when entries come
        self._client = client
        self._entries: list[Record] = []
        self._known: set[str] = set()
        self._begun = False  # whether a first page came
        self.cut = False  # whether the server has older entries and tells no way to them
        self._back: str | None = None  # cursor to what is older than all entries; None: there is nothing
        self._finished = False  # whether a poll that began after the last activity succeeded
        self._loading_older = False
        self._loads_all = False  # and not only the page before the oldest entry
        self._listeners: Listeners[[list[Record], bool]] = Listeners()

    @property
    def entries(self) -> Sequence[Record]:
        """The entries known, oldest first."""
        return self._entries

    @property
    def complete_back(self) -> bool:
        """Whether entries go back to the very beginning."""
        return self._begun and self._back is None and not self.cut

    def subscribe(
        self, on_entries: Callable[[list[Record], bool], None], on_health: Callable[[Health], None]
    ) -> Callable[[], None]:
        """Hear of new entries, oldest first, and whether they follow all others; if not, see `entries` anew.

        What a listener raises is logged and stops nothing. Returns what ends it.
        """
        return combine_ends(self._listeners.add(on_entries), self.listen(on_health))

    def interval(self) -> float:
        """Return seconds to the next poll; infinite once the last entry was written and read."""
        return math.inf if self._finished and not self._error and not self.active() else super().interval()

    async def older(self, all: bool = False) -> None:  # noqa: A002
        """Load the page before the oldest entry, or `all` that fit the capacity. May be cancelled.

        It ends where the server brings nothing new. All pages but the first wait for the request budget. A failure
        ends it and shows in `health`. Asked for `all` while a page is on its way, it goes on after that.
        """
        self._loads_all = all or (self._loading_older and self._loads_all)
        if self._loading_older:
            return
        self._loading_older = True
        trail = Trail(self._back, seen=self._known, identify=self.resource.identify)
        try:
            while (back := self._back) is not None and len(self._entries) < self.capacity:
                page = trail.take(await self._page(back))
                if self._back != back:
                    return  # entries were let go meanwhile: the page no longer joins them
                self._back, self.cut = page.next, page.cut
                found = reversed(self._records(page).values())
                self._take([record for record in found if record.id not in self._known], 0)
                if not self._loads_all:
                    return
                await self._scheduler.free()
        except ApiError as error:
            self._note_failure(error)
        finally:
            self._loading_older = False

    async def load_whole(self) -> None:
        """Load all that fit the capacity, from the newest back, also where none has come yet. May be cancelled."""
        if not self._begun:
            await self.refresh()
        await self.older(all=True)

    def _pace(self) -> tuple[float, float]:
        return FOLLOWING

    async def _round(self) -> bool:
        active = self.active()
        window: dict[str, Record] = {}  # newest first
        after: str | None = None
        trail = Trail(identify=self.resource.identify)
        while True:
            page = trail.take(await self._page(after))
            records = self._records(page)
            window |= {id_: record for id_, record in records.items() if id_ not in window}
            met = not self._known.isdisjoint(records)
            if met or page.next is None or not self._begun or len(window) >= self.capacity:
                break
            after = page.next
        if not met:
            self.cut = page.cut
        changed = self._merge(list(reversed(window.values())), page.next, met)
        self._begun, self._finished = True, not active
        return changed

    def _merge(self, window: list[Record], back: str | None, met: bool) -> bool:
        """Take in the newest stretch of the list, oldest first, behind which `back` leads on."""
        new = [record for record in window if record.id not in self._known]
        if not met:
            if back is not None and self._entries:  # so much came that what is known is out of reach
                self.dropped += len(self._entries)
                self._entries, self._known = [], set()
            self._back = back
            return self._take(new, len(self._entries))
        if new == window[len(window) - len(new) :]:
            return self._take(new, len(self._entries))
        return self._rewrite(window, back)

    def _rewrite(self, window: list[Record], back: str | None) -> bool:
        """Put the newest stretch in the place of what is known of it, as some of it was written late."""
        first, met = next((i, record.id) for i, record in enumerate(window) if record.id in self._known)
        reaches_back = self._entries[0].id == met
        ids = {record.id for record in window}
        if reaches_back and self.dropped:
            window = window[first:]  # what is before that was let go
        elif reaches_back and first:
            self._back = back
        new = [record for record in window if record.id not in self._known]
        # Known entries that the server no longer lists stay, before the rest; what it put elsewhere stands there.
        self._entries = [record for record in self._entries if record.id not in ids] + window
        return self._took(new, at_end=False)

    def _take(self, new: list[Record], at: int) -> bool:
        """Insert entries at a place."""
        at_end = at == len(self._entries)
        self._entries[at:at] = new
        return self._took(new, at_end=at_end)

    def _took(self, new: list[Record], *, at_end: bool) -> bool:
        """Keep to the capacity and tell of new entries."""
        if not new:
            return False
        excess = max(0, len(self._entries) - self.capacity)
        del self._entries[:excess]
        self._known = {record.id for record in self._entries}
        if excess:
            self.dropped += excess
            self._back = self._entries[0].id
            new = [record for record in new if record.id in self._known]
        self.version += 1
        self._listeners.tell(new, at_end)
        return True

    def _records(self, page: Page) -> dict[str, Record]:
        """Return a page's entries by id, in the server's order.

        Without an id, or with that of another entry that says something else, by one made from their content.
        """
        records: dict[str, Record] = {}
        for item in (*page.items, *page.doubled):
            record = self.resource.record(item if isinstance(item, Mapping) else {"value": item})
            other = records.get(record.id)
            if not record.id or (other and other.raw != record.raw):
                record.id = make_content_id(item)
            records.setdefault(record.id, record)
        return records

    async def _page(self, after: str | None) -> Page:
        if self.resource.list is None:
            raise BadRequest(f"There is no list of {self.resource.name} to ask for.")
        return await self._client.page(
            self.resource.list,
            fill_path(self.resource.list, self.scope),
            query=self.resource.query,
            after=after,
            limit=self.resource.page or None,
        )
