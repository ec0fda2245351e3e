"""Asking for a text that is not shown, such as a key: what is pasted is read whole, however many lines it has."""

from __future__ import annotations

import os
import re
import select
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASTE_ON, _PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"
_BEGIN, _END = b"\x1b[200~", b"\x1b[201~"  # what the terminal puts around a paste
_MORE = 0.1  # seconds in which the rest of a paste comes, where the terminal does not mark it
_MOST = 65536  # bytes; nobody types so much


def ask_hidden(question: str) -> str:
    """Ask on the terminal until something is typed or pasted, and return all of it; enter ends it.

    Raises EOFError when it ends without an answer, OSError when there is no terminal that can be asked.
    """
    if sys.platform == "win32":
        from getpass import getpass

        return getpass(question)
    terminal = _open_terminal()
    try:
        with _unseen(terminal):
            while True:
                os.write(terminal, question.encode())
                answer = _apply_edits(_read(terminal))
                os.write(terminal, b"\n")
                if answer.strip():
                    return answer
    finally:
        os.close(terminal)


def _open_terminal() -> int:
    """Return a descriptor of the terminal, wherever standard input and output go."""
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        if not os.isatty(0):
            raise
        return os.dup(0)


if sys.platform != "win32":

    @contextmanager
    def _unseen(terminal: int) -> Iterator[None]:
        """Have the terminal show nothing of what is typed, give it at once, and mark what is pasted."""
        import termios

        before = termios.tcgetattr(terminal)
        now = termios.tcgetattr(terminal)
        now[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(terminal, termios.TCSADRAIN, now)
        os.write(terminal, _PASTE_ON)
        try:
            yield
        finally:
            os.write(terminal, _PASTE_OFF)
            # What still comes is of the same paste: it is for no shell.
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _read(terminal: int) -> bytes:
    """Read up to the line break that is typed, or pasted unmarked, and what comes at once after that."""
    typed = b""
    while len(typed) < _MOST:
        chunk = os.read(terminal, 4096)
        typed += chunk
        beside = re.sub(re.escape(_BEGIN) + rb".*?(?:" + re.escape(_END) + rb"|\Z)", b"", typed, flags=re.DOTALL)
        if not chunk or (beside.startswith(b"\x04") and not beside.strip(b"\x04\n")):
            raise EOFError
        if b"\n" in beside and not select.select([terminal], [], [], _MORE)[0]:
            break
    return typed


def _apply_edits(typed: bytes) -> str:
    """Return what was typed, with what was erased gone."""
    kept: list[str] = []
    for character in typed.replace(_BEGIN, b"").replace(_END, b"").decode("utf-8", "replace"):
        if character in "\x7f\b":
            del kept[-1:]
        elif character == "\x15":  # ctrl+u
            kept.clear()
        else:
            kept.append(character)
    return "".join(kept).strip("\n")
