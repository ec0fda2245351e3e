"""The live, keyed list of a resource's objects.

Pages of a list come in one at a time, late, twice, or with their neighbours changed since. A collection holds what
they prove together, in the server's order, and tells what each of them changed.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui.live.listeners import Listeners
from tui.resources.language.column import CellContext, Progress
from tui.resources.language.objects import content_id
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.resources.language.objects import Record

RATE_SPAN = 900.0  # seconds of samples a rate is taken from
_RATE_SAMPLES = 256
_SHARED_LENGTH = 32  # fields with values up to this long are worth sharing between objects …
_SHARED_VALUES = 64  # … the first so many values: states and purposes come early, names never end
_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Resource)}
AGES = 60.0  # seconds after which what is judged by the time is judged again
_JUDGED = ("active", "attention", "stalled", "progress")
Figure = Decimal | float
_FAULTS = (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError, IndexError, OverflowError)


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
    """The live, keyed list of a resource's objects, in the server's order.

    The list may have gaps: places behind which objects may be missing, each with the cursor that reads on from
    there. What is not loaded yet is a gap at the end.
    """

    def __init__(
        self, resource: Resource, scope: Mapping[str, str] = MappingProxyType({}), *, failed_share: float = 0.0
    ) -> None:
        self.resource = resource
        self._failed_share = failed_share
        self.scope = dict(scope)
        self.records: dict[str, Record] = {}
        self.order: list[str] = []
        self.version = 0
        # By the id before the gap ("" is the head of the list); the cursor is None where none is known.
        self._gaps: dict[str, str | None] = {"": None}
        self._joined: tuple[str, Mapping[str, Figure], Figure] | None = (
            None  # a figure's name, what it is by id, and else
        )
        self._unreadable: set[str] = set()
        self._shared: dict[str, dict[str, str]] = {}
        self._samples: dict[str, deque[tuple[float, int]]] = {}
        self._done: dict[str, int] = {}  # of what is on its way
        self._moved: dict[str, float] = {}  # when that last changed, or was first seen
        self._now = 0.0  # the time of the last update
        self._unjudged: set[str] = set()
        self._judged = 0.0  # the time at which all were last judged, where the resource `ages`
        self._active: set[str] = set()
        self._attention: dict[str, str] = {}
        self._judges = any(_declared(resource, name) for name in _JUDGED)
        self._listeners: Listeners[[Delta]] = Listeners()

    @property
    def complete(self) -> bool:
        """Whether the end of the list was reached and no gap is known."""
        return not self._gaps

    @property
    def next(self) -> str | None:
        """The cursor of the first gap that has one. None: all is there, it is `cut`, or only page 1 can tell."""
        return self._gaps[gap] if (gap := self._first_gap()) is not None else None

    @property
    def cut(self) -> bool:
        """Whether the server has more and tells no way to it."""
        return bool(self._gaps and self.records) and self.next is None

    def before_gap(self) -> Sequence[str]:
        """The ids in front of the first gap that can be read on from."""
        gap = self._first_gap()
        return self.order[: self.order.index(gap) + 1] if gap else ()

    @property
    def unreadable(self) -> int:
        """How many items are no objects or have no id. They are listed under an id made from their content."""
        return len(self._unreadable)

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
        delta = self._reconcile(page, after, has_more, next)
        for id_ in delta.removed:
            self._forget(id_)
        for id_ in (*delta.added, *delta.changed):
            self._store(id_, page[id_])
        self._sample(page, now)
        return self._tell(delta)

    def put(self, raw: Mapping[str, Any], now: float) -> Delta:
        """Take in one object, read by its id or returned by an action. A new one goes to the front."""
        page = self._read([raw])
        ((id_, record),) = page.items()
        delta = Delta()
        if id_ not in self.records:
            self.order.insert(0, id_)
            delta = Delta(added=(id_,))
        elif self.records[id_].raw != record.raw:
            delta = Delta(changed=(id_,))
        if delta:
            self._store(id_, record)
        self._sample(page, now)
        return self._tell(delta)

    def join(self, name: str, figures: Mapping[str, Figure], other: Figure = 0) -> Delta:
        """Give each object a figure that was told elsewhere by its id, and the `other` where none was told."""
        self._joined = name, figures, other
        stale = [id_ for id_, record in self.records.items() if _differs(record.at(name), figures.get(id_, other))]
        for id_, record in self._read(self.records[id_].raw for id_ in stale).items():
            self._store(id_, record)
        return self._tell(Delta(changed=tuple(stale)))

    def drop(self, id: str) -> Delta:  # noqa: A002
        """Take out an object that is known to be gone."""
        if id not in self.records:
            return self._tell(Delta())
        self._bypass(id)
        self.order.remove(id)
        self._forget(id)
        return self._tell(Delta(removed=(id,)))

    def rate(self, id: str) -> float | None:  # noqa: A002
        """Units an object does per second, of the last quarter of an hour. None until it was seen twice."""
        samples = self._samples.get(id)
        if not samples or len(samples) < 2:
            return None
        (since, before), (until, done) = samples[0], samples[-1]
        return (done - before) / (until - since)

    def context_of(self, id: str, now: float, name: Callable[[str], str] = lambda _: "") -> CellContext:  # noqa: A002
        """What an object's cells may know at a time; `name` tells what people call an id."""
        moved = self._moved.get(id)
        return CellContext(now, self.rate(id), None if moved is None else now - moved, name, self._failed_share)

    def active(self) -> list[str]:
        """Ids of the objects that are still going to change, in the server's order."""
        self._judge()
        return [id_ for id_ in self.order if id_ in self._active] if self._active else []

    def attention(self) -> dict[str, str]:
        """Ids of the objects that need their owner, with the reason, as of the last update."""
        self._judge()
        if not _declared(self.resource, "stalled"):
            return self._attention
        waiting = [(self.records[id_], self.context_of(id_, self._now)) for id_ in self._active]
        told = ((record.id, _ask(self.resource.stalled, record.object, context)) for record, context in waiting)
        return {**{id_: str(reason) for id_, reason in told if reason}, **self._attention}

    def _read(self, items: Iterable[Any]) -> dict[str, Record]:
        """The items by id, each once. What is no object gets an id made from its content, which refreshes keep."""
        page: dict[str, Record] = {}
        record_of = self.resource.record
        for item in items:
            record = record_of(item if type(item) is dict or isinstance(item, Mapping) else {"value": item})
            if not record.id:
                record.id = content_id(item)
                self._unreadable.add(record.id)
            if self._joined:
                name, figures, other = self._joined
                record.raw[name] = figures.get(record.id, other)
            page.setdefault(record.id, record)
        return page

    def _reconcile(self, page: dict[str, Record], after: str | None, has_more: bool, cursor: str | None) -> Delta:
        """Fit a page into the order and mend the gaps it covers. The records are still to be stored."""
        known = [id_ for id_ in page if id_ in self.records]
        start, anchored = self._place(after, known)
        stop = len(self.order)
        if has_more:
            ends = (_find(self.order, id_, start) for id_ in reversed(known))
            stop = 1 + next((end for end in ends if end is not None), start - 1)
        span = self.order[start:stop]
        inside = set(span)
        strays = {id_ for id_ in known if id_ not in inside}
        if strays:  # they stand elsewhere until now
            start -= sum(id_ in strays for id_ in self.order[:start])
            for id_ in strays:
                self._bypass(id_)
            self.order[:] = [id_ for id_ in self.order if id_ not in strays]
        added = tuple(id_ for id_ in page if id_ not in self.records)

        before = self.order[start - 1] if start else ""
        last = next(reversed(page), before)
        joins = bool(span) and last == span[-1] and last not in self._gaps
        for id_ in span:
            self._gaps.pop(id_, None)
        if anchored:
            self._gaps.pop(before, None)
        elif added and added[0] == next(iter(page)):
            self._gaps.setdefault(before, before or None)
        if not has_more:
            self._gaps.pop(last, None)
        elif not joins:
            self._gaps[last] = cursor

        self.order[start : start + len(span)] = page
        return Delta(
            added,
            changed=tuple(id_ for id_ in known if self.records[id_].raw != page[id_].raw),
            removed=tuple(id_ for id_ in span if id_ not in page),
            moved=bool(strays) or [id_ for id_ in span if id_ in page] != known,
        )

    def _place(self, after: str | None, known: Sequence[str]) -> tuple[int, bool]:
        """Where in the order a page begins that holds the `known` ids, and whether that is sure."""
        if after is None:
            return 0, True
        # An id is its own cursor; any other cursor is known while it leads into a gap.
        anchor = next((id_ for id_, cursor in self._gaps.items() if cursor == after), after)
        if anchor == "":
            return 0, True
        if (found := _find(self.order, anchor)) is not None:
            return found + 1, True
        # The cursor's row went while the page was on its way: begin where the page meets what is known.
        return (self.order.index(known[0]) if known else len(self.order)), False

    def _first_gap(self) -> str | None:
        """The id before the gap nearest to the front that has a cursor; "" for the head, None for no such gap."""
        if "" in self._gaps:
            return ""
        leading = [id_ for id_, cursor in self._gaps.items() if cursor]
        if len(leading) < 2:
            return leading[0] if leading else None
        return next(id_ for id_ in self.order if id_ in leading)

    def _bypass(self, id_: str) -> None:
        """Hand the gap behind an object, which is about to leave its place, to the one before it."""
        if id_ not in self._gaps:
            return
        cursor = self._gaps.pop(id_)
        at = self.order.index(id_)
        before = self.order[at - 1] if at else ""
        # A cursor that is the id of a gone object may be refused.
        self._gaps.setdefault(before, (before or None) if cursor == id_ else cursor)

    def _store(self, id_: str, record: Record) -> None:
        """Hold a record, and hear later what the resource says of it."""
        self._share(record.raw)
        self.records[id_] = record
        if self._judges:
            self._unjudged.add(id_)

    def _share(self, raw: dict[str, Any]) -> None:
        """Let objects share the short strings many have in common, such as states: a fifth of their memory."""
        if len(self.records) < _SHARED_VALUES:
            for key, value in raw.items():
                if type(value) is str and len(value) <= _SHARED_LENGTH and key != self.resource.identify:
                    self._shared.setdefault(key, {})
        for key, known in self._shared.items():
            value = raw.get(key)
            if type(value) is not str:
                continue
            if (same := known.get(value)) is not None:
                raw[key] = same
            elif len(known) < _SHARED_VALUES:
                known[value] = value

    def _forget(self, id_: str) -> None:
        """Let go of all that is known of an object, but its place."""
        del self.records[id_]
        self._unreadable.discard(id_)
        self._unjudged.discard(id_)
        self._active.discard(id_)
        self._attention.pop(id_, None)
        self._unsample(id_)

    def _unsample(self, id_: str) -> None:
        """Let go of how far an object was."""
        for kept in (self._samples, self._done, self._moved):
            kept.pop(id_, None)

    def _judge(self) -> None:
        """Ask the resource about the objects that changed since it was last asked.

        What is built for that is let go again: thousands of finished objects need not stay parsed.
        """
        if self.resource.ages and abs(self._now - self._judged) >= AGES:
            self._unjudged.update(self.records)
            self._judged = self._now
        for id_ in self._unjudged:
            record = self.records[id_]
            held = self.resource.model.read(record.raw)
            (self._active.add if _ask(self.resource.active, held) else self._active.discard)(id_)
            if reason := _ask(self.resource.attention, held, self.context_of(id_, self._now)):
                self._attention[id_] = str(reason)
            else:
                self._attention.pop(id_, None)
            progress = _ask(self.resource.progress, held)
            if isinstance(progress, Progress) and progress.done < progress.total:
                self._done[id_] = progress.done
                self._samples.setdefault(id_, deque(maxlen=_RATE_SAMPLES))
            else:
                self._unsample(id_)
        self._unjudged.clear()

    def _sample(self, page: Iterable[str], now: float) -> None:
        """Note how far the objects are that are on their way."""
        self._now = now
        if not _declared(self.resource, "progress"):
            return
        self._judge()
        for id_ in page:
            if (done := self._done.get(id_)) is None:
                continue
            samples = self._samples[id_]
            if not samples or done != samples[-1][1]:
                self._moved[id_] = now
            if samples and (done < samples[-1][1] or now < samples[-1][0]):
                samples.clear()  # it started again, or the clock did
            while len(samples) > 1 and samples[0][0] < now - RATE_SPAN:
                samples.popleft()
            if not samples or now > samples[-1][0]:
                samples.append((now, done))

    def _tell(self, delta: Delta) -> Delta:
        self.version += bool(delta)
        self._listeners.tell(delta)
        return delta


def _declared(resource: Resource, name: str) -> bool:
    """Whether a resource declares this itself."""
    return getattr(resource, name) is not _DEFAULTS[name]


def _ask(question: Callable[..., Any], *held: Any) -> Any:
    """The answer for an object; None where odd data trips the question up."""
    try:
        return question(*held)
    except _FAULTS:
        return None


def _differs(known: Any, figure: Figure) -> bool:
    """Whether a figure is another than the one known, or lacks another number of parts."""
    return known is None or (known, getattr(known, "unread", 0)) != (figure, getattr(figure, "unread", 0))


def _find(order: Sequence[str], id_: str, start: int = 0) -> int | None:
    """The place of an id at or behind `start`. The end is looked at first: that is where pages are appended."""
    if order and order[-1] == id_:
        return len(order) - 1 if len(order) > start else None
    try:
        return order.index(id_, start)
    except ValueError:
        return None
