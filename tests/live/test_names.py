"""Names of objects that others name by id: few requests, no repeated ones, none that are refused twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.support.virtual import EVENTS, THINGS, FakeClient, VirtualLoop, run, things
from tui.api.errors import NotFound
from tui.live.names import FEW, PAUSE
from tui.live.platform import Platform
from tui.resources.language.column import Column

NAMED = replace(THINGS, title="name", columns=(Column("ID", "id"), Column("NAME", "name")))
REGISTRY = {"things": NAMED, "events": EVENTS}


def platform_on(client: FakeClient) -> Platform:
    client.items = [{**thing, "name": f"Thing {thing['id'][6:]}"} for thing in things(10)]
    platform = Platform(client.as_client, REGISTRY, clock=client.loop.wall)
    platform.scheduler = client.scheduler()
    return platform


def test_many_ids_cost_one_request_and_those_without_a_name_none() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop)
        names = platform_on(client).names
        heard: list[int] = []
        names.subscribe(lambda: heard.append(1))
        many = [f"thing_{number}" for number in range(FEW)]
        assert {names.of(id_) for id_ in (*many, "thing_gone", "elsewhere_1", "")} == {""}
        await asyncio.sleep(5)
        assert heard == [1]
        assert [names.of(id_) for id_ in ("thing_1", "thing_2", "thing_gone")] == ["Thing 1", "Thing 2", ""]
        await asyncio.sleep(PAUSE)
        assert names.of("thing_gone") == "", "an id without a name is not asked for again"
        await asyncio.sleep(5)
        assert len(client.calls) == 1

    run(main)


def test_a_few_are_asked_for_each_however_long_their_list() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop)
        names = platform_on(client).names
        assert {names.of(id_) for id_ in ("thing_1", "thing_9")} == {""}
        await asyncio.sleep(5)
        assert [names.of(id_) for id_ in ("thing_1", "thing_9")] == ["Thing 1", "Thing 9"]
        assert {operation for operation, _ in client.calls} == {"getThing"}

    run(main)


def test_what_a_list_holds_that_is_loaded_is_not_asked_for() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop)
        platform = platform_on(client)
        await platform.watch(NAMED).refresh()
        assert platform.names.of("thing_9") == "Thing 9"
        assert len(client.calls) == 1

    run(main)


def test_a_list_that_is_refused_is_asked_for_once_and_none_while_held_or_without_a_budget() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop)
        platform = platform_on(client)
        platform.scheduler.held = True
        platform.names.of("thing_1")
        platform.scheduler.held = False
        platform.scheduler.budget = 0
        platform.names.of("thing_1")
        await asyncio.sleep(5)
        assert client.calls == []
        platform.scheduler.budget = 30
        client.fault = lambda: NotFound(404)
        for _ in range(3):
            assert platform.names.of("thing_1") == ""
            await asyncio.sleep(2 * PAUSE)
        assert len(client.calls) == 1

    run(main)
