"""Serve a sandbox on 127.0.0.1 until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui.sandbox.families import FAMILIES, KINDS
from tui.sandbox.recordings import Recording, RecordingFault, ReplayClock, is_recording
from tui.sandbox.scenarios import SCENARIOS
from tui.sandbox.serving.asgi import Platform
from tui.sandbox.serving.faults import BadFault, Faults
from tui.sandbox.serving.replay import Replay
from tui.sandbox.takeout import is_takeout, make_family, read_time
from tui.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def serve(
    *,
    port: int = 0,
    scenario: str = "busy",
    speed: float = 1.0,
    seed: int = 1,
    faults: str = "",
    data: Path | None = None,
    now: float | None = None,
    follow_stdin: bool = False,
) -> None:
    """Serve until SIGTERM, SIGINT or, with `follow_stdin`, the end of stdin.

    The first line on stdout is the base URL, once requests are accepted. `port` 0 picks a free one. `speed` is how
    many times faster than usual jobs go, `now` freezes the clock at a unix time. State is kept in the directory
    `data`, which a later call continues, or is gone at exit; a take-out in `data` is served instead of a scenario,
    and is never changed. Raises SystemExit(1) with a sentence on stderr when
    the port is taken or an option makes no sense.

    So is a recording in `data`, with the time it was made at, `speed` times as fast.
    """
    if scenario not in SCENARIOS:
        sys.exit(f"there is no scenario '{scenario}': use one of {', '.join(SCENARIOS)}")
    if not speed > 0:
        sys.exit("the speed must be more than 0")
    with contextlib.ExitStack() as stack:
        try:
            trouble = Faults(faults, seed)
            listener = stack.enter_context(_listen(port))
            if data and is_recording(data):
                asyncio.run(_Server(_open_replay(data, speed)).run(listener, follow_stdin=follow_stdin))
                return
            taken = data if data and is_takeout(data) else None
            kept = data if taken is None else None
            directory = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="o9s-sandbox-")))
            directory.mkdir(parents=True, exist_ok=True)
        except (BadFault, OSError, OverflowError, RecordingFault) as error:
            sys.exit(str(error))
        try:
            world = World(directory, kinds=KINDS, seed=seed, speed=speed, now=now)
            stack.callback(world.close)
            families = FAMILIES if taken is None else (make_family(taken, FAMILIES),)
            if taken is None:
                _seed(world, scenario)
        except sqlite3.Error as error:
            sys.exit(f"cannot keep state in {directory}: {error}")
        platform = Platform(world, trouble, families, read_time(taken) if taken else None)
        asyncio.run(_Server(platform).run(listener, follow_stdin=follow_stdin))


def _open_replay(folder: Path, speed: float) -> Replay:
    """Return the application that replays a recording; what of it cannot be used is told on stderr."""
    recording = Recording(folder)
    for note in recording.notes:
        sys.stderr.write(f"{note}\n")
    sys.stderr.flush()
    return Replay(recording, ReplayClock(recording.began, recording.ended, speed))


def _seed(world: World, scenario: str) -> None:
    """Fill an empty world: all of it or, if killed on the way, none."""
    with world.transaction():
        if not world.meta("scenario", ""):
            world.note("scenario", scenario)
            for family in FAMILIES:
                family.seed(world, scenario)
            world.settle(math.inf)


def _listen(port: int) -> socket.socket:
    # Naming the protocol makes asyncio switch off Nagle's algorithm: 40 ms less for each answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would allow two servers on one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise OSError(f"cannot serve on port {port}: {getattr(error, 'strerror', None) or error}") from None
    return listener


class _Protocol(H11Protocol):
    """Hands the application the means to hang up, which ASGI has no message for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app_state = {**self.app_state, "hang_up": self._hang_up}

    def _hang_up(self, soft: bool) -> None:
        if soft:
            self.transport.close()
        else:
            self.transport.abort()


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is up and ends with exit code 0."""

    def __init__(self, platform: Platform | Replay) -> None:
        self._replay = platform if isinstance(platform, Replay) else None
        super().__init__(
            uvicorn.Config(
                platform,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_level="critical",
                access_log=False,
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=1,
                timeout_keep_alive=60,
            )
        )

    async def run(self, listener: socket.socket, *, follow_stdin: bool) -> None:  # type: ignore[override]
        """Serve on `listener` until told to stop."""
        loop = asyncio.get_running_loop()
        self._told_to_stop = asyncio.Event()

        def stop() -> None:
            self.should_exit = True
            self._told_to_stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, stop)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        if follow_stdin:
            obey = self._replay.obey if self._replay else None
            threading.Thread(target=_follow_stdin, args=(loop, stop, obey), daemon=True).start()
        await self.serve([listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept requests, and say so."""
        await super().startup(sockets)
        assert sockets
        print(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/v1", flush=True)  # noqa: T201

    async def main_loop(self) -> None:
        """Wait until told to stop. Uvicorn looks for that ten times a second."""
        await self.on_tick(0)
        await self._told_to_stop.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: uvicorn would raise them again at the end, and the exit code would not be 0."""
        yield


def _follow_stdin(
    loop: asyncio.AbstractEventLoop, stop: Callable[[], None], obey: Callable[[str], None] | None
) -> None:
    """Have each line of stdin obeyed, and stop at its end."""
    said = b""
    with contextlib.suppress(OSError, RuntimeError):
        # Not sys.stdin: a thread that holds its lock at exit aborts the interpreter.
        while chunk := os.read(0, 4096):
            *lines, said = (said + chunk).split(b"\n")
            for line in lines:
                if obey:
                    loop.call_soon_threadsafe(obey, line.decode(errors="replace"))
    with contextlib.suppress(RuntimeError):  # the loop is closed already
        loop.call_soon_threadsafe(stop)
