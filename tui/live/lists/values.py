"""What the columns of a record hold: values, the numbers they are compared by, the texts that are searched."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from tui.resources.language.column import CellContext, Column, Progress, Timed, Value, text, value_of
from tui.resources.language.objects import Record, build_reader, is_list, is_number

ReadText = Callable[[Record], str]


class TextReaders(NamedTuple):
    """What makes the texts of a record in which terms are looked for: lines, in lower case."""

    read: ReadText
    read_all: Callable[[Sequence[Record]], list[str]]
    """Does what `read` does for each of some records, without a call for each: lists are long."""
    read_derived: ReadText | None
    """Makes what has to be worked out from the object, for when the others lack the term; None for nothing."""


KNOWN_WORDS = 1000  # as many drawn words are remembered


def build_getter(value: Value, context_of: Callable[[Record], CellContext]) -> Callable[[Record], Any]:
    """Return what reads a column's value from a record, quick for the common case: lists are long."""
    if isinstance(value, Timed):
        return lambda record: value_of(value, record, context_of(record))
    if not isinstance(value, str):
        return lambda record: value_of(value, record)
    return build_reader(value)


class Texts(tuple[str, ...]):
    """The lines of all texts that a path leads to through a list."""


def build_path_getter(path: str) -> Callable[[Record], Any]:
    """Return what reads the value at a dotted path; `Texts` where that leads through a list."""
    read, steps = build_reader(path), path.split(".")
    if len(steps) == 1:
        return read

    def read_path(record: Record) -> Any:
        found = read(record)
        return found if found is not None else Texts(_find_each(record.raw, steps)) or None

    return read_path


def _find_each(value: Any, steps: Sequence[str]) -> Iterator[str]:
    """Yield each line of the texts at a path, in every object of a list on its way."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                yield from _find_each(each, steps)
    elif isinstance(value, dict) and steps:
        yield from _find_each(value.get(steps[0]), steps[1:])
    elif not steps and isinstance(value, str):
        yield from value.split("\n")


def build_text_reader(columns: Sequence[Column], context_of: Callable[[Record], CellContext]) -> TextReaders:
    """Return what makes the texts of a record in which terms are looked for: lines, in lower case.

    They are its id, its metadata, and the words of each column: as they are and, but for wide columns, as they
    are drawn. Drawing is slow, so numbers are left out, and a word is drawn once for all objects; what has to be
    worked out from the object is a text of its own, for when nothing is found in the first.
    """
    listed = [column for column in columns if isinstance(column.value, str) and column.value not in ("", "id")]
    derived = [column for column in columns if not isinstance(column.value, str) and not column.wide]
    words: dict[Any, str] = {}  # by the values of the columns that draw them, what these draw
    pickers: list[Callable[[Any], Any]] = []
    lists: list[str] = []  # fields that hold lists, of which nothing is looked for but what stands there for them
    absent: list[str] = []  # fields of columns that the first object lacks: with them others are read slowly

    def draw(record: Record) -> str:
        """Return the text of any record, and remember what its words look like."""
        texts = [column for column in listed if not is_number(record.model, str(column.value))]
        shown = [column for column in texts if column.show is not text and not column.wide]
        paths = [str(column.value) for column in texts]
        if not pickers and not any("." in path for path in paths):
            absent[:] = [path for path in paths if path not in record.raw]
            kept = [str(column.value) for column in shown if column.value in record.raw]
            lists[:] = [path for path in kept if is_list(record.model, path)]
            kinds = [path for path in kept if path not in lists]
            there = [path for path in paths if path in record.raw]
            pickers[:] = itemgetter("id", *(there or ["id"])), itemgetter(*kinds) if kinds else bool  # one for all
        values = [record.id, *(record.at(path) for path in paths)]
        drawn = [column for column in shown if type(record.at(str(column.value))) is str]
        told = "".join(f"\n{column.cell(record, context_of(record)).text}" for column in drawn)
        if len(words) < KNOWN_WORDS and record.raw.keys().isdisjoint(absent):
            with suppress(KeyError, TypeError, IndexError):
                words[pickers[1](record.raw)] = told
        return "\n".join([value for value in values if type(value) is str]) + told

    def read_text(record: Record) -> str:
        raw = record.raw
        try:  # in one step, where the object is like the first and its words are known
            found = "\n".join([value for value in pickers[0](raw) if type(value) is str]) + words[pickers[1](raw)]
            if not raw.keys().isdisjoint(absent) or str in map(type, map(raw.__getitem__, lists)):
                found = draw(record)
        except (KeyError, TypeError, IndexError):
            found = draw(record)
        if "metadata" in raw and isinstance(metadata := raw["metadata"], dict):
            found += "".join(f"\n{key}={value}" for key, value in metadata.items())
        return found.casefold()

    def read_all(records: Sequence[Record]) -> list[str]:
        raws = [record.raw for record in records]
        try:  # as `read_text`, a column after the other
            told = list(map(words.__getitem__, map(pickers[1], raws)))
            others = [path for path in (*absent, "metadata") if [raw for raw in raws if path in raw]]
            cells = [*zip(*map(pickers[0], raws), strict=True)]
        except (KeyError, TypeError, IndexError):  # an object is not like the first
            others = ["all"]
        if others or any(str in set(map(type, map(itemgetter(path), raws))) for path in lists):
            return list(map(read_text, records))
        shown = [column for column in map(_list_texts, cells) if column]
        return [text.casefold() for text in map("\n".join, zip(*shown, told, strict=True))]

    def read_derived(record: Record) -> str:
        passing = Record(record.id, record.raw, record.model)  # what is built for this is let go again
        context = context_of(record)
        return "\n".join(column.cell(passing, context).text for column in derived).casefold()

    return TextReaders(read_text, read_all, read_derived if derived else None)


def _list_texts(values: Sequence[Any]) -> Sequence[str]:
    """Return the texts among values, "" for others; nothing where none is a text."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return values
    return [value if type(value) is str else "" for value in values] if str in kinds else []


def number_of(value: Any) -> float | None:
    """Return the number a value is compared by: of a progress its share, of a list its length; None for none."""
    if type(value) is int:  # what nearly all are
        return value
    if isinstance(value, list):
        return len(value)
    if isinstance(value, Progress):
        return value.done / value.total if value.total else None
    if isinstance(value, int | float) and not math.isnan(value):
        return value
    if isinstance(value, Decimal) and not getattr(value, "unknown", False):
        return float(value)
    return None
