"""Rows of cells: how much of the room their columns take."""

from __future__ import annotations

import pytest

from tests.support.viewing import staged
from tui.widgets.text.cells_view import CellRow, CellsView


@pytest.mark.parametrize(("grow", "fills"), [((0, 1), False), ((0,), True)])
async def test_a_column_that_grows_alone_takes_all_room_and_several_stay_together(
    grow: tuple[int, ...], fills: bool
) -> None:
    view = CellsView(*grow)
    async with staged(view, width=90) as stage:
        view.show([CellRow(("a",), (("long text of an item", ""), ("World", ""), ("Markets", "")))], "")
        await stage.pilot.pause()
        line = stage.text()[0]
    assert ("item  World  Markets" in line) is not fills, line
    assert (len(line) > 80) is fills, line
