"""The organization's bill of the last days, as far as it tells what tokens cost."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.api.operation import Key
from tui.live.totals import build_queries, find_last_days, read_bucket, read_usage_pages
from tui.resources.language.prices import LineItem, Prices, find_prices, read_item
from tui.resources.usage import COSTS_KIND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.client import Client
    from tui.live.polling.scheduler import Scheduler

DAYS = 30  # that are looked back for a price
_GOOD_FOR = 3_600.0  # seconds until it is read again
_AGAIN_AFTER = 600.0  # seconds, where it could not be read


async def fetch_line_items(client: Client, now: float) -> list[LineItem]:
    """Return the lines of the bill of the last days that tell a price. Raises ApiError."""
    found: list[LineItem] = []
    for call in build_queries(COSTS_KIND, ("line_item",), *find_last_days(DAYS, now)):
        async for page in read_usage_pages(client, COSTS_KIND, call):
            for item in page.items:
                if read := read_bucket(item):
                    found += filter(None, (read_item(read[0], result) for result in read[1]))
    return found


class Bill:
    """What tokens cost the organization lately. It is read once somebody wants to know, with an admin key."""

    def __init__(self, client: Client, scheduler: Scheduler, now: Callable[[], float]) -> None:
        self._client, self._scheduler, self._now = client, scheduler, now
        self._items: list[LineItem] | None = None
        self._prices: dict[str, Prices] = {}
        self._next = -math.inf  # when it may be read again
        self._reading: asyncio.Task[None] | None = None

    def prices_of(self, model: str) -> Prices | None:
        """Return what a model's tokens cost; None while that is not known, which has it asked for."""
        if self._now() >= self._next and self._reading is None and self._client.connection.key(Key.ADMIN):
            self._reading = asyncio.get_running_loop().create_task(self._read_by_itself())
        if self._items is None or not model:
            return None
        if model not in self._prices:
            self._prices[model] = find_prices(self._items, model)
        return self._prices[model]

    async def read(self) -> list[LineItem]:
        """Return its lines that tell a price, read not long ago. Raises ApiError."""
        if self._items is None or self._now() >= self._next:
            self._items = await fetch_line_items(self._client, self._now())
            self._prices.clear()
            self._next = self._now() + _GOOD_FOR
        return self._items

    def close(self) -> None:
        """Cancel what is being read."""
        if self._reading:
            self._reading.cancel()

    async def _read_by_itself(self) -> None:
        try:
            await self._scheduler.free()
            await self.read()
        except ApiError as error:
            self._next = math.inf if error.permanent else self._now() + _AGAIN_AFTER
        finally:
            self._reading = None
