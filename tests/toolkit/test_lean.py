"""Lines in few bytes look in a terminal as Textual's own do."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.toolkit.lean import LeanStrip

CONSOLE = Console(color_system="truecolor", force_terminal=True)
COLORS = st.sampled_from([None, *(Color.parse(name) for name in ("#aa0000", "#00bb00", "blue"))])
FLAGS = st.sampled_from([None, False, True])
STYLES = st.builds(
    Style,
    color=COLORS,
    bgcolor=COLORS,
    bold=FLAGS,
    italic=FLAGS,
    underline=FLAGS,
    reverse=FLAGS,
    strike=FLAGS,
)
SEGMENTS = st.builds(Segment, st.sampled_from(["word", "  ", " x", "…"]), st.none() | STYLES)


def seen(written: str) -> list[tuple[object, ...]]:
    """Return what a terminal shows of each cell; of an empty one its colour and boldness are not to be seen."""
    terminal = pyte.Screen(60, 1)
    pyte.Stream(terminal).feed(f"{written}|")
    cells = [terminal.buffer[0][x] for x in range(60)]
    return [
        (cell.data, cell.bg, cell.underscore, cell.strikethrough, cell.reverse)
        + ((cell.fg, cell.bold, cell.italics) if cell.data != " " or cell.reverse else ())
        for cell in cells
    ]


@given(st.lists(SEGMENTS, max_size=12))
def test_it_looks_the_same_in_fewer_bytes(segments: list[Segment]) -> None:
    strip = Strip(segments)
    lean = LeanStrip.of(strip).render(CONSOLE)
    assert seen(lean) == seen(strip.render(CONSOLE))
    assert len(lean) <= len(strip.render(CONSOLE))


def test_a_label_and_a_value_take_a_turn_each() -> None:
    base = Style.parse("on #121b1b")
    label, value = (base + Style(color=color, dim=False) for color in ("#91969d", "#d3d9e0"))
    strip = Strip([Segment(" ", base), Segment("model  ", label), Segment("gpt", value), Segment("   ", base)])
    assert LeanStrip.of(strip).render(CONSOLE) == (
        "\x1b[48;2;18;27;27m \x1b[38;2;145;150;157mmodel  \x1b[38;2;211;217;224mgpt   \x1b[0m"
    )
