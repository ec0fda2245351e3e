"""Figures of objects that their list does not tell, such as what each key costs: asked for beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.live.poller import Poller
from tui.live.usage import last_days, totals

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.client import Client
    from tui.live.collection import Collection
    from tui.live.scheduler import Scheduler
    from tui.resources.base import Join

PACE = (300.0, 900.0)  # seconds between polls: what was used yesterday changes no more


async def figures(client: Client, join: Join, now: float) -> dict[str, float]:
    """What usage tells of each object, by its id. Raises ApiError."""
    found = await totals(client, join.kind, (join.dimension,), *last_days(join.days, now))
    return {id_: first for (id_,), (first, *_) in found.items() if id_}


class Joined(Poller):
    """Keeps a figure of all objects of a collection fresh. Where it fails, only the figure is missing."""

    priority = 2

    def __init__(
        self,
        client: Client,
        scheduler: Scheduler,
        collection: Collection,
        join: Join,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(scheduler, clock)
        self._client, self._collection, self._join = client, collection, join

    async def _round(self) -> bool:
        now = self._clock() + self._client.skew
        return bool(self._collection.join(self._join.name, await figures(self._client, self._join, now)))

    def _pace(self) -> tuple[float, float]:
        return PACE
