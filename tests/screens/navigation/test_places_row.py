"""The row of places: digits and clicks jump, and belong to whoever types."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.driving import opened
from tui.config.reading import load
from tui.toolkit.controls import Input
from tui.widgets.base.places_bar import PlacesBar
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from tests.support.driving import Server


async def test_digits_jump_unless_they_are_typed(fresh: Server) -> None:
    config = Path(os.environ["O9S_CONFIG_DIR"]) / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('places = ["b", "files", "audit", "no-such", "stores"]\n')
    async with opened(fresh) as drive:
        await drive.sees("1 B  2 files  3 audit")
        app = drive.app
        assert app.navigator
        await drive.until(lambda: app.navigator and app.navigator.find_absent() == {3}, "the one in vain")
        row = app.screen.query_one(PlacesBar)
        await drive.until(lambda: dict(row.parts[0])[" 4"] == "dim", "it to be grey")
        await drive.press("2")
        await drive.sees("1 b  2 FILES")
        await drive.press("slash", "2", "1")
        assert drive.app.screen.query_one(Prompt).query_one(Input).value == "21"
        await drive.press("escape", "4")
        await drive.told("no-such")
        await drive.press("7")
        await drive.told("no place 7")
        await drive.press("3")
        await drive.sees("project.updated")
        await drive.press("1")  # from a log too
        await drive.sees("1 B  2 files  3 audit")
        await drive.command("http")
        await drive.until(lambda: len(drive.app.screen_stack) == 3, "the requests")
        await drive.press("7")
        await drive.told("no place 7")
        await drive.press("2")  # and from a text over it
        await drive.sees("1 b  2 FILES")
        row = drive.app.screen.query_one(PlacesBar)
        await drive.click(row, offset=(drive.text().splitlines()[row.region.y].index("stores"), 0))
        await drive.sees(" vector-stores ")
        await drive.press("2", "slash", *"purpose:batch", "enter")
        await drive.command("place 9")
        await drive.sees("the next free one is 6")
        await drive.press("escape")
        await drive.command("place 6 bathces")
        await drive.sees("There is nothing called 'bathces'; did you mean batches")
        await drive.press("escape")
        await drive.command("place 6")
        await drive.told("6 leads to files /purpose:batch.")
        await drive.sees("6 FILES /PURPOSE:BATCH")
        await drive.press("1", "6")
        await drive.sees("/purpose:batch")
        assert load().places == ("b", "files", "audit", "no-such", "stores"), "the config is the user's own"
        await drive.press("f")
        await drive.until(lambda: drive.app.screen.location.id, "one file")  # type: ignore[attr-defined]
        await drive.command("place 4")
        await drive.told("4 leads to file-")
        await drive.press("5", "4")
        await drive.until(lambda: drive.app.screen.location.id, "that file")  # type: ignore[attr-defined]
        await drive.press("1")
        await drive.pilot.resize_terminal(120, 29)
        await drive.until(lambda: "2 files" not in drive.text(), "no row where there is no room")
    async with opened(fresh) as drive:
        await drive.sees("3 audit  4 file-")
        await drive.sees("6 files /purpose:batch")
    config.write_text('places = ["b", "stores"]\n')
    async with opened(fresh) as drive:
        await drive.sees("1 B  2 stores  : more")


def test_places_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    cases = {
        "places = 3": (9, "places must be"),
        'places = ["a", 1]': (1, "places[2] must be a text"),
        f"places = {[str(number) for number in range(11)]}": (10, "places has 11 entries"),
    }
    for line, (kept, says) in cases.items():
        path.write_text(line)
        config = load(path)
        assert len(config.places) == kept
        assert any(notice.startswith(f"config.toml line 1: {says}") for notice in config.notices)
