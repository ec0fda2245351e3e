"""The text of the config file, and where in it a setting stands."""

from __future__ import annotations

import codecs
import re
from functools import cached_property
from typing import Any

CONFIG_FILE = "config.toml"
Way = tuple[str | int, ...]
"""The way to a setting: names of tables and of the setting, and the numbers of tables in a list."""


def called(way: Way) -> str:
    """Return the name of a setting as it is told; tables of a list are counted from 1."""
    words = ""
    for each in way:
        words += f"[{each + 1}]" if isinstance(each, int) else f".{each}" if words else each
    return words


class Source:
    """The text of the config file. The lines in it are looked for when one is asked for."""

    def __init__(self, text: str = "") -> None:
        self._text = text
        self.unused: dict[Way, Any] = {}
        """The settings that stand in it and cannot be used, with their values."""

    @cached_property
    def lines(self) -> dict[Way, int]:
        """The line of each setting and table, counted from 1."""
        return find_lines(self._text)

    def find_line(self, *way: str | int) -> int:
        """Return the line of a setting, or of the table around it; 0 for nowhere."""
        return next(filter(None, (self.lines.get(way[:end]) for end in range(len(way), 0, -1))), 0)

    def at(self, *way: str | int) -> str:
        """Return file and line of a setting, or of the table around it, to begin a sentence; "" for nowhere."""
        line = self.find_line(*way)
        return f"{CONFIG_FILE} line {line}: " if line else ""


def parse(content: bytes) -> tuple[str, dict[str, Any]]:
    """Return the text of a config file, and what it says.

    Raises ValueError for what is no TOML, with what follows on the name of the file: the line, and what is wrong.
    """
    import tomllib  # most have no config: the first frame does not wait for it

    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        len(content) > 1 and 0 in content[:2]
    )
    if is_wide:
        raise ValueError("is UTF-16: have the editor save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8: have the editor save it as that") from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, at = str(error).rpartition(" (at ")
        found = re.search(r"line (\d+)", at)
        line = int(found[1]) if found else len(text.splitlines()) or 1
        raise ValueError(f"line {line} is no valid TOML: {what or error}") from None
    except RecursionError:
        raise ValueError("is no valid TOML: its lists or tables are nested too deep") from None


def find_lines(text: str) -> dict[Way, int]:
    """Return the line of each setting and table of valid TOML, counted from 1.

    A statement ends where the lines of it so far are valid by themselves, which TOML's own reader tells.
    """
    import tomllib

    found: dict[Way, int] = {}
    table: Way = ()
    statement, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        is_first = not statement
        start = number if is_first else start
        statement += f"{line}\n"
        # The lines inside a long list need not be tried, each with all before it.
        if not is_first and not any(mark in line for mark in ("]", "}", '"""', "'''")):
            continue
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        is_header = statement.lstrip().startswith("[")
        last = _note(found, said, () if is_header else table, start)
        table = last if is_header else table
        statement = ""
    return found


def _note(found: dict[Way, int], value: Any, way: Way, line: int) -> Way:
    """Note the line of a value and of all in it. Returns the way to what comes last in it."""
    found.setdefault(way, line)
    last = way
    if isinstance(value, dict):
        if tables := _count_tables(found, way):
            last = way = (*way, tables - 1)  # a header goes on in the last table of a list
        for name, inner in value.items():
            last = _note(found, inner, (*way, name), line)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict):
                last = _note(found, inner, (*way, _count_tables(found, way)), line)
    return last


def _count_tables(found: dict[Way, int], way: Way) -> int:
    """Return how many tables of the list `way` were noted."""
    number = 0
    while (*way, number) in found:
        number += 1
    return number
