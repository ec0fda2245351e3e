"""The live, keyed list of a resource's objects.

Pages of a list come in one at a time, late, twice, or with their neighbours changed since. A collection holds what
they prove together, in the server's order, and tells what each of them changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui.live.listeners import Listeners
from tui.live.lists.judgements import Judgements
from tui.live.lists.order import ListOrder
from tui.resources.language.objects import Record, make_content_id
from tui.resources.language.prices import no_prices
from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.resources.language.column import CellContext
    from tui.resources.language.prices import PricesOf
    from tui.resources.language.resource import Resource

_SHARED_LENGTH = 32  # fields with values up to this long are worth sharing between objects …
_SHARED_VALUES = 64  # … the first so many values: states and purposes come early, names never end
Figure = Decimal | float | list[Any]


@dataclass(frozen=True, slots=True)
class Delta:
    """Ids that came, changed or went. `moved` tells that known ones stand in another order now."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.moved)


class Collection:
    """The live, keyed list of a resource's objects, in the server's order."""

    def __init__(
        self,
        resource: Resource,
        scope: Mapping[str, str] = MappingProxyType({}),
        *,
        failed_share: float = 0.0,
        prices: PricesOf = no_prices,
    ) -> None:
        self.resource = resource
        self.scope = dict(scope)
        self.records: dict[str, Record] = {}
        self.version = 0
        self._order = ListOrder()
        self._judgements = Judgements(resource, self.records, failed_share, prices)
        # By the name of a figure what it is by id, and what it is for all others that were made until some time;
        # None where that is not known.
        self._joined: dict[str, tuple[Mapping[str, Any], Figure | None, float]] = {}
        self._unreadable: set[str] = set()
        self._doubled: set[str] = set()
        self._shared: dict[str, dict[str, str]] = {}
        self._shape = type("Shape", (), {})
        self._listeners: Listeners[[Delta]] = Listeners()

    @property
    def order(self) -> list[str]:
        """The ids in the server's order."""
        return self._order.ids

    @property
    def complete(self) -> bool:
        """Whether the end of the list was reached and no gap is known."""
        return self._order.complete

    @property
    def next(self) -> str | None:
        """The cursor of the first gap that has one. None: all is there, it is `cut`, or only page 1 can tell."""
        return self._order.next

    @property
    def cut(self) -> bool:
        """Whether the server has more and tells no way to it."""
        return self._order.cut

    def before_gap(self) -> Sequence[str]:
        """Return the ids in front of the first gap that can be read on from."""
        return self._order.before_gap()

    @property
    def unreadable(self) -> int:
        """How many items are no objects or have no id. They are listed under an id made from their content."""
        return len(self._unreadable)

    @property
    def doubled(self) -> int:
        """How many objects came twice on one page with different contents. The first is held."""
        return len(self._doubled)

    def subscribe(self, on_delta: Callable[[Delta], object]) -> Callable[[], None]:
        """Call `on_delta` after each update, also when it changed nothing. Return what ends that."""
        return self._listeners.add(on_delta)

    def apply(
        self,
        items: Sequence[Any],
        *,
        after: str | None,
        has_more: bool,
        next: str | None,  # noqa: A002
        now: float,
    ) -> Delta:
        """Take in one page of the list.

        `after` is the cursor the page was asked with (None: page 1), `next` the cursor behind it, `now` the time
        in seconds. Known objects between `after` and the last known object of the page that are not in the page
        are gone; so is all behind `after` when the page is the last.
        """
        page = self._read(items)
        self._doubled -= page.keys()
        if len(page) < len(items):
            self._doubled |= self._find_doubled(items)
        known = [id_ for id_ in page if id_ in self.records]
        changed = tuple(id_ for id_ in known if self.records[id_].raw != page[id_].raw)
        added, removed, moved = self._order.fit([*page], known, after, has_more, next)
        for id_ in removed:
            self._forget(id_)
        for id_ in (*added, *changed):
            self._store(id_, page[id_])
        self._judgements.sample(page, now)
        return self._tell(Delta(added, changed, removed, moved))

    def put(self, raw: Mapping[str, Any], now: float) -> Delta:
        """Take in one object, read by its id or returned by an action. A new one goes to the front."""
        page = self._read([raw])
        ((id_, record),) = page.items()
        delta = Delta()
        if id_ not in self.records:
            self._order.prepend(id_)
            delta = Delta(added=(id_,))
        elif self.records[id_].raw != record.raw:
            delta = Delta(changed=(id_,))
        if delta:
            self._store(id_, record)
        self._judgements.sample(page, now)
        return self._tell(delta)

    def join(
        self,
        name: str,
        figures: Mapping[str, Any],
        other: Figure | None = 0,
        until: float = math.inf,
        ids: Iterable[str] | None = None,
    ) -> Delta:
        """Give each object a figure that was told elsewhere by its id, and the `other` where none was told.

        Of objects made after `until`, in unix seconds, nothing is known where nothing was told. With `ids` the
        figures of all others are as they were.
        """
        self._joined[name] = figures, other, until
        records = self.records
        chosen = records if ids is None else [id_ for id_ in ids if id_ in records]
        told = {id_: self._find_figure(name, records[id_]) for id_ in chosen}
        stale = [id_ for id_ in chosen if _differs(records[id_].raw.get(name), told[id_])]
        for id_ in stale:
            before = self.records[id_]
            raw: dict[str, Any] = vars(self._shape())
            raw.update(before.raw)
            raw[name] = told[id_]
            if told[id_] is None:
                del raw[name]
            self.records[id_] = Record(id_, raw, before.model)
            self._judgements.note(id_)
        return self._tell(Delta(changed=tuple(stale)))

    def note_reading(self, name: str, *, is_read: bool) -> Delta:
        """Note whether a figure is being read, which objects show that have none yet."""
        reading = self._judgements.reading
        if (name in reading) is is_read:
            return Delta()
        self._judgements.reading = reading | {name} if is_read else reading - {name}
        return self._renew(name, self.records)

    def note_absent(self, name: str, id_: str) -> Delta:
        """Note that an object has no such figure, though others' are being read."""
        absent = self._judgements.absent.setdefault(id_, set())
        if name in absent or id_ not in self.records:
            return Delta()
        absent.add(name)
        return self._renew(name, [id_])

    def _renew(self, name: str, ids: Iterable[str]) -> Delta:
        """Have those objects drawn anew that have no figure of a name."""
        lacking = [id_ for id_ in ids if self.records[id_].raw.get(name) is None]
        for id_ in lacking:  # another record, as what is drawn of one is kept
            before = self.records[id_]
            self.records[id_] = Record(id_, before.raw, before.model)
        return self._tell(Delta(changed=tuple(lacking)))

    def drop(self, id: str) -> Delta:  # noqa: A002
        """Take out an object that is known to be gone."""
        if id not in self.records:
            return self._tell(Delta())
        self._order.remove(id)
        self._forget(id)
        return self._tell(Delta(removed=(id,)))

    def rate(self, id: str) -> float | None:  # noqa: A002
        """Return the units an object does per second, of the last quarter of an hour; None until seen twice."""
        return self._judgements.rate(id)

    def context_of(self, id: str, now: float, name: Callable[[str], str] = lambda _: "") -> CellContext:  # noqa: A002
        """Return what an object's cells may know at a time; `name` tells what people call an id."""
        return self._judgements.context_of(id, now, name)

    def active(self) -> list[str]:
        """Return the ids of the objects that are still going to change, in the server's order."""
        active = self._judgements.active()
        return [id_ for id_ in self.order if id_ in active] if active else []

    def attention(self) -> dict[str, str]:
        """Return the ids of the objects that need their owner, with the reason, as of the last update."""
        return self._judgements.attention()

    def _read(self, items: Iterable[Any]) -> dict[str, Record]:
        """Return the items by id, each once; what is no object under an id made from its content."""
        page: dict[str, Record] = {}
        record_of = self.resource.record
        for item in items:
            record = record_of(item if type(item) is dict or isinstance(item, Mapping) else {"value": item})
            if not record.id:
                record.id = make_content_id(item)
                self._unreadable.add(record.id)
            for name in self._joined:
                if (figure := self._find_figure(name, record)) is not None:
                    record.raw[name] = figure
            page.setdefault(record.id, record)
        return page

    def _find_figure(self, name: str, record: Record) -> Any:
        """Return a figure that was told elsewhere, for an object; None where it is not known."""
        figures, other, until = self._joined[name]
        if (figure := figures.get(record.id)) is not None:
            return figure
        made = unix_time(record.raw.get("created_at")) if until < math.inf else None
        return None if made is not None and made > until else other

    def _find_doubled(self, items: Iterable[Any]) -> set[str]:
        """Return the ids that come twice among the items of a page, with different contents."""
        first: dict[str, Any] = {}
        identity = self.resource.identity
        return {id_ for item in items if (id_ := identity(item)) and first.setdefault(id_, item) != item}

    def _store(self, id_: str, record: Record) -> None:
        """Hold a record, to be judged later."""
        record.raw = self._condense(record.raw)
        self.records[id_] = record
        self._judgements.note(id_)

    def _condense(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Return an object's fields in half of the memory.

        Short strings that many have in common, such as states, are held once, and so are the fields' names: Python
        does that for attributes of objects of a class.
        """
        fields: dict[str, Any] = vars(self._shape())
        if len(self.records) < _SHARED_VALUES:
            for key, value in raw.items():
                if type(value) is str and len(value) <= _SHARED_LENGTH and key != self.resource.identify:
                    self._shared.setdefault(key, {})
        shared = self._shared
        for key, value in raw.items():
            if type(value) is str and key in shared:
                known = shared[key]
                if len(known) < _SHARED_VALUES:
                    known.setdefault(value, value)
                fields[key] = known.get(value, value)
            else:
                fields[key] = value
        return fields

    def _forget(self, id_: str) -> None:
        """Let go of all that is known of an object, but its place."""
        del self.records[id_]
        self._unreadable.discard(id_)
        self._doubled.discard(id_)
        self._judgements.forget(id_)

    def _tell(self, delta: Delta) -> Delta:
        self.version += bool(delta)
        self._listeners.tell(delta)
        return delta


def _differs(known: Any, figure: Any) -> bool:
    """Return whether a figure is another than the one known, or lacks another number of parts."""
    if known is figure:
        return False
    return (known is None and figure is not None) or (known, getattr(known, "unread", 0)) != (
        figure,
        getattr(figure, "unread", 0),
    )
