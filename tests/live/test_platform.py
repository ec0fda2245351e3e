"""The connected platform: places, paths, actions, bulk actions, the header's health."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.virtual import (
    EPOCH,
    EVENTS,
    THINGS,
    FakeClient,
    VirtualLoop,
    action,
    broken,
    do_to_each,
    platform_on,
    run,
    things,
    until,
)
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.errors import ApiError, BadRequest, Conflict, Forbidden, LinkError, NotFound, OutcomeUnknown, ReadOnly
from tui.api.operation import Operation
from tui.live.platform import Platform
from tui.live.polling.pollers import HIDDEN
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tui.live.polling.poller import Health
    from tui.workflows.plan.plan import StepOutcome


async def opened(client: FakeClient) -> Platform:
    """A platform whose list of things was loaded once."""
    platform = platform_on(client)
    await platform.watch(THINGS).refresh()
    return platform


def test_a_place_has_one_watch_and_one_tail() -> None:
    async def main(loop: VirtualLoop) -> None:
        platform = platform_on(FakeClient(loop))
        assert platform.watch(THINGS) is platform.watch(THINGS, {"unrelated": "1"})
        first = platform.watch(EVENTS, {"thing_id": "a"})
        assert first is platform.watch(EVENTS, {"thing_id": "a"})
        assert first is not platform.watch(EVENTS, {"thing_id": "b"})
        tail = platform.tail(EVENTS, {"thing_id": "a"}, lambda: False)
        assert tail is platform.tail(EVENTS, {"thing_id": "a"}, lambda: True)
        assert tail.active(), "the newer word on whether it is active is not taken"

    run(main)


def test_lets_go_of_what_is_hidden_for_longest_and_of_nothing_visible() -> None:
    async def main(loop: VirtualLoop) -> None:
        platform = platform_on(FakeClient(loop))
        shown = platform.watch(EVENTS, {"thing_id": "shown"})
        shown.start()
        oldest = platform.watch(EVENTS, {"thing_id": "0"})
        used = platform.watch(EVENTS, {"thing_id": "1"})
        for i in range(2, HIDDEN + 1):
            platform.watch(EVENTS, {"thing_id": str(i)})
            assert platform.watch(EVENTS, {"thing_id": "1"}) is used
        assert platform.watch(EVENTS, {"thing_id": "shown"}) is shown
        assert platform._pollers.watch_of(EVENTS, {"thing_id": "0"}) is None
        assert platform.watch(EVENTS, {"thing_id": "0"}) is oldest, "two of a place would ask for everything twice"
        for i in range(10_000):
            platform.watch(EVENTS, {"thing_id": f"x{i}"})
        assert len(platform._pollers) <= HIDDEN + 1
        shown.stop()
        await asyncio.sleep(1)

    run(main)


def test_paths_are_filled_from_the_object_and_the_scope() -> None:
    async def main(loop: VirtualLoop) -> None:
        platform = platform_on(FakeClient(loop))
        thing = THINGS.record({"id": "thing_1"})
        cancel = action("cancel").operation
        nested = Operation("x", "DELETE", "/a/{project_id}/things/{thing_id}")
        assert EVENTS.list
        assert platform.path(cancel, thing, THINGS, {}) == {"thing_id": "thing_1"}
        assert platform.path(nested, thing, THINGS, {"project_id": "p", "thing_id": "other"}) == {
            "project_id": "p",
            "thing_id": "thing_1",
        }
        assert platform.path(EVENTS.list, thing, THINGS, {}) == {"thing_id": "thing_1"}
        assert platform.path(EVENTS.list, None, EVENTS, {"thing_id": "t"}) == {"thing_id": "t"}
        with pytest.raises(BadRequest, match="project id"):
            platform.path(nested, thing, THINGS, {})
        with pytest.raises(BadRequest, match="thing id"):
            platform.path(cancel, None, THINGS, {})

    run(main)


def test_the_scope_of_a_child_comes_from_its_parent() -> None:
    async def main(loop: VirtualLoop) -> None:
        platform = platform_on(FakeClient(loop))
        (child,) = THINGS.children
        scope = {"project_id": "p"}
        assert platform.child_scope(THINGS, scope, THINGS.record({"id": "thing_1"}), child) == {
            "project_id": "p",
            "thing_id": "thing_1",
        }
        with pytest.raises(BadRequest, match="thing has no id"):
            platform.child_scope(THINGS, scope, THINGS.record({}), child)

    run(main)


def test_ids_are_recognized_by_the_longest_prefix() -> None:
    async def main(loop: VirtualLoop) -> None:
        platform = platform_on(FakeClient(loop))
        assert platform.find("thing_12") is THINGS
        assert platform.find("elsewhere_1") is None

    run(main)


def test_an_action_shows_in_the_list_before_the_next_poll() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(4))
        platform = await opened(client)
        collection = platform.watch(THINGS).collection
        answer = await platform.act(THINGS, {}, collection.records["thing_3"], action("cancel"))
        assert answer["status"] == "cancelling"
        assert collection.records["thing_3"].at("status") == "cancelling"
        await platform.act(THINGS, {}, collection.records["thing_2"], action("delete"))
        assert "thing_2" not in collection.records
        await platform.act(THINGS, {}, collection.records["thing_1"], action("create"), {"name": "x"})
        assert collection.order[0] == "thing_new3"
        assert collection.records["thing_new3"].at("name") == "x"
        asked = len(client.asked)
        await platform.act(THINGS, {}, None, action("check"))
        assert "thing_checked" not in collection.records, "an answer that only tells is no new object"
        assert len(client.asked) == asked + 1

    run(main)


def test_an_answer_that_is_another_object_refreshes_the_list() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(4))
        platform = await opened(client)
        watch = platform.watch(THINGS)
        watch.start()
        client.items[0]["touched"] = True
        await platform.act(THINGS, {}, watch.collection.records["thing_3"], action("touch"))
        await until(lambda: watch.collection.records["thing_3"].at("touched"), 5)
        assert "touch_1" not in watch.collection.records
        watch.stop()
        await asyncio.sleep(1)

    run(main)


def test_a_new_object_is_not_put_where_a_filter_may_not_let_it_in() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, [{"id": "thing_1", "kind": "a"}])
        platform = await opened(client)
        watch = platform.watch(THINGS)
        watch.set_query({"kind": "a"})
        watch.start()
        await asyncio.sleep(1)
        await platform.act(THINGS, {}, None, action("create"), {"kind": "b"})
        await asyncio.sleep(1)
        assert list(watch.collection.records) == ["thing_1"]
        watch.stop()

    run(main)


def test_a_failed_action_is_raised_and_what_it_tells_is_shown() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(4))
        platform = await opened(client)
        watch = platform.watch(THINGS)
        watch.start()
        await asyncio.sleep(1)
        gone = watch.collection.records["thing_2"]
        client.items.pop(1)
        with pytest.raises(NotFound):
            await platform.act(THINGS, {}, gone, action("cancel"))
        assert "thing_2" not in watch.collection.records
        client.items[0]["status"] = "completed by now"
        for error in (Conflict(409), OutcomeUnknown(LinkError("cut", "Cut."))):
            client.fault = lambda error=error: error if client.calls[-1][0] == "cancelThing" else None  # type: ignore[misc]
            asked = len(client.asked)
            with pytest.raises(type(error)):
                await platform.act(THINGS, {}, watch.collection.records["thing_3"], action("cancel"))
            await asyncio.sleep(1)
            assert len(client.asked) == asked + 2, "the list was not refreshed, though nobody knows"
        assert watch.collection.records["thing_3"].at("status") == "completed by now"
        watch.stop()

    run(main)


def test_reading_one_object_shows_in_the_list_that_holds_it() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(8))
        platform = await opened(client)
        collection = platform.watch(THINGS).collection
        client.items[0]["step"] = 1
        record = await platform.get(THINGS, {}, "thing_7")
        assert record.at("step") == 1
        assert collection.records["thing_7"].at("step") == 1
        await platform.get(THINGS, {}, "thing_0")
        assert "thing_0" not in collection.records, "an object deep in the list was put at its front"
        client.items.pop(0)
        with pytest.raises(NotFound):
            await platform.get(THINGS, {}, "thing_7")
        assert "thing_7" not in collection.records
        with pytest.raises(BadRequest, match="event"):
            await platform.get(EVENTS, {"thing_id": "thing_1"}, "event_1")

    run(main)


def test_a_late_look_at_one_object_does_not_undo_what_the_list_has_learnt() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(4), latency=10.0)
        platform = platform_on(client)
        watch = platform.watch(THINGS)
        await watch.refresh()
        late = asyncio.ensure_future(platform.get(THINGS, {}, "thing_3"))
        await asyncio.sleep(6)  # the answer is made, but not here yet
        client.latency = 0.1
        client.items[0]["step"] = 1
        await watch.refresh()
        assert (await late).at("step") is None
        assert watch.collection.records["thing_3"].at("step") == 1

    run(main)


async def act_on(platform: Platform, ids: list[str]) -> list[StepOutcome]:
    """Delete things, and return what became of each."""
    begun = do_to_each(platform, ids, "delete")
    await begun.end.wait()
    return [begun.outcomes[call] for call in begun.steps]


def test_bulk_runs_four_at_once_and_tells_of_each() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(20))
        platform = await opened(client)
        collection = platform.watch(THINGS).collection
        ids = [item["id"] for item in client.items[:12]]
        client.items.pop(3)
        client.refused[ids[11]] = broken()
        client.peak = 0
        steps = await act_on(platform, [*ids, ids[0]])
        assert client.peak == 4
        assert [step.call for step in steps] == [f"DELETE /things/{id_}" for id_ in ids]
        assert [step.state for step in steps] == ["done"] * 3 + ["gone"] + ["done"] * 7 + ["failed"]
        assert not set(ids[:5]) & set(collection.records)
        assert steps[-1].error is not None

    run(main)


@pytest.mark.parametrize("refusal", [Forbidden(403), ReadOnly()], ids=["403", "read-only"])
def test_bulk_stops_where_a_right_is_missing(refusal: ApiError) -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(100), fault=lambda: refusal)
        platform = platform_on(client)
        ids = [item["id"] for item in client.items]
        steps = await act_on(platform, ids)
        assert len(client.asked) <= 4
        assert [step.state for step in steps].count("skipped") >= 96
        assert {step.error for step in steps} == {refusal}

    run(main)


def test_a_listener_of_tasks_that_raises_stops_nothing() -> None:
    def raising() -> None:
        raise RuntimeError

    async def main(loop: VirtualLoop) -> None:
        platform = platform_on(FakeClient(loop, things(6)))
        platform.tasks.subscribe(raising)
        steps = await act_on(platform, ["thing_1", "thing_2"])
        assert [step.state for step in steps] == ["done", "done"]

    run(main)


def test_the_header_shows_the_worst_of_what_is_visible() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3), skew=100.0)
        platform = platform_on(client)
        told: list[Health] = []
        end = platform.subscribe(lambda: told.append(platform.health))
        running = asyncio.ensure_future(platform.run())
        good, bad = platform.watch(THINGS), platform.watch(EVENTS, {"thing_id": "thing_1"})
        good.start()
        await asyncio.sleep(1)
        assert platform.health == good.health
        client.fault = lambda: Forbidden(403) if client.calls[-1][0] == "listEvents" else None
        bad.start()
        await asyncio.sleep(1)
        assert platform.health == bad.health == told[-1]
        assert platform.health.state == "refused"
        bad.stop()
        assert platform.health == told[-1] == good.health, "not told that the worst is out of sight"
        assert platform.requests_last_minute == len(client.asked) == 2
        assert platform.budget == 30
        assert platform.now() == EPOCH + loop.now + 100
        end()
        running.cancel()
        await asyncio.wait([running])
        await platform.aclose()
        assert client.closed
        assert not good.visible

    run(main)


@pytest.mark.parametrize("name", [each.name for each in REGISTRY.values() if each.filters and each.list])
async def test_what_a_screen_filters_is_whole_for_all_others(name: str) -> None:
    platform, resource = Platform(Client(Connection()), REGISTRY), REGISTRY[name]
    shown = platform.watch(resource)
    assert platform.watch_whole(resource) is shown
    shown.set_query({resource.filters[0].param: "some"})
    whole = platform.watch_whole(resource)
    assert whole is not shown
    assert type(whole) is type(shown), "it is read in the same way"
    assert not whole.is_filtered
    assert platform.list_apart(resource, {}, shown.query).query == shown.query
    await platform.aclose()
