"""What people call the objects that others name by their id: asked for a list at a time, never one by one."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.api.operation import Key
from tui.live.poller import REFUSALS, attach
from tui.resources.base import value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.platform import Platform
    from tui.resources.base import Resource
    from tui.resources.objects import Record

PAUSE = 10.0  # seconds before a list is asked again


class Names:
    """Names by id, from what is loaded and else from one page of a list, as large as may be.

    An id that this page does not hold has no name from then on. A list that is refused is not asked again.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._known: dict[str, str] = {}
        self._wanted: dict[str, set[str]] = {}  # by resource, ids whose names were asked for in vain
        self._next: dict[str, float] = {}  # by resource, when its list may be asked again
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Hear that names came to be known. Returns what ends it."""
        return attach(self._listeners, listener)

    def of(self, id_: str) -> str:
        """The name of an object; "" while it is not known, which has its list asked for, or when it has none."""
        resource = self._platform.find(id_)
        if resource is None or resource.title == resource.identify:
            return ""
        for collection in self._platform.loaded():
            if collection.resource is resource and id_ in collection.records:
                return _called(resource, collection.records[id_])
        if id_ not in self._known:
            self._want(resource, id_)
        return self._known.get(id_, "")

    def close(self) -> None:
        """Ask no more."""
        for task in self._asking.values():
            task.cancel()

    def _want(self, resource: Resource, id_: str) -> None:
        """Ask for a list by itself with the project's key, when nothing speaks against it."""
        if resource.list is None or resource.within or resource.key is not Key.PROJECT:
            return
        self._wanted.setdefault(resource.name, set()).add(id_)
        scheduler = self._platform.scheduler
        wait = self._next.get(resource.name, 0.0) - self._platform.now()
        if wait == math.inf or resource.name in self._asking or scheduler.held or scheduler.room <= 0:
            return
        task = asyncio.get_running_loop().create_task(self._ask(resource, max(0.0, wait)))
        self._asking[resource.name] = task
        task.add_done_callback(lambda _: self._asking.pop(resource.name, None))

    async def _ask(self, resource: Resource, wait: float) -> None:
        assert resource.list
        await asyncio.sleep(wait)
        self._next[resource.name] = self._platform.now() + PAUSE
        try:
            page = await self._platform.client.page(resource.list, query=resource.query, limit=resource.page_max)
        except ApiError as error:
            if isinstance(error, REFUSALS):
                self._next[resource.name] = math.inf
            return
        records = (resource.record(raw) for raw in page.items if isinstance(raw, dict))
        found = {record.id: _called(resource, record) for record in records}
        self._known |= {**dict.fromkeys(self._wanted.pop(resource.name, ()), ""), **found}
        for listener in tuple(self._listeners):
            listener()


def _called(resource: Resource, record: Record) -> str:
    """What people call an object; "" where that is nothing to be seen."""
    name = str(value_of(resource.title, record) or "")
    return name if name.strip() else ""
