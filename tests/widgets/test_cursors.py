"""The line that keys act on, and the chosen part of a bar, are told apart in both themes, without colour too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.color import Color

from tui import themes
from tui.commands.keymap import find_owners
from tui.toolkit.controls import Option, OptionList
from tui.toolkit.drawing.legible import measure_contrast
from tui.widgets.charts.bars_chart import BarsChart
from tui.widgets.charts.vector_matrix import VectorMatrix
from tui.widgets.table.live_table import LiveTable
from tui.widgets.table.matrix import Matrix

if TYPE_CHECKING:
    from pathlib import Path

    from rich.style import Style
    from textual.app import ComposeResult
    from textual.widget import Widget

CURSORS: dict[type[Widget], str] = {
    LiveTable: "live-table--cursor",
    BarsChart: "line-view--cursor",
    Matrix: "matrix--cursor",
    VectorMatrix: "vector-matrix--cursor",
}
APART = 1.7  # contrast of grounds that the eye tells apart at once


class Cursors(themes.Themed):
    """One widget of each kind that has a cursor."""

    def compose(self) -> ComposeResult:
        yield from (kind() for kind in CURSORS)
        yield OptionList(Option("one"), Option("two"))


def how_far(one: Color, other: Color) -> float:
    """The contrast of two colours, in colour or in greys, whichever is less."""
    greys = one.monochrome.rich_color.get_truecolor(), other.monochrome.rich_color.get_truecolor()
    return min(
        measure_contrast(one.rich_color.get_truecolor(), other.rich_color.get_truecolor()),
        measure_contrast(*greys),
    )


def ground_of(style: Style) -> Color:
    assert style.bgcolor
    return Color.from_rich_color(style.bgcolor)


def test_all_that_have_a_cursor_are_looked_at() -> None:
    found = {
        name
        for kind in find_owners()
        for name in getattr(kind, "COMPONENT_CLASSES", ())
        if name.endswith("--cursor") and not name.startswith(("input-", "text-area-"))
    }
    assert found == set(CURSORS.values())


@pytest.mark.parametrize("theme", [themes.DARK.name, themes.LIGHT.name])
async def test_a_cursor_is_seen_without_colour(theme: str, tmp_path: Path) -> None:
    app = Cursors()
    app.start_theme(theme, tmp_path, {})
    async with app.run_test(size=(80, 60)) as pilot:
        for kind, name in CURSORS.items():
            widget = app.query_one(kind)
            widget.focus()
            await pilot.pause()
            ground = ground_of(widget.get_component_rich_style(name))
            assert how_far(ground, ground_of(widget.rich_style)) > APART, kind
        options = app.query_one(OptionList)
        for focused in (False, True):
            app.set_focus(options if focused else None)
            await pilot.pause()
            ground = ground_of(options.get_component_rich_style("option-list--option-highlighted"))
            assert how_far(ground, ground_of(options.rich_style)) > APART, f"an option, {focused=}"
        chart = app.query_one(BarsChart)
        chosen, rest = (chart.get_component_rich_style(f"line-view--{name}").color for name in ("good", "key"))
        assert chosen and rest
        assert how_far(Color.from_rich_color(chosen), Color.from_rich_color(rest)) > APART, "bars"
