"""How paths, queries and forms are written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tui.api.errors import BadRequest

if TYPE_CHECKING:
    from tui.api.operation import Operation

# The fields and the files of a multipart body, as httpx takes them.
Form = tuple[dict[str, list[str]], dict[str, Any]]


def target_of(operation: Operation, path: Mapping[str, str], query: Mapping[str, Any] | None) -> str:
    """Path and query of a call. Raises BadRequest for an id that is missing or would lead elsewhere."""
    filled = operation.path
    for name in operation.placeholders:
        value = path.get(name, "")
        # An empty id would turn "delete this" into "delete the list"; dots would climb.
        if not value or value in (".", ".."):
            raise BadRequest(f"This call needs a {name.replace('_', ' ')} and got {value!r}.", "Refresh the list.")
        filled = filled.replace(f"{{{name}}}", quote(value, safe=":", errors="replace"))
    encoded = urlencode(pairs(query or {}))
    return f"{filled}?{encoded}" if encoded else filled


def pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Values as the names and texts of a query or a form: `list[]=a`, `map[key]=b`; what is None is left out."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        found += _pairs(name, value)
    return found


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [pair for key, inner in value.items() for pair in _pairs(f"{name}[{key}]", inner)]
    if isinstance(value, list | tuple | set | frozenset):
        listed = name if name.endswith("[]") else f"{name}[]"
        return [pair for inner in value for pair in _pairs(listed, inner)]
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    return [(name, str(value.value) if isinstance(value, Enum) else str(value))]
