"""Reading one object by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import BadAnswer, BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.client import Client
    from tui.resources.base import Resource


async def read_one(client: Client, resource: Resource, path: Mapping[str, str]) -> dict[str, Any]:
    """The object of `resource` that a path's parameters name.

    Raises ApiError; BadAnswer for an answer without an id, which is not the object.
    """
    if resource.get is None:
        raise BadRequest(f"A {resource.singular} cannot be read by its id; list {resource.name} instead.")
    raw = await client.call(resource.get, path)
    if not resource.single and not resource.identity(raw):
        raise BadAnswer("shape", f"The server answered with something that is no {resource.singular}.")
    return raw
