"""A screen that a worker opens late: it covers neither what the user has opened meanwhile nor what they type."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from inspect import CORO_CLOSED, getcoroutinestate
from typing import TYPE_CHECKING, Any

import pytest
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from tests.support.driving import until
from tui.toolkit.keys.screen_order import READY, ScreensInOrder, wait_for_turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from textual.app import ComposeResult
    from textual.pilot import Pilot


class Place(Screen[None]):
    AUTO_FOCUS = ""

    def compose(self) -> ComposeResult:
        yield Input()


class Over(ModalScreen[str]):
    def compose(self) -> ComposeResult:
        yield Static("over")


class Urgent(Over):
    AT_ONCE = True


class Late:
    """A worker of the place that goes on when it is told to."""

    def __init__(self, app: ScreensInOrder, place: Place) -> None:
        self.app, self.place = app, place
        self._answered = asyncio.Event()
        self.result: Any = None

    def begin(self, go_on: Callable[[], Awaitable[Any]]) -> None:
        async def work() -> None:
            await self._answered.wait()
            self.result = await go_on()

        self.worker = self.place.run_worker(work())

    def answer(self) -> None:
        self._answered.set()


@asynccontextmanager
async def placed() -> AsyncIterator[tuple[Late, Pilot[None]]]:
    app = ScreensInOrder()
    async with app.run_test(notifications=True) as pilot:
        place = Place()
        await app.push_screen(place)
        yield Late(app, place), pilot


async def turns(pilot: Pilot[None]) -> None:
    """Let everything go on that can."""
    for _ in range(3):
        await pilot.pause(0.06)


def opening(late: Late, screen: Screen[Any], *, wait: bool) -> Callable[[], Awaitable[Any]]:
    async def go_on() -> Any:
        return await (late.app.push_screen_wait(screen) if wait else late.app.push_screen(screen))

    return go_on


async def test_the_work_of_a_worker_that_is_stopped_at_once_is_closed() -> None:
    async def work() -> None:
        raise AssertionError("stopped before it began")

    async with placed() as (late, pilot):
        begun = work()
        late.place.run_worker(begun).cancel()
        await turns(pilot)
        assert getcoroutinestate(begun) == CORO_CLOSED


async def test_a_worker_that_is_stopped_with_its_place_does_not_stop_what_replaces_that() -> None:
    async with placed() as (late, pilot):
        app, left = late.app, late.place

        async def open_late() -> None:
            app.switch_screen(Place())
            await app.push_screen_wait(Over())

        left.run_worker(open_late())
        await turns(pilot)
        assert app.is_running
        assert not left.is_running
        assert [type(screen) for screen in app.screen_stack[1:]] == [Place]


async def test_a_removal_goes_on_without_the_worker_that_waits_for_it() -> None:
    began, left = asyncio.Event(), asyncio.Event()

    class Slow(Static):
        async def on_unmount(self) -> None:
            began.set()
            await left.wait()

    async with placed() as (late, pilot):
        await late.place.mount(slow := Slow())

        async def remove() -> None:
            await slow.remove()

        worker = late.place.run_worker(remove())
        await began.wait()
        worker.cancel()
        await until(lambda: worker.is_finished, "the worker to end")
        left.set()
        await until(lambda: not late.place.query(Slow), "the removal")
        await pilot.press("x")
        assert late.app.is_running


@pytest.mark.parametrize("wait", [True, False])
async def test_it_waits_for_what_the_user_has_opened_and_says_so_once(wait: bool) -> None:
    async with placed() as (late, pilot):
        mine, its = Over(), Over()
        late.begin(opening(late, its, wait=wait))
        late.app.push_screen(mine)
        late.answer()
        await until(lambda: late.app._notifications, "the sentence")
        await turns(pilot)
        assert late.app.screen is mine
        assert [note.message for note in late.app._notifications] == [READY]
        mine.dismiss("")
        await until(lambda: late.app.screen is its, "its turn")
        its.dismiss("done")
        await until(lambda: late.worker.is_finished, "the end")
        assert late.place is late.app.screen_stack[-1]


@pytest.mark.parametrize("wait", [True, False])
async def test_it_shows_at_once_where_the_user_has_opened_nothing(wait: bool) -> None:
    async with placed() as (late, _):
        its = Over()
        late.begin(opening(late, its, wait=wait))
        late.answer()
        await until(lambda: late.app.screen is its, "it")
        assert not late.app._notifications


async def test_it_waits_while_the_user_types() -> None:
    async with placed() as (late, pilot):
        its = Over()
        late.begin(opening(late, its, wait=True))
        late.place.query_one(Input).focus()
        await pilot.pause()
        late.answer()
        await until(lambda: late.app._notifications, "the sentence")
        await pilot.press("y", "e", "s")
        assert late.place.query_one(Input).value == "yes"
        late.place.set_focus(None)
        await until(lambda: late.app.screen is its, "its turn")


async def test_what_was_open_or_in_focus_when_it_began_is_not_waited_for() -> None:
    async with placed() as (late, pilot):
        mine, its = Over(), Over()
        await late.app.push_screen(mine)
        late.begin(opening(late, its, wait=False))
        late.answer()
        await until(lambda: late.app.screen is its, "it")
        its.dismiss("")
        mine.dismiss("")
        late.place.query_one(Input).focus()
        await pilot.pause()
        again = Late(late.app, late.place)
        again.begin(opening(again, its := Over(), wait=False))
        again.answer()
        await until(lambda: late.app.screen is its, "it")


async def test_its_own_screens_and_those_opened_from_them_are_not_waited_for() -> None:
    async with placed() as (late, _):
        first, second, third = Over(), Over(), Over()

        async def go_on() -> None:
            await late.app.push_screen(first)
            await late.app.push_screen(second)

        late.begin(go_on)
        late.answer()
        await until(lambda: late.app.screen is second and second.is_mounted, "both")
        second.call_later(late.app.push_screen, third)
        await until(lambda: late.app.screen is third, "the one opened by a handler")
        assert not late.app._notifications


async def test_two_that_wait_show_one_after_the_other() -> None:
    async with placed() as (late, _):
        other, mine = Late(late.app, late.place), Over()
        screens = [Over(), Over()]
        for each, screen in zip((late, other), screens, strict=True):
            each.begin(opening(each, screen, wait=True))
        late.app.push_screen(mine)
        late.answer()
        other.answer()
        await until(lambda: len(late.app._notifications) == 2, "both to wait")
        mine.dismiss("")
        seen = []
        for _ in screens:
            await until(lambda: late.app.screen in screens, "one of them")
            assert len(late.app.screen_stack) == 3
            seen.append(late.app.screen)
            seen[-1].dismiss("")
        assert set(seen) == set(screens)


async def test_what_cannot_wait_shows_at_once() -> None:
    async with placed() as (late, _):
        secret = Urgent()
        late.begin(opening(late, secret, wait=True))
        late.app.push_screen(Over())
        late.answer()
        await until(lambda: late.app.screen is secret, "it")


@pytest.mark.parametrize("awaited", [True, False])
async def test_it_does_not_show_when_what_it_was_for_is_left(awaited: bool) -> None:
    async with placed() as (late, pilot):
        mine, its = Over(), Over()

        async def go_on() -> None:
            shown = late.app.push_screen(its)
            if awaited:
                await shown

        late.begin(go_on)
        late.app.push_screen(mine)
        late.answer()
        await until(lambda: late.app._notifications, "it to wait")
        late.app.pop_screen()
        late.app.switch_screen(Place())
        await turns(pilot)
        assert its not in late.app.screen_stack
        assert not its.is_attached


async def test_other_steps_can_wait_for_their_turn_too() -> None:
    async with placed() as (late, pilot):
        mine = Over()

        async def go_on() -> str:
            await wait_for_turn(late.app)
            return "went on"

        late.begin(go_on)
        late.app.push_screen(mine)
        late.answer()
        await turns(pilot)
        assert late.result is None
        mine.dismiss("")
        await until(lambda: late.result == "went on", "its turn")


async def test_a_screen_that_is_told_twice_to_close_takes_nothing_along() -> None:
    async with placed() as (late, pilot):
        over = Over()
        await late.app.push_screen(over)
        over.dismiss()
        over.dismiss()
        await pilot.pause()
        assert isinstance(late.app.screen, Place)


async def test_a_screen_that_others_lie_over_closes_after_them() -> None:
    async with placed() as (late, pilot):
        screens, results = [Over(), Over(), Over()], list[str | None]()
        for screen in screens:
            await late.app.push_screen(screen, results.append)
        first, second, above = screens
        second.dismiss("second")
        first.dismiss("first")
        first.dismiss("again")
        await pilot.pause()
        assert late.app.screen is above
        assert not results
        above.dismiss("above")
        await pilot.pause()
        assert results == ["above", "second", "first"]
        assert isinstance(late.app.screen, Place)
        await until(lambda: not any(screen.is_attached for screen in screens), "them to be gone")
