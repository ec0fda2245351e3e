"""A conversation on the screen: what grows looks as if it had come at once, and what stands is not drawn again."""

from __future__ import annotations

from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.widgets.viewing import staged
from tui.widgets.transcript import Block, Transcript, _Flow

LETTERS = st.text(st.sampled_from("ab é漢\n\x1b[]"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=12), st.integers(3, 40))
def test_a_text_in_pieces_has_the_rows_of_the_whole(pieces: list[str], width: int) -> None:
    grown, whole = _Flow(width), _Flow(width)
    for piece in pieces:
        grown.feed(piece)
    whole.feed("".join(pieces))
    assert [row.text for row in grown.rows] == [row.text for row in whole.rows]


def test_a_long_line_is_laid_out_once_and_stays_whole() -> None:
    grown, whole = _Flow(37), _Flow(37)
    words = "".join(f"word{number} " for number in range(3_000))
    for at in range(0, len(words), 500):
        grown.feed(words[at : at + 500])
    whole.feed(words)
    assert [row.text for row in grown.rows] == [row.text for row in whole.rows]
    assert "".join(row.text for row in grown.rows) == words


async def test_growing_at_the_end_draws_the_last_line_only() -> None:
    async with staged(Transcript()) as stage:
        view = cast("Transcript", stage.widget)
        told = [Block("you", "accent", "Hello"), Block("model", "good", "Good")]
        view.show(told)
        await stage.settle()
        view.show(told)
        await stage.pilot.pause()
        assert not stage.drawn, "nothing changed and something was drawn"
        view.show([told[0], told[1]._replace(text="Good morning")])
        await stage.pilot.pause()
        assert set(stage.drawn) == {4}


async def test_the_end_is_followed_until_one_looks_back() -> None:
    async with staged(Transcript()) as stage:
        view = cast("Transcript", stage.widget)
        text = "".join(f"line {number}\n" for number in range(100))
        view.show([Block("model", "good", text)])
        await stage.pilot.pause()
        assert view.below == 0
        await stage.press("pageup")
        assert not view.following
        seen = view.scroll_offset.y
        view.show([Block("model", "good", text + "more\n" * 20)])
        await stage.pilot.pause()
        assert (view.scroll_offset.y, view.below > 20) == (seen, True)
        await stage.press("end")
        assert view.following
        assert view.below == 0


async def test_no_cell_is_lost_at_the_right() -> None:
    async with staged(Transcript()) as stage:
        view = cast("Transcript", stage.widget)
        view.show([Block("model", "good", "x")])
        await stage.pilot.pause()
        view.show([Block("model", "good", "0123456789" * 30)])
        await stage.pilot.pause()
        lines = stage.pilot.app.screen._compositor.render_strips()
        shown = ["".join(segment.text for segment in strip).strip() for strip in lines]
        assert "".join(shown).replace("model", "", 1) == "0123456789" * 30
