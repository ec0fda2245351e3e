"""The lists of several profiles as one, without a screen: each object says whose it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.export import name_path
from tui.headless.lists.listing import Reporter, fetch, render
from tui.live.combined.rows import add_profile, merge_newest, with_profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.selection import Selection
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


def list_combined(
    connections: Sequence[Connection],
    resource: Resource,
    id_: str | None,
    parents: Sequence[str],
    limit: int | None,
    form: str,
    reporter: Reporter,
    selection: Selection,
) -> Iterable[str]:
    """Return the lines that `o9s get` prints of several profiles.

    What one of them does not give costs its own objects, and `reporter` hears why. Raises ApiError where none
    gives anything, and WrongUse.
    """
    selection.check(resource)
    most = None if selection.needs_all else limit
    of_one = replace(selection, filter="", sort="", columns=())
    lists, now = asyncio.run(_read_each(connections, resource, id_, parents, most, reporter, of_one))
    combined = with_profiles(resource)
    records = selection.select(combined, merge_newest(resource, lists), now)[:limit]
    nameless = sum(not name_path(resource, record) for record in records) if form == "ids" else 0
    reporter.note_nameless(nameless, resource, several=len(records) > 1)
    return render(form, combined, records, now, False, selection.columns)


async def _read_each(
    connections: Sequence[Connection],
    resource: Resource,
    id_: str | None,
    parents: Sequence[str],
    limit: int | None,
    reporter: Reporter,
    selection: Selection,
) -> tuple[list[list[Record]], float]:
    """Return the objects of each profile, and the latest of the servers' times. Raises ApiError where all fail."""
    lists: list[list[Record]] = []
    faults: list[tuple[str, ApiError]] = []
    moments: list[float] = []

    async def read(connection: Connection) -> None:
        name = connection.profile
        heard = Reporter(reporter.progress, lambda sentence: reporter.note(f"{name}: {sentence}"))
        found: list[Record] = []
        lists.append(found)
        try:
            records, now = await fetch(connection, resource, id_, parents, limit, heard, selection)
        except ApiError as error:
            faults.append((name, error))
            return
        found += [resource.record(add_profile(record.raw, name)) for record in records]
        moments.append(now)
        reporter.whole &= heard.whole

    await asyncio.gather(*map(read, connections))
    if len(faults) == len(connections):
        raise faults[0][1]
    for name, error in faults:
        reporter.missing(f"{name}: {error}")
    return lists, max(moments)
