"""Parts of the terminal's height: what stands around them is as tall as they are, also once it is resized."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from tests.support.driving import until
from tui.toolkit.controls import OptionList
from tui.toolkit.drawing.layouts import FittingHeights

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Dialog(FittingHeights):
    CSS = "Vertical { height: auto; } OptionList { height: auto; max-height: 50vh; border: none; padding: 0; }"

    def compose(self) -> ComposeResult:
        with Vertical():
            yield OptionList(*map(str, range(100)))  # type: ignore[arg-type]


async def test_a_box_is_as_tall_as_the_part_of_the_terminal_in_it() -> None:
    app = Dialog()
    async with app.run_test(size=(40, 20)) as pilot:
        box, inside = app.query_one(Vertical), app.query_one(OptionList)
        for lines in (20, 40, 10):
            await pilot.resize_terminal(40, lines)
            half = lines // 2
            await until(lambda: inside.size.height == half == box.size.height, f"half of {lines}")  # noqa: B023
