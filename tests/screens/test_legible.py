"""Every theme can be read in every kind of terminal, with colour and without."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from rich.color import ColorSystem
from textual.theme import BUILTIN_THEMES
from textual.widget import Widget

from tests.support.driving import opened
from tui import themes
from tui.toolkit.drawing import styling
from tui.toolkit.drawing.legible import (
    LEAST,
    Legible,
    find_colours,
    is_drawing,
    is_left_to_chance,
    measure_contrast,
    system_of,
)
from tui.widgets.base.bars import Bar
from tui.widgets.detail.tab_bar import TabBar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style

    from tests.support.driving import Drive, Server

SYSTEMS = (ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR)
OFTEN = [themes.DARK.name, themes.LIGHT.name, "ansi-dark", "ansi-light"]
THEMES = list(dict.fromkeys([*OFTEN, *BUILTIN_THEMES]))


def show_in(drive: Drive, system: ColorSystem) -> None:
    """Have a terminal with these colours from now on."""
    drive.app.console._color_system = system
    drive.app._legible = Legible(drive.app.console)  # none of its lines is remembered
    for widget in drive.app.screen.walk_children(Widget, with_self=True):
        widget._styles_cache.clear()


def too_faint(drive: Drive, system: ColorSystem) -> Iterator[str]:
    """The texts on the screen that are too close to what is behind them, measured in the terminal's colours.

    What lies behind a dialog is not measured: it is dim so that the dialog is read, and nothing of it can be used.
    """
    show_in(drive, system)
    assert system_of(drive.app.console) is system
    screen = drive.app.screen
    box = next(iter(screen.children)).region if screen.is_modal else screen.region
    for strip in screen._compositor.render_strips()[box.y : box.bottom]:
        for segment in strip.crop(box.x, box.right):
            if segment.style is None or is_drawing(segment.text):
                continue
            if fault := fault_of(segment.style, system):
                yield f"{segment.text!r} {fault}"


@cache
def fault_of(style: Style, system: ColorSystem) -> str:
    """What is wrong with a style, if anything is."""
    colours = find_colours(style, system)
    if is_left_to_chance(style):
        return f"of any colour, {style}"
    return str(style) if colours and measure_contrast(*colours) < LEAST else ""


@pytest.fixture(scope="module", autouse=True)
def every_theme_remembered() -> Iterator[None]:
    """The styles of all themes are kept, as the program keeps those of the last few."""
    with patch.object(styling, "recall", cache(styling.StyleMemory)):
        yield


@pytest.mark.parametrize("no_color", [False, True], ids=["colour", "no-colour"])
async def test_every_theme_is_legible(fresh: Server, no_color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with opened(fresh, "files") as drive:

        async def is_legible(shown: str, names: list[str]) -> None:
            for theme in names:
                drive.app.theme = theme
                await drive.rest()
                for system in SYSTEMS:
                    assert not list(too_faint(drive, system)), (shown, theme, system)

        await drive.press("space")
        await is_legible("files", THEMES)
        await drive.press("n")
        await drive.sees("POST /files")
        await is_legible("a form", OFTEN)
        await drive.press("escape")
        await drive.press("question_mark")
        await drive.until(lambda: drive.app.screen.is_modal, "the help")
        await is_legible("the help", OFTEN)
        await drive.press("escape")
        for place, words in () if no_color else (("home", "IN FLIGHT"), ("audit", "times in")):
            await drive.command(place)
            await drive.sees(words)
            await is_legible(place, OFTEN)


@pytest.mark.parametrize(
    ("env", "theme"),
    [
        ({"TERM": "xterm"}, "ansi-dark"),
        ({"TERM": "xterm", "COLORFGBG": "0;15"}, "ansi-light"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "o9s-dark"),
        ({"TERM": "xterm", "NO_COLOR": "", "COLORFGBG": "0;15"}, "o9s-light"),
        ({"TERM": "xterm-256color"}, "o9s-dark"),
        ({"TERM": "xterm-256color", "COLORFGBG": "0;15"}, "o9s-light"),
    ],
)
def test_the_theme_to_start_with(env: dict[str, str], theme: str) -> None:
    assert themes.choose_theme(env) == theme


async def test_the_pane_with_the_focus_has_another_title_in_every_usual_theme(fresh: Server) -> None:
    async with opened(fresh, "files") as drive:
        await drive.until(lambda: drive.table.view.ids, "the files")
        for theme in OFTEN:
            drive.app.theme = theme
            grounds = []
            for _ in range(2):
                await drive.rest()
                header = drive.table.get_component_styles("live-table--header").background
                grounds.append((header, drive.app.screen.query_one(TabBar).styles.background))
                await drive.press("tab")
            (list_on, tabs_off), (list_off, tabs_on) = grounds
            assert list_on != list_off, theme
            assert tabs_on != tabs_off, theme
        await drive.command("home")
        await drive.sees("NEEDS YOU")
        captions = [panel.query(Bar).first() for panel in drive.app.screen.query(".panel")]
        before = [caption.styles.background for caption in captions]
        assert len(set(before)) == 2
        await drive.press("tab")
        await drive.until(lambda: [each.styles.background for each in captions] != before, "another bright title")
