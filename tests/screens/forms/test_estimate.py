"""Tokens and dollars on the screen: of a file before it is sent, and of a batch that is over."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened, served
from tui.resources.language.reading.amounts import format_amount
from tui.screens.forms.form import Form
from tui.toolkit.controls import Input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def acme() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


@pytest.mark.usefixtures("at_once")
async def test_a_batch_tells_what_it_cost_and_a_file_what_it_will(acme: Server, tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    body = {"model": "gpt-5-mini", "input": "Say hello."}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": body}
    path.write_text("".join(f"{json.dumps({**line, 'custom_id': str(at)})}\n" for at in range(5)))
    listed = acme.call("GET", "/batches?limit=100")["data"]
    batch = next(each for each in listed if each["usage"]["total_tokens"] and each["model"] == "gpt-5-mini")
    async with opened(acme, "batches", size=(200, 50)) as drive:
        await drive.command(f"open {batch['id']}")
        platform = drive.app.platform
        assert platform
        platform.scheduler.budget = 1_000
        await drive.until(lambda: platform.bill.prices_of("gpt-5-mini"), "the bill")
        prices = platform.bill.prices_of("gpt-5-mini")
        assert prices and prices.batch and prices.input and prices.output
        read, written = batch["usage"]["input_tokens"], batch["usage"]["output_tokens"]
        dollars = read * prices.input.per_token + written * prices.output.per_token
        assert dollars > Decimal("0.001")
        await drive.sees(f"{format_amount(dollars, '$')} at your price of {prices.output.date}")

        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.press("ctrl+n", "ctrl+g")
        await drive.sees("Give the path of a file of this machine")
        drive.app.screen.query(Input).first().value = str(path)
        await drive.sees("requests 5")
        told = acme.call("POST", "/responses/input_tokens", json=body)["input_tokens"]
        await drive.press("ctrl+g")
        await drive.sees(f"{5 * told} tokens to read, <$0.01 at your price of {prices.input.date}")
        await drive.press("escape")
        await drive.command("vs")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form of a store")
        await drive.press("ctrl+g")
        await drive.sees("Nothing is counted here")
