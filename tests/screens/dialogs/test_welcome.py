"""The page without a key: what cannot be used is told once."""

from __future__ import annotations

from textual.app import App
from textual.widgets import Static

from tui.screens.dialogs.welcome import Welcome


async def test_why_there_is_no_key_is_not_told_twice() -> None:
    why = 'profiles.work.key_command must be a list of texts such as ["pass", "openai"]'
    for faults, times in (([f"config.toml line 3: {why}; it is ignored."], 1), ([], 1), (["Another."], 1)):
        app: App[None] = App()
        async with app.run_test() as pilot:
            await app.push_screen(Welcome(f"{why}. Mend it in the config file.", faults=faults))
            await pilot.pause()
            told = [str(each.content) for each in app.screen.query(Static)]
            assert sum(why in words for words in told) == times, faults
            assert all(any(fault in words for words in told) for fault in faults)
