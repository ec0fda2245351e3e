"""What the platform works on until it is over: batches, jobs, runs, responses."""

from __future__ import annotations

from tui.resources.language.objects import Metadata, Object, Time
from tui.resources.language.parts import TokenUsage
from tui.resources.language.reading.statuses import Status, is_running


class Work(Object):
    """Base of what has a status that ends."""

    created_at: Time = None
    status: Status = None
    metadata: Metadata | None = None

    @property
    def running(self) -> bool:
        """Whether it may still change, as may what has a status nobody has heard of."""
        return is_running(self)


class TimedWork(Work):
    """Base of work that tells when and how it ended, and the tokens it used."""

    completed_at: Time = None
    failed_at: Time = None
    cancelled_at: Time = None
    expired_at: Time = None
    usage: TokenUsage | None = None

    @property
    def ended_at(self) -> float | None:
        """When it ended (unix seconds), however it did."""
        return self.completed_at or self.failed_at or self.cancelled_at or self.expired_at
