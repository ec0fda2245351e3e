"""Servers that page wrongly: every loop over pages ends, none crashes, and what is not whole is told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.virtual import run
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError
from tui.api.requests import target_of
from tui.headless.lists.listing import Reporter, fetch
from tui.live.lists.collection import Collection
from tui.live.polling.scheduler import Scheduler
from tui.live.polling.tail import Tail
from tui.live.polling.watch import Watch
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tests.support.virtual import VirtualLoop
    from tui.resources.language.resource import Resource

PAGES = 6  # a script is so long at most; then its last page comes again and again
MOST = 40  # requests that a list of a script may take; endless ones stop at what the budget gives
LISTED = [each.name for each in REGISTRY.values() if each.list and not each.single and not each.listed_per]
TAILS = ["events", "audit"]
NUMBERS = st.integers(0, 8)
ITEMS = st.one_of(
    NUMBERS.map(lambda number: {"id": f"id-{number}", "version": f"{number}", "group_id": f"g{number}"}),
    NUMBERS.map(lambda number: {"id": number}),
    st.sampled_from([{}, None, 7, "text", {"id": None}, {"id": ""}, {"id": ["x"]}, [1]]),
)
CURSORS = st.sampled_from([None, "", "id-1", "id-2", "a", "b", 7, {"x": 1}, True])
ENVELOPES = st.fixed_dictionaries(
    {"data": st.one_of(st.lists(ITEMS, max_size=4), st.none())},
    optional={
        "object": st.sampled_from(["list", "page", None]),
        "has_more": st.sampled_from([True, False, None, "true", "false", 1, 0, "perhaps"]),
        "last_id": CURSORS,
        "next": CURSORS,
        "next_page": CURSORS,
        "error": st.sampled_from([None, {}, "half of it", {"message": "half of it"}]),
    },
)
ODD = st.one_of(
    st.lists(ITEMS, max_size=3),
    st.sampled_from([None, "text", 3, {}, {"error": "no"}, {"detail": "no"}]),
    st.just({"data": {"data": [{"id": "id-3"}]}}),
)
ANSWERS = st.one_of(ENVELOPES, ENVELOPES, ENVELOPES, ODD)
SCRIPTS = st.lists(ANSWERS, min_size=1, max_size=PAGES)


@dataclass
class Scripted:
    """A server that answers page after page of a script, the last one for ever; `turning` has cursors turn."""

    script: list[Any]
    turning: bool = False
    path: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.path and request.url.path != f"/v1{self.path}":  # figures that are joined to the list
            return httpx.Response(404, stream=httpx.ByteStream(b""))
        self.asked.append(request.url.path)
        assert len(self.asked) <= MOST, f"it never ends: {self.asked[-3:]}"
        body = self.script[min(len(self.asked), len(self.script)) - 1]
        if self.turning and isinstance(body, dict) and "data" in body:
            turn = f"cursor-{len(self.asked)}"
            body = {**body, "has_more": True, "last_id": turn, "next": turn, "next_page": turn}

        class Body(httpx.AsyncByteStream):
            async def __aiter__(self):  # type: ignore[no-untyped-def]
                yield json.dumps(body).encode()

        return httpx.Response(200, headers={"content-type": "application/json"}, stream=Body())

    def client(self) -> Client:
        keys = [Secret(f"sk-{kind}-" + "TESTONLY" * 4) for kind in ("proj", "admin")]
        connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=keys[0], admin_key=keys[1])
        return Client(connection, transport=httpx.MockTransport(self.answer))

    @property
    def ids(self) -> set[str]:
        """The ids of all objects that were given out."""
        given = self.script[: len(self.asked)]
        pages = [page.get("data") if isinstance(page, dict) else page for page in given]
        pages = [page.get("data") if isinstance(page, dict) else page for page in pages]
        items = [item for page in pages if isinstance(page, list) for item in page if isinstance(item, dict)]
        return {str(item["id"]) for item in items if isinstance(item.get("id"), str | int) and item["id"] != ""}


def scope_of(resource: Resource) -> dict[str, str]:
    assert resource.list
    return dict.fromkeys(resource.list.placeholders, "x")


def scheduler(loop: VirtualLoop, client: Client) -> Scheduler:
    return Scheduler(
        requests_last_minute=lambda: client.exchanges.requests_last_minute(loop.wall()),
        budget=30,
        clock=loop.time,
        wall=loop.wall,
    )


async def loaded(loop: VirtualLoop, server: Scripted, resource: Resource) -> Watch:
    client = server.client()
    watch = Watch(client, Collection(resource, scope_of(resource)), scheduler(loop, client), clock=loop.wall)
    await watch.poll()
    await watch.load_more(all=True)
    await watch.load_more(all=True)
    await watch.poll()
    await watch.load_more()
    await client.aclose()
    return watch


@pytest.mark.parametrize("name", LISTED)
@given(SCRIPTS, st.booleans())
def test_a_list_ends_whatever_the_server_does(name: str, script: list[Any], turning: bool) -> None:
    resource = REGISTRY[name]
    server = Scripted(script, turning)
    watch = run(lambda loop: loaded(loop, server, resource))
    collection = watch.collection
    assert len(set(collection.order)) == len(collection.order), "an object is listed twice"
    assert watch.health.error or collection.complete or collection.cut or collection.next or not collection.order


@pytest.mark.parametrize("name", LISTED)
@given(SCRIPTS, st.booleans())
def test_get_ends_and_tells_what_is_missing(name: str, script: list[Any], turning: bool) -> None:
    resource = REGISTRY[name]
    assert resource.list
    server, told = Scripted(script, turning, target_of(resource.list, scope_of(resource))), list[str]()

    async def main(loop: VirtualLoop) -> list[str] | ApiError:
        try:
            return await get()
        finally:
            for _ in range(3):  # loops over pages that were left early close their generators
                await asyncio.sleep(0)

    async def get() -> list[str] | ApiError:
        client = server.client()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tui.headless.lists.listing.Client", lambda _: client)
            parents = ["x"] * len(resource.list.placeholders) if resource.list else []
            try:
                records, _now = await fetch(
                    client.connection, resource, None, parents, None, Reporter(told.append, told.append)
                )
            except ApiError as error:
                return error
        return [record.id for record in records]

    found = run(main)
    if isinstance(found, ApiError):
        return
    last = server.script[min(len(server.asked), len(server.script)) - 1]
    claims = server.turning or (isinstance(last, dict) and last.get("has_more") in (True, "true", 1))
    if claims and isinstance(last, dict) and "data" in last and not isinstance(last["data"], dict):
        assert any("not whole" in words for words in told), "it was cut without a word"
    if resource.identify == "id":
        assert set(found) - {""} == server.ids, "an object got lost"


@pytest.mark.parametrize("name", TAILS)
@given(SCRIPTS, st.booleans())
@example(script=[[{"id": "b"}, {"id": "a"}], [{"id": "a"}, {"id": "b"}, {"id": "c"}]], turning=False)
def test_a_tail_ends_whatever_the_server_does(name: str, script: list[Any], turning: bool) -> None:
    resource = REGISTRY[name]
    server = Scripted(script, turning)

    async def main(loop: VirtualLoop) -> Tail:
        client = server.client()
        asks = scheduler(loop, client)
        tail = Tail(client, resource, scope_of(resource), asks, active=lambda: True, clock=loop.wall)
        await tail.poll()
        await tail.older(all=True)
        await tail.poll()
        await tail.older(all=True)
        await client.aclose()
        return tail

    tail = run(main)
    ids = [entry.id for entry in tail.entries]
    assert len(set(ids)) == len(ids)


def page(*numbers: int, **envelope: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": f"id-{number}"} for number in numbers], **envelope}


@pytest.mark.parametrize(
    ("script", "turning", "objects", "requests"),
    [
        ([page(*range(10), last_id="id-9")], False, 10, 2),  # the cursor is ignored, and has_more is not told
        ([page(*range(10), has_more=True)], False, 10, 2),
        ([page(*range(5), has_more=True), page(has_more=True)], False, 5, 2),  # nothing, and more
        ([page(0, 1), page(2), page(0)], True, 3, 3),  # ever new cursors
        ([page(0, has_more=True, next=None)], False, 1, 1),  # more, and no way to it
    ],
)
def test_a_list_that_is_cut_says_so_and_is_asked_no_more(
    script: list[Any], turning: bool, objects: int, requests: int
) -> None:
    server = Scripted(script, turning)

    async def main(loop: VirtualLoop) -> None:
        client = server.client()
        watch = Watch(client, Collection(REGISTRY["batches"]), scheduler(loop, client), clock=loop.wall)
        await watch.poll()
        await watch.load_more(all=True)
        assert (len(watch.collection.records), len(server.asked)) == (objects, requests)
        assert watch.collection.cut
        assert not watch.collection.complete
        assert watch.health.error is None
        for _ in range(3):  # as scrolling to the end does
            await watch.load_more()
        assert len(server.asked) == requests, "what led nowhere was asked again"
        await client.aclose()

    run(main)


def test_loading_all_stays_within_the_budget() -> None:
    """A list without end takes as many requests as a minute may have, in each minute."""
    asked: list[float] = []

    async def main(loop: VirtualLoop) -> None:
        def answer(_: httpx.Request) -> httpx.Response:
            asked.append(loop.time())
            if len(asked) >= 100:
                watch.loading_more = False

            class Body(httpx.AsyncByteStream):
                async def __aiter__(self):  # type: ignore[no-untyped-def]
                    yield json.dumps(page(len(asked), has_more=True)).encode()

            return httpx.Response(200, stream=Body())

        client = Scripted([]).client()
        client = Client(client.connection, transport=httpx.MockTransport(answer), clock=loop.wall)
        watch = Watch(client, Collection(REGISTRY["batches"]), scheduler(loop, client), clock=loop.wall)
        await watch.load_more(all=True)
        await client.aclose()

    run(main)
    assert len(asked) == 100
    assert max(sum(begin <= when < begin + 60 for when in asked) for begin in asked) <= 30
