"""A module run as a program in a terminal, forked from a process that has the libraries: it starts at once.

What a start imports is held elsewhere, in tests/test_imports.py.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ForkedProgram:
    """A process of `multiprocessing`, with the face of `subprocess.Popen`."""

    def __init__(self, module: str, arguments: Sequence[str], terminal: int, env: Mapping[str, str], folder: str):
        """Start it, with an open file, the terminal, for its standard streams."""
        passed = Connection(os.dup(terminal))
        methods = multiprocessing.get_context("forkserver")
        self._process = methods.Process(target=_become, args=(module, list(arguments), passed, dict(env), folder))
        self._process.start()
        passed.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative where a signal ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code when it has ended. Raises TimeoutExpired after so many seconds."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("the program", timeout or 0.0)
        return self._process.exitcode

    def kill(self) -> None:
        """End it."""
        self._process.kill()


def _become(module: str, arguments: list[str], terminal: Connection, env: dict[str, str], folder: str) -> None:
    """Have the environment, the folder, the terminal and the arguments of another process, and run the module."""
    os.setsid()
    for number in range(3):
        os.dup2(terminal.fileno(), number)
    terminal.close()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc]  # noqa: SIM115
        2, "w", encoding="utf-8", errors="backslashreplace", closefd=False
    )
    sys.argv = ["o9s", *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
