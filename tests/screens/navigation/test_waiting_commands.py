"""A `:` command that waits for the server: its line says so and stays as it is; esc stops it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import opened
from tests.support.odd_server import odd_server
from tui.screens.dialogs.viewer import Viewer
from tui.screens.places.object import ObjectScreen
from tui.toolkit.controls import Input
from tui.widgets.input.prompt import WAITING, Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.driving import Drive

BATCH = {"id": "batch_1", "object": "batch", "status": "completed"}
LINE = "open batch_2"


def _top(drive: Drive, kind: type) -> Any:
    """The screen on top, if it is of this kind."""
    return drive.app.screen if isinstance(drive.app.screen, kind) else None


@pytest.mark.opens("Waiting")
async def test_over_a_view_without_a_prompt_it_waits_as_well() -> None:
    answers = threading.Semaphore(0)

    def answer(_: Mapping[str, str]) -> Any:
        answers.acquire()
        return {**BATCH, "id": "batch_2"}

    listed = {"object": "list", "data": [BATCH], "has_more": False}
    with odd_server({"/batches": listed, "/batches/batch_2": answer}) as url:
        try:
            async with opened(None, base_url=url) as drive:
                await drive.sees("batches  1")
                await drive.command("journal")
                view = await drive.until(
                    lambda: (at := drive.app.screen) and isinstance(at, Viewer) and at, "a text"
                )
                await drive.command(LINE)
                await drive.sees(WAITING)
                assert f":{LINE}" in drive.text()
                await drive.press("escape")
                await drive.until(lambda: drive.app.screen is view, "the text again")
                answers.release()
                await drive.command("open batch_3")
                await drive.sees("No batch has this id here.")
                await drive.press("escape")
                answers.release()
                await drive.command(LINE)
                await drive.until(lambda: isinstance(drive.app.screen, ObjectScreen), "the object")
        finally:
            answers.release(9)


async def test_what_is_typed_meanwhile_leaves_the_line_alone_and_esc_stops_it() -> None:
    asked, answers = threading.Semaphore(0), threading.Semaphore(0)

    def answer(_: Mapping[str, str]) -> Any:
        asked.release()
        answers.acquire()
        return {**BATCH, "id": "batch_2"}

    listed = {"object": "list", "data": [BATCH], "has_more": False}
    with odd_server({"/batches": listed, "/batches/batch_2": answer}) as url:
        try:
            async with opened(None, base_url=url) as drive:
                await drive.sees("batches  1")
                prompt = drive.app.screen.query_one(Prompt)
                await drive.command(LINE)
                await drive.until(lambda: asked.acquire(blocking=False), "the server to be asked")
                await drive.sees(WAITING)
                await drive.press("x", "space", "colon", "backspace", "left", "tab", "down", "enter")
                await drive.type("pasted")
                assert prompt.query_one(Input).value == LINE
                assert WAITING in drive.text()
                assert not asked.acquire(blocking=False), "it was asked for again"
                await drive.press("escape")
                await drive.until(lambda: not prompt.display, "the prompt to close")
                workers = drive.app.workers
                await drive.until(lambda: not any(each.group == "command" for each in workers), "it to stop")
                answers.release()
                await drive.press("colon", "x", "backspace")
                assert prompt.query_one(Input).value == "", "the next line takes keys again"
                await drive.press("escape")
                answers.release()
                await drive.command(LINE)
                await drive.until(lambda: isinstance(drive.app.screen, ObjectScreen), "the object")
        finally:
            answers.release(9)
