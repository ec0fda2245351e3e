"""The rows that a table shows of a collection: filtered, sorted, marked."""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass
from functools import cmp_to_key
from typing import TYPE_CHECKING

from tui.live.lists import sorting
from tui.live.lists.query import Query, parse
from tui.live.lists.rows import Rows, filter_rows
from tui.live.lists.sorting import NEEDS, NeedsFirst, Order, cut, finish

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from tui.live.lists.collection import Collection, Delta
    from tui.live.lists.query import Test
    from tui.resources.language.column import CellContext, Column, Tone
    from tui.resources.language.objects import Record

MANY = 150_000  # objects; the rows of more are worked out in slices
_FEW = 2000  # changes up to this many are worked into the rows; more of them are quicker done anew

# What sorting by a meaning looks for: the first of these columns that a resource has.
_MEANINGS = {
    "name": ("name", "filename", "title", "id"),
    "age": ("age", "created", "time"),
    "status": ("status", "outcome", "state"),
    "size": ("size", "bytes", "cost", "cost_30d", "progress", "tokens", "amount"),
}


@dataclass(frozen=True, slots=True)
class Shift:
    """The rows to repaint after an update; None when rows changed their place."""

    rows: frozenset[int] | None = None


class View:
    """The rows that a table shows of a collection: filtered, sorted, marked.

    Rows are ids. Without filter and sort they are the collection's own order. Sorts compose: an earlier one
    decides among the equals of a later one, and the server's order among what is left. Marks are ids too, and
    stay through filters and refreshes.
    """

    def __init__(
        self,
        collection: Collection,
        *,
        clock: Callable[[], float] = time.time,
        name: Callable[[str], str] = lambda _: "",
        only: Callable[[Record], bool] | None = None,
    ) -> None:
        """Whatever the query, records are shown that pass `only`; without it all."""
        self.collection = collection
        self.columns: Sequence[Column] = collection.resource.columns
        """The columns that are shown, in order."""
        self.are_chosen = False
        """Whether the user has chosen the columns, and so sees all of them."""
        self.query = Query()
        self.sort = ""
        self.attention_only = False
        self.marks: set[str] = set()
        self.news: set[str] = set()
        """The ids of objects that have changed since the user was last here, and were not looked at since."""
        self.tones: list[tuple[list[Test], Tone]] = []
        """The tones of rows: that of the first whose tests a record passes."""
        self.ids: Sequence[str] = collection.order
        self.defer: Callable[[], object] | None = None
        """Has somebody call `work` from now on until nothing is left of it. None has all done at once."""
        self._rows = Rows(collection)
        self._found = 0  # the row that was looked for last
        self._work: Generator[None, None, list[str]] | None = None
        self._missed: list[Delta] = []  # what came while the rows are worked out
        self._now = clock
        self._name = name
        self._orders: list[Order] = []
        self._always: list[Callable[[Record], bool]] = [only] if only else []
        self._tests = self._always
        if only:
            self.recompute()
        if collection.resource.sort:
            self.set_sort(collection.resource.sort)

    def __len__(self) -> int:
        return len(self.ids)

    def record(self, row: int) -> Record:
        """Return the record of a row.

        Raises:
            IndexError: when there is no such row.
        """
        return self.collection.records[self.ids[row]]

    def list_records(self) -> list[Record]:
        """Return the records of all rows."""
        records = self._rows.records
        return [records[row] for row in self._rows.find(self.ids)]

    def index(self, id: str) -> int | None:  # noqa: A002
        """Return the row of an id, or None when it is not shown."""
        if id not in self.collection.records:
            return None
        if self.ids[self._found : self._found + 1] == [id]:  # it is asked for time and again
            return self._found
        try:
            self._found = self.ids.index(id)
        except ValueError:
            return None
        return self._found

    def count(self, ids: Iterable[str]) -> int:
        """Return how many of some objects of the collection are shown."""
        among = set(ids)
        is_narrowed = among and len(self.ids) < len(self.collection.records)
        return sum(id_ in among for id_ in self.ids) if is_narrowed else len(among)

    def context_of(self, record: Record) -> CellContext:
        """Return what a record's cells may know."""
        return self.collection.context_of(record.id, self._now(), self._name)

    def set_query(self, query: str | Query) -> None:
        """Show what fulfils a query only.

        Raises:
            QueryError: when it cannot be understood or names an unknown field; the query before stays.
        """
        query = parse(query) if isinstance(query, str) else query
        records = self.collection.records
        sample = next(iter(records.values())).raw if records else {}
        fields = (*self.collection.resource.model.model_fields, *sample)
        tests = query.bind(self.collection.resource.columns, self.context_of, self._now, fields)
        self._tests = [*self._always, *tests]
        narrower = query.narrows(self.query)
        self.query = query
        if narrower and self._tests and not self.is_working:  # as letters are typed: what is not shown stays away
            self._begin(self._steps(self.ids, ()))
        else:
            self.recompute()

    def set_tones(self, rules: Iterable[tuple[str, Tone]]) -> None:
        """Give the rows that fulfil a query a tone. Raises QueryError; a field that an object lacks is empty."""
        queries = [(parse(when), tone) for when, tone in rules]
        named = (term.name.split(".")[0] for query, _ in queries for term in query.terms)
        fields = (*self.collection.resource.model.model_fields, *named)
        self.tones = [
            (query.bind(self.collection.resource.columns, self.context_of, self._now, fields), tone)
            for query, tone in queries
        ]

    def tone_of(self, record: Record) -> Tone:
        """Return the tone of a record's row; "" for none."""
        return next((tone for tests, tone in self.tones if all(test(record) for test in tests)), "")

    def set_sort(self, sort: str) -> None:
        """Sort by a column: its header, "-" before it for descending; "" for the server's order.

        Raises:
            KeyError: when there is no such column.
        """
        if sort == self.sort:
            return
        if sort:
            name, down = sort.removeprefix("-"), sort.startswith("-")
            column = NEEDS if name == NEEDS.header else self.collection.resource.column_at(name)
            if column is None:
                raise KeyError(sort)
            needs = column is NEEDS
            order = NeedsFirst(down, self.collection) if needs else Order(column, down, self.context_of)
            self._orders = [order, *(other for other in self._orders if other.column is not column)]
            self.sort = sort
            if self.is_working:
                self.recompute()
            else:  # rows stand in the order of the earlier sorts already, and sorting keeps the order of equals
                self._begin(self._steps(self.ids, (order,), as_shown=True))
        else:
            self._orders = []
            self.sort = sort
            self.recompute()

    def flip_sort(self, column: Column) -> None:
        """Sort by a column in its first direction, or the other way round if it is sorted by."""
        first, second = column.header, f"-{column.header}"
        if column.first_sort == "down":
            first, second = second, first
        self.set_sort(second if self.sort == first else first)

    def column_for(self, meaning: str) -> Column | None:
        """Return the column that is a "name", "age", "status" or "size" here, or sorts by what "needs" one."""
        if meaning == "needs":
            return NEEDS
        return next(filter(None, map(self.collection.resource.column, _MEANINGS[meaning])), None)

    def set_attention(self, only: bool) -> None:
        """Show only what needs its owner, or everything."""
        self.attention_only = only
        self.recompute()

    def recompute(self) -> None:
        """Filter and sort anew."""
        if self._tests or self._orders or self.attention_only:
            self._begin(self._steps(self.collection.order, self._orders))
        else:
            self._work = None
            self.ids = self.collection.order

    @property
    def is_working(self) -> bool:
        """Whether rows are worked out; until that is done those before are shown."""
        return self._work is not None

    def work(self) -> bool:
        """Do a slice of the work. Returns whether more is left; if not, the rows are there."""
        if self._work is None:
            return False
        try:
            next(self._work)
        except StopIteration as end:
            self._end(end.value)
        return self.is_working

    def _begin(self, steps: Generator[None, None, list[str]]) -> None:
        """Work rows out: at once, or in slices where there are many and somebody does them."""
        self._missed.clear()
        if self.defer is None or len(self.collection.records) <= MANY:
            self._end(finish(steps))
        else:
            self._work = steps
            self.defer()

    def _end(self, ids: list[str]) -> None:
        """Show rows that were worked out, with what came meanwhile."""
        self._work = None
        self.ids = ids
        missed, self._missed = self._missed, []
        for delta in missed:
            if not self.is_working:  # a delta may have begun to work all rows out anew
                self._follow(delta)

    def _steps(
        self, ids: Sequence[str], orders: Sequence[Order], *, as_shown: bool = False
    ) -> Generator[None, None, list[str]]:
        """Filter what is not `as_shown` already, and sort by the last of `orders` first."""
        records, rows, every = self._rows.records, self._rows.find(ids), list(self.collection.records)
        if not as_shown and (self._tests or self.attention_only):
            among = self.collection.attention() if self.attention_only else None
            rows = yield from filter_rows(records, rows, self._tests, among)
        for order in reversed(orders[:]):
            rows = yield from order.steps(records, rows)
        found: list[str] = []
        for part in cut(rows, sorting.SLICE):
            found += map(every.__getitem__, part)
            yield
        self._rows.note(records, found, rows)
        return found

    def apply(self, delta: Delta) -> Shift:
        """Follow the collection. Returns what to repaint."""
        self.marks.difference_update(delta.removed)
        if self.is_working:
            if delta:
                self._missed.append(delta)
            if delta.removed and self.ids is not self.collection.order:
                gone = set(delta.removed)
                self.ids = [id_ for id_ in self.ids if id_ not in gone]
                return Shift()
            if self.ids is self.collection.order and (delta.added or delta.removed or delta.moved):
                return Shift()
        elif self._tests or self._orders or self.attention_only:
            before = self.ids
            self._follow(delta)
            if self.ids != before:
                return Shift()
        elif delta.added or delta.removed or delta.moved:
            return Shift()
        changed = set(delta.changed)
        return Shift(
            frozenset(row for row, id_ in enumerate(self.ids) if id_ in changed) if changed else frozenset()
        )

    def _follow(self, delta: Delta) -> None:
        """Work an update into filtered or sorted rows: take out what it touches, put back what belongs."""
        touched = (*delta.added, *delta.changed)
        # Without having changed, an object may have come to need its owner.
        judged = self.attention_only or any(order.column is NEEDS for order in self._orders)
        if len(touched) > _FEW or judged or (delta.moved and self._orders):
            self.recompute()
            return
        if not delta:
            return
        gone = {*touched, *delta.removed}
        ids = [id_ for id_ in self.ids if id_ not in gone]
        fresh = self._list_passing(touched)
        if not self._orders:
            shown = {*ids, *(record.id for record in fresh)}
            self.ids = [id_ for id_ in self.collection.order if id_ in shown]
            return
        places = {id_: place for place, id_ in enumerate(self.collection.order)}

        def compare(one: Record, other: Record) -> int:
            found = (order.compare(one, other) for order in self._orders)
            return next(filter(None, found), places[one.id] - places[other.id])

        rank = cmp_to_key(compare)
        records = self.collection.records
        for record in fresh:
            ids.insert(bisect_left(ids, rank(record), key=lambda id_: rank(records[id_])), record.id)
        self.ids = ids

    def _list_passing(self, ids: Iterable[str]) -> list[Record]:
        """Return the records among `ids` that the filters let through."""
        every = self.collection.records
        records = [every[id_] for id_ in ids if id_ in every]
        among = self.collection.attention() if self.attention_only else None
        return [records[row] for row in finish(filter_rows(records, range(len(records)), self._tests, among))]
