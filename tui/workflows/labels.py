"""Display names for the ids of projects, users and keys in usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.live.shortfall import affects_all
from tui.resources.usage import NAME_SOURCES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tui.api.client import Client
    from tui.live.platform import Platform

LISTS = 12  # lists of keys that are read to name those of one answer: those of the projects that matter most


def find_loaded_names(platform: Platform, dimension: str) -> dict[str, str]:
    """Return names by id that some loaded list has, so that they need not be asked for."""
    known = NAME_SOURCES.get(dimension)
    if known is None:
        return {}
    lists = (each for each in platform.loaded() if each.resource.name in known.lists)
    records = (record for each in lists for record in each.records.values())
    return {record.id: label for record in records if isinstance(label := record.at(known.label), str) and label}


async def fetch_names(
    client: Client, dimension: str, projects: Iterable[str] = ()
) -> AsyncIterator[dict[str, str]]:
    """Yield names by id of the values of a dimension, list by list. Raises ApiError.

    Keys are listed by project: those of `projects` are read, the first of them only.
    """
    known = NAME_SOURCES.get(dimension)
    if known is None:
        return
    scopes = [{"project_id": id_} for id_ in projects][:LISTS] if known.operation.placeholders else [{}]
    for scope in scopes:
        found: dict[str, str] = {}
        try:
            async for page in client.pages(known.operation, scope, query=known.query, limit=100):
                for item in page.items:
                    id_, label = (item.get("id"), item.get(known.label)) if isinstance(item, dict) else (0, 0)
                    if isinstance(id_, str) and isinstance(label, str) and label:
                        found[id_] = label
        except ApiError as error:  # a project that is gone or fails keeps the names of its keys
            if not known.operation.placeholders or affects_all(error):
                raise
        yield found
