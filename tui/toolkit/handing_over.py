"""Handing the terminal to a program of the user, until that is over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App


class CannotHandOver(Exception):
    """A terminal that cannot be handed to a program; the message is a sentence."""


def run_in_terminal(
    app: App[Any], arguments: Sequence[str], given: bytes | None, environment: Mapping[str, str]
) -> int:
    """Run a program in the terminal, and return what it ended with. Raises CannotHandOver, OSError and ValueError.

    Its input is the keyboard, or what is `given`. After a failure what it printed stays until enter is pressed.
    """
    try:
        with app.suspend():
            code = _run(arguments, given, environment)
            if code:
                print(f"\n{arguments[0]!r} ended with {code}. Enter goes back to o9s.")  # noqa: T201
                sys.stdin.readline()
        return code
    except SuspendNotSupported:
        raise CannotHandOver("This terminal cannot be handed to a program.") from None


def _run(arguments: Sequence[str], given: bytes | None, environment: Mapping[str, str]) -> int:
    """Run a program whose signals of the keyboard are its own. What asks o9s to go ends the program first."""
    asked: list[int] = []
    process: subprocess.Popen[bytes] | None = None

    def end(number: int, _frame: object) -> None:
        asked.append(number)
        if process:
            process.terminate()

    # Handlers, as what is ignored would be so in the program, too. The event loop hears of nothing meanwhile.
    heard = {
        signal.SIGINT: lambda *_: None,
        signal.SIGQUIT: lambda *_: None,
        signal.SIGTERM: end,
        signal.SIGHUP: end,
    }
    before = {number: signal.signal(number, handler) for number, handler in heard.items()}
    loop = signal.set_wakeup_fd(-1)
    try:
        process = subprocess.Popen(arguments, stdin=None if given is None else subprocess.PIPE, env=environment)
        if asked:  # before there was a process to end
            process.terminate()
        process.communicate(given)
        return process.returncode
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
            signal.siginterrupt(number, False)
        signal.set_wakeup_fd(loop)
        for each in asked:
            os.kill(os.getpid(), each)
