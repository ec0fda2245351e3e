"""Display names for ids: from loaded lists first, then up to four GETs or one page of a list."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from tui.api.errors import ApiError, NotFound
from tui.api.operation import Key
from tui.api.requests import fill_path
from tui.live.listeners import Listeners
from tui.live.polling.read_one import read_one
from tui.resources.language.column import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui.api.client import Client
    from tui.live.lists.collection import Collection
    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

PAUSE = 5.0  # seconds before objects of a kind are asked for again
FEW = 4  # up to so many are asked for each: their list may hold a hundred thousand
PAGE = 1_000  # objects of a list that are asked for at most


class Known(Protocol):
    """The platform, as far as it is needed to find names."""

    client: Client
    scheduler: Scheduler

    def find(self, id_: str) -> Resource | None:
        """Return the resource that an id belongs to."""

    def loaded(self) -> Iterable[Collection]:
        """Return the collections in memory."""

    def now(self) -> float:
        """Return the server's time, unix seconds."""


class Names:
    """Display names by id.

    An id that is not found has no name from then on. What is refused is not asked for again.
    """

    def __init__(self, platform: Known) -> None:
        self._platform = platform
        self._known: dict[str, str] = {}
        self._wanted: dict[str, set[str]] = {}  # by resource, ids whose names were asked for in vain
        self._next: dict[str, float] = {}  # by resource, when its list may be asked again
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._listeners: Listeners[[]] = Listeners()

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call `listener` when names came to be known. Return what ends that."""
        return self._listeners.add(listener)

    def of(self, id_: str) -> str:
        """Return the name of an object; "" while it is not known, which has it asked for, or when it has none."""
        resource = self._platform.find(id_)
        if resource is None or resource.title == resource.identify:
            return ""
        for collection in self._platform.loaded():
            if collection.resource is resource and id_ in collection.records:
                return _display_name(resource, collection.records[id_])
        if id_ not in self._known:
            self._want(resource, id_)
        return self._known.get(id_, "")

    def close(self) -> None:
        """Cancel what is being asked."""
        for task in self._asking.values():
            task.cancel()

    def _want(self, resource: Resource, id_: str) -> None:
        """Ask with the project's key, when nothing speaks against it."""
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
        await asyncio.sleep(wait)
        self._next[resource.name] = self._platform.now() + PAUSE
        ids = self._wanted.pop(resource.name, set())
        try:
            found = await (self._each if resource.get and len(ids) <= FEW else self._read_list)(resource, ids)
        except ApiError as error:
            self._wanted.setdefault(resource.name, set()).update(ids)
            if error.permanent:
                self._next[resource.name] = math.inf
            return
        records = (resource.record(raw) for raw in found if isinstance(raw, dict))
        names = {record.id: _display_name(resource, record) for record in records}
        self._known |= {**dict.fromkeys(ids, ""), **names}
        self._listeners.tell()

    async def _each(self, resource: Resource, ids: set[str]) -> list[Any]:
        assert resource.get
        found: list[Any] = []
        for id_ in sorted(ids):
            with suppress(NotFound):  # a file may have been deleted before what names it
                found.append(await read_one(self._platform.client, resource, fill_path(resource.get, {}, id_)))
        return found

    async def _read_list(self, resource: Resource, _ids: set[str]) -> list[Any]:
        assert resource.list
        limit = min(resource.page_max, PAGE)
        return (await self._platform.client.page(resource.list, query=resource.query, limit=limit)).items


def _display_name(resource: Resource, record: Record) -> str:
    """Return what people call an object; "" where that is nothing to be seen."""
    name = str(value_of(resource.title, record) or "")
    return name if name.strip() else ""
