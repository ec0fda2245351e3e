"""The life of an assistant's run as a function of time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

ACTIVE = ("queued", "in_progress", "requires_action", "cancelling")


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The facts that a run's life follows from. Times are unix seconds, lengths seconds.

    `steps` are kinds and lengths of work; one of kind "function" then waits for outputs, which came at the times
    `submitted`. `waiting` is the time in the queue, at the start and after each submission. The last step ends in
    `fate`: completed, incomplete, failed, or expired, for which it gets stuck.
    """

    created: float
    expires: float
    waiting: float
    cancelling: float
    steps: tuple[tuple[str, float], ...]
    fate: str = "completed"
    submitted: tuple[float, ...] = ()
    cancelled: float | None = None


class RunMark(NamedTuple):
    """A moment at which a step, by its number, or the run itself (None) enters a status."""

    moment: float
    step: int | None
    status: str


def plan_marks(facts: RunFacts) -> list[RunMark]:
    """Return the whole course of a run in order, the future as it will be unless somebody acts."""
    cut, ends = (facts.expires, "expired") if facts.cancelled is None else (facts.cancelled, "cancelled")
    told = [mark for mark in _plan_undisturbed(facts) if mark.moment <= cut]
    if told[-1].step is None and told[-1].status == facts.fate:
        return told
    under_way = [mark.step for mark in told if mark.step is not None]
    if facts.cancelled is not None:
        told.append(RunMark(cut, None, "cancelling"))
        cut += facts.cancelling
    if under_way and under_way.count(under_way[-1]) == 1:  # begun, not ended
        told.append(RunMark(cut, under_way[-1], ends))
    return [*told, RunMark(cut, None, ends)]


def _plan_undisturbed(facts: RunFacts) -> list[RunMark]:
    """Return the course of a run that is neither cancelled nor expires."""
    answers = iter(facts.submitted)
    at = facts.created + facts.waiting
    told = [RunMark(facts.created, None, "queued"), RunMark(at, None, "in_progress")]
    for number, (kind, seconds) in enumerate(facts.steps):
        told.append(RunMark(at, number, "in_progress"))
        at += seconds
        last = number == len(facts.steps) - 1
        if kind == "function":
            told.append(RunMark(at, None, "requires_action"))
            at = next(answers, math.inf)
            told += [RunMark(at, number, "completed"), RunMark(at, None, "queued")]
            at += facts.waiting
            told.append(RunMark(at, None, "in_progress"))
        elif last and facts.fate == "expired":
            at = math.inf
        else:
            told.append(RunMark(at, number, "failed" if last and facts.fate == "failed" else "completed"))
    # Without a step, it is what was to be read that ended the run.
    return [*told, RunMark(at if facts.steps else at + facts.waiting, None, facts.fate)]


def past_marks(facts: RunFacts, now: float) -> list[RunMark]:
    """Return the marks reached by now."""
    return [mark for mark in plan_marks(facts) if mark.moment <= now]


def status(facts: RunFacts, now: float) -> str:
    """Return the status of the run."""
    return next(mark.status for mark in reversed(past_marks(facts, now)) if mark.step is None)


def arrival_times(facts: RunFacts, number: int, count: int) -> list[float]:
    """Return when each of `count` pieces of a step's work comes; fewer if it is stopped before."""
    begun = next((mark.moment for mark in plan_marks(facts) if mark.step == number), math.inf)
    seconds = facts.steps[number][1]
    stop = facts.expires if facts.cancelled is None else facts.cancelled
    moments = (begun + seconds * ((place + 1) / count) for place in range(count))
    return [moment for moment in moments if moment <= stop]
