"""Lines over and under what is shown: what gives way where there is not room for all."""

from __future__ import annotations

from textual.app import App

from tui.widgets.base.bars import NoticeBar, TitleBar

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


async def test_a_notice_that_is_longer_than_its_lines_says_so() -> None:
    app: App[None] = App()
    words = " ".join(f"word{number}" for number in range(20))
    async with app.run_test(size=(40, 6)) as pilot:
        bar = NoticeBar()
        await app.mount(bar)
        bar.show([("▲ ", "warn"), (words, "")])
        seen = {}
        for width in (120, 40, 30):
            await pilot.resize_terminal(width, 6)
            await pilot.pause()
            seen[width] = bar.size.height, str(bar.render())
    assert seen[120] == (2, f"▲ {words}")
    assert seen[40][0] == seen[30][0] == 3
    assert seen[30][1].endswith("…") and len(seen[30][1].splitlines()) == 3
    assert seen[40][1].endswith("…")
    for width in (40, 30):
        lines = seen[width][1].splitlines()
        assert max(map(len, lines)) <= width - 2, "lines that are cut again at the padding"
