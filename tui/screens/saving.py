"""Writing a list to a file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tui.resources.base import Look, value_of
from tui.text import csv_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.resources.base import Resource
    from tui.resources.objects import Record


def csv_lines(resource: Resource, records: Iterable[Record], now: float) -> Iterable[str]:
    """A header and a line for each record, the values as they sort at a time. A spreadsheet runs none of them."""
    look = Look(now)
    columns = [column for column in resource.columns if column.value]

    def row(cells: Iterable[str]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerow(cells)
        return buffer.getvalue()

    yield row(column.name for column in columns)
    for record in records:
        yield row(csv_cell(value_of(column.value, record, look)) for column in columns)


def written(suffix: str, resource: Resource, records: Sequence[Record], now: float) -> Iterable[str]:
    """The text of a file: `.json` and `.jsonl` hold the objects as they came, anything else is CSV."""
    if suffix == ".json":
        yield json.dumps([record.raw for record in records], indent=2, ensure_ascii=False) + "\n"
    elif suffix == ".jsonl":
        yield from (json.dumps(record.raw, ensure_ascii=False) + "\n" for record in records)
    else:
        yield from csv_lines(resource, records, now)


def save(name: str, resource: Resource, records: Sequence[Record], now: float) -> str:
    """Write records to a new file and return a sentence on how it went. An existing file is left alone."""
    path = Path(name).expanduser()
    return keep(path, written(path.suffix.lower(), resource, records, now), f"{len(records):,} {resource.name}")


def keep(path: Path, lines: Iterable[str], what: str) -> str:
    """Write text to a new file and return a sentence on how it went. An existing file is left alone."""
    try:
        with path.open("x", encoding="utf-8", errors="surrogatepass") as file:
            file.writelines(lines)
    except FileExistsError:
        return f"{path} exists already; nothing was written. Give another name."
    except OSError as error:
        return f"{path} could not be written: {error.strerror or error}."
    return f"Saved {what} to {path}."
