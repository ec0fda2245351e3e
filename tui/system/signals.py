"""Signals that ask a command to end: ctrl+c, SIGTERM, and SIGHUP, which tells that the terminal is gone."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_INTERRUPTED, _HUNG_UP = 130, 129  # as the shell calls an end by ctrl+c, and by SIGHUP


class SignalToEnd(KeyboardInterrupt):
    """SIGTERM or SIGHUP has come: whatever goes on is to end as it does at ctrl+c."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


class Caught:
    """Which signal has come, if any."""

    code = 0
    """The exit code that tells of it; 0 where none has come."""


def _list_signals() -> list[signal.Signals]:
    """Return those that this system has and that are not ignored, as `nohup` has SIGHUP ignored."""
    found = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return [number for number in found if signal.getsignal(number) is not signal.SIG_IGN]


@contextmanager
def raise_on_signals() -> Iterator[None]:
    """Have SIGTERM and SIGHUP end the block with SignalToEnd, so that what it does is closed in order.

    A second SIGTERM ends the program at once; more than one SIGHUP comes of one terminal that is gone.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
        raise SignalToEnd(number)

    with ExitStack() as stack:
        for number in _list_signals():
            with suppress(ValueError):  # in a thread
                if number != signal.SIGINT and signal.getsignal(number) is signal.SIG_DFL:
                    signal.signal(number, end)
                    stack.callback(signal.signal, number, signal.SIG_DFL)
        yield


@contextmanager
def on_signals(stop: Callable[[], object]) -> Iterator[Caught]:
    """Have each signal call this, and end nothing else. For use inside an event loop; gives which has come."""
    import asyncio

    loop, caught = asyncio.get_running_loop(), Caught()

    def take(number: int) -> None:
        caught.code = caught.code or 128 + number
        stop()

    def put_back(number: int, before: Any) -> None:
        loop.remove_signal_handler(number)
        is_told_again = caught.code == _HUNG_UP == 128 + number  # by the shell, and by the terminal itself
        signal.signal(number, signal.SIG_IGN if is_told_again else before)

    with ExitStack() as stack:
        for number in _list_signals():
            before = signal.getsignal(number)
            with suppress(NotImplementedError, RuntimeError, ValueError):  # on Windows, or in a thread
                loop.add_signal_handler(number, take, number)
                stack.callback(put_back, number, before)
        yield caught


def find_code(error: BaseException) -> int:
    """Return the exit code for what was ended by a signal, which is the error or what it came of."""
    found: BaseException | None = error
    while found:
        if isinstance(found, SignalToEnd):
            return found.code
        found = found.__context__
    return _INTERRUPTED
