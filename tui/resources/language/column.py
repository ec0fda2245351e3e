"""What is shown of an object: cells, columns of a list, fields and sections of the detail pane."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Literal, NamedTuple

from tui.resources.language.objects import Record, T
from tui.resources.language.prices import PricesOf, no_prices
from tui.resources.language.reading.amounts import word_of

META = "meta."
"""What a column of metadata begins with, before its key."""

Tone = Literal["", "dim", "accent", "good", "warn", "bad", "own-1", "own-2", "own-3", "own-4", "own-5", "own-6"]
"""What a text means, which gives its colour; `own-1` … tell accounts apart and mean nothing else."""
ACCOUNT_TONES: tuple[Tone, ...] = ("own-1", "own-2", "own-3", "own-4", "own-5", "own-6")

# What reading odd data may raise in a function of a declaration; it costs the cell, not the row.
ODD_DATA = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, IndexError, OSError)


class Cell(NamedTuple):
    """What stands in a table cell or beside a label.

    `text` is raw: it is cleaned where it is drawn. `ref` is the id of another object that `enter` opens; of a file
    it may end with `#` and a line. `short` stands in a table in place of a text that has no room there.
    """

    text: str
    tone: Tone = ""
    ref: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell may read beside its object."""

    now: float
    """The server's time, in unix seconds."""
    rate: float | None = None
    """Units per second, measured from earlier reads; None without them."""
    seconds_idle: float | None = None
    """Seconds since its progress last moved."""
    name: Callable[[str], str] = lambda _: ""
    """The display name for an id; "" while it is not known."""
    failed_share: float = 0.0
    """The share of a batch's requests that may fail before it needs its owner; with 0 each failure counts."""
    prices: PricesOf = no_prices
    """What a model's tokens cost the organization lately; None while that is not known."""
    reading: Set[str] = frozenset()
    """The figures beside the list that are being read for the first time, by their names."""


class Progress(NamedTuple):
    """How far an object is: units done (of which failed), of a total."""

    done: int
    failed: int
    total: int


def share_of(progress: Progress | None) -> float | None:
    """Return the part that is done, 0 to 1; None where nothing is known of it."""
    return progress.done / progress.total if progress and progress.total else None


@dataclass(frozen=True, slots=True, eq=False)
class Timed(Generic[T]):
    """A value that changes as time passes: a function of the object and what a cell may know beside it."""

    of: Callable[[T, CellContext], Any]


# What a column or field shows: a dotted path into the raw JSON, or a function of the object (and of the time).
Value = str | Callable[[T], Any] | Timed[T]
Show = Callable[[Any, Record[T], CellContext], Cell]


def text(value: Any, _record: Record[Any], _context: CellContext) -> Cell:
    """Show a value as it is, true and false as yes and no; nothing as `·`."""
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    return Cell("·", "dim") if value in (None, "", [], {}) else Cell(word_of(value))


def value_of(value: Value[T], record: Record[T], context: CellContext | None = None) -> Any:
    """Return the value a column or field stands for; None where its function fails on odd data.

    Values that change as time passes need a `context`, and are None without one.
    """
    if isinstance(value, str):
        return record.read(value)
    try:
        if isinstance(value, Timed):
            return value.of(record.object, context) if context else None
        return value(record.object)
    except ODD_DATA:
        return None


def cell_of(value: Value[T], show: Show[T], record: Record[T], context: CellContext) -> Cell:
    """Return the cell for a record; the plain value where its formatter fails on odd data."""
    worth = value_of(value, record, context)
    try:
        return show(worth, record, context)
    except ODD_DATA:
        return text(worth, record, context)


@dataclass(frozen=True, slots=True, eq=False)
class Column(Generic[T]):
    """A column of a list."""

    header: str
    value: Value[T]
    """Sorts, filters and exports."""
    show: Show[T] = text
    """Draws it."""
    width: int = 10
    """In cells."""
    grow: bool = False
    """Whether it shares in the width that is left."""
    align: Literal["left", "right"] = "left"
    drop_order: int = 0
    """The order in which columns are dropped where the terminal is narrow: 9 first, 0 never."""
    least: int = 0
    """The cells it is narrowed to when it is its turn, instead of being dropped; 0 where that is not so."""
    wide: bool = False
    """Whether it appears in wide mode only."""
    first_sort: Literal["up", "down"] = "up"
    """The direction that the first press of its sort key gives."""
    sort_value: Value[T] | None = None
    """What it sorts by, where that is not its value."""
    sort_by_text: bool = False
    """Whether it sorts by what it shows: by names, where the value is an id."""
    beside: str = ""
    """The figure that it shows, where the list does not tell that: it is read beside it, for a screen."""

    @property
    def name(self) -> str:
        """How filters, exports and headless output call the column."""
        return self.header.lower().replace(" ", "_")

    @property
    def is_id(self) -> bool:
        """Whether it holds the id of an object."""
        return self.name == "id" or self.name.endswith("_id")

    def cell(self, record: Record[T], context: CellContext) -> Cell:
        """Return the cell of `record`; `…` while what it shows is being read."""
        if self.beside in context.reading and record.raw.get(self.beside) is None:
            return Cell("…", "dim")
        return cell_of(self.value, self.show, record, context)


@lru_cache(maxsize=1_000)
def make_metadata_column(key: str) -> Column[Any]:
    """Return the column of a key of the metadata; the same for the same key."""

    def read(thing: Any) -> Any:
        return (thing.metadata or {}).get(key)

    return Column(f"{META}{key}", read, width=16, drop_order=8)


@lru_cache(maxsize=1_000)
def make_path_column(path: str, show: Show[Any] = text, *, is_number: bool = False) -> Column[Any]:
    """Return the column of what stands at a dotted path in the JSON of objects; the same for the same path."""
    align: Literal["left", "right"] = "right" if is_number else "left"
    return Column(path, path, show, width=max(17, len(path) + 1), align=align, drop_order=8)


@dataclass(frozen=True, slots=True, eq=False)
class Field(Generic[T]):
    """A labelled line of the detail pane. Without a label the value spans the line."""

    label: str
    value: Value[T]
    show: Show[T] = text


@dataclass(frozen=True, slots=True, eq=False)
class Section(Generic[T]):
    """A titled group of lines in the detail pane: declared fields, or lines computed from the object."""

    title: str
    fields: tuple[Field[T], ...] = ()
    lines: Callable[[T, CellContext], Sequence[tuple[str, Cell]]] | None = None
