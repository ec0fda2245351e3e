"""Files of this machine that the values of a request name: found, read, and checked before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.language.asking.inputs import Source
from tui.resources.language.cells import pluralize
from tui.system.paths import read_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from tui.resources.language.asking.inputs import Check, Report, TextFile

_SHOWN_FAULTS = 6
_LONGEST_TEXT = 1_000_000  # characters of a file that is sent as a text


def read_local_path(text: str) -> Path | None:
    """Return the path that was typed, or None when it reads like the id of a file. Raises BadPath."""
    if not text or (text.startswith(("file-", "file_")) and "/" not in text and "." not in text):
        return None
    return read_path(text)


def text_of(typed: str, wanted: TextFile) -> str:
    """Return the text that was typed, or the one in the file whose path was. Raises ValueError with a sentence."""
    typed = typed.strip()
    if "\n" not in typed and not typed.startswith("-----"):
        path = read_path(typed)
        try:
            with path.open(encoding="utf-8") as file:
                typed = file.read(_LONGEST_TEXT)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ValueError(f"{path} cannot be read: {reason or error}.") from None
    if fault := wanted.fault(typed):
        raise ValueError(fault)
    return typed


def run_check(path: Path, check: Check, answers: Mapping[str, Any]) -> Report:
    """Return what a check finds in a file. Raises OSError."""
    with path.open("rb") as lines:
        return check(Source(path.name, path.stat().st_size, lines), answers)


def find_conflicts(path: Path, found: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with answers that contradict what was found in their file, by their names."""
    return {
        name: f"{path.name} is for {value}: choose that, or another file."
        for name, value in found.items()
        if answers.get(name) not in (None, "", value)
    }


def describe_faults(report: Report) -> str:
    """Return a sentence on what a check found wrong: the first faults with their lines, and how many more."""
    shown = [
        f"line {fault.line} {fault.message}" if fault.line else fault.message
        for fault in report.faults[:_SHOWN_FAULTS]
    ]
    more = report.fault_count - len(shown)
    return "; ".join(shown) + (f"; and {pluralize(more, 'more fault')}." if more > 0 else ".")
