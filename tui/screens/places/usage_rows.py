"""How an answer on usage reads: what groups and moments are called, and the bars drawn of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.resources.language.amounts import shown
from tui.resources.usage import DAY, NAME_SOURCES, called
from tui.widgets.charts.bars_chart import BarRow, sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.live.totals import Group
    from tui.resources.language.consumption import Measure
    from tui.workflows.usage import Report, Standout, UsageQuery

SPARK = 8  # cells of a sparkline


@dataclass(frozen=True, slots=True)
class Reading:
    """A question or its report in words and bars: with the names known by id, in UTC or in local time."""

    question: UsageQuery
    names: Mapping[str, str]
    local: bool = False

    def label(self, group: Group, dimension: str = "") -> str:
        """What people call a group."""
        missing = f"(no {called(dimension or self.question.by).replace('_', ' ')})"
        return missing if group is None else self.names.get(group, group)

    def labels(self, report: Report) -> dict[Group, str]:
        """What people call the groups of a report; keys that are called alike are told apart by their projects."""
        found = {group: self.label(group) for group, _ in report.groups(0)}
        often = Counter(found.values())
        homes = {group: self.names.get(home, "") for group, home in report.homes.items()}
        return {
            group: f"{label} · {homes[group]}" if often[label] > 1 and homes.get(group) else label
            for group, label in found.items()
        }

    def when(self, moment: float) -> str:
        """A moment, as exact as the buckets are."""
        broken = time.localtime(moment) if self.local else time.gmtime(moment)
        daily = self.question.width == DAY and not self.local
        return time.strftime("%a %m-%d" if daily else "%m-%d %H:%M", broken)

    @property
    def zone(self) -> str:
        """Whose time it is."""
        name = f"local time ({time.strftime('%Z')})" if self.local else "UTC"
        return f"days of UTC, in {name}" if self.local and self.question.width == DAY else name

    def unnamed(self, report: Report) -> set[Group]:
        """The groups that have a name which is not known."""
        groups = {group for group, _ in report.groups(0)} if report.question.by in NAME_SOURCES else set()
        return groups - {None} - self.names.keys()

    def groups(self, report: Report, at: int, measure: Measure) -> Iterator[BarRow]:
        """A bar for each group: its share of all, and how it went."""
        groups, labels = report.groups(at), self.labels(report)
        whole = sum(float(value) for _, value in groups if value > 0)  # what is paid back is no share of it
        for group, value in groups:
            share = f"{100 * float(value) / whole:3.0f} %" if whole and value >= 0 else "    ·"
            trend = sparkline(list(map(float, report.series(at, group))), SPARK)
            yield BarRow(
                (group,), labels[group], float(value), shown(value, measure.unit), note=share, trend=trend
            )

    def times(self, report: Report, at: int, measure: Measure, chosen: BarRow | None) -> Iterator[BarRow]:
        """A bar for each bucket, the part of the chosen group bright; what stands out says by how much and who."""
        series, standouts, labels = report.series(at), report.standouts(), self.labels(report)
        parts = report.series(at, chosen.key[0]) if chosen else series
        for bucket, value, part in zip(report.buckets, series, parts, strict=True):
            partial, found = report.partial(bucket), standouts.get(bucket)
            yield BarRow(
                bucket,
                self.when(bucket),
                float(value),
                shown(value, measure.unit),
                part=float(part),
                note=_note(found, labels) if found else "so far" if partial else "",
                tone="warn" if found else "dim",
                partial=partial,
            )


def _note(found: Standout, labels: Mapping[Group, str]) -> str:
    """By how much a day stands out and who made it, or who spent for the first time."""
    who = labels.get(found.group, "")
    return f"▲ {found.times:.1f}× the usual, mostly {who}" if found.times else f"▲ first use by {who}"
