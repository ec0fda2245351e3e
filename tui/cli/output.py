"""What commands print beside their output, and how they end when it cannot be written or a call fails."""

from __future__ import annotations

import errno
import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SIGNALLED = 128  # less than the exit codes of signals
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
    """The output's reader ended first, as `| head -1` does. Nothing is printed."""

    exit_code = 141  # as the shell calls an end by SIGPIPE

    def show(self, file: IO[Any] | None = None) -> None:
        """Print nothing: this is no fault."""


def _lead_nowhere(stream: IO[str]) -> None:
    """Drop what is still to be written: that would fail once more, at the very end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def _drop_what_is_not_read(stream: IO[str]) -> Iterator[None]:
    try:
        yield
    except OSError:
        _lead_nowhere(stream)


@contextmanager
def report_lost_output() -> Iterator[None]:
    """Flush what the block printed. Raises OutputLost, or ReaderGone where nobody reads it."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.errno not in {errno.EPIPE, errno.EIO, errno.EBADF, *_NO_ROOM}:
            raise
        _lead_nowhere(sys.stdout)
        ending = error.__context__
        if isinstance(ending, SystemExit) and isinstance(ending.code, int) and ending.code > _SIGNALLED:
            raise ending from None  # the terminal is gone, and the signal that says so is what ended it
        raise (ReaderGone if error.errno == errno.EPIPE else OutputLost)(error) from None


PRINTED = "Exit codes: 0 done, 2 wrong usage, 6 the output could not be written."
"""What the help of a command that asks nobody says of its exit codes."""
_JSON = ("json", "jsonl")  # whose texts are escaped
_AS_IT_IS = ("csv", "ids")  # data, which other programs take to mean what it says


def print_lines(lines: Iterable[str], form: str = "") -> None:
    """Print lines of output in a form such as `table`, `ids` or `csv`.

    Each is cleaned, as one line; but files and pipes get data as it is. JSON has no text as it came, and
    no half of a character.
    """
    from tui.text import clean, replace_halves

    if form in _JSON:
        lines = map(replace_halves, lines)
    elif form not in _AS_IT_IS or sys.stdout.isatty():
        lines = (clean(line, sys.maxsize) for line in lines)
    for line in lines:
        click.echo(line, color=True)  # which else drops what looks like a terminal's codes, from files too


def say(*lines: str) -> None:
    """Print sentences on standard error, a line each. A name with a line break in it makes no line of its own.

    That its reader is gone, such as a terminal that hung up, keeps nothing from being done.
    """
    with _drop_what_is_not_read(sys.stderr):
        click.echo(_clean_lines(lines), err=True)


def _clean_lines(lines: Iterable[str]) -> str:
    from tui.text import clean

    return "\n".join(clean(line, sys.maxsize) for line in lines)


class Refusal(click.UsageError):
    """Wrong usage that is told in several lines."""

    def __init__(self, *lines: str) -> None:
        super().__init__(_clean_lines(lines))


@contextmanager
def clean_refusals() -> Iterator[None]:
    """Make harmless what is printed of a ClickException, such as of wrong usage, that the block raises."""
    try:
        yield
    except click.ClickException as error:
        if not isinstance(error, Refusal):
            vars(error).update(message=_clean_lines([error.message]))
        raise


@contextmanager
def end_on_signals() -> Iterator[None]:
    """End with the code of ctrl+c, SIGTERM or SIGHUP where that comes before a command deals with it."""
    from tui.system.signals import find_code, raise_on_signals

    try:
        with raise_on_signals():
            yield
    except KeyboardInterrupt as error:
        say("Stopped.")
        sys.exit(find_code(error))


_PAUSE = 60.0  # seconds between lines of progress, where no line can be overwritten


class StatusLine:
    """Progress and notes on standard error, beside the output.

    In a terminal progress overwrites itself; elsewhere it takes a line a minute.
    """

    def __init__(self) -> None:
        self._printed_at: float | None = None

    def progress(self, sentence: str) -> None:
        """Show how far the command is; "" removes what is shown."""
        if sys.stderr.isatty():
            from tui.text import clean

            with _drop_what_is_not_read(sys.stderr):
                click.echo(f"\r\x1b[K{clean(sentence)}", err=True, nl=False)
        elif sentence:
            now = time.monotonic()
            if self._printed_at is None:
                self._printed_at = now
            if now - self._printed_at >= _PAUSE:
                self._print(sentence)

    def note(self, sentence: str) -> None:
        """Print a sentence that stays."""
        if sys.stderr.isatty():
            with _drop_what_is_not_read(sys.stderr):
                click.echo("\r\x1b[K", err=True, nl=False)
        self._print(sentence)

    def _print(self, sentence: str) -> None:
        self._printed_at = time.monotonic()
        say(sentence)


@contextmanager
def end_on_error(code: int | None = None, *, not_found: int | None = None) -> Iterator[None]:
    """Turn an ApiError into its sentence and an exit code: `code`, or the one of its kind.

    What cannot be asked for at all is wrong usage anyway; `not_found` is the code for an object that is not there.
    """
    from tui.api.errors import ApiError, NotFound, OutcomeUnknown
    from tui.headless.lists.listing import WRONG_USE, exit_code
    from tui.headless.writes.outcomes import UNKNOWN

    try:
        yield
    except ApiError as error:
        say(str(error))
        own = exit_code(error)
        if isinstance(error, NotFound) and not_found:
            code = not_found
        sys.exit(UNKNOWN if isinstance(error, OutcomeUnknown) else own if own == WRONG_USE else code or own)
