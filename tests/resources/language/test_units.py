"""Amounts with their units, as they are typed into forms and shown there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.resources.language.units import Unit, read_size


@pytest.mark.parametrize(
    ("unit", "text", "number"),
    [
        (Unit.COUNT, "40,000,000", 40_000_000),
        (Unit.COUNT, "1.5M", 1_500_000),
        (Unit.COUNT, "500", 500),
        (Unit.CENTS, "$500", 50_000),
        (Unit.CENTS, "$ 1,234.50", 123_450),
        (Unit.CENTS, "0.07", 7),
        (Unit.SECONDS, "30d", 2_592_000),
        (Unit.SECONDS, "12 H", 43_200),
        (Unit.SECONDS, "1h 30m", 5_400),
        (Unit.SECONDS, "1.5h", 5_400),
        (Unit.DAYS, "30d", 30),
        (Unit.DAYS, "48h", 2),
        (Unit.MINUTES, "2h", 120),
        (Unit.MEGABYTES, "20 MB", 20),
        (Unit.MEGABYTES, "1.5gb", 1_500),
    ],
)
def test_an_amount_is_read_with_its_unit(unit: Unit, text: str, number: int) -> None:
    assert unit.read(text) == number


@pytest.mark.parametrize(
    ("unit", "text", "words"),
    [
        (Unit.COUNT, "1.5", "a whole number"),
        (Unit.COUNT, "40.000.000", "a number"),
        (Unit.CENTS, "12.345", "dollars"),
        (Unit.CENTS, "-5", "dollars"),
        (Unit.CENTS, "1,23", "dollars"),
        (Unit.CENTS, "€5", "dollars"),
        (Unit.SECONDS, "30", "its unit (d, h, m, s)"),  # of what? Days are as likely as seconds
        (Unit.SECONDS, "30 days", "its unit"),
        (Unit.SECONDS, "d", "its unit"),
        (Unit.SECONDS, "1h x", "its unit"),
        (Unit.DAYS, "12h", "whole days"),
        (Unit.MEGABYTES, "20 kB", "its unit (TB, GB, MB)"),
        (Unit.SECONDS, "9" * 40 + "d", "its unit"),
    ],
)
def test_what_is_no_amount_is_told(unit: Unit, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^Should be .*\.$") as error:
        unit.read(text)
    assert words in str(error.value)


def test_a_size_is_read_as_bytes() -> None:
    assert [read_size(text) for text in ("1kb", "1 MB 5 kB", "200 MB")] == [1_000, 1_005_000, 200_000_000]
    with pytest.raises(ValueError, match=r"its unit \(TB, GB, MB, kB\), such as 200 MB"):
        read_size("20")


@given(unit=st.sampled_from(Unit), number=st.integers(min_value=0, max_value=10**12))
def test_what_is_shown_is_read_as_the_same_number(unit: Unit, number: int) -> None:
    shown = unit.write(number)
    assert not shown.isdigit() or unit is Unit.COUNT
    assert unit.read(shown) == number


def test_odd_values_are_shown_as_they_are() -> None:
    assert Unit.CENTS.write("much") == "much"
    assert Unit.SECONDS.write(1.5) == "1.5"
    assert Unit.SECONDS.write(90_000) == "25h"
