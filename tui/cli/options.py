"""What commands share: the options of a connection, the connection itself, and how they fail. Nothing heavy."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from tui.resources.batch.tolerance import Tolerance
from tui.sandbox.scenarios import SCENARIOS
from tui.system.terminal import drawing_refusal

if TYPE_CHECKING:
    from tui.api.credentials.resolve import Connection

F = TypeVar("F", bound=Callable[..., Any])

_CONNECTION: tuple[Callable[[F], F], ...] = (
    click.option(
        "--sandbox",
        type=click.Choice(list(SCENARIOS)),
        help="Start the sandbox and connect to it. "
        + " ".join(f"{name}: {what}." for name, what in SCENARIOS.items()),
        metavar="[SCENARIO]",
    ),
    click.option("--profile", metavar="NAME", help="The profile of the config file to connect as."),
    click.option("--base-url", metavar="URL", help="The server to talk to instead of the profile's."),
    click.option(
        "--read-only", is_flag=True, default=None, help="Refuse everything that would change the platform."
    ),
    click.option("--speed", type=float, help="How much faster than real the sandbox's jobs run."),
    click.option("--seed", type=int, help="Which of its worlds the sandbox starts with."),
    click.option("--faults", metavar="SPEC", help="Faults for the sandbox to make; see `o9s sandbox --help`."),
)
NAMES = ("sandbox", "profile", "base_url", "read_only", "speed", "seed", "faults")


def connecting(command: F) -> F:
    """Give a command the connection options, which may stand before or after its name."""
    for option in reversed(_CONNECTION):
        command = option(command)
    return command


def merged(ctx: click.Context, given: dict[str, Any]) -> dict[str, Any]:
    """The connection options of a command, those before its name filling the gaps."""
    levels, at = [given], ctx.parent
    while at:
        levels.append(at.params)
        at = at.parent
    found = {name: [level[name] for level in levels if level.get(name) is not None] for name in NAMES}
    return {name: values[0] for name, values in found.items() if values}


@contextmanager
def connected(given: dict[str, Any]) -> Iterator[Connection]:
    """A connection for the time of a command; the sandbox it may need ends with it."""
    from tui.api.credentials.resolve import resolve
    from tui.config import load
    from tui.headless.listing import to_sandbox

    if scenario := given.get("sandbox"):
        from tui.sandbox.serving.child import Sandbox, SandboxError

        settings = {name: given[name] for name in ("speed", "seed", "faults") if name in given}
        try:
            child = Sandbox.start(scenario=scenario, **settings)
        except SandboxError as error:
            raise click.ClickException(str(error)) from None
        with child:
            yield to_sandbox(child.url, read_only=bool(given.get("read_only")))
        return
    config = load()
    for notice in config.notices:
        click.echo(notice, err=True)
    Tolerance.failed_share = config.failed_share
    connection = resolve(
        profile=given.get("profile"),
        base_url=given.get("base_url"),
        read_only=bool(given.get("read_only")),
        env=os.environ,
        config=config,
    )
    for note in connection.notes:
        click.echo(note, err=True)
    yield connection


def in_terminal() -> bool:
    """Whether the screen can be drawn here for somebody who reads it."""
    return not drawing_refusal(os.environ)


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class OutputLost(click.ClickException):
    """The output could not be written, such as when the disk is full."""

    exit_code = 6

    def __init__(self, error: OSError) -> None:
        reason = "the disk is full" if error.errno in _NO_ROOM else error.strerror or str(error)
        super().__init__(f"The output could not be written: {reason}.")

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence, where standard error takes it."""
        with suppress(OSError):
            super().show(file)


class ReaderGone(OutputLost):
    """Whatever read the output ended first, as `| head -1` does. Nothing is said."""

    exit_code = 141  # as the shell calls an end by SIGPIPE

    def show(self, file: IO[Any] | None = None) -> None:
        """Say nothing: this is no fault."""


@contextmanager
def output() -> Iterator[None]:
    """Write out what the block prints, to the end. Raises OutputLost where that fails."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.errno not in {errno.EPIPE, errno.EIO, errno.EBADF, *_NO_ROOM}:
            raise
        # What is still to be written would fail once more, at the very end.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise (ReaderGone if error.errno == errno.EPIPE else OutputLost)(error) from None


_EVERY = 60.0  # seconds between lines on how far it is, where no line can be overwritten
_told_at: float | None = None


def aside(sentence: str, lasting: bool) -> None:
    """Tell beside the output how far it is, which passes, or what is missing, which stays.

    Without a terminal a line a minute tells how far it is.
    """
    global _told_at
    now = time.monotonic()
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{'' if lasting else sentence}", err=True, nl=False)
    elif sentence and not lasting:
        _told_at = now if _told_at is None else _told_at
        lasting = now - _told_at >= _EVERY
    if lasting:
        _told_at = now
        click.echo(sentence, err=True)


@contextmanager
def failing(code: int | None = None) -> Iterator[None]:
    """End with a sentence and the exit code that a failure has, or `code`."""
    from tui.api.errors import ApiError
    from tui.headless.listing import exit_code

    try:
        yield
    except ApiError as error:
        click.echo(str(error), err=True)
        sys.exit(code or exit_code(error))
