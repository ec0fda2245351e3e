"""What vector stores and their file batches have in common: files that are read one after another.

https://platform.openai.com/docs/api-reference/vector-stores/object
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import NO_VALUE, age, duration, error_count, progress, tally_of
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Progress,
    Tone,
    share_of,
)
from tui.resources.language.objects import Id, Object
from tui.resources.language.work import Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record

STALLED = 600.0  # seconds after which a file that is still being read may never be


class FileCounts(Object):
    """How far the files of a store or a batch are."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class FileHolder(Work):
    """Base of what holds files that are read one after another."""

    file_counts: FileCounts | None = None

    @property
    def done(self) -> Progress | None:
        """Files read, well or badly, of all."""
        counts = self.file_counts
        if counts is None:
            return None
        return Progress(counts.completed + counts.failed, counts.failed, counts.total)

    @property
    def running(self) -> bool:
        """Whether files are being read. The counts know it where the status lags behind."""
        return self.status == "in_progress" or bool(self.file_counts and self.file_counts.in_progress)


class FileBatch(FileHolder):
    """Files that were put into a vector store together."""

    vector_store_id: Id = None


def _tone(counted: FileHolder) -> Tone:
    if counted.file_counts and counted.file_counts.failed:
        return "warn"
    if counted.running:
        return "accent"
    return (
        "good"
        if counted.status == "completed"
        else "dim"
        if counted.status in ("expired", "cancelled")
        else "warn"
    )


def count_unread(counted: FileHolder, _context: CellContext) -> str | None:
    """Return how many files could not be read, as a reason to look; None for none."""
    if counted.file_counts and counted.file_counts.failed:
        return f"{counted.file_counts.failed:,} of {counted.file_counts.total:,} files could not be read"
    return None


def describe_stall(counted: FileHolder, context: CellContext) -> str | None:
    """Return a sentence if no file was read for a long time while it was watched, else None."""
    if counted.running and context.seconds_idle is not None and context.seconds_idle >= STALLED:
        return f"no file was read for {duration(context.seconds_idle)}; a file may be stuck"
    return None


def tally_lines(counted: FileHolder, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    """Return lines on how many files are in which state."""
    counts = counted.file_counts or FileCounts()
    parts = (("read", counts.completed), ("in progress", counts.in_progress), ("cancelled", counts.cancelled))
    failed: Tone = "bad" if counts.failed else ""
    return [
        *((label, Cell(f"{number:,}")) for label, number in parts if number),
        ("failed", Cell(f"{counts.failed:,}", failed)),
        ("all", Cell(f"{counts.total:,}")),
    ]


_BAR = progress(lambda counted: counted.done, _tone, 5)


def _bar(value: Any, record: Record, context: CellContext) -> Cell:
    """Show a bar of the files read while they are; how many were when that is over; an empty store shows none."""
    done = record.object.done
    if not done or not done.total:
        return NO_VALUE
    if record.object.running:
        shown: Cell = _BAR(value, record, context)
        return shown
    return Cell(tally_of(done), _tone(record.object))


FILES = Column(
    "FILES", lambda counted: share_of(counted.done) or 0.0, _bar, 23, drop_order=4, least=11, first_sort="down"
)
FAILED = Column("FAIL", "file_counts.failed", error_count, 5, align="right", drop_order=2, first_sort="down")
AGE = Column("AGE", "created_at", age, 5, align="right", drop_order=5, first_sort="down")
