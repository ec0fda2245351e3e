"""How near the rate limits of all projects came in a week, as a table of models by projects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tui.resources.organization.limits import LIMITS
from tui.screens.places.limits.table import HEADROOM, LimitTable, Values, cell_of, project_name
from tui.widgets.table.matrix import CellKey, Spot
from tui.workflows.week_peaks import Peak, WeekPeaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record

NEAR = 0.8  # of a limit, from which on it is marked


def keep_peaks(platform: Platform, limits: Watch) -> WeekPeaks:
    """Return what looks for the busiest minutes, for limits that are kept fresh."""

    def read_limits() -> dict[CellKey, dict[str, Any]]:
        return {cell_of(record): record.raw for record in limits.collection.records.values()}

    def make() -> WeekPeaks:
        return WeekPeaks(platform.client, platform.scheduler, platform.now, read_limits)

    return platform.keep(WeekPeaks, LIMITS, {}, make)


class HeadroomTable(LimitTable):
    """Shows how near the limits came, the nearest first."""

    def __init__(self, records: Iterable[Record], peaks: Mapping[CellKey, Sequence[Peak]]) -> None:
        super().__init__(records, HEADROOM)
        self.peaks = {at: found for at, found in peaks.items() if at in self.limits}
        self.near = {at for at, found in self.peaks.items() if found[0].is_exact and found[0].share >= NEAR}
        """The cells whose limit nearly was, or was, too low."""

    def sort_models(self, *, only_differing: bool) -> list[str]:
        """Return the models, the nearest to a limit first; with `only_differing` no others than those near it."""
        near = {model for model, _ in self.near}
        models = [model for model in self.usual if model in near or not only_differing]
        return sorted(models, key=lambda model: -self._nearest(0, model))

    def sort_projects(self) -> list[tuple[str, str]]:
        """Return id and name of each project, the nearest to a limit first."""
        return sorted(super().sort_projects(), key=lambda column: -self._nearest(1, column[0]))

    def _nearest(self, axis: int, name: str) -> float:
        return max((found[0].share for at, found in self.peaks.items() if at[axis] == name), default=0.0)

    def _build_spot(self, at: CellKey, values: Values) -> Spot:  # noqa: ARG002
        return _format_peak(self.peaks[at][0]) if at in self.peaks else Spot("·", "dim")

    def build_usual_spots(self) -> dict[str, Spot]:
        """Return what stands beside each model: the nearest that any project came."""
        found: dict[str, Spot] = {}
        for (model, _), peaks in sorted(self.peaks.items(), key=lambda item: -item[1][0].share):
            found.setdefault(model, _format_peak(peaks[0]))
        return {model: found.get(model, Spot("·", "dim")) for model in self.usual}

    def describe(self, at: CellKey) -> str:
        """Return a sentence on how near a limit came, and when."""
        record, peaks = self.limits[at], self.peaks.get(at, [])
        if not peaks:
            return f"{at[0]} in {project_name(record)}: not used in 7 days."
        told = [_describe_peak(peak) for peak in peaks]
        return f"{at[0]} in {project_name(record)}: {'; '.join(told)}."


_BRIEFLY = {"requests": "req", "tokens": "tok"}


def _format_peak(peak: Peak) -> Spot:
    tone = "bad" if peak.share >= 1 else "warn" if peak.share >= NEAR else ""
    percent = "<1" if peak.share < 0.01 else f"{100 * peak.share:.0f}"
    at_most = "≤ " if not peak.is_exact and peak.share >= 0.01 else ""
    return Spot(f"{at_most}{percent} % {_BRIEFLY[peak.what]}", tone if peak.is_exact else "dim")


def _describe_peak(peak: Peak) -> str:
    """Return what the busiest minute had and when it was; at the most, where only its hour was read."""
    amount, limit = f"{peak.amount:,.0f}", f"{peak.limit:,}"
    if not peak.is_exact or peak.minute is None:
        return f"no minute above {amount} of {limit} {peak.what}, as no hour was"
    when = time.strftime("%a %m-%d %H:%M", time.gmtime(peak.minute))
    return f"{amount} of {limit} {peak.what} at {when} UTC, {100 * peak.share:.0f} %"
