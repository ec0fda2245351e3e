from __future__ import annotations

import re
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from tests.support.viewing import staged
from tui.widgets.text import lines as lines_module
from tui.widgets.text.lines import Finder, read_query
from tui.widgets.text.painted import Painted, find_cuts, find_json_spans, looks_like_json
from tui.widgets.text.text_view import SHOWN, FileLines, MemoryLines, TextView

if TYPE_CHECKING:
    from pathlib import Path


def indexed(path: Path) -> FileLines:
    lines = FileLines(path)
    while not lines.complete:
        lines.extend()
    return lines


def written(folder: Path, content: bytes) -> Path:
    path = folder / "content.jsonl"
    path.write_bytes(content)
    return path


# Lines of a file.


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"one", ["one"]),
        (b"one\n", ["one"]),
        (b"one\ntwo", ["one", "two"]),
        (b"\n\n", ["", ""]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        ("naïve\n日本".encode(), ["naïve", "日本"]),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_a_file_reads_as_its_lines_wherever_its_chunks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, expected: list[str], chunk: int
) -> None:
    monkeypatch.setattr(lines_module, "CHUNK", chunk)
    lines = indexed(written(tmp_path, content))
    assert [lines.line(index) for index in range(len(lines))] == expected


def test_bytes_that_are_no_text_are_shown(tmp_path: Path) -> None:
    assert indexed(written(tmp_path, b"ok \xff\xfe\n")).line(0) == r"ok \xff\xfe"


def test_a_line_over_the_cap_says_what_was_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LINE_CAP", 4)
    assert indexed(written(tmp_path, b"abcdefgh\nxy\n")).line(0) == "abcd… 5 bytes more, not read"


def test_the_index_of_a_file_is_eight_bytes_a_line(tmp_path: Path) -> None:
    lines = indexed(written(tmp_path, b"x" * 99 + b"\n" + b"y\n" * 9_999))
    held = [value for value in vars(lines).values() if isinstance(value, list | dict | bytes | str | array)]
    assert sum(len(value) * getattr(value, "itemsize", 1) for value in held) == 80_000


# Looking for something.


@given(
    st.lists(st.sampled_from(["hit", "miss"]), max_size=40), st.integers(0, 39), st.integers(0, 39), st.booleans()
)
def test_the_next_match_is_the_nearest_in_its_direction_going_round(
    texts: list[str], start: int, place: int, forward: bool
) -> None:
    finder = Finder(read_query("hit"), MemoryLines(texts), min(start, len(texts)))
    while not finder.done:
        finder.advance()
    hits = [index for index, text in enumerate(texts) if text == "hit"]
    beyond = [hit for hit in hits if (hit > place if forward else hit < place)]
    expected = None
    if hits:
        expected = (beyond or hits)[0] if forward else (beyond or hits)[-1]
    assert [finder[index] for index in range(len(finder))] == hits
    assert finder.step(place, forward=forward) == expected


def test_a_capital_makes_case_matter() -> None:
    assert read_query("loss").matches("Loss")
    assert not read_query("Loss").matches("loss")


@given(st.text(alphabet="aB.", min_size=1, max_size=3), st.text(alphabet="abB.", max_size=10))
def test_what_counts_as_a_match_is_what_is_marked(text: str, line: str) -> None:
    query = read_query(text)
    assert query.matches(line) == bool(query.pattern.search(line))


def test_a_text_is_literal_unless_it_is_meant_as_a_pattern() -> None:
    assert not read_query("a.c").matches("abc")
    assert read_query("/a.c/").matches("abc")


# Cutting and colouring.


@given(st.text(alphabet="ab 日本é😀", max_size=200), st.integers(4, 30), st.integers(0, 2))
def test_cuts_keep_all_text_and_no_part_is_too_wide(text: str, width: int, indent: int) -> None:
    ends = find_cuts(text, width, indent)
    parts = [text[start:end] for start, end in pairwise(ends)]
    assert "".join(parts) == text
    shown = [part.rstrip(" ") for part in parts]
    assert all(cell_len(part) <= width - (indent if number else 0) for number, part in enumerate(shown))
    assert "" not in parts[1:]


def test_spaces_at_a_cut_need_no_room_and_are_not_carried_below() -> None:
    text = "input   file-a1b2  b.jsonl"
    assert [text[start:end] for start, end in pairwise(find_cuts(text, 17, 8))] == [
        "input   file-a1b2  ",
        "b.jsonl",
    ]


@given(st.text(alphabet='{}[]":,\\ab1.-truefalsn', max_size=80))
def test_json_spans_are_in_order_and_do_not_overlap(text: str) -> None:
    edge = 0
    for start, end, _ in find_json_spans(text):
        assert edge <= start < end <= len(text)
        edge = end


def test_json_spans_tell_keys_from_values() -> None:
    text = '{"a": "b", "n": -1.5e3, "t": true}'
    assert [(text[start:end], tone) for start, end, tone in find_json_spans(text)] == [
        ('"a"', "key"),
        ('"b"', "string"),
        ('"n"', "key"),
        ("-1.5e3", "number"),
        ('"t"', "key"),
        ("true", "word"),
    ]


def test_matches_cut_through_spans_without_losing_text() -> None:
    from rich.style import Style

    tones = {"key": Style(bold=True), "match": Style(reverse=True)}
    painted = Painted('"abc": 1', [(0, 5, "key")])
    (strip,) = painted.strips(0, lambda tone: tones.get(tone, Style.null()), re.compile("c.*1"))
    assert strip.text == '"abc": 1'
    assert [(part.text, bool(part.style and part.style.reverse)) for part in strip] == [
        ('"ab', False),
        ('c"', True),
        (": 1", True),
    ]


# The view.


def view_of(count: int) -> TextView:
    return TextView(MemoryLines([f"line {number} of {count}" for number in range(1, count + 1)]))


async def test_moving_repaints_two_lines_and_doing_nothing_repaints_none() -> None:
    async with staged(view_of(1_000)) as stage:
        await stage.settle()
        assert stage.drawn == []
        await stage.press("j")
        assert stage.drawn == [0, 1]


async def test_keys_reach_every_part_of_the_text() -> None:
    view = view_of(1_000)
    async with staged(view, height=10) as stage:
        await stage.press("G")
        assert view.cursor == 999
        assert stage.text()[-1].endswith("line 1000 of 1000")
        await stage.press("g", "pagedown")
        assert view.cursor == 9
        await stage.press("k")
        assert view.cursor == 8
        view.go_to(500)
        await stage.pilot.pause()
        assert view.cursor == 499
        assert [line.endswith("line 500 of 1000") for line in stage.text()].index(True) == 3


async def test_a_long_line_scrolls_sideways_under_its_number() -> None:
    async with staged(TextView(MemoryLines(["0123456789" * 20])), width=40) as stage:
        await stage.press("right")
        assert stage.text()[0].startswith("  1 │ 89012345")
        await stage.press(*["right"] * 30)
        assert stage.text()[0].endswith("789")
        await stage.press(*["left"] * 30)
        assert stage.text()[0].startswith("  1 │ 01234567")


async def test_wrapping_shows_all_of_a_line_and_scrolls_within_one_higher_than_the_view() -> None:
    text = "".join(f"<{number:04}>" for number in range(200))
    view = TextView(MemoryLines(["before", text, "after"]))
    async with staged(view, width=46, height=8) as stage:
        await stage.press("w", "j")
        seen: set[str] = set()
        while view.cursor == 1:
            seen.update(re.findall(r"<\d+>", "".join(line[6:] for line in stage.text())))
            await stage.press("j")
        assert seen == {f"<{number:04}>" for number in range(200)}
        assert any(line.endswith("after") for line in stage.text())
        await stage.press("k", *["k"] * 10)
        assert stage.text()[0].endswith("before")


async def test_a_line_longer_than_is_drawn_says_so_and_opens_whole() -> None:
    async with staged(TextView(MemoryLines(["x" * (SHOWN + 5)]), wrapped=True), width=120, height=60) as stage:
        assert "… 5 characters more" in " ".join(stage.text())
        await stage.press("enter")
        (chosen,) = stage.of(TextView.LineChosen)
        assert (chosen.number, len(chosen.text)) == (1, SHOWN + 5)


async def test_another_theme_recolours_what_was_drawn() -> None:
    view = TextView(MemoryLines(['{"key": 1}']))
    async with staged(view) as stage:
        dark = [segment.style for segment in view.render_line(0)]
        view.app.theme = "textual-light"
        await stage.until(lambda: [segment.style for segment in view.render_line(0)] != dark, "other colours")
        keys = [segment.style for segment in view.render_line(0) if segment.text == '"key"']
        assert keys == [view.get_component_rich_style("line-view--cursor") + view.tone("key")]


async def test_copying_gives_the_raw_line() -> None:
    async with staged(TextView(MemoryLines(["a\x1b[31mb"]))) as stage:
        await stage.press("c")
        assert [message.text for message in stage.of(TextView.CopyRequested)] == ["a\x1b[31mb"]


async def test_nothing_in_the_text_reaches_the_terminal_as_a_command() -> None:
    evil = "\x1b]52;c;QQ==\x07 \x9b31m [/oops] [@click=app.bell]click[/] \u202etxt.exe \x00"
    async with staged(TextView(MemoryLines([evil]))) as stage:
        shown = stage.text()[0]
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", shown)
        assert "[/oops] [@click=app.bell]click[/]" in shown


async def test_search_goes_to_the_next_match_and_round() -> None:
    view = view_of(3_000)
    async with staged(view) as stage:
        view.go_to(2_000)
        view.search("line 15 of")
        await stage.until(lambda: view.cursor == 14, "the cursor is on the only match")
        await stage.until(lambda: stage.of(TextView.Searched)[-1].done, "the search ends")
        last = stage.of(TextView.Searched)[-1]
        assert (last.rank, last.total) == (1, 1)
        assert "went round to the top" in [message.note for message in stage.of(TextView.Searched)]

        view.search("of 3000")
        await stage.until(lambda: stage.of(TextView.Searched)[-1].total == 3_000, "all lines match")
        await stage.press("N")
        assert view.cursor == 13
        await stage.press("n", "n")
        assert view.cursor == 15


def test_all_messages_of_a_view_go_by_one_name() -> None:
    names = [kind.handler_name for kind in (TextView.Moved, TextView.Searched, TextView.CopyRequested)]
    assert names == ["on_line_view_moved", "on_line_view_searched", "on_line_view_copy_requested"]


async def test_a_search_without_a_match_says_so_and_stays() -> None:
    view = view_of(10)
    async with staged(view) as stage:
        view.search("absent")
        await stage.until(lambda: stage.of(TextView.Searched), "the search ends")
        assert stage.of(TextView.Searched)[-1].note == "no match for absent"
        assert view.cursor == 0
        with pytest.raises(ValueError, match="not a pattern"):
            view.search("/(/")


async def test_a_file_is_shown_while_it_is_read_and_counted_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "CHUNK", 1_000)
    path = written(tmp_path, b"".join(b'{"n": %d}\n' % number for number in range(5_000)))
    view = TextView(FileLines(path))
    async with staged(view) as stage:
        view.search('"n": 4999')
        await stage.until(lambda: view.cursor == 4_999, "the search reaches what was not yet read when it began")
        assert view.count() == 5_000
        assert stage.of(TextView.Moved)[-1].total == 5_000


async def test_following_stays_at_the_end_until_the_cursor_leaves_it() -> None:
    source = MemoryLines([f"{number}" for number in range(100)])
    view = TextView(source)
    async with staged(view, height=10) as stage:
        await stage.press("space")
        source.lines.append("newest")
        view.show_growth()
        await stage.pilot.pause()
        assert stage.text()[-1].endswith("newest")
        await stage.press("k")
        source.lines.append("unseen")
        view.show_growth()
        await stage.pilot.pause()
        assert view.cursor == 99
        assert not any(line.endswith("unseen") for line in stage.text())


async def test_a_file_that_cannot_be_read_any_more_says_so(tmp_path: Path) -> None:
    source = indexed(written(tmp_path, b"one\ntwo\n"))
    async with staged(TextView(source)) as stage:
        source.close()
        await stage.press("w")
        assert "cannot read this line" in stage.text()[0]


async def test_an_empty_text_says_so() -> None:
    async with staged(TextView(MemoryLines([]), empty="The file is empty.")) as stage:
        assert stage.text()[1] == " The file is empty."
        await stage.press("j", "G", "n", "c", "enter", "w", "right")


_JSON_LINES = ['{"a": 1', " {", "{}", "[1, 2", '["a"', "[{", "[", "[true]", "[-1.5]", "[]", "[[1]]"]
_OTHER_LINES = ["", "12", "[simulated] 12 words", "[12] first", "[12:30:01] error 3", "{name} is 3"]


@pytest.mark.parametrize("text", _JSON_LINES)
def test_what_begins_as_json_does_is_coloured_as_that(text: str) -> None:
    assert looks_like_json(text)


@pytest.mark.parametrize("text", _OTHER_LINES)
def test_other_lines_keep_their_colour(text: str) -> None:
    assert not looks_like_json(text)


def test_no_blank_of_a_link_is_drawn_where_it_goes_on_below() -> None:
    link = Painted("file-abc  tickets.jsonl", [(0, 23, "accent")])
    assert [strip.text for strip in link.strips(12, lambda _: Style(underline=True), None)] == [
        "file-abc",
        "tickets.jsonl"[:12],
        "l",
    ]
