"""Money and counts: read from whatever a server sends, added up to the last digit, and put into words.

What cannot be read is counted beside the sum, and never taken for 0.
"""

from __future__ import annotations

import json
import math
import re
import secrets
from decimal import ROUND_HALF_EVEN, Context, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from tui.api.numbers import LongFloat
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_DIGITS = 300  # the most digits of an amount, and of its fraction
_LARGEST = 40  # digits before the point: no amount of this world has more
_PLAIN = 10**15  # whole numbers below need no look at their digits
_EXACT = Context(prec=800, rounding=ROUND_HALF_EVEN)  # enough for sums of amounts of that size to stay whole
_CENT = Decimal("0.01")
_MOST_BYTES = 10**24  # that anybody has
_MARK = f"exact:{secrets.token_hex(8)}:"  # before a number on its way through the JSON writer; nobody can guess it
_MARKED = re.compile(f'"{_MARK}([-+.0-9eE]+)"')
_REWRITTEN = frozenset((dict, list, tuple, float, LongFloat))  # by exact type: what `_writable` looks into


_NONE: Mapping[str, int] = MappingProxyType({})


class Amount(Decimal):
    """The sum of what could be read, and in `unread` how many parts of it could not be.

    Arithmetic gives plain numbers: sums that shall keep `unread` are made by `add`.
    """

    __slots__ = ("foreign", "unread")

    unread: int
    foreign: Mapping[str, int]
    """How many of the parts that could not be read are in which other currency."""

    def __new__(cls, value: Decimal | int = 0, unread: int = 0, foreign: Mapping[str, int] = _NONE) -> Self:
        """Make a sum of which so many parts are missing."""
        made = super().__new__(cls, value)
        made.unread = unread or getattr(value, "unread", 0)
        made.foreign = foreign or getattr(value, "foreign", _NONE)
        return made

    @property
    def unknown(self) -> bool:
        """Whether nothing of it could be read: its value says nothing then."""
        return bool(self.unread) and not self


UNREAD = Amount(0, 1)


def read_number(value: object) -> Decimal | None:
    """Return the number that a JSON value or its text is, to the last digit; None for all else.

    None for what is none: words, nothing, yes or no, NaN, infinity, and numbers that no real amount has.
    """
    if type(value) is int and -_PLAIN < value < _PLAIN:  # nearly all of them
        return Decimal(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = repr(value)  # the shortest text that means the same float
    if isinstance(value, str):
        text = value.strip()
        found = Decimal(text) if len(text) <= 2 * _DIGITS and _NUMBER.fullmatch(text) else None
    elif isinstance(value, int):
        found = Decimal(value) if abs(value) < 10**_LARGEST else None
    else:
        found = value if isinstance(value, Decimal) and value.is_finite() else None
    if found is None or not found:
        return found if found is None else Decimal(0)
    _, digits, exponent = found.as_tuple()
    sound = len(digits) <= _DIGITS and isinstance(exponent, int) and exponent >= -_DIGITS
    return found if sound and found.adjusted() < _LARGEST else None


def read_count(value: object) -> Decimal | None:
    """Return the count that a JSON value or its text is: whole and not negative. None for all else."""
    found = read_number(value)
    return found if found is not None and found >= 0 and found == found.to_integral_value() else None


def read_dollars(amount: object) -> Decimal | None:
    """Return the dollars of an object of `value` and `currency`; None where it has none, or other money."""
    if not isinstance(amount, dict):
        return None
    currency = amount.get("currency") or "usd"
    if not isinstance(currency, str) or currency.strip().casefold() != "usd":
        return None
    return read_number(amount.get("value"))


def find_foreign_currency(amount: object) -> str:
    """Return the currency of an amount that can be read and is not in dollars, in small letters; "" otherwise."""
    if not isinstance(amount, dict) or read_number(amount.get("value")) is None:
        return ""
    told = amount.get("currency")
    found = clean(told, 12).strip().casefold() if isinstance(told, str) else ""
    return "" if found == "usd" else found


def sum_amounts(amounts: Iterable[Decimal]) -> Amount:
    """Return the sum to the last digit, with the number of parts it lacks."""
    value, unread = Decimal(0), 0
    foreign: dict[str, int] = {}
    for amount in amounts:
        value = _EXACT.add(value, amount)
        if lacking := getattr(amount, "unread", 0):
            unread += lacking
            for currency, parts in getattr(amount, "foreign", _NONE).items():
                foreign[currency] = foreign.get(currency, 0) + parts
    return Amount(value, unread, foreign)


def sum_columns(rows: Iterable[Sequence[Decimal]]) -> tuple[Amount, ...]:
    """Return the sums of each column of rows that are equally long."""
    return tuple(map(sum_amounts, zip(*rows, strict=True)))


def format_amount(value: Decimal | float, unit: str) -> str:
    """Return an amount as people read it: `1,204`, `$3.20`, `12.4 MB`, with `?` for what is missing.

    An amount is never rounded to nothing: what is less than a cent is `<$0.01`. 0.23 is `23 %`.
    """
    unread = getattr(value, "unread", 0)
    if unread and not value:
        return "?"
    if unit == "$":
        text = _format_dollars(Decimal(value))
    elif unit == "B":
        text = short_size(float(value))
    else:
        worth = 100 * value if unit == "%" else value
        text = f"{worth:,.0f}" if not 0 < worth < 1 else "<1"
        text += f" {unit}" if unit in ("s", "%") else ""
    return f"{text} +?" if unread else text


def _format_dollars(value: Decimal) -> str:
    if value and abs(value) < _CENT:
        return "<$0.01" if value > 0 else ">-$0.01"
    cents = value.quantize(_CENT, context=_EXACT)
    return f"{'-' if cents < 0 else ''}${cents.copy_abs():,.2f}"


def short_size(value: float) -> str:
    """Return bytes as people write them: `940 B`, `12.4 MB`."""
    if abs(value) > _MOST_BYTES:
        return f"{Decimal(value):.1E} B"
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} EB"


def describe_unread(amount: object, noun: str = "amount") -> str:
    """Return how many parts a sum lacks: `2 amounts cannot be read`, `1 amount is in eur`; "" for none."""
    foreign = getattr(amount, "foreign", _NONE)
    unread = getattr(amount, "unread", 0) - sum(foreign.values())
    told = [
        f"{parts:,} {noun}{' is' if parts == 1 else 's are'} in {currency}" for currency, parts in foreign.items()
    ]
    if unread > 0:
        told.append(f"{unread:,} {noun}{'' if unread == 1 else 's'} cannot be read")
    return ", ".join(told)


def export_value(value: object) -> object:
    """Return an amount as it is exported: all its digits, or None where nothing of it could be read."""
    if not isinstance(value, Decimal):
        return value
    return None if isinstance(value, Amount) and value.unknown else f"{value:f}"


def word_of(value: object) -> str:
    """Return any JSON value as a text to show: a text as it is, what is no number either as JSON."""
    plain = isinstance(value, str | int | float | Decimal) and not isinstance(value, bool)
    return str(value) if plain else dump_json(value, ensure_ascii=False)


def keep_digits(number: str) -> str:
    """Return a number of JSON so that `dump_json` writes it as it is. It is nothing to compute with."""
    return _MARK + number


def dump_json(value: object, **options: Any) -> str:
    """Return JSON in which numbers have all the digits they came with; amounts that cannot be read are null.

    NaN and the infinities, which are no JSON, are texts.
    """

    def marked(amount: object) -> object:
        if not isinstance(amount, Decimal):
            return str(amount)
        told = export_value(amount)
        return None if told is None else keep_digits(str(told))

    text = json.dumps(_writable(value), default=marked, **options)
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def _writable(value: object) -> object:
    """Return a JSON value with what the writer of JSON has no form for as texts.

    These are NaN and the infinities, and numbers that a float does not hold to the last digit.
    """
    if isinstance(value, dict):
        return {name: _writable(inner) if type(inner) in _REWRITTEN else inner for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner) if type(inner) in _REWRITTEN else inner for inner in value]
    if isinstance(value, LongFloat):
        return keep_digits(value.text)
    return json.dumps(value) if isinstance(value, float) and not math.isfinite(value) else value
