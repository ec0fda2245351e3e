"""A description whose sections stand side by side."""

from __future__ import annotations

import pytest

from tui.resources.language.column import Cell
from tui.widgets.detail.description import share_out
from tui.widgets.detail.summary import BLANK, SummaryRow


def described(*heights: int) -> list[SummaryRow]:
    """Return sections of so many rows, a blank line between them."""
    rows: list[SummaryRow] = []
    for number, height in enumerate(heights):
        rows += [BLANK] if rows else []
        rows += [SummaryRow(f"{number}.{row}", Cell("x")) for row in range(height)]
    return rows


@pytest.mark.parametrize(
    ("heights", "number", "wanted"),
    [
        ((2, 5, 2, 3, 2), 3, [[2, 5], [2], [3, 2]]),
        ((2, 5, 2, 3, 2), 1, [[2, 5, 2, 3, 2]]),
        ((4,), 3, [[4]]),
        ((1, 9), 3, [[1], [9]]),
        ((), 2, [[]]),
    ],
)
def test_sections_are_shared_out_whole_and_in_order(
    heights: tuple[int, ...], number: int, wanted: list[list[int]]
) -> None:
    columns = share_out(described(*heights), number)
    sections = iter(range(len(heights)))
    expected = []
    for column in wanted:
        rows: list[SummaryRow] = []
        for height in column:
            section = next(sections)
            rows += [BLANK] if rows else []
            rows += [SummaryRow(f"{section}.{row}", Cell("x")) for row in range(height)]
        expected.append(rows)
    assert columns == expected


def test_many_sections_are_shared_out_quickly_and_none_is_lost() -> None:
    columns = share_out(described(*[1] * 500), 3)
    assert sum(row != BLANK for column in columns for row in column) == 500
