"""A plan of deletions: what is in use stands apart, what changes is noticed, what is gone counts as done."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.support.virtual import THINGS, FakeClient, action, platform_on, run, things
from tui.api.errors import Forbidden, RateLimited
from tui.resources.files import FILES
from tui.resources.language.column import Cell
from tui.workflows.plan.plan import make_steps
from tui.workflows.plan.removal import RemovalPlan
from tui.workflows.plan.run import begin_plan
from tui.workflows.plan.text import format_plan
from tui.workflows.storage.groups import group_files, select_group

if TYPE_CHECKING:
    from tests.support.virtual import VirtualLoop
    from tui.live.platform import Platform
    from tui.workflows.plan.plan import Step

IDLE = replace(THINGS, spare=lambda thing, _: "it is over" if thing.status == "completed" else None)


async def planned(client: FakeClient) -> tuple[Platform, RemovalPlan]:
    """The deletion of all things of a list, which the plan follows."""
    platform = platform_on(client)
    watch = platform.watch(IDLE)
    await watch.load_more(all=True)
    steps = make_steps(platform, IDLE, {}, list(watch.collection.records.values()), action("delete"))
    plan = RemovalPlan(platform, IDLE, {}, steps, action("delete"))
    watch.collection.subscribe(lambda delta: plan.take(delta, watch.collection.records))
    return platform, plan


def states(plan: RemovalPlan) -> str:
    """How the steps stand, a letter each."""
    return "".join(plan.state(step)[0] for step in plan.steps)


def test_what_changed_since_it_was_made_is_left_out_and_what_is_gone_counts_as_done() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(5))
        platform, plan = await planned(client)
        assert states(plan) == "ppppp"
        client.items[1]["status"] = "in_progress"
        del client.items[3]
        await platform.watch(IDLE).refresh()
        assert states(plan) == "popgp"
        free, held = plan.split()
        assert [len(free), len(held)] == [4, 1]
        told = plan.remark(held[0])
        assert told and told.text == "In use by now."
        before = held[0].call
        plan.include({before}, included=True)
        await platform.watch(IDLE).refresh()
        assert states(plan) == "pppgp", "what was taken in after it was seen stays in"
        plan.include({plan.steps[0].call}, included=False)
        begun = begin_plan(platform, "delete things", plan.remaining, plan)
        await begun.end.wait()
        assert states(plan) == "oddgd"
        assert [item["id"] for item in client.items] == [plan.steps[0].record.id], "what was left out is there"

    run(main)


def test_a_key_that_may_not_skips_the_rest_and_haste_is_waited_out() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(30))
        platform, plan = await planned(client)
        refusals = iter([RateLimited(429, retry_after=2.0), RateLimited(429, retry_after=2.0)])
        client.fault = lambda: next(refusals, None)
        first = begin_plan(platform, "delete things", plan.remaining[:10], plan)
        await first.end.wait()
        assert first.whole and states(plan) == "d" * 10 + "p" * 20
        client.fault = lambda: Forbidden(403, "no")
        second = begin_plan(platform, "delete things", plan.remaining, plan)
        await second.end.wait()
        assert second.counts["failed"] <= 4 < second.counts["skipped"]
        assert len(plan.remaining) == 20, "all that was not done can be tried again"
        client.fault = lambda: None
        third = begin_plan(platform, "delete things", plan.remaining, plan)
        await asyncio.sleep(0.15)
        platform.tasks.pause(third)
        assert plan.running
        await asyncio.sleep(5)
        assert third.state == "paused" and not plan.running
        platform.tasks.go_on(third)
        await third.end.wait()
        assert states(plan) == "d" * 30 and not client.items

    run(main)


def test_a_plan_as_text_has_every_call_and_how_it_stands() -> None:
    async def main(loop: VirtualLoop) -> None:

        _, plan = await planned(FakeClient(loop, things(2)))
        plan.include({plan.steps[1].call}, included=False)

        def show(step: Step, _now: float) -> list[Cell]:
            return [Cell(step.record.id), Cell("")]

        text = "".join(format_plan("Delete things", plan, [("All", "delete", plan.steps)], show, 0.0, ["A gap."]))
        assert text.startswith("Delete things, 1970-01-01") and "\n! A gap.\n" in text
        assert "[x] 1. delete thing_1\n      DELETE /things/thing_1\n" in text
        assert "[ ] 2. delete thing_0\n" in text

    run(main)


def test_the_files_of_a_group_are_those_that_are_counted_in_it() -> None:
    raws = [
        {"id": f"file-{n}", "filename": "a" if n < 2 else str(n), "bytes": 5, "purpose": purpose, "used_by": used}
        for n, (purpose, used) in enumerate([("batch", []), ("batch", None), ("evals", [{"id": "x"}]), (None, [])])
    ]
    records = [FILES.record({**raw, "created_at": 1_000 + number}) for number, raw in enumerate(raws)]
    for group in group_files(records, 2_000.0):
        found = select_group(records, 2_000.0, f"{group.kind}/{group.name}")
        assert len(found) == group.held.files, (group.kind, group.name)
        assert sum(bool(FILES.find_spare(each, 2_000.0)) for each in found) == group.unused.files
