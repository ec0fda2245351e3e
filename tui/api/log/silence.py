"""Whether the server answers at all: one fact for a connection, whatever was asked for, and by whom."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Answer = TypeVar("Answer")

LIMIT = 4.0
"""Seconds that a request may wait while nothing is answered, before the server is said to be waited for."""


class Silence:
    """Knows since when requests wait; once it lasts too long, it lasts until something is answered.

    `clock` gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: dict[object, float] = {}  # when requests left of which nothing was heard yet
        self._heard = 0.0
        self._lasts = False

    async def follow(self, method: str, answer: Awaitable[Answer]) -> Answer:
        """Wait for the first of an answer. What is sent or made may take its time, and is no sign of silence."""
        request = object()
        if method != "POST":
            self._asked[request] = self._clock()
        try:
            heard = await answer
        finally:
            self._asked.pop(request, None)
        self._heard, self._lasts = self._clock(), False
        return heard

    @property
    def lasts(self) -> bool:
        """Whether the server is waited for."""
        latest = self._clock() - LIMIT
        if self._heard <= latest and any(asked <= latest for asked in self._asked.values()):
            self._lasts = True
        return self._lasts
