"""What needs its owner and what is in progress, gathered from live lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.live.combined.rows import make_key
from tui.resources.index import NEEDING
from tui.resources.language.column import ODD_DATA, Cell, CellContext, Progress
from tui.resources.language.reading.times import unix_time
from tui.resources.language.resource import Resource, title_of
from tui.resources.registry import REGISTRY, pick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tui.api.credentials.connection import Connection
    from tui.live.lists.collection import Collection
    from tui.resources.language.objects import Record

_GLYPHS = "✖▲✓◐◌■‖?"
_SEVERITY = {"bad": 0, "warn": 1}
_WARNING = Cell("▲", "warn")  # the status of what looks well and still needs its owner


class Need(NamedTuple):
    """An object that needs its owner, or several of one list that need them for the same reason."""

    resource: Resource
    scope: Mapping[str, str]
    records: tuple[Record, ...]
    names: tuple[str, ...]
    """What people call them, else their ids."""
    reason: str
    state: Cell
    """The status of the first: a glyph with a tone, and a word."""
    account: str = ""
    """Whose it is, where several accounts are shown."""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by: its list, and the id of the first object, or the key of its row."""
        return self.resource.name, _row_key(self.account, self.records[0])


class InFlight(NamedTuple):
    """An object that is in progress."""

    resource: Resource
    scope: Mapping[str, str]
    record: Record
    name: str
    """What people call it, else its id."""
    state: Cell
    """Its status: a glyph with a tone, and a word."""
    progress: Progress | None
    seconds_left: float | None
    """At the rate seen; None while that is not known."""
    due: float | None
    """When it expires, in unix seconds."""
    account: str = ""
    """Whose it is, where several accounts are shown."""

    @property
    def records(self) -> tuple[Record, ...]:
        """The object, as one of several is told."""
        return (self.record,)

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by: its list and its id, or the key of its row."""
        return self.resource.name, _row_key(self.account, self.record)


def _row_key(account: str, record: Record) -> str:
    return make_key(account, record.id) if account else record.id


def find_watched_resources(registry: Mapping[str, Resource], connection: Connection) -> list[Resource]:
    """Return the lists that home looks at: those of objects that may need their owner, as far as keys allow."""
    return [
        resource
        for resource in pick(registry, NEEDING)
        if not (connection.needs_key(resource.key) and connection.key(resource.key) is None)
    ]


def state_of(resource: Resource, record: Record, context: CellContext) -> Cell:
    """Return the first cell of a row that begins with the glyph of a status; `▲` where none does."""
    for column in resource.columns:
        cell = column.cell(record, context)
        if cell.text[:1] in _GLYPHS and cell.text[1:2] == " ":
            return cell
    return _WARNING


def name_of(resource: Resource, record: Record, name: Callable[[str], str]) -> str:
    """Return what people call an object, else what it is named after, else its id; `name` tells that of an id."""
    if title := title_of(resource, record):
        return title
    after = record.read(resource.named_after) if resource.named_after else None
    return (name(after) if isinstance(after, str) and after else "") or record.id


def _name_parent(resource: Resource, records: Iterable[Record]) -> str:
    """Return where objects of a list that is read from many parents are, such as `search: ` or `2 projects: `."""
    if not resource.listed_per:
        return ""
    names = {record.at(f"{REGISTRY[resource.listed_per].singular}.name") for record in records}
    if not all(names):
        return ""
    return f"{names.pop()}: " if len(names) == 1 else f"{len(names):,} {resource.listed_per}: "


def find_needs(collections: Iterable[Collection], now: float, name: Callable[[str], str]) -> list[Need]:
    """Return what needs its owner: what failed before what only warns, else in the order of the lists."""
    found: list[Need] = []
    for collection in collections:
        resource = collection.resource
        alike: dict[str, list[Record]] = {}
        reasons = collection.attention()
        for id_ in collection.order if reasons else ():
            if id_ in reasons:
                alike.setdefault(reasons[id_], []).append(collection.records[id_])
        for reason, records in alike.items():
            told = state_of(resource, records[0], collection.context_of(records[0].id, now))
            state = told if told.tone in _SEVERITY else _WARNING
            names = tuple(name_of(resource, record, name) for record in records)
            where = _name_parent(resource, records)
            found.append(Need(resource, collection.scope, tuple(records), names, f"{where}{reason}", state))
    return sort_needs(found)


def sort_needs(needs: Iterable[Need]) -> list[Need]:
    """Return what failed before what only warns."""
    return sorted(needs, key=lambda need: _SEVERITY[need.state.tone])


def find_in_flight(
    collections: Iterable[Collection], now: float, name: Callable[[str], str]
) -> Iterator[InFlight]:
    """Yield what is in progress, list by list."""
    for collection in collections:
        resource = collection.resource
        for id_ in collection.active():
            record, context = collection.records[id_], collection.context_of(id_, now)
            progress = _progress(resource, record)
            left = None
            if progress and context.rate and progress.total > progress.done:
                left = (progress.total - progress.done) / context.rate
            elif finish := unix_time(record.read("estimated_finish")):
                left = finish - now if finish > now else None
            yield InFlight(
                resource,
                collection.scope,
                record,
                name_of(resource, record, name),
                state_of(resource, record, context),
                progress,
                left,
                unix_time(record.read("expires_at")),
            )


def _progress(resource: Resource, record: Record) -> Progress | None:
    try:
        found = resource.progress(record.object)
    except ODD_DATA:
        return None
    return found if isinstance(found, Progress) else None
