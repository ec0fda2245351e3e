"""What of a list is printed: which objects, in which order, which of their fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tui.headless.writes.targets import WrongUse
from tui.live.lists.query import QueryError, parse
from tui.resources.language.cells import instant
from tui.resources.language.column import CellContext, Column, text, value_of
from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_TIMES = ("age", "created", "time")  # the first of these columns tells when an object was made


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of a list, as it was written."""

    filter: str = ""
    """In the language of `/`."""
    sort: str = ""
    """A column or a field, `-` before it for descending."""
    since: str = ""
    """A span such as `2d`, or a time: what was made before is left out."""
    columns: tuple[str, ...] = ()
    """Columns and fields; none are those of the list."""

    @property
    def needs_all(self) -> bool:
        """Whether the whole list has to be read to know what is in it."""
        return bool(self.filter or self.sort)

    def find_figures(self, resource: Resource) -> set[str]:
        """Return the figures beside the list that are asked for by name. Raises WrongUse."""
        self.check(resource)
        asked = {*self.columns, self.sort.removeprefix("-"), *(term.name for term in parse(self.filter).terms)}
        first = {name.split(".")[0] for name in asked}
        return {figure for name, figure in name_beside(resource).items() if first & {name, figure}}

    def check(self, resource: Resource) -> None:
        """Raise WrongUse for what can be told to be wrong before anything is read."""
        try:
            parse(self.filter)
        except QueryError as error:
            raise WrongUse(*_describe_fault(self.filter, error)) from None
        if self.since:
            self.start(resource, 0.0)

    def start(self, resource: Resource, now: float) -> float | None:
        """Return the moment since which objects are wanted, in unix seconds; None for all. Raises WrongUse."""
        if not self.since:
            return None
        if _time_column(resource) is None:
            raise WrongUse(f"{resource.name} tell no time that --since could go by.")
        if span := _SPAN.fullmatch(self.since):
            return now - float(span[1]) * _SECONDS[span[2]]
        at = None if self.since.isdecimal() else unix_time(self.since)
        if at is None:
            raise WrongUse(f"--since {self.since!r} is no time: write 2d, 12h, or a day such as 2026-11-20.")
        return at

    def select(self, resource: Resource, records: Sequence[Record], now: float) -> list[Record]:
        """Return the records that are wanted, in order. Raises WrongUse for a name that stands for nothing."""
        test = self.bind(resource, records, lambda: now)
        found = [record for record in records if test(record)]
        if self.sort:
            from tui.live.lists.sorting import sort_records

            column = find_column(resource, self.sort.removeprefix("-"), records)
            found = sort_records(
                found, column, down=self.sort.startswith("-"), context_of=lambda _: CellContext(now)
            )
        return found

    def bind(
        self, resource: Resource, sample: Sequence[Record], now: Callable[[], float]
    ) -> Callable[[Record], bool]:
        """Return what tells whether a record is wanted. Raises WrongUse."""
        fields = (*resource.model.model_fields, *(sample[0].raw if sample else ()))
        try:
            tests = parse(self.filter).bind(resource.columns, lambda _: CellContext(now()), now, fields)
        except QueryError as error:
            raise WrongUse(*_describe_fault(self.filter, error)) from None
        start = self.start(resource, now())

        def wanted(record: Record) -> bool:
            return not is_before(resource, record, start) and all(test(record) for test in tests)

        return wanted


def name_beside(resource: Resource) -> dict[str, str]:
    """Return the figures that stand beside a list and are not read with it, by the names of their columns."""
    joined = resource.join.name if resource.join else ""
    return {each.name: each.beside for each in resource.columns if each.beside and each.beside != joined}


def leave_out(resource: Resource, asked: Collection[str]) -> Resource:
    """Return a resource without the columns of figures that are not `asked` for: nothing would stand in them."""
    empty = {name for name, figure in name_beside(resource).items() if figure not in asked}
    return replace(resource, columns=tuple(each for each in resource.columns if each.name not in empty))


def is_before(resource: Resource, record: Record, start: float | None) -> bool:
    """Return whether an object was made before a moment; one that does not tell when was not."""
    column = _time_column(resource)
    made = value_of(column.value, record) if column and start is not None else None
    return isinstance(made, int | float) and start is not None and made < start


def is_older(resource: Resource, items: Sequence[Any], start: float) -> bool:
    """Return whether a page of a list is newest first and ends before a moment: so does all that comes after."""
    column = _time_column(resource)
    records = [resource.record(item) for item in items if isinstance(item, dict)]
    made = [value_of(column.value, record) for record in records] if column else []
    if len(made) < 2 or not all(isinstance(each, int | float) for each in made):
        return False
    return made == sorted(made, reverse=True) and made[0] != made[-1] and made[-1] < start


def _time_column(resource: Resource) -> Column | None:
    if found := next(filter(None, map(resource.column, _TIMES)), None):
        return found
    field = next((name for name in ("created_at", "added_at") if name in resource.model.model_fields), None)
    return Column("CREATED", field) if field else None


def find_columns(resource: Resource, names: Iterable[str], records: Sequence[Record]) -> list[tuple[str, Column]]:
    """Return the columns of these names, each with its name as it was written. Raises WrongUse."""
    return [(name, find_column(resource, name, records)) for name in names]


def find_column(resource: Resource, name: str, records: Sequence[Record]) -> Column:
    """Return a column of the list, or one made for a field of its objects, such as `metadata.run`.

    Raises WrongUse.
    """
    if found := resource.column(name):
        return found
    first = name.split(".")[0]
    known = {*resource.model.model_fields, *(key for record in records for key in record.raw)}
    if first in known:
        return Column(name.upper(), name, instant if name.endswith("_at") else text, width=16)
    columns = ", ".join(column.name for column in resource.columns)
    raise WrongUse(f"{resource.name} have no column {name!r}. There are: {columns}; and fields: {_list(known)}.")


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _describe_fault(written: str, error: QueryError) -> tuple[str, str, str]:
    """Return the sentence on a filter, with a mark below the place, as lines."""
    return error.message, f"  {written}", f"  {' ' * error.position}^"
