"""The terminal and the end of the program: streams, signals, crashes, exit codes.

Whatever happens, the terminal is whole afterwards. Every command imports this, so what it needs only at an end is
imported there.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


# A terminal as programs expect it: no mouse reports, bracketed paste, reports of its colours or keyboard protocol;
# cursor, main screen.
RESET = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2031l"
RESET += "\x1b[<u\x1b[?25h\x1b[?1049l\x1b[0m"


def prepare_streams() -> set[str]:
    """Make the three standard streams safe to use, before anything else is opened. Returns which were closed.

    A stream that was closed (`2>&-`) becomes the null device: the next file to be opened would take its number
    and receive what is meant for the terminal. Characters that an encoding lacks become `?`.
    """
    closed = set()
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
        if getattr(sys, name) is None:
            closed.add(name)
            setattr(sys, name, os.fdopen(os.dup(number), mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return closed


def find_drawing_refusal(env: Mapping[str, str]) -> str:
    """Return why the screen cannot be drawn here, and what to do instead, as a sentence; "" where it can."""
    names = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    elsewhere = [name for name, stream in names.items() if not stream.isatty()]
    if elsewhere:
        *most, last = elsewhere
        led = f"{', '.join(most)} and {last} lead" if most else f"{last} leads"
        return (
            f"The screen needs a terminal, and standard {led} elsewhere. Start o9s without redirections, or use "
            "`o9s get` in pipes and scripts."
        )
    if os.name == "posix" and env.get("TERM", "") in ("", "dumb", "unknown"):
        return (
            f"The terminal cannot draw a screen: TERM is {env.get('TERM') or 'not set'}. Set it to what the "
            "terminal is, such as TERM=xterm-256color, or use `o9s get`."
        )
    encoding = (sys.stderr.encoding or "").lower().replace("-", "").replace("_", "")
    if encoding != "utf8":
        return (
            f"The screen is drawn in UTF-8, and this terminal's encoding is {sys.stderr.encoding}. Set "
            "LC_ALL=C.UTF-8 and leave PYTHONIOENCODING unset, or use `o9s get`."
        )
    return ""


@contextmanager
def redirect_streams() -> Iterator[None]:
    """Have input, output and errors be the terminal for the time of a block, wherever they lead.

    Raises OSError where there is none.
    """
    elsewhere = [number for number in range(3) if not os.isatty(number)]
    if not elsewhere:
        yield
        return
    sys.stdout.flush()
    terminal = os.dup(({0, 1, 2} - {*elsewhere}).pop()) if len(elsewhere) < 3 else os.open("/dev/tty", os.O_RDWR)
    kept = {number: os.dup(number) for number in elsewhere}
    try:
        for number in elsewhere:
            os.dup2(terminal, number)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        for number, before in kept.items():
            os.dup2(before, number)
            os.close(before)
        os.close(terminal)


def prepare_environment(env: dict[str, str] | os._Environ[str]) -> None:
    """Set what Textual reads when it is imported: no animation, and few frames over a slow link."""
    env.setdefault("TEXTUAL_ANIMATIONS", "none")
    env.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if env.get("SSH_CONNECTION") or env.get("SSH_TTY"):
        env.setdefault("TEXTUAL_FPS", "15")


def on_signals(leave: Callable[[int], None]) -> None:
    """Call `leave(exit code)` when a signal asks the program to go. For use inside its event loop."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, leave, 128 + number)
        except (NotImplementedError, RuntimeError):  # Windows, or not the main thread
            signal.signal(number, lambda code, _frame: leave(128 + code))


def on_hangup(leave: Callable[[int], None]) -> None:
    """Call `leave(exit code)` when the terminal is gone, even where no signal tells of it."""
    import asyncio
    import select
    import threading

    if not hasattr(select, "poll") or not sys.stdin.isatty():
        return
    loop = asyncio.get_running_loop()

    def wait() -> None:
        watched = select.poll()
        watched.register(sys.stdin.fileno(), 0)  # no events: only that it hangs up is told
        while found := watched.poll():
            if found[0][1] & select.POLLHUP:
                loop.call_soon_threadsafe(leave, 128 + 1)
            return

    threading.Thread(target=wait, name="hangup", daemon=True).start()


def leave(code: int) -> NoReturn:
    """End with an exit code, also when the terminal that output waits for is gone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)
