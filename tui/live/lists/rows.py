"""The rows of a list while they are worked out: the numbers of its records, as those lie in memory.

Records that came one after the other lie side by side. Read in any other order, such as that of their sizes, they
take twice as long.
"""

from __future__ import annotations

from array import array
from itertools import compress
from typing import TYPE_CHECKING

from tui.live.lists.query import find_passing
from tui.live.lists.sorting import SLICE, cut

if TYPE_CHECKING:
    from collections.abc import Collection as Container
    from collections.abc import Generator, Sequence

    from tui.live.lists.collection import Collection
    from tui.live.lists.query import Test
    from tui.resources.language.objects import Record


class Rows:
    """The records of a collection by number, and which of them were found last."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._version = -1
        self._records: list[Record] = []
        self._found: tuple[Sequence[str], Sequence[int]] = (), ()
        """Ids that were worked out, and the numbers of their records."""

    @property
    def records(self) -> list[Record]:
        """All records, as they lie in memory: the same list until something has changed."""
        if self._version != self._collection.version:
            self._version, self._found = self._collection.version, ((), ())
            self._records = list(self._collection.records.values())
        return self._records

    def find(self, ids: Sequence[str]) -> Sequence[int]:
        """Return the numbers of some records; those that are known or all there are without looking them up."""
        records = self.records
        if ids is self._found[0]:
            return self._found[1]
        every = self._collection.records
        if len(ids) == len(every) and ids == list(every):
            return range(len(records))
        places = {id_: place for place, id_ in enumerate(every)}
        return [places[id_] for id_ in ids if id_ in places]

    def note(self, records: Sequence[Record], ids: Sequence[str], rows: Sequence[int]) -> None:
        """Note which ids were worked out of these `records`."""
        if records is self.records:
            self._found = ids, array("I", rows)


def filter_rows(
    records: Sequence[Record], rows: Sequence[int], tests: Sequence[Test], among: Container[str] | None = None
) -> Generator[None, None, Sequence[int]]:
    """Return those rows, in slices, whose records pass all tests; `among` some ids, where those are told."""
    nearest = range(len(records)) if len(rows) == len(records) else sorted(rows)
    passing = list[int]()
    for part in cut(nearest, SLICE):
        left: Sequence[int] = part if among is None else [row for row in part if records[row].id in among]
        those = records[left.start : left.stop] if isinstance(left, range) else [records[row] for row in left]
        for test in tests:
            passed = find_passing(test, those)
            left, those = list(compress(left, passed)), list(compress(those, passed))
        passing += left
        yield
    if isinstance(rows, range):
        return passing
    if len(passing) == len(rows):
        return rows
    passes = bytearray(len(records))
    for row in passing:
        passes[row] = 1
    return list(compress(rows, map(passes.__getitem__, rows)))
