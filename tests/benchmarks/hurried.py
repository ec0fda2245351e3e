"""The program with a clock that goes faster: `python -m tests.benchmarks.hurried SPEED NOW ARGUMENTS…`.

It begins at NOW, in unix seconds.
"""

from __future__ import annotations

import selectors
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def hurry(speed: float, now: float) -> None:
    """Let the clocks of this process go so many times as fast, and waits be as much shorter."""

    def hurried(clock: Callable[[], float], start: float) -> Callable[[], float]:
        began = clock()
        return lambda: start + (clock() - began) * speed

    class Selector(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            found: list[tuple[selectors.SelectorKey, int]] = super().select(
                timeout / speed if timeout else timeout
            )
            return found

    time.time = hurried(time.time, now)
    for name in ("monotonic", "perf_counter"):
        setattr(time, name, hurried(getattr(time, name), 0.0))
    selectors.DefaultSelector = Selector  # type: ignore[misc]


if __name__ == "__main__":
    hurry(float(sys.argv[1]), float(sys.argv[2]))
    sys.argv = ["o9s", *sys.argv[3:]]
    from tui.cli.main import main

    main()
