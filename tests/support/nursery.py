"""Sandboxes for tests, started for what their world costs and no more.

Each is a process that serves over loopback, as `Sandbox.start` starts it; but it is forked from one that has
imported the server, and begins with a copy of the world that the first of its kind, in whatever worker, was filled
with.
tests/sandbox/serving/test_process.py starts sandboxes as the program does.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.sandbox.serving.child import Sandbox, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

LOADED = ["__main__", "tui.sandbox.serving.server", "tests.support.ready"]  # by the process they are forked from
PROGRAM = (
    "tests.support.ready_program"  # loaded as well where many tests run: programs in terminals are forked, too
)
SLOW = 0.001  # the speed of a sandbox where nothing goes on while a test looks, whatever its world
PATIENCE = 60.0  # seconds until a sandbox must have said where it serves
_WORLDS = "WORLDS_OF_THIS_RUN"  # the variable that tells workers where their worlds are


class Forked(Sandbox):
    """A sandbox in a process of `multiprocessing`."""

    def __init__(self, **options: Any) -> None:
        """Start it, and wait until it accepts requests. Raises `SandboxError`."""
        methods = multiprocessing.get_context("forkserver")
        methods.set_forkserver_preload(LOADED)
        said, saying = methods.Pipe(duplex=False)
        followed, self._leash = methods.Pipe(duplex=False)
        self._child = methods.Process(target=_serve, args=(saying, followed, options))
        self._child.start()
        saying.close()
        followed.close()
        with said, open(said.fileno(), closefd=False) as lines:
            url = lines.readline().strip() if said.poll(PATIENCE) else ""
        self.url, self.pid = url, self._child.pid or 0
        if not url:
            self.stop()
            raise SandboxError("the sandbox did not start")

    def stop(self) -> None:
        """End it, if it still runs."""
        self._leash.close()
        self._child.terminate()
        self._child.join()


def has_forks() -> bool:
    """Return whether this system can fork a process from another than this one."""
    return "forkserver" in multiprocessing.get_all_start_methods()


def share_first() -> None:
    """Start the process that sandboxes are forked from, for this process and for those that are forked from it."""
    if has_forks():
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload([PROGRAM, *LOADED])
        forkserver.ensure_running()
        # Looking whether it runs is for its parent alone.
        forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]


@contextlib.contextmanager
def sandbox(**options: Any) -> Iterator[Sandbox]:
    """A sandbox for the time of a block; options as of `Sandbox.start`."""
    if not has_forks():
        with Sandbox.start(**options) as started:
            yield started
        return
    with contextlib.ExitStack() as stack:
        # What is in such a world depends on nothing but the options, or is as good when it is some minutes old.
        # All that is in a calm one is over, however fast it went; in a slow one nothing comes about meanwhile.
        is_calm = options.get("scenario") == "calm"
        if "data" not in options and ("now" in options or is_calm or options.get("speed", 1.0) <= SLOW):
            matters = options.keys() - ({"faults", "speed"} if is_calm else {"faults"})
            begun = {name: options[name] for name in matters}
            options["data"] = stack.enter_context(world(**begun))
        yield stack.enter_context(Forked(**options))


@contextlib.contextmanager
def world(**options: Any) -> Iterator[Path]:
    """A directory, for the time of a block, with the world that a sandbox begins with."""
    with tempfile.TemporaryDirectory(prefix="o9s-sandbox-") as folder:
        shutil.copytree(_seeded(**options), folder, dirs_exist_ok=True)
        yield Path(folder)


@functools.cache
def share_worlds() -> Path:
    """Return the folder of the worlds that all workers of a run share; the process that began it removes it."""
    if _WORLDS not in os.environ:
        os.environ[_WORLDS] = tempfile.mkdtemp(prefix="o9s-worlds-")
        atexit.register(shutil.rmtree, os.environ[_WORLDS], ignore_errors=True)
    return Path(os.environ[_WORLDS])


@functools.cache
def _seeded(**options: Any) -> Path:
    """Return a directory with the world of a sandbox as it is at the start. Who comes first makes it."""
    import fcntl

    name = hashlib.sha256(repr(sorted(options.items())).encode()).hexdigest()[:16]
    folder = share_worlds() / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = Path(tempfile.mkdtemp(dir=share_worlds()))
            with Forked(**options, data=making):
                pass
            making.rename(folder)
    return folder


def _serve(saying: Connection, followed: Connection, options: dict[str, Any]) -> None:
    """Serve as `python -m tui.sandbox` does, with these ends of pipes for its standard streams."""
    from tui.sandbox.serving.server import serve

    os.setsid()
    os.dup2(followed.fileno(), 0)
    os.dup2(saying.fileno(), 1)
    saying.close()
    followed.close()
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        del os.environ[name]
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    serve(**options, follow_stdin=True)
