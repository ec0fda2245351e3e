"""`:` asks for a command wherever one looks at something, and is text where one writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support.driving import PROJECT_KEY, Drive, Server, opened, served
from tui.resources.registry import REGISTRY
from tui.screens.navigation.command_line import CommandLine
from tui.screens.places.base import PlaceScreen
from tui.widgets.detail.summary import Summary
from tui.widgets.table.live_table import LiveTable
from tui.widgets.text.event_log import EventLog
from tui.widgets.text.json_view import JsonView
from tui.widgets.text.line_view import LineView
from tui.widgets.text.text_view import TextView

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


def typed(drive: Drive, line: str) -> None:
    """Have a line come from the terminal at once, key by key."""
    for key in line:
        name = {":": "colon", "\r": "enter", "-": "minus"}.get(key, key)
        drive.app.post_message(events.Key(name, key))


async def goes(drive: Drive, name: str) -> None:
    await drive.until(
        lambda: isinstance(drive.app.screen, PlaceScreen) and drive.app.screen.resource.name == name, f":{name}"
    )


@pytest.mark.opens("CommandLine", "ExchangesScreen", "JournalScreen", "ResourceScreen")
async def test_it_leads_away_from_every_view(server: Server) -> None:
    async with opened(server) as drive:
        for view in ("journal", "http"):
            await drive.command(view)
            await drive.until(lambda: len(drive.app.screen_stack) == 3, f"the {view}")
            typed(drive, ":files\r")
            await goes(drive, "files")
            await drive.command("batches")
            await goes(drive, "batches")
        await drive.until(lambda: drive.record, "an object")
        await drive.press("u")
        await drive.until(lambda: len(drive.app.screen_stack) == 3, "used by")
        typed(drive, ":responses\r")
        await goes(drive, "responses")


@pytest.mark.opens("Viewer")
async def test_requests_and_writes_open_with_all_that_is_kept_and_no_key(server: Server) -> None:
    async with opened(server, "files") as drive:
        await drive.until(lambda: drive.record, "a file")
        name = drive.record.raw["filename"]
        await drive.press("ctrl+d")
        await drive.answer()
        await drive.until(lambda: drive.record.raw["filename"] != name, "the file to go")
        await drive.command("http")
        await drive.until(lambda: len(drive.app.screen_stack) == 3, "the requests")
        await drive.press("enter")
        await drive.sees('"headers"')
        text = drive.text()
        assert "rate_limits" in text
        assert PROJECT_KEY not in text
        await drive.press("escape", "escape")
        await drive.command("journal")
        await drive.until(lambda: "DELETE" in drive.text(), "the write")
        await drive.press("G", "enter")
        await drive.sees("file_id")
        await drive.sees('"done"')


async def test_in_a_bench_it_is_text_in_the_field_and_a_command_beside_it(server: Server) -> None:
    async with opened(server) as drive:
        await drive.command("respond")
        await drive.sees("Write below")
        bench = drive.app.screen
        typed(drive, ":x")
        await drive.sees(":x")
        assert drive.app.screen is bench
        bench.set_focus(None)
        typed(drive, ":batches\r")
        await goes(drive, "batches")


async def test_a_fault_stands_beside_the_line_and_a_number_is_a_line_of_a_text(server: Server) -> None:
    async with opened(server) as drive:
        await drive.command("http")
        await drive.until(lambda: len(drive.app.screen_stack) == 3, "the requests")
        view = drive.app.screen
        typed(drive, ":nonsense\r")
        await drive.sees("There is nothing called")
        assert isinstance(drive.app.screen, CommandLine)
        await drive.press("escape")
        await drive.until(lambda: drive.app.screen is view, "the view")
        typed(drive, ":1\r")
        await drive.until(lambda: drive.app.screen is view, "the view")
        await drive.until(lambda: view.query_one(TextView).cursor == 0, "the first line")


def test_no_key_of_a_part_means_another_thing_in_its_place() -> None:
    """What lies inside a place leaves alone the keys that act on its object."""
    acting = {action.key for resource in REGISTRY.values() for action in resource.actions} - {"", "enter"}
    acting |= {child.key for resource in REGISTRY.values() for child in resource.children} - {""}
    free = {"c", "n"}  # copy what is under the cursor; the next of what was looked for, once something was
    for part in (EventLog, TextView, JsonView, Summary, LineView, LiveTable):
        keys = {key for key, _ in part._merge_bindings()}
        assert not (keys & acting) - free, part
