"""Figures of objects that their list does not tell, such as what each key costs: asked for beside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.live.polling.poller import Poller
from tui.live.totals import find_last_days, read_totals
from tui.resources.language.reading.amounts import Amount, describe_unread, format_amount, sum_amounts

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from tui.api.client import Client
    from tui.live.lists.collection import Collection
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.resource import Join

UNUSED = Amount()
NO_SCOPE: Mapping[str, str] = MappingProxyType({})
PACE = (300.0, 900.0)  # seconds between polls: what was used yesterday changes no more


@dataclass(frozen=True, slots=True)
class Figures:
    """The usage of each object, by its id, and that of all `others`.

    That is nothing, or unknown where parts cannot be read that name no object: they may be of any.
    """

    by_id: Mapping[str, Amount]
    others: Amount
    nobody: Amount = UNUSED
    """What was used by none of them, as far as usage names one."""

    def missing(self, join: Join) -> str:
        """Return how many parts cannot be read, in words; "" for none."""
        return describe_unread(sum_amounts((*self.by_id.values(), self.others)), join.kind.measures[0].noun)

    def outside(self, join: Join, listed: Container[str], singular: str) -> str:
        """Return what comes to none of them: `$12.30 in 30 days belong to no API key listed`; "" for nothing."""
        rest = sum_amounts((self.nobody, *(each for id_, each in self.by_id.items() if id_ not in listed)))
        if not rest:
            return ""
        amount = format_amount(Decimal(rest), join.kind.measures[0].unit)
        return f"{amount} in {join.days} days belong to no {singular} listed"


async def read_figures(client: Client, join: Join, now: float, scope: Mapping[str, str] = NO_SCOPE) -> Figures:
    """Return what usage tells of each object of a list, by the path parameters of that. Raises ApiError."""
    found = await read_totals(client, join.kind, (join.dimension,), *find_last_days(join.days, now), only=scope)
    by_id = {id_: first for (id_,), (first, *_) in found.items()}
    nobody = sum_amounts(by_id.pop(id_) for id_ in (None, "") if id_ in by_id)
    return Figures({id_: each for id_, each in by_id.items() if id_}, Amount(0, nobody.unread), nobody)


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
        self._figures = Figures({}, UNUSED)
        self._outside: tuple[int, str] = (0, "")  # in words, as of a version of the collection

    @property
    def unread(self) -> str:
        """How many parts of the figures cannot be read."""
        told = self._figures.missing(self._join)
        return f"{self._join.label}: {told}" if told else ""

    @property
    def outside(self) -> str:
        """What comes to no object listed; "" for nothing, or while some objects may be to come."""
        collection, resource = self._collection, self._collection.resource
        if not collection.complete:
            return ""
        if self._outside[0] != collection.version:
            told = self._figures.outside(self._join, collection.records, resource.singular)
            self._outside = collection.version, told
        return self._outside[1]

    def start(self) -> None:
        """Read the figures, and keep them fresh."""
        if not self._since:
            self._collection.note_reading(self._join.name, is_read=True)
        super().start()

    async def _round(self) -> bool:
        now = self._clock() + self._client.skew
        try:
            self._figures, self._outside = await self._read(now), (0, "")
        except ApiError:
            self._collection.note_reading(self._join.name, is_read=False)
            raise
        self._collection.note_reading(self._join.name, is_read=False)
        changed = bool(self._collection.join(self._join.name, self._figures.by_id, self._figures.others))
        self._announce()
        return changed

    async def _read(self, now: float) -> Figures:
        return await read_figures(self._client, self._join, now, self._collection.scope)

    def _pace(self) -> tuple[float, float]:
        return PACE
