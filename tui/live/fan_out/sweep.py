"""Sweeps: the lists of all parents read one after another, again and again, and shown as one list."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest
from tui.api.retries import backoff, seconds_until
from tui.live import shortfall
from tui.live.fan_out.rows import build_row, describe_gaps, find_parents, read_pages
from tui.live.gathered import Gathered
from tui.live.polling.watch import Watch
from tui.system.last_read import Part
from tui.system.last_seen import describe_age

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.api.paging.pages import Page
    from tui.live.lists.collection import Collection, Delta
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

SHARE = 2  # a sweep takes at most one in so many requests of the budget ...
MINUTE = 60.0  # ... over so many seconds
AT_ONCE = 3  # lists that are read at once: what else is asked for keeps a turn of the client's
AGAIN = 600.0  # seconds from the end of a sweep to the next
RETRY = 30.0  # seconds until a list that failed is asked for again; each time twice as long, up to AGAIN


@dataclass(frozen=True, slots=True)
class _Failure:
    """Failure of a list: why, how often in a row, and when to ask again (local clock, unix seconds)."""

    error: ApiError
    tries: int
    due: float


class FanOut(Watch):
    """Keeps the lists of all objects of `parent` fresh as one collection, in sweeps that take minutes.

    A sweep that somebody waits for, as the first, reads at once what half of the request budget allows; others
    take one list after the other. It goes on where it was when somebody looks again. A list that fails is passed
    over, counted, and asked for again later, less often each time; its rows stay as they were. One that is refused
    is left out and counted until the next sweep. One that is slow to come holds up none of the others.
    """

    def __init__(
        self,
        client: Client,
        collection: Collection,
        scheduler: Scheduler,
        parent: Resource,
        *,
        clock: Callable[[], float] = time.time,
        kept: Mapping[str, Part] = MappingProxyType({}),
    ) -> None:
        """`kept` is what was read of it at an earlier start, by parent: it is shown until it is read anew."""
        super().__init__(client, collection, scheduler, clock=clock)
        self._parent = parent
        self._parents: dict[str, Record] = {}
        self._rows: dict[str, list[Any]] = {}  # by parent, in its order
        self._read_at: dict[str, float] = {}  # by parent when (local clock)
        self._kept, self._old = kept, set[str]()  # parts of an earlier start, and the parents with such rows
        self._pending: deque[str] = deque()
        self._failed: dict[str, _Failure] = {}  # by parent
        self._in_a_row = 0  # lists that failed one after another
        self._reads = 0  # lists that were read ...
        self._held_up: dict[str, int] = {}  # ... when one failed as all would, by parent
        self._nameless = 0  # parents that cannot be asked
        self._cut = False  # whether the server broke off the list of the parents
        self._sweeping = False  # whether a sweep is under way, ...
        self._whole = False  # whether one came to its end ...
        self._swept = -AGAIN  # ... and when the last one did (local clock)
        self._asked: deque[float] = deque()  # when what this asked in the last minute was over

    @property
    def progress(self) -> str:
        """How many of the lists were read in this sweep, and how old the others are; "" between sweeps."""
        if not self._pending:
            return ""
        total, old = len(self._parents), self._old.intersection(self._pending)
        far = f"{self._parent.singular} {total - len(self._pending):,}/{total:,}"
        oldest = min((self._read_at[id_] for id_ in old), default=0.0)
        return f"{far}, {len(old):,} {describe_age(oldest)}" if old else far

    @property
    def to_keep(self) -> dict[str, Part]:
        """What was read, by parent, to be kept for the next start."""
        known = () if self.is_filtered else [id_ for id_ in self._rows if id_ in self._read_at]
        return {id_: Part(self._read_at[id_], self._rows[id_]) for id_ in known}

    @property
    def unread(self) -> str:
        """Which lists could not be read, and why."""
        failed = {id_: self._failed[id_].error for id_ in self._parents if id_ in self._failed}
        later = any(not isinstance(error, shortfall.CLOSED) for error in failed.values())
        then = "tried again later" if later else ""
        return " ".join(describe_gaps(self._parent, len(self._parents), failed, self._nameless, self._cut, then))

    def set_query(self, query: Mapping[str, Any]) -> None:
        """Ask with other filters from now on; those that the parents' list takes are sent there."""
        if {**self.collection.resource.query, **query} != self.query:
            self._parents, self._rows, self._failed = {}, {}, {}
            self._read_at, self._kept, self._old = {}, {}, set()
            self._pending.clear()
            self._sweeping, self._whole, self._swept = False, False, -AGAIN
        super().set_query(query)

    async def load_more(self, all: bool = False) -> None:  # noqa: A002
        """Do nothing: a sweep brings everything, as fast as it may."""

    def put(self, raw: Mapping[str, Any]) -> Delta:
        """Take in one object as the answer to an action tells of it."""
        for rows in self._rows.values():
            rows[:] = [dict(raw) if self._id(row) == self._id(raw) else row for row in rows]
        return super().put(raw)

    def drop(self, id: str) -> Delta:  # noqa: A002
        """Take out an object that is gone."""
        for rows in self._rows.values():
            rows[:] = [row for row in rows if self._id(row) != id]
        return super().drop(id)

    def outdate(self) -> None:
        """Treat all that is known as old: sweep anew."""
        self._swept = -AGAIN
        super().outdate()

    async def refresh(self) -> None:
        """Sweep anew, and wait for the first lists."""
        self._swept = -AGAIN
        await super().refresh()

    @property
    def _step(self) -> float:
        """Seconds from one list to the next where nobody waits for them."""
        return MINUTE * SHARE / max(1, self._scheduler.budget)

    @property
    def _is_awaited(self) -> bool:
        """Whether somebody waits for this sweep: it is the first, or was asked for."""
        return self._swept == -AGAIN

    def _pace(self) -> tuple[float, float]:
        now, step = self._clock(), self._step
        if not self._pending:
            dues = (self._swept + AGAIN, *(failure.due for failure in self._failed.values()))
            step = max(step, min(seconds_until(due, now, AGAIN) for due in dues))
        elif not self._may_ask():
            step = max(step, seconds_until(self._asked[0] + MINUTE, now, MINUTE))
        return step, step

    async def _round(self) -> bool:
        """Begin a sweep, go on with it, or ask again for what failed. Raises ApiError; the rest is read next."""
        now = self._clock()
        if not self._pending:
            if not seconds_until(self._swept + AGAIN, now, AGAIN):
                await self._begin()
            else:
                due = (id_ for id_, each in self._failed.items() if not seconds_until(each.due, now, AGAIN))
                self._pending.extend(due)
        # After a failure one request shows whether the platform answers again.
        return await self._read_lists(len(self._pending) if self._is_awaited and not self._error else 1)

    async def _read_lists(self, most: int) -> bool:
        """Read the next lists, at most so many and a few at once. Return whether anything is new. Raises ApiError.

        While one is slow to come, others are begun at the pace of a sweep.
        """
        asked, changed = self.query, False
        reading: dict[asyncio.Task[Delta], str] = {}
        try:
            while self.query is asked:
                waiting = [id_ for id_ in self._pending if id_ not in reading.values()]
                for id_ in waiting[: min(most, AT_ONCE - len(reading))]:
                    if self._may_ask(len(reading)):
                        reading[asyncio.ensure_future(self._read_list(id_))] = id_
                        most -= 1
                if not reading:
                    break
                done, _ = await asyncio.wait(reading, timeout=self._step, return_when=asyncio.FIRST_COMPLETED)
                most += not done
                for task in done:
                    del reading[task]
                    changed |= bool(task.result())
        finally:  # a fault that all would have, or being cancelled, ends the others too
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
        return changed

    async def _begin(self) -> None:
        """Ask which parents there are, and queue their lists."""
        asked, parent = self.query, self._parent
        if parent.list is None:
            raise BadRequest(f"There is no list of {parent.name} to go by.")
        known = {each.param for each in parent.filters}
        query = {**parent.query, **{name: value for name, value in asked.items() if name in known}}
        found = await self._read_all(parent.list, {}, query)
        if self.query is not asked:
            return
        self._parents = find_parents(parent, found.items)
        self._nameless, self._cut = len(found.items) - len(self._parents), found.cut
        self._rows = {id_: self._rows.get(id_, []) for id_ in self._parents}
        self._recall()
        self._failed = {id_: failure for id_, failure in self._failed.items() if id_ in self._parents}
        self._pending.extend(sorted(self._parents, key=lambda id_: id_ in self._old))  # first what nobody has seen
        self._sweeping = True
        self._note_end()
        self._show()

    def _recall(self) -> None:
        """Show what was read at an earlier start, of parents that there are."""
        for id_ in self._parents.keys() & self._kept.keys():
            self._rows[id_], self._read_at[id_] = self._kept[id_].rows, self._kept[id_].at
            self._old.add(id_)
        self._kept = {}

    async def _read_list(self, parent_id: str) -> Delta:
        """Read the list of one parent; its rows replace what was known of it.

        Raises ApiError where the fault is not that list's: then it is asked for after the others, or (several
        failed in a row) the next one is asked for when the server had time. A list that fails so again, though
        another was read meanwhile, has a fault of its own.
        """
        asked, operation = self.query, self.collection.resource.list
        if operation is None:
            raise BadRequest(f"There is no list of {self.collection.resource.name} to ask for.")
        known = {each.param for each in self._parent.filters}
        query = {name: value for name, value in asked.items() if name not in known}
        failure: ApiError | None = None
        found = Gathered()
        with self._request() as generation:
            try:
                found = await self._read_all(operation, {operation.placeholders[-1]: parent_id}, query)
            except ApiError as error:
                if shortfall.affects_all(error) and not self._is_its_own(parent_id, error):
                    self._held_up[parent_id] = self._reads
                    self._pending.remove(parent_id)
                    self._pending.append(parent_id)
                    raise
                failure = error
            if found.cut:
                failure = shortfall.describe_cut()
            if self.query is not asked:
                return self._show()
            if failure is None or found.items or isinstance(failure, shortfall.CLOSED):
                holder = self._parents[parent_id]
                rows = [
                    build_row(self.collection.resource, self._parent, holder, item)
                    for item in (*found.items, *found.doubled)
                ]
                self._rows[parent_id] = list(self._newest(rows, generation, first=False))
                self._read_at[parent_id] = self._clock()
                self._old.discard(parent_id)
            self._note(parent_id, failure)
            self._pending.remove(parent_id)
            self._note_end()
        delta = self._show()
        if failure and self._in_a_row >= shortfall.IN_A_ROW:
            raise failure
        return delta

    def _note(self, parent_id: str, error: ApiError | None) -> None:
        """Note that the list of a parent was read, or why not and when to ask again."""
        before = self._failed.pop(parent_id, None)
        self._held_up.pop(parent_id, None)
        if error is None:
            self._in_a_row = 0
            self._reads += 1
            return
        self._in_a_row = self._in_a_row + 1 if isinstance(error, shortfall.PASSING) else 0
        tries = before.tries + 1 if before else 1
        wait = AGAIN if isinstance(error, shortfall.CLOSED) else backoff(tries, AGAIN, first=RETRY)
        self._failed[parent_id] = _Failure(error, tries, self._clock() + wait)

    def _is_its_own(self, parent_id: str, error: ApiError) -> bool:
        """Return whether a list fails by itself: for the second time, while others work or none else is left."""
        if isinstance(error, shortfall.HOPELESS) or parent_id not in self._held_up:
            return False
        others_work = self._reads > 0 and all(id_ in self._held_up for id_ in self._pending)
        return others_work or self._held_up[parent_id] < self._reads

    def _note_end(self) -> None:
        """Note the time if the sweep has come to its end."""
        if self._sweeping and not self._pending:
            self._sweeping, self._whole, self._swept = False, True, self._clock()

    async def _read_all(self, operation: Operation, path: Mapping[str, str], query: Mapping[str, Any]) -> Gathered:
        """Return all objects of a list. Each request is counted, once it is over."""

        async def counted() -> AsyncIterator[Page]:
            try:
                async for page in pages:
                    if page.next is not None:
                        self._asked.append(self._clock())
                    yield page
            finally:
                self._asked.append(self._clock())

        size = self.collection.resource.page_max
        pages = self._client.pages(operation, path, query=query, limit=size)
        return await read_pages(counted())

    def _may_ask(self, under_way: int = 0) -> bool:
        """Return whether this has asked less than its share in the last minute, with so many lists `under_way`."""
        while self._asked and not seconds_until(self._asked[0] + MINUTE, self._clock(), MINUTE):
            self._asked.popleft()
        return len(self._asked) + under_way < max(1, self._scheduler.budget // SHARE)

    def _show(self) -> Delta:
        """Bring the collection up to date with all rows known."""
        rows = [row for rows in self._rows.values() for row in rows]
        failing = [id_ for id_, each in self._failed.items() if not isinstance(each.error, shortfall.CLOSED)]
        more = not self._whole or bool(failing) or self._cut
        following = next(iter((*self._pending, *failing)), None) if more else None
        return self._note_delta(
            self.collection.apply(rows, after=None, has_more=more, next=following, now=self.now)
        )
