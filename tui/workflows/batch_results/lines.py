"""The lines of a batch's files with their places, read one at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import from_json

from tui.resources.language.cells import pluralize
from tui.resources.language.json_lines import BOM, is_blank, name_of_other, object_of, repeats_key

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from pathlib import Path

LINE_CAP = 64 << 20  # bytes of one line that are read; what is longer is no request of a batch
_NAMES = re.compile(rb'"(custom_id|response|status_code|error)"')
_EXACT = 2.0**53  # from here on a fraction's number stands for several


class Line(NamedTuple):
    """A line of a file: its number from 1, where it begins, its length in bytes, and what stands on it."""

    number: int
    offset: int
    length: int
    text: bytes


class LineFile:
    """The lines of a file that are not blank. Counts them, and those that cannot be read.

    They hold no JSON object, or one that tells a thing twice.
    """

    def __init__(self, kind: str, path: Path) -> None:
        self.lines = self.unreadable = 0
        self._kind, self._path = kind, path
        self._first = 0
        self._other = ""  # what the file is that is no JSON Lines

    def __iter__(self) -> Iterator[tuple[Line, dict[str, Any]]]:
        """Read it: each line with the object on it. Raises OSError."""
        for line in self.read():
            if (value := self.object_on(line)) is not None:
                yield line, value

    def object_on(self, line: Line) -> dict[str, Any] | None:
        """Return the object on a line; of one that cannot be read None, and take note of it."""
        value = _read_object(line.text)
        if value is not None and not _tells_twice(line.text, value):
            return value
        if self.lines == 1:
            self._other = name_of_other(line.text)
        self.unreadable += 1
        self._first = self._first or line.number
        return None

    def read(self) -> Iterator[Line]:
        """Read its lines that are not blank. Raises OSError."""
        offset = number = 0
        with self._path.open("rb", buffering=1 << 20) as file:
            while text := file.readline(LINE_CAP):
                number += 1
                length = len(text)
                if length == LINE_CAP:
                    text = b"\0"  # which is no JSON
                    while rest := file.readline(LINE_CAP):
                        length += len(rest)
                        if rest.endswith(b"\n"):
                            break
                if text.startswith(b"{") or not is_blank(text):
                    mark = len(BOM) if text.startswith(BOM) else 0
                    self.lines += 1
                    yield Line(number, offset + mark, length - mark, text)
                offset += length

    @property
    def notes(self) -> list[str]:
        """A sentence on the lines that cannot be read, if there are any."""
        if not self.unreadable:
            return []
        first = f"the first is line {self._first:,}"
        if self._other:
            number = pluralize(self.unreadable, "line")
            return [f"The {self._kind} file {self._other}; {number} of it cannot be read, {first}."]
        return [f"{pluralize(self.unreadable, 'line')} of the {self._kind} file cannot be read, {first}."]


def _read_object(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object on a line, None if there is none; most are read the quick way, to the same end."""
    try:
        value = from_json(text, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return object_of(text)
    return value if isinstance(value, dict) else None


def _tells_twice(text: bytes, value: Mapping[str, Any]) -> bool:
    """Return whether a line tells twice whose answer it is, or what it is. Most are only searched."""
    names = _NAMES.findall(text)
    others = [name for name in names if name != b"error"] if b"error" in names else names
    errors = len(names) - len(others)
    if len(set(others)) == len(others) and (errors < 2 or errors == _count_errors(value)):
        return False
    return repeats_key(text)


def _count_errors(value: Mapping[str, Any]) -> int:
    """Return how many fields `error` an answer has where the platform puts them."""
    response = value.get("response")
    body = response.get("body") if isinstance(response, dict) else None
    return sum("error" in place for place in (value, body) if isinstance(place, dict))


def find_pairing_key(value: Mapping[str, Any]) -> tuple[Hashable, str]:
    """Return what pairs a request with its answer (None if nothing can), and how it is written.

    Ids are compared as the JSON values they are: texts with texts, numbers with numbers (1 is 1.0, and not "1"),
    true and false with themselves. A missing or empty one, null, a list or an object pairs nothing, nor does a
    fraction too large to be told from its neighbours.
    """
    id_ = value.get("custom_id")
    match id_:
        case str():
            return id_ or None, id_
        case bool():
            return ("true" if id_ else "false",), "true" if id_ else "false"
        case int():
            return id_, str(id_)
        case float() if abs(id_) < _EXACT:
            return id_, str(int(id_)) if id_.is_integer() else str(id_)
    return None, ""
