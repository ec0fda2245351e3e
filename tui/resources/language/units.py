"""The units that requests count in, and amounts as people write them: `$12.50`, `30d`, `20 MB`, `2M`."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum

from tui.resources.language.reading.amounts import format_amount, read_number

_COUNT = re.compile(r"((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*([kmb]?)", re.ASCII | re.IGNORECASE)
_THOUSANDS = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_DOLLARS = re.compile(r"\$?\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?)", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.ASCII | re.IGNORECASE)
_LONGEST = 30  # characters of an amount
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_BYTES = {"TB": 10**12, "GB": 10**9, "MB": 10**6, "kB": 1_000}
_MEGABYTES = {"TB": 1_000_000, "GB": 1_000, "MB": 1}


class Unit(Enum):
    """What a number of a request counts. In a form it is an amount with its unit."""

    COUNT = "count"
    CENTS = "cents"
    SECONDS = "seconds"
    MINUTES = "minutes"
    DAYS = "days"
    MEGABYTES = "megabytes"

    @property
    def example(self) -> str:
        """An amount as people write it."""
        match self:
            case Unit.COUNT:
                return "30,000 or 2M"
            case Unit.CENTS:
                return "$500"
            case Unit.MEGABYTES:
                return "20 MB"
            case Unit.DAYS:
                return "30d"
            case Unit.MINUTES:
                return "20m or 12h"
        return "30d or 12h"

    def read(self, text: str) -> int:
        """Return the number for an amount that was typed. Raises ValueError with a sentence."""
        if self is Unit.COUNT:
            return self._whole(_read_count(text))
        if self is Unit.CENTS:
            return self._whole(_read_dollars(text) * 100)
        if self is Unit.MEGABYTES:
            return self._whole(_sum_parts(text, _MEGABYTES, self.example))
        return self._whole(_sum_parts(text, _SECONDS, self.example) / self._seconds)

    def write(self, value: object) -> str:
        """Return a number as people write the amount: `read` gives it back. What is no such number stays."""
        number = read_number(value)
        if number is None or number < 0 or number != number.to_integral_value():
            return str(value)
        if self is Unit.COUNT:
            return f"{number:,f}"
        if self is Unit.CENTS:
            return format_amount(number / 100, "$")
        if self is Unit.MEGABYTES:
            return _write_largest(number, _MEGABYTES, " ")
        return _write_largest(number * self._seconds, _SECONDS, "")

    @property
    def _seconds(self) -> int:
        return {Unit.MINUTES: 60, Unit.DAYS: 86_400}.get(self, 1)

    def _whole(self, number: Decimal) -> int:
        if number != number.to_integral_value():
            words = "a whole number" if self is Unit.COUNT else f"whole {self.value}"
            raise ValueError(f"Should be {words}, such as {self.example}.")
        return int(number)


def read_size(text: str) -> int:
    """Return the bytes of a size such as `200 MB`. Raises ValueError with a sentence."""
    return int(_sum_parts(text, _BYTES, "200 MB"))


def _read_count(text: str) -> Decimal:
    found = _COUNT.fullmatch(text)
    if found is None or len(text) > _LONGEST:
        raise ValueError("Should be a number, such as 30,000 or 2M.")
    return Decimal(found[1].replace(",", "")) * _THOUSANDS[found[2].lower()]


def _read_dollars(text: str) -> Decimal:
    found = _DOLLARS.fullmatch(text)
    if found is None or len(text) > _LONGEST:
        raise ValueError("Should be an amount of dollars, such as $500 or $12.50.")
    return Decimal(found[1].replace(",", ""))


def _sum_parts(text: str, sizes: dict[str, int], example: str) -> Decimal:
    """Return the sum of parts such as `1h 30m`, counted in the unit of size 1."""
    by_name = {name.lower(): size for name, size in sizes.items()}
    parts = [(number, by_name.get(name.lower())) for number, name in _PART.findall(text[:_LONGEST])]
    if not parts or _PART.sub("", text).strip() or len(text) > _LONGEST or None in (size for _, size in parts):
        raise ValueError(f"Should be a number and its unit ({', '.join(sizes)}), such as {example}.")
    return sum((Decimal(number) * (size or 0) for number, size in parts), Decimal(0))


def _write_largest(number: Decimal, sizes: dict[str, int], gap: str) -> str:
    """Return a number in the largest unit in which it is whole."""
    name = next((name for name, size in sizes.items() if number and number % size == 0), list(sizes)[-1])
    return f"{number / sizes[name]:f}{gap}{name}"
