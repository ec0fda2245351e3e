"""Reading one object by its id: once, or again and again while somebody looks at it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tui.api.errors import BadAnswer, BadRequest
from tui.live.listeners import Listeners
from tui.live.polling.poller import Poller
from tui.resources.language.cells import with_article

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tui.api.client import Client
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

ACTIVE = (3.0, 15.0)  # seconds between reads while an object is on its way: at first, and after many without news


async def read_one(client: Client, resource: Resource, path: Mapping[str, str]) -> dict[str, Any]:
    """Return the object of `resource` that a path's parameters name.

    Raises ApiError; BadAnswer for an answer that is not the object.
    """
    if resource.get is None:
        what = with_article(resource.singular).capitalize()
        raise BadRequest(f"{what} cannot be read by its id; list {resource.name} instead.")
    raw = await client.call(resource.get, path)
    expect_object(resource, path, raw)
    return raw


def expect_object(resource: Resource, path: Mapping[str, str], raw: Mapping[str, Any]) -> None:
    """Raise BadAnswer for an answer that is not the object which a path's parameters name.

    That is one without an id, or with another where the one asked for is an id of its kind: a model may be asked
    for by an alias.
    """
    if resource.single or resource.get is None:
        return
    found, asked = resource.identity(raw), path[resource.get.placeholders[-1]]
    if not found:
        raise BadAnswer("shape", f"The server answered with something that is no {resource.singular}.")
    if found != asked and asked.startswith(resource.prefixes or ("\0",)):
        raise BadAnswer(
            "shape", f"The server answered with another {resource.singular}: {found} instead of {asked}."
        )


class OneObject(Poller):
    """Keeps one object fresh by its own address while it is on its way: lists of some servers lag behind."""

    def __init__(
        self,
        scheduler: Scheduler,
        clock: Callable[[], float],
        resource: Resource,
        read: Callable[[], Awaitable[Record]],
    ) -> None:
        super().__init__(scheduler, clock)
        self.record: Record | None = None
        self.reading = False  # whether a request is on its way; what the list says meanwhile is older
        self._resource, self._read = resource, read
        self._listeners: Listeners[[Record]] = Listeners()

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call `listener` with the object when it differs from before. Return what ends that."""
        return self._listeners.add(listener)

    async def _round(self) -> bool:
        self.reading = True
        try:
            record = await self._read()
        finally:
            self.reading = False
        if self.record is not None and self.record.raw == record.raw:
            return False
        self.record = record
        self._listeners.tell(record)
        return True

    def _pace(self) -> tuple[float, float]:
        moves = self.record is None or self._resource.active(self.record.object)
        return ACTIVE if moves else (math.inf, math.inf)
