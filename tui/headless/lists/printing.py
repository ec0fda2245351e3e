"""The lines that `o9s get` prints of a list; where they need no other page, as the pages come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.api.client import Client
from tui.api.requests import order_ids
from tui.export import add_parents, name_path
from tui.headless.lists.listing import EVERYTHING, fetch, render, walk_list
from tui.headless.lists.selection import leave_out

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.lists.listing import Reporter
    from tui.headless.lists.selection import Selection
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

Rows = tuple[list["Record"], float]
"""The objects of a page, and the server's time in unix seconds."""


def list_lines(
    connection: Connection,
    resource: Resource,
    id_: str | None,
    parents: Sequence[str],
    limit: int | None,
    form: str,
    reporter: Reporter,
    selection: Selection = EVERYTHING,
) -> Iterable[str]:
    """Return the lines that `o9s get` prints. Raises ApiError and WrongUse."""
    figures = selection.find_figures(resource)
    shown = resource if selection.columns else leave_out(resource, figures)
    single = id_ is not None or (resource.listed_per and not parents) or resource.join or resource.list is None
    if form in ("ids", "jsonl") and selection == EVERYTHING and not single:
        return stream_lines(connection, shown, parents, limit, form, reporter)
    records, now = asyncio.run(fetch(connection, resource, id_, parents, limit, reporter, selection, figures))
    nameless = sum(not name_path(resource, record) for record in records) if form == "ids" else 0
    reporter.note_nameless(nameless, resource, several=len(records) > 1)
    return render(form, shown, records, now, id_ is not None, selection.columns)


def stream_lines(
    connection: Connection,
    resource: Resource,
    parents: Sequence[str],
    limit: int | None,
    form: str,
    reporter: Reporter,
) -> Iterator[str]:
    """Yield the lines of a list in a form that needs no other page: `ids` or `jsonl`. Raises ApiError."""
    printed = nameless = 0
    with asyncio.Runner() as runner:
        pages = _read_pages(connection, resource, parents, limit, reporter)
        try:
            while page := runner.run(_read_next(pages)):
                records, now = page
                yield from render(form, resource, records, now, one=False)
                printed += len(records)
                nameless += sum(not name_path(resource, record) for record in records)
        finally:
            runner.run(_close(pages))
    reporter.note_nameless(nameless if form == "ids" else 0, resource, several=printed > 1)


async def _read_next(pages: AsyncGenerator[Rows, None]) -> Rows | None:
    return await anext(pages, None)


async def _close(pages: AsyncGenerator[Rows, None]) -> None:
    await pages.aclose()


async def _read_pages(
    connection: Connection, resource: Resource, parents: Sequence[str], limit: int | None, reporter: Reporter
) -> AsyncGenerator[Rows, None]:
    """Yield page after page that holds objects. Raises ApiError."""
    client = Client(connection)
    try:
        scope = order_ids(resource.list, parents) if resource.list else {}
        left, odd, again = limit, 0, 0
        async for page in walk_list(client, resource, scope, limit, reporter):
            raws = page.items[:left]
            records = [resource.record(raw) for raw in raws if isinstance(raw, dict)]
            odd += len(raws) - len(records)
            again += len(page.again)
            left = None if left is None else left - len(raws)
            if records:
                yield [add_parents(resource, record, scope) for record in records], client.now()
        reporter.note_odd(odd, resource)
        if again:
            reporter.note(f"{again:,} came again on a later page, perhaps changed: printed as they came first.")
    finally:
        await client.aclose()
