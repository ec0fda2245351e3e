"""The scheduler: intervals, the budget, failures, suspension and a week of watching, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
import math
from bisect import bisect_right

import pytest

from tests.support.virtual import Running, VirtualLoop, busiest_minute, run, until
from tui.api.retries import backoff
from tui.live.polling.scheduler import LONGEST, Job, Scheduler


class Asking(Job):
    """A job that makes one request a poll and notes when."""

    def __init__(self, loop: VirtualLoop, every: float = 10.0, *, priority: int = 0, takes: float = 0.1) -> None:
        self.loop, self.every, self.priority, self.takes = loop, every, priority, takes
        self.polls: list[float] = []
        self.errors: list[Exception] = []
        self.told: list[float] = []
        self.running = 0
        self.fault: type[Exception] | None = None
        self.hopeless = False

    @property
    def urgent(self) -> bool:
        return self.hopeless

    async def poll(self) -> None:
        assert not self.running, "two polls of one job at a time"
        self.running += 1
        self.polls.append(self.loop.now)
        try:
            await asyncio.sleep(self.takes)
            if self.fault:
                raise self.fault("broken")
        finally:
            self.running -= 1

    def interval(self) -> float:
        return self.every

    def scheduled(self, delay: float) -> None:
        self.told.append(delay)

    def failed(self, error: Exception) -> None:
        self.errors.append(error)


def scheduler_for(loop: VirtualLoop, jobs: list[Asking], budget: int = 1000) -> Scheduler:
    def last_minute() -> int:
        return sum(len(job.polls) - bisect_right(job.polls, loop.now - 60) for job in jobs)

    scheduler = Scheduler(requests_last_minute=last_minute, budget=budget, clock=loop.time, wall=loop.wall)
    for job in jobs:
        scheduler.add(job)
    return scheduler


def gaps(job: Asking) -> list[float]:
    return [after - before for before, after in zip(job.polls, job.polls[1:], strict=False)]


def test_polls_at_once_and_then_in_its_interval_with_jitter() -> None:
    async def main(loop: VirtualLoop) -> Asking:
        job = Asking(loop)
        async with Running(scheduler_for(loop, [job])):
            await asyncio.sleep(1000)
        return job

    job = run(main)
    assert job.polls[0] == 0
    assert all(8.5 <= gap - job.takes <= 11.5 for gap in gaps(job)), "beyond 15 % of jitter"
    assert len({round(gap, 6) for gap in gaps(job)}) > 50, "no jitter"
    assert all(8.5 <= delay <= 11.5 for delay in job.told), "told another delay than it kept"


def test_what_tells_who_does_not_look_is_polled_as_often_then() -> None:
    async def main(loop: VirtualLoop) -> tuple[Asking, Asking]:
        shown, telling = Asking(loop), Asking(loop)
        telling.heeds_focus = False
        async with Running(scheduler_for(loop, [shown, telling])) as scheduler:
            scheduler.blurred = True
            await asyncio.sleep(1000)
        return shown, telling

    shown, telling = run(main)
    assert max(gaps(telling)) <= 11.6 < min(gaps(shown))


def test_a_failing_job_is_told_backs_off_and_stops_nobody() -> None:
    async def main(loop: VirtualLoop) -> None:
        bad, good = Asking(loop), Asking(loop)
        bad.fault = RuntimeError
        async with Running(scheduler_for(loop, [bad, good])):
            await asyncio.sleep(600)
            assert len(good.polls) > 50
            on_its_way = len(bad.polls) - len(bad.errors)
            assert on_its_way in (0, 1)
            assert len(bad.polls) > 10
            assert max(gaps(bad)) <= 60 * 1.15 + bad.takes
            bad.fault = None
            await asyncio.sleep(600)
            assert max(gaps(bad)[-10:]) <= 11.5 + bad.takes, "still backing off after it worked again"

    run(main)


def test_backs_off_by_doubling() -> None:
    assert [backoff(n, LONGEST) for n in (1, 2, 3, 7, 500)] == [1, 2, 4, 60, 60]
    assert backoff(3, 4) == backoff(9, 4) == 4


def test_background_polls_keep_to_the_budget_and_none_starves() -> None:
    async def main(loop: VirtualLoop) -> list[Asking]:
        jobs = [Asking(loop, 1.0, priority=7 - i) for i in range(8)]
        async with Running(scheduler_for(loop, jobs, budget=30)):
            await asyncio.sleep(3600)
        return jobs

    jobs = run(main)
    times = sorted(at for job in jobs for at in job.polls)
    assert busiest_minute(times) <= 30
    pauses = [after - before for before, after in itertools.pairwise(times) if before > 300]
    assert max(pauses) < 10, "the budget goes in bursts, and all stalls between them"
    assert sum(len(job.polls) for job in jobs) > 0.8 * 30 * 60, "the budget is there to be used"
    assert all(max(gaps(job)) < 180 for job in jobs), "a job starved"
    assert len(jobs[-1].polls) > 1.3 * len(jobs[0].polls), "priority is without effect"


def test_a_poke_and_an_urgent_job_pass_a_used_up_budget() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop, 5.0)
        async with Running(scheduler_for(loop, [job], budget=0)) as scheduler:
            await asyncio.sleep(100)
            assert not job.polls, "a background poll over the budget"
            scheduler.poke(job)
            await asyncio.sleep(1)
            assert len(job.polls) == 1
            await asyncio.sleep(100)
            assert len(job.polls) == 1
            job.hopeless = True
            await asyncio.sleep(10)
            assert len(job.polls) > 1

    run(main)


def test_holding_stops_polls_but_not_pokes() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop)
        async with Running(scheduler_for(loop, [job])) as scheduler:
            await asyncio.sleep(5)
            scheduler.held = True
            assert job.told[-1] == math.inf, "not told that it is held"
            await asyncio.sleep(3600)
            assert len(job.polls) == 1
            scheduler.poke(job)
            await asyncio.sleep(100)
            assert len(job.polls) == 2
            scheduler.held = False
            await asyncio.sleep(0.5)
            assert len(job.polls) == 3, "not polled at once after the hold, or more than once"

    run(main)


def test_polls_are_four_times_slower_while_nobody_looks() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop)
        async with Running(scheduler_for(loop, [job])) as scheduler:
            scheduler.blurred = True
            await asyncio.sleep(1000)
            assert 20 <= len(job.polls) <= 30
            assert min(gaps(job)) >= 34
            await until(lambda: loop.now - job.polls[-1] > 20)
            scheduler.blurred = False
            assert job.told[-1] == 0
            await asyncio.sleep(0.2)
            assert loop.now - job.polls[-1] < 1, "not polled at once by somebody who looks again"

    run(main)


def test_too_many_requests_halve_the_rate_for_a_while() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop)
        async with Running(scheduler_for(loop, [job])) as scheduler:
            scheduler.ease_off()
            await asyncio.sleep(300)
            assert 13 <= len(job.polls) <= 18
            await asyncio.sleep(300)
            assert len(job.polls) >= 40, "it did not recover"

    run(main)


def test_a_poke_while_polling_asks_once_more_since_the_answer_may_be_older() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop, takes=5)
        async with Running(scheduler_for(loop, [job])) as scheduler:
            await asyncio.sleep(1)
            for _ in range(10):
                scheduler.poke(job)
            await asyncio.sleep(11)
            assert job.polls == [0, 5], "pokes are not joined into one poll"

    run(main)


def test_a_poke_of_a_job_that_is_not_scheduled_polls_it_once() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop)
        async with Running(scheduler_for(loop, [])) as scheduler:
            scheduler.poke(job)
            scheduler.poke(job)
            await asyncio.sleep(100)
            assert len(job.polls) == 2

    run(main)


def test_a_job_added_while_a_poke_polls_it_goes_on_from_there() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop, takes=5)
        async with Running(scheduler_for(loop, [])) as scheduler:
            scheduler.poke(job)
            await asyncio.sleep(1)
            scheduler.add(job)
            await asyncio.sleep(10)
            assert job.polls == [0], "polled twice at a time, or too soon"
            await asyncio.sleep(10)
            assert len(job.polls) == 2

    run(main)


def test_a_poll_cancelled_before_it_began_is_made_later() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop)
        async with Running(scheduler_for(loop, [job])) as scheduler:
            await asyncio.sleep(5)
            scheduler.poke(job)
            scheduler._woke()
            await asyncio.sleep(30)
            assert len(job.polls) > 2, "it is taken for running for ever"

    run(main)


def test_a_removed_job_is_cancelled_and_asks_no_more() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop, takes=50)
        async with Running(scheduler_for(loop, [job])) as scheduler:
            await asyncio.sleep(1)
            scheduler.poke(job)
            scheduler.remove(job)
            scheduler.remove(job)
            await asyncio.sleep(1)
            assert not job.running
            await asyncio.sleep(100)
            assert len(job.polls) == 1

    run(main)


def test_what_an_interval_depends_on_brings_a_poll_forward_never_back() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop, 100.0)
        async with Running(scheduler_for(loop, [job])) as scheduler:
            await asyncio.sleep(50)
            scheduler.renew(job)
            job.every = 3.0
            for _ in range(20):
                scheduler.renew(job)
                await asyncio.sleep(1)
            assert len(job.polls) >= 5, "renewing again and again puts polls off"

    run(main)


@pytest.mark.parametrize("program_only", [True, False], ids=["program stopped", "machine asleep"])
def test_after_an_hour_of_suspension_each_job_polls_once_within_a_second(program_only: bool) -> None:
    async def main(loop: VirtualLoop) -> None:
        jobs = [Asking(loop, every) for every in (3.0, 10.0, 30.0, 1000.0)]
        async with Running(scheduler_for(loop, jobs, budget=1000)):
            await asyncio.sleep(20)
            for job in jobs:
                job.polls.clear()
                job.told.clear()
            if program_only:
                loop.now += 3600
            else:
                loop.asleep += 3600
            start = loop.now
            await asyncio.sleep(1.5)
            for job in jobs:
                assert len(job.polls) == 1, "a burst, or nothing"
                assert job.polls[0] - start <= 1.0
                assert 0 in job.told, "not told that it is late"

    run(main)


def test_a_poll_that_hung_while_the_machine_slept_is_asked_anew() -> None:
    async def main(loop: VirtualLoop) -> None:
        job = Asking(loop, takes=600)
        async with Running(scheduler_for(loop, [job])):
            await asyncio.sleep(2)
            loop.asleep += 3600
            job.takes = 0.1
            await asyncio.sleep(2)
            assert len(job.polls) == 2

    run(main)


def test_a_week_leaves_no_tasks_behind() -> None:
    async def main(loop: VirtualLoop) -> None:
        jobs = [Asking(loop, 300.0) for _ in range(3)]
        jobs[1].fault = ValueError
        scheduler = Scheduler(
            requests_last_minute=lambda: 0, budget=30, clock=loop.time, wall=loop.wall, heartbeat=60.0
        )
        for job in jobs:
            scheduler.add(job)
        async with Running(scheduler):
            await asyncio.sleep(3600)
            before = len(asyncio.all_tasks())
            for _ in range(6 * 24 + 23):
                await asyncio.sleep(3600)
                assert len(asyncio.all_tasks()) <= before + 2
            assert all(len(job.polls) > 1000 for job in jobs)

    run(main)
