"""The objects of several accounts as one collection: rows have keys of their own, as ids may be alike in two."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.live.combined.rows import Row, add_profile_column, build_time_reader, make_key, merge_newest, split_key
from tui.live.lists.collection import Collection, Delta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui.live.polling.watch import Watch
    from tui.resources.language.column import CellContext, Show


class Part(NamedTuple):
    """The list of one account: what keeps it fresh, that account's clock, and what tells its names."""

    watch: Watch
    now: Callable[[], float]
    name: Callable[[str], str]


class CombinedCollection(Collection):
    """Holds a row for each object of the parts, newest first, and follows them while it is live.

    What is judged of an object, such as whether it needs its owner, its own collection judges.
    """

    def __init__(self, parts: Mapping[str, Part], show: Show[Any]) -> None:
        """`parts` are the lists by the names of their accounts; `show` draws the profile of a row."""
        first = next(iter(parts.values())).watch.collection
        super().__init__(add_profile_column(first.resource, show), first.scope)
        self._parts = parts
        self._read_time = build_time_reader(first.resource)
        self._ends: list[Callable[[], None]] = []
        self._catch_up()

    # Following the parts.

    def follow(self) -> None:
        """Follow the parts from now on: hold what they hold."""
        self._ends = [
            part.watch.collection.subscribe(partial(self._take, account)) for account, part in self._parts.items()
        ]
        self._tell(self._catch_up())

    def rest(self) -> None:
        """Stop following the parts; the rows stay as they are."""
        for end in self._ends:
            end()
        self._ends = []

    def _catch_up(self) -> Delta:
        """Take in what the parts hold. Returns what that changed."""
        added: list[str] = []
        changed: list[str] = []
        seen: set[str] = set()
        for account, part in self._parts.items():
            for own in part.watch.collection.records.values():
                key = make_key(account, own.id)
                seen.add(key)
                known = self.records.get(key)
                if not isinstance(known, Row) or known.own is not own:
                    (changed if known else added).append(key)
                    self.records[key] = Row(account, own)
        removed = [key for key in self.records if key not in seen]
        for key in removed:
            del self.records[key]
        before = list(self.order)
        self._arrange()
        moved = bool(before) and before != self.order and not (added or removed)
        return Delta(tuple(added), tuple(changed), tuple(removed), moved)

    def _take(self, account: str, delta: Delta) -> None:
        """Take in what has changed of a part."""
        records = self._parts[account].watch.collection.records

        def list_keys(ids: Iterable[str]) -> tuple[str, ...]:
            return tuple(make_key(account, id_) for id_ in ids)

        for id_ in delta.removed:
            self.records.pop(make_key(account, id_), None)
        for id_ in (*delta.added, *delta.changed):
            if id_ in records:
                row = Row(account, records[id_])
                self.records[row.id] = row
        if (delta.added or delta.removed or delta.moved) and not self._work_in(account, delta):
            self._arrange()
        told = Delta(list_keys(delta.added), list_keys(delta.changed), list_keys(delta.removed), delta.moved)
        self._tell(told)

    def _work_in(self, account: str, delta: Delta) -> bool:
        """Take out what is gone, or put what is newer than all to the front. Returns whether that was enough."""
        if delta.moved or (delta.added and delta.removed):
            return False
        if delta.removed:
            gone = {make_key(account, id_) for id_ in delta.removed}
            self.order[:] = [key for key in self.order if key not in gone]
            return True
        part = self._parts[account].watch.collection
        if self._read_time is None or tuple(part.order[: len(delta.added)]) != delta.added or not self.order:
            return False
        newest = self._read_time(self.records[self.order[0]])
        made = [self._read_time(part.records[id_]) for id_ in delta.added]
        ordered = all(isinstance(each, int | float) for each in (*made, newest))
        if not (ordered and made == sorted(made, reverse=True) and made[-1] > newest):
            return False
        self.order[:0] = [make_key(account, id_) for id_ in delta.added]
        return True

    def _arrange(self) -> None:
        """Put the rows of all parts into one order."""
        lists = (
            [self.records[make_key(account, id_)] for id_ in part.watch.collection.order]
            for account, part in self._parts.items()
        )
        self.order[:] = [record.id for record in merge_newest(self.resource, lists)]

    # Answers that the parts give together.

    @property
    def _collections(self) -> list[Collection]:
        return [part.watch.collection for part in self._parts.values()]

    @property
    def complete(self) -> bool:
        """Whether all lists are there to their ends."""
        return all(each.complete for each in self._collections)

    @property
    def next(self) -> str | None:
        """The cursor of the first list that has one."""
        return next((each.next for each in self._collections if each.next is not None), None)

    @property
    def cut(self) -> bool:
        """Whether a server has more and tells no way to it, and all else is there."""
        return not self.complete and all(each.complete or each.cut for each in self._collections)

    @property
    def unreadable(self) -> int:
        """How many items are no objects or have no id."""
        return sum(each.unreadable for each in self._collections)

    @property
    def doubled(self) -> int:
        """How many objects came twice on one page with different contents."""
        return sum(each.doubled for each in self._collections)

    def rate(self, id: str) -> float | None:  # noqa: A002
        """Return the units that the object of a row does per second."""
        account, own_id = split_key(id)
        return self._parts[account].watch.collection.rate(own_id)

    def context_of(self, id: str, now: float, name: Callable[[str], str] = lambda _: "") -> CellContext:  # noqa: A002, ARG002
        """Return what a row's cells may know: the time and the names of its own account."""
        account, own_id = split_key(id)
        part = self._parts[account]
        return part.watch.collection.context_of(own_id, part.now(), part.name)

    def active(self) -> list[str]:
        """Return the keys of the rows whose objects are still going to change."""
        active = {
            make_key(account, id_)
            for account, part in self._parts.items()
            for id_ in part.watch.collection.active()
        }
        return [key for key in self.order if key in active] if active else []

    def attention(self) -> dict[str, str]:
        """Return the keys of the rows whose objects need their owner, with the reason."""
        return {
            make_key(account, id_): reason
            for account, part in self._parts.items()
            for id_, reason in part.watch.collection.attention().items()
        }
