"""Usage in words and bars: names of groups and moments, the title line, a bar for each."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import Amount, describe_unread, format_amount
from tui.resources.usage import COSTS_KIND, DAY, NAME_SOURCES, name_dimension
from tui.screens.places.usage.periods import BUCKET, PERIODS
from tui.widgets.charts.bars_chart import BarRow, draw_sparkline
from tui.workflows.overview.money import format_change
from tui.workflows.overview.money_text import describe_alerts, describe_change, describe_end, describe_spent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.live.totals import Group
    from tui.resources.language.consumption import Measure
    from tui.widgets.base.freshness import Parts
    from tui.workflows.overview.money import Money
    from tui.workflows.usage import Standout, UsageFigures, UsageQuery

SPARK = 8  # cells of a sparkline


@dataclass(frozen=True, slots=True)
class Reading:
    """A question or its report in words and bars: with the names known by id, in UTC or in local time."""

    question: UsageQuery
    names: Mapping[str, str]
    local: bool = False

    def label(self, group: Group, dimension: str = "") -> str:
        """Return what people call a group."""
        missing = f"(no {name_dimension(dimension or self.question.by).replace('_', ' ')})"
        return missing if group is None else self.names.get(group, group)

    def labels(self, report: UsageFigures) -> dict[Group, str]:
        """Return what people call the groups of a report; keys of the same name with their projects."""
        found = {group: self.label(group) for group, _ in report.groups(0)}
        often = Counter(found.values())
        homes = {group: self.names.get(home, "") for group, home in report.homes.items()}
        return {
            group: f"{label} · {homes[group]}" if often[label] > 1 and homes.get(group) else label
            for group, label in found.items()
        }

    def when(self, moment: float) -> str:
        """Return a moment, as exact as the buckets are."""
        broken = time.localtime(moment) if self.local else time.gmtime(moment)
        daily = self.question.width == DAY and not self.local
        return time.strftime("%a %m-%d" if daily else "%m-%d %H:%M", broken)

    @property
    def zone(self) -> str:
        """The name of the time zone."""
        name = f"local time ({time.strftime('%Z')})" if self.local else "UTC"
        return f"days of UTC, in {name}" if self.local and self.question.width == DAY else name

    def nameless(self, report: UsageFigures) -> set[Group]:
        """Return the groups that have a name which is not known."""
        groups = {group for group, _ in report.groups(0)} if report.question.by in NAME_SOURCES else set()
        return groups - {None} - self.names.keys()

    @property
    def period(self) -> str:
        """The time that is asked for."""
        question = self.question
        if question.start is not None:
            return f"{self.when(question.start)} by the {BUCKET[question.width]}"
        return next(words for words, span, width in PERIODS if (span, width) == (question.span, question.width))

    def headline(self, report: UsageFigures | None, at: int) -> tuple[Parts, Parts]:
        """Return what is shown, how far one has drilled, what it comes to, and how much of it came.

        `at` says which of the measures is shown.
        """
        question, measure = self.question, self.question.kind.measures[at]
        kind = question.kind.name.replace("_", " ")
        title = kind if question.kind is COSTS_KIND else f"usage · {kind}"  # there are lists of the same name
        left: Parts = [(f" {title}", "strong"), (f"  {self.period}", "")]
        for name, value in question.only:
            word = name_dimension(name).replace("_", " ")
            left.append((f" ▸ {word} {self.label(value, name)}", "accent"))
        if report is None:
            return left, []
        total = report.total(at)
        left.append((f"  {format_amount(total, measure.unit)}", "strong"))
        if measure.unit not in ("$", "B"):
            left.append((f" {measure.label}", ""))
        if (beside := report.compare()) and (change := format_change(beside.now, beside.before)):
            left.append((f"  {change} on the {pluralize(beside.days, 'day')} before", "dim"))
        if found := report.find_standouts():
            who = self.label(next(iter(found.values())).group) if len(found) == 1 else f"{len(found)}"
            left.append((f" · ▲ {who} stand{'s' if len(found) == 1 else ''} out", "warn"))
        told = 0 if measure.level else len(report.find_gaps())  # which is said below
        if unread := describe_unread(
            Amount(Decimal(total), max(0, total.unread - told), total.foreign), measure.noun
        ):
            left.append((f" · ▲ {unread}", "warn"))
        if report.unreadable:
            buckets = pluralize(report.unreadable, BUCKET[question.width])
            left.append((f" · ▲ {buckets} cannot be read", "warn"))
        read = f"{pluralize(report.pages, 'page')} read"
        if report.is_cut:
            return left, [(f"{read}, the server gave no more ", "warn")]
        if report.complete:
            return left, [(f"{read} ", "dim")] if report.pages > 1 else []
        if report.pages < report.expected:
            read = f"{report.pages:,} of {pluralize(report.expected, 'page')} read"
        else:
            read += " so far"  # the server's are smaller than was asked for
        if report.is_stopped:
            return left, [(f"{read}, stopped: r reads all ", "warn")]
        return left, [(f"{read}… esc stops ", "accent")]

    def gaps(self, report: UsageFigures, tried: set[Group]) -> Parts:
        """Return from when on the API tells the groups apart, and how many of the names `tried` stayed unknown."""
        since, parts = self.question.kind.since.get(self.question.by, 0), []
        if report.start < since:
            parts.append((f"told apart from {time.strftime('%Y-%m-%d', time.gmtime(since))} on ", "warn"))
        if nameless := self.nameless(report) & tried:
            parts.append((f"{len(nameless):,} name{'s' if len(nameless) > 1 else ''} unknown ", "dim"))
        return parts

    def groups(self, report: UsageFigures, at: int, measure: Measure) -> Iterator[BarRow]:
        """Yield a bar for each group: its share of all, and how it went."""
        groups, labels = report.groups(at), self.labels(report)
        whole = sum(float(value) for _, value in groups if value > 0)  # what is paid back is no share of it
        for group, value in groups:
            share = f"{format_amount(float(value) / whole, '%'):>5}" if whole and value >= 0 else "    ·"
            trend = draw_sparkline(list(map(float, report.series(at, (group,)))), SPARK)
            yield BarRow(
                (group,), labels[group], float(value), format_amount(value, measure.unit), note=share, trend=trend
            )

    def times(self, report: UsageFigures, at: int, measure: Measure, chosen: BarRow | None) -> Iterator[BarRow]:
        """Yield a bar for each bucket, the part of the chosen group bright, with a note where it stands out."""
        series, standouts, labels = report.series(at), report.find_standouts(), self.labels(report)
        parts = report.series(at, (chosen.key[0],)) if chosen else series
        for bucket, value, part in zip(report.buckets, series, parts, strict=True):
            partial, found = report.is_partial(bucket), standouts.get(bucket)
            brief, by = _describe(found, labels) if found else ("so far" if partial else "", "")
            yield BarRow(
                bucket,
                self.when(bucket),
                float(value),
                format_amount(value, measure.unit),
                part=float(part),
                note=brief + by,
                brief=brief,
                tone="warn" if found else "dim",
                partial=partial,
            )


def describe_month(money: Money) -> Parts:
    """Return what the month comes to so far and at its end, against limit, alerts and the month before."""
    (spent, tone), (end, end_tone), (alerts, alerts_tone) = (
        describe_spent(money),
        describe_end(money),
        describe_alerts(money),
    )
    parts: Parts = [(f"{money.month_name} ", "dim"), (spent, tone)]
    told = ((end, end_tone), (f"alerts: {alerts}" if alerts else "", alerts_tone), (describe_change(money), ""))
    for text, its_tone in told:
        parts += [(" · ", "dim"), (text, its_tone)] if text else []
    return parts


def _describe(found: Standout, labels: Mapping[Group, str]) -> tuple[str, str]:
    """Return by how much a day stands out, or that somebody spent for the first time; and who did that."""
    who = labels.get(found.group, "")
    return (f"▲ {found.times:.1f}× usual", f", mostly {who}") if found.times else ("▲ first use", f" by {who}")
