"""The report and the sentence about a fault of the program's own.

Every command imports this, so what it needs only at an end is imported there.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from tui import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

MAX_REPORT = 64 * 1024  # bytes


def build_report(error: BaseException, trail: Sequence[str]) -> str:
    """Return a report that can be sent: versions, the last actions, the stack; no local values, no keys."""
    import platform
    import traceback

    from tui.api.redaction import redact
    from tui.text import clean

    frames = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    head = (
        f"o9s {__version__} · Python {platform.python_version()} · {platform.platform()}\n"
        f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')}\n\nlast actions: {', '.join(trail) or 'none'}\n\n"
    )
    lines = (clean(line, 2_000) for line in (head + frames).splitlines())
    return redact("\n".join(lines))[-MAX_REPORT:] + "\n"


def keep_report(error: BaseException, trail: Sequence[str] = ()) -> Path | None:
    """Write a crash report to the state directory. Returns where, or None when even that failed."""
    from tui.system.private_files import directories, private_directory, write_private

    try:
        folder = private_directory(directories().state)
        path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        write_private(path, build_report(error, trail).encode())
    except OSError:
        return None
    return path


def format_last_words(error: BaseException, report: Path | None) -> str:
    """Return the one line the user sees of a crash."""
    return f"o9s stopped because of a fault of its own: {_describe(error, report)}"


def describe_failure(error: BaseException, report: Path | None) -> str:
    """Return the sentence for the user when a part failed and the program goes on."""
    return f"This did not work because of a fault in o9s: {_describe(error, report)}"


def _describe(error: BaseException, report: Path | None) -> str:
    from tui.api.redaction import redact
    from tui.text import clean

    said = clean(redact(str(error)), 200)
    where = f" The report is in {report}." if report else ""
    return f"{type(error).__name__}{f': {said}' if said else ''}.{where}"


def guard_excepthook() -> None:
    """Have a crash outside the screen print one line, too, never a value."""

    def hook(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        sys.stderr.write(format_last_words(error, keep_report(error)) + "\n")

    sys.excepthook = hook
