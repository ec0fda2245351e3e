"""`python -m tests.support.hostile_keys URL FOLDER`: the program, pressing every key in every list of strangers.

All that is asked of the platform is answered with texts of strangers, so that every key may be pressed and every
question answered. The program presses each key that does something where it is, then those of what opened, and
comes back. When it ends it says what opened, and what failed.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work
from textual.widgets import Input, TextArea

from tests.support.hostile_forms import Showing
from tests.support.hostile_places import HostilePlatform, find_places, is_shown
from tui.screens.places.base import PlaceScreen
from tui.start import Start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.screen import Screen

    from tui.api.credentials.connection import Connection
    from tui.screens.navigation.history import Location

# The actions that leave the program, or the list it is in.
LEAVING = ("quit", "suspend_process", "place", "jump", "history", "last", "profiles", "command")
DEPTH = 2  # how many screens lie upon a list
ENOUGH = 3  # how often the keys of one kind of screen are tried, and those of the application


class Pressing(Showing):
    """The program, which presses its keys by itself."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.opened: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.presses = 0
        self.hostile = HostilePlatform()
        self._pressed: Counter[str] = Counter()

    async def _open(self, connections: Sequence[Connection]) -> None:
        await super(Showing, self)._open(connections)
        self.press_all()

    def report(self, error: BaseException) -> None:
        """Note what went wrong, and go on as ever."""
        super(Showing, self).report(error)
        self.faults[f"{type(error).__name__}: {error}"[:200]] += 1

    @work
    async def press_all(self) -> None:
        """Go to every list, and press every key there."""
        assert self.platform
        self.platform.client._wire.json = self.hostile.json  # type: ignore[method-assign]
        for location in find_places():
            await self.come(location)
            for key in list(self.keys_of(self.screen)):
                await self.come(location)
                await self.press(key, self.screen, DEPTH)
        self.exit(return_code=5 if self.door.late else 4 if self.faults else 0)

    async def come(self, location: Location) -> None:
        """Be in a list, with nothing upon it, and an object under the cursor."""
        assert self.navigator
        if is_shown(self.screen, location):
            return
        for _ in range(20):
            if isinstance(self.screen, PlaceScreen):
                break
            self.simulate_key("escape")
            await self.settle()
        self.navigator.go(location)
        for _ in range(100):
            if is_shown(self.screen, location):
                break
            await self.settle()
        self.simulate_key("j")
        await self.settle()

    async def settle(self) -> None:
        """Wait until what a key brought is drawn; nothing is where nothing changed."""
        for _ in range(3):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.frame(), 1)

    def keys_of(self, screen: Screen[object]) -> Iterator[str]:
        """Yield one key of each thing that can be done on a screen."""
        seen = set()
        for key, active in list(screen.active_bindings.items()):
            action = active.binding.action.rpartition(".")[2]
            if isinstance(active.node, (Input, TextArea)) or action.startswith(LEAVING) or not active.enabled:
                continue
            if action not in seen and (active.node is not self or self._pressed[action] < ENOUGH):
                self._pressed[action] += 1
                seen.add(action)
                yield key

    async def press(self, key: str, below: Screen[object], depth: int) -> None:
        """Press a key, and all keys of what opened."""
        self.presses += 1
        self.simulate_key(key)
        await self.settle()
        top = self.screen
        if top is below:
            return
        kind = type(top).__name__
        self.opened[kind] += 1
        if isinstance(top, PlaceScreen) or not depth or self.opened[kind] > ENOUGH:
            return
        for inner in [each for each in self.keys_of(top) if each not in ("escape", "q")]:
            if self.screen is not top:
                return
            await self.press(inner, top, depth - 1)


if __name__ == "__main__":
    gc.disable()  # as `o9s` starts
    app = Pressing(Start(resource="batches", base_url=sys.argv[1]))
    app.folder = sys.argv[2]
    app.run()
    sys.stdout.write(f"{app.presses} keys, {app.hostile.count} objects; opened: {dict(app.opened)}\n")
    sys.stdout.writelines(f"failed {count} times: {fault}\n" for fault, count in app.faults.items())
    sys.stdout.writelines(f"not made harmless on {screen}: {came!r}\n" for screen, came in app.door.late.items())
    sys.exit(app.return_code)
