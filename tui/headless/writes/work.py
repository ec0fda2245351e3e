"""An order of a command as it is carried out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from tui.headless.writes.outcomes import Outcomes

if TYPE_CHECKING:
    from tui.headless.writes.orders import Hearing
    from tui.headless.writes.outcomes import Outcome
    from tui.live.platform import Platform

T = TypeVar("T")


class OrderedWork(ABC, Generic[T]):
    """Does what is ordered, and tells `hearing` what becomes of each object."""

    def __init__(self, platform: Platform, order: T, hearing: Hearing) -> None:
        self.platform, self.order, self.hearing = platform, order, hearing
        self.outcomes = Outcomes(platform, hearing.tell)
        self.stopped = 0
        """The exit code of the signal that ended it, such as ctrl+c; 0 where none did."""

    @abstractmethod
    async def run(self) -> list[Outcome]:
        """Do it. Raises WrongUse before anything is done, and ApiError where nothing could be."""
