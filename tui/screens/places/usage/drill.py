"""The way from one question about usage to the next: other groups, other times, into one of them, and back out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from tui.resources.usage import COMPLETIONS_KIND
from tui.screens.places.usage.periods import FINER, PERIODS
from tui.workflows.usage import UsageQuery, build_default_query, fit_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.consumption import Measure, UsageKind
    from tui.workflows.usage import UsagePoller

_T = TypeVar("_T")


class Drill:
    """Asks a report one question after the other. The way back ends at the kind `home`, where there is one."""

    def __init__(self, report: UsagePoller, home: UsageKind | None) -> None:
        self._report, self._home = report, home
        self._trail: list[UsageQuery] = []  # what was asked before drilling in
        self.measure_at = 0
        """Which of the kind's figures is shown, counted from 0."""

    @property
    def measure(self) -> Measure:
        """The figure that is shown."""
        return self._report.question.kind.measures[self.measure_at]

    def ask(self, question: UsageQuery, *, drilled: bool = False) -> None:
        """Ask another question; with `drilled`, `go_back` leads back to the one before."""
        before = self._report.question
        if drilled:
            self._trail.append(before)
        if question.kind is not before.kind:
            self.measure_at = 0
        self._report.ask(question)

    def group_by_next(self) -> None:
        """Group by the next dimension."""
        question = self._report.question
        self.ask(replace(question, by=_find_next([*question.free_dimensions], question.by)))

    def take_next_period(self) -> None:
        """Ask about the next time range."""
        question = self._report.question
        able = [(span, width) for _, span, width in PERIODS if width in question.kind.buckets]
        span, width = _find_next(able, (question.span, question.width) if question.start is None else None)
        self.ask(replace(question, span=span, width=width, start=None))

    def take_next_measure(self) -> None:
        """Show the next figure of the kind."""
        self.measure_at = (self.measure_at + 1) % len(self._report.question.kind.measures)

    def go_into(self, group: str | None, bucket: int | None) -> str:
        """Go into a group, or once all is told apart into a bucket, which begins at a time (unix seconds).

        Return what there is to say of it. Costs are known by day only: below that are the requests.
        """
        question = self._report.question
        if group is not None and question.by not in dict(question.only):
            question = replace(question, only=(*question.only, (question.by, group)))
            if deeper := question.next_dimension:
                self.ask(replace(question, by=deeper), drilled=True)
                return ""
        finer, note = FINER.get(question.width), ""
        if bucket is None or finer is None:
            return "There is nothing finer than minutes."
        if finer.width not in question.kind.buckets:
            note = "Costs are known by day. These are the completions of that day."
            question = fit_query(question, COMPLETIONS_KIND)
        self.ask(replace(question, span=finer.span, width=finer.width, start=bucket), drilled=True)
        return note

    def go_back(self) -> bool:
        """Go back out the way in. Return whether there was a way."""
        question = self._report.question
        if self._trail:
            self.measure_at = 0
            self._report.ask(self._trail.pop())
        elif question.only or question.start is not None:
            self.ask(build_default_query(self._home or question.kind))
        else:
            return False
        return True


def _find_next(values: Sequence[_T], current: _T | None) -> _T:
    """Return the value after the current one, going round; the first where the current one is none of them."""
    return values[(values.index(current) + 1) % len(values)] if current in values else values[0]
