"""A conversation on the screen: what grows looks as if it had come at once, and what stands is not drawn again."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.viewing import staged
from tui.widgets.text.transcript import Transcript
from tui.widgets.text.transcript_rows import Block, Flow

LETTERS = st.text(st.sampled_from("ab é漢\n\x1b[]"), max_size=60)


@examples(60)
@given(st.lists(LETTERS, min_size=1, max_size=12), st.integers(3, 40))
def test_a_text_in_pieces_has_the_rows_of_the_whole(pieces: list[str], width: int) -> None:
    grown, whole = Flow(width), Flow(width)
    for piece in pieces:
        grown.feed(piece)
    whole.feed("".join(pieces))
    assert [row.text for row in grown.rows] == [row.text for row in whole.rows]


def test_a_long_line_is_laid_out_once_and_stays_whole() -> None:
    grown, whole = Flow(37), Flow(37)
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


async def test_matches_are_found_across_rows_marked_and_gone_through() -> None:
    async with staged(Transcript(), width=24, height=8) as stage:
        view = cast("Transcript", stage.widget)
        text = "".join(f"line {number}\n" for number in range(40)) + "a sentence about the deep blue sea"
        view.show([Block("you", "accent", "what of line 7?"), Block("model", "good", text)])
        await stage.pilot.pause()
        view.search("about the deep")
        await stage.pilot.pause()
        assert view.found == "match 1/1"
        marked = [
            "".join(segment.text for segment in strip if segment.style and segment.style.bgcolor == _marked(view))
            for strip in (view.line(y) for y in range(view.size.height))
        ]
        assert "".join(marked).replace(" ", "") == "aboutthedeep"
        assert sum(bool(row) for row in marked) == 2, "the match stands in one row, so the test shows nothing"
        view.search("LINE")
        assert view.found == "no match"
        view.action_to(0)
        view.search("line 7")
        ranks = [view.found]
        for key in ("n", "n", "N"):
            await stage.press(key)
            ranks.append(view.found)
        assert ranks == ["match 1/2", "match 2/2", "match 1/2", "match 2/2"]
        assert sum(next(iter(view.line(y))).text.startswith("▸") for y in range(view.size.height)) == 1
        view.show([Block("you", "accent", "what of line 7?"), Block("model", "good", "Nothing")])
        assert view.found == "", "it is still at a match that is gone"
        view.search("line 7")
        assert view.found == "match 1/1"
        view.search("")
        assert view.found == ""


def _marked(view: Transcript) -> object:
    return view.get_component_rich_style("transcript--match", partial=True).bgcolor


async def test_facts_stand_below_an_answer() -> None:
    async with staged(Transcript()) as stage:
        view = cast("Transcript", stage.widget)
        view.show([Block("model", "good", "Yes", "▲ cut short", facts="3 in 4 out")])
        rows = ["".join(segment.text for segment in view.line(y)).strip() for y in range(5)]
        assert rows == ["model", "Yes", "▲ cut short", "3 in 4 out", ""]
