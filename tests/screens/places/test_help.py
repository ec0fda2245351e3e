"""Help: what is said of a key stands beside it, however long it is and however narrow the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened
from tui.screens.places.help import HelpScreen
from tui.screens.places.object import ObjectScreen
from tui.toolkit.controls import OptionList

if TYPE_CHECKING:
    from tests.support.driving import Drive


def _lines(drive: Drive) -> list[str]:
    """What stands in the list of keys, without what is around it."""
    (shown,) = (each for each in drive.app.screen.query(OptionList) if each.display)
    around = shown.region
    lines = drive.text().splitlines()[around.y : around.bottom]
    return [line[around.x + 1 : around.right - 2] for line in lines]


@pytest.mark.parametrize("size", [(60, 24), (80, 24), (120, 40)])
async def test_a_long_reason_goes_on_below_itself(fresh: Server, size: tuple[int, int]) -> None:
    async with opened(fresh, "batches", size=size) as drive:
        await drive.until(lambda: drive.record, "a batch")
        await drive.press("question_mark")
        await drive.until(lambda: isinstance(drive.app.screen, HelpScreen), "the help")
        await drive.type("send again")
        shown = drive.app.screen.query(OptionList)
        await drive.until(lambda: sum(each.option_count for each in shown) == 1, "one key")
        first, *rest = [line for line in _lines(drive) if line.strip()]
        assert first[:9].strip() == "R"
        assert rest
        assert all(not line[:10].strip() for line in rest), rest
        said = " ".join(" ".join((first[10:], *rest)).split())
        assert said.endswith("R in its results sends requests again")


async def test_groups_stand_in_columns_and_the_cursor_goes_between_them(fresh: Server) -> None:
    async with opened(fresh, "batches", size=(120, 40)) as drive:
        await drive.until(lambda: drive.record, "a batch")
        await drive.press("question_mark")
        await drive.sees("THIS BATCH")
        text = drive.text()
        assert all(heading in text for heading in ("GO", "VIEW", "LIST AND TEXT"))
        assert f"batch {drive.app.screen_stack[-2].record.object.name}" in text, "what keys act on"  # type: ignore[attr-defined]
        screen = drive.app.screen
        assert isinstance(screen, HelpScreen)
        assert screen._chosen == ("here", 0)
        await drive.press("right")
        assert screen._chosen == ("go", 0)
        await drive.press("left", "left")
        assert screen._chosen == ("view", 0), "around the edge to the last column"
        await drive.press("right", "up", "down", "down")
        assert screen._chosen == ("here", 2)
        await drive.type("hold upd")
        await drive.until(lambda: screen._chosen == ("view", 0), "the one that is left")
        await drive.press("enter")
        await drive.sees("held")


async def test_keys_about_how_a_part_is_seen_are_not_told_of_the_object(fresh: Server) -> None:
    async with opened(fresh, "home", size=(120, 40)) as drive:
        await drive.sees("NEEDS YOU")
        await drive.press("question_mark")
        await drive.until(lambda: isinstance(drive.app.screen, HelpScreen), "the help")
        assert isinstance(drive.app.screen, HelpScreen)
        words = {name: [entry.words for entry in found] for name, found in drive.app.screen._entries.items()}
        assert {"next panel", "previous panel"} <= set(words["view"])
        await drive.press("escape")
        await drive.command("batches")
        await drive.until(lambda: drive.record, "a batch")
        await drive.press("f")
        await drive.until(lambda: isinstance(drive.app.screen, ObjectScreen), "the batch by itself")
        await drive.press("question_mark")
        await drive.until(lambda: isinstance(drive.app.screen, HelpScreen), "the help")
        assert isinstance(drive.app.screen, HelpScreen)
        words = {name: [entry.words for entry in found] for name, found in drive.app.screen._entries.items()}
        assert "smooth curves" in words["view"]


async def test_a_faulty_command_is_told_in_full(fresh: Server) -> None:
    async with opened(fresh, "batches", size=(80, 24)) as drive:
        await drive.command("offboard")
        wanted = "Give the mail address, such as :offboard ada@acme.example, or the user's id."

        def said() -> str:
            return " ".join(" ".join(drive.text().splitlines()[-5:]).split())

        await drive.until(lambda: f": offboard {wanted}" in said(), "all of it, right behind the line")
        await drive.type("x")
        await drive.until(lambda: wanted not in said(), "another line, of which nothing is known yet")


async def test_a_column_has_the_room_that_the_others_leave(fresh: Server) -> None:
    async with opened(fresh, "batches", size=(200, 60)) as drive:
        await drive.until(lambda: drive.record, "a batch")
        await drive.press("question_mark")
        await drive.sees("was not refused; R in its")
        await drive.press("escape", "a")
        await drive.sees("it was not refused; R in its results sends requests again")


@pytest.mark.parametrize("place", ["eval-runs", "batches", "files", "keys"])
async def test_no_key_is_listed_twice_with_the_same_words(fresh: Server, place: str) -> None:
    async with opened(fresh, "evals" if place == "eval-runs" else place, size=(120, 40)) as drive:
        await drive.until(lambda: drive.record, "a row")
        if place == "eval-runs":
            await drive.press("enter")
            await drive.until(lambda: drive.record and drive.record.id.startswith("evalrun_"), "a run")
        await drive.press("question_mark")
        await drive.until(lambda: isinstance(drive.app.screen, HelpScreen), "the help")
        assert isinstance(drive.app.screen, HelpScreen)
        shown = [entry for found in drive.app.screen._entries.values() for entry in found]
        assert len({(entry.keys, entry.words) for entry in shown}) == len(shown)
        if place == "eval-runs":
            assert [entry.words for entry in shown if entry.keys == "="] == ["compare"]
