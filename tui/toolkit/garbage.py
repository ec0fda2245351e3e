"""When garbage is looked for: once some screens were left, of which each is circles of some ten thousand objects.

Python looks for it by how many objects were made. Opening a form makes so many that it would look in the middle of
it, time and again; and it looks among old ones so seldom that fifty lists lie about, of which each is a megabyte.
What is free after that is given back to the system: the C library would keep it for what may come.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from textual.app import App

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.screen import Screen

LEFT = 1  # screens left, after which garbage is looked for
QUIET = 1.0  # seconds after the first place is open, in which it comes to be shown
WAIT = 0.3  # seconds after that, in which the next screen comes to be shown
SHARE = 0.06  # seconds of looking for each screen left; where it takes more, as among a million rows, it is rarer

THRESHOLDS = (5_000, 2, 4)
"""Objects made until the newest are looked through; how many times that is until those before are; and all.

What was painted is circles too, and is let go minutes later: an hour in which little happens makes some hundred
thousand objects. Looking through all of them is soon done, as what was loaded at the start is left out; it is put
off while fewer than a quarter of all are new, as among a million rows.
"""


class ScreensReleased(App[None]):
    """An application that looks for garbage after screens were left, once it was told to begin."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._left, self._most = 0, LEFT

    def release_screens(self) -> None:
        """Begin with it, where garbage is not looked for yet. What is loaded by now stays."""
        if not gc.isenabled():
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)
            gc.enable()
            self.set_timer(QUIET, give_back_from_now)

    async def _replace_screen(self, screen: Screen[Any]) -> Screen[Any]:
        left = await super()._replace_screen(screen)
        self._left += 1
        if self._left == self._most:
            self.set_timer(WAIT, self._collect)
        return left

    def _collect(self) -> None:
        began = time.thread_time()
        gc.collect()
        self._left, self._most = 0, max(LEFT, int((time.thread_time() - began) / SHARE))


def give_back_from_now() -> None:
    """Have what is free given back to the system whenever all objects were looked through.

    GNU's C library keeps it until it is asked, which takes less than a millisecond. Others do so unasked, or
    cannot.
    """
    import ctypes

    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return

    def give_back(phase: str, looked: Mapping[str, int]) -> None:
        if phase == "stop" and looked["generation"] == 2:
            trim(0)

    gc.callbacks.append(give_back)
