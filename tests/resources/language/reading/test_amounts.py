"""Money and counts: exact to the last digit, and what cannot be read is counted, never taken for 0."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.api.numbers import read_float
from tui.resources.language.reading.amounts import (
    Amount,
    describe_unread,
    dump_json,
    format_amount,
    read_count,
    read_dollars,
    read_number,
    sum_amounts,
)
from tui.resources.usage import COSTS_KIND, DAY, KINDS, read_amount
from tui.workflows.usage import UsageFigures, UsageQuery

if TYPE_CHECKING:
    from tui.resources.language.consumption import UsageKind

TINY = "0.00000016500000000000000000000000000000000000000012"
EVERY = [pytest.param(kind, id=kind.name) for kind in KINDS.values()]
NONE: list[Any] = [
    None,
    "n/a",
    "",
    "NaN",
    "Infinity",
    float("nan"),
    float("inf"),
    True,
    {},
    [],
    "1,000",
    "$5",
    "1_0",
]
NONE += [Decimal("NaN"), "9" * 400, "1e999", "1e-999", 10**50, "٣"]


LONG = ("0.12345678901234567890123", "3.00000000000000000001", "1e999", "-1E-999", "1.50", "0.0", "1e-7", "7.25")


def test_a_number_leaves_as_json_as_it_came() -> None:
    came = "[" + ", ".join(LONG) + "]"
    read = json.loads(came, parse_float=read_float)
    for value in (read, copy.deepcopy(read)):
        assert dump_json({"in": [value]}) == f'{{"in": [{came.replace("1.50", "1.5").replace("1e-7", "1e-07")}]}}'
    assert [read_number(value) for value in read[:2]] == [Decimal(text) for text in LONG[:2]]
    assert [type(value) for value in read[-4:]] == [float] * 4, "a float that holds all of it is a plain one"


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        ("12.50", "12.50"),
        ("1E-6", "0.000001"),
        (TINY, TINY),
        (" -0.25 ", "-0.25"),
        (0.1, "0.1"),
        (7, "7"),
        (".5", "0.5"),
        ("3.", "3"),
        (Decimal("1.10"), "1.1"),
        (0, "0"),
    ],
)
def test_numbers_are_read_to_the_last_digit(value: Any, exact: str) -> None:
    assert read_number(value) == Decimal(exact)


@pytest.mark.parametrize("value", NONE, ids=repr)
def test_what_is_no_number_is_none(value: Any) -> None:
    assert read_number(value) is None
    assert read_dollars({"value": value, "currency": "usd"}) is None


def test_counts_are_whole_and_other_money_is_no_dollars() -> None:
    assert [read_count(value) for value in ("12", 3.0, "1e3", -1, "1.5", True)] == [12, 3, 1000, None, None, None]
    assert read_dollars({"value": "2", "currency": "USD"}) == read_dollars({"value": 2}) == 2
    assert [
        read_dollars(odd) for odd in ({"value": 2, "currency": "eur"}, {"value": 2, "currency": 7}, None, 2)
    ] == [None] * 4


@given(st.lists(st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=40)))
def test_sums_are_exact(values: list[Decimal]) -> None:
    assert Fraction(sum_amounts(Amount(value) for value in values)) == sum(map(Fraction, values))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Amount(Decimal("1234.5")), "$1,234.50"),
        (Amount(Decimal("0.004")), "<$0.01"),
        (Amount(Decimal("0.005")), "<$0.01"),
        (Amount(Decimal("0.0099")), "<$0.01"),
        (Amount(Decimal("-0.0099")), ">-$0.01"),
        (Amount(Decimal("-0.004")), ">-$0.01"),
        (Amount(Decimal("-7.5")), "-$7.50"),
        (Amount(0), "$0.00"),
        (Amount(0, 2), "?"),
        (Amount(5, 2), "$5.00 +?"),
    ],
)
def test_amounts_in_words(amount: Amount, text: str) -> None:
    assert format_amount(amount, "$") == text


def test_json_keeps_all_digits_and_tells_what_is_unknown() -> None:
    text = dump_json({"a": Amount(Decimal(TINY)), "b": Amount(0, 3), "c": [Decimal("-1E+3")], "d": "1.0"})
    assert text == f'{{"a": {TINY}, "b": null, "c": [-1000], "d": "1.0"}}'
    assert json.loads(text, parse_float=Decimal)["a"] == Decimal(TINY)
    assert (describe_unread(Amount(1, 1)), describe_unread(Amount(1, 2), "count")) == (
        "1 amount cannot be read",
        "2 counts cannot be read",
    )


def result_of(kind: UsageKind, value: Any) -> dict[str, Any]:
    """A result of a bucket whose figures are all this."""
    result: dict[str, Any] = {"project_id": "p", "api_key_id": "k"}
    for measure in kind.measures:
        first, _, inner = measure.path.partition(".")
        result[first] = {inner: value, "currency": "usd"} if inner else value
    return result


@pytest.mark.parametrize("kind", EVERY)
@given(
    good=st.lists(st.integers(0, 10**12), max_size=5),
    odd=st.lists(st.sampled_from([*NONE, "gone", "no result"]), max_size=5),
    as_text=st.booleans(),
)
def test_no_kind_of_usage_takes_what_it_cannot_read_for_nothing(
    kind: UsageKind, good: list[int], odd: list[Any], as_text: bool
) -> None:
    results: list[Any] = [result_of(kind, str(value) if as_text else value) for value in good]
    results += [7 if value == "no result" else {} if value == "gone" else result_of(kind, value) for value in odd]
    report = UsageFigures(
        UsageQuery(kind, DAY, DAY, kind.dimensions[0], start=30 * DAY), 30 * DAY, 31 * DAY, 30 * DAY
    )
    report.add_page([{"start_time": 30 * DAY, "results": results}])
    for at, measure in enumerate(kind.measures):
        total = report.total(at)
        assert int(total) == sum(good) and total.unread == len(odd), measure
        assert sum(amount.unread for _, amount in report.groups(at)) == len(odd)
        assert ("?" in format_amount(total, measure.unit)) is bool(odd)
        if measure.unit != "$":
            assert read_amount(result_of(kind, -1), measure).unread == 1


def test_a_huge_amount_keeps_its_digits() -> None:
    assert format_amount(Decimal("123456789012345678901234567890.12"), "$") == (
        "$123,456,789,012,345,678,901,234,567,890.12"
    )


def test_amounts_in_another_currency_are_told_as_such() -> None:
    eur, odd = ({"amount": {"value": value, "currency": "EUR"}} for value in ("3", "x"))
    parts = [read_amount(each, COSTS_KIND.measures[0]) for each in (eur, eur, odd)]
    assert describe_unread(sum_amounts([Amount(5), *parts])) == "2 amounts are in eur, 1 amount cannot be read"
    assert describe_unread(Amount(parts[0])) == "1 amount is in eur"


def test_a_part_of_all_is_never_rounded_to_nothing() -> None:
    shares = 0.0, 0.0001, 0.0099, 0.01, 0.226, 1.0
    assert [format_amount(share, "%") for share in shares] == ["0 %", "<1 %", "<1 %", "1 %", "23 %", "100 %"]
