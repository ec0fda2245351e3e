"""`:watches`: what is watched is opened from there, and no longer watched by a key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.driving import opened, served
from tests.support.nursery import SLOW
from tui.screens.workflows.watched import WatchedScreen


@pytest.mark.opens("WatchedScreen")
async def test_a_watch_is_ended_by_the_key_of_lists() -> None:
    with served(scenario="busy", speed=SLOW) as server:
        batches = server.call("GET", "/batches?limit=100")["data"]
        first, second, *_ = [each["id"] for each in batches if each["status"] == "in_progress"]
        async with opened(server, "batches") as drive:
            for id_ in (first, second):
                drive.table.cursor_id = id_
                await drive.until(lambda id_=id_: drive.record and drive.record.id == id_, "the row")  # type: ignore[misc]
                await drive.press("W")
                await drive.told("You are told when it is over")
            await drive.command("watches 200")
            await drive.told("You are told when a day costs more than $200")
            rules: Any = drive.app.navigator.session.rules  # type: ignore[union-attr]
            assert len(rules.rules) == 3
            await drive.command("watches")
            await drive.sees("ctrl+d end the watch")
            await drive.press("ctrl+d")
            await drive.told("No longer watched: batches")
            await drive.until(lambda: [*rules.rules][:1] == [second], "the first to be let go")
            await drive.press("slash", *"over $200", "ctrl+d")
            await drive.until(lambda: [*rules.rules] == [second], "the costs to be let go")
            await drive.press("escape")
            await drive.press("ctrl+d")
            await drive.until(
                lambda: not isinstance(drive.app.screen, WatchedScreen), "the end, as nothing is left"
            )
            assert not rules.rules
        async with opened(server, "batches") as drive:
            await drive.command("watches")
            await drive.told("Nothing is watched")
