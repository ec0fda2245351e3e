"""What was not looked at, of all that may use objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.api.errors import ApiError


@dataclass(slots=True)
class Unseen:
    """What was not looked at."""

    beyond: list[str] = field(default_factory=list)
    """What lies behind the pages that are looked at."""
    unasked: list[str] = field(default_factory=list)
    """What the budget of requests had no room for."""
    failed: list[str] = field(default_factory=list)
    """What could not be read."""
    late: list[str] = field(default_factory=list)
    """What is still to be looked at, when the time is over."""
    later: list[str] = field(default_factory=list)
    """What is looked at right before the calls, as that takes many requests."""
    fault: ApiError | None = None
    """Why the first of these could not be read."""

    def fail(self, what: str, error: ApiError | None) -> None:
        """Note what could not be read, and why."""
        self.failed.append(what)
        self.fault = self.fault or error

    def __str__(self) -> str:
        """Return a sentence on it; "" for nothing."""
        left_out = ", ".join(dict.fromkeys((*self.failed, *self.late, *self.unasked, *self.later, *self.beyond)))
        others = self.failed or self.unasked or self.later or self.beyond
        slow = ", as it takes too long" if self.late and not others else ""
        return f"Not looked at{slow}: {left_out}." if left_out else ""

    @property
    def leaves_open(self) -> bool:
        """Whether something that was to be looked at may use the objects."""
        return bool(self.failed or self.late)

    @property
    def open(self) -> frozenset[str]:
        """What was to be looked at, and could not be, or not in time."""
        return frozenset((*self.failed, *self.late))
