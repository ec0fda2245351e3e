"""Callbacks that are told of changes. One that raises is logged, and stops nobody else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    Hear = Callable[[str], None]
    """Hears sentences, such as how far something is."""

log = logging.getLogger(__name__)
P = ParamSpec("P")


def guard(callback: Callable[P, object]) -> Callable[P, None]:
    """Wrap a callback so that what it raises is logged."""

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception:
            log.exception("a listener failed")

    return call


def combine_ends(*ends: Callable[[], None]) -> Callable[[], None]:
    """Return a function that ends several subscriptions."""

    def end() -> None:
        for each in ends:
            each()

    return end


class Listeners(Generic[P]):
    """The callbacks that one thing tells of its changes."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[P, None]] = []

    def add(self, callback: Callable[P, object]) -> Callable[[], None]:
        """Add a callback. Return what takes it away again; calling that twice is harmless."""
        call = guard(callback)
        self._callbacks.append(call)

        def remove() -> None:
            if call in self._callbacks:
                self._callbacks.remove(call)

        return remove

    def tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call each of them; those added or removed meanwhile count from the next time on."""
        for call in tuple(self._callbacks):
            call(*args, **kwargs)
