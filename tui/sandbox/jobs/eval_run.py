"""The life of an eval's run as a function of time."""

from __future__ import annotations

from dataclasses import dataclass

_ITEMS_PER_SECOND = 12


@dataclass(frozen=True, slots=True)
class EvalRunFacts:
    """The facts that a run's life follows from. Times are unix seconds, lengths seconds.

    An `invalid` run fails as soon as its `total` items should be worked on.
    """

    created: float
    waiting: float
    working: float
    total: int
    invalid: bool = False
    canceled: float | None = None

    @property
    def started(self) -> float:
        """The time at which the work begins."""
        return self.created + self.waiting

    @property
    def ends(self) -> float:
        """The time at which the run reaches its final status."""
        end = self.started + (0 if self.invalid else self.working)
        return end if self.canceled is None else self.canceled


def plan_run(*, created: float, total: int, invalid: bool, speed: float) -> EvalRunFacts:
    """Plan the life of a new run."""
    working = min(max(total / _ITEMS_PER_SECOND, 4), 900) / speed
    return EvalRunFacts(created=created, waiting=3 / speed, working=working, total=total, invalid=invalid)


def status_at(facts: EvalRunFacts, now: float) -> str:
    """Return the status of the run at `now`."""
    if now < facts.ends:
        return "queued" if now < facts.started else "in_progress"
    return "canceled" if facts.canceled is not None else "failed" if facts.invalid else "completed"


def count_done(facts: EvalRunFacts, now: float) -> int:
    """Count the items done by `now`."""
    if facts.invalid:
        return 0
    if facts.canceled is None and now >= facts.ends:  # to the last item, however floats round
        return facts.total
    share = (min(now, facts.ends) - facts.started) / facts.working
    return min(max(int(facts.total * share), 0), facts.total)


def done_at(facts: EvalRunFacts, number: int) -> float:
    """Return when an item is done."""
    return facts.started + facts.working * (number + 1) / facts.total
