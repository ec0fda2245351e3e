"""Reading the lists of all parents once, for somebody who waits for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest, RateLimited
from tui.api.retries import LONGEST
from tui.live import shortfall
from tui.live.fan_out.rows import build_row, describe_gaps, find_parents, read_pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.api.paging import Gathered
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

PATIENCE = 10  # times in a row that a request is refused for haste before it counts as a failure
CROWDED = 5.0  # seconds to wait then, where the server does not say how long


async def read_all_rows(
    client: Client,
    resource: Resource,
    parent: Resource,
    on_progress: Callable[[str], object] = lambda _: None,
    on_missing: Callable[[str], object] = lambda _: None,
    most: int | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Any]:
    """Return the rows of all parents, list after list, or the first lists with `most` rows.

    What is refused for haste is asked for again when the server says, and a list that fails once more at the end.
    `on_progress` hears how far it is ("" at the end), `on_missing` which lists could not be read. Raises ApiError
    where that is all of them, or the key is not good.
    """
    if parent.list is None or resource.list is None:
        raise BadRequest(f"There is no list of {resource.name} to ask for.")
    operation, failed = resource.list, dict[str, ApiError]()

    async def read(holder: Record) -> list[Any]:
        path = {operation.placeholders[-1]: holder.id}
        listed = await _read_patiently(client, operation, path, resource.query, resource.page_max, sleep)
        failed.pop(holder.id, None)
        if listed.cut:
            failed[holder.id] = shortfall.describe_cut()
        doubled[holder.id] = len(listed.doubled)
        return [build_row(resource, parent, holder, item) for item in listed.items]

    found = await _read_patiently(client, parent.list, {}, parent.query, parent.page_max, sleep)
    holders = find_parents(parent, found.items)
    doubled = {"": len(found.doubled)}  # by parent; those among the parents
    rows: dict[str, list[Any]] = {}
    in_a_row = 0  # lists that failed one after another
    held_up: type[ApiError] | None = None  # the fault of the one before, if it was one that all would have
    for number, holder in enumerate(holders.values()):
        if most is not None and sum(map(len, rows.values())) >= most:
            break
        on_progress(f"{parent.singular} {number:,}/{len(holders):,}")
        try:
            rows[holder.id] = await read(holder)
            in_a_row, held_up = 0, None
        except ApiError as error:
            likely = shortfall.affects_all(error)
            given_up = isinstance(error, shortfall.HOPELESS) or (likely and held_up is type(error))
            given_up = given_up or in_a_row >= shortfall.IN_A_ROW - 1
            held_up = type(error) if likely else None
            if not rows and given_up:
                raise
            failed[holder.id] = error
            in_a_row = in_a_row + 1 if isinstance(error, shortfall.PASSING) else 0
            if given_up:
                failed |= dict.fromkeys(list(holders)[number:], error)
                break
    else:
        passing = (*shortfall.PASSING, RateLimited)
        for id_ in [id_ for id_, error in failed.items() if isinstance(error, passing)]:
            on_progress(f"{parent.singular} {id_}, once more")
            try:
                rows[id_] = await read(holders[id_])
            except ApiError as error:
                failed[id_] = error
    on_progress("")
    if failed and not rows:
        raise next(iter(failed.values()))
    for missing in describe_gaps(parent, len(holders), failed, len(found.items) - len(holders), found.cut):
        on_missing(missing)
    if told := shortfall.describe_doubled(sum(doubled.values())):
        on_missing(f"{told}; the first of each is given.")
    return [row for id_ in holders for row in rows.get(id_, ())][:most]


async def _read_patiently(
    client: Client,
    operation: Operation,
    path: Mapping[str, str],
    query: Mapping[str, Any],
    size: int,
    sleep: Callable[[float], Awaitable[None]],
) -> Gathered:
    """Read all objects of a list, again from the start when that is refused for haste. Raises ApiError."""
    for _ in range(PATIENCE):
        try:
            return await read_pages(client.pages(operation, path, query=query, limit=size))
        except RateLimited as error:
            if (error.retry_after or 0) > LONGEST:
                raise  # whoever waits is told, and decides
            await sleep(error.retry_after or CROWDED)
    return await read_pages(client.pages(operation, path, query=query, limit=size))
