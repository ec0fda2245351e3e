"""Themes: those of the user's files, and dark or light as the terminal is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.app import O9s
from tui.config.settings import Config
from tui.system.private_files import directories
from tui.themes import Themed, read_themes
from tui.toolkit.terminal.ground import GroundTold

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DARK, LIGHT = GroundTold(is_dark=True), GroundTold(is_dark=False)


def test_themes_are_files_and_a_faulty_one_is_a_sentence(tmp_path: Path) -> None:
    assert read_themes(tmp_path / "none") == ([], [])
    good = 'primary = "#ff8800"\nbackground = "black"\ndark = true\n[variables]\nborder = "red"\n'
    files = {
        "sea": good,
        "a-broken": "primary = ",
        "b-unknown": 'primary = "red"\ncolour = "red"',
        "c-colour": 'primary = "rod"',
        "d-dark": 'primary = "red"\ndark = "yes"',
        "e-empty": "",
        "f-alpha": 'primary = "red"\ntext_alpha = true',
        "g-variables": 'primary = "red"\n[variables]\nborder = "nonsense"',
    }
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "h-bytes.toml").write_bytes(b"\xff")
    (tmp_path / "readme.txt").write_text("no theme")
    themes, faults = read_themes(tmp_path)
    assert [(theme.name, theme.primary, theme.variables) for theme in themes] == [
        ("sea", "#ff8800", {"border": "red"})
    ]
    assert [fault.partition(".toml cannot be used: ")[0] for fault in faults] == [
        f"The theme {name}" for name in sorted([*files, "h-bytes"]) if name != "sea"
    ]
    assert "primary is no colour: 'rod'" in faults[2]
    assert all(fault.endswith(".") and "\n" not in fault for fault in faults)


def test_the_terminal_is_followed_until_a_theme_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLORFGBG", raising=False)
    app = O9s(config=Config())
    seen = [app.theme]
    for told in (LIGHT, DARK, LIGHT):
        app.on_ground_told(told)
        seen.append(app.theme)
    assert seen == ["o9s-dark", "o9s-light", "o9s-dark", "o9s-light"]
    app.follow_terminal(False)
    app.on_ground_told(DARK)
    assert app.theme == "o9s-light"
    app.follow_terminal(True)
    assert app.theme == "o9s-dark"
    chosen = O9s(config=Config(theme="nord"))
    chosen.on_ground_told(LIGHT)
    assert (chosen.theme, chosen.follows_terminal) == ("nord", False)
    assert O9s(config=Config(theme="auto")).follows_terminal


def test_sixteen_colours_stay_sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLORTERM", "TERM_PROGRAM", "NO_COLOR", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    app = O9s(config=Config())
    app.on_ground_told(LIGHT)
    assert app.theme == "ansi-light"


def test_a_theme_of_a_file_can_be_chosen() -> None:
    folder = directories().config / "themes"
    folder.mkdir(parents=True)
    (folder / "sea.toml").write_text('primary = "#0088ff"')
    app = O9s(config=Config(theme="sea"))
    assert app.theme == "sea"
    assert not app.notices.waiting


async def test_an_open_palette_takes_other_colours(tmp_path: Path) -> None:
    async def open_palette(theme: str) -> list[tuple[object, object]]:
        app.theme = theme
        await pilot.pause()
        app.action_command_palette()
        await pilot.pause()
        return colours()

    def colours() -> list[tuple[object, object]]:
        return [(each.styles.background, each.styles.color) for each in app.screen.query("*")]

    app = Themed()
    app.start_theme("o9s-dark", tmp_path, {})
    async with app.run_test() as pilot:
        light = await open_palette("o9s-light")
        app.pop_screen()
        assert await open_palette("o9s-dark") != light
        app.theme = "o9s-light"
        await pilot.pause()
        assert colours() == light
