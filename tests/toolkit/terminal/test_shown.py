"""A terminal that is sent only what it lacks shows what one shows that is sent everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from tests.support.recording import seen
from tui.toolkit.terminal.looks import PLAIN, find_look, turn
from tui.toolkit.terminal.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH, HEIGHT = 16, 3
SIZE = Size(WIDTH, HEIGHT)
COLORS = st.sampled_from([None, *(Color.parse(name) for name in ("#aa0000", "#00bb00", "blue", "default"))])
FLAGS = st.sampled_from([None, False, True])
STYLES = st.builds(
    Style,
    color=COLORS,
    bgcolor=COLORS,
    bold=FLAGS,
    dim=FLAGS,
    italic=FLAGS,
    underline=FLAGS,
    reverse=FLAGS,
    strike=FLAGS,
)
TEXTS = st.sampled_from(["word", "  ", " x", "…", "a", "日本", "e\u0301", "👍", "       "])
LINES = st.lists(st.builds(Segment, TEXTS, st.none() | STYLES, st.none()), max_size=8).map(
    lambda segments: Strip(segments).adjust_cell_length(WIDTH)
)
PAINTS = st.lists(st.dictionaries(st.integers(0, HEIGHT - 1), LINES, min_size=1), min_size=1, max_size=6)
CONSOLES = {"truecolor": ColorSystem.TRUECOLOR, "256": ColorSystem.EIGHT_BIT, "standard": ColorSystem.STANDARD}


class Terminal:
    """A terminal, and what is seen of it."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.screen.reset_mode(pyte.modes.DECAWM)
        self._stream = pyte.Stream(self.screen)

    def take(self, written: str) -> list[tuple[object, ...]]:
        """Show what is written; return what is seen then."""
        self._stream.feed(written)
        return seen(self.screen)


def whole(lines: Mapping[int, Strip], console: Console) -> str:
    """What Textual would send."""
    return "".join(f"\x1b[{y + 1}H{strip.render(console)}" for y, strip in lines.items())


@given(PAINTS, st.sampled_from([*CONSOLES]))
def test_it_shows_the_same_in_fewer_bytes(paints: list[dict[int, Strip]], colours: str) -> None:
    console = Console(color_system=colours, force_terminal=True)  # type: ignore[arg-type]
    shown, all_sent, less_sent = Shown({}), Terminal(), Terminal()
    for paint in paints:
        paint = {y: Strip([*strip], strip.cell_length) for y, strip in paint.items()}  # rendered for no other
        everything = whole(paint, console)
        written = shown.change({y: [strip] for y, strip in paint.items()}, SIZE, CONSOLES[colours])
        assert len(written) <= len(everything)
        assert less_sent.take(written) == all_sent.take(everything)
        assert not shown.change({y: [strip] for y, strip in paint.items()}, SIZE, CONSOLES[colours])


@given(STYLES, STYLES)
def test_a_turn_ends_in_the_look_it_is_to(before: Style, after: Style) -> None:
    first, last = (find_look(style, ColorSystem.TRUECOLOR) for style in (before, after))
    straight, turned = Terminal(), Terminal()
    straight.take(turn(PLAIN, last))
    turned.take(turn(PLAIN, first) + turn(first, last))
    assert turned.screen.cursor.attrs == straight.screen.cursor.attrs


def line(text: str, style: str = "#d3d9e0 on #121b1b") -> list[Strip]:
    """A line in one style."""
    return [Strip([Segment(text, Style.parse(style))])]


def test_what_differs_is_sent_from_where_to_where_it_does() -> None:
    shown = Shown({})
    assert shown.change({0: line("status  12 of 90")}, SIZE, ColorSystem.TRUECOLOR) == (
        "\x1b[1H\x1b[38;2;211;217;224;48;2;18;27;27mstatus  12 of 90\x1b[m"
    )
    assert shown.change({0: line("status  13 of 91")}, SIZE, ColorSystem.TRUECOLOR) == (
        "\x1b[1;10H\x1b[38;2;211;217;224;48;2;18;27;27m3 of 91\x1b[m"
    )


def test_what_takes_fewer_bytes_than_a_move_is_written() -> None:
    shown = Shown({})
    assert shown.change({0: line("abcdefghijklmnop", "")}, SIZE, ColorSystem.STANDARD) == "\x1b[1Habcdefghijklmnop"
    assert shown.change({0: line("aBCDEFGHIJKLMNOP", "")}, SIZE, ColorSystem.STANDARD) == "\x1b[1HaBCDEFGHIJKLMNOP"
    plain, blue = Segment(" xa       "), Segment("a     ", Style.parse("on blue"))
    assert Shown({}).change({0: [Strip([plain, blue])]}, SIZE, ColorSystem.STANDARD) == (
        "\x1b[1H xa       \x1b[44ma     \x1b[m"
    )


def test_what_was_forgotten_and_another_size_are_sent_whole() -> None:
    shown = Shown({})
    first = shown.change({0: line("word")}, SIZE, ColorSystem.TRUECOLOR)
    shown.forget()
    assert shown.change({0: line("word")}, SIZE, ColorSystem.TRUECOLOR) == first
    assert shown.change({0: line("word")}, Size(WIDTH, HEIGHT + 1), ColorSystem.TRUECOLOR) == first


def test_many_blanks_are_erased_where_that_leaves_the_background() -> None:
    blanks = f"a{' ' * (WIDTH - 1)}"
    assert Shown({"TERM": "xterm-256color"}).change({0: line(blanks, "on blue")}, SIZE, ColorSystem.STANDARD) == (
        "\x1b[1H\x1b[44ma\x1b[15X\x1b[m"
    )
    for env in ({"TERM": "screen.xterm-256color"}, {"STY": "1.tty"}):
        assert blanks in Shown(env).change({0: line(blanks, "on blue")}, SIZE, ColorSystem.STANDARD)
    assert blanks in Shown({}).change({0: line(blanks, "underline")}, SIZE, ColorSystem.STANDARD)
