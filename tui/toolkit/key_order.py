"""Keys in the order they were typed, each for the screen that the keys before it led to.

Textual takes the next key as soon as it comes. But a key goes from the application to the widget in focus, and
from there up, through the queue of each, before its binding is looked for; and a command goes on in a worker and
opens a screen that holds no widget yet. A key typed ahead would overtake that and act on the wrong thing.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App, ScreenError

from tui.toolkit.terminal_input import CarefulParser

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message_pump import MessagePump

PATIENCE = 10.0  # seconds a key waits for what was typed before it; only what hangs takes so long
_IMPATIENCE = 0.05  # the same, as long as what was waited for in vain goes on
_TURNS = 8  # of the event loop, in which a worker that was just started or woken comes to its next wait
_SAME = 2  # rounds through the queues that end where they began, after which nothing is to be expected


class KeysInOrder(App[None]):
    """An application that takes a key or paste when the ones before it are dealt with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._typed: deque[events.Event] = deque()
        self._patience = PATIENCE
        self._settling: asyncio.Task[None] | None = None
        self.settled = asyncio.Event()
        """Set while nothing that was typed is waiting or being dealt with."""
        self.settled.set()

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that reads the terminal, with a reader that nothing sent can end or mislead."""
        if sys.platform == "win32":
            from textual.drivers import win32

            win32.XTermParser = CarefulParser
            return super().get_driver_class()
        from tui.toolkit.terminal_driver import TerminalDriver

        return TerminalDriver

    async def on_event(self, event: events.Event) -> None:
        """Take an event; a key or paste in its turn. The mouse does nothing to a screen without widgets."""
        if not isinstance(event, events.InputEvent | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif isinstance(event, events.Key | events.Paste):
            self._typed.append(event)
            if self.settled.is_set():
                await self._take()
        elif self._stands():
            await super().on_event(event)

    async def _take(self) -> None:
        """Deal with what was typed first. It is dropped where there is no screen for it."""
        self.settled.clear()
        event = self._typed.popleft()
        try:
            if self._stands():
                await super().on_event(event)
        finally:
            self._settling = asyncio.create_task(self._settle())

    def _stands(self) -> bool:
        """Return whether the current screen has its widgets."""
        try:
            return self.screen.is_mounted
        except ScreenError:
            return False

    async def _settle(self) -> None:
        """Wait until the key is dealt with and the screen it led to stands, within reason; then take the next."""
        try:
            async with asyncio.timeout(self._patience):
                await self._quiet()
            self._patience = PATIENCE
        except TimeoutError:
            self._patience = _IMPATIENCE
        except ScreenError:
            pass  # the application ends
        if not self._typed:
            self.settled.set()
        else:
            self.call_later(self._take)

    async def _quiet(self) -> None:
        """Wait until what a key brings about is done, round by round from the focus up to the application."""
        same, now = 0, None
        while same < _SAME:
            before, now = now, (self.screen, self.focused)
            same = same + 1 if now == before else 0
            await self.screen._mounted_event.wait()
            for node in (self.focused or self.screen).ancestors_with_self:
                await self._idle(node)
            for _ in range(_TURNS):
                await asyncio.sleep(0)

    async def _idle(self, node: MessagePump) -> None:
        """Wait until a widget, or the application, has dealt with its messages."""
        while True:
            answered = asyncio.Event()
            if not node.call_later(answered.set):
                return  # it is being removed
            waiting = asyncio.ensure_future(answered.wait())
            try:
                await asyncio.wait(
                    {waiting, node._task} if node._task else {waiting}, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                waiting.cancel()
            if node._message_queue.empty():
                return
