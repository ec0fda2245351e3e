"""Programs of the user run from here: without keys, what they print bounded, ended with this program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 1_000_000  # bytes kept of what a program prints
_CHUNK = 65_536


class CannotRun(OSError):
    """A program that could not be started; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that is over."""

    code: int
    """What it ended with; below 0 the signal that ended it."""
    output: str
    """What it printed, errors among it, up to a limit."""
    is_cut: bool
    """Whether it printed more."""

    def describe(self, name: str) -> str:
        """Return the sentence on how it ended."""
        if self.code < 0:
            with contextlib.suppress(ValueError):
                return f"{name} was ended by {signal.Signals(-self.code).name}."
        return f"{name} ended with {self.code}." if self.code else f"{name} is done."


async def run_program(arguments: Sequence[str], given: bytes, environment: Mapping[str, str]) -> Ended:
    """Run a program with `given` as its input. Cancelled, it ends the program, with all that this has started.

    Raises CannotRun.
    """
    try:
        process = await _start(arguments, environment)
    except (OSError, ValueError) as error:
        raise refuse(arguments[0], error) from None
    try:
        output, is_cut = (await asyncio.gather(_read(process.stdout), _feed(process.stdin, given)))[0]
        code = await process.wait()
    finally:
        if process.returncode is None:
            _end(process)
    return Ended(code, output.decode(errors="replace"), is_cut)


async def _start(arguments: Sequence[str], environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start a program. Cancelled meanwhile, it ends all of it; asyncio would end its first process alone."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *arguments,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError, ValueError):
            _end(await starting)
        raise


def refuse(name: str, error: Exception) -> CannotRun:
    """Return the error on a program that could not be started."""
    if isinstance(error, FileNotFoundError):
        return CannotRun(f"There is no program {name} here: install it, or write where it is.")
    if isinstance(error, PermissionError):
        return CannotRun(f"{name} is no program that may be run: chmod +x lets it.")
    reason = (error.strerror if isinstance(error, OSError) else "") or error
    return CannotRun(f"{name} cannot be run: {reason}.")


async def _read(stream: asyncio.StreamReader | None) -> tuple[bytes, bool]:
    """Read to the end, so that the program can go on, and return what is kept, and whether there was more."""
    kept, total = bytearray(), 0
    while stream and (chunk := await stream.read(_CHUNK)):
        kept += chunk[: MOST - len(kept)]
        total += len(chunk)
    return bytes(kept), total > len(kept)


async def _feed(stream: asyncio.StreamWriter | None, given: bytes) -> None:
    """Write what a program reads; it need not read all."""
    if stream is None:
        return
    with contextlib.suppress(ConnectionError):
        stream.write(given)
        await stream.drain()
    stream.close()


def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)  # it is the first of its session
        else:
            process.kill()
