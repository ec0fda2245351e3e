"""The sections of a description, shared out to columns as wide as what they hold."""

from __future__ import annotations

import re

import pytest

from tests.support.viewing import staged
from tui.resources.language.column import Cell
from tui.widgets.detail.columns import arrange, find_height, find_title, split_sections, take_up
from tui.widgets.detail.description import Description
from tui.widgets.detail.summary import BLANK, SummaryRow

LABEL = 9  # cells a value stands from the left


def described(*heights: int, text: str = "x") -> list[SummaryRow]:
    """Return sections of so many rows, a blank line between them."""
    rows: list[SummaryRow] = []
    for number, height in enumerate(heights):
        rows += [BLANK] if rows else []
        rows += [SummaryRow(f"{number}.{row}", Cell(text), LABEL) for row in range(height)]
    return rows


@pytest.mark.parametrize(
    ("heights", "number", "wanted"),
    [
        ((2, 5, 2, 3, 2), 3, [[2], [5, 2], [3, 2]]),
        ((2, 5, 2, 3, 2), 1, [[2, 5, 2, 3, 2]]),
        ((4,), 3, [[4]]),
        ((1, 9), 3, [[1], [9]]),
        ((), 2, [[0]]),
    ],
)
def test_sections_are_shared_out_whole_and_in_order(
    heights: tuple[int, ...], number: int, wanted: list[list[int]]
) -> None:
    rows = described(*heights)
    columns = arrange(split_sections(rows), 120, number)
    assert [[len(section) for section in column.sections] for column in columns] == wanted
    assert [row for column in columns for section in column.sections for row in section] == [
        row for row in rows if row != BLANK
    ]
    assert sum(column.width for column in columns) == 120


def test_many_sections_are_shared_out_quickly_and_none_is_lost() -> None:
    columns = arrange(split_sections(described(*[1] * 500)), 120, 3)
    assert sum(row != BLANK for column in columns for row in column.rows) == 500


def test_a_column_is_as_wide_as_its_lines_and_no_id_is_torn() -> None:
    long, short = described(4, text="i" * 54), described(4)
    columns = arrange(split_sections([*long, BLANK, *short]), 100, 3)
    assert [column.width for column in columns] == [70, 30], "what is left is shared"
    torn = arrange(split_sections([*long, BLANK, *long]), 100, 3)
    assert [column.width for column in torn] == [100], "two ids have no room beside each other"


async def test_a_blank_stands_behind_each_text_before_what_parts_it_from_the_next() -> None:
    description = Description(side_by_side=True)
    async with staged(description, height=12) as stage:
        description._rows = [*described(9, text="x" * 28), BLANK, *described(9, text="y" * 28)]
        description._share_out()
        await stage.pilot.pause()
        strips = description.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip) for strip in strips]
        beside = [line for line in lines if "x" in line and "y" in line]
        assert len(beside) == 9, lines
        assert all(re.fullmatch(r" \d.*x +\S \d.*y *", line) for line in beside), beside


def test_a_name_that_comes_later_moves_nothing() -> None:
    found = []
    for name in ("", "  a-name-that-is-rather-long.jsonl"):
        leading = [SummaryRow("file", Cell(f"file-{at}{name}", ref=f"file-{at}"), LABEL) for at in range(3)]
        columns = arrange([leading, described(3), described(2), described(4)], 100, 3)
        found.append([(column.width, len(column.sections)) for column in columns] + [find_height(columns)])
    assert found[0] == found[1]
    assert len(found[0]) > 2


def test_what_goes_on_below_counts_as_lines() -> None:
    answer = SummaryRow("", Cell("word " * 40))
    columns = arrange([[answer], described(5)], 100, 3)
    assert find_height(columns) < find_height(arrange([[answer], described(5)], 100, 1))


def titled(title: str, lines: int) -> list[SummaryRow]:
    return [SummaryRow("", Cell(title), title=True), *described(lines)]


def test_sections_stay_in_their_columns_from_object_to_object() -> None:
    columns = arrange([titled("Batch", 4), titled("Phases", 4)], 100, 3)
    places = {"Batch": 0, "Phases": 1, "Errors": 1}
    kept = take_up(columns, [titled("Batch", 5), titled("Phases", 2)], places)
    assert kept is not None
    assert [(len(column.rows), column.width) for column in kept] == [(6, 50), (3, 50)]
    more = take_up(columns, [titled("Batch", 1), titled("New", 1), titled("Errors", 1)], places)
    assert more is not None
    assert [[find_title(section) for section in each.sections] for each in more] == [["Batch", "New"], ["Errors"]]
    assert take_up(columns, [titled("Batch", 3)], places) is None, "a column would be empty"
    torn = [titled("Batch", 5), [*titled("Phases", 1), SummaryRow("user", Cell("batch_" + "i" * 40), LABEL)]]
    assert take_up(columns, torn, places) is None, "the id has room in other columns"
    assert take_up((), [[]], places) is None
