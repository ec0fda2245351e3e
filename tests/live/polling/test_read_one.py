"""One object read by its id: an answer that is none is told, wherever it is read."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.virtual import VirtualLoop, run
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError, BadAnswer
from tui.api.requests import fill_path, order_ids, target_of
from tui.headless.lists.listing import fetch
from tui.live.platform import Platform
from tui.live.polling.read_one import OneObject, read_one
from tui.live.polling.scheduler import Scheduler
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tui.resources.language.resource import Resource

READ = [resource for resource in REGISTRY.values() if resource.get is not None and not resource.single]


def client_of(body: Any) -> Client:
    project, admin = (Secret(f"sk-{kind}-" + "TESTONLY" * 4) for kind in ("proj", "admin"))
    connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=project, admin_key=admin)

    class Body(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            yield httpx.Response(200, json=body).content

    return Client(connection, transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=Body())))


@pytest.mark.parametrize("resource", READ, ids=lambda resource: resource.name)
async def test_an_answer_that_is_no_object_is_an_error(resource: Resource) -> None:
    assert resource.get
    bodies: tuple[Any, ...] = (
        {},
        {"object": "list", "data": []},
        {"error": {"message": "oh"}},
        {"error": "oh"},
        {"detail": "oh"},
        [],
        None,
    )
    for body in bodies:
        client = client_of(body)
        with pytest.raises(ApiError):
            await read_one(client, resource, dict.fromkeys(resource.get.placeholders, "x"))
            pytest.fail(f"{body!r} was taken for an object")
        await client.aclose()


@pytest.mark.parametrize("resource", READ, ids=lambda resource: resource.name)
async def test_an_object_with_an_error_of_its_own_is_one(resource: Resource) -> None:
    assert resource.get
    client = client_of({"id": "x", resource.identify: "x", "error": {"code": "c", "message": "failed"}})
    raw = await read_one(client, resource, dict.fromkeys(resource.get.placeholders, "x"))
    assert resource.record(raw).id == "x"
    await client.aclose()


@pytest.mark.parametrize("resource", [each for each in READ if each.prefixes], ids=lambda resource: resource.name)
async def test_another_object_than_the_one_asked_for_is_refused(resource: Resource) -> None:
    assert resource.get
    asked, other = (f"{resource.prefixes[0]}{n}" for n in (1, 2))
    path = {**dict.fromkeys(resource.get.placeholders, "x"), resource.get.placeholders[-1]: asked}
    client = client_of({"id": other, resource.identify: other})
    with pytest.raises(ApiError, match=f"{other} instead of {asked}"):
        await read_one(client, resource, path)
    await client.aclose()


async def test_a_model_may_be_asked_for_by_an_alias() -> None:
    client = client_of({"id": "gpt-4o-2024"})
    assert (await read_one(client, REGISTRY["models"], {"model": "gpt-4o"}))["id"] == "gpt-4o-2024"
    await client.aclose()


def test_paths_are_filled_in_one_way() -> None:
    batches = REGISTRY["batches"].get
    steps = REGISTRY["steps"].list
    assert batches
    assert steps
    assert fill_path(batches, {}, "a b") == order_ids(batches, [], "a b") == {"batch_id": "a b"}
    assert target_of(batches, {"batch_id": "a b"}) == "/batches/a%20b"
    assert order_ids(steps, ["t", "r"]) == {"thread_id": "t", "run_id": "r"}
    for wrong in ("", ".", ".."):
        with pytest.raises(ApiError, match="needs a batch id"):
            fill_path(batches, {}, wrong)
    with pytest.raises(ApiError, match="Say which thread and run: --in THREAD_ID --in RUN_ID"):
        order_ids(steps, ["t"])


async def test_get_ends_with_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    made = client_of({"object": "list"})
    monkeypatch.setattr("tui.headless.lists.listing.Client", lambda _: made)
    with pytest.raises(BadAnswer, match="no batch"):
        await fetch(made.connection, REGISTRY["batches"], "batch_1", [], None)


def test_an_object_open_by_itself_is_read_while_its_list_stands_still() -> None:
    """A list that says `in_progress` for ever does not keep the object from being seen to end."""
    asked = {"list": 0, "object": 0}

    async def main(loop: VirtualLoop) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            whole = request.url.path.endswith("/batches")
            asked["list" if whole else "object"] += 1
            status = "in_progress" if whole or asked["object"] < 4 else "completed"
            raw = {"id": "batch_1", "object": "batch", "status": status}
            body = {"object": "list", "data": [raw], "has_more": False} if whole else raw

            class Body(httpx.AsyncByteStream):
                async def __aiter__(self):  # type: ignore[no-untyped-def]
                    yield json.dumps(body).encode()

            return httpx.Response(200, stream=Body())

        client = Client(client_of({}).connection, transport=httpx.MockTransport(answer), clock=loop.wall)
        platform = Platform(client, REGISTRY, clock=loop.wall)
        platform.scheduler = Scheduler(
            requests_last_minute=lambda: platform.requests_last_minute, budget=60, clock=loop.time, wall=loop.wall
        )
        read = partial(platform.get, REGISTRY["batches"], {}, "batch_1")
        one = OneObject(platform.scheduler, platform.now, REGISTRY["batches"], read)
        seen: list[Any] = []
        one.subscribe(lambda record: seen.append(record.raw["status"]))
        running = asyncio.ensure_future(platform.run())
        watch = platform.watch(REGISTRY["batches"])
        watch.start()
        one.start()
        await asyncio.sleep(120)
        one.stop()
        watch.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await platform.aclose()
        assert seen == ["in_progress", "completed"]
        assert asked["object"] <= 6, "a batch that is over is read on and on"
        assert asked["list"] < 40

    run(main)
