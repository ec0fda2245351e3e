"""Rows to make requests from: of a CSV or TSV, of JSON Lines, the lines of a text, or files, one after the other.

A row that cannot be used comes with what is wrong with it; a source that cannot be read raises BadRows.
"""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple

from tui.api.errors import LocalFileError
from tui.api.transfers.local_files import open_file
from tui.resources.language.cells import pluralize
from tui.resources.language.json_lines import BOM, describe_binary, read_strictly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

RowKind = Literal["csv", "tsv", "jsonl", "lines", "files"]
_KINDS: dict[str, RowKind] = {
    **dict.fromkeys((".csv",), "csv"),
    **dict.fromkeys((".tsv", ".tab"), "tsv"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
}
_LONGEST_CELL = 10_000_000  # characters: more is a quote that was never closed
_HEAD = 4_096  # bytes by which a file is known
TEXT = "text"  # the column of a line or a file
OF_EVERY_ROW = ("row", "file")  # its number, and the name of its file without the suffix; a column goes before


class BadRows(ValueError):
    """A source of rows that cannot be read; the message is a sentence."""


class NoRows(BadRows):
    """A source that is not there, empty, or no text at all."""


class Row(NamedTuple):
    """A row: its values by column, where it begins, and what is wrong with it."""

    number: int
    """Counted from 1."""
    line: int
    """The line it begins on, or which file it is; counted from 1."""
    values: Mapping[str, Any]
    fault: str = ""


class Rows:
    """The columns of a source, and its rows, which can be gone through once."""

    def __init__(self, name: str, columns: Sequence[str], rows: Iterator[Row], files: Sequence[Path] = ()) -> None:
        self.name, self._header = name, tuple(columns)
        seen: set[str] = set()
        self.doubled = {column for column in columns if column in seen or seen.add(column)}  # type: ignore[func-returns-value]
        """Columns that are there twice."""
        self.columns = tuple(dict.fromkeys((*filter(None, columns), *OF_EVERY_ROW)))
        self.note = ""
        """What was taken for granted, in a sentence."""
        self._rows, self._files = rows, files

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def read_begin(self, most: int) -> Callable[[], Rows]:
        """Read the first rows, and return what gives them again and again."""
        first = tuple(islice(self._rows, most))
        return lambda: Rows(self.name, self._header, iter(first), self._files)

    def watch(self, path: Path, file: BinaryIO, before: os.stat_result) -> None:
        """Have the rows end with BadRows where the file is no longer as it was `before`."""
        self._rows = _watch(self._rows, path, file, before)

    def locate(self, line: int) -> str:
        """Return how a row is called by the line it begins on."""
        return self._files[line - 1].name if self._files else f"{self.name} line {line:,}"


def kind_of(path: Path) -> RowKind:
    """Return how a file is read, by its name."""
    return _KINDS.get(path.suffix.lower(), "lines")


def find_files(names: Sequence[str], *, but: Path | None = None) -> list[Path]:
    """Return the files of these names, of folders, and those that patterns with * or ? match, sorted, each once.

    Raises BadRows where a name leads to none.
    """
    left_out = but.resolve() if but else None
    files = [each for name in names for each in _find(name) if each.resolve() != left_out]
    if not files:
        raise NoRows(f"There is no other file in {', '.join(names)}.")
    return list(dict.fromkeys(files))


def _find(name: str) -> list[Path]:
    path = Path(name).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        found = path.iterdir()
    elif any(sign in name for sign in "*?["):
        anchor = path.anchor or "."
        found = Path(anchor).glob(str(path.relative_to(path.anchor) if path.anchor else path))
    elif path.exists():
        raise NoRows(f"{name} is a device or a pipe: give a file.")
    else:
        raise NoRows(f"There is no file {name}.")
    files = sorted(each for each in found if each.is_file() and not each.name.startswith("."))
    if not files:
        raise NoRows(f"There is no file in {name}." if path.is_dir() else f"No file matches {name}.")
    return files


@contextmanager
def open_rows(names: Sequence[str], kind: RowKind | None = None, *, but: Path | None = None) -> Iterator[Rows]:
    """Open a source of rows: one file, or several with a row each, by their names, folders or patterns.

    `kind` is how it is read, whatever its name; `but` is a file left out of a folder. Raises BadRows and
    LocalFileError, also while it is gone through, when it has changed meanwhile.
    """
    files = find_files(names, but=but)
    single = len(names) == 1 and Path(names[0]).expanduser().is_file()
    if kind == "files" or (kind is None and not single):
        yield Rows(Path(names[0]).name or names[0], ("name", TEXT), _read_files(files), files)
        return
    if len(files) > 1:
        raise BadRows(f"These are {len(files):,} files: give one of them, or read a row from each (--as files).")
    path = files[0]
    with open_file(path) as (file, _):
        before = os.fstat(file.fileno())
        rows = _open_table(path, file, kind or kind_of(path))
        rows.watch(path, file, before)
        yield rows


def _watch(rows: Iterator[Row], path: Path, file: BinaryIO, before: os.stat_result) -> Iterator[Row]:
    """Yield rows, and raise at their end where the file is no longer as it was when they began."""
    try:
        yield from rows
    except OSError as error:
        raise LocalFileError.of(error, path) from None
    after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise BadRows(f"{path.name} changed while it was read: build again once it is whole.")


def _open_table(path: Path, file: BinaryIO, kind: RowKind) -> Rows:
    head = file.read(_HEAD)
    file.seek(len(BOM) if head.startswith(BOM) else 0)
    head = head.removeprefix(BOM)
    if found := describe_binary(head):
        wanted = {"csv": "CSV", "tsv": "TSV", "jsonl": "JSON Lines"}.get(kind, "text")
        raise NoRows(f"{path.name} {found}." if ":" in found else f"{path.name} {found}, not {wanted}.")
    if not head:
        raise NoRows(f"{path.name} is empty.")
    lines = _decode(path, file)
    match kind:
        case "csv" | "tsv":
            return _open_csv(path, lines, head, "\t" if kind == "tsv" else "")
        case "jsonl":
            return _open_json_lines(path, lines)
        case _:
            return Rows(path.name, (TEXT,), _read_lines(path, lines))


def _decode(path: Path, file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            where = f"line {number:,} from byte {error.start + 1:,} on"
            raise BadRows(f"{path.name} is not UTF-8, in {where}: save it as UTF-8.") from None


def _with_own(number: int, path: Path, values: dict[str, Any]) -> dict[str, Any]:
    return {"row": number, "file": path.stem} | values


# CSV.


def _open_csv(path: Path, lines: Iterator[str], head: bytes, mark: str) -> Rows:
    first = head.partition(b"\n")[0]
    if b"\r" in first.strip():
        raise BadRows(f"{path.name} ends its lines with carriage returns alone: save it with line feeds.")
    mark = mark or max(",", ";", "\t", key=lambda each: first.count(each.encode()))
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(lines, delimiter=mark, strict=True)
    records = _read_records(path, reader)
    _, header = next(records, (0, []))
    columns = [name.strip() for name in header]
    if not any(columns):
        raise BadRows(f"{path.name} has no names of columns in its first line.")
    rows = Rows(path.name, columns, _read_cells(path, records, columns))
    if mark != "," and path.suffix.lower() == ".csv":
        rows.note = f"{path.name} has {'tabs' if mark == chr(9) else 'semicolons'} between its cells."
    return rows


def _read_records(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a CSV that hold something, with the lines they begin on."""
    line = 1
    try:
        for cells in reader:
            if cells and cells != [""]:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        closed = "unexpected end" not in str(error) and "field limit" not in str(error)
        then = f"{error}" if closed else "a quote that is opened there is never closed"
        raise BadRows(f"{path.name} cannot be read as CSV from line {line:,} on: {then}.") from None


def _read_cells(path: Path, records: Iterator[tuple[int, list[str]]], columns: Sequence[str]) -> Iterator[Row]:
    for number, (line, cells) in enumerate(records, 1):
        values = _with_own(number, path, dict(zip(columns, cells, strict=False)))
        fault = ""
        if len(cells) != len(columns):
            fault = f"has {pluralize(len(cells), 'cell')}, the first line {len(columns):,}"
        yield Row(number, line, values, fault)


# JSON Lines, texts, files.


def _open_json_lines(path: Path, lines: Iterator[str]) -> Rows:
    """Open JSON Lines: its columns are the fields of the first object."""
    rows = _read_objects(path, lines)
    first = next(rows, None)
    if first is None:
        raise BadRows(f"{path.name} holds no object.")
    if first.fault:
        raise BadRows(f"{path.name} line {first.line:,} {first.fault}.")

    def every() -> Iterator[Row]:
        yield first
        yield from rows

    return Rows(path.name, [name for name in first.values if name not in OF_EVERY_ROW], every())


def _read_objects(path: Path, lines: Iterator[str]) -> Iterator[Row]:
    number = 0
    for at, line in enumerate(lines, 1):
        if line.isspace():
            continue
        number += 1
        values, fault = read_strictly(line.encode())
        yield Row(number, at, _with_own(number, path, values or {}), fault)


def _read_lines(path: Path, lines: Iterator[str]) -> Iterator[Row]:
    number = 0
    for at, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        if text.strip():
            number += 1
            yield Row(number, at, _with_own(number, path, {TEXT: text}))


def _read_files(files: Sequence[Path]) -> Iterator[Row]:
    for number, path in enumerate(files, 1):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LocalFileError.of(error, path) from None
        text, fault = _read_text(content)
        yield Row(number, number, _with_own(number, path, {"name": path.name, TEXT: text}), fault)


def _read_text(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and what is wrong with it."""
    content = content.removeprefix(BOM)
    if found := describe_binary(content[:_HEAD]):
        return "", found
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return "", f"is not UTF-8, from byte {error.start + 1:,} on: save it as UTF-8"
    return text, "" if text.strip() else "is empty"
