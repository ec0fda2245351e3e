"""Keys in the order they were typed, each for the screen that the keys before it led to.

Textual takes the next key as soon as it comes. But a key goes from the application to the widget in focus, and
from there up, through the queue of each, before its binding is looked for; and a command goes on in a worker and
opens a screen that holds no widget yet. A key typed ahead would overtake that and act on the wrong thing.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, ScreenError
from textual.widget import Widget

from tui.toolkit.handlers import has_handlers
from tui.toolkit.terminal.input import CarefulParser

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from contextlib import AbstractContextManager

    from textual.driver import Driver
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.worker import Worker

PATIENCE = 10.0  # seconds a key waits for one step of what was typed before it; only what hangs takes so long
_IMPATIENCE = 0.25  # the same, as long as what was waited for in vain goes on
_TURNS = 8  # of the event loop, in which a worker that was just started or woken comes to its next wait
_PACE = 0.02  # seconds between looks for the first screen
_SAME = 2  # rounds through the queues that end where they began, after which nothing is to be expected
_TYPED = (events.Key, events.Paste)
_FROM_TERMINAL = (events.InputEvent, events.Paste)


class KeysInOrder(App[None]):
    """An application that takes a key or paste when its first screen stands and the ones before are dealt with."""

    AT_ONCE: ClassVar[Container[str]] = ()
    """The actions whose keys do not wait for the first screen."""
    is_opening = False
    """Whether the first screen is still to come. What lies over the empty one until then is a question."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._typed: deque[events.Event] = deque()
        self._taken = asyncio.Event()  # set while nothing that was typed waits
        self._taken.set()
        self._settling: asyncio.Task[None] | None = None
        self._patience = PATIENCE
        self._is_bound_above = False
        """Whether the last key did what something above the focus binds it to: that may lead elsewhere later."""
        self._asks_over: Screen[Any] | None = None
        """The screen over which a question is about to come: what is typed meanwhile is for that."""
        self._before: tuple[Screen[Any] | None, Widget | None, Container[Worker[Any]]] = (None, None, ())
        """The screen, the focus and the workers there were when the last key was taken."""

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that reads the terminal, with a reader that nothing sent can end or mislead."""
        if sys.platform == "win32":
            from textual.drivers import win32

            win32.XTermParser = CarefulParser
            return super().get_driver_class()
        from tui.toolkit.terminal.driver import TerminalDriver

        return TerminalDriver

    async def on_event(self, event: events.Event) -> None:
        """Take an event; a key or paste in its turn. The mouse does nothing to a screen without widgets."""
        if not isinstance(event, _FROM_TERMINAL) or event.is_forwarded:
            await super().on_event(event)
        elif isinstance(event, _TYPED):
            waits = self._waits_to_open
            if waits and isinstance(event, events.Key) and self._is_at_once(event):
                await super().on_event(event)
                return
            self._typed.append(event)
            if not self._taken.is_set():
                return
            if not waits and not self._is_bound_above and self._is_quiet():
                await self._take()
            else:
                self._taken.clear()
                self._settling = asyncio.create_task(self._settle_and_take())
        elif self._stands():
            await super().on_event(event)

    @property
    def is_typed_ahead(self) -> bool:
        """Whether a key or a paste waits for its turn."""
        return bool(self._typed)

    async def settled(self) -> None:
        """Wait until all that was typed is dealt with."""
        await self._taken.wait()
        await self._settle(thoroughly=True)

    async def _take(self) -> None:
        """Deal with what was typed first. It is dropped where there is no screen for it."""
        event = self._typed.popleft()
        try:
            if self._stands():
                self._before = self.screen, self.focused, set(self.workers)
                self._is_bound_above = False
                if isinstance(event, events.Key) and self._goes_by_unheard(event):
                    own = self.focused._bindings.key_to_bindings if self.focused else {}
                    self._is_bound_above = event.key not in own
                    await self._bind(event)
                else:
                    await super().on_event(event)
        finally:
            if self._typed:
                self._settling = asyncio.create_task(self._settle_and_take())
            else:
                self._taken.set()

    def _goes_by_unheard(self, key: events.Key) -> bool:
        """Return whether no widget from the focus up does anything with a key but let it by."""
        if not self.app_focus or self.screen.maximized is not None:
            return False
        names = [f"{begin}{name}" for name in key.name_aliases for begin in ("key_", "_key_")]
        nodes = (node for node in (self.focused or self.screen).ancestors_with_self if node is not self)
        return not any(_hears_keys(type(node)) or any(hasattr(node, name) for name in names) for node in nodes)

    async def _bind(self, key: events.Key) -> None:
        """Do what a key is bound to: what comes of its way through the queues of all widgets, at once."""
        if self.focused:
            self.screen._clear_tooltip()
        if not await self._check_bindings(key.key, priority=True):
            key._set_forwarded()
            await super().on_event(key)

    @property
    def _waits_to_open(self) -> bool:
        """Whether there is nothing yet that a key could be for."""
        return self.is_opening and self.is_running and len(self.screen_stack) == 1

    def _is_at_once(self, key: events.Key) -> bool:
        """Return whether a key ends the program, or the like."""
        bound = self.active_bindings.get(key.key)
        return bound is not None and bound.binding.action in self.AT_ONCE

    async def _settle_and_take(self) -> None:
        while self._waits_to_open:
            await asyncio.sleep(_PACE)
            if self.is_opening and not self._waits_to_open:
                self._typed.clear()  # a question came in between: what was typed before is no answer to it
        if not self._typed:
            self._taken.set()
            return
        await self._settle()
        self.call_later(self._take)

    def _stands(self) -> bool:
        """Return whether the current screen has its widgets."""
        try:
            return self.screen.is_mounted
        except ScreenError:
            return False

    @property
    def _is_about_to_ask(self) -> bool:
        return self._asks_over is not None and self._asks_over is self.screen

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Have keys wait for the question that is about to come over the screen that is shown now."""
        before, self._asks_over = self._asks_over, self.screen
        try:
            yield
        finally:
            self._asks_over = before

    def _is_quiet(self) -> bool:
        """Return whether nothing goes on that a key could overtake: the usual case, and told in no time."""
        if not self._stands() or not self._message_queue.empty() or self._is_about_to_ask:
            return False
        screen, focused, workers = self._before
        return (
            self.screen is screen
            and self.focused is focused
            and all(worker in workers for worker in self.workers)
            and all(is_idle(node) for node in (focused or screen).ancestors_with_self if node is not self)
        )

    async def _settle(self, *, thoroughly: bool = False) -> None:
        """Wait until the keys taken are dealt with and the screen they led to stands, within reason.

        Where they have started or opened nothing, it is enough that they went their way.
        """
        try:
            async with asyncio.timeout(self._patience) as limit:
                await self._pass_by(limit)
                if thoroughly or self._is_bound_above or not self._is_quiet():
                    await self._quiet(limit)
                while self._is_about_to_ask:
                    await asyncio.sleep(_PACE)
            self._patience = PATIENCE
        except TimeoutError:
            self._patience = _IMPATIENCE
        except ScreenError:
            pass  # the application ends

    async def _quiet(self, limit: asyncio.Timeout) -> None:
        """Wait until what a key brings about is done, round by round from the focus up to the application."""
        same, now = 0, None
        while same < _SAME:
            before, now = now, (self.screen, self.focused)
            same = same + 1 if now == before else 0
            await self.screen._mounted_event.wait()
            await self._pass_by(limit)
            for _ in range(_TURNS):
                await asyncio.sleep(0)

    async def _pass_by(self, limit: asyncio.Timeout) -> None:
        """Wait until the focus and all above it have dealt with their messages, in the way of a key.

        As long as that goes on, however slowly, `limit` is put off.
        """
        for node in (self.focused or self.screen).ancestors_with_self:
            await self._idle(node)
            limit.reschedule(asyncio.get_running_loop().time() + self._patience)

    async def _idle(self, node: MessagePump) -> None:
        """Wait until a widget, or the application, has dealt with its messages."""
        while not is_idle(node):
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


@lru_cache(512)
def _hears_keys(kind: type[Widget]) -> bool:
    """Return whether widgets of a kind take keys by other means than bindings."""
    plain = getattr(kind, "handle_key", None) in (Widget.handle_key, None)
    return not plain or has_handlers(kind, "on_key", events.Key, besides=Widget)


def is_idle(node: MessagePump) -> bool:
    """Return whether a widget has dealt with its messages and waits for the next."""
    queue: Any = node._message_queue
    return queue.empty() and bool(queue.ready_event._waiters)


def keys_wait(app: App[Any]) -> AbstractContextManager[None]:
    """Have keys wait, within the context, for the question that is about to come over what `app` shows now."""
    return app.asking() if isinstance(app, KeysInOrder) else nullcontext()
