"""A program in a terminal of a given size, and what it writes there, to the byte."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.support.canaries import find_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from tests.support.forked_program import ForkedProgram

ROOT = Path(__file__).parents[2]


class Terminal:
    """A pseudo terminal with a program in it, started from the top of the tree with a bare environment.

    Use it as a context manager: leaving it ends the program.
    """

    def __init__(self, command: Sequence[str], columns: int = 120, rows: int = 40, **environment: str) -> None:
        self.output = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        kept = {key: os.environ[key] for key in ("HOME", "PATH", "TMPDIR", "VIRTUAL_ENV") if key in os.environ}
        env = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **environment}
        self._program = self._start(command, slave, env)
        os.close(slave)

    def _start(
        self, command: Sequence[str], terminal: int, env: dict[str, str]
    ) -> subprocess.Popen[bytes] | ForkedProgram:
        """Start the program in the terminal."""
        return subprocess.Popen(
            command, stdin=terminal, stdout=terminal, stderr=terminal, env=env, cwd=ROOT, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.kill()
        self._program.wait()
        os.close(self._master)
        assert kind or not find_key(self.output), "a key was written to the terminal"

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def until_quiet(self, quiet: float = 0.4, deadline: float = 20.0) -> bytes:
        """All that is written until nothing came for `quiet` seconds.

        Raises:
            TimeoutError: when it is still writing at the deadline, in seconds.
        """
        end = time.monotonic() + deadline
        chunks = []
        while select.select([self._master], [], [], quiet)[0]:
            try:
                chunks.append(os.read(self._master, 65536))
            except OSError:  # the program is gone
                break
            if time.monotonic() > end:
                raise TimeoutError(f"Still writing after {deadline} s")
        written = b"".join(chunks)
        self.output += written
        return written

    def until(self, text: str, deadline: float = 20.0) -> bytes:
        """All that is written until `text` was, and then quiet.

        Raises:
            TimeoutError: when it was not written by the deadline, in seconds.
        """
        end = time.monotonic() + deadline
        written = b""
        while text.encode() not in written:
            if time.monotonic() > end:
                raise TimeoutError(f"{text!r} was not written in {deadline} s, but {written[-2000:]!r}")
            written += self.until_quiet()
        return written
