"""Time that passes at once, and a platform in memory, for tests of what takes hours and meets failures."""

from __future__ import annotations

import asyncio
import selectors
from bisect import bisect_right
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tui.api.errors import ApiError, Invalid, LinkError, NotFound, ServerError
from tui.api.operation import Operation
from tui.api.paging.pages import Page
from tui.live.platform import Platform
from tui.live.polling.scheduler import Scheduler
from tui.resources.language.action import Action, Call
from tui.resources.language.column import Column
from tui.resources.language.objects import Object
from tui.resources.language.resource import Child, Resource
from tui.workflows.plan.plan import make_steps
from tui.workflows.plan.run import PlanRun, begin_each

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from tui.api.client import Client

T = TypeVar("T")
EPOCH = 1_700_000_000.0  # wall time at which a test begins


class _Jump(selectors.SelectSelector):
    """Waits no real time: where a loop would sleep, its clock jumps."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everything waits, and nothing will ever happen")
        self.loop.now += max(0.0, timeout)
        return []  # nothing comes from outside


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock runs as fast as the work allows."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asleep = 0.0  # seconds the machine was suspended, which only the wall clock counts
        selector = _Jump()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def wall(self) -> float:
        return EPOCH + self.now + self.asleep


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run `main` in virtual time; whatever it leaves behind fails the test."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(main(loop))
        left = asyncio.all_tasks(loop)
        assert not left, f"tasks left behind: {left}"
        return result
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class Running:
    """Runs a scheduler for the length of a `with` block."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    async def __aenter__(self) -> Scheduler:
        self._task = asyncio.ensure_future(self._scheduler.run())
        return self._scheduler

    async def __aexit__(self, *_: object) -> None:
        assert not self._task.done(), f"the scheduler ended: {self._task}"
        self._task.cancel()
        await asyncio.wait([self._task])


class Thing(Object):
    status: str | None = None


BUSY = ("in_progress", "cancelling")
EVENTS = Resource(
    name="events",
    singular="event",
    family="Things",
    model=Object,
    parent="things",
    page=4,
    list=Operation("listEvents", "GET", "/things/{thing_id}/events"),
    columns=(Column("ID", "id"),),
)
THINGS = Resource(
    name="things",
    singular="thing",
    family="Things",
    model=Thing,
    prefixes=("thing_",),
    list=Operation("listThings", "GET", "/things"),
    get=Operation("getThing", "GET", "/things/{thing_id}"),
    page=5,
    page_max=20,
    query={"order": "desc"},
    active=lambda thing: thing.status in BUSY,
    columns=(Column("ID", "id"), Column("STATUS", "status")),
    actions=(
        Action("create", "n", "new", Call(Operation("createThing", "POST", "/things")), on="list"),
        Action(
            "cancel", "x", "cancel", Call(Operation("cancelThing", "POST", "/things/{thing_id}/cancel")), on="many"
        ),
        Action("delete", "d", "delete", Call(Operation("deleteThing", "DELETE", "/things/{thing_id}")), on="many"),
        Action(
            "check", "c", "check", Call(Operation("checkThing", "POST", "/things/check", safe=True)), on="list"
        ),
        Action("touch", "t", "touch", Call(Operation("touchThing", "POST", "/things/{thing_id}/touch"))),
    ),
    children=(Child("events", tail=True),),
)
REGISTRY = {resource.name: resource for resource in (THINGS, EVENTS)}


@dataclass
class FakeClient:
    """The platform, in memory: `items` is its list, newest first. Every request is timed in `asked`.

    `fault` is asked before each answer and may give an error. The answer is made in the middle of `latency`.
    """

    loop: VirtualLoop
    items: list[dict[str, Any]] = field(default_factory=list)
    latency: float = 0.1
    skew: float = 0.0
    page_size: int | None = None  # how many items the server gives at most, whatever the limit
    fault: Callable[[], ApiError | None] = lambda: None
    refused: dict[str, ApiError] = field(default_factory=dict)  # by id, what a call for it gets
    slow: set[str] = field(default_factory=set)  # ids of what is as before when its cancelling is answered
    asked: list[float] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    queries: list[dict[str, Any]] = field(default_factory=list)
    running: int = 0
    peak: int = 0
    closed: bool = False

    @property
    def connection(self) -> Any:
        return SimpleNamespace(requests_per_minute=30)

    @property
    def exchanges(self) -> Any:
        return SimpleNamespace(requests_last_minute=lambda now: self.last_minute(now - EPOCH))

    def last_minute(self, now: float | None = None) -> int:
        now = self.loop.now if now is None else now
        return len(self.asked) - bisect_right(self.asked, now - 60)

    async def _travel(self, answer: Callable[[], T]) -> T:
        self.asked.append(self.loop.now)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await asyncio.sleep(self.latency / 2)
            error = self.fault()
            if error:
                raise error
            result = answer()
            await asyncio.sleep(self.latency / 2)
            return result
        finally:
            self.running -= 1

    async def page(
        self,
        operation: Operation,
        path: Mapping[str, str] = {},
        *,
        query: Mapping[str, Any] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Page:
        self.calls.append((operation.name, dict(path)))
        self.queries.append(dict(query or {}))
        most = min(limit or 20, self.page_size or 1000)
        return await self._travel(lambda: self._page(self.list_items(path), after, most, query or {}))

    def list_items(self, path: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        """What the list of a path holds."""
        return self.items

    def _page(
        self, held: Sequence[Mapping[str, Any]], after: str | None, limit: int, query: Mapping[str, Any]
    ) -> Page:
        listed = [dict(item) for item in held if query.get("kind") in (None, item.get("kind"))]
        start = 0
        if after is not None:
            start = next((i + 1 for i, item in enumerate(listed) if item["id"] == after), 0)
            if not start:
                raise Invalid(400, f"Invalid 'after': {after}", param="after")
        items = listed[start : start + limit]
        more = start + limit < len(listed)
        return Page(items, more, after, items[-1]["id"] if more and items else None)

    async def call(
        self,
        operation: Operation,
        path: Mapping[str, str] = {},
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        check: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        self.calls.append((operation.name, dict(path)))
        answer = await self._travel(lambda: self._answer(operation, path, body or {}))
        if check:
            check(answer)
        return answer

    def _answer(self, operation: Operation, path: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        if operation.name == "createThing":
            self.items.insert(0, {"id": f"thing_new{len(self.items)}", "status": "in_progress", **body})
            return dict(self.items[0])
        if operation.name == "checkThing":
            return {"id": "thing_checked", "result": "pass"}
        if path["thing_id"] in self.refused:
            raise self.refused[path["thing_id"]]
        found = next((item for item in self.items if item["id"] == path["thing_id"]), None)
        if found is None:
            raise NotFound(404)
        if operation.name == "cancelThing":
            found["status"] = found["status"] if found["id"] in self.slow else "cancelling"
        if operation.name == "touchThing":
            return {"id": "touch_1", "object": "touch"}
        if operation.method == "DELETE":
            self.items.remove(found)
            return {"id": found["id"], "deleted": True}
        return dict(found)

    async def aclose(self) -> None:
        self.closed = True

    def scheduler(self, **options: Any) -> Scheduler:
        """A scheduler in the same time."""
        return Scheduler(
            **{
                "requests_last_minute": self.last_minute,
                "budget": 30,
                "clock": self.loop.time,
                "wall": self.loop.wall,
                **options,
            }
        )

    @property
    def as_client(self) -> Client:
        return cast("Client", self)


def things(count: int, status: str = "completed") -> list[dict[str, Any]]:
    """So many things, newest first."""
    return [{"id": f"thing_{i}", "status": status, "created_at": 1000 + i} for i in reversed(range(count))]


def down() -> ApiError:
    return LinkError("refused", "The server cannot be reached.")


def broken() -> ApiError:
    return ServerError(502)


async def until(condition: Callable[[], object], seconds: float = 600.0, step: float = 0.05) -> float:
    """Wait for a condition; gives the virtual seconds that took."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    while not condition():
        assert loop.time() - start < seconds, "it did not happen in time"
        await asyncio.sleep(step)
    return loop.time() - start


def busiest_minute(times: Sequence[float]) -> int:
    """The most requests in any 60 seconds."""
    most, first = 0, 0
    for i, at in enumerate(times):
        while times[first] <= at - 60:
            first += 1
        most = max(most, i - first + 1)
    return most


def platform_on(client: FakeClient) -> Platform:
    """A platform connected to a client in memory."""
    platform = Platform(client.as_client, REGISTRY, clock=client.loop.wall)
    platform.scheduler = client.scheduler()
    return platform


def do_to_each(platform: Platform, ids: Sequence[str], name: str) -> PlanRun:
    """Begin to do something to many things."""
    records = [THINGS.record({"id": id_}) for id_ in ids]
    return begin_each(platform, make_steps(platform, THINGS, {}, records, action(name)))


def action(name: str) -> Action:
    """An action on things."""
    found = THINGS.action(name)
    assert found
    return found
