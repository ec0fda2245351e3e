"""`L` loads every page: it ends by itself where there is no more, and esc and z stop it."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Drive, opened
from tests.support.odd_server import odd_server
from tui.live.lists import sorting, view

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

PAGES, PAGE = 120, 100
BATCHES = [{"id": f"batch_{at:05}", "object": "batch", "status": "completed"} for at in range(PAGES * PAGE)]


class Pages:
    """A server with many pages of batches, of which all but the first wait until the test lets them go."""

    def __init__(self) -> None:
        self.cursors: list[str] = []
        """Where each page that was asked for begins: "" for the first."""
        self._allowed = threading.Semaphore(0)

    def let(self, pages: int) -> None:
        """Let so many pages go."""
        self._allowed.release(pages)

    @property
    def later(self) -> list[str]:
        """The cursors of all pages but the first."""
        return list(filter(None, self.cursors))

    def answer(self, query: Mapping[str, str]) -> Any:
        cursor = query.get("after", "")
        self.cursors.append(cursor)
        if cursor:
            self._allowed.acquire()
        start = int(cursor.removeprefix("batch_")) + 1 if cursor else 0
        end = start + int(query["limit"])
        return {"object": "list", "data": BATCHES[start:end], "has_more": end < len(BATCHES)}


@asynccontextmanager
async def loading(pages: Pages) -> AsyncIterator[Drive]:
    """The list of a server with many pages, of which `L` has loaded four; the next one is on its way."""
    with odd_server({"/batches": pages.answer}) as url:
        try:
            async with opened(None, base_url=url) as drive:
                await drive.sees("batches  100+")
                await drive.press("L")
                await drive.sees("loading… esc stops")
                pages.let(3)
                await drive.sees("batches  400+")
                await drive.until(lambda: len(pages.later) == 4, "the next page to be asked for")
                yield drive
        finally:
            pages.let(PAGES)  # the server's threads end


async def grown(drive: Drive) -> None:
    """Wait until several pages more have come."""
    await drive.until(lambda: len(drive.table.view) >= 9 * PAGE, "several pages more")


async def refreshed(drive: Drive, pages: Pages) -> None:
    """Press r and wait until the list is asked for."""
    before = pages.cursors.count("")
    await drive.press("r")
    await drive.until(lambda: pages.cursors.count("") > before, "the list to be asked for")


@pytest.mark.parametrize("key", ["escape", "z"])
async def test_a_key_stops_it_what_came_stays_and_it_goes_on_from_there(key: str) -> None:
    pages = Pages()
    async with loading(pages) as drive:
        await drive.press(key)
        await drive.until(lambda: "loading" not in drive.text(), "the title to say so")
        pages.let(PAGES)  # whatever is asked for from here on is answered
        for _ in range(3):  # time enough to ask for more
            await refreshed(drive, pages)
        assert len(pages.later) == 4
        assert "batches  400+" in drive.text()
        await drive.press(*(["z"] if key == "z" else []), "L")
        await grown(drive)
        cursors = pages.later[4:]
        assert cursors == [f"batch_{399 + at * PAGE:05}" for at in range(len(cursors))]
        await drive.press("escape")
        await drive.until(lambda: "loading" not in drive.text(), "the title to say that it is over again")


async def test_a_second_time_stops_nothing() -> None:
    pages = Pages()
    async with loading(pages) as drive:
        await drive.press("L")
        pages.let(PAGES)
        await grown(drive)


async def test_it_takes_over_from_the_page_that_scrolling_has_asked_for() -> None:
    pages = Pages()
    with odd_server({"/batches": pages.answer}) as url:
        try:
            async with opened(None, base_url=url) as drive:
                await drive.sees("batches  100+")
                await drive.press("G")
                await drive.told("The last of 100 loaded: L loads all.")
                await drive.until(lambda: len(pages.later) == 1, "the next page to be asked for")
                await drive.press("L")
                pages.let(PAGES)
                await grown(drive)
        finally:
            pages.let(PAGES)


async def test_it_ends_by_itself_where_the_server_ignores_the_cursor() -> None:
    cursors: list[str] = []

    def answer(query: Mapping[str, str]) -> Any:
        cursors.append(query.get("after", ""))
        return {"object": "list", "data": BATCHES[:PAGE], "has_more": True}

    with odd_server({"/batches": answer}) as url:
        async with opened(None, base_url=url) as drive:
            await drive.sees("batches  100+")
            await drive.press("L")
            await drive.sees("· the server gives no more")
            assert "loading" not in drive.text()
            assert len(drive.table.view) == PAGE
            assert list(filter(None, cursors)) == [f"batch_{PAGE - 1:05}"]


async def test_the_rows_of_a_long_list_are_worked_out_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MANY", -1)
    monkeypatch.setattr(sorting, "SLICE", 3)
    pages = Pages()
    with odd_server({"/batches": pages.answer}) as url:
        async with opened(None, base_url=url) as drive:
            await drive.sees("batches  100+")
            await drive.press("N")
            await drive.sees("▴ name")
            await drive.press("/", *"00007")
            await drive.sees("1 of 100+")
            await drive.until(lambda: not drive.table.view.is_working, "the rows")
            assert [*drive.table.view.ids] == ["batch_00007"]
            assert drive.table.cursor_id == "batch_00007"
            pages.let(PAGES)
