"""How the application paints: the lines that changed and no others; what lies behind a dialog stays dim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyte
from rich.color import ColorSystem
from textual._context import visible_screen_stack
from textual.color import Color
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from tests.support.recording import recorded, seen
from tui.toolkit.drawing.legible import LEAST, find_colours, measure_contrast
from tui.toolkit.drawing.painting import FrugalPainting, find_bands
from tui.toolkit.terminal.flow import Flow

if TYPE_CHECKING:
    import pytest
    from textual.app import ComposeResult
    from textual.widget import Widget


class Lines(FrugalPainting):
    """Ten lines of text in a container."""

    CSS = "Static { height: 1; color: #777777; background: #101010; }"

    def compose(self) -> ComposeResult:
        with Vertical():
            for number in range(10):
                yield Static(f"line {number}", id=f"line-{number}")


class Dialog(ModalScreen[None]):
    """A dialog of one line over the others."""

    CSS = "Dialog { background: #000000 60%; align: center middle; } Dialog Static { width: 10; color: white; }"

    def compose(self) -> ComposeResult:
        yield Static("sure?")


def drawn(app: Lines, patch: pytest.MonkeyPatch) -> list[str]:
    """Have noted which widgets are asked for lines from now on."""
    names: list[str] = []
    for widget in (app.screen, *app.screen.query("*")):
        paint = widget.render_lines

        def noting(crop: Region, widget: Widget = widget, paint: Any = paint) -> list[Strip]:
            names.append(widget.id or type(widget).__name__)
            strips: list[Strip] = paint(crop)
            return strips

        patch.setitem(vars(widget), "render_lines", noting)
    return names


def test_lines_that_touch_are_one_band() -> None:
    regions = [Region(3, 1, 5, 2), Region(0, 2, 9, 2), Region(4, 7, 1, 1), Region(0, 9, 5, 4)]
    assert find_bands(regions, 20, 10) == [Region(0, 1, 20, 3), Region(0, 7, 20, 1), Region(0, 9, 20, 1)]


async def test_only_lines_that_changed_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Lines()
    async with app.run_test() as pilot:
        await pilot.pause()
        names = drawn(app, monkeypatch)
        app.query_one("#line-1", Static).update("new")
        app.query_one("#line-8", Static).update("new, too")
        await pilot.pause()
        assert names == ["line-1", "line-8"]


async def test_a_part_is_drawn_as_in_the_whole() -> None:
    app = Lines()
    async with app.run_test() as pilot:
        await pilot.pause()
        compositor = app.screen._compositor
        whole = compositor.render_strips()
        changed = [Region(0, 0, 80, 1), Region(2, 5, 3, 2), Region(0, 20, 80, 1)]
        compositor._dirty_regions.update(changed)
        update: Any = compositor.render_partial_update()
        for y in (0, 5, 6, 20):
            assert list(Strip.join(update.chops[y].values())) == list(whole[y]), y


def everything(app: Lines) -> str:
    """What a terminal is sent that shows nothing yet."""
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips()
    return "".join(f"\x1b[{y + 1}H{Strip([*strip]).render(app.console)}" for y, strip in enumerate(strips))


async def test_what_is_sent_in_parts_is_the_whole() -> None:
    app = Lines()
    async with recorded(app, 40, 12) as recording:

        async def look(what: str) -> bytes:
            sent = await recording.take()
            whole = pyte.Screen(*app.size)
            pyte.Stream(whole).feed(everything(app))
            assert recording.terminal.display == whole.display, what
            assert seen(recording.terminal) == seen(whole), what
            return sent

        app.query_one("#line-4", Static).update("日本 and more")
        await look("a line")
        app.query_one("#line-4", Static).update("日 and less")
        app.query_one("#line-7", Static).update("line 8")
        assert len(await look("two lines")) < 100
        await app.push_screen(Dialog())
        await look("a dialog")
        app.pop_screen()
        await look("it is gone")
        app.screen.refresh()
        assert await look("nothing new") == b""
        app.query_one("#line-0").display = False
        await look("all move up")
        recording.terminal.erase_in_display(2)
        app.action_redraw()
        await look("what something else had erased")
        recording.terminal.erase_in_display(2)
        await recording.pilot.resize_terminal(40, 12)
        await look("what was lost in other sizes")
        recording.terminal.resize(10, 30)
        recording.terminal.erase_in_display(2)
        await recording.pilot.resize_terminal(30, 10)
        await look("another size")


async def test_what_lies_behind_a_dialog_stays_dim() -> None:
    app = Lines()
    async with app.run_test() as pilot:
        await app.push_screen(Dialog())
        await pilot.pause()
        styles = {
            segment.text.strip(): segment.style
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style
        }
        behind = styles["line 3"]
        assert behind.color is not None
        assert (
            Color.from_rich_color(behind.color).hex == Color.parse("#777777").blend(Color.parse("black"), 0.6).hex
        )
        colours = find_colours(behind, ColorSystem.TRUECOLOR)
        assert colours and measure_contrast(*colours) < LEAST, "it would be made white again"
        assert styles["sure?"].color != behind.color


class Narrow(Flow):
    """A link with room for so many bytes, and no more for what a key does."""

    left = 0
    follows_key = False

    @property
    def room(self) -> int:
        return self.left

    @property
    def pause(self) -> float:
        return 3600.0

    def send(self, text: str) -> str:
        self.left -= len(text)
        return text


async def test_what_there_is_no_room_for_is_sent_later_and_as_it_is_then() -> None:
    app = Lines()
    async with recorded(app, 40, 12) as recording:
        app.flow = flow = Narrow()
        for number in range(10):
            app.query_one(f"#line-{number}", Static).update(f"another {number}")
        assert not await recording.take(), "no room"
        app.query_one("#line-3", Static).update("the last word")
        flow.left = 1
        await recording.pilot.pause()
        app.on_arrived()
        assert b"another 0" in await recording.take(), "first come"
        flow.left, flow.follows_key = 1, True
        app.query_one("#line-9", Static).update("for a key")
        assert b"for a key" in await recording.take(), "before all that waits"
        flow.left = 10_000
        app.on_arrived()
        rest = await recording.take()
        assert b"another 3" not in rest and b"the last word" in rest
        whole = pyte.Screen(*app.size)
        pyte.Stream(whole).feed(everything(app))
        assert recording.terminal.display == whole.display
        app.on_arrived()
        assert await recording.take() == b"", "nothing is left"
