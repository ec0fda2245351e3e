"""What is spent: today, this month, against limit, alerts and the month before, read from costs by day."""

from __future__ import annotations

import calendar
import time
from decimal import Decimal
from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.language.reading.amounts import Amount, format_amount, read_number, sum_amounts
from tui.resources.usage import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui.live.totals import Group
    from tui.workflows.usage import Standout, UsageFigures

USUAL_DAYS = 14
WEEKS = 4  # in which a day of the week is looked at, to say what it usually costs
MOST_GROUPS = 3
METHOD = f"each day to come as the median of that weekday in the last {WEEKS} weeks"
"""How a month's end is foretold."""
METHOD_BRIEFLY = "by usual weekdays"


class Money(NamedTuple):
    """What is spent, in dollars; days are those of UTC."""

    today: Amount
    usual: Decimal
    """The median of the two weeks before today."""
    month: Amount
    month_name: str
    forecast: Decimal | None
    """What the month comes to at its end, as `METHOD` says; None where amounts cannot be read."""
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
    coming: tuple[Decimal, ...] = ()
    """What the rest of today and each day of the month to come is expected to cost."""
    over: Amount = Amount()
    """What the days of the month that are over cost."""
    before: Amount | None = None
    """What as many days of the month before cost, from its first on; None where they were not read."""
    alerts: tuple[Decimal, ...] = ()
    """The dollars a month at which somebody is told, the least first."""
    is_limit_known: bool = True
    """Whether it was told if there is a limit."""
    are_alerts_known: bool = True
    """Whether it was told which alerts there are."""

    @property
    def change(self) -> Decimal | None:
        """By which part more was spent than in as many days of the month before; None where that is not known."""
        return find_change(self.over, self.before)

    @property
    def days_over(self) -> int:
        """How many days of the month are over."""
        return time.gmtime(self.today_began).tm_mday - 1

    @property
    def month_before(self) -> str:
        """The name of the month before."""
        return time.strftime("%B", time.gmtime(_find_first_days(self.today_began)[0]))

    @property
    def passed(self) -> tuple[Decimal, ...]:
        """The alerts that were passed this month."""
        return tuple(alert for alert in self.alerts if alert <= self.month)

    @property
    def next_alert(self) -> Decimal | None:
        """The next alert that is not passed."""
        return next((alert for alert in self.alerts if alert > self.month), None)

    def foresee(self, amount: Decimal) -> int | None:
        """Return when the day begins (unix seconds) on which the month is expected to come to an amount.

        None where it has come to that already, or is not expected to within the month.
        """
        if self.forecast is None or amount <= self.month:
            return None
        sums = enumerate(accumulate(self.coming, initial=Decimal(self.month)))
        found = next((at for at, total in sums if total >= amount), None)
        return None if found is None else self.today_began + max(0, found - 1) * DAY


def read_money(report: UsageFigures, limit: Decimal | None, alerts: Iterable[Decimal] = ()) -> Money:
    """Return what a report of costs by day says about today and this month."""
    days = report.series(0)
    today, before = days[-1], days[:-1]
    recent = before[-USUAL_DAYS:]
    began = report.end - DAY
    last_first, first = _find_first_days(began)
    month = sum_amounts(report.series(0, since=first))
    coming = tuple(_foretell(before, today, began))
    over_days = (began - first) // DAY
    is_read = over_days and report.start - report.question.lead_seconds <= last_first
    series = report.series(0, since=last_first) if is_read else []
    return Money(
        today,
        Decimal(median(recent)) if recent else Decimal(0),
        month,
        time.strftime("%B", time.gmtime(began)),
        None if month.unread else Decimal(month) + sum(coming),
        limit,
        days,
        began,
        report.find_standouts(),
        report.groups(0)[:MOST_GROUPS],
        coming,
        sum_amounts(report.series(0, since=first)[:over_days]),
        sum_amounts(series[: min(over_days, (first - last_first) // DAY)]) if is_read else None,
        tuple(sorted(alerts)),
    )


def _find_first_days(today: int) -> tuple[int, int]:
    """Return when the month before that of a day began, and when its own did (unix seconds)."""
    now = time.gmtime(today)
    first = calendar.timegm((now.tm_year, now.tm_mon, 1, 0, 0, 0))
    last = time.gmtime(first - DAY)
    return calendar.timegm((last.tm_year, last.tm_mon, 1, 0, 0, 0)), first


def _foretell(before: Sequence[Decimal], today: Decimal, began: int) -> Iterable[Decimal]:
    """Yield what the rest of today and each day to come of its month is expected to cost."""
    now = time.gmtime(began)
    for ahead in range(calendar.monthrange(now.tm_year, now.tm_mon)[1] - now.tm_mday + 1):
        alike = [before[-back] for back in range(7 - ahead % 7, WEEKS * 7 + 1, 7) if back <= len(before)] or list(
            before
        )
        usual = Decimal(median(alike)) if alike else Decimal(0)
        yield usual if ahead else max(usual - today, Decimal(0))


def find_change(now: Amount, before: Amount | None) -> Decimal | None:
    """Return by which part an amount is more than the one before; None where either is not known, or that is 0."""
    if before is None or before.unread or now.unread or before <= 0:
        return None
    return round(Decimal(now) / Decimal(before) - 1, 4)


def format_change(now: Amount, before: Amount | None) -> str:
    """Return by how much an amount is more than the one before: `+12 %`, or in dollars where that was 0."""
    change = find_change(now, before)
    if change is not None:
        return f"{100 * change:+.0f} %".replace("-", "−") if round(100 * change) else "±0 %"
    return "" if before is None or before.unread or now.unread or not now else f"+{format_amount(now, '$')}"


def export_money(money: Money) -> dict[str, object]:
    """Return what is spent as plain values, dollars as amounts; what is not known is None."""
    return {
        "today": money.today,
        "usual_day": money.usual,
        "month_to_date": money.month,
        "month_forecast": money.forecast,
        "forecast_method": METHOD,
        "month_limit": money.limit,
        "alerts": list(money.alerts) if money.are_alerts_known else None,
        "next_alert": money.next_alert,
        "days_over": money.days_over,
        "month_over": money.over,
        "month_before": money.before,
        "change": money.change,
        "unreadable": money.month.unread,
    }


def sum_since(money: Money, day: int, spent: Decimal) -> Amount | None:
    """Return what was spent since a moment of a `day` (unix seconds), by which `spent` was spent on that day.

    None for a day that the report does not reach back to.
    """
    back = (money.today_began - day) // DAY
    if not 0 <= back < len(money.days):
        return None
    whole = sum_amounts(money.days[len(money.days) - 1 - back :])
    return Amount(max(whole - spent, Decimal(0)), whole.unread)


def limit_of(raw: Mapping[str, Any] | None) -> Decimal | None:
    """Return the dollars a month of a spend limit or an alert, which the platform tells in cents; None without."""
    cents = read_number(raw.get("threshold_amount")) if raw else None
    return None if cents is None or cents <= 0 else cents / 100


def day_of(moment: int) -> str:
    """Return a day of UTC as month and day."""
    return time.strftime("%m-%d", time.gmtime(moment))
