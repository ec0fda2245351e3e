"""Tabs in little room."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.widgets.detail.tab_bar import TabBar

TABS = ("summary", "events", "checkpoints", "chart", "json")


class Tabbed(App[None]):
    def compose(self) -> ComposeResult:
        yield TabBar()


@pytest.mark.parametrize(
    ("width", "open_tab", "seen"),
    [
        (60, "events", " summary │ EVENTS │ checkpoints │ chart │ json"),
        (43, "events", " summary│EVENTS│checkpoints│chart│json"),
        (24, "summary", " SUMMARY│events│checkpo›"),
        (24, "chart", "‹checkpoints│CHART│json"),
    ],
)
async def test_tabs_stand_closer_and_say_that_more_go_on(width: int, open_tab: str, seen: str) -> None:
    async with Tabbed().run_test(size=(width, 3)) as pilot:
        bar = pilot.app.query_one(TabBar)
        bar.show(TABS, open_tab)
        assert bar.render().plain == seen
