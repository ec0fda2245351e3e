"""The watch: keeps one collection fresh by polling."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import ApiError, BadRequest, Invalid, LinkError, NotFound, RateLimited
from tui.api.paging.pages import Trail
from tui.api.requests import fill_path
from tui.live.listeners import combine_ends
from tui.live.polling.poller import Health, Poller
from tui.live.polling.read_one import read_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui.api.client import Client
    from tui.live.ledger import Ledger
    from tui.live.lists.collection import Collection, Delta
    from tui.live.polling.joined import Joined
    from tui.live.polling.peeks import Peeks
    from tui.live.polling.scheduler import Scheduler
    from tui.system.last_read import Part

__all__ = ["Health", "Watch"]

ACTIVE = (3.0, 15.0)  # seconds between polls while something is on its way: at first, and after many without news
RESTING = (30.0, 30.0)  # while nothing is
STILL = (30.0, 60.0)  # of what never changes by itself, such as models and certificates
STRAYS = 5  # active objects beyond page 1 that one poll may read by id


class _Told(NamedTuple):
    """What an action or a look at one object told of it: its state (None: gone), and whether it was new."""

    generation: int
    raw: Mapping[str, Any] | None
    new: bool


class Watch(Poller):
    """Keeps a collection fresh while it is visible, and loads more of it when asked.

    A poll reads page 1 and, by id, a few of the active objects beyond it. What `put` and `drop` were told while
    a request was on its way is newer than its answer, and wins. Failures leave the rows as they are.
    """

    priority = 1

    def __init__(
        self,
        client: Client,
        collection: Collection,
        scheduler: Scheduler,
        *,
        query: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.time,
        ledger: Ledger | None = None,
    ) -> None:
        super().__init__(scheduler, clock)
        self._ledger = ledger if collection.resource.ledger else None  # what stands in for a list
        self.collection = collection
        self.query = {**collection.resource.query, **(query or {})}
        self.generation = 0  # grows with all that is applied: an answer asked for earlier may be older
        self.loading_more = False
        self._loads_all = False  # and not only the next page
        self.join: Joined | None = None  # what keeps figures of its objects fresh that the list does not tell
        self.peeks: Peeks | None = None  # what asks for more of those in sight
        self._client = client
        self._asking = 0  # requests on their way ...
        self._told: dict[str, _Told] = {}  # ... and what was told meanwhile
        self._dead_ends: set[str | None] = set()  # cursors behind which the server gave nothing new
        self._strays: dict[str, int] = {}  # by id, when it was last read, in generations

    @property
    def by_account(self) -> Mapping[str, Watch]:
        """The lists that it is made of, by the account each is of: of a single one "" and itself."""
        return {"": self}

    def key_of(self, account: str, id_: str) -> str:  # noqa: ARG002
        """Return the key of the row of an object: its id, where all are of one account."""
        return id_

    @property
    def is_filtered(self) -> bool:
        """Whether the server leaves out objects that the list has when it is asked as declared."""
        return self.query != dict(self.collection.resource.query)

    @property
    def progress(self) -> str:
        """How far a list has come that takes many requests; "" for one that does not."""
        return ""

    @property
    def to_keep(self) -> Mapping[str, Part]:
        """What is to be kept for the next start of a list that takes minutes, by parent."""
        return {}

    def find_seen_by(self, find_seen: Callable[[], Sequence[str]]) -> None:
        """Take what returns the ids of the objects in sight: of these the children are asked about."""
        if self.peeks:
            self.peeks.find_seen = find_seen

    def peek_soon(self) -> None:
        """Ask soon for more of what is in sight: other objects may be."""
        if self.peeks:
            self.peeks.look()

    def subscribe(
        self, on_delta: Callable[[Delta], None], on_health: Callable[[Health], None]
    ) -> Callable[[], None]:
        """Call the listeners after changes; what one raises is logged. Return what ends that."""
        return combine_ends(self.collection.subscribe(on_delta), self.listen(on_health))

    def attach(self, join: Joined) -> None:
        """Keep figures of the objects fresh as long as the list is, and tell of their health as of its own."""
        self.join = join
        join.listen(lambda _: self._announce())

    def start(self) -> None:
        """Start watching: keep the list fresh, and what is joined to it."""
        super().start()
        for beside in filter(None, (self.join, self.peeks)):
            beside.start()

    async def refresh(self) -> None:
        """Ask now and wait for the list; what is joined to it comes when it comes."""
        self._dead_ends.clear()
        for beside in filter(None, (self.join, self.peeks)):
            beside.outdate()
        await super().refresh()

    def stop(self) -> None:
        """Stop watching; after the last watcher, loading more ends with the page on its way."""
        super().stop()
        for beside in filter(None, (self.join, self.peeks)):
            beside.stop()
        self.loading_more = self.loading_more and self.visible

    def set_query(self, query: Mapping[str, Any]) -> None:
        """Ask the server with other filters from now on: the collection is cleared and loaded anew."""
        query = {**self.collection.resource.query, **query}
        if query == self.query:
            return
        self.query = query
        self.loading_more = False
        self._told.clear()
        self._dead_ends.clear()
        self._note_delta(self.collection.apply([], after=None, has_more=False, next=None, now=self.now))
        self._forget()
        if self.visible:
            self._scheduler.poke(self)

    async def load_more(self, all: bool = False) -> None:  # noqa: A002
        """Load the next page, as large as may be, or `all` of them. May be cancelled; what came stays.

        It ends where the server brings nothing new. All pages but the first wait for the request budget. A failure
        ends it and shows in `health`. Asked for `all` while a page is on its way, it goes on after that.
        """
        self._loads_all = all or (self.loading_more and self._loads_all)
        if self.loading_more:
            return
        self.loading_more = True
        self._announce()
        collection, resource = self.collection, self.collection.resource
        trail = Trail(collection.next, seen=collection.before_gap(), identify=resource.identify)
        try:
            while self.loading_more and not collection.complete and not collection.cut:
                cursor = collection.next
                if cursor != trail.next:  # the list changed: what the last page held may stand behind this again
                    trail.turn(cursor, collection.before_gap())
                try:
                    await self._read(cursor, max(resource.page, resource.page_max), trail)
                except (NotFound, Invalid) as error:
                    if cursor not in collection.records or error.param not in ("after", ""):
                        raise
                    self.drop(cursor)  # the object that the cursor names is gone: read on from the one before it
                    continue
                if not self._loads_all or collection.next is None:
                    return
                await self._scheduler.free()
        except ApiError as error:
            self._note_failure(error)
        finally:
            self.loading_more = False
            self._announce()

    def put(self, raw: Mapping[str, Any]) -> Delta:
        """Take in one object as an action or a look at it told: newer than any answer still on its way."""
        delta = self._note_delta(self.collection.put(raw, self.now))
        id_ = self._id(raw)
        new = bool(delta.added) or (id_ in self._told and self._told[id_].new)
        self._tell(id_, raw, new=new)
        self._unchanged = 0
        self._scheduler.renew(self)
        return delta

    def drop(self, id: str) -> Delta:  # noqa: A002
        """Take out an object that is gone, whatever an answer still on its way says."""
        delta = self._note_delta(self.collection.drop(id))
        self._tell(id, None)
        return delta

    @property
    def now(self) -> float:
        """The server's time, unix seconds."""
        return self._clock() + self._client.skew

    # Polling.

    def _pace(self) -> tuple[float, float]:
        resource = self.collection.resource
        if (resource.ledger and 0 in self._strays.values()) or self.collection.active():
            return ACTIVE
        return RESTING if resource.changes_itself else STILL

    async def _round(self) -> bool:
        if self.collection.resource.ledger:
            return await self._read_remembered()
        while (delta := await self._read(None, self.collection.resource.page)) is None:
            pass  # the query changed meanwhile
        # After a failure or a suspension one request shows whether the platform answers again.
        found = await self._read_strays() if self.health.state == "live" else False
        return bool(delta) or found

    async def _read(self, after: str | None, limit: int, trail: Trail | None = None) -> Delta | None:
        """Ask for a page and apply what `trail` leaves of it. None if the query changed. Raises ApiError."""
        resource, query = self.collection.resource, self.query
        if resource.list is None:
            raise BadRequest(f"There is no list of {resource.name} to ask for.")
        with self._request() as generation:
            page = await self._client.page(
                resource.list,
                fill_path(resource.list, self.collection.scope),
                query=query,
                after=after,
                limit=limit or None,
            )
            if self.query is not query:
                return None
            if trail:
                told, page = page, trail.take(page)
                if page.next != told.next:  # it leads to where this has been
                    self._dead_ends |= {after, told.next}
            items = self._newest([*page.items, *page.doubled], generation, first=after is None)
            cursor = page.next if page.next not in self._dead_ends else None
            if cursor in self._told and self._told[cursor].raw is None:  # an object that is gone leads nowhere
                cursor = self._id(items[-1]) if items else after
            told_last = self.generation == generation  # nothing was applied that may be newer
            delta = self._note_delta(
                self.collection.apply(items, after=after, has_more=page.has_more, next=cursor, now=self.now)
            )
            for raw in page.again if told_last else ():
                if self._id(raw) in self.collection.records:
                    self._note_delta(self.collection.put(raw, self.now))
            return delta

    async def _read_remembered(self) -> bool:
        """Show the ids seen before, as there is no list to ask for, and read them one by one. Raises ApiError."""
        collection = self.collection
        entries = self._ledger.entries(collection.resource, collection.scope) if self._ledger else []
        known = collection.records
        raws = [known[entry["id"]].raw if entry["id"] in known else entry for entry in entries]
        delta = self._note_delta(collection.apply(raws, after=None, has_more=False, next=None, now=self.now))
        return await self._read_strays() or bool(delta)

    async def _read_strays(self) -> bool:
        """Read some of the objects that no list tells of, those first that were not read for longest.

        These are active ones beyond page 1, or all that the ledger knows.
        """
        resource = self.collection.resource
        if resource.get is None:
            return False
        if resource.ledger:
            strays = list(self.collection.order)
        else:
            listed = set(self.collection.order[: resource.page])
            strays = [id_ for id_ in self.collection.active() if id_ not in listed]
        self._strays = {id_: self._strays.get(id_, 0) for id_ in strays}
        # They share half of the budget, so that page 1, which carries many objects, does not starve; nor do they.
        share = max(1, min(STRAYS, self._scheduler.room - self._scheduler.budget // 2))
        changed = False
        for id_ in sorted(strays, key=self._strays.__getitem__)[:share]:
            if self._scheduler.room < 0:
                break
            with self._request() as generation:
                try:
                    raw = await read_one(
                        self._client, resource, fill_path(resource.get, self.collection.scope, id_)
                    )
                except NotFound:
                    changed |= bool(self._note_delta(self.collection.drop(id_)))
                    if self._ledger:
                        self._ledger.forget(resource, self.collection.scope, id_)
                    continue
                except (LinkError, RateLimited):
                    raise
                except ApiError:
                    self._strays[id_] = self.generation  # the next round begins with the others
                    return changed  # the list did answer: the row stays as it is until then
                told = self._told.get(id_)
                newer = told is not None and told.generation > generation
                if not newer and id_ in self.collection.records and self._id(raw) == id_:
                    changed |= bool(self._note_delta(self.collection.put(raw, self.now)))
                self._strays[id_] = self.generation
        return changed

    # Answers that are older than what was told meanwhile.

    @contextmanager
    def _request(self) -> Iterator[int]:
        """Mark a request as being on its way; gives the generation it was asked in."""
        self._asking += 1
        try:
            yield self.generation
        finally:
            self._asking -= 1
            if not self._asking:
                self._told.clear()

    def _note_delta(self, delta: Delta) -> Delta:
        self.generation += 1
        return delta

    def _tell(self, id_: str, raw: Mapping[str, Any] | None, *, new: bool = False) -> None:
        """Remember what was told of an object while requests are on their way."""
        if self._asking:
            self._told[id_] = _Told(self.generation, raw, new)

    def _newest(self, items: Sequence[Any], generation: int, *, first: bool) -> Sequence[Any]:
        """Return a page's items; where something newer was told since it was asked for, that instead."""
        told = {id_: told for id_, told in self._told.items() if told.generation > generation}
        if not told:
            return items
        newest = []
        for item in items:
            newer = told.pop(self._id(item), None)
            if newer is None:
                newest.append(item)
            elif newer.raw is not None:
                newest.append(newer.raw)
        if first:  # what was made since then stands at the front, where the page could not know of it
            newest[:0] = [newer.raw for newer in reversed(told.values()) if newer.new and newer.raw is not None]
        return newest

    def _id(self, item: Any) -> str:
        return self.collection.resource.identity(item)
