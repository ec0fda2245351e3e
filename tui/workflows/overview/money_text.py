"""What is spent in a month, in words: against limit and alerts, at its end, and against the month before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import format_amount
from tui.workflows.overview.money import METHOD_BRIEFLY, day_of, format_change

if TYPE_CHECKING:
    from decimal import Decimal

    from tui.workflows.overview.money import Money

_FEW = 10  # dollars, of which cents are told
_NEAR = 0.8  # of the limit, from which on the month is marked


def describe_spent(money: Money) -> tuple[str, str]:
    """Return what the month came to so far against its limit, and the tone of that."""
    spent = format_amount(money.month, "$")
    if not money.limit:
        return spent + (", no limit set" if money.is_limit_known else ""), ""
    share = float(money.month / money.limit)
    tone = "bad" if share >= 1 else "warn" if share >= _NEAR else "accent"
    return f"{spent} of {_round_dollars(money.limit)}  {100 * share:.0f} %", tone


def describe_end(money: Money, method: str = METHOD_BRIEFLY) -> tuple[str, str]:
    """Return what the month is expected to come to, by which method, and the tone; "" where nobody can say."""
    if money.forecast is None:
        return "", ""
    words = f"≈ {_round_dollars(money.forecast)} {method}"
    if money.limit is None or money.forecast <= money.limit:
        return words, "dim"
    return f"{words}, above the limit{_describe_when(money, money.limit)}", "bad"


def describe_alerts(money: Money) -> tuple[str, str]:
    """Return the alert that was passed last and the next one, and the tone; "" where there are none."""
    parts = []
    if passed := money.passed:
        more = f" and {len(passed) - 1} less" if len(passed) > 1 else ""
        parts.append(f"{_round_dollars(passed[-1])}{more} passed")
    if (following := money.next_alert) is not None:
        parts.append(f"next {_round_dollars(following)}{_describe_when(money, following) or ', not this month'}")
    return " · ".join(parts), "warn" if passed else "dim"


def describe_change(money: Money) -> str:
    """Return how the days of the month that are over stand to as many of the month before; "" where unknown."""
    change = format_change(money.over, money.before)
    return f"{change} on {pluralize(money.days_over, 'day')} of {money.month_before}" if change else ""


def _round_dollars(amount: Decimal) -> str:
    """Return an amount that is set or estimated: in whole dollars, unless it has few."""
    return f"${amount:,.0f}" if amount >= _FEW else format_amount(amount, "$")


def _describe_when(money: Money, amount: Decimal) -> str:
    """Return about when the month comes to an amount; "" where that is not to be expected."""
    day = money.foresee(amount)
    return "" if day is None else f" about {day_of(day)}"
