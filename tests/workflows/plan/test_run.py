"""An action on many objects: its count, its words, and its end when it is stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support.virtual import FakeClient, broken, busiest_minute, do_to_each, platform_on, run, things
from tui.api.errors import NotFound, OutcomeUnknown, RateLimited
from tui.api.retries import LONGEST
from tui.live.task_rows import row_of
from tui.resources.tasks import describe_alike, gather_alike
from tui.workflows.plan.run import GRACE, PlanRun

if TYPE_CHECKING:
    from tests.support.virtual import VirtualLoop
    from tui.live.platform import Platform


def run_on(client: FakeClient) -> tuple[PlanRun, list[str], Platform]:
    ids = [item["id"] for item in client.items]
    platform = platform_on(client)
    return do_to_each(platform, ids, "delete"), ids, platform


def test_what_is_not_known_is_told_as_that_and_not_as_failed() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(1_000))
        plan_run, ids, _ = run_on(client)
        client.refused |= {ids[3]: broken(), ids[4]: OutcomeUnknown(broken())}
        await plan_run.end.wait()
        assert plan_run.counts == {"done": 998, "failed": 1, "unknown": 1, "skipped": 0}
        assert plan_run.summary == "998 of 1,000 done, 1 failed, 1 not known."
        assert plan_run.progress == "1,000/1,000 · 1 failed · 1 not known"
        assert not plan_run.whole
        assert [(id_, state) for id_, state, _ in plan_run.failures()] == [
            (ids[3], "failed"),
            (ids[4], "not known"),
        ]
        assert all(reason for *_, reason in plan_run.failures())

    run(main)


def test_what_is_asked_for_and_still_as_before_is_told_as_that() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3, status="in_progress"))
        ids = [item["id"] for item in client.items]
        client.slow.add(ids[1])
        plan_run = do_to_each(platform_on(client), ids, "cancel")
        await plan_run.end.wait()
        assert plan_run.counts == {"done": 2, "asked": 1, "skipped": 0}
        assert plan_run.summary == "2 of 3 done, 1 asked for and still as before."
        assert plan_run.whole
        assert not plan_run.failures()

    run(main)


def test_it_stops_within_a_second_whatever_hangs() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(100), latency=1.0)
        plan_run, _, platform = run_on(client)
        await asyncio.sleep(2.4)
        client.latency = 1_000.0
        await asyncio.sleep(1.0)  # four are on their way and will never be answered
        began = loop.time()
        platform.tasks.cancel(plan_run)
        await plan_run.end.wait()
        assert loop.time() - began <= GRACE + 1e-9 < 1
        assert plan_run.counts == {"done": 8, "unknown": 4, "skipped": 88}
        assert len(plan_run.failures()) == 92
        assert len(client.asked) == 12

    run(main)


def test_what_is_refused_for_haste_is_done_later() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(8))
        plan_run, ids, _ = run_on(client)
        client.refused[ids[0]] = RateLimited(429, retry_after=5.0)
        await asyncio.sleep(2.0)
        del client.refused[ids[0]]
        await plan_run.end.wait()
        assert plan_run.whole

    run(main)


def test_stopping_while_it_waits_for_a_next_try_leaves_nothing_unknown() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(8))
        plan_run, ids, platform = run_on(client)
        client.refused |= dict.fromkeys(ids, RateLimited(429, retry_after=LONGEST))
        await asyncio.sleep(2.0)
        platform.tasks.cancel(plan_run)
        await plan_run.end.wait()
        assert plan_run.counts["unknown"] == 0
        assert plan_run.counts["skipped"] == 8
        row = row_of(plan_run)
        assert (row["done"], row["failed"]) == (plan_run.done, plan_run.counts["failed"]), (
            "what is not tried is neither"
        )
        ids, state, reason = gather_alike(row["failures"])[0]
        assert describe_alike(ids, state, reason).count(reason) == 1

    run(main)


def test_reasons_that_differ_by_the_object_alone_are_one() -> None:
    rows = [(f"file-00000{n}", "gone already", f"There is no file-00000{n}.") for n in range(5)]
    ((ids, state, reason),) = gather_alike(rows)
    told = describe_alike(ids, state, reason)
    assert told == "5 gone already: There is no …. (file-000000, file-000001, file-000002 and 2 more)"
    assert gather_alike(rows[:1]) == [(["file-000000"], "gone already", "There is no file-000000.")]
    assert len(gather_alike([("a", "failed", "a word"), ("b", "failed", "b word")])) == 2


def test_the_budget_that_the_user_has_set_holds_for_writes_too_and_it_is_said_why_they_wait() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(100))
        platform = platform_on(client)
        platform.scheduler = client.scheduler(binds_all=True)
        plan_run = do_to_each(platform, [item["id"] for item in client.items], "delete")
        await asyncio.sleep(20)
        assert "waits: 30 requests a minute are set" in plan_run.progress
        await plan_run.end.wait()
        assert plan_run.summary == "100 of 100 done."
        assert busiest_minute(client.asked) <= 30

        platform.scheduler = client.scheduler()
        client.items, client.asked = things(100), []
        await do_to_each(platform, [item["id"] for item in client.items], "delete").end.wait()
        assert busiest_minute(client.asked) == 100, "what nobody has set holds for polls alone"

    run(main)


def test_waiting_for_the_budget_is_stopped_and_nothing_is_told_as_not_known() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(100))
        platform = platform_on(client)
        platform.scheduler = client.scheduler(binds_all=True)
        plan_run = do_to_each(platform, [item["id"] for item in client.items], "delete")
        await asyncio.sleep(20)
        platform.tasks.cancel(plan_run)
        await plan_run.end.wait()
        assert set(plan_run.counts) == {"done", "skipped"}
        assert plan_run.counts["done"] == len(client.asked)

    run(main)


def test_what_it_has_sent_before_the_program_was_killed_and_is_gone_is_said_to_be_gone() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(3))
        ids = [item["id"] for item in client.items]
        client.refused = {id_: NotFound(404, "It is gone.") for id_ in ids[:2]}
        plan_run = do_to_each(platform_on(client), ids, "delete")
        plan_run.take({"fact": "sent", "call": next(iter(plan_run.steps))})
        await plan_run.end.wait()
        assert plan_run.summary == "1 of 3 done, 2 gone already."

    run(main)
