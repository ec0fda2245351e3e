"""Reading the lists of all parents once, for somebody who waits for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadRequest, RateLimited
from tui.api.retries import LONGEST
from tui.live import shortfall
from tui.live.fan_out.rows import build_row, describe_gaps, find_parents, read_pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.live.gathered import Gathered
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
    found = await read_patiently(client, parent.list, {}, parent, sleep)
    holders = find_parents(parent, found.items)
    lists = _Lists(client, resource, resource.list, parent, holders, on_progress, sleep)
    if await lists.read_each(most):
        await lists.read_again()
    on_progress("")
    if lists.failed and not lists.rows:
        raise next(iter(lists.failed.values()))
    for missing in describe_gaps(parent, len(holders), lists.failed, len(found.items) - len(holders), found.cut):
        on_missing(missing)
    if told := shortfall.describe_doubled(len(found.doubled) + sum(lists.doubled.values())):
        on_missing(f"{told}; the first of each is given.")
    return [row for id_ in holders for row in lists.rows.get(id_, ())][:most]


@dataclass(slots=True)
class _Lists:
    """The lists of `holders`, the objects of `parent` by id, read one after the other."""

    client: Client
    resource: Resource
    operation: Operation
    parent: Resource
    holders: Mapping[str, Record]
    on_progress: Callable[[str], object]
    sleep: Callable[[float], Awaitable[None]]
    rows: dict[str, list[Any]] = field(default_factory=dict)
    """What was read, by parent."""
    failed: dict[str, ApiError] = field(default_factory=dict)
    """Why a list could not be read, by parent."""
    doubled: dict[str, int] = field(default_factory=dict)
    """How many objects came twice, by parent."""

    async def read_each(self, most: int | None) -> bool:
        """Read every list once, or until there are `most` rows. Returns whether it went to the end.

        It ends where the others would fail, too; that is raised if nothing was read before.
        """
        in_a_row = 0  # lists that failed one after another
        held_up: type[ApiError] | None = None  # the fault of the one before, if it was one that all would have
        for number, id_ in enumerate(self.holders):
            if most is not None and sum(map(len, self.rows.values())) >= most:
                return False
            self.on_progress(f"{self.parent.singular} {number:,}/{len(self.holders):,}")
            try:
                await self._read(id_)
                in_a_row, held_up = 0, None
            except ApiError as error:
                likely = shortfall.affects_all(error)
                given_up = isinstance(error, shortfall.HOPELESS) or (likely and held_up is type(error))
                given_up = given_up or in_a_row >= shortfall.IN_A_ROW - 1
                if given_up and not self.rows:
                    raise
                if given_up:
                    self.failed |= dict.fromkeys(list(self.holders)[number:], error)
                    return False
                held_up = type(error) if likely else None
                in_a_row = in_a_row + 1 if isinstance(error, shortfall.PASSING) else 0
        return True

    async def read_again(self) -> None:
        """Read once more what failed for a reason that may be over."""
        passing = (*shortfall.PASSING, RateLimited)
        for id_ in [id_ for id_, error in self.failed.items() if isinstance(error, passing)]:
            self.on_progress(f"{self.parent.singular} {id_}, once more")
            with suppress(ApiError):
                await self._read(id_)

    async def _read(self, id_: str) -> None:
        """Read the list of a parent, and note why where it cannot be. Raises ApiError."""
        path = {self.operation.placeholders[-1]: id_}
        try:
            listed = await read_patiently(self.client, self.operation, path, self.resource, self.sleep)
        except ApiError as error:
            self.failed[id_] = error
            raise
        self.failed.pop(id_, None)
        if listed.cut:
            self.failed[id_] = shortfall.describe_cut()
        self.doubled[id_] = len(listed.doubled)
        holder = self.holders[id_]
        self.rows[id_] = [build_row(self.resource, self.parent, holder, item) for item in listed.items]


async def read_patiently(
    client: Client,
    operation: Operation,
    path: Mapping[str, str],
    listed: Resource,
    sleep: Callable[[float], Awaitable[None]],
) -> Gathered:
    """Read all objects of a list, again from the start when that is refused for haste. Raises ApiError."""
    for _ in range(PATIENCE):
        try:
            return await read_pages(client.pages(operation, path, query=listed.query, limit=listed.page_max))
        except RateLimited as error:
            if (error.retry_after or 0) > LONGEST:
                raise  # whoever waits is told, and decides
            await sleep(error.retry_after or CROWDED)
    return await read_pages(client.pages(operation, path, query=listed.query, limit=listed.page_max))
