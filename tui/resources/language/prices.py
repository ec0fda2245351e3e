"""What a token costs, as the organization's own bill tells: a line item's amount by its quantity, and its day.

Line items are called after models and what is paid for: `gpt-5-mini-2025-08-07, cached input`,
`batch api | gpt-4.1, output`. Nothing is taken from a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tui.resources.language.reading.amounts import read_dollars, read_number

if TYPE_CHECKING:
    from collections.abc import Iterable

MILLION = Decimal(1_000_000)
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_WHAT = ("input", "cached", "output")
_UNITS = {"1000_tokens": 1_000}
# Words that tell another price than that of text read and written by a model.
_OTHER = {"evals", "assistants", "audio", "image", "images", "video", "priority", "flex", "realtime", "search"}
_TRAINING = {"training", "train", "trained", "fine", "tuning", "finetuning", "finetune"}


class LineItem(NamedTuple):
    """A line of a day's bill."""

    day: int
    """When the day begins, in unix seconds."""
    name: str
    dollars: Decimal
    tokens: Decimal


class Price(NamedTuple):
    """What a token cost on a day."""

    item: LineItem

    @property
    def per_token(self) -> Decimal:
        """Dollars for a token."""
        return self.item.dollars / self.item.tokens

    @property
    def date(self) -> str:
        """The day (UTC), as month and day."""
        return datetime.fromtimestamp(self.item.day, UTC).strftime("%m-%d")


class Prices(NamedTuple):
    """What a model's tokens cost the organization; None for what is not on its bill."""

    input: Price | None
    cached: Price | None
    output: Price | None
    batch: bool
    """Whether these are prices of batches; else they are those of single requests."""

    def cost(self, read: int, cached: int, written: int) -> tuple[Decimal, Price] | None:
        """Return what tokens cost, `cached` among those `read`, and the oldest price of it; None without one."""
        parts = (read - cached, self.input), (cached, self.cached or self.input), (written, self.output)
        used = [(tokens, price) for tokens, price in parts if tokens > 0]
        prices = [price for _, price in used if price is not None]
        if not used or len(prices) < len(used):
            return None
        dollars = sum((tokens * price.per_token for tokens, price in used if price), Decimal(0))
        return dollars, min(prices, key=lambda price: price.item.day)


PricesOf = Callable[[str], Prices | None]
"""Tells the prices of a model, where they are known."""


def no_prices(_model: str) -> None:
    """Return None: where no bill was read, no price is known."""


class _Paid(NamedTuple):
    """What a line item is for."""

    model: str
    what: str
    """`input`, `cached`, `output` or `training`."""
    batch: bool


def read_item(day: int, result: object) -> LineItem | None:
    """Return a result of a bill's day; None where it tells no price, as what was free."""
    if not isinstance(result, dict) or not isinstance(name := result.get("line_item"), str):
        return None
    unit = result.get("quantity_unit")
    dollars, quantity = read_dollars(result.get("amount")), read_number(result.get("quantity"))
    if unit not in (None, "tokens", *_UNITS) or not dollars or not quantity or dollars < 0 or quantity < 0:
        return None
    return LineItem(day, name, dollars, quantity * _UNITS.get(unit or "", 1))


def find_prices(items: Iterable[LineItem], model: str, *, batch: bool = True) -> Prices:
    """Return what tokens of a model cost last: in batches, or where none was paid for, in single requests.

    A model's name without a date stands for those with one, too.
    """
    newest: dict[tuple[bool, str], Price] = {}
    for item in sorted(items, key=lambda item: -item.day):
        paid = _read_name(item.name, model)
        if paid and (paid.batch, paid.what) not in newest:
            newest[paid.batch, paid.what] = Price(item)
    in_batches = batch and any((True, what) in newest for what in _WHAT)
    found = (newest.get((in_batches, what)) for what in _WHAT)
    return Prices(next(found), next(found), next(found), in_batches)


def find_training_price(items: Iterable[LineItem], model: str) -> Price | None:
    """Return what a token of training of a model cost last."""
    found = sorted(items, key=lambda item: -item.day)
    return next(
        (Price(item) for item in found if (paid := _read_name(item.name, model)) and paid.what == "training"), None
    )


@lru_cache(4096)  # each day of a bill has the same names
def _read_name(name: str, model: str) -> _Paid | None:
    """Return what a line item is for, if it is for tokens of this model."""
    words = re.split(r"[\s,|:]+", name.casefold())
    wanted = _simplify_name(model)
    at = next((word for word in words if wanted and _is_same(_simplify_name(word), wanted)), None)
    if at is None:
        return None
    rest = {part for word in words if word != at for part in re.split(r"[_-]", word)}
    if rest & _OTHER:
        return None
    told = ("training", rest & _TRAINING), ("cached", "cached" in rest), ("output", "output" in rest)
    what = next((what for what, is_it in (*told, ("input", "input" in rest)) if is_it), "")
    return _Paid(at, what, "batch" in rest) if what else None


def _is_same(billed: str, wanted: str) -> bool:
    """Return whether two names are one model's; one without a date stands for any."""
    bases = _DATED.sub("", billed), _DATED.sub("", wanted)
    return billed == wanted or (bases[0] == bases[1] and (billed in bases or wanted in bases))


def _simplify_name(model: str) -> str:
    """Return a model's name as a bill may write it: fine-tuned ones after their base, 5_1 as 5.1."""
    name = model.casefold()
    if name.startswith("ft:"):
        name = f"ft-{name.split(':')[1]}"
    return re.sub(r"(?<=\d)_(?=\d)", ".", name)
