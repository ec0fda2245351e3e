"""Lists of many parents, some of which fail: the rest is listed once; what failed is told and asked for again."""

from __future__ import annotations

import asyncio
import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.virtual import Running, run
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError
from tui.api.requests import target_of
from tui.live.fan_out.at_once import read_all_rows
from tui.live.fan_out.sweep import FanOut
from tui.live.lists.collection import Collection
from tui.live.polling.scheduler import Scheduler
from tui.live.shortfall import IN_A_ROW
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.virtual import VirtualLoop
    from tui.resources.language.resource import Resource

LISTED = [resource.name for resource in REGISTRY.values() if resource.listed_per]
FAULTS = ("403", "404", "429", "500", "refused", "cut", "broken", "error with 200", "endless")
FOR_EVER = 1_000


@dataclass
class Fault:
    """How a parent's list fails, and how many requests long."""

    kind: str
    times: int


@dataclass
class Parents:
    """A server of parents, each with a list; pages of two. `faults` are by the number of the parent."""

    resource: Resource
    sizes: list[int]
    faults: dict[int, Fault]
    asked: list[int] = field(default_factory=list)
    """The parents in the order in which their lists were asked for."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        parent = REGISTRY[self.resource.listed_per]
        assert parent.list
        assert self.resource.list
        path = request.url.path.removeprefix("/v1")
        after = request.url.params.get("after", "")
        if path == parent.list.path:
            return self._page([{"id": f"p{at}", "name": f"parent {at}"} for at in range(len(self.sizes))], after)
        for at in range(len(self.sizes)):
            if path == target_of(self.resource.list, {self.resource.list.placeholders[-1]: f"p{at}"}):
                self.asked.append(at)
                assert len(self.asked) < 2_000, "it never ends"
                fault = self.faults.get(at)
                if fault and fault.times > 0:
                    fault.times -= 1
                    return self._fail(fault.kind, at, after)
                return self._page(self.items(at), after)
        raise AssertionError(f"nobody asks for {path}")

    def items(self, at: int) -> list[dict[str, Any]]:
        return [{"id": f"i{at}-{number}", "name": f"item {number}"} for number in range(self.sizes[at])]

    def rows(self, *, without: Iterable[int] = ()) -> list[tuple[str, str]]:
        """What there is to list: the parent and the id of each item."""
        every = range(len(self.sizes))
        return [(f"p{at}", item["id"]) for at in every if at not in without for item in self.items(at)]

    def _page(self, items: list[dict[str, Any]], after: str) -> httpx.Response:
        ids = [item["id"] for item in items]
        start = (
            ids.index(after) + 1 if after in ids else 0
        )  # a cursor from before it was mended leads to the start
        page = items[start : start + 2]
        last = page[-1]["id"] if page else None
        return listing(page, more=start + 2 < len(items), last=last)

    def _fail(self, kind: str, at: int, after: str) -> httpx.Response:
        match kind:
            case "refused":
                raise httpx.ConnectError("refused")
            case "cut":
                raise httpx.ReadError("cut")
            case "broken":
                return httpx.Response(200, headers=JSON, stream=httpx.ByteStream(b'{"data": ['))
            case "error with 200":
                return answered({"error": {"message": "it broke", "type": "server_error"}})
            case "endless":  # ever new cursors to the same object, which is none of the list
                turn = f"{after}x"
                return listing([{"id": f"odd-{at}"}], more=True, last=turn)
            case status:
                return answered({"error": {"message": "no"}}, int(status))


JSON = {"content-type": "application/json"}


def listing(items: list[dict[str, Any]], *, more: bool, last: str | None) -> httpx.Response:
    return answered({"object": "list", "data": items, "has_more": more, "last_id": last})


def answered(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, headers=JSON, stream=httpx.ByteStream(json.dumps(body).encode()))


def connect(loop: VirtualLoop, server: Parents) -> Client:
    keys = [Secret(f"sk-{kind}-" + "TESTONLY" * 4) for kind in ("proj", "admin")]
    connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=keys[0], admin_key=keys[1])
    return Client(connection, transport=httpx.MockTransport(server.answer), clock=loop.wall)


@st.composite
def worlds(draw: st.DrawFn, times: st.SearchStrategy[int]) -> tuple[list[int], dict[int, Fault]]:
    """The sizes of the parents' lists, and which of them fail how; one at least does not."""
    sizes = draw(st.lists(st.integers(0, 5), min_size=2, max_size=9))
    failing = draw(st.sets(st.integers(0, len(sizes) - 1), max_size=len(sizes) - 1))
    return sizes, {at: Fault(draw(st.sampled_from(FAULTS)), draw(times)) for at in failing}


async def hours(condition: Callable[[], bool]) -> None:
    """Wait for a condition for hours, looking seldom."""
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(10)
    raise AssertionError("not in hours")


def listed(fan: FanOut, holder: str) -> list[tuple[str, str]]:
    """What is listed of the parents' lists: the parent and the id; without what only faulty answers hold."""
    rows = (record.raw for record in fan.collection.records.values())
    return sorted((raw[holder]["id"], raw["id"]) for raw in rows if not raw["id"].startswith("odd-"))


@pytest.mark.parametrize("name", LISTED)
@examples(3)
@given(worlds(st.just(FOR_EVER)))
@example(([1, 1, 1], {1: Fault("429", FOR_EVER), 2: Fault("429", FOR_EVER)}))  # the last ones, over and over
def test_what_fails_is_told_and_the_rest_is_listed_once(
    name: str, world: tuple[list[int], dict[int, Fault]]
) -> None:
    resource = REGISTRY[name]
    parent = REGISTRY[resource.listed_per]
    server = Parents(resource, *deepcopy(world))  # which it mends
    good = sorted(server.rows(without=set(server.faults)))

    async def main(loop: VirtualLoop) -> None:
        client = connect(loop, server)
        scheduler = Scheduler(
            requests_last_minute=lambda: client.exchanges.requests_last_minute(loop.wall()),
            budget=60,
            clock=loop.time,
            wall=loop.wall,
        )
        async with Running(scheduler):
            fan = FanOut(client, Collection(resource), scheduler, parent, clock=loop.wall)
            fan.start()
            await hours(lambda: fan._whole and not fan._pending)
            assert listed(fan, parent.singular) == good
            count = len(server.faults)
            assert bool(fan.unread) == bool(count)
            if count:
                assert f"{count} of {len(server.sizes)} {parent.name} could not be read" in fan.unread
                assert sum(f"p{at} (" in fan.unread for at in server.faults) == min(count, 3)
            # Over there it is mended: what failed is asked for again, and then everything is there.
            server.asked.clear()
            for fault in server.faults.values():
                fault.times = 0
            await hours(lambda: not fan.unread and fan.collection.complete)
            assert listed(fan, parent.singular) == sorted(server.rows())
            assert len(fan.collection.records) == len(server.rows())
            assert set(server.faults) <= set(server.asked)
            fan.stop()
        await client.aclose()

    run(main)


@pytest.mark.parametrize("name", LISTED)
@examples(3)
@given(worlds(st.sampled_from([1, 2, FOR_EVER])))
@example(([1, 1, 1], {0: Fault("429", FOR_EVER), 1: Fault("refused", FOR_EVER)}))  # each for a reason of its own
def test_who_waits_for_all_of_it_gets_the_good_and_hears_of_the_bad(
    name: str, world: tuple[list[int], dict[int, Fault]]
) -> None:
    resource = REGISTRY[name]
    parent = REGISTRY[resource.listed_per]
    server = Parents(resource, *world)

    async def main(loop: VirtualLoop) -> tuple[list[Any] | ApiError, list[str]]:
        client, told = connect(loop, server), list[str]()
        try:
            rows = await read_all_rows(client, resource, parent, on_missing=told.append)
        except ApiError as error:
            return error, told
        finally:
            await client.aclose()
        return rows, told

    rows, told = run(main)
    if isinstance(rows, ApiError):  # several failed from the first on, as every one would
        kinds = ["link" if fault.kind in ("refused", "cut") else fault.kind for fault in server.faults.values()]
        assert len(kinds) >= IN_A_ROW or len(set(kinds)) < len(kinds)
        return
    found = sorted((row[parent.singular]["id"], row["id"]) for row in rows if not row["id"].startswith("odd-"))
    assert len(set(found)) == len(found)
    for at in range(len(server.sizes)):
        mine = [id_ for id_ in found if id_[0] == f"p{at}"]
        wanted = sorted(each for each in server.rows() if each[0] == f"p{at}")
        assert mine == wanted or any("could not be read" in each for each in told), at
    if not server.faults:
        assert not told
