"""What has changed since the user was last here: which objects are new, gone, or in another state.

Of each object only its id and the word for its state are kept, in a file that only this user can read.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.language.reading.times import unix_time
from tui.workflows.overview.attention import name_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui.live.lists.collection import Collection
    from tui.resources.language.column import Tone
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.system.state_file import StateFile

VERSION = 1
KEPT = 2_000  # objects of a list
READ = 60.0  # seconds by which a list may have been read before its visit was kept
_OUTCOMES: dict[str, str] = {"good": "finished", "bad": "failed", "warn": "partial"}


class Spent(NamedTuple):
    """What was spent on a day, as far as it was known at a visit."""

    day: int
    """When the day began (unix seconds)."""
    amount: Decimal


class Visit(NamedTuple):
    """The objects of each list as they were at a time (unix seconds of the server)."""

    at: float
    states: Mapping[str, Mapping[str, str]]
    """By the name of the list and the id of the object, the word for its state; "" where it has none."""
    spent: Spent | None = None
    """What was spent that day; None where it was not known."""
    read_at: Mapping[str, float] = MappingProxyType({})
    """When each list was read, by its name, where that was not at the time of the visit."""

    def time_of(self, name: str) -> float:
        """Return when a list was as it is kept (unix seconds of the server)."""
        return self.read_at.get(name, self.at)


class Change(NamedTuple):
    """What became of an object: `what` is `new`, `gone`, or its state now."""

    resource: Resource
    id: str
    name: str
    what: str
    tone: Tone = ""


def read_visit(file: StateFile) -> Visit | None:
    """Return the last visit; None where none is kept, or the file is damaged or of another version."""
    return file.read(_read_kept)


def _read_kept(told: Any) -> Visit:
    if told["version"] != VERSION:
        raise ValueError
    states = {
        str(name): {str(id_): str(state) for id_, state in held.items()} for name, held in told["states"].items()
    }
    spent = told.get("spent")
    read_at = {str(name): float(at) for name, at in told.get("read_at", {}).items()}
    known = Spent(int(spent["day"]), Decimal(spent["amount"])) if spent else None
    return Visit(float(told["at"]), states, known, read_at)


def write_visit(file: StateFile, visit: Visit) -> None:
    """Keep a visit in the place of the last. Raises OSError."""
    spent = {"spent": {"day": visit.spent.day, "amount": f"{visit.spent.amount:f}"}} if visit.spent else {}
    kept = {"version": VERSION, "at": visit.at, "states": visit.states, "read_at": dict(visit.read_at)}
    file.write({**kept, **spent})


def take_visit(collections: Iterable[Collection], now: float) -> Visit:
    """Return how the objects of some lists are now."""
    states = {
        collection.resource.name: {
            id_: _read_state(collection, collection.records[id_], now)[0] for id_ in islice(collection.order, KEPT)
        }
        for collection in collections
    }
    return Visit(now, states)


def find_changes(
    before: Visit, collections: Iterable[Collection], now: float, name: Callable[[str], str]
) -> list[Change]:
    """Return what has changed since a visit, list by list; `name` tells what people call an id."""
    found: list[Change] = []
    for collection in collections:
        resource, known = collection.resource, before.states.get(collection.resource.name)
        if known is None:
            continue
        for id_ in islice(collection.order, KEPT):
            record = collection.records[id_]
            word, tone = _read_state(collection, record, now)
            if id_ in known:
                if word != known[id_]:
                    found.append(Change(resource, id_, name_of(resource, record, name), word, tone))
            elif _is_made_after(record, before.time_of(resource.name)):
                found.append(Change(resource, id_, name_of(resource, record, name), "new", tone))
        found += [Change(resource, id_, id_, "gone") for id_ in _find_gone(known, collection)]
    return found


def summarize(changes: Sequence[Change]) -> str:
    """Return changes in words: `3 finished · 1 failed · 2 new files · 1 gone`."""
    outcomes: Counter[str] = Counter()
    others: Counter[tuple[str, str, str]] = Counter()
    for each in changes:
        if each.what in ("new", "gone"):
            others[each.what, each.resource.singular, each.resource.name] += 1
        else:
            outcomes[_OUTCOMES.get(each.tone, each.what)] += 1
    ranked = sorted(outcomes, key=lambda word: (word not in _OUTCOMES.values(), word == "partial"))
    words = [f"{outcomes[word]:,} {word}" for word in ranked]
    words += [f"{number:,} {what} {one if number == 1 else many}" for (what, one, many), number in others.items()]
    return " · ".join(words)


def _find_gone(known: Mapping[str, str], collection: Collection) -> list[str]:
    """Return the ids that are listed no more; of a list that goes on, those before one that is still there."""
    ids = list(known)
    if not collection.complete:
        if collection.resource.listed_per:  # what is missing may be of a parent that is read later
            return []
        last = next((at for at in reversed(range(len(ids))) if ids[at] in collection.records), 0)
        ids = ids[:last]
    return [id_ for id_ in ids if id_ not in collection.records]


def _is_made_after(record: Record, at: float) -> bool:
    """Return whether an object was made after the lists were read at a time; one that tells none counts as new."""
    made = unix_time(record.read("created_at")) or unix_time(record.read("created"))
    return made is None or made > at - READ


def _read_state(collection: Collection, record: Record, now: float) -> tuple[str, Tone]:
    """Return the word for an object's state and its tone; of a kind that has no states only that it is there."""
    if not collection.resource.changes_itself:
        return "", ""
    cell = state_of(collection.resource, record, collection.context_of(record.id, now))
    return cell.text[2:], cell.tone
