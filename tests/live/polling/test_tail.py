"""The tail: every entry once and in order, whatever comes when and whatever fails, in virtual time."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.virtual import EVENTS, FakeClient, Running, VirtualLoop, broken, down, run, until
from tui.api.paging.pages import Page
from tui.live.polling.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.polling.scheduler import Scheduler
    from tui.resources.language.objects import Record

PAGE = EVENTS.page


class Log:
    """A job that writes events; `tail` follows it, `heard` is what a listener would show."""

    def __init__(self, loop: VirtualLoop, events: int = 0, **client: Any) -> None:
        self.loop = loop
        self.client = FakeClient(loop, **client)
        self.active = True
        self.written: list[str] = []
        self.heard: list[str] = []
        self.write(events)

    def write(self, count: int = 1) -> None:
        for _ in range(count):
            self.written.append(f"event_{len(self.written)}")
            self.client.items.insert(0, {"id": self.written[-1], "created_at": int(self.loop.now)})

    def tail(self, scheduler: Scheduler | None = None, capacity: int = 5000) -> Tail:
        tail = Tail(
            self.client.as_client,
            EVENTS,
            {"thing_id": "thing_1"},
            scheduler or self.client.scheduler(),
            active=lambda: self.active,
            capacity=capacity,
            clock=self.loop.wall,
        )

        def hear(new: list[Record], at_end: bool) -> None:
            if at_end:
                self.heard += [record.id for record in new]
            else:
                self.heard = ids(tail)

        tail.subscribe(hear, lambda _: None)
        return tail


def ids(tail: Tail) -> list[str]:
    return [record.id for record in tail.entries]


def test_follows_from_the_newest_page_and_loads_older_ones_when_asked() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 10)
        async with Running(log.client.scheduler()) as scheduler:
            tail = log.tail(scheduler)
            tail.start()
            await asyncio.sleep(1)
            assert ids(tail) == log.written[-PAGE:]
            assert log.client.calls == [("listEvents", {"thing_id": "thing_1"})]
            assert not tail.complete_back
            await tail.older()
            assert ids(tail) == log.written[-2 * PAGE :]
            await tail.older(all=True)
            assert ids(tail) == log.written
            assert tail.complete_back
            asked = len(log.client.asked)
            await tail.older(all=True)
            assert len(log.client.asked) == asked, "asked for what is before the beginning"
            assert log.heard == log.written
            tail.stop()

    run(main)


def test_nothing_is_lost_when_more_than_a_page_comes_between_two_polls() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 2)
        async with Running(log.client.scheduler()) as scheduler:
            tail = log.tail(scheduler)
            tail.start()
            await asyncio.sleep(1)
            log.write(5 * PAGE + 1)
            await until(lambda: len(tail.entries) == len(log.written))
            assert ids(tail) == log.heard == log.written
            tail.stop()

    run(main)


def test_a_list_that_was_empty_at_first_is_read_to_its_beginning() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop)
        tail = log.tail()
        await tail.refresh()
        assert tail.complete_back
        log.write(3 * PAGE)
        await tail.refresh()
        assert ids(tail) == log.written
        assert tail.complete_back

    run(main)


def test_what_comes_while_paging_back_is_neither_lost_nor_doubled() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 1)
        tail = log.tail()
        await tail.refresh()
        log.write(3 * PAGE)
        polling = asyncio.ensure_future(tail.refresh())
        while not polling.done():
            log.write()
            await asyncio.sleep(0.03)
        assert ids(tail) == log.written[: len(tail.entries)]
        await tail.refresh()
        assert ids(tail) == log.heard == log.written

    run(main)


def test_a_failure_on_the_way_back_shows_no_entry_out_of_order() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 2)
        tail = log.tail()
        await tail.refresh()
        log.write(4 * PAGE)
        log.client.fault = lambda: broken() if len(log.client.asked) % 4 == 0 else None
        await tail.refresh()
        assert tail.health.state == "stale"
        assert ids(tail) == log.written[:2], "entries after a gap were shown"
        log.client.fault = lambda: None
        await tail.refresh()
        assert ids(tail) == log.written

    run(main)


def test_an_entry_written_late_finds_its_place() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 3)
        tail = log.tail()
        await tail.refresh()
        log.client.items.insert(1, {"id": "late", "created_at": 0})
        log.client.items.insert(0, {"id": "last", "created_at": 0})
        await tail.refresh()
        assert ids(tail) == ["event_0", "event_1", "late", "event_2", "last"]
        assert log.heard == ids(tail)

    run(main)


def test_polls_slower_without_news_and_fast_again_with_them() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 3)
        async with Running(log.client.scheduler()) as scheduler:
            tail = log.tail(scheduler)
            tail.start()
            await asyncio.sleep(100)
            asked = log.client.asked
            assert 8 < asked[-1] - asked[-2] < 12
            log.write()
            await until(lambda: log.written[-1] in ids(tail))
            before = len(asked)
            await asyncio.sleep(4)
            assert len(asked) == before + 1
            tail.stop()

    run(main)


def test_reads_once_more_after_the_end_and_then_stops() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 3)
        async with Running(log.client.scheduler()) as scheduler:
            tail = log.tail(scheduler)
            tail.start()
            await asyncio.sleep(5)
            log.active = False
            log.write()
            await asyncio.sleep(60)
            assert ids(tail) == log.written, "the last entry was missed"
            asked = len(log.client.asked)
            await asyncio.sleep(3600)
            assert len(log.client.asked) == asked, "polled on after the end"
            assert tail.health.state == "live"
            log.write()
            await tail.refresh()
            assert ids(tail) == log.written
            log.active = True
            tail.stop()
            tail.start()
            log.write()
            await asyncio.sleep(10)
            assert ids(tail) == log.written, "does not follow again"
            tail.stop()

    run(main)


def test_what_is_written_while_the_last_look_is_on_its_way_is_read() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 3, latency=2.0)
        async with Running(log.client.scheduler()) as scheduler:
            tail = log.tail(scheduler)
            tail.start()
            await asyncio.sleep(1.5)  # the answer is made, but not here yet
            log.write()
            log.active = False
            await asyncio.sleep(30)
            assert ids(tail) == log.written
            tail.stop()

    run(main)


def test_the_last_look_is_repeated_until_it_succeeds() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 3)
        async with Running(log.client.scheduler()) as scheduler:
            tail = log.tail(scheduler)
            tail.start()
            await asyncio.sleep(1)
            log.active = False
            log.client.fault = down
            log.write()
            await asyncio.sleep(60)
            log.client.fault = lambda: None
            await asyncio.sleep(5)
            assert ids(tail) == log.written
            tail.stop()

    run(main)


def test_memory_is_bounded_and_what_was_let_go_is_counted() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 6)
        tail = log.tail(capacity=10)
        await tail.refresh()
        await tail.older(all=True)
        for _ in range(20):
            log.write(3)
            await tail.refresh()
        assert ids(tail) == log.written[-10:]
        assert tail.dropped == len(log.written) - 10
        assert not tail.complete_back
        await tail.older(all=True)
        assert ids(tail) == log.written[-10:], "older entries pushed out newer ones"
        log.write(50)
        asked = len(log.client.asked)
        await tail.refresh()
        assert len(log.client.asked) - asked <= 4, "walked back further than there is room"
        assert ids(tail) == log.written[-10:]

    run(main)


def test_older_entries_that_no_longer_join_are_not_taken_in() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 3 * PAGE)
        tail = log.tail(capacity=2 * PAGE + 2)
        await tail.refresh()
        await tail.older()
        older = asyncio.ensure_future(tail.older())
        await asyncio.sleep(0.01)
        log.client.latency = 0.001
        log.write(2 * PAGE)
        await tail.refresh()
        await older
        assert ids(tail) == log.written[-2 * PAGE - 2 :]
        assert tail.dropped == 2 * PAGE - 2, "the count of what was let go is wrong"

    run(main)


def test_what_was_let_go_does_not_come_again_with_a_page_larger_than_the_capacity() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, PAGE)
        tail = log.tail(capacity=PAGE - 1)
        for _ in range(5):
            await tail.refresh()
        assert ids(tail) == log.written[1:]
        assert (tail.dropped, tail.version) == (1, 1)

    run(main)


def test_entries_that_are_no_objects_or_lack_an_id_are_kept_once() -> None:
    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, 1)
        odd: list[Any] = [
            "text",
            {"message": "no id"},
            {"id": "event_0", "n": 2},
            {"id": "event_0"},
            {"id": "event_0"},
        ]
        log.client._page = lambda *_: Page(odd, False, None, None)  # type: ignore[method-assign]
        tail = log.tail()
        await tail.refresh()
        await tail.refresh()
        assert [record.raw for record in tail.entries] == [
            {"id": "event_0"},
            {"id": "event_0", "n": 2},
            {"message": "no id"},
            {"value": "text"},
        ]

    run(main)


@pytest.mark.parametrize("capacity", [5000, 30, 3], ids=["all fit", "bounded", "less than a page"])
@examples(40)
@given(
    seed=st.integers(0, 2**32),
    burst=st.integers(1, 30),
    page=st.integers(1, PAGE),
    failing=st.floats(0, 0.8),
    latency=st.floats(0.001, 4),
)
def test_all_entries_in_order_each_once(
    capacity: int, seed: int, burst: int, page: int, failing: float, latency: float
) -> None:
    """Random arrivals, page sizes, failures at any request, hiding, older pages and refreshes; then quiet."""
    chance = random.Random(seed)

    async def main(loop: VirtualLoop) -> None:
        log = Log(loop, chance.randrange(3 * PAGE), latency=latency, page_size=page)
        log.client.fault = lambda: chance.choice([down, broken])() if chance.random() < failing else None
        background: list[asyncio.Future[None]] = []
        async with Running(log.client.scheduler(budget=500)) as scheduler:
            tail = log.tail(scheduler, capacity)
            tail.start()
            doings: list[Callable[[], object]] = [
                lambda: log.write(chance.randrange(burst)),
                lambda: background.append(asyncio.ensure_future(tail.older(all=chance.random() < 0.5))),
                lambda: background.append(asyncio.ensure_future(tail.refresh())),
                lambda: (tail.stop if tail.visible else tail.start)(),
            ]
            for _ in range(25):
                await asyncio.sleep(chance.uniform(0, 6))
                chance.choices(doings, [4, 1, 1, 1])[0]()
                known = ids(tail)
                at = log.written.index(known[0]) if known else 0
                assert known == log.written[at : at + len(known)], "a gap, a double or another order"
            log.client.fault = lambda: None
            tail.start()
            if background:
                await asyncio.wait(background)
            await tail.refresh()
            await tail.older(all=True)
            assert ids(tail) == log.written[-capacity:]
            assert log.heard[-len(tail.entries) :] == ids(tail), "listeners heard another story"
            assert tail.dropped <= len(log.written) - len(tail.entries), "more was let go than there was"
            assert tail.complete_back == (ids(tail) == log.written)
            tail.stop()

    run(main)
