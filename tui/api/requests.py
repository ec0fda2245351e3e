"""Requests as they leave, and how their paths, queries and forms are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tui.api.errors import BadRequest
from tui.api.operation import Key

if TYPE_CHECKING:
    from tui.api.operation import Operation

# Families that the API serves only to those who say that they know it is beta.
_BETA = {"assistants": "assistants=v2", "threads": "assistants=v2", "vector_stores": "assistants=v2"}
# The fields and the files of a multipart body, as httpx takes them.
Form = tuple[dict[str, list[str]], dict[str, Any]]
Check = Callable[[dict[str, Any]], object]
"""Raises ApiError for an answer that does not say that what was asked for was done."""
SILENCE = 30.0  # seconds the server may be silent, if nothing else is said


@dataclass(frozen=True, slots=True)
class Request:
    """A request ready to leave."""

    method: str
    target: str
    """Path and query, behind the base URL."""
    headers: Mapping[str, str] = field(repr=False)
    key: Key = Key.PROJECT
    reads_only: bool = True
    exact: bool = False
    """Whether fractions in the answer are read as Decimal."""
    ids: Mapping[str, str] = field(default_factory=dict)
    """The ids in the path, for the journal."""
    content: bytes | None = None
    form: Callable[[], Form] | None = None
    """Makes the fields and files of a multipart body anew for each attempt."""
    patience: float = SILENCE
    """Seconds the server may be silent."""
    url: str = ""
    """Another address than the connection's to send it to."""
    lists: bool = False
    """Whether a list is asked for, which may come without its envelope."""
    check: Check | None = None
    """Looks at the JSON of the answer before the call counts as done."""


def fill_path(operation: Operation, scope: Mapping[str, str], last: str | None = None) -> dict[str, str]:
    """Return the parameters of an operation's path, taken from `scope`; the last one is `last` if that is given.

    Raises BadRequest naming one that is missing or would lead elsewhere.
    """
    values = {name: scope.get(name, "") for name in operation.placeholders}
    if last is not None and values:
        values[operation.placeholders[-1]] = last
    for name, value in values.items():
        # An empty id would turn "delete this" into "delete the list"; dots would climb.
        if not value or value in (".", ".."):
            got = f"got {value!r}" if value else "there is none here"
            raise BadRequest(f"{operation.name} needs a {name.replace('_', ' ')} and {got}.", "Refresh the list.")
    return values


def order_ids(operation: Operation, ids: Sequence[str], own: str | None = None) -> dict[str, str]:
    """Return the parameters of an operation's path from the ids of its parents, outermost first, and its `own` id.

    Raises BadRequest saying which ids it takes.
    """
    names = operation.placeholders if own is None else operation.placeholders[:-1]
    if len(ids) != len(names):
        what = " and ".join(name.removesuffix("_id").replace("_", " ") for name in names)
        options = " ".join(f"--in {name.upper()}" for name in names)
        raise BadRequest(f"Say which {what}: {options}." if names else "It is in nothing else: leave out --in.")
    return fill_path(operation, dict(zip(names, ids, strict=True)), own)


def target_of(operation: Operation, path: Mapping[str, str], query: Mapping[str, Any] | None = None) -> str:
    """Return path and query of a call, as they stand behind the base URL. Raises as `fill_path` does."""
    filled = operation.path
    for name, value in fill_path(operation, path).items():
        filled = filled.replace(f"{{{name}}}", quote(value, safe=":", errors="replace"))
    encoded = urlencode(flatten(query or {}))
    return f"{filled}?{encoded}" if encoded else filled


def beta_of(target: str) -> str:
    """Return the value of the header `OpenAI-Beta` for a path; "" for none."""
    return _BETA.get(re.split("[/?]", target)[1], "")


def flatten(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return values as pairs of a query or a form: `list[]=a`, `map[key]=b`; what is None is left out."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        found += _flatten(name, value)
    return found


def _flatten(name: str, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [pair for key, inner in value.items() for pair in _flatten(f"{name}[{key}]", inner)]
    if isinstance(value, list | tuple | set | frozenset):
        listed = name if name.endswith("[]") else f"{name}[]"
        return [pair for inner in value for pair in _flatten(listed, inner)]
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    return [(name, str(value.value) if isinstance(value, Enum) else str(value))]
