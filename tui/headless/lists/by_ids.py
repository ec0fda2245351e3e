"""Objects read one by one, by ids that another command gave."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.errors import ApiError
from tui.api.requests import order_ids
from tui.export import add_parents
from tui.headless.lists.listing import render
from tui.headless.writes.targets import FEW, find_named
from tui.live.polling.read_one import read_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.listing import Reporter
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


def lines_by_ids(
    connection: Connection,
    resource: Resource,
    ids: Sequence[str],
    parents: Sequence[str],
    form: str,
    reporter: Reporter,
    columns: Sequence[str],
) -> Iterable[str]:
    """Return the lines that `o9s get` prints of the objects of these ids; `reporter` hears which are not there.

    Raises WrongUse for what is no id, and ApiError where none of them can be read.
    """
    paths = []
    for target in find_named(resource, parents, ids):
        paths.append(order_ids(resource.get, list(target.scope.values()), target.id) if resource.get else {})
    records, now = asyncio.run(_read(connection, resource, paths, reporter))
    return render(form, resource, records, now, one=False, columns=columns)


async def _read(
    connection: Connection, resource: Resource, paths: Sequence[dict[str, str]], reporter: Reporter
) -> tuple[list[Record], float]:
    """Read the objects at some paths, a few at once, and the server's time. Raises ApiError."""
    client = Client(connection)
    records: list[Record] = []

    async def read(path: dict[str, str]) -> Any:
        try:
            return await read_one(client, resource, path)
        except ApiError as error:
            return error

    try:
        for at in range(0, len(paths), FEW):
            some = paths[at : at + FEW]
            for path, found in zip(some, await asyncio.gather(*map(read, some)), strict=True):
                if isinstance(found, ApiError):
                    if len(paths) == 1:
                        raise found
                    reporter.missing(f"{'/'.join(path.values())}: {found}")
                else:
                    scope = {name: path[name] for name in list(path)[:-1]}
                    records.append(add_parents(resource, resource.record(found), scope))
            reporter.progress(f"{min(at + FEW, len(paths)):,} of {len(paths):,} read")
        reporter.progress("")
        return records, client.now()
    finally:
        await client.aclose()
