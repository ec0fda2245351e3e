"""Lists as files and pipes take them: CSV and JSON. Files are written whole, for this user only."""

from __future__ import annotations

import csv
import io
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import TimeFormatter
from tui.resources.language.column import CellContext, value_of
from tui.resources.language.reading.amounts import Amount, dump_json
from tui.resources.language.reading.times import unix_time
from tui.resources.registry import REGISTRY
from tui.text import write_csv_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tui.resources.language.column import Column
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_UNREAD = "_unreadable"  # ends the name of what says how much an amount lacks
_CRLF = "\r\n"  # the characters at the end of a line are those that the writer quotes within cells


def has_own_id(resource: Resource) -> bool:
    """Return whether commands take the ids of these objects: those of the platform, and of tasks kept here."""
    return bool(resource.list or resource.get or resource.name == "tasks") and not resource.single


def list_id_names(resource: Resource) -> list[str]:
    """Return the fields that say which object a row is: its own id, then those of what it is in, outermost first.

    What is in something else is found, changed and deleted through the ids of both.
    """
    own = ("id" if resource.listed_per else resource.identify,) if has_own_id(resource) else ()
    parents = resource.list.placeholders if resource.list else resource.within
    return list(dict.fromkeys((*own, *parents)))


def name_path(resource: Resource, record: Record) -> str:
    """Return the id of a record as commands take it, with those of what it is in before it; "" for none."""
    names = list_id_names(resource)
    own = names[:1] if has_own_id(resource) else []
    parts = [record.at(name) for name in (*names[len(own) :], *own)]
    return "/".join(map(str, parts)) if all(map(_is_id, parts)) else ""


def _is_id(value: object) -> bool:
    """Return whether a value can be an id: one line of text, or a number, as some servers count."""
    if isinstance(value, str):
        return bool(value.strip()) and len(value.splitlines()) == 1
    return isinstance(value, int) and not isinstance(value, bool)


def add_parents(resource: Resource, record: Record, scope: Mapping[str, str]) -> Record:
    """Return the record with the ids of what it is in among its fields, where the platform does not give them."""
    known = dict(scope)
    if resource.listed_per and resource.list:
        holder = record.at(f"{REGISTRY[resource.listed_per].singular}.id")
        known[resource.list.placeholders[-1]] = str(holder or "")
    missing = {
        name: known[name] for name in list_id_names(resource) if known.get(name) and not record.raw.get(name)
    }
    return resource.record({**record.raw, **missing}) if missing else record


def json_object(resource: Resource, record: Record, now: float) -> dict[str, Any]:
    """Return the object as it came, and what the list's columns make of its fields, such as the outcome."""
    derived = (
        column
        for column in resource.columns
        if not isinstance(column.value, str) and column.name not in record.raw
    )
    context = CellContext(now)
    found = {column.name: _convert_value(column, value_of(column.value, record, context)) for column in derived}
    unread = _count_unread(resource, record)
    lacks = {} if unread is None or resource.join is None else {f"{resource.join.name}{_UNREAD}": unread}
    return {**record.raw, **found, **lacks}


def _count_unread(resource: Resource, record: Record) -> int | None:
    """Return how many parts of the amount that is read beside a list cannot be; None where there is none."""
    amount = record.raw.get(resource.join.name) if resource.join else None
    return amount.unread if isinstance(amount, Amount) else None


def _is_joined(resource: Resource, column: Column) -> bool:
    """Return whether a column shows the amount that is read beside a list."""
    return resource.join is not None and column.value == resource.join.name


def export_chosen_object(
    resource: Resource, columns: Sequence[tuple[str, Column]], record: Record, now: float
) -> dict[str, Any]:
    """Return the values of chosen columns under their names, times as ISO 8601, and what an amount lacks."""
    context, found = CellContext(now), dict[str, Any]()
    for name, column in columns:
        found[name] = _convert_value(column, value_of(column.value, record, context))
        if _is_joined(resource, column):
            found[f"{name}{_UNREAD}"] = _count_unread(resource, record)
    return found


def export_chosen_lines(
    resource: Resource, columns: Sequence[tuple[str, Column]], records: Iterable[Record], now: float
) -> Iterator[str]:
    """Yield a header and a line of CSV for each record, with the values of chosen columns."""
    parts = ((name, *([f"{name}{_UNREAD}"] if _is_joined(resource, column) else [])) for name, column in columns)
    yield write_csv_line([name for part in parts for name in part])
    for record in records:
        yield write_csv_line(export_chosen_object(resource, columns, record, now).values())


def csv_lines(resource: Resource, records: Iterable[Record], now: float) -> Iterator[str]:
    """Yield a header and a line for each record: ids, then the columns' values. A spreadsheet runs none of them.

    Times are ISO 8601 in UTC; what is a list or an object, such as metadata, is JSON.
    """
    context, ids = CellContext(now), list_id_names(resource)
    columns = [column for column in resource.columns if column.value and column.name not in ids]

    joined = [column.name for column in columns if _is_joined(resource, column)]
    yield write_csv_line([*ids, *(column.name for column in columns), *(f"{name}{_UNREAD}" for name in joined)])
    for record in records:
        values = (_convert_value(column, value_of(column.value, record, context)) for column in columns)
        unread = (_count_unread(resource, record) for _ in joined)
        yield write_csv_line([*(record.at(name) for name in ids), *values, *unread])


def write_csv_line(values: Iterable[object], end: str = "\n") -> str:
    """Return values as a line of CSV that no spreadsheet runs; lists, objects and booleans are JSON.

    It holds what the values hold: before it is shown in a terminal, it is cleaned.
    """
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=_CRLF).writerow(map(_write_csv_text, values))
    return buffer.getvalue().removesuffix(_CRLF) + end


def format_iso_time(moment: float) -> str:
    """Return a moment (unix seconds) as ISO 8601 writes it: to the second, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _convert_value(column: Column, value: Any) -> Any:
    """Return a column's value for other programs: a time as ISO 8601."""
    at = unix_time(value) if isinstance(column.show, TimeFormatter) else None
    return value if at is None else datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _write_csv_text(value: Any) -> str:
    """Return a value as a CSV cell."""
    if isinstance(value, dict | list | tuple | bool):
        value = dump_json(value, ensure_ascii=False)
    return write_csv_cell(value)


def export_file_lines(suffix: str, resource: Resource, records: Sequence[Record], now: float) -> Iterator[str]:
    """Yield the text of a file: `.json` and `.jsonl` hold the objects as they came, anything else is CSV."""
    if suffix == ".json":
        yield dump_json([record.raw for record in records], indent=2, ensure_ascii=False) + "\n"
    elif suffix == ".jsonl":
        yield from (dump_json(record.raw, ensure_ascii=False) + "\n" for record in records)
    else:
        yield from csv_lines(resource, records, now)


def save(
    name: str, resource: Resource, records: Sequence[Record], now: float, scope: Mapping[str, str] | None = None
) -> str:
    """Write the records of a place to a new file and return a sentence on how it went."""
    path = Path(name)
    placed = [add_parents(resource, record, scope or {}) for record in records]
    lines = export_file_lines(path.suffix.lower(), resource, placed, now)
    return write_text(path, lines, f"{len(records):,} {resource.name}")


def write_text(path: Path, lines: Iterable[str], what: str = "") -> str:
    """Write text to a new file, whole or not at all, and return a sentence on how it went.

    An existing file is left alone.
    """
    from tui.api.errors import LocalFileError
    from tui.api.transfers.local_files import write_whole

    try:
        # Half a surrogate pair has no UTF-8; as an escape it is the same JSON.
        write_whole(path, (line.encode("utf-8", "backslashreplace") for line in lines))
    except LocalFileError as error:
        return f"{error} Nothing was written."
    return f"Saved {what} to {path}." if what else f"Saved {path}."
