"""The panels of home in a terminal of any height."""

from __future__ import annotations

import pytest

from tui.screens.places.home.panels import COLUMNS, FEW, LOW, PANELS, choose_panels, share_lines


@pytest.mark.parametrize("beside", [False, True])
def test_where_the_focus_is_there_is_a_panel_and_in_a_tall_terminal_all(beside: bool) -> None:
    for height in range(1, 80):
        for at in PANELS:
            assert at in choose_panels(at, height, beside=beside), (at, height)
    assert choose_panels("needs", 80, beside=True) == set(PANELS)
    assert choose_panels("needs", LOW - 1, beside=beside).isdisjoint({"money", "headroom", "storage"})
    assert set(COLUMNS) == set(PANELS)


def test_what_ends_soon_gets_what_is_left_and_never_less_than_a_few_lines() -> None:
    assert share_lines(20, flights=30, ends=30) == FEW
    assert share_lines(30, flights=2, ends=30) == 30 - FEW
    assert share_lines(30, flights=2, ends=8) == 9
