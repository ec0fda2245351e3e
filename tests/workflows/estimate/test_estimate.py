"""Estimates in words: how sure they are, of what, and at which price."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tui.api.errors import NoKey, ServerError
from tui.api.operation import Key
from tui.headless.batches.estimate import describe_total
from tui.resources.language.prices import LineItem
from tui.screens.forms.estimating import _read_epochs
from tui.workflows.estimate.count import TokenCount, count_tokens
from tui.workflows.estimate.estimate import price_tokens
from tui.workflows.estimate.tokenizers import load_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from tui.workflows.estimate.estimate import Estimate

DAY = 1_795_651_200  # 2026-11-26
BILL = [
    LineItem(DAY, "batch api | m, input", Decimal(2), Decimal(1_000_000)),
    LineItem(DAY, "batch api | m, output", Decimal(8), Decimal(1_000_000)),
    LineItem(DAY, "n, input", Decimal(2), Decimal(1_000_000)),
    LineItem(DAY, "n training", Decimal(3), Decimal(1_000_000)),
]


async def priced(bill: Any = BILL, *, epochs: int | None = None, **count: Any) -> Estimate:
    async def read() -> list[LineItem]:
        if isinstance(bill, Exception):
            raise bill
        found: list[LineItem] = bill
        return found

    facts: dict[str, Any] = {
        "requests": 900,
        "tokens": 1_200_000.0,
        "error": 24_000.0,
        "sampled": 50,
        "model": "m",
    }
    facts |= {"method": "the platform counted a sample of 50", "endpoint": "/v1/responses"}
    return await price_tokens(read, TokenCount(**{**facts, **count}), epochs=epochs)


async def test_an_estimate_says_how_sure_it_is_and_at_which_price() -> None:
    found = await priced(cap=90_000)
    assert found.line() == "about 1.2M tokens to read (sample of 50, ±2.0 %), $2.40 at your price of 11-26"
    assert list(found.lines()) == [
        "900 requests (m, /v1/responses)",
        "input: about 1.2M tokens ±2.0 %, the platform counted a sample of 50",
        'dollars: $2.40 at your price of 11-26 ($2 a million, billed as "batch api | m, input")',
        'output: at most $0.72 for 90k tokens, $8 a million, billed as "batch api | m, output" on 11-26; '
        "it is not in the dollars above",
    ]
    whole = await priced(error=0.0, sampled=900, tokens=1_234.0, model="n")
    assert whole.line() == "1,234 tokens to read, <$0.01 at your price outside batches of 11-26"
    unsure = await priced(error=None, sampled=1)
    assert unsure.line().startswith("about 1.2M tokens to read (sample of 1), ")


async def test_lines_that_are_not_counted_are_told(tmp_path: Path) -> None:
    request = {"custom_id": "a", "url": "/v1/responses", "body": {"model": "m", "input": "one two"}}
    example = {"messages": [{"role": "user", "content": "one two"}]}
    path = tmp_path / "lines.jsonl"
    for good, other, told in ((request, example, "no request"), (example, request, "no example")):
        lines = [json.dumps(good), "[1]", "  ", "{cut", '"text"', json.dumps(other), '{"a": 1}', json.dumps(good)]
        path.write_text("\n".join(lines))
        count = await count_tokens(None, path, tokenizer=lambda model: load_tokenizer(model, simulated=True))
        assert (count.requests, count.unread) == (2, 5)
        assert count.notes == [f"5 lines are {told}s, and not counted."]
        found = await priced(requests=count.requests, sampled=2, unread=count.unread, notes=count.notes)
        assert found.line().endswith(", without 5 lines that cannot be read")
        assert "  5 lines are " in "\n".join(found.lines())
        assert found.json()["unreadable"] == 5


async def test_a_training_is_paid_for_each_epoch() -> None:
    found = await priced(training=True, model="n", epochs=3)
    assert (
        found.line()
        == "about 1.2M tokens an epoch (sample of 50, ±2.0 %), 3 epochs, $10.80 at your price of 11-26"
    )
    assert "training: 3.6M tokens in 3 epochs" in list(found.lines())
    chosen = await priced(training=True, model="n")
    assert "training: as many epochs as the platform chooses" in list(chosen.lines())


async def test_files_are_summed_up_with_the_error_of_all() -> None:
    one, other = await priced(), await priced(error=32_000.0)
    assert describe_total([one, other]) == "total of 2 files: about 2.4M tokens ±1.7 %, $4.80"
    exact = await priced(error=0.0, tokens=10.0)
    assert describe_total([exact, exact]) == "total of 2 files: 20 tokens, <$0.01"
    assert describe_total([one, await priced([])]) == "total of 2 files: about 2.4M tokens ±1.4 %"


@pytest.mark.parametrize(
    ("bill", "sentence"),
    [
        ([], "the bill of the last 30 days has no tokens of m."),
        (NoKey(Key.ADMIN), "prices need an admin key (OPENAI_ADMIN_KEY)"),
        (ServerError(500, "No."), "the bill cannot be read: "),
    ],
)
async def test_without_a_price_it_says_why(bill: Any, sentence: str) -> None:
    found = await priced(bill)
    assert (found.dollars, sentence in found.line()) == (None, True)
    assert found.json()["unpriced"].startswith(sentence)


@pytest.mark.parametrize(
    ("method", "epochs"),
    [
        ({"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": "4"}}}, 4),
        ({"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": "auto"}}}, None),
        ({"type": "dpo", "supervised": {"hyperparameters": {"n_epochs": "4"}}}, None),
        (None, None),
    ],
)
def test_epochs_are_those_of_the_method_chosen(method: Any, epochs: int | None) -> None:
    assert _read_epochs({"method": method}) == epochs
