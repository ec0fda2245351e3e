"""What a setting is made of: its kind of value, which is read and described, and words on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import Field


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of value."""

    must_be: str
    """What a value is, in words that follow "must be"."""
    schema: Mapping[str, object]
    """The same as JSON schema."""
    read: Callable[[Any], Any]
    """Returns a value as it is used. Raises ValueError for another kind, with what it must be or no message."""
    choices: tuple[str, ...] = ()
    """The values there are, where they are few."""
    entry: Kind | None = None
    """The kind of each entry, where it is a list that can do without those that are wrong."""
    most: int | None = None
    """How many entries such a list has at the most."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table whose settings a class declares."""

    of: type


@dataclass(frozen=True, slots=True, eq=False)
class ByName:
    """A table with names that the user gives: values of a kind, or tables whose settings a class declares."""

    of: Kind | type
    named: str
    """What stands for a name where it is described, such as `PROFILE`."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A list of tables whose settings a class declares."""

    of: type


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A setting: what stands in the metadata of the field that holds it."""

    name: str
    kind: Kind | Table | ByName | Rows
    about: str
    """What it does, in plain words."""
    default: Any
    is_required: bool = False
    """Whether the table it stands in is of no use without it."""
    is_private: bool = False
    """Whether its value is shown nowhere, as it may hold a secret."""
    instead: tuple[Any, str] | None = None
    """What is taken in place of a value that cannot be used, and a clause saying so; None takes the default."""


_SETTING = "setting"


def setting(
    kind: Kind | Table | ByName | Rows,
    about: str,
    *,
    default: Any = None,
    is_required: bool = False,
    is_private: bool = False,
    instead: tuple[Any, str] | None = None,
) -> Any:
    """Return a field of a dataclass that is a setting of its name; see `Setting`."""
    declared = {
        _SETTING: {
            "kind": kind,
            "about": about,
            "is_required": is_required,
            "is_private": is_private,
            "instead": instead,
        }
    }
    if isinstance(kind, Table):
        return field(default_factory=kind.of, metadata=declared)
    if isinstance(kind, ByName):
        return field(default_factory=dict, metadata=declared, repr=not is_private)
    if isinstance(kind, Rows):
        return field(default=(), metadata=declared)
    return field(default=default, metadata=declared, repr=not is_private)


@cache
def settings_of(kind: type) -> dict[str, Setting]:
    """Return the settings that a class declares, by name."""
    declared: list[Field[Any]] = [each for each in fields(kind) if _SETTING in each.metadata]
    return {each.name: Setting(each.name, default=each.default, **each.metadata[_SETTING]) for each in declared}


def _read_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _read_switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _read_share(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _read_command(value: object) -> tuple[str, ...]:
    # A list, so that no shell ever reads it.
    if not isinstance(value, list) or not value or not all(isinstance(part, str) and part for part in value):
        raise ValueError
    return tuple(value)


def _read_names(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else []
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError
    return tuple(name.strip() for name in names)


_SOME_TEXT = {"type": "string", "pattern": r"\S"}

TEXT = Kind("a text", _SOME_TEXT, _read_text)
SWITCH = Kind("true or false", {"type": "boolean"}, _read_switch)
SHARE = Kind("a share from 0 to 1", {"type": "number", "minimum": 0, "maximum": 1}, _read_share)
COMMAND = Kind(
    'a list of texts such as ["pass", "openai"]',
    {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    _read_command,
)
"""The arguments of a command."""
TEXT_OR_COMMAND = Kind(
    'a text, or a command that prints it such as ["pass", "proxy"]',
    {"anyOf": [_SOME_TEXT, COMMAND.schema]},
    lambda value: _read_text(value) if isinstance(value, str) else _read_command(value),
)
KEYS = Kind(
    "a key or a list of keys",
    {"anyOf": [_SOME_TEXT, {"type": "array", "items": _SOME_TEXT, "minItems": 1}]},
    _read_names,
)
"""Keys of the keyboard, in a list or with commas between them."""
NAMES = Kind(
    "a name or a list of names",
    {"anyOf": [_SOME_TEXT, {"type": "array", "items": _SOME_TEXT, "minItems": 1}]},
    _read_names,
)
"""Names of resources, in a list or with commas between them."""


_HOST = r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?|[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*"


def _read_host(value: object) -> str:
    host = _read_text(value).lower()
    if not re.fullmatch(_HOST, host):
        raise ValueError
    return host


def whole(least: int, most: int) -> Kind:
    """Return the kind of a whole number from `least` to `most`."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError
        return value

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Kind(f"a number from {least} to {most}", schema, read)


def texts(example: str, *, of: str = "texts", most: int | None = None, entry: Kind = TEXT) -> Kind:
    """Return the kind of a list of texts, such as `example`; each `entry` of it is read by itself."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError
        return tuple(value)

    schema = {"type": "array", "items": entry.schema, **({} if most is None else {"maxItems": most})}
    return Kind(f"a list of {of} such as {example}", schema, read, entry=entry, most=most)


HOST = Kind(
    'a host such as "llm.example" or "llm.example:8000"; * stands for no host',
    {"type": "string", "pattern": f"^({_HOST.replace('a-z', 'A-Za-z').replace('a-f', 'A-Fa-f')})$"},
    _read_host,
)
HOSTS = texts('["llm.example"]', of="hosts", entry=HOST)
"""Hosts, with a port or without; each is meant as it is."""


def one_of(*choices: str) -> Kind:
    """Return the kind of a text that is one of these."""

    def read(value: object) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    words = f"{', '.join(choices[:-1])} or {choices[-1]}"
    return Kind(words, {"enum": list(choices)}, read, choices)
