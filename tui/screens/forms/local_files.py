"""Files of this machine that a form's answers name: finding, checking and reading them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import short_size
from tui.resources.language.inputs import Check, FileRef, LocalFile, Report, Source, TextFile
from tui.system.paths import read_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.widgets.input.form_field import FormField

_SHOWN_FAULTS = 6
_LONGEST_TEXT = 1_000_000  # characters of a file that is sent as a text


def local_path(text: str) -> Path | None:
    """The path that was typed, or None when it reads like the id of a file. Raises BadPath."""
    if not text or (text.startswith(("file-", "file_")) and "/" not in text and "." not in text):
        return None
    return read_path(text)


def text_of(typed: str, wanted: TextFile) -> str:
    """The text that was typed, or that the file holds whose path was. Raises ValueError with a sentence."""
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


async def examine(field: FormField, path: Path, answers: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Check the file that a field names and say there what was found.

    Gives what the file suggests for other answers, by name, or None when it cannot be sent.
    """
    reference = field.question.mark(FileRef) or field.question.mark(LocalFile)
    try:
        size = path.stat().st_size
        if reference is None or reference.check is None:
            with path.open("rb"):
                field.note([(short_size(size), "good")])
            return {}
        report = await asyncio.to_thread(_checked, path, reference.check, answers)
    except OSError as error:
        field.fault(f"{path.name} cannot be read: {error.strerror or error}.")
        return None
    if report.fault_count:
        field.note([])
        field.fault(_faults(report))
        return None
    facts = (f"{name} {value}" for name, value in report.facts.items())
    field.note([(" · ".join((f"✓ {short_size(size)}", *facts)), "good")])
    return report.suggested


def _checked(path: Path, check: Check, answers: Mapping[str, Any]) -> Report:
    with path.open("rb") as lines:
        return check(Source(path.name, path.stat().st_size, lines), answers)


def _faults(report: Report) -> str:
    shown = [
        f"line {fault.line} {fault.message}" if fault.line else fault.message
        for fault in report.faults[:_SHOWN_FAULTS]
    ]
    more = report.fault_count - len(shown)
    return "; ".join(shown) + (f"; and {more:,} more faults." if more > 0 else ".")
