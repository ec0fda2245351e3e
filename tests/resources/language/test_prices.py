"""Prices from the lines of a bill: the right model's, the newest, and none that are for something else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tui.resources.language.prices import LineItem, find_prices, find_training_price

DAY = 86_400
TODAY = 1_795_651_200  # 2026-11-26


def item(name: str, dollars: str = "2", days_ago: int = 0) -> LineItem:
    return LineItem(TODAY - days_ago * DAY, name, Decimal(dollars), Decimal(1_000))


@pytest.mark.parametrize(
    ("name", "model", "what", "batch"),
    [
        ("gpt-5-mini-2025-08-07, input", "gpt-5-mini", "input", False),
        ("gpt-5-mini-2025-08-07, cached input", "gpt-5-mini", "cached", False),
        ("gpt-5-mini, output", "gpt-5-mini-2025-08-07", "output", False),
        ("GPT-5-mini-2025-08-07, Input", "gpt-5-mini-2025-08-07", "input", False),
        ("batch api | gpt-5_1-2025-11-13, input", "gpt-5.1", "input", True),
        ("batch api | gpt-image-2 text, input", "gpt-image-2", "input", True),
        ("gpt-5-mini batch, input_tokens", "gpt-5-mini", "input", True),
        ("gpt-5-mini batch, cached_input_tokens", "gpt-5-mini", "cached", True),
        ("text-embedding-3-small, input", "text-embedding-3-small", "input", False),
        ("ft-gpt-4o-2024-08-06, input", "ft:gpt-4o-2024-08-06:acme::abc", "input", False),
        ("gpt-4.1, input", "gpt-4.1-mini", "", False),
        ("gpt-4.1-mini, input", "gpt-4.1", "", False),
        ("gpt-5-mini-2025-08-07, input", "gpt-5-mini-2025-01-01", "", False),
        ("evals | gpt-5-mini, input", "gpt-5-mini", "", False),
        ("gpt-5-mini audio, input", "gpt-5-mini", "", False),
        ("gpt-5-mini, images", "gpt-5-mini", "", False),
        ("web search tool calls", "gpt-5-mini", "", False),
        ("gpt-5-mini, input", "", "", False),
    ],
)
def test_a_line_of_the_bill_is_a_price_of_what_its_name_says(
    name: str, model: str, what: str, batch: bool
) -> None:
    found = find_prices([item(name)], model)
    named = {"input": found.input, "cached": found.cached, "output": found.output}
    assert [key for key, price in named.items() if price] == ([what] if what else [])
    assert found.batch == batch


def test_the_newest_price_of_batches_goes_before_others_and_carries_its_day() -> None:
    bill = [
        item("gpt-5-mini, input", "9"),
        item("batch api | gpt-5-mini, input", "4", 2),
        item("batch api | gpt-5-mini, input", "5", 1),
        item("batch api | gpt-5-mini, output", "7", 3),
    ]
    found = find_prices(bill, "gpt-5-mini")
    assert found.batch and found.input and found.output
    assert (found.input.per_token, found.input.date, found.output.date) == (Decimal("0.005"), "11-25", "11-23")
    alone = find_prices(bill[:1], "gpt-5-mini")
    assert (alone.batch, alone.input and alone.input.item) == (False, bill[0])


def test_training_has_a_price_of_its_own() -> None:
    bill = [item("gpt-4.1-mini-2025-04-14, input"), item("gpt-4.1-mini-2025-04-14 fine-tuning, training", "3")]
    price = find_training_price(bill, "gpt-4.1-mini-2025-04-14")
    assert price and price.item == bill[1]
    assert find_training_price(bill[:1], "gpt-4.1-mini-2025-04-14") is None


def test_a_cost_is_of_all_kinds_of_tokens_or_unknown() -> None:
    bill = [item("batch api | m, input", "4", 1), item("batch api | m, output", "8", 3)]
    prices = find_prices(bill, "m")
    assert prices.cost(1_000, 250, 500) == (Decimal(8), prices.output)
    cheaper = find_prices([*bill, item("batch api | m, cached input", "1")], "m")
    assert cheaper.cost(1_000, 500, 0) == (Decimal("2.5"), cheaper.input)
    assert find_prices(bill[:1], "m").cost(10, 0, 10) is None
    assert find_prices([], "m").cost(0, 0, 0) is None
