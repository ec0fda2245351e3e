"""Addresses of objects: the resource an id belongs to, and the path parameters of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.errors import BadRequest
from tui.api.requests import fill_path
from tui.resources.registry import find_prefixes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.operation import Operation
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Child, Resource


class Addresses:
    """Finds resources by id, and fills paths from records and scopes."""

    def __init__(self, registry: Mapping[str, Resource]) -> None:
        self._registry = registry
        self._prefixes = find_prefixes(registry)

    def find(self, id_: str) -> Resource | None:
        """Return the resource whose ids begin like this one; the longest beginning wins."""
        name = next((name for prefix, name in self._prefixes if id_.startswith(prefix)), None)
        return self._registry[name] if name else None

    def path(
        self, operation: Operation, record: Record | None, resource: Resource, scope: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the parameters of an operation on an object of `resource`, or (no record) on the place itself.

        The last one comes from the object: its id, or what its child asks for if the operation lists one. The
        others stand in `scope`. Raises BadRequest naming the one that is missing.
        """
        if record is None or resource.single:
            return fill_path(operation, scope)
        if resource.listed_per:
            scope = {**scope, **self.origin(resource, record)}
        lists = (child for child in resource.children if self._registry[child.resource].list == operation)
        child = next(lists, None)
        return fill_path(operation, scope, _key_of_child(resource, record, child) if child else record.id)

    def child_scope(
        self, resource: Resource, scope: Mapping[str, str], record: Record, child: Child
    ) -> dict[str, str]:
        """Return the scope of a child of an object. Raises BadRequest if the object lacks what the child needs."""
        still_open = [name for name in self._registry[child.resource].within if name not in scope]
        return {**scope, **{name: _key_of_child(resource, record, child) for name in still_open[-1:]}}

    def origin(self, resource: Resource, record: Record) -> dict[str, str]:
        """Return the parameter that names the parent in whose list a row stands, as far as the row tells it."""
        if resource.list is None:
            return {}
        parent_id = record.at(f"{self._registry[resource.listed_per].singular}.id")
        return {resource.list.placeholders[-1]: str(parent_id)} if parent_id else {}


def _key_of_child(resource: Resource, record: Record, child: Child) -> str:
    """Return what a child is found by. Raises BadRequest where the object does not have it."""
    value = record.id if child.field == "id" else record.at(child.field)
    if not isinstance(value, str) or not value:
        raise BadRequest(
            f"This {resource.singular} has no {child.field.replace('_', ' ')} to find {child.resource} by."
        )
    return value
