"""Screens in the order that the user knows of: what comes late waits until the user is done with what is shown.

A worker may open a screen long after the key that asked for it, when the server has answered at last. By then the
user may be filling in a form, or typing. `ScreensInOrder` is an application in which no worker covers that, and no
screen closes another by mistake: one that others lie over closes after them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet, ref

from textual._callback import invoke
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.await_remove import AwaitRemove
from textual.screen import Screen
from textual.worker import NoActiveWorker, Worker, get_current_worker
from textual.worker_manager import WorkerManager

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from textual.widget import Widget

READY = "What you asked for is ready. It opens once you are done here."
_PACE = 0.05  # seconds between looks at whether the user is done
_PLACE = 2  # screens that lie under everything: the empty first frame and the place


class _Shown:
    """What was shown when a worker began, and what it has opened since. It keeps none of that."""

    def __init__(self, app: App[Any]) -> None:
        self.screens: WeakSet[Screen[Any]] = WeakSet(app.screen_stack)
        self._focused = ref(app.focused) if app.focused else None

    def had_focus(self, widget: Widget) -> bool:
        """Return whether a widget was in focus then."""
        return self._focused is not None and self._focused() is widget


class _Workers(WorkerManager):
    """The workers of an application, each with what was shown when it began."""

    def __init__(self, app: App[Any]) -> None:
        super().__init__(app)
        self.began: WeakKeyDictionary[Worker[Any], _Shown] = WeakKeyDictionary()

    def add_worker(self, worker: Worker[Any], start: bool = True, exclusive: bool = True) -> None:
        """Take in a worker. Its coroutine is closed at its end: one that is stopped at once has not begun it."""
        if self._app._screen_stack:
            self.began[worker] = _Shown(self._app)
        super().add_worker(worker, start, exclusive)
        if worker._task and iscoroutine(worker._work):
            close = worker._work.close
            worker._task.add_done_callback(lambda _: close())


class ScreensInOrder(App[None]):
    """An application in which what a worker opens late lies over nothing that the user has opened meanwhile."""

    def __init__(self, **options: Any) -> None:
        AwaitRemove.__await__ = _await_removed  # type: ignore[assignment,method-assign]
        super().__init__(**options)
        self._workers: _Workers = _Workers(self)
        self._to_close: WeakKeyDictionary[Screen[Any], Any] = WeakKeyDictionary()
        """The screens that close once nothing lies over them any more, with their results."""

    def _register_child(self, parent: Any, child: Widget, before: int | None, after: int | None) -> None:
        """Take in a widget. A screen can close itself, and no other."""
        super()._register_child(parent, child, before, after)
        if isinstance(child, Screen):
            vars(child)["dismiss"] = partial(self._dismiss, child)

    def _dismiss(self, screen: Screen[Any], result: Any = None) -> AwaitComplete:
        """Close a screen once nothing lies over it; one that is closed already stays so.

        Textual closes whichever is uppermost: a screen that was told twice to close would take the place along.
        """
        if self.screen_stack[-1:] == [screen]:
            return type(screen).dismiss(screen, result)
        if screen in self.screen_stack:
            self._to_close.setdefault(screen, result)
        return AwaitComplete()

    def pop_screen(self) -> AwaitComplete:
        """Close the uppermost screen, and what only waited for that."""
        popped = super().pop_screen()
        below = self.screen_stack[-1]
        if below in self._to_close:
            below.dismiss(self._to_close.pop(below))
        return popped

    def push_screen(self, screen: Any, *args: Any, **options: Any) -> Any:
        """Show a screen; one that a worker opens shows in its turn. A worker that awaits it can be stopped."""
        worker = _current_worker()
        if worker is None or self._is_turn_of(worker):
            return self._own(worker, super().push_screen, screen, *args, **options)
        return AwaitComplete(self._push_late(worker, super().push_screen, screen, *args, **options))

    async def push_screen_wait(self, screen: Any, **options: Any) -> Any:
        """Show a screen in its turn, and return what it is dismissed with."""
        # A worker that is stopped here, as its place is left, would else stop what replaces that place.
        await asyncio.shield(self._flush_next_callbacks())
        worker = _current_worker()
        if worker and not getattr(screen, "AT_ONCE", False):
            await self.wait_for_turn(worker)
        closed = self._own(worker, super().push_screen, screen, wait_for_dismiss=True, **options)
        return await asyncio.shield(closed)

    async def _push_late(self, worker: Worker[Any], push: Callable[..., Any], screen: Any, *args: Any) -> None:
        await self.wait_for_turn(worker)
        await self._own(worker, push, screen, *args)

    def _own(
        self, worker: Worker[Any] | None, push: Callable[..., Any], screen: Any, *args: Any, **options: Any
    ) -> Any:
        if worker and (shown := self._workers.began.get(worker)):
            shown.screens.add(screen)
        return push(screen, *args, **options)

    async def wait_for_turn(self, worker: Worker[Any], *, tell: bool = True) -> None:
        """Wait until the user is done with what they have opened since a worker began; `tell` them so.

        Raises CancelledError when they have left the place that it belongs to.
        """
        if tell and not self._is_turn_of(worker):
            self.notify(READY, markup=False)
        while not self._is_turn_of(worker):
            await asyncio.sleep(_PACE)
        if not isinstance(worker.node, App) and worker.node.screen not in self.screen_stack:
            raise asyncio.CancelledError

    def _is_turn_of(self, worker: Worker[Any]) -> bool:
        """Return whether nothing lies over the place, and nothing is typed, that was not when a worker began."""
        shown = self._workers.began.get(worker)
        if shown is None:
            return True
        focused = self.focused
        typing = focused and not shown.had_focus(focused) and focused.check_consume_key("a", "a")
        return not typing and all(screen in shown.screens for screen in self.screen_stack[_PLACE:])


def _await_removed(removal: AwaitRemove) -> Generator[Any, None, None]:
    """Wait until widgets are removed. A worker that is stopped meanwhile leaves them to it.

    Textual would stop the removal, too, for which the application waits as well, and that would end it.
    """
    others = {task for task in removal._tasks if task is not asyncio.current_task()}

    async def wait() -> None:
        if others:
            await asyncio.wait(others)
        if removal._post_remove:
            await invoke(removal._post_remove)

    return wait().__await__()


def _current_worker() -> Worker[Any] | None:
    """Return the worker that this runs in, and not only in a context of: a screen it opened inherits that."""
    try:
        worker = get_current_worker()
    except NoActiveWorker:
        return None
    return worker if worker._task is asyncio.current_task() else None


def wait_for_turn(app: App[Any], *, tell: bool = True) -> Awaitable[None]:
    """Wait until the user is done with what they have opened since the worker began that calls this."""
    worker = _current_worker()
    if worker and isinstance(app, ScreensInOrder):
        return app.wait_for_turn(worker, tell=tell)
    return asyncio.sleep(0)
