"""The watch: freshness, back-off, recovery, and answers that come too late, in virtual time."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.virtual import (
    EPOCH,
    THINGS,
    FakeClient,
    Running,
    VirtualLoop,
    broken,
    busiest_minute,
    down,
    run,
    things,
    until,
)
from tui.api.errors import ApiError, Forbidden, NotFound, RateLimited, ServerError
from tui.live.lists.collection import Collection, Delta
from tui.live.polling.watch import Health, Watch
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from tui.live.polling.scheduler import Scheduler


def watch_on(client: FakeClient, scheduler: Scheduler | None = None) -> Watch:
    return Watch(client.as_client, Collection(THINGS), scheduler or client.scheduler(), clock=client.loop.wall)


def state(watch: Watch) -> str:
    return watch.health.state


def live(watch: Watch) -> bool:
    return watch.health.state == "live"


def gaps(client: FakeClient) -> list[float]:
    return [after - before for before, after in zip(client.asked, client.asked[1:], strict=False)]


def test_opening_loads_page_one_and_tells_once() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(12), skew=5.0)
        deltas: list[Delta] = []
        healths: list[Health] = []
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.subscribe(deltas.append, healths.append)
            assert state(watch) == "loading"
            watch.start()
            await asyncio.sleep(1)
            assert list(watch.collection.order) == [f"thing_{i}" for i in (11, 10, 9, 8, 7)]
            assert len(client.asked) == 1
            assert [len(delta.added) for delta in deltas] == [5]
            assert healths == [Health("loading"), Health("live", since=EPOCH + 0.1)]
            assert client.queries == [{"order": "desc"}], "the resource's own query is not sent"
            watch.stop()

    run(main)


def test_polls_fast_while_something_moves_slower_when_it_rests_and_fast_again() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3, "in_progress"))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(120)
            seen = gaps(client)
            assert 2.5 <= seen[0] <= 3.6, "not soon again after something new"
            assert 12 <= seen[-1] <= 17.5, "not slower after many polls without news"
            client.items[0]["step"] = 1
            await until(lambda: watch.collection.records["thing_2"].at("step") == 1)
            client.asked.clear()
            await until(lambda: len(client.asked) > 0)
            assert client.asked[0] - loop.now < 4
            for item in client.items:
                item["status"] = "completed"
            await asyncio.sleep(40)
            client.asked.clear()
            await asyncio.sleep(300)
            assert all(25 < gap < 35 for gap in gaps(client)), "all is done, but polled on"
            watch.stop()

    run(main)


def test_what_is_old_is_asked_for_at_the_next_start_where_the_poll_was_cut_off() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(1)
            asked = len(client.asked)
            client.items.insert(0, things(4)[0])
            watch.outdate()
            watch.stop()  # as when a dialog opens
            await asyncio.sleep(1)
            watch.start()
            await asyncio.sleep(1)
            assert len(client.asked) > asked and "thing_3" in watch.collection.records
            asked = len(client.asked)
            watch.stop()
            watch.start()
            await asyncio.sleep(1)
            assert len(client.asked) == asked, "what was read since is asked for again"
            watch.stop()

    run(main)


def test_what_never_changes_by_itself_is_asked_for_once_a_minute() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        still = Resource("things", "thing", "Things", model=Object, list=THINGS.list, columns=THINGS.columns)
        assert not still.changes_itself
        async with Running(client.scheduler()) as scheduler:
            watch = Watch(client.as_client, Collection(still), scheduler, clock=loop.wall)
            watch.start()
            await asyncio.sleep(120)
            client.asked.clear()
            await asyncio.sleep(600)
            assert all(50 < gap < 70 for gap in gaps(client)), gaps(client)
            client.items[0]["step"] = 1
            await until(lambda: watch.collection.records["thing_2"].at("step") == 1)
            client.asked.clear()
            await until(lambda: len(client.asked) > 0)
            assert client.asked[0] - loop.now < 35, "what has changed may go on"
            watch.stop()

    run(main)


def test_an_hour_of_an_idle_dashboard_keeps_to_thirty_requests_a_minute() -> None:
    async def main(loop: VirtualLoop) -> FakeClient:
        client = FakeClient(loop, things(40, "in_progress"))
        async with Running(client.scheduler()) as scheduler:
            watches = [watch_on(client, scheduler) for _ in range(6)]
            for watch in watches:
                watch.start()
                await watch.load_more(all=True)
            client.asked.clear()
            await asyncio.sleep(3600)
            assert all(loop.wall() - watch.health.since < 120 for watch in watches), "one starved"
            for watch in watches:
                watch.stop()
        return client

    client = run(main)
    assert busiest_minute(client.asked) <= 30
    assert len(client.asked) > 0.8 * 30 * 60, "the budget is there to be used"


def test_a_hidden_watch_asks_nothing_and_shows_its_rows_at_once_when_back() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3, "in_progress"), latency=2.0)
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(6)
            watch.stop()
            await asyncio.sleep(0)
            assert not client.running, "a request goes on for a hidden watch"
            client.asked.clear()
            await asyncio.sleep(3600)
            assert not client.asked
            assert len(watch.collection.records) == 3
            watch.start()
            await asyncio.sleep(0.01)
            assert len(client.asked) == 1, "not refreshed at once though old"
            await asyncio.sleep(2.5)
            watch.stop()
            watch.start()
            await asyncio.sleep(0.5)
            assert len(client.asked) == 1, "refreshed though fresh"
            watch.stop()

    run(main)


def test_stays_fresh_until_the_last_viewer_leaves() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3, "in_progress"))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            watch.start()
            await asyncio.sleep(2)
            assert len(client.asked) == 1, "the second viewer cost a request"
            watch.stop()
            await asyncio.sleep(10)
            assert len(client.asked) > 1
            watch.stop()
            watch.stop()
            client.asked.clear()
            await asyncio.sleep(100)
            assert not client.asked
            watch.start()
            await asyncio.sleep(1)
            assert client.asked, "a stop too many is remembered"
            watch.stop()

    run(main)


def test_load_more_ends_when_hidden() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(1000))
        watch = watch_on(client)
        loading = asyncio.ensure_future(watch.load_more(all=True))
        await until(lambda: len(client.asked) > 4)
        watch.stop()
        asked = len(client.asked)
        await loading
        assert len(client.asked) <= asked + 1
        assert 0 < len(watch.collection.records) < 1000

    run(main)


@pytest.mark.parametrize("outage", [3.0, 60.0, 1800.0])
def test_is_live_again_within_five_seconds_of_the_link(outage: float) -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        healths: list[Health] = []
        async with Running(client.scheduler()) as scheduler:
            watches = [watch_on(client, scheduler) for _ in range(3)]
            watches[0].subscribe(lambda _: None, healths.append)
            for watch in watches:
                watch.start()
            await asyncio.sleep(2)
            client.fault = down
            await watches[0].refresh()
            await asyncio.sleep(outage)
            health = watches[0].health
            assert health.state == "stale"
            assert health.error is not None
            assert health.since == pytest.approx(EPOCH + 0.1), "the last success was forgotten"
            for _ in range(20):
                retry_at = watches[0].health.retry_at
                assert retry_at is None or retry_at - loop.wall() <= 4.6, "too long a wait to be live in time"
                await asyncio.sleep(0.5)
            assert len(watches[0].collection.records) == 3, "a failure emptied the list"
            client.fault = lambda: None
            for watch in watches:
                if watch.health.error:
                    assert await until(partial(live, watch)) <= 5
            assert watches[0].health.error is None
            for watch in watches:
                watch.stop()

    run(main)


def test_backs_off_from_a_failing_server_to_a_minute_and_never_gives_up() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3), fault=broken)
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(3 * 3600)
            seen = gaps(client)
            assert [round(gap / 2**i) for i, gap in enumerate(seen[:5])] == [1, 1, 1, 1, 1]
            assert 50 < seen[-1] < 70
            assert loop.now - client.asked[-1] < 70
            assert state(watch) == "stale"
            assert watch.health.since == 0
            client.fault = lambda: None
            await watch.refresh()
            assert state(watch) == "live"
            watch.stop()

    run(main)


@pytest.mark.parametrize("refusal", [Forbidden(403), NotFound(404)], ids=["403", "404"])
def test_a_refusal_is_not_repeated_until_asked(refusal: ApiError) -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3), fault=lambda: refusal)
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(3600)
            assert len(client.asked) == 1
            assert watch.health == Health("refused", 0.0, refusal)
            await watch.refresh()
            assert len(client.asked) == 2
            client.fault = lambda: None
            await watch.refresh()
            assert state(watch) == "live"
            watch.stop()

    run(main)


def test_too_many_requests_wait_as_told_and_slow_the_rest() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3, "in_progress"))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(1)
            client.fault = lambda: RateLimited(429, retry_after=20)
            await watch.refresh()
            client.asked.clear()
            await asyncio.sleep(16)
            assert not client.asked, "asked before the server allowed it"
            client.fault = lambda: None
            await asyncio.sleep(40)
            assert state(watch) == "live"
            assert min(gaps(client)) > 5, "the rate was not halved"
            watch.stop()

    run(main)


def test_a_fault_of_our_own_is_shown_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            client.page_size = "odd"  # type: ignore[assignment]
            watch.start()
            await asyncio.sleep(30)
            assert state(watch) == "stale"
            assert "TypeError" in watch.health.error.sentence if watch.health.error else False
            client.page_size = None
            await asyncio.sleep(70)
            assert state(watch) == "live"
            watch.stop()

    run(main)


def test_a_listener_that_raises_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def raising(_: object) -> None:
        raise RuntimeError("a broken pane")

    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        deltas: list[Delta] = []
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.subscribe(raising, raising)
            end = watch.subscribe(deltas.append, lambda _: None)
            watch.start()
            await asyncio.sleep(100)
            assert state(watch) == "live"
            assert any(deltas)
            end()
            end()
            told = len(deltas)
            await asyncio.sleep(100)
            assert len(deltas) == told, "told after it ended"
            watch.stop()

    run(main)
    assert "a broken pane" in caplog.text


def test_active_objects_beyond_page_one_are_read_by_id_in_turn() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(30))
        for item in client.items[10:25]:
            item["status"] = "in_progress"
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(1)
            await watch.load_more(all=True)
            assert watch.collection.complete
            for item in client.items[10:25]:
                item["step"] = 1
            gone = client.items.pop(12)["id"]
            await asyncio.sleep(120)
            active = [watch.collection.records[id_] for id_ in watch.collection.active()]
            assert len(active) == 14
            assert all(record.at("step") == 1 for record in active), "one was never read"
            assert gone not in watch.collection.records
            assert busiest_minute(client.asked) <= 30
            watch.stop()

    run(main)


def test_nothing_is_called_live_once_the_server_cannot_be_reached() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        async with Running(client.scheduler()) as scheduler:
            seen, shown, asking = (watch_on(client, scheduler) for _ in range(3))
            seen.start()
            shown.start()
            await asyncio.sleep(1)
            seen.stop()
            assert (state(seen), state(shown)) == ("live", "live")
            client.fault = down
            await asking.refresh()
            assert state(shown) == "stale", "live above rows of a server that has just refused"
            seen.start()
            assert state(seen) == "stale"
            await asyncio.sleep(1)
            assert seen.health.error, "it was not asked at once"
            client.fault = lambda: None
            await until(lambda: (state(seen), state(shown)) == ("live", "live"), 10)
            seen.stop()
            shown.stop()

    run(main)


def test_what_comes_again_on_a_later_page_is_shown_as_it_is_told_there() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(12))
        client.items.insert(8, {**client.items[3], "step": 7})
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(1)
            await watch.load_more(all=True)
            assert len(watch.collection.records) == 12
            assert watch.collection.records[client.items[3]["id"]].at("step") == 7
            watch.stop()

    run(main)


def test_an_object_that_cannot_be_read_leaves_the_list_live() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(30))
        client.items[20]["status"] = "in_progress"
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(1)
            await watch.load_more(all=True)
            client.refused["thing_9"] = Forbidden(403)
            await asyncio.sleep(60)
            assert ("getThing", {"thing_id": "thing_9"}) in client.calls
            assert state(watch) == "live"
            watch.stop()

    run(main)


def test_load_more_asks_for_large_pages_and_shows_a_failure() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(60))
        watch = watch_on(client)
        await watch.refresh()
        await watch.load_more()
        assert len(watch.collection.records) == 25, "not a page of the largest size"
        client.fault = broken
        await watch.load_more(all=True)
        assert not watch.loading_more
        assert isinstance(watch.health.error, ServerError)
        assert len(watch.collection.records) == 25
        client.fault = lambda: None
        more = asyncio.ensure_future(watch.load_more(all=True))
        await asyncio.sleep(0.01)
        assert watch.loading_more
        await watch.load_more(all=True)
        await more
        assert watch.collection.complete
        assert list(watch.collection.order) == [item["id"] for item in client.items]

    run(main)


def test_loading_goes_on_though_the_object_it_would_go_on_from_is_gone() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(60))
        watch = watch_on(client)
        await watch.refresh()
        await watch.load_more()
        last = watch.collection.order[-1]
        client.items = [item for item in client.items if item["id"] != last]
        await watch.load_more(all=True)
        assert list(watch.collection.order) == [item["id"] for item in client.items]
        assert watch.collection.complete

    run(main)


def test_cancelling_load_more_keeps_what_came() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(100))
        watch = watch_on(client)
        await watch.refresh()
        more = asyncio.ensure_future(watch.load_more(all=True))
        await until(lambda: len(watch.collection.records) > 30, step=0.01)
        more.cancel()
        await asyncio.wait([more])
        assert more.cancelled()
        assert not watch.loading_more
        assert len(watch.collection.records) > 30

    run(main)


def test_another_query_clears_and_reloads_and_late_answers_to_the_old_one_are_dropped() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, [{"id": f"thing_{i}", "kind": "ab"[i % 2]} for i in range(6)])
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(1)
            refreshing = asyncio.ensure_future(watch.refresh())
            more = asyncio.ensure_future(watch.load_more(all=True))
            await asyncio.sleep(0.06)
            watch.set_query({"kind": "a"})
            assert not watch.collection.records
            assert watch.health == Health("loading")
            await refreshing
            await more
            assert state(watch) == "live"
            assert [record.at("kind") for record in watch.collection.records.values()] == ["a"] * 3
            watch.stop()

    run(main)


def test_an_answer_asked_for_before_an_action_does_not_undo_it() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(4, "in_progress"))
        watch = watch_on(client)
        await watch.refresh()
        late = asyncio.ensure_future(watch.refresh())
        await asyncio.sleep(0.08)  # the answer is made, but not here yet
        watch.put({"id": "thing_3", "status": "cancelling"})
        watch.drop("thing_2")
        watch.put({"id": "thing_new", "status": "in_progress"})
        watch.put({"id": "thing_new", "status": "in_progress", "step": 1})
        await late
        assert list(watch.collection.order) == ["thing_new", "thing_3", "thing_1", "thing_0"]
        assert watch.collection.records["thing_3"].at("status") == "cancelling"
        assert watch.collection.records["thing_new"].at("step") == 1
        await watch.refresh()
        assert list(watch.collection.order) == [f"thing_{i}" for i in (3, 2, 1, 0)], "newer answers do not count"

    run(main)


def test_an_object_told_of_brings_the_next_poll_forward() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(5)
            client.items.insert(0, {"id": "thing_new", "status": "in_progress"})
            watch.put(client.items[0])
            client.asked.clear()
            await asyncio.sleep(4)
            assert len(client.asked) == 1, "something is on its way, but the resting interval goes on"
            watch.stop()

    run(main)


def test_what_was_suspended_is_stale_until_it_answers() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(30), latency=0.5)
        client.items[20]["status"] = "in_progress"
        healths: list[Health] = []
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(2)
            await watch.load_more(all=True)
            watch.subscribe(lambda _: None, healths.append)
            loop.asleep += 3600
            client.asked.clear()
            await asyncio.sleep(1.1)
            assert healths[0].state == "stale", "old rows shown as live"
            assert len(client.asked) == 1, "a burst after waking"
            await asyncio.sleep(1)
            assert state(watch) == "live"
            watch.stop()

    run(main)


def test_a_clock_that_is_set_back_holds_nothing_up() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(30))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(2)
            for back in (20.0, 7200.0, 3 * 86400.0):
                watch.stop()
                loop.asleep -= back
                client.asked.clear()
                watch.start()
                await asyncio.sleep(0.5)
                assert len(client.asked) == 1, "rows of a time to come are taken for fresh"
                assert state(watch) == "live"
                loop.asleep -= back
                client.asked.clear()
                await asyncio.sleep(120)
                assert client.asked, "a list that is shown is asked for no more"
            watch.stop()

    run(main)


def test_a_hold_is_shown() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        async with Running(client.scheduler()) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            await asyncio.sleep(1)
            scheduler.held = True
            assert state(watch) == "held"
            await asyncio.sleep(3600)
            await watch.refresh()
            assert watch.health == Health("held", since=loop.wall())
            scheduler.held = False
            assert state(watch) == "live"
            watch.stop()

    run(main)


@examples(25)
@given(seed=st.integers(0, 2**32), failing=st.floats(0, 0.9), latency=st.floats(0.01, 5))
@example(seed=19_913_238, failing=0.0, latency=5.0)
def test_whatever_happens_it_ends_up_as_the_server_is(seed: int, failing: float, latency: float) -> None:
    """Random changes, failures, actions and user requests; then quiet: the rows equal the server's."""
    chance = random.Random(seed)

    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(23, "in_progress"), latency=latency)
        client.fault = lambda: chance.choice([down, broken])() if chance.random() < failing else None
        async with Running(client.scheduler(budget=200)) as scheduler:
            watch = watch_on(client, scheduler)
            watch.start()
            background: list[asyncio.Future[None]] = []
            for step in range(40):
                await asyncio.sleep(chance.uniform(0, 4))
                match chance.randrange(6):
                    case 0:
                        client.items.insert(0, {"id": f"thing_x{step}", "status": "in_progress"})
                        if all(item["id"] in watch.collection.records for item in client.items[1:]):
                            watch.put(client.items[0])  # only so is it known what stands behind it
                    case 1 if client.items:
                        gone = client.items.pop(chance.randrange(len(client.items)))
                        if chance.random() < 0.5:
                            watch.drop(gone["id"])
                    case 2 if client.items:
                        chance.choice(client.items)["step"] = step
                    case 3:
                        background.append(asyncio.ensure_future(watch.load_more(all=chance.random() < 0.5)))
                    case 4:
                        background.append(asyncio.ensure_future(watch.refresh()))
                    case 5:
                        (watch.stop if watch.visible else watch.start)()
            client.fault = lambda: None
            watch.start()
            if background:
                await asyncio.wait(background)
            await watch.refresh()
            await watch.load_more(all=True)
            await asyncio.sleep(120 + 60 * latency)  # what is beyond page 1 is read by id, a few at a time
            here = [watch.collection.records[id_].raw for id_ in watch.collection.order]
            assert state(watch) == "live"
            assert watch.collection.complete
            assert here[: THINGS.page] == client.items[: THINGS.page]
            known = {item["id"]: item for item in client.items}
            assert all(known[raw["id"]] == raw for raw in here), "a row the server does not have, or has otherwise"
            assert {raw["id"] for raw in here} == set(known), "a row is missing"
            watch.stop()

    run(main)


def test_a_week_of_watching_leaves_nothing_behind() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(8))
        async with Running(client.scheduler(heartbeat=60.0)) as scheduler:
            watch = watch_on(client, scheduler)
            watch.subscribe(lambda _: None, lambda _: None)
            watch.start()
            for hour in range(24 * 7):
                client.fault = down if hour % 24 == 3 and hour % 7 == 0 else lambda: None
                client.items[0]["step"] = hour
                client.asked.clear()
                client.calls.clear()
                client.queries.clear()
                await asyncio.sleep(3600)
                assert len(asyncio.all_tasks()) <= 4
                assert not watch._told
                assert not watch._waiting
                assert watch.collection.records["thing_7"].at("step") == hour or watch.health.error
            assert state(watch) == "live"
            watch.stop()

    run(main)
