"""What the children of rows in sight tell of them: asked for one by one, a few at a time."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest, NotFound
from tui.api.retries import seconds_until
from tui.live.polling.poller import Poller
from tui.resources.language.column import ODD_DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui.api.client import Client
    from tui.live.lists.collection import Collection
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Child, Peek, Resource

    ScopeOf = Callable[[Resource, Mapping[str, str], Record, Child], Mapping[str, str]]

AT_ONCE = 4  # requests of a round
AGAIN = 20.0  # seconds after which an object that is active is asked about again
BUSY, CALM = (1.0, AGAIN), (AGAIN, 60.0)  # seconds between rounds


class Peeks(Poller):
    """Keeps what children tell of the objects of a collection, as far as they are in sight.

    What is known of an object that is over is never asked for again, and what cannot be read stays unknown.
    """

    priority = 3

    def __init__(
        self,
        client: Client,
        scheduler: Scheduler,
        collection: Collection,
        registry: Mapping[str, Resource],
        scope_of: ScopeOf,
        clock: Callable[[], float],
    ) -> None:
        """`scope_of` gives the scope of a child of an object."""
        super().__init__(scheduler, clock)
        self._client, self._collection, self._registry = client, collection, registry
        self._scope_of = scope_of
        self._found: dict[str, dict[str, Any]] = {peek.name: {} for peek in collection.resource.peeks}
        # By the peek and the object when it was read last, and whether the object was active then.
        self._read_at: dict[tuple[str, str], tuple[float, bool]] = {}
        self.find_seen: Callable[[], Sequence[str]] = lambda: ()
        """Returns the ids of the objects in sight."""

    def look(self) -> None:
        """Ask soon: other objects may be in sight."""
        self._scheduler.renew(self)

    def outdate(self) -> None:
        """Ask for everything in sight anew."""
        self._read_at.clear()
        super().outdate()

    def _find_due(self) -> Iterator[tuple[Peek, Record]]:
        """Yield what to ask for: of objects in sight what is not known, or changes as they are active."""
        resource, records, now = self._collection.resource, self._collection.records, self._clock()
        for record in filter(None, map(records.get, self.find_seen())):
            for peek in resource.peeks:
                at, was_active = self._read_at.get((peek.name, record.id), (-math.inf, True))
                if not seconds_until(at + AGAIN, now, AGAIN) and (was_active or resource.active(record.object)):
                    yield peek, record

    def start(self) -> None:
        """Ask about what is in sight from now on; what is not known yet is said to be read."""
        if not self._since:
            self._note_reading(True)
        super().start()

    def _note_reading(self, is_read: bool) -> None:
        for peek in self._collection.resource.peeks:
            self._collection.note_reading(peek.name, is_read=is_read)

    async def _round(self) -> bool:
        changed = set()
        for peek, record in list(islice(self._find_due(), AT_ONCE)):
            collection = self._collection
            parts = collection.resource, collection.scope, peek, record
            try:
                told = await ask_peek(self._client, self._registry, self._scope_of, *parts)
            except ApiError:
                self._note_reading(False)
                raise
            self._read_at[peek.name, record.id] = self._clock(), self._collection.resource.active(record.object)
            if told is None:
                collection.note_absent(peek.name, record.id)
            elif told != self._found[peek.name].get(record.id):
                self._found[peek.name][record.id] = told
                changed.add(peek.name)
        for name in changed:
            self._collection.join(name, self._found[name], None)
        return bool(changed)

    def _pace(self) -> tuple[float, float]:
        # Without rows in sight there is nothing to ask for, yet.
        return BUSY if not self.find_seen() or next(self._find_due(), None) else CALM


async def ask_peek(
    client: Client,
    registry: Mapping[str, Resource],
    scope_of: ScopeOf,
    resource: Resource,
    scope: Mapping[str, str],
    peek: Peek,
    record: Record,
) -> Any:
    """Return what a child tells of an object; None where that cannot be read. Raises ApiError."""
    kind, child = registry[peek.child], resource.child(peek.child)
    if child is None or kind.list is None or child.is_over(record):
        return None
    try:
        inside = scope_of(resource, scope, record, child)
        page = await client.page(kind.list, inside, query=kind.query, limit=peek.limit)
        return peek.read(page.items, page.has_more)
    except (NotFound, BadRequest, *ODD_DATA):
        return None
