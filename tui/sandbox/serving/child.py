"""The sandbox as a child process. Light to import: the server's own imports happen in the child."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

_PATIENCE = 30.0  # seconds until the child must have said where it serves


class SandboxError(RuntimeError):
    """The sandbox did not start. The text ends with what it said last."""


class Sandbox:
    """A running sandbox: `url` is its base URL, `pid` its process. Also a context manager."""

    notes: Sequence[str] = ()
    """Sentences on what it was given and cannot use."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, notes: Sequence[str] = ()) -> None:
        self._process = process
        self.url, self.notes = url, notes
        self.pid = process.pid

    @classmethod
    def start(
        cls,
        *,
        scenario: str = "busy",
        speed: float = 1.0,
        seed: int = 1,
        faults: str = "",
        port: int = 0,
        data: Path | None = None,
        now: float | None = None,
        begun: Callable[[subprocess.Popen[bytes]], object] = lambda _: None,
    ) -> Sandbox:
        """Start one and wait until it accepts requests. Options as in `server.serve`.

        `begun` gets the process at once: who does not want to wait any more ends that. Raises `SandboxError`.
        """
        command = [sys.executable, "-m", "tui.sandbox", "--follow-stdin"]
        options = {"scenario": scenario, "speed": speed, "seed": seed, "faults": faults, "port": port}
        options |= {"data": data and data.absolute(), "now": now}
        command += [f"--{name}={value}" for name, value in options.items() if value is not None]
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                # The child imports what runs here, not a package of this name in the user's directory.
                cwd=Path(__file__).parents[2],
                # It needs no credentials, so it gets none.
                env={name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")},
                # A group of its own: Ctrl-C in the terminal is not for it.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
            begun(process)
            url = _first_line(process)
            if not url.startswith("http://"):
                _end(process)
            complaints.seek(0)
            said = complaints.read()[-2000:].decode(errors="replace").strip()
            if not url.startswith("http://"):
                raise SandboxError(f"the sandbox did not start: {said or 'it said nothing'}")
        return cls(process, url, said.splitlines())

    def tell(self, words: str) -> None:
        """Say a line to it: how time is to pass in a replay, as `Replay.obey` takes it."""
        with contextlib.suppress(OSError):  # it has ended
            stdin = _pipe(self._process.stdin)
            stdin.write(f"{words}\n".encode())
            stdin.flush()

    def stop(self) -> None:
        """End the child, if it still runs."""
        _end(self._process)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _first_line(process: subprocess.Popen[bytes]) -> str:
    """Return the first line a child prints, or nothing if it ends or takes too long."""
    said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    stdout = _pipe(process.stdout)
    threading.Thread(target=lambda: said.put(stdout.readline()), daemon=True).start()
    try:
        return said.get(timeout=_PATIENCE).decode().strip()
    except queue.Empty:
        return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        _pipe(process.stdin).close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    _pipe(process.stdout).close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "all of the child's pipes are opened"
    return stream
