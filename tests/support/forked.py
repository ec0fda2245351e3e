"""The command line in processes of its own, forked from one that has its libraries: each starts at once.

What a start imports is held elsewhere, in tests/test_imports.py.
"""

from __future__ import annotations

import gc
import importlib
import json
import locale
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE = 60.0  # seconds until a process must have ended
LIBRARIES = (
    *("httpcore", "httpx", "keyring", "anyio.streams.tls"),
    *(
        "tui.cli.main",
        "tui.api.client",
        "tui.api.credentials.resolve",
        "tui.headless.lists.listing",
        "tui.resources.registry",
    ),
)


class Forks:
    """Runs the command line, one process after the other. Use it as a context manager."""

    def __init__(self) -> None:
        self._line, other = socket.socketpair()
        self._line.settimeout(PATIENCE)
        with other:
            command = [sys.executable, "-m", "tests.support.forked", str(other.fileno())]
            root = Path(__file__).parents[2]
            self._first = subprocess.Popen(command, cwd=root, pass_fds=[other.fileno()])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._first.wait(PATIENCE)

    def run(
        self, arguments: Sequence[str], output: int | None = None, **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `o9s` with arguments, its output to an open file if one is given. Raises TimeoutError."""
        with (
            tempfile.TemporaryFile() as printed,
            tempfile.TemporaryFile() as told,
            Path(os.devnull).open() as nothing,
        ):
            written = printed.fileno() if output is None else output
            socket.send_fds(self._line, [b"!"], [nothing.fileno(), written, told.fileno()])
            self._line.sendall(json.dumps([list(arguments), {**os.environ, **env}]).encode() + b"\n")
            code = int(self._line.makefile().readline())
            printed.seek(0)
            told.seek(0)
            return subprocess.CompletedProcess(arguments, code, printed.read(), told.read())


def fork(line: socket.socket) -> bool:
    """Fork a process for each request. Returns True in that process, and False once there are no more requests."""
    requests = line.makefile()
    while True:
        sign, files, *_ = socket.recv_fds(line, 1, 3)
        if not sign:
            return False
        arguments, env = json.loads(requests.readline())
        child = os.fork()
        if not child:
            line.detach()
            become(arguments, env, files)
            return True
        for file in files:
            os.close(file)
        line.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n".encode())


def become(arguments: list[str], env: dict[str, str], files: list[int]) -> None:
    """Have the arguments, the environment and the standard streams of another process."""
    os.environ.clear()
    os.environ.update(env)
    encoding = env.get("PYTHONIOENCODING") or locale.getpreferredencoding(do_setlocale=False)
    ways: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("stdin", "r", {}),
        ("stdout", "w", {}),
        ("stderr", "w", {"errors": "backslashreplace"}),
    )
    for number, (file, (name, mode, more)) in enumerate(zip(files, ways, strict=True)):
        os.dup2(file, number)
        os.close(file)
        setattr(sys, name, open(number, mode, encoding=encoding, closefd=False, **more))  # noqa: SIM115
    sys.argv = ["o9s", *arguments]


def end() -> None:
    """Run the command line, and end with its code when all is written, without freeing what it was forked with."""
    from tui.cli.main import main

    try:
        main()
    except SystemExit as over:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(over.code or 0))


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    if fork(socket.socket(fileno=int(sys.argv[1]))):
        end()
