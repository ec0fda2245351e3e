"""The estimate of a file: its tokens and what they cost at the organization's own prices, in words and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NoKey
from tui.resources.language.cells import pluralize, short_count
from tui.resources.language.prices import MILLION, Price, Prices, find_prices, find_training_price
from tui.resources.language.reading.amounts import format_amount

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from tui.resources.language.prices import LineItem
    from tui.workflows.estimate.count import TokenCount


@dataclass(slots=True)
class Estimate:
    """What a file will take: its tokens, and dollars where the bill tells a price."""

    count: TokenCount
    prices: Prices | None = None
    training: Price | None = None
    """What a token of training costs."""
    epochs: int | None = None
    """How often a training goes through the file; None where the platform chooses."""
    unpriced: str = ""
    """Why there are no dollars, in a sentence."""

    @property
    def price(self) -> Price | None:
        """What a token that is read costs."""
        return self.training if self.count.training else self.prices and self.prices.input

    @property
    def tokens(self) -> float:
        """The tokens that are paid for: of a training, those of all epochs."""
        return self.count.tokens * (self.epochs or 1)

    @property
    def dollars(self) -> Decimal | None:
        """What reading them costs; None without a price."""
        return None if self.price is None else Decimal(repr(self.tokens)) * self.price.per_token

    @property
    def most_for_output(self) -> Decimal | None:
        """What the answers cost at most, where all say how long they may be and there is a price."""
        price, cap = self.prices and self.prices.output, self.count.cap
        return None if price is None or not cap else cap * price.per_token

    def describe_tokens(self) -> str:
        """Return the tokens and their error: `about 1.2M tokens ±1.8 %`; `8,412 tokens` where all were counted."""
        share = self.count.share
        if self.count.error == 0:
            return f"{self.count.tokens:,.0f} tokens"
        off = "" if share is None else f" ±{100 * share:.1f} %"
        return f"about {short_count(self.count.tokens)} tokens{off}"

    def describe_dollars(self) -> str:
        """Return what reading costs: `$3.40 at your price of 11-26`; or why that is not known."""
        if self.price is None or self.dollars is None:
            return self.unpriced
        kind = ""
        if not self.count.training and self.prices and not self.prices.batch:
            kind = " outside batches"
        return f"{format_amount(self.dollars, '$')} at your price{kind} of {self.price.date}"

    def line(self) -> str:
        """Return it in one line: `about 1.2M tokens (sample of 50, ±1.8 %), $3.40 at your price of 11-26`."""
        whole = self.count.sampled == self.count.requests
        share = "" if self.count.share is None or whole else f", ±{100 * self.count.share:.1f} %"
        tokens = f"{self.count.tokens:,.0f}" if whole else f"about {short_count(self.count.tokens)}"
        sampled = "" if whole else f" (sample of {self.count.sampled:,}{share})"
        unread = f"without {pluralize(self.count.unread, 'line')} that cannot be read" if self.count.unread else ""
        an_epoch = " an epoch" if self.count.training else " to read"
        rounds = pluralize(self.epochs, "epoch") if self.count.training and self.epochs else ""
        return ", ".join(
            filter(None, (f"{tokens} tokens{an_epoch}{sampled}", rounds, self.describe_dollars(), unread))
        )

    def lines(self) -> Iterator[str]:
        """Yield it in full."""
        count = self.count
        noun = "example" if count.training else "request"
        what = ", ".join(filter(None, (count.model, "" if count.training else count.endpoint)))
        yield f"{pluralize(count.requests, noun)}{f' ({what})' if what else ''}"
        yield f"input: {self.describe_tokens()}{' an epoch' if count.training else ''}, {count.method}"
        yield from (f"  {note}" for note in count.notes)
        if count.training:
            rounds = self.epochs and pluralize(self.epochs, "epoch")
            in_all = f"{short_count(self.tokens)} tokens in {rounds}"
            yield f"training: {in_all if rounds else 'as many epochs as the platform chooses'}"
        if self.price is None:
            yield f"dollars: {self.unpriced}"
            return
        yield f"dollars: {self.describe_dollars()} ({_describe_price(self.price)})"
        if output := self.prices and self.prices.output:
            most = self.most_for_output
            words = (
                f"at most {format_amount(most, '$')} for {short_count(count.cap or 0)} tokens, " if most else ""
            )
            yield f"output: {words}{_describe_price(output)} on {output.date}; it is not in the dollars above"

    def json(self) -> dict[str, Any]:
        """Return it for other programs."""
        count = self.count
        output = self.prices and self.prices.output
        return {
            "kind": "training" if count.training else "batch",
            "requests": count.requests,
            "endpoint": count.endpoint,
            "model": count.model or None,
            "input_tokens": round(count.tokens),
            "error": None if count.error is None else round(count.error),
            "counted": count.sampled,
            "uncounted": count.refused,
            "unreadable": count.unread,
            "method": count.method,
            "epochs": self.epochs,
            "input_dollars": self.dollars,
            "price": _price_json(self.price),
            "output_tokens_at_most": count.cap,
            "output_dollars_at_most": self.most_for_output,
            "output_price": _price_json(output or None),
            "unpriced": self.unpriced or None,
            "notes": count.notes,
        }


def _describe_price(price: Price) -> str:
    return f'{format_rate(price)}, billed as "{price.item.name}"'


def format_rate(price: Price) -> str:
    """Return a price as people compare it: `$0.125 a million`."""
    rate = (price.per_token * MILLION).quantize(Decimal("0.0001")).normalize()
    return f"${rate:f} a million"


def _price_json(price: Price | None) -> dict[str, Any] | None:
    if price is None:
        return None
    return {"line_item": price.item.name, "dollars_per_million": price.per_token * MILLION, "day": price.item.day}


async def price_tokens(
    read_bill: Callable[[], Awaitable[Sequence[LineItem]]], count: TokenCount, *, epochs: int | None = None
) -> Estimate:
    """Return the estimate with the prices of the organization's own bill, or with why there are none."""
    made = Estimate(count, epochs=epochs)
    try:
        items = await read_bill()
    except NoKey:
        made.unpriced = "prices need an admin key (OPENAI_ADMIN_KEY): they are read from the organization's bill."
        return made
    except ApiError as error:
        made.unpriced = f"the bill cannot be read: {error}"
        return made
    if count.training:
        made.training = find_training_price(items, count.model)
    else:
        made.prices = find_prices(items, count.model)
    if made.price is None:
        what = "training" if count.training else "tokens"
        of = count.model or "a model that is not named"
        made.unpriced = f"the bill of the last 30 days has no {what} of {of}."
    return made
