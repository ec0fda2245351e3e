"""Keys in the order they were typed, each for the screen that the keys before it led to.

Textual takes the next key as soon as it comes. While the one before is still being worked on, or the screen that
it opened is current but holds no widget yet, a key typed ahead would act on the wrong thing or find none.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App, ScreenError

from tui.toolkit.terminal_input import CarefulParser

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message_pump import MessagePump

PATIENCE = 2.0  # seconds a key waits for what was typed before it
_TURNS = 8  # of the event loop, in which a worker that was just started or woken comes to its next wait


class KeysInOrder(App[None]):
    """An application whose keys, pastes and clicks wait until those before them are dealt with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._stuck: MessagePump | None = None  # what a key waited for in vain,
        self._answered = asyncio.Event()  # until it answers

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that reads the terminal, with a reader that nothing sent can end or mislead."""
        if sys.platform == "win32":
            from textual.drivers import win32

            win32.XTermParser = CarefulParser
            return super().get_driver_class()
        from tui.toolkit.terminal_driver import TerminalDriver

        return TerminalDriver

    async def on_event(self, event: events.Event) -> None:
        """Take an event; one of the user's waits for its turn, and is dropped where there is no screen for it."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._settle()
        if isinstance(event, events.InputEvent) and not event.is_forwarded and not self._stands():
            return
        await super().on_event(event)

    def _stands(self) -> bool:
        """Return whether the current screen has its widgets."""
        try:
            return self.screen.is_mounted
        except ScreenError:
            return False

    async def _settle(self) -> None:
        """Wait until what was typed before is done and the screen it led to stands, within reason."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._settled()
        except TimeoutError:
            pass

    async def _settled(self) -> None:
        before: object = None
        while before != (now := (self.screen, self.focused)):
            before = now
            await self.screen._mounted_event.wait()
            # A key goes to the focus, and what it brings about goes up from there, one queue after the other.
            for node in (self.focused or self.screen).ancestors_with_self:
                if node is not self:
                    await self._idle(node)
            for _ in range(_TURNS):
                await asyncio.sleep(0)

    async def _idle(self, node: MessagePump) -> None:
        """Wait until a widget has dealt with its messages. One that once took too long is not waited for again."""
        if node is self._stuck is not None and not self._answered.is_set():
            return
        while True:
            answered = asyncio.Event()
            if node._task is None or not node.call_later(answered.set):
                return  # it is being removed
            waiting = asyncio.ensure_future(answered.wait())
            try:
                await asyncio.wait({waiting, node._task}, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                self._stuck, self._answered = node, answered
                raise
            finally:
                waiting.cancel()
            if node._message_queue.empty():
                return
