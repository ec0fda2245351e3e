from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.viewing import Stage, staged
from tui.widgets.text.json_tree import nodes_of
from tui.widgets.text.json_view import CUT, JsonView

BATCH = {
    "id": "batch_1",
    "input_file_id": "file-abc",
    "request_counts": {"total": 10, "failed": 2},
    "list": [{"n": 0}, {"n": 1}],
    "empty": {},
    "nothing": None,
    "a b": True,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=30,
)


def follows(text: str) -> bool:
    return text.startswith(("file-", "batch_"))


def shown(stage: Stage) -> list[str]:
    return [line[2:] for line in stage.text() if line]


async def go(stage: Stage, view: JsonView, path: str) -> None:
    for row in range(view.count()):
        view.move_to(row)
        if view.path == path:
            break
    assert view.path == path
    await stage.settle()


@given(json_values)
def test_a_value_takes_the_lines_that_python_prints_it_in(value: object) -> None:
    printed = json.dumps(value, indent=2)
    nodes = nodes_of(value)
    assert len(nodes) == len(printed.split("\n"))
    for index, node in enumerate(nodes):
        assert node.parent < index
        assert node.end >= index
        if node.closes:
            assert nodes[node.parent].end == index


async def test_it_reads_as_indented_json() -> None:
    async with staged(JsonView(BATCH)) as stage:
        assert "\n".join(shown(stage)) == json.dumps(BATCH, indent=2)


async def test_a_number_that_is_a_time_tells_when() -> None:
    told = {
        "created_at": 1795745157,
        "finish_at": None,
        "end_time": 1795745157000,
        "latency_at": 12,
        "total": 1795745157,
    }
    async with staged(JsonView(told)) as stage:
        dated = [line.split('"')[1] for line in shown(stage) if "2026-11-2" in line]
    assert dated == ["created_at", "end_time"]


def test_nesting_deeper_than_the_stack_is_no_problem() -> None:
    value: object = 1
    for _ in range(20_000):
        value = [value]
    assert len(nodes_of(value)) == 40_001


async def test_folding_hides_what_is_inside_and_says_how_much() -> None:
    view = JsonView(BATCH)
    async with staged(view) as stage:
        await go(stage, view, "$.request_counts")
        await stage.press("left")
        assert '  "request_counts": { … }, 2 keys' in shown(stage)
        assert not any("failed" in line for line in shown(stage))
        await stage.press("right", "right")
        assert view.path == "$.request_counts.total"
        await stage.press("left")
        assert view.path == "$.request_counts"
        await stage.press("enter", "enter")
        assert any("failed" in line for line in shown(stage))


async def test_the_path_of_the_cursor_is_told() -> None:
    view = JsonView(BATCH)
    async with staged(view, height=40) as stage:
        paths = []
        for _ in range(view.count()):
            paths.append(view.path)
            await stage.press("j")
        assert '$["a b"]' in paths
        assert "$.list[1].n" in paths
        assert "$.request_counts.failed" in paths
        assert stage.of(JsonView.PathChanged)[-1].path == "$"


async def test_a_wrapped_value_is_shown_to_its_last_character_beside_the_scrollbar() -> None:
    text = "".join(f"<{number:02}>" for number in range(45))
    async with staged(JsonView({"text": text, "more": list(range(50))}), width=50) as stage:
        assert "".join(line.strip() for line in stage.text()[1:6]).startswith(f'"text": "{text}",')


async def test_an_id_is_followed() -> None:
    view = JsonView(BATCH, is_id=follows)
    async with staged(view) as stage:
        await go(stage, view, "$.input_file_id")
        await stage.press("enter")
        assert [message.id for message in stage.of(JsonView.Follow)] == ["file-abc"]


@pytest.mark.parametrize("text", ["x" * (CUT + 7), "first\nsecond"])
async def test_a_long_string_opens_and_closes(text: str) -> None:
    view = JsonView({"text": text})
    async with staged(view, width=120) as stage:
        await stage.press("j")
        before = view.count()
        await stage.press("enter")
        assert view.count() == before + len(text.split("\n"))
        assert text.replace("\n", "") in "".join(line.strip() for line in shown(stage))
        await stage.press("enter")
        assert view.count() == before


async def test_a_string_of_several_lines_says_how_many() -> None:
    async with staged(JsonView({"text": "first\nsecond"})) as stage:
        assert shown(stage)[1] == '  "text": "first\\nsecond… ▸ 2 lines'


async def test_a_cut_string_says_how_much_is_missing() -> None:
    async with staged(JsonView({"text": "x" * (CUT + 1_234)}), width=300) as stage:
        assert "▸ 1,234 more" in shown(stage)[1]


async def test_search_finds_what_is_folded_or_cut_off_and_shows_it() -> None:
    view = JsonView({"outer": {"inner": "needle"}, "text": "x" * 500 + "needle"})
    async with staged(view, width=60, height=40) as stage:
        await stage.press("j", "left")
        assert not any("needle" in line for line in shown(stage))
        view.search("needle")
        await stage.until(lambda: view.path == "$.outer.inner", "the first match is unfolded")
        await stage.until(lambda: stage.of(JsonView.Searched)[-1].done, "the search ends")
        await stage.press("n")
        assert view.path == "$.text"
        assert any("needle" in line for line in shown(stage)[4:])


async def test_the_same_object_keeps_cursor_folds_and_opened_strings() -> None:
    long = "y" * 400
    view = JsonView(BATCH | {"text": long})
    async with staged(view, height=12) as stage:
        await go(stage, view, "$.text")
        await stage.press("enter")
        await go(stage, view, "$.request_counts")
        await stage.press("left")
        await go(stage, view, "$.nothing")
        top = view.top
        view.show({"new": 1} | BATCH | {"request_counts": {"total": 10, "failed": 9}, "text": long})
        await stage.pilot.pause()
        assert view.path == "$.nothing"
        assert view.top == top + 1
        assert view.count() == len(json.dumps(BATCH, indent=2).split("\n")) - 3 + 3
        view.show({"id": "batch_2"})
        assert view.path == "$"


async def test_the_same_value_again_repaints_nothing() -> None:
    view = JsonView(BATCH)
    async with staged(view) as stage:
        await stage.settle()
        view.show(json.loads(json.dumps(BATCH)))
        await stage.pilot.pause()
        assert stage.drawn == []


async def test_a_value_may_be_shown_before_the_view_is_on_the_screen() -> None:
    view = JsonView()
    view.show(BATCH)
    async with staged(view) as stage:
        assert '  "id": "batch_1",' in shown(stage)


async def test_a_big_value_draws_no_more_than_the_view() -> None:
    view = JsonView([{"n": number, "text": "word"} for number in range(5_000)])
    async with staged(view, height=20) as stage:
        assert view.count() == 20_002
        await stage.settle()
        await stage.press("G")
        assert len(set(stage.drawn)) <= 20
        assert len(view._strips) < 200


async def test_nothing_in_a_value_reaches_the_terminal_as_a_command() -> None:
    evil = "\x1b]0;x\x07 [/oops] [@click=app.bell]x[/] \x9b \u202e"
    view = JsonView({evil: evil, "long": evil * 30, "odd": float("nan"), "id": evil}, is_id=lambda _: True)
    async with staged(view, height=60) as stage:
        await stage.press("j", "j", "enter")
        text = "".join(stage.text()) + view.path
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", text)
        assert "[@click=app.bell]x[/]" in text


async def test_copying_gives_a_string_as_it_is_and_a_branch_as_json() -> None:
    view = JsonView(BATCH)
    async with staged(view) as stage:
        await go(stage, view, "$.input_file_id")
        await stage.press("c")
        await go(stage, view, "$.request_counts")
        await stage.press("c")
        copied = [message.text for message in stage.of(JsonView.CopyRequested)]
        assert copied[0] == "file-abc"
        assert json.loads(copied[1]) == BATCH["request_counts"]
