"""Lines over and under what is shown: what gives way where there is not room for all."""

from __future__ import annotations

from textual.app import App

from tui.widgets.base.bars import TitleBar

WAY = (" evals ▸ Headline topics ▸ eval-runs ▸ prompt v4 ▸", "dim")
HERE, RIGHT = [(" eval-items ", "strong"), (" 157", "")], [("▲ ends in 13 d ", "warn")]


async def test_the_beginning_of_the_way_goes_before_what_stands_at_the_right() -> None:
    app: App[None] = App()
    async with app.run_test(size=(90, 2)) as pilot:
        bar = TitleBar()
        await app.mount(bar)
        bar.show([WAY, *HERE], RIGHT)
        seen = {}
        for width in (90, 80, 60, 44, 30):
            await pilot.resize_terminal(width, 2)
            await pilot.pause()
            seen[width] = bar.render().plain.split()
    assert seen[90][0] == "evals"
    for width in (80, 60):
        assert seen[width][:2] == ["…", "▸"]
        assert seen[width][-5:] == ["▲", "ends", "in", "13", "d"]
    assert seen[44][2:5] == ["prompt", "v4", "▸"]
    assert "eval-items" in seen[30]


async def test_what_gives_way_at_the_right_keeps_its_margin() -> None:
    app: App[None] = App()
    async with app.run_test(size=(40, 2)) as pilot:
        bar = TitleBar()
        await app.mount(bar)
        bar.show([(" Edit vector store", "strong")], [("POST /vector_stores/vs_12345678901234567890 ", "dim")])
        await pilot.pause()
        shown = bar.render()
        assert shown.cell_length == 40
        assert shown.plain.endswith("… ")
