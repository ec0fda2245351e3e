"""The bill: read when a price is wanted, kept for an hour, and asked for no more where it may not be read."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.odd_server import odd_server
from tui.api.client import Client
from tui.api.errors import ApiError
from tui.headless.lists.listing import connect_to_sandbox
from tui.live.bill import Bill

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400
NOW = 1_795_651_200.0


class Room:
    """A scheduler with room for every request."""

    async def free(self) -> None:
        """Wait for nothing."""


def bucket(day: float, *results: Any) -> dict[str, Any]:
    return {"object": "bucket", "start_time": int(day), "end_time": int(day) + DAY, "results": list(results)}


def paid(name: str, dollars: Any, quantity: Any, unit: str | None = "tokens") -> dict[str, Any]:
    amount = {"value": dollars, "currency": "usd"}
    return {"amount": amount, "line_item": name, "quantity": quantity, "quantity_unit": unit}


PAGE = {
    "object": "page",
    "has_more": False,
    "next_page": None,
    "data": [
        bucket(NOW - DAY, paid("batch api | m, input", "0.0000050000", 10), paid("batch api | m, output", 4, 2)),
        "odd",
        bucket(
            NOW,
            paid("batch api | m, input", 0, 1_000),  # what was free is no price
            paid("batch api | m, output", 3, 1, "1000_tokens"),
            paid("batch api | m, input", 3, None),
            paid("m, images", 3, 1, "images"),
            {"line_item": None},
            None,
        ),
    ],
}


@contextmanager
def opened_bill(answer: Any, now: list[float], *, admin: bool = True) -> Iterator[tuple[Bill, list[Any]]]:
    """A bill of a server that always answers so, and the queries it was asked."""
    asked: list[Any] = []

    def reply(query: Any) -> Any:
        asked.append(query)
        return answer

    with odd_server({"/organization/costs": reply}) as url:
        connection = connect_to_sandbox(url)
        client = Client(connection if admin else replace(connection, admin_key=None))
        room: Any = Room()
        yield Bill(client, room, lambda: now[0]), asked


async def settle(bill: Bill) -> None:
    if bill._reading:
        await bill._reading


async def test_prices_are_read_once_and_again_after_an_hour() -> None:
    now = [NOW]
    with opened_bill(PAGE, now) as (bill, asked):
        assert bill.prices_of("m") is None
        await settle(bill)
        prices = bill.prices_of("m")
        assert prices and prices.batch and prices.input and prices.output
        assert (float(prices.input.per_token), prices.input.date) == (5e-07, "11-25")
        assert (float(prices.output.per_token), prices.output.date) == (0.003, "11-26")
        others = bill.prices_of("other")
        assert others is not None and others.input is None
        assert len(asked) == 1
        now[0] += 3_599
        assert bill.prices_of("m") == prices and bill._reading is None
        now[0] += 2
        assert bill.prices_of("m") == prices, "what is known stays meanwhile"
        await settle(bill)
        assert len(asked) == 2


@pytest.mark.parametrize(("status", "readings"), [(403, 1), (422, 2)])
async def test_what_cannot_be_read_is_left_alone_or_asked_for_again_later(status: int, readings: int) -> None:
    now = [NOW]
    with opened_bill(status, now) as (bill, asked):
        for seconds in (0, 1, 600):
            now[0] += seconds
            assert bill.prices_of("m") is None
            await settle(bill)
        assert len(asked) == readings
        with pytest.raises(ApiError):
            await bill.read()


async def test_without_an_admin_key_nothing_is_asked() -> None:
    with opened_bill(PAGE, [NOW], admin=False) as (bill, asked):
        assert bill.prices_of("m") is None
        assert bill._reading is None and not asked
        bill.close()
