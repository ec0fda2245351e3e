"""The sorts of a list, in slices: between them whoever waits for a million rows can do something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tui.live.lists.values import build_getter, number_of
from tui.resources.language.column import Column
from tui.resources.language.objects import build_list_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from tui.live.lists.collection import Collection
    from tui.resources.language.column import CellContext
    from tui.resources.language.objects import Record

T = TypeVar("T")

SLICE = 4_000  # records read between two chances for others: some milliseconds
RUN = 50_000  # records sorted at a time
KEPT = 150_000  # records whose keys are kept, at the most

SortKey = tuple[int, Any]

NEEDS = Column("NEEDS YOU", lambda _: None)
"""What stands for sorting by whether objects need their owner. No list shows it."""


def finish(steps: Generator[None, None, T]) -> T:
    """Do all the slices of a work at once. Returns what it comes to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


def cut(items: Sequence[T], length: int) -> Iterator[Sequence[T]]:
    """Yield items in slices."""
    return (items[start : start + length] for start in range(0, len(items), length))


class Order:
    """One sort: a column and its direction. What has no value comes last either way."""

    def __init__(self, column: Column, down: bool, context_of: Callable[[Record], CellContext]) -> None:
        self.column = column
        self.down = down
        self._known: tuple[Sequence[Record], list[Any]] = (), []
        """The records that were sorted last, and their keys."""
        value = column.sort_value or column.value
        self._value = build_getter(value, context_of)
        self._read = build_list_reader(value) if type(value) is str and not column.sort_by_text else None
        if column.sort_by_text:
            self._value = lambda record: column.cell(record, context_of(record)).text

    def key(self, record: Record) -> SortKey | None:
        """Return what a record is sorted by: numbers before words, words without case. None for no value."""
        return _make_key(self._value(record))

    def sort(self, records: Sequence[Record]) -> list[Record]:
        """Sort, keeping the order of equals."""
        rows = finish(self.steps(records, range(len(records))))
        return list(map(records.__getitem__, rows))

    def steps(self, records: Sequence[Record], rows: Sequence[int]) -> Generator[None, None, Sequence[int]]:
        """Sort the numbers of some records in slices, keeping the order of equals.

        The keys are those of all records, as they lie in memory: in another order that takes twice as long. They
        are kept, and sorted at once, unless there are very many.
        """
        if self._known[0] is not records:
            keys = yield from self._find_keys(records)
            self._known = (records, keys) if self._read and len(records) <= KEPT else ((), [])
        else:
            keys = self._known[1]
        has_all = None not in keys
        shown = rows if has_all else [row for row in rows if keys[row] is not None]
        runs = [list(part) for part in cut(shown, RUN if len(records) > KEPT else KEPT)]
        for each in runs:
            each.sort(key=keys.__getitem__, reverse=self.down)
            yield
        while len(runs) > 1:  # Python sorts what consists of two sorted runs in one pass
            joined = [[row for each in pair for row in each] for pair in cut(runs, 2)]
            for each in joined:
                each.sort(key=keys.__getitem__, reverse=self.down)
                yield
            runs = joined
        found = runs[0] if runs else []
        return found if has_all else [*found, *(row for row in rows if keys[row] is None)]

    def _find_keys(self, records: Sequence[Record]) -> Generator[None, None, list[Any]]:
        """Return what records are sorted by, None for those that have nothing."""
        values: list[Any] = []
        for part in cut(records, SLICE):
            values += self._read(part) if self._read else map(self._value, part)
            yield
        kinds = set(map(type, values)) - {type(None)}
        if kinds <= {int}:
            return values
        is_text = kinds == {str} and None not in values and "" not in values
        keys: list[Any] = []
        for told in cut(values, SLICE):
            if is_text:
                keys += map(str.lower, told)
            elif kinds <= {str}:
                keys += [value.lower() if value else None for value in told]
            else:
                keys += map(_make_key, told)
            yield
        return keys

    def compare(self, one: Record, other: Record) -> int:
        """Return a negative number when one record stands before another, 0 for equals."""
        a, b = self.key(one), self.key(other)
        if a == b:
            return 0
        if a is None or b is None:
            return 1 if a is None else -1
        return -1 if (a < b) is not self.down else 1


class NeedsFirst(Order):
    """Sorts what needs its owner to the front."""

    def __init__(self, down: bool, collection: Collection) -> None:
        self.column, self.down = NEEDS, down
        self._collection = collection

    def steps(self, records: Sequence[Record], rows: Sequence[int]) -> Generator[None, None, Sequence[int]]:
        """Sort the numbers of some records in slices, keeping the order of equals."""
        needing = self._collection.attention()
        needs: list[int] = []
        others: list[int] = []
        for part in cut(rows, SLICE):
            for row in part:
                (needs if records[row].id in needing else others).append(row)
            yield
        return [*others, *needs] if self.down else [*needs, *others]


def sort_records(
    records: Sequence[Record], column: Column, *, down: bool, context_of: Callable[[Record], CellContext]
) -> list[Record]:
    """Return records sorted by a column as a table sorts them; equals keep their order."""
    return Order(column, down, context_of).sort(records)


def _make_key(value: Any) -> SortKey | None:
    if (number := number_of(value)) is not None:
        return 0, number
    if isinstance(value, str):
        return (1, value.lower()) if value else None
    return None if value is None or value in ({}, [], ()) or value != value else (2, str(value).lower())
