"""The program as its user has it: in a terminal of its own, seen through a terminal emulator."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
from typing import TYPE_CHECKING

import pyte

from tests.support.canaries import ADMIN_KEY, PROJECT_KEY
from tests.support.forked_program import ForkedProgram
from tests.support.nursery import has_forks
from tests.support.pty_bytes import ROOT, Terminal

if TYPE_CHECKING:
    import signal
    import subprocess
    from collections.abc import Callable, Mapping, Sequence

    from tests.support.driving import Server

O9S = (sys.executable, "-m", "tui")
KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "down": "\x1b[B",
    "ctrl+s": "\x13",
    "ctrl+d": "\x04",
    "ctrl+x": "\x18",
}

# All that a well-behaved program of this kind sends besides text.
_ALLOWED = re.compile(
    rb"\x1b\[[0-9;:]*[mHJKXABCDGfrsu]"  # colours, moves, clearing
    rb"|\x1b\[[?>=<]?[0-9;]*[hlunq]"  # modes, keyboard protocol
    rb"|\x1b\[\?[0-9;]+\$p|\x1b\[[0-9;]*[cnt]"  # questions to the terminal
    rb"|\x1b\]22;[a-z-]*(?:\x07|\x1b\\)"  # the pointer's shape
    rb"|\x1b\]11;\?\x1b\\"  # what the background is
)


# Controls, and what turns the direction of the text around it.
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# What pyte would take for text.
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*u|\x1b\[\?[0-9;]+\$p|\x1b\]22;[a-z-]*(?:\x07|\x1b\\)")


class Console(Terminal):
    """A program in a terminal, with what it shows (`lines`) and all it wrote (`output`)."""

    answers = True
    """Whether the terminal tells when it is asked, as nearly all do."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 120,
        rows: int = 40,
        command: Sequence[str] = O9S,
        env: Mapping[str, str] | None = None,
    ) -> None:
        own = {name: value for name, value in os.environ.items() if name.startswith(("O9S_", "PYTHON_KEYRING"))}
        super().__init__((*command, *arguments), columns, rows, **{**own, **(env or {})})
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._unseen = b""  # what the emulator has not taken in yet: that costs more than the reading
        self._lines = [""] * rows
        self.modes = termios.tcgetattr(self._master)

    def _start(
        self, command: Sequence[str], terminal: int, env: dict[str, str]
    ) -> subprocess.Popen[bytes] | ForkedProgram:
        """Start the program; one that is a module starts at once, unless it begins in another encoding."""
        if has_forks() and tuple(command[:2]) == O9S[:2] and not env.keys() & {"LC_ALL", "PYTHONIOENCODING"}:
            return ForkedProgram(command[2], command[3:], terminal, env, str(ROOT))
        return super()._start(command, terminal, env)

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        if self._unseen:
            unseen, self._unseen = self._unseen, b""
            self._screen.dirty.clear()
            self._stream.feed(_UNKNOWN.sub(b"", unseen))
            for number in self._screen.dirty:
                self._lines[number] = self._line(number)
        return list(self._lines)

    def _line(self, number: int) -> str:
        """Return a line of the screen. What lies behind a wide character is empty."""
        cells = self._screen.buffer[number]
        return "".join(cells[at].data for at in range(self._screen.columns)).rstrip()

    @property
    def text(self) -> str:
        """What is on the screen, as one text."""
        return "\n".join(self.lines)

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._program.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._program.poll() is None

    def read(self, patience: float) -> int:
        """Take in what it writes within `patience` seconds; returns how many bytes came."""
        if not select.select([self._master], [], [], patience)[0]:
            return 0
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # the program is gone
            return 0
        self._take(chunk)
        return len(chunk)

    def _take(self, chunk: bytes) -> None:
        """Take in what came, and answer as a terminal does that is asked whether it has read so far."""
        asked = self.output[-3:] + chunk
        self.output += chunk
        self._unseen += chunk
        if self.answers:
            self.send("\x1b[0n" * asked.count(b"\x1b[5n"))

    def until(self, condition: Callable[[], object], what: str, within: float = 45.0) -> None:  # type: ignore[override]
        """Wait until `condition` holds; fail with the screen otherwise."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within:g} s: {what}\n{self.text}")
            self.read(0.05)

    def sees(self, words: str, within: float = 45.0) -> None:
        """Wait until `words` are on the screen."""
        self.until(lambda: words in self.text, repr(words), within)

    def press(self, *keys: str) -> None:
        """Press keys: names of `KEYS`, or what they type."""
        for key in keys:
            self.send(KEYS.get(key, key))

    def step(self, *keys: str) -> None:
        """Press keys one after the other, each when what the one before brought is drawn; none just waits."""
        for key in keys or ("",):
            self.press(key)
            while self.read(0.15):
                pass

    def paste(self, text: str) -> None:
        """Paste, as a terminal does."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def fill(self, text: str) -> None:
        """Paste into the line that asks; again while it was not ready yet."""
        shown, again = text[-20:], 0.0
        before = self.text.count(shown)

        def there() -> bool:
            nonlocal again
            if self.text.count(shown) == before and time.monotonic() > again:
                self.paste(text)
                again = time.monotonic() + 12.0
            return self.text.count(shown) > before

        self.until(there, f"{text!r} in the line")

    def command(self, line: str, sign: str = ":") -> None:
        """Give a `:` command, or a line to another prompt."""
        self.press(sign)
        self.until(lambda: any(row.startswith(sign) for row in self.lines), "the prompt")
        self.paste(line)
        self.step("enter")

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        os.kill(self.pid, number)

    def ends(self, within: float = 30.0) -> int:
        """Wait for its end and return its exit code."""
        self.until(lambda: not self.is_running, "the end of the program", within)
        while self.read(0.1):
            pass
        return self._program.wait()

    def assert_whole(self) -> None:
        """The terminal is as it was before: echo, whole lines, cursor, main screen, no mouse, no paste mode."""
        now = termios.tcgetattr(self._master)
        assert now[3] & termios.ECHO, "echo is off"
        assert now[3] & termios.ICANON, "lines are not whole"
        for mode, name in (
            (b"1049", "alternate screen"),
            (b"1000", "mouse"),
            (b"2004", "paste"),
            (b"1004", "focus"),
        ):
            found = re.findall(rb"\x1b\[\?" + mode + rb"([hl])", self.output)
            assert not found or found[-1] == b"l", f"{name} is still on"
        shown = re.findall(rb"\x1b\[\?25([hl])", self.output)
        assert not shown or shown[-1] == b"h", "the cursor is hidden"

    def strangers(self) -> list[str]:
        """What it wrote that no program of this kind sends: each control character with what follows."""
        whole = re.sub(rb"\x1b[^a-zA-Z]*$", b"", self.output)  # it may be writing still
        text = _ALLOWED.sub(b"", whole).decode("utf-8", "replace")
        return [text[found.start() : found.start() + 20] for found in _CONTROL.finditer(text)]


def opened(server: Server, *arguments: str, **env: str) -> Console:
    """Start the program in a terminal, on a server."""
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    return Console(*arguments, "--base-url", server.url, env={**keys, **env})
