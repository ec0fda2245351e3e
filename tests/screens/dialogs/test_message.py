"""The lines to write a message in: enter sends them, unless it was typed before they were seen."""

from __future__ import annotations

import pytest
from textual.app import App

from tui.screens.dialogs import message
from tui.screens.dialogs.message import WriteMessage


@pytest.mark.parametrize(("keys", "sent"), [(("enter",), None), (("ctrl+s",), "kept"), (("x", "ctrl+s"), "keptx")])
async def test_enter_typed_ahead_sends_nothing_that_was_written_before(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], sent: str | None
) -> None:
    monkeypatch.setattr(message, "ARM_SECONDS", 3_600.0)
    app: App[None] = App()
    async with app.run_test() as pilot:
        answers: list[str | None] = []
        await app.push_screen(WriteMessage("To a model", "kept"), answers.append)
        await pilot.press(*keys)
        assert answers == ([sent] if sent else [])


async def test_enter_sends_and_ctrl_j_begins_a_line() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        answers: list[str | None] = []
        await app.push_screen(WriteMessage("To a model"), answers.append)
        await pilot.press("enter", "a", "ctrl+j", "b", "enter")
        assert answers == ["a\nb"]
