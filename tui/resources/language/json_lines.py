"""JSON Lines: received files are read leniently, files to be sent as strictly as the platform reads them."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import from_json

from tui.resources.language.reading.amounts import keep_digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.language.asking.inputs import Report, Source

BOM = b"\xef\xbb\xbf"
_SPACE = " \t\r\n"  # what JSON calls white space
# How files begin that are no text, and what they are.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "is UTF-32: save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "is UTF-32: save it as UTF-8"),
    (b"\xff\xfe", "is UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16: save it as UTF-8"),
    (b"\x1f\x8b", "is compressed with gzip: unpack it first"),
    (b"BZh", "is compressed with bzip2: unpack it first"),
    (b"\xfd7zXZ\x00", "is compressed with xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it first"),
    (b"PK\x03\x04", "is a zip archive or an office document such as .xlsx"),
    (b"PK\x05\x06", "is a zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it first"),
    (b"%PDF-", "is a PDF"),
    (b"PAR1", "is a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "is an office document"),
    (b"SQLite format 3\x00", "is an SQLite database"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"GIF8", "is a picture"),
)


class _RepeatedKey(ValueError):
    """An object has the same key twice."""


# NaN and Infinity are no JSON, but some servers write them.
_LENIENT = json.JSONDecoder(parse_constant=lambda _: None)
_TO_COPY = json.JSONDecoder(parse_constant=str, parse_float=keep_digits)


def object_of(line: bytes, decoder: json.JSONDecoder = _LENIENT) -> dict[str, Any] | None:
    """Return the JSON object on a line, None if there is none. A byte order mark before it is skipped."""
    try:
        text = line.removeprefix(BOM).decode()
        if text.startswith("{"):  # as nearly all do; `decode` looks for white space on both sides first
            value, end = decoder.raw_decode(text)
            if text[end:].strip(_SPACE):
                return None
        else:
            value = decoder.decode(text)
    except _RepeatedKey:
        raise
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_object_to_copy(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object on a line for `dump_json`, which writes its fractions as they were.

    NaN and Infinity are texts. None if there is no object.
    """
    return object_of(line, _TO_COPY)


def is_blank(line: bytes) -> bool:
    """Return whether there is nothing on a line but white space, and perhaps a byte order mark."""
    return line.isspace() or line == b"" or (line.startswith(BOM) and not line.removeprefix(BOM).strip())


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON value")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _RepeatedKey(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def _finite(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError(f"{text} is larger than any number")
    return found


_UNIQUE = json.JSONDecoder(object_pairs_hook=_unique)
_STRICT = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique)


_SPACED_COLON = re.compile(rb'"[ \t\r\n]+:')


def repeats_key(line: bytes) -> bool:
    """Return whether an object on a line that is JSON has the same key twice: nobody knows which counts."""
    try:
        object_of(line, _UNIQUE)
    except _RepeatedKey:
        return True
    return False


def read_strictly(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """Return the object on a line as strictly as the platform reads it, or why there is none."""
    if (found := _read_quickly(line)) is not None:
        return found, ""
    try:
        value = _STRICT.decode(
            line.decode().rstrip(" \t\r\n")
        )  # else a fault at the end counts from the next line
    except UnicodeDecodeError as error:
        return None, f"is not UTF-8, from byte {error.start + 1:,} on"
    except json.JSONDecodeError as error:
        if line.rstrip().endswith((b"},", b"],")):
            return None, "ends with a comma: each line is an object by itself"
        what = error.msg.removesuffix(" at")
        return None, f"is not JSON: {what[:1].lower()}{what[1:]} at column {error.colno:,}"
    except _RepeatedKey as error:
        return None, f"has the key {str(error)[:80]!r} twice in one object"
    except RecursionError:
        return None, "is nested too deeply"
    except ValueError as error:
        long = str(error).startswith("Exceeds")  # Python reads no numbers of so many digits
        return None, "has a number of too many digits" if long else f"is not JSON: {error}"
    if b"\\ud" in line.lower() and not _is_text(value):
        return None, "has half of a character, written as \\ud…: a text was cut within it"
    return (value, "") if isinstance(value, dict) else (None, "is not a JSON object")


def _read_quickly(line: bytes) -> dict[str, Any] | None:
    """Return the object on a line where it is certain that nothing is wrong with it, as with nearly all.

    What is not JSON the reader refuses itself, but for numbers beyond any and for keys that come twice: where a
    line has no more colons than its objects have keys, none does.
    """
    try:
        value = from_json(line, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    keys = _count_keys(value)
    if line.count(b":") != keys and (line.count(b'":') != keys or _SPACED_COLON.search(line)):
        return None
    return value


def _count_keys(value: Any) -> int:
    """Return how many keys the objects in a JSON value have; -1 in place of a number beyond any."""
    if isinstance(value, dict):
        found, inside = len(value), value.values()
    else:
        found, inside = 0, value
    for each in inside:
        kind = type(each)
        if kind is dict or kind is list:
            found += _count_keys(each)
        elif kind is float and math.isinf(each):
            return -1_000_000_000
    return found


def _is_text(value: Any) -> bool:
    """Return whether all texts in a JSON value can be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


# What files of JSON Lines are that are used elsewhere, by keys of their first object.
_SIGNS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"custom_id", "response"}), "is the output of a batch"),
    (frozenset({"custom_id", "url", "body"}), "is the input of a batch"),
    (frozenset({"preferred_output", "non_preferred_output"}), "holds preferences to train on"),
    (frozenset({"messages"}), "holds examples to train on"),
    (frozenset({"item"}), "holds the data of an eval"),
)


def describe_use(first: dict[str, Any]) -> str:
    """Return what a file of JSON Lines is for, by its first object: "is the output of a batch"; "" if unknown."""
    return next((what for keys, what in _SIGNS if keys <= first.keys()), "")


def read_objects(
    file: Source, report: Report, own: tuple[str, ...] = (), what: str = ""
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with the numbers of their lines. Blank lines are skipped.

    What is wrong is noted in the report; of a file that is something else only what it is. That is one, too, whose
    first object has none of its `own` keys and those of another use; `what` is what it should be.
    """
    begun = False
    for number, line in enumerate(file.lines, 1):
        if number == 1 and (found := _describe_other(line)):
            report.fault(0, f"The file {found}")
            return
        text = line.strip()
        if not text:
            continue
        value, fault = read_strictly(line)
        if not begun and fault and (found := _describe_text(text)):
            report.fault(0, f"The file {found}")
            return
        if not begun and value and own and not value.keys() & set(own) and (found := describe_use(value)):
            report.fault(0, f"The file {found}, not {what}")
            return
        begun = True
        report.lines += 1
        if value is None:
            report.fault(number, fault, "json")
        else:
            yield number, value


def _describe_other(head: bytes) -> str:
    """Return what a file is, by its first line, that cannot be JSON Lines as the platform reads them."""
    if head.startswith(BOM):
        return "begins with a BOM (byte order mark): save it as UTF-8 without one"
    found = describe_binary(head)
    return f"{found}, not JSON Lines" if found.startswith("is a") and ":" not in found else found


def name_of_other(head: bytes) -> str:
    """Return what a file is that is no JSON Lines, by its first line: "is UTF-16"; "" if that does not tell."""
    return (_describe_other(head.removeprefix(BOM)) or _describe_text(head.strip())).partition(":")[0]


def describe_binary(head: bytes) -> str:
    """Return what a file is that is no text in UTF-8, by how it begins, and what to do; "" for a text."""
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    start = head[:4_096]
    if b"\x00" in start:
        for kind, width in (("UTF-32", 4), ("UTF-16", 2)):
            units = [start[at : at + width] for at in range(0, len(start) - width + 1, width)]
            if units and all(len(unit.strip(b"\x00")) == 1 for unit in units):
                return f"is {kind}: save it as UTF-8"
        # Signs of other scripts take both bytes; those that JSON is made of leave one in two empty.
        empty = sorted((start[::2].count(0), start[1::2].count(0)))
        return "is UTF-16: save it as UTF-8" if empty[0] == 0 and empty[1] * 8 > len(start) else "is no text"
    return ""


def _describe_text(first: bytes) -> str:
    """Return what a text is whose first line is no JSON object."""
    if first.startswith(b"["):
        return "is a JSON array: write each of its objects on a line of its own, without commas between them"
    if first == b"{":
        return "is JSON spread over several lines: write each object on one line"
    if b"\r" in first.strip():
        return "ends its lines with carriage returns alone: save it with line feeds"
    if first.startswith(b"<"):
        return "is a page of HTML or XML, not JSON Lines"
    if first.startswith(b"{"):
        return ""
    cells = max(first.count(mark) for mark in (b",", b";", b"\t"))
    return "reads like CSV, not JSON Lines: write each row as a JSON object on one line" if cells else ""
