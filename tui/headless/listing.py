"""The same lists without a screen, for pipes and cron."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.credentials.keys import check_key
from tui.api.credentials.resolve import Connection
from tui.api.errors import ApiError, BadRequest, Forbidden, NoKey, NotFound, NotServed, Unauthorized
from tui.api.requests import in_order
from tui.export import csv_lines, id_names, json_object, with_parents
from tui.live.fanout import gathered
from tui.live.joined import figures
from tui.live.read_one import read_one
from tui.live.shortfall import CLOSED
from tui.resources.language.amounts import dumps
from tui.resources.language.column import CellContext
from tui.resources.registry import REGISTRY
from tui.text import clean, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tui.resources.language.column import Column
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_WHOLE = 512  # characters; ids are never cut
# What a command ends with, besides 0, and 2 for wrong usage.
FAILED, NOT_FOUND, NO_ACCESS, ABOVE = 1, 3, 4, 5
NOT_WHOLE = 7  # what is printed is right, but a part of it could not be had: standard error says which


def to_sandbox(url: str, *, read_only: bool = False) -> Connection:
    """The connection to a sandbox, which takes any key of the right form."""
    return Connection(
        profile="sandbox",
        base_url=url,
        project_key=check_key("sk-sandbox-takes-any-key"),
        admin_key=check_key("sk-admin-sandbox-takes-any-key"),
        read_only=read_only,
        sandbox=True,
    )


def exit_code(error: ApiError) -> int:
    """The exit code for a failure."""
    if isinstance(error, NotFound | NotServed):
        return NOT_FOUND
    return NO_ACCESS if isinstance(error, Unauthorized | Forbidden | NoKey) else FAILED


async def fetch(
    connection: Connection,
    resource: Resource,
    id_: str | None,
    parents: Sequence[str],
    limit: int | None,
    told: Callable[[str, bool], None] = lambda *_: None,
    noted: Callable[[str], None] = lambda _: None,
) -> tuple[list[Record], float]:
    """Read one object, or a list up to `limit`, and the server's time. Raises ApiError.

    `told` hears how far it is where that takes many requests (False), and what could not be had (True); `noted`
    what this key may not see beside the list.
    """
    client = Client(connection)
    scope: dict[str, str] = {}
    try:
        if id_ is not None:
            operation = resource.get
            path = in_order(operation, parents, id_) if operation else {}
            scope = {name: path[name] for name in list(path)[:-1]}
            raws: list[Any] = [await read_one(client, resource, path)]
        elif resource.listed_per and not parents:
            raws = await gathered(client, resource, REGISTRY[resource.listed_per], told, limit)
        else:
            scope = in_order(resource.list, parents) if resource.list else {}
            raws = await _listed(client, resource, scope, limit, told)
        records = [resource.record(raw) for raw in raws if isinstance(raw, dict)]
        if resource.join and records:
            try:
                known = await figures(client, resource.join, client_now(client))
            except ApiError as error:
                sentence = f"The {resource.join.label} is unknown: {error}"
                noted(sentence) if isinstance(error, CLOSED) else told(sentence, True)
            else:
                for record in records:
                    record.raw[resource.join.name] = known.by_id.get(record.id, known.others)
                if unread := known.missing(resource.join):
                    told(f"The {resource.join.label} is not whole: {unread}.", True)
        return [with_parents(resource, record, scope) for record in records], client_now(client)
    finally:
        await client.aclose()


async def _listed(
    client: Client,
    resource: Resource,
    scope: Mapping[str, str],
    limit: int | None,
    told: Callable[[str, bool], None],
) -> list[Any]:
    if resource.list is None:
        raise BadRequest(f"The API does not list {resource.name}; give an id.")
    raws: list[Any] = []
    size = min(resource.page_max, limit or resource.page_max)
    async for page in client.pages(resource.list, scope, query=resource.query, limit=size):
        raws += page.items
        if limit is not None and len(raws) >= limit:
            break
        if page.cut:
            told(f"The list is not whole: the server has more {resource.name} and gives no more than these.", True)
    return raws[:limit]


def client_now(client: Client) -> float:
    """The server's time as a client knows it."""
    import time

    return time.time() + client.skew


def table(resource: Resource, records: Sequence[Record], now: float) -> Iterator[str]:
    """Lines of a table, columns as wide as what is in them, the ids that no column shows at the end.

    Text from outside is made harmless.
    """
    columns = [column for column in resource.columns if not column.wide and column.value]
    ids = [name for name in id_names(resource) if name not in {column.value for column in columns}]
    rows = [
        [*(_cell(column, record, now) for column in columns), *(clean(record.at(name), _WHOLE) for name in ids)]
        for record in records
    ]
    headers = [*(column.header for column in columns), *(name.replace("_", " ").upper() for name in ids)]
    yield from aligned(headers, rows, [*(column.align for column in columns), *("left" for _ in ids)])


def aligned(headers: Sequence[str], rows: Sequence[Sequence[str]], aligns: Sequence[Any]) -> Iterator[str]:
    """A header and rows, in columns."""
    from tui.text import cell_width

    widths = [max(map(cell_width, column)) for column in zip(headers, *rows, strict=True)]
    for row in (headers, *rows):
        cells = (fit(cell, width, align) for cell, width, align in zip(row, widths, aligns, strict=True))
        yield "  ".join(cells).rstrip()


def _cell(column: Column, record: Record, now: float) -> str:
    cell = column.cell(record, CellContext(now))
    return clean(cell.text, _WHOLE if cell.text == record.id else 80)


def rendered(form: str, resource: Resource, records: Sequence[Record], now: float, one: bool) -> Iterable[str]:
    """The output in one of the forms `table`, `json`, `jsonl`, `csv`, as lines."""
    match form:
        case "json":
            objects = [json_object(resource, record, now) for record in records]
            return [dumps(objects[0] if one and objects else objects, indent=2)]
        case "jsonl":
            return (dumps(json_object(resource, record, now)) for record in records)
        case "csv":
            return (row.rstrip("\n") for row in csv_lines(resource, records, now))
        case _:
            return table(resource, records, now)


def get(
    connection: Connection,
    resource: Resource,
    id_: str | None,
    parents: Sequence[str],
    limit: int | None,
    form: str,
    told: Callable[[str, bool], None] = lambda *_: None,
    noted: Callable[[str], None] = lambda _: None,
) -> Iterable[str]:
    """What `o9s get` prints, as lines. Raises ApiError."""
    records, now = asyncio.run(fetch(connection, resource, id_, parents, limit, told, noted))
    return rendered(form, resource, records, now, id_ is not None)


def resources(form: str) -> Iterable[str]:
    """What `o9s resources` prints: every resource with its operations, as lines."""
    if form == "json":
        told = [
            {
                "name": resource.name,
                "aliases": list(resource.aliases),
                "family": resource.family,
                "parent": resource.parent or None,
                "key": str(resource.key),
                "operations": [
                    {
                        "name": operation.name,
                        "method": operation.method,
                        "path": operation.path,
                        "key": str(operation.key),
                        "stream": operation.stream,
                    }
                    for operation in resource.operations
                ],
            }
            for resource in REGISTRY.values()
        ]
        return [json.dumps(told, indent=2)]
    rows = [
        (
            resource.name,
            ", ".join(resource.aliases),
            operation.name,
            operation.method,
            operation.path,
            operation.key,
        )
        for resource in REGISTRY.values()
        for operation in resource.operations
    ]
    return aligned(("RESOURCE", "ALIASES", "OPERATION", "METHOD", "PATH", "KEY"), rows, ["left"] * 6)
