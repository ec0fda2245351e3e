"""The lists of several profiles as one, without a screen: each object says whose it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.export import name_path
from tui.headless.lists.listing import fetch, render, select
from tui.headless.lists.selection import leave_out
from tui.headless.lists.several import read_each
from tui.live.combined.rows import add_profile, add_profile_column, merge_newest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.listing import Reporter
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
    figures = selection.find_figures(resource)
    most = None if selection.needs_all else limit
    of_one = replace(selection, filter="", sort="", columns=())

    def read(connection: Connection, heard: Reporter) -> Awaitable[tuple[list[Record], float]]:
        return fetch(connection, resource, id_, parents, most, heard, of_one, figures)

    found = asyncio.run(read_each(connections, read, reporter, is_one_object=id_ is not None))
    lists = [
        [resource.record(add_profile(record.raw, name)) for record in records]
        for name, (records, _) in found.items()
    ]
    now = max(now for _, now in found.values())
    combined = add_profile_column(resource)
    shown = combined if selection.columns else leave_out(combined, figures)
    records = select(combined, merge_newest(resource, lists), now, limit, selection, reporter)
    nameless = sum(not name_path(resource, record) for record in records) if form == "ids" else 0
    reporter.note_nameless(nameless, resource, several=len(records) > 1)
    return render(form, shown, records, now, False, selection.columns)
