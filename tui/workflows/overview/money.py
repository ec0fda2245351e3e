"""What is spent: today, this month and against the limit, read from a report of costs by day."""

from __future__ import annotations

import calendar
import time
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tui.resources.language.reading.amounts import Amount, read_number, sum_amounts
from tui.resources.usage import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.live.totals import Group
    from tui.workflows.usage import Standout, UsageFigures

USUAL_DAYS = 14
MOST_GROUPS = 3


class Money(NamedTuple):
    """What is spent, in dollars; days are those of UTC."""

    today: Amount
    usual: Decimal
    """The median of the two weeks before today."""
    month: Amount
    month_name: str
    forecast: Decimal | None
    """What the month comes to if each day to come costs the usual; None where amounts cannot be read."""
    limit: Decimal | None
    """The most that the organization lets itself spend in a month."""
    days: list[Amount]
    """The days of the report, today last."""
    today_began: int
    """When today began, in unix seconds."""
    standouts: dict[int, Standout]
    """The days that stand out, by when they begin (unix seconds)."""
    groups: list[tuple[Group, Amount]]
    """The largest projects."""
    is_limit_known: bool = True
    """Whether it was told if there is a limit."""


def read_money(report: UsageFigures, limit: Decimal | None) -> Money:
    """Return what a report of costs by day says about today and this month."""
    days = report.series(0)
    today, before = days[-1], days[:-1][-USUAL_DAYS:]
    usual = Decimal(median(before)) if before else Decimal(0)
    now = time.gmtime(report.now)
    first = calendar.timegm((now.tm_year, now.tm_mon, 1, 0, 0, 0))
    month = sum_amounts(report.series(0, since=first))
    left = calendar.monthrange(now.tm_year, now.tm_mon)[1] - now.tm_mday
    rest = max(usual - today, Decimal(0)) + left * usual
    return Money(
        today,
        usual,
        month,
        time.strftime("%B", now),
        None if month.unread else Decimal(month) + rest,
        limit,
        days,
        report.end - DAY,
        report.find_standouts(),
        report.groups(0)[:MOST_GROUPS],
    )


def sum_since(money: Money, day: int, spent: Decimal) -> Amount | None:
    """Return what was spent since a moment of a `day` (unix seconds), by which `spent` was spent on that day.

    None for a day that the report does not reach back to.
    """
    back = (money.today_began - day) // DAY
    if not 0 <= back < len(money.days):
        return None
    whole = sum_amounts(money.days[len(money.days) - 1 - back :])
    return Amount(max(whole - spent, Decimal(0)), whole.unread)


def limit_of(raw: Mapping[str, object] | None) -> Decimal | None:
    """Return the dollars a month of a spend limit, which the platform tells in cents. None without one."""
    cents = read_number(raw.get("threshold_amount")) if raw else None
    return None if cents is None or cents <= 0 else cents / 100


def day_of(moment: int) -> str:
    """Return a day of UTC as month and day."""
    return time.strftime("%m-%d", time.gmtime(moment))
