"""Screens are laid out as Textual does, less often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.toolkit.painting import FrugalPainting, LineCompositor

if TYPE_CHECKING:
    import pytest
    from textual.app import ComposeResult
    from textual.geometry import Region


class Page(Screen[None]):
    """Columns that share the room; one of them holds more than it has room for."""

    CSS = """
    Horizontal { height: 1fr; }
    VerticalScroll { width: 1fr; }
    VerticalScroll Static { height: auto; margin-bottom: 1; }
    #end { height: auto; dock: bottom; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield VerticalScroll(*[Static("word " * number) for number in range(30)])
            yield VerticalScroll(Static("short"))
        yield Static("end", id="end")

    def regions(self) -> list[Region]:
        return [widget.region for widget in self.walk_children(Widget)]


class Frugal(FrugalPainting):
    pass


async def regions(app: App[None]) -> list[list[Region]]:
    """Where all is when the page opens, when a line is longer, and when the terminal is narrower."""
    found = []
    async with app.run_test(size=(60, 20)) as pilot:
        page = Page()
        await app.push_screen(page)
        await pilot.pause()
        found.append(page.regions())
        page.query_one("#end", Static).update("end " * 40)
        await pilot.pause()
        found.append(page.regions())
        await pilot.resize_terminal(30, 20)
        await pilot.pause()
        found.append(page.regions())
    return found


async def test_all_is_where_textual_puts_it() -> None:
    frugal, usual = await regions(Frugal()), await regions(App())
    assert frugal == usual
    assert usual[0] != usual[1] != usual[2]


async def test_what_asks_for_a_layout_while_there_is_one_gets_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[Any] = []
    lay_out = LineCompositor.reflow

    def reflow(self: LineCompositor, parent: Any, size: Any) -> Any:
        laid_out.append(parent)
        return lay_out(self, parent, size)

    monkeypatch.setattr(LineCompositor, "reflow", reflow)
    app = Frugal()
    async with app.run_test(size=(120, 100)) as pilot:
        page = Page()
        await app.push_screen(page)
        await pilot.pause()
        await pilot.pause()
        assert laid_out.count(page) <= 2, "once, and once more when who opened it has waited for that"
        laid_out.clear()
        page.query_one("#end", Static).update("end " * 40)
        await pilot.pause()
        await pilot.pause()
        assert laid_out == [page]
