"""Tasks: as many run as may, the others wait; they are paused, gone on with, cancelled, and stopped at the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support.virtual import FakeClient, do_to_each, platform_on, run, things, until
from tui.api.errors import LinkError, OutcomeUnknown
from tui.live.task_rows import TaskWatch, row_of
from tui.live.tasks.tasks import AT_ONCE, Task, Tasks
from tui.resources.tasks import TASKS, TaskRow

if TYPE_CHECKING:
    from tests.support.virtual import VirtualLoop
    from tui.live.tasks.store import Fact


class Steps(Task):
    """A transfer of ten seconds, a byte in each."""

    kind = "transfer"
    unit = "bytes"

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__("copy steps", 10)
        self.fault, self.given_up = fault, 0

    async def work(self) -> None:
        while self.done < 10:
            await asyncio.sleep(1)
            self.move(self.done + 1)
            if self.fault:
                raise self.fault

    def describe(self) -> Fact:
        return {"kind": "steps"}

    async def discard(self) -> None:
        self.given_up += 1


def test_as_many_run_as_may_and_the_others_wait_for_their_turn() -> None:
    async def main(loop: VirtualLoop) -> None:
        tasks, told = Tasks(loop.wall), list[float]()
        ended = list[Task]()
        tasks.subscribe(lambda: told.append(loop.time()))
        tasks.listen(ended.append)
        most = AT_ONCE["transfer"]
        all_ = [Steps() for _ in range(most + 2)]
        for task in all_:
            tasks.add(task)
        assert [task.state for task in all_] == ["running"] * most + ["waiting"] * 2
        await asyncio.sleep(10.5)
        assert [task.state for task in all_] == ["done"] * most + ["running"] * 2
        tasks.pause(all_[-1])
        await asyncio.sleep(60)
        assert [task.state for task in all_] == ["done"] * (most + 1) + ["paused"]
        tasks.go_on(all_[-1])
        await all_[-1].end.wait()
        assert ended == all_
        assert all(task.ended - task.began >= 10 for task in all_)
        assert len(told) < 120, "progress is told now and then, and not when nothing moves"

    run(main)


def test_what_is_cancelled_is_given_up_and_what_fails_says_why() -> None:
    async def main(loop: VirtualLoop) -> None:
        tasks = Tasks(loop.wall)
        lost, unknown = (
            Steps(LinkError("cut", "It was cut.")),
            Steps(OutcomeUnknown(LinkError("cut", "It was cut."))),
        )
        tasks.add(lost)
        tasks.add(unknown)
        running, waiting = Steps(), Steps()
        await asyncio.sleep(1.5)
        assert (lost.state, unknown.state) == ("failed", "unknown")
        tasks.add(running)
        tasks.add(Steps())
        tasks.add(waiting)
        assert waiting.state == "waiting"
        for task in (running, waiting):
            tasks.cancel(task)
            await task.end.wait()
            assert (task.state, task.given_up) == ("cancelled", 1)
            tasks.forget(task)
        assert running not in tasks.all
        await tasks.aclose()
        assert [task.state for task in tasks.all] == ["failed", "unknown", "paused"]

    run(main)


def test_one_action_on_many_objects_runs_at_a_time_and_goes_on_where_it_was_paused() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = FakeClient(loop, things(40), latency=1.0)
        platform = platform_on(client)
        ids = [item["id"] for item in client.items]
        tasks = platform.tasks
        first = do_to_each(platform, ids[:20], "delete")
        second = do_to_each(platform, ids[20:], "delete")
        await asyncio.sleep(1.5)
        assert (first.state, second.state, first.done) == ("running", "waiting", 4)
        tasks.pause(first)
        assert first.state == "pausing"
        await until(lambda: first.state == "paused")
        assert first.done == 8, "what is on its way is answered, and nothing else begins"
        assert second.state == "running"
        await second.end.wait()
        assert client.peak <= 4
        tasks.go_on(first)
        await first.end.wait()
        assert (first.state, first.result) == ("done", "20 of 20 done.")
        calls = [path["thing_id"] for name, path in client.calls if name == "deleteThing"]
        assert sorted(calls) == sorted(ids), "each once"

    run(main)


def test_rows_follow_the_tasks_while_somebody_looks() -> None:
    async def main(loop: VirtualLoop) -> None:
        platform = platform_on(FakeClient(loop))
        task = Steps()
        platform.tasks.add(task)
        watch = TaskWatch(platform)
        watch.start()
        await asyncio.sleep(5.6)
        row = TaskRow.read(watch.collection.records[task.id].raw)
        assert (row.state, row.done, row.unit) == ("running", 5, "bytes")
        assert watch.collection.active() == [task.id]
        assert watch.collection.rate(task.id)
        context = watch.collection.context_of(task.id, loop.wall())
        record = TASKS.record(row_of(task))
        cells = {column.header: column.cell(record, context).text for column in TASKS.columns}
        assert "50 %" in cells["PROGRESS"]
        assert cells["SPEED  LEFT"].endswith("5 s")
        watch.stop()
        await task.end.wait()
        assert watch.collection.active() == [task.id], "nobody looks any more"

    run(main)
