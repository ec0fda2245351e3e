"""How two objects differ, field by field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Field(NamedTuple):
    """A field of two objects: its path, and its value in each as JSON; None where it is not there."""

    path: str
    first: str | None
    second: str | None

    @property
    def differs(self) -> bool:
        """Whether the values are not the same."""
        return self.first != self.second


def compare_fields(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Field]:
    """Return every field of two objects in the order of the first; what only the second has stands at the end."""
    left, right = dict(_flatten(first)), dict(_flatten(second))
    return [Field(path, left.get(path), right.get(path)) for path in dict.fromkeys((*left, *right))]


def _flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each plain value in an object by its path, such as `tools[0].type`; empty lists and objects too."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flatten(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _flatten(inner, f"{path}[{index}]")
    else:
        yield path, json.dumps(value, ensure_ascii=False, default=str)
