"""The tasks of this program: transfers and actions on many objects, under way, waiting, paused and over.

They are no objects of the platform, so they are not registered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.resources.language.action import Action, Open
from tui.resources.language.cells import (
    NO_VALUE,
    age,
    duration,
    error_count,
    id_link,
    instant,
    progress,
    short_count,
    short_size,
    status_like,
)
from tui.resources.language.column import Cell, CellContext, Column, Field, Progress, Section, Tone, share_of
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui.resources.language.objects import Record

LOCAL = Operation("local", "GET", "/")
"""Stands in where no call is made."""
_LEAST_ID = 8  # characters of what is an id and no word of a sentence
_NAMED = 3  # objects that a sentence names
FAILURES = 100
"""The most failures that a row holds."""

# The glyph and tone of a state are those of the platform's that means the same.
_STATE = status_like(
    {
        "waiting": "queued",
        "pausing": "pausing",
        "cancelling": "cancelling",
        "done": "completed",
        "unknown": "unsure",
        "elsewhere": "queued",
    }
)


class TaskRow(Object):
    """A task as it is shown."""

    kind: str | None = None
    """`write` or `transfer`."""
    what: str | None = None
    state: str | None = None
    is_elsewhere: bool = False
    """Whether another program has it, which is open."""
    goes_on: bool = False
    """Whether what is left of it can be done."""
    pauses: bool = False
    """Whether it can be paused now."""
    why_no_pause: str = ""
    done: int = 0
    total: int | None = None
    unit: str | None = None
    """What is counted: `objects` or `bytes`."""
    failed: int = 0
    began_at: float | None = None
    """In unix seconds; likewise its end."""
    ended_at: float | None = None
    result: str | None = None
    error: str | None = None
    object_id: str | None = None
    path: str | None = None
    sha256: str | None = None
    failures: Any = None
    """Of each of the first objects that it was not done to: the id, what became of it, and why."""
    more_failures: int = 0
    """How many there are beyond those."""

    @property
    def is_under_way(self) -> bool:
        """Whether it runs or waits for its turn."""
        return self.state in ("waiting", "running", "pausing", "cancelling")

    @property
    def moved(self) -> Progress | None:
        """How far it is; None where nothing is known of its size."""
        return Progress(self.done, self.failed, self.total) if self.total else None

    @property
    def moving(self) -> Progress | None:
        """How far it is while it runs: what is paused has no rate."""
        return self.moved if self.state == "running" else None


def _tone(task: TaskRow) -> Tone:
    return "bad" if task.failed else "good" if task.state == "done" else "accent" if task.is_under_way else "dim"


def _progress(value: Any, record: Record, context: CellContext) -> Cell:
    """Show a bar and the share that is done; of what is all done, or without a total, how much it is."""
    task: TaskRow = record.object
    if task.moved is None or task.state == "done":
        return Cell(_format_amount(task.done, task), "dim") if task.done else NO_VALUE
    bar: Cell = _BAR(value, record, context)
    words = (
        bar.text.rpartition(" % ")[0]
        + " % "
        + f"{_format_amount(task.done, task)}/{_format_amount(task.moved.total, task)}"
    )
    return Cell(words, bar.tone)


_BAR = progress(lambda task: task.moved, _tone, 10)


def _format_amount(value: float, task: TaskRow) -> str:
    """Return a number of bytes or objects."""
    return short_size(value) if task.unit == "bytes" else short_count(value)


def _speed(_value: Any, record: Record, context: CellContext) -> Cell:
    """Show what is done in a second, and how long the rest takes at that."""
    task: TaskRow = record.object
    if task.moving is None or not context.rate:
        return NO_VALUE
    left = duration((task.moving.total - task.done) / context.rate)
    return Cell(f"{_format_amount(context.rate, task)}/s  {left}")


Failure = tuple[str, str, str]  # of an object that something was not done to: the id, what became of it, and why


def gather_alike(failures: Iterable[Failure]) -> list[tuple[list[str], str, str]]:
    """Return failures that differ by their objects alone as one: the ids, what became of these, and why.

    An id in a reason that several have is an ellipsis.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for id_, state, reason in failures:
        found.setdefault((str(state), hide_id(str(reason), str(id_))), []).append((str(id_), str(reason)))
    return [
        ([id_ for id_, _ in several], state, alike if len(several) > 1 else several[0][1])
        for (state, alike), several in found.items()
    ]


def hide_id(reason: str, id_: str) -> str:
    """Return a sentence with an ellipsis in place of the id of its object; what is as short as a word stays."""
    return reason.replace(id_, "…") if len(id_) >= _LEAST_ID else reason


def describe_alike(ids: Sequence[str], state: str, reason: str) -> str:
    """Return in a sentence what became of objects and why: how many these are, and the first of them."""
    if len(ids) == 1:
        return f"{ids[0]}: {state}. {reason}"
    return f"{len(ids):,} {state}: {reason} ({name_first(ids)})"


def name_first(ids: Sequence[str]) -> str:
    """Return the first of some ids, and how many more there are."""
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return f"{', '.join(ids[:_NAMED])}{more}"


def _failure_lines(task: TaskRow, _context: CellContext) -> list[tuple[str, Cell]]:
    """Return a line for each of the first failures; a reason that many have stands before them, once."""
    lines: list[tuple[str, Cell]] = []
    for ids, state, reason in gather_alike(task.failures or ()):
        if len(ids) == 1:
            lines.append((state, Cell(f"{ids[0]} {reason}", ref=ids[0])))
        else:
            lines.append((state, Cell(f"{len(ids):,}: {reason}")))
            lines += [("", Cell(id_, ref=id_)) for id_ in ids]
    more = task.more_failures
    return [*lines, ("", Cell(f"and {more:,} more: E lists all", "dim"))] if more else lines


def _words(value: Any, record: Record, _context: CellContext) -> Cell:
    """Show the sentence on what came of it, or why it ended."""
    task: TaskRow = record.object
    return Cell(task.error, "bad") if task.error else Cell(str(value)) if value else NO_VALUE


def _unless_elsewhere(refuse: Callable[[TaskRow], str | None]) -> Callable[[TaskRow], str | None]:
    """Return a refusal that leaves tasks of other programs to these."""
    return lambda task: "another o9s that is open has it" if task.is_elsewhere else refuse(task)


TASKS: Resource[TaskRow] = Resource(
    name="tasks",
    singular="task",
    family="Home",
    model=TaskRow,
    aliases=("task", "transfers"),
    columns=(
        Column("STATE", "state", _STATE, 11),
        Column("WHAT", "what", width=26, grow=True),
        Column("PROGRESS", lambda task: share_of(task.moved) or 0.0, _progress, 34, first_sort="down"),
        Column("SPEED  LEFT", "", _speed, 17, align="right", drop_order=4),
        Column("FAILED", "failed", error_count, 6, align="right", first_sort="down"),
        Column("AGE", "began_at", age, 5, align="right", first_sort="down", drop_order=3),
        Column("RESULT", "result", _words, 28, grow=True, drop_order=5),
    ),
    title=lambda task: task.what,
    active=lambda task: task.is_under_way,
    progress=lambda task: task.moving,
    detail=(
        Section(
            "Task",
            (
                Field("what", "what"),
                Field("state", "state", _STATE),
                Field("result", "result", _words),
                Field("object", "object_id", id_link),
                Field("file", "path"),
                Field("sha256", "sha256"),
                Field("began", "began_at", instant),
                Field("ended", "ended_at", instant),
            ),
        ),
        Section("Not done to", lines=_failure_lines),
    ),
    actions=(
        Action(
            "pause",
            "s",
            "pause",
            Open("tasks", LOCAL),
            on="many",
            refuse=_unless_elsewhere(lambda task: None if task.pauses else task.why_no_pause),
        ),
        Action(
            "go_on",
            "s",
            "go on",
            Open("tasks", LOCAL),
            on="many",
            refuse=_unless_elsewhere(lambda task: None if task.goes_on else "nothing of it is left to do"),
        ),
        Action(
            "cancel",
            "ctrl+x",
            "cancel",
            Open("tasks", LOCAL),
            on="many",
            refuse=_unless_elsewhere(
                lambda task: None if task.is_under_way or task.state == "paused" else "it is over"
            ),
        ),
        Action(
            "forget",
            "ctrl+d",
            "forget",
            Open("tasks", LOCAL),
            on="many",
            refuse=_unless_elsewhere(
                lambda task: (
                    "it is not over; ctrl+x cancels it" if task.is_under_way or task.state == "paused" else None
                )
            ),
        ),
        Action(
            "failures",
            "E",
            "what failed",
            Open("tasks", LOCAL),
            refuse=lambda task: None if task.failures else "it was done to every object so far",
        ),
    ),
    notice="transfers and actions on many objects: under way, paused, over",
    screen="tasks",
    empty="Nothing is under way. Downloads, uploads and actions on many objects stand here.",
)
