"""Faults of the program's own: each costs the part it happens in and is reported in a sentence; the rest goes on.

Textual ends the whole program for any exception in an action, a message handler, a worker, a timer or a paint.
`FaultTolerant` is an application that does not: it stands at the few places that all of those pass through.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import deque
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual._callback import count_parameters
from textual.app import App, ScreenError
from textual.css.query import NoMatches
from textual.message_pump import MessagePump
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._toast import Toast
from textual.worker import NoActiveWorker, Worker, WorkerFailed, WorkerState, get_current_worker

from tui.toolkit import crash_report
from tui.toolkit.handlers import find_handlers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from textual.geometry import Region
    from textual.message import Message

TRAIL = 50  # actions a crash report tells of
SHORTEST = 0.1  # seconds a toast stays whose time was up before it was there
SHOWN = 10.0  # seconds a toast about a fault stays; the same fault is not told again meanwhile


class _Guarded:
    """A message handler that reports what it raises, so that the handlers after it still run."""

    _param_count: ClassVar[int] = 1  # Textual asks this of every handler, and else inspects the signature

    def __init__(self, handler: Callable[[Any], Any], report: Callable[[Exception], None]) -> None:
        self._handler, self._report = handler, report

    async def __call__(self, message: Message) -> None:
        from textual._callback import invoke

        try:
            await invoke(self._handler, message)
        except Exception as error:
            self._report(error)


class FaultTolerant(App[None]):
    """An application that outlives faults of its parts, once it has a first screen to go on with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._trail: deque[str] = deque(maxlen=TRAIL)
        self._crashed: BaseException | None = None
        self._told: dict[tuple[object, ...], tuple[float, Path | None]] = {}

    # Where faults arrive.

    def _handle_exception(self, error: Exception) -> None:
        """Report a fault and go on; before there is a first screen, end as Textual does."""
        if isinstance(error, WorkerFailed):
            error = error.error if isinstance(error.error, Exception) else error
        if isinstance(error, NoMatches) and self._dom_ready and (not self._running or _is_left()):
            return  # what is taken away has lost its parts
        if self._can_go_on():
            self.report(error)
        else:
            super()._handle_exception(error)

    def _can_go_on(self) -> bool:
        """Return whether a screen lies over the empty first frame, so that something can still be done."""
        try:
            return self._exit or len(self.screen_stack) > 1
        except (ScreenError, KeyError):
            return False

    def report(self, error: BaseException) -> None:
        """Report a part that failed and goes on without what it was doing."""
        frames = traceback.extract_tb(error.__traceback__)
        fault = (type(error), *((frame.filename, frame.lineno) for frame in frames))
        now = time.monotonic()
        told, path = self._told.get(fault, (None, None))
        if told is None:
            path = crash_report.keep_report(error, list(self._trail))
        elif now - told < SHOWN:
            return
        self._told[fault] = now, path
        if not self._exit:
            self.notify(crash_report.describe_failure(error, path), severity="error", markup=False, timeout=SHOWN)

    async def run_action(self, action: Any, *args: Any, **kwargs: Any) -> bool:
        """Do an action, and remember its name for a crash report. One that fails is reported, and was done."""
        self._trail.append(str(action) if isinstance(action, str) else str(action[1]))
        try:
            return await super().run_action(action, *args, **kwargs)
        except Exception as error:
            self._handle_exception(error)
            return True

    async def on_event(self, event: Any) -> None:
        """Take an event. Finding what lies under the mouse may fail, too."""
        try:
            await super().on_event(event)
        except Exception as error:
            self._handle_exception(error)

    def _get_dispatch_methods(self, method_name: str, message: Message) -> Iterable[tuple[type, Any]]:
        """Return the application's own handlers of a message, guarded."""
        return _guard_each(find_handlers(self, method_name, message), message, self._handle_exception)

    def _register_child(self, parent: Any, child: Widget, before: int | None, after: int | None) -> None:
        """Take in a widget or screen, whosever it is, and guard its handlers and how it is painted."""
        if isinstance(child, Toast):  # with a negative time Textual's timer never returns
            child._timeout = max(child._timeout, SHORTEST)
        super()._register_child(parent, child, before, after)
        _guard_handlers(child, self._handle_exception, noted="devtools" in self.features)
        _guard_painting(child, self._handle_exception)

    # The end of the program.

    def _fatal_error(self) -> None:
        """End with one line. Textual would print the values of local variables, and with them keys."""
        error = sys.exc_info()[1] or self._exception or RuntimeError("unknown")
        if self._crashed is None:
            self._crashed = error
            words = crash_report.format_last_words(error, crash_report.keep_report(error, list(self._trail)))
            self._exit_renderables.append(Text(words))
        self._close_messages_no_wait()


def _is_left() -> bool:
    """Return whether this runs in a worker of something that was taken away."""
    try:
        node = get_current_worker().node
    except NoActiveWorker:
        return False
    return isinstance(node, Widget) and not node.is_attached


def _guard_each(
    handlers: Iterable[tuple[type, Any]], message: Message, report: Callable[[Exception], None]
) -> Iterable[tuple[type, Any]]:
    """Return the handlers of a message, guarded. A worker that failed is reported."""
    _report_worker(message, report)
    for kind, handler in handlers:
        yield kind, _Guarded(handler, report)


def _report_worker(message: Message, report: Callable[[Exception], None]) -> None:
    """Report the worker that a message says has failed, if it says so."""
    if isinstance(message, Worker.StateChanged) and message.state is WorkerState.ERROR:
        error = message.worker.error
        if isinstance(error, Exception):
            report(error)


def _guard_handlers(widget: Widget, report: Callable[[Exception], None], *, noted: bool) -> None:
    """Guard every message handler of a widget, those that Textual declares included.

    Textual's console is told of each call when calls are `noted`.
    """

    def tell(error: Exception) -> None:
        if widget.is_attached or not isinstance(error, NoMatches):  # what is taken away has lost its parts
            report(error)

    is_usual = type(widget)._get_dispatch_methods is MessagePump._get_dispatch_methods
    find = partial(find_handlers, widget) if is_usual else widget._get_dispatch_methods
    vars(widget)["_get_dispatch_methods"] = lambda name, message: _guard_each(find(name, message), message, tell)
    if not noted:
        vars(widget)["_on_message"] = partial(_deal_with, widget, find, tell)


async def _deal_with(
    widget: Widget,
    find: Callable[..., Iterable[tuple[type, Any]]],
    tell: Callable[[Exception], None],
    message: Message,
) -> None:
    """Have a widget deal with a message, and pass it on to the one around it, as Textual does.

    Textual makes a line for its console of every call, though nobody reads it, which takes longer than most calls.
    """
    _report_worker(message, tell)
    for _, handler in find(message.handler_name, message):
        try:
            doing = handler(message) if count_parameters(handler) else handler()
            if isawaitable(doing):
                await doing
        except Exception as error:
            tell(error)
    around = widget._parent
    if message.bubble and around and not message._stop_propagation:
        if message._sender is not None and message._sender == around:
            message.stop()
        if widget.is_parent_active and widget.is_attached:
            message._bubble_to(around)


def _guard_painting(widget: Widget, report: Callable[[Exception], None]) -> None:
    """Leave blank what cannot be painted. It is told once a widget: telling it paints the screen again."""
    told = False

    def guarded(paint: Callable[..., Any], otherwise: Callable[..., Any]) -> Callable[..., Any]:
        def painted(*args: Any, **kwargs: Any) -> Any:
            nonlocal told
            try:
                return paint(*args, **kwargs)
            except Exception as error:
                if not told:
                    told = True
                    report(error)
                return otherwise(*args, **kwargs)

        return painted

    def blank(crop: Region) -> list[Strip]:
        return [Strip.blank(crop.width)] * crop.height

    for name, otherwise in {
        "render_lines": blank,
        "render_line": lambda _y: Strip.blank(widget.size.width),
        "get_content_width": lambda *_: 0,
        "get_content_height": lambda *_: 1,
    }.items():
        vars(widget)[name] = guarded(getattr(widget, name), otherwise)
