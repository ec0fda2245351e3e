"""Templates: JSON in which `{column}` stands for a value of a row.

A value takes its place as a value, never as text of JSON: whatever it holds, what is filled stays JSON. A text
that is nothing but `{column}` becomes the value with its type; within a longer text the value becomes text.
`{column:json}` reads a cell as JSON. `{{` and `}}` are braces.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tui.resources.language.reading.amounts import dump_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    Fill = Callable[[Mapping[str, Any]], Any]

_PIECES = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
_JINJA = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_AS_JSON = ":json"
_SHOWN = 60  # characters of a text of the template that stand in a sentence
_LISTED = 12  # columns that a sentence lists


class BadTemplate(ValueError):
    """A template that cannot be filled; the message is a sentence."""


class BadValue(ValueError):
    """A value of a row that cannot be filled in; the message goes on with what the row is called."""


class Template:
    """A JSON value with placeholders, as far as it names columns that are there."""

    def __init__(self, value: Any, columns: Collection[str], *, doubled: Collection[str] = ()) -> None:
        """`doubled` are columns that are there twice. Raises BadTemplate."""
        self._columns, self._doubled = columns, doubled
        self.named: dict[str, None] = {}
        """The columns that it names."""
        self.fill: Fill = self._compile(value)
        """Makes the value for a row. Raises BadValue."""

    def _compile(self, value: Any) -> Fill:
        match value:
            case str():
                return self._compile_text(value)
            case dict():
                inner = {name: self._compile(each) for name, each in value.items()}
                return lambda row: {name: fill(row) for name, fill in inner.items()}
            case list():
                each = [self._compile(one) for one in value]
                return lambda row: [fill(row) for fill in each]
        return lambda _row: value

    def _compile_text(self, text: str) -> Fill:
        """Return what fills a text of the template. Raises BadTemplate."""
        parts: list[str | Fill] = []
        for piece in _PIECES.findall(text):
            if piece in ("{{", "}}"):
                parts.append(piece[0])
            elif piece in ("{", "}"):
                at = f" in {_shorten(text)}" if text != piece else ""
                raise BadTemplate(
                    f"A {piece} stands alone{at}: write {{column}} for a column, {piece * 2} for a brace of text."
                )
            elif piece.startswith("{"):
                parts.append(self._compile_slot(piece[1:-1]))
            else:
                parts.append(piece)
        match parts:
            case []:
                return lambda _row: text
            case [part] if not isinstance(part, str):
                return part
        if all(isinstance(part, str) for part in parts):
            plain = "".join(map(str, parts))
            return lambda _row: plain
        return lambda row: "".join(part if isinstance(part, str) else to_text(part(row)) for part in parts)

    def _compile_slot(self, written: str) -> Fill:
        name, reads_json = written.strip(), False
        if name not in self._columns and name.endswith(_AS_JSON):
            name, reads_json = name.removesuffix(_AS_JSON).rstrip(), True
        if name in self._doubled:
            raise BadTemplate(f"There are two columns {name}: rename one of them.")
        if name not in self._columns:
            raise BadTemplate(_describe_unknown(name, self._columns))
        self.named[name] = None
        return (lambda row: _read_json(name, _take(name, row))) if reads_json else lambda row: _take(name, row)


def _take(name: str, row: Mapping[str, Any]) -> Any:
    try:
        return row[name]
    except KeyError:
        raise BadValue(f"has no {name}") from None


def _read_json(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value, parse_constant=lambda constant: _refuse(name, constant))
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadValue):
            raise
        raise BadValue(f"has a {name} that is no JSON: {_shorten(value)}") from None
    return found


def _refuse(name: str, constant: str) -> None:
    raise BadValue(f"has a {name} that is no JSON: {constant}")


def to_text(value: Any) -> str:
    """Return a value as it stands within a text: texts as they are, nothing for null, all else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else dump_json(value, ensure_ascii=False)


def _shorten(text: str) -> str:
    return json.dumps(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…", ensure_ascii=False)


def list_columns(columns: Iterable[str]) -> str:
    """Return columns as a sentence lists them."""
    names = list(columns)
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


def _describe_unknown(name: str, columns: Collection[str]) -> str:
    near = find_nearest(name, columns)
    if near:
        return f"There is no column {name or '{}'}; did you mean {{{near}}}?"
    shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    braces = "" if re.fullmatch(r"[\w .-]+", name) else " Braces that are text are written {{ and }}."
    return f"There is no column {shown or 'without a name'}; there are {list_columns(columns)}.{braces}"


def find_nearest(name: str, columns: Collection[str]) -> str:
    """Return the column that was most likely meant; "" for none."""
    folded = {column.casefold(): column for column in columns}
    near = get_close_matches(name.casefold().strip(), folded, 1, 0.6)
    return folded[near[0]] if near else ""


def describe_nameless(value: Any, columns: Collection[str]) -> str:
    """Return the sentence on a template that names no column, with what was most likely meant."""
    text = json.dumps(value, ensure_ascii=False)
    for written in _JINJA.findall(text):
        if column := written if written in columns else find_nearest(written, columns):
            return f"The template names no column: {{{{{written}}}}} is a text in braces, write {{{column}}}."
    words = re.findall(r"[\w.-]+", text)
    column = next((word for word in words if word in columns), "") or next(iter(columns), "column")
    return (
        f"The template names no column, so that all requests would be the same: write {{{column}}} where its "
        f"value belongs. There are {list_columns(columns)}."
    )
