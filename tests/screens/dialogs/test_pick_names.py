"""Names in a dialog of choices: as wide as there is room, and cut in the middle, where few of them differ."""

from __future__ import annotations

import pytest
from textual.app import App

from tui.screens.dialogs.pick import Choice, Pick

NAMES = [f"batch_{'0123456789abcdef' * 4}_{end}" for end in ("error", "output")]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_ends_tell_names_apart(size: tuple[int, int]) -> None:
    app: App[None] = App()
    async with app.run_test(size=size) as pilot:
        app.push_screen(Pick("Which?", [Choice(name, "new") for name in NAMES]))
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip) for strip in strips]
        assert [sum(end in line for line in lines) for end in ("_error", "_output")] == [1, 1]
        assert all("…" not in line for line in lines) or size[0] < 90, "cut although there is room"
