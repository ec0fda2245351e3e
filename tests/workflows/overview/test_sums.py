"""Money and storage on home: whole sums, what cannot be read counted beside them, and nothing read as 0."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tui.resources.language.reading.amounts import Amount
from tui.resources.usage import COSTS_KIND, DAY
from tui.workflows.overview.money import find_change, format_change, limit_of, read_money, sum_since
from tui.workflows.overview.money_text import describe_alerts, describe_change, describe_end
from tui.workflows.overview.storage import Storage
from tui.workflows.usage import Comparison, UsageFigures, build_default_query

NOON = 1_795_003_200 // DAY * DAY + DAY // 2  # of 2026-11-18
TODAY = NOON // DAY * DAY


def report(*values: Any) -> UsageFigures:
    """Return a report in which the last days, today the last of them, cost `values`."""
    question = build_default_query(COSTS_KIND)
    start, end = question.bounds(NOON)
    made = UsageFigures(question, start, end, NOON, complete=True)
    for back, value in enumerate(reversed(values)):
        result = {"amount": {"value": value, "currency": "usd"}, "project_id": "proj_a"}
        made.add_page([{"start_time": TODAY - back * DAY, "results": [result]}])
    return made


def test_the_month_begins_on_its_first_day_and_goes_on_at_the_usual_rate() -> None:
    found = read_money(report(*["10.00"] * 30), Decimal(600))
    assert found.month_name == "November"
    assert [found.today, found.month] == [Decimal(10), Decimal(180)]  # the 18th
    assert found.usual == 10
    assert found.forecast == 300
    assert found.limit == 600


def test_the_days_to_come_cost_what_their_weekdays_usually_do() -> None:
    weekend = {(TODAY - back * DAY) // DAY for back in range(60) if time.gmtime(TODAY - back * DAY).tm_wday >= 5}
    values = ["1.00" if (TODAY - back * DAY) // DAY in weekend else "10.00" for back in reversed(range(60))]
    values[-7], values[-1] = "500.00", "4.00"  # a day that stands out, and one that is not over
    found = read_money(report(*values), Decimal(600), [Decimal(900), Decimal(50)])
    ahead = [1 if time.gmtime(TODAY + day * DAY).tm_wday >= 5 else 10 for day in range(1, 13)]
    assert found.coming == (6, *ahead)
    assert found.forecast == found.month + 6 + sum(ahead)
    assert (found.passed, found.next_alert) == ((Decimal(50),), Decimal(900))
    assert found.foresee(found.month + 7) == TODAY + DAY, "today's rest, and a part of tomorrow"
    assert found.foresee(Decimal(50)) is None, "it came to that already"
    assert found.foresee(Decimal(900)) is None, "not within the month"
    assert found.foresee(found.month + 1) == TODAY
    assert found.days_over == 17
    assert found.over == found.month - 4
    assert found.month_before == "October"
    first = TODAY - 48 * DAY
    october = sum(1 if first // DAY + day in weekend else 10 for day in range(17))
    assert found.before == october
    assert describe_end(found)[0].startswith("≈ $")
    assert "above the limit" in describe_end(found)[0]
    assert describe_alerts(found) == ("$50 passed · next $900, not this month", "warn")
    assert describe_change(found) == f"+{100 * (found.over / found.before - 1):.0f} % on 17 days of October"


def test_what_cannot_be_compared_is_not() -> None:
    assert find_change(Amount(1), None) is None
    assert find_change(Amount(1), Amount(0)) is None
    assert find_change(Amount(1, 1), Amount(1)) is None
    assert format_change(Amount(5), Amount(0)) == "+$5.00"
    assert [format_change(Amount(now), Amount(100)) for now in (50, 100, 112)] == ["−50 %", "±0 %", "+12 %"]
    short = report("1", "1")
    short.question = replace(short.question, span=DAY)
    short.start = short.end - DAY
    assert short.compare() is None, "no day is over"
    lacking = report(*["1"] * 60)
    assert lacking.compare() == Comparison(29, Amount(29), Amount(29))
    lacking.complete = False
    assert lacking.compare() is None


def test_digits_are_kept_and_what_cannot_be_read_is_counted() -> None:
    found = read_money(report("0.1", "0.2", "much"), None)
    assert (found.month, found.month.unread) == (Decimal("0.3"), 1)
    assert found.today.unknown
    assert found.forecast is None, "a sum that lacks a part foretells nothing"


@pytest.mark.parametrize("lack", ["is_cut", "is_stopped", "unreadable"])
def test_days_that_did_not_come_are_not_known(lack: str) -> None:
    lacking = report(*["10.00"] * 60)
    first = min(lacking.found)
    lacking.found = {day: groups for day, groups in lacking.found.items() if day < first + 50 * DAY}
    assert read_money(lacking, None).today == 0, "some servers leave out days without spending"
    setattr(lacking, lack, True)
    found = read_money(lacking, None)
    assert (found.month, found.month.unread) == (Decimal(80), 10)
    assert found.today.unknown
    assert (found.forecast, found.change) == (None, None)
    assert [day.unread for day in found.days] == [0] * 20 + [1] * 10
    compared = lacking.compare()
    assert compared is None or format_change(compared.now, compared.before) == ""
    lacking.found = {}
    assert read_money(lacking, None).month.unknown


def test_what_was_spent_since_a_moment_of_a_day_leaves_out_what_was_spent_before() -> None:
    found = read_money(report("10.00", "10.00", "2.5"), None)
    assert sum_since(found, TODAY, Decimal(1)) == Decimal("1.5")
    assert sum_since(found, TODAY - 2 * DAY, Decimal(4)) == Decimal("18.5")
    assert sum_since(found, TODAY, Decimal(3)) == 0, "what was told lower since is no spending"
    assert sum_since(found, TODAY - 400 * DAY, Decimal(0)) is None, "the report does not reach back so far"
    unread = sum_since(read_money(report("much", "1"), None), TODAY - DAY, Decimal(0))
    assert unread is not None
    assert unread.unread == 1


def test_a_limit_is_told_in_cents() -> None:
    assert limit_of({"threshold_amount": "1200000"}) == 12_000
    for none in (None, {}, {"threshold_amount": None}, {"threshold_amount": "many"}, {"threshold_amount": 0}):
        assert limit_of(none) is None


def test_files_are_summed_by_purpose() -> None:
    storage = Storage()
    for size, purpose, expires in (
        (100, "batch", TODAY + 3 * DAY),
        ("50", "batch", TODAY + 30 * DAY),
        (7, None, TODAY - DAY),
        ("large", "batch", None),
    ):
        storage.take({"bytes": size, "purpose": purpose, "expires_at": expires}, TODAY)
    assert (storage.total.files, int(storage.total.size), storage.total.size.unread) == (4, 157, 1)
    assert [(purpose, held.files, int(held.size)) for purpose, held in storage.largest] == [
        ("batch", 3, 150),
        ("no purpose", 1, 7),
    ]
    assert (storage.soon.files, int(storage.soon.size)) == (1, 100)


@pytest.mark.parametrize("odd", [None, 1, "x", [], {"bytes": -1}, {"bytes": {}}])
def test_an_odd_file_is_counted_with_an_unknown_size(odd: Any) -> None:
    storage = Storage()
    storage.take(odd, TODAY)
    assert storage.total.files == 1
    assert storage.total.size.unknown
