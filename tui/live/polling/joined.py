"""Figures of objects that their list does not tell, such as what each key costs: asked for beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.live.polling.poller import Poller
from tui.live.totals import last_days, read_totals
from tui.resources.language.reading.amounts import Amount, describe_unread, sum_amounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.api.client import Client
    from tui.live.lists.collection import Collection
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.resource import Join

PACE = (300.0, 900.0)  # seconds between polls: what was used yesterday changes no more


@dataclass(frozen=True, slots=True)
class Figures:
    """The usage of each object, by its id, and that of all `others`.

    That is nothing, or unknown where parts cannot be read that name no object: they may be of any.
    """

    by_id: Mapping[str, Amount]
    others: Amount

    def missing(self, join: Join) -> str:
        """Return how many parts cannot be read, in words; "" for none."""
        return describe_unread(sum_amounts((*self.by_id.values(), self.others)), join.kind.measures[0].noun)


async def read_figures(client: Client, join: Join, now: float) -> Figures:
    """Return what usage tells of each object. Raises ApiError."""
    found = await read_totals(client, join.kind, (join.dimension,), *last_days(join.days, now))
    lost = found[None,][0].unread if (None,) in found else 0
    return Figures({id_: first for (id_,), (first, *_) in found.items() if id_}, Amount(0, lost))


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
        self._figures = Figures({}, Amount())

    @property
    def unread(self) -> str:
        """How many parts of the figures cannot be read."""
        told = self._figures.missing(self._join)
        return f"{self._join.label}: {told}" if told else ""

    async def _round(self) -> bool:
        now = self._clock() + self._client.skew
        self._figures = await read_figures(self._client, self._join, now)
        changed = bool(self._collection.join(self._join.name, self._figures.by_id, self._figures.others))
        self._announce()
        return changed

    def _pace(self) -> tuple[float, float]:
        return PACE
