"""One list out of many: the objects that each object of another resource has, such as the keys of all projects."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from tui.api.errors import BadRequest, Forbidden, NotFound, RateLimited
from tui.live.watch import Watch
from tui.resources.base import value_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.live.collection import Collection, Delta
    from tui.live.scheduler import Scheduler
    from tui.resources.base import Resource
    from tui.resources.objects import Record

SHARE = 2  # a sweep takes at most one in so many requests of the budget ...
MINUTE = 60.0  # ... over so many seconds
BURST = 4  # lists a sweep begins with at once, so that there is something to see
AGAIN = 600.0  # seconds from the end of a sweep to the next
PATIENCE = 10  # times in a row that somebody who waits is refused for haste before it counts as a failure
CROWDED = 5.0  # seconds to wait then, where the server does not say how long


def row_of(resource: Resource, parent: Resource, holder: Record, item: Any) -> Any:
    """An item of the list of `holder`, with what its row needs of that."""
    if not isinstance(item, dict):
        return item
    title = parent.title if isinstance(parent.title, str) else "title"
    # Ids that are the same in every parent take a name of ours that is not.
    own = {"id": item.get("id"), resource.identify: f"{holder.id} {item.get('id')}"}
    return {**own, **item, parent.singular: {"id": holder.id, title: value_of(parent.title, holder)}}


async def gathered(
    client: Client,
    resource: Resource,
    parent: Resource,
    told: Callable[[str, bool], None] = lambda *_: None,
    most: int | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Any]:
    """All rows at once, list after list, for somebody who waits for them, or the first lists with so many rows.

    What is refused for haste is asked for again when the server says. `told` hears how far it is, and in the end
    how many lists were refused. Raises ApiError.
    """

    async def pages(
        operation: Operation, path: Mapping[str, str], query: Mapping[str, Any], size: int
    ) -> list[Any]:
        for left in range(PATIENCE, -1, -1):
            try:
                read = client.pages(operation, path, query=query, limit=size)
                return [item async for page in read for item in page.items]
            except RateLimited as error:
                if not left:
                    raise
                await sleep(error.retry_after or CROWDED)
        raise AssertionError("the last try ends it")

    if parent.list is None or resource.list is None:
        raise BadRequest(f"There is no list of {resource.name} to ask for.")
    found = await pages(parent.list, {}, parent.query, parent.page_max)
    holders = [parent.record(raw) for raw in found if isinstance(raw, dict)]
    rows: list[Any] = []
    refused = 0
    for number, holder in enumerate(holders):
        if most is not None and len(rows) >= most:
            break
        told(f"{parent.singular} {number:,}/{len(holders):,}", False)
        path = {resource.list.placeholders[-1]: holder.id}
        try:
            items = await pages(resource.list, path, resource.query, resource.page_max)
        except (NotFound, Forbidden):
            refused += 1
            continue
        rows += [row_of(resource, parent, holder, item) for item in items]
    told("", False)
    if refused:
        told(f"{refused:,} {parent.name} refused to list their {resource.name}.", True)
    return rows[:most]


class FanOut(Watch):
    """Keeps the lists of all objects of `parent` fresh as one collection, in sweeps that take minutes.

    A poll asks for one list or a few, within half of the request budget. What fails stays to be asked for, and a
    sweep goes on where it was when somebody looks again. An object whose list is refused is left out and counted.
    """

    def __init__(
        self,
        client: Client,
        collection: Collection,
        scheduler: Scheduler,
        parent: Resource,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(client, collection, scheduler, query=collection.resource.query, clock=clock)
        self._parent = parent
        self._parents: dict[str, Record] = {}
        self._rows: dict[str, list[Any]] = {}  # by parent, in its order
        self._pending: deque[str] = deque()
        self._refused: set[str] = set()
        self._whole = False  # whether a sweep came to its end
        self._asked: deque[float] = deque()  # when this asked, in the last minute

    @property
    def progress(self) -> str:
        """How many of the lists were read in this sweep, and how many cannot be."""
        name, total = self._parent.singular, len(self._parents)
        parts = [f"{name} {total - len(self._pending):,}/{total:,}"] if self._pending else []
        if self._refused:
            parts.append(f"{len(self._refused):,} {self._parent.name} refused")
        return " · ".join(parts)

    def set_query(self, query: Mapping[str, Any]) -> None:
        """Ask with other filters from now on; those that the parents' list takes are sent there."""
        if dict(query) != self.query:
            self._parents, self._rows, self._refused = {}, {}, set()
            self._pending.clear()
            self._whole = False
        super().set_query(query)

    async def load_more(self, all: bool = False) -> None:  # noqa: A002
        """Nothing to do: a sweep brings everything, as fast as it may."""

    def put(self, raw: Mapping[str, Any]) -> Delta:
        """Take in one object as an action told."""
        for rows in self._rows.values():
            rows[:] = [dict(raw) if self._id(row) == self._id(raw) else row for row in rows]
        return super().put(raw)

    def drop(self, id: str) -> Delta:  # noqa: A002
        """Take out an object that is gone."""
        for rows in self._rows.values():
            rows[:] = [row for row in rows if self._id(row) != id]
        return super().drop(id)

    def _pace(self) -> tuple[float, float]:
        step = MINUTE * SHARE / max(1, self._scheduler.budget)
        return (step, step) if self._pending else (AGAIN, AGAIN)

    async def _round(self) -> bool:
        """Begin a sweep, or go on with it. Raises ApiError; what was not read then is read next."""
        asked = self.query
        changed = False
        begins = not self._pending
        if begins:
            await self._begin()
        for _ in range(BURST if begins else 1):
            if not self._pending or not self._may_ask() or self.query is not asked:
                break
            changed |= bool(await self._next(self._pending[0]))
        return changed

    async def _begin(self) -> None:
        """Find out whose lists there are."""
        asked, parent = self.query, self._parent
        if parent.list is None:
            raise BadRequest(f"There is no list of {parent.name} to go by.")
        known = {each.param for each in parent.filters}
        query = {**parent.query, **{name: value for name, value in asked.items() if name in known}}
        items = await self._all(parent.list, {}, query)
        if self.query is not asked:
            return
        found = (parent.record(item) for item in items if isinstance(item, dict))
        self._parents = {record.id: record for record in found if record.id}
        self._rows = {id_: self._rows.get(id_, []) for id_ in self._parents}
        self._pending.extend(self._parents)
        self._refused.clear()
        self._show()

    async def _next(self, parent_id: str) -> Delta:
        """Read the list of one parent in the place of what was known of it."""
        asked, operation = self.query, self.collection.resource.list
        if operation is None:
            raise BadRequest(f"There is no list of {self.collection.resource.name} to ask for.")
        known = {each.param for each in self._parent.filters}
        query = {name: value for name, value in asked.items() if name not in known}
        with self._request() as generation:
            try:
                items = await self._all(operation, {operation.placeholders[-1]: parent_id}, query)
            except (NotFound, Forbidden):
                self._refused.add(parent_id)
                items = []
            if self.query is asked:
                holder = self._parents[parent_id]
                rows = [row_of(self.collection.resource, self._parent, holder, item) for item in items]
                self._rows[parent_id] = list(self._newest(rows, generation, first=False))
                self._pending.popleft()
        return self._show()

    async def _all(self, operation: Operation, path: Mapping[str, str], query: Mapping[str, Any]) -> list[Any]:
        """All pages of a list, each counted."""
        items: list[Any] = []
        size = self.collection.resource.page_max
        pages = self._client.pages(operation, path, query=query, limit=size)
        self._asked.append(self._clock())
        async for page in pages:
            items += page.items
            if page.next is not None:
                self._asked.append(self._clock())
        return items

    def _may_ask(self) -> bool:
        """Whether this has asked less than its share in the last minute."""
        while self._asked and self._asked[0] <= self._clock() - MINUTE:
            self._asked.popleft()
        return len(self._asked) < max(1, self._scheduler.budget // SHARE)

    def _show(self) -> Delta:
        """Bring the collection up to date with all rows known."""
        rows = [row for rows in self._rows.values() for row in rows]
        self._whole = self._whole or not self._pending
        more = not self._whole
        following = self._pending[0] if more else None
        return self._applied(self.collection.apply(rows, after=None, has_more=more, next=following, now=self.now))
