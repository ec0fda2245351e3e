"""What can be done to an object or to its list.

An `Action` says when it is offered and how much it asks before; `does` says what it is, as one of five kinds:

- `Call`: send a call without a body, for one object or many.
- `Ask`: open the form made from the body of a call, and send it.
- `Read`: make a call that only reads, and show its answer.
- `Fetch`: get bytes, to save them or to show them.
- `Open`: hand over to a workflow, such as a bench or a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, Literal

from tui.resources.language.column import ODD_DATA
from tui.resources.language.objects import T

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.api.operation import Operation
    from tui.resources.language.objects import Record


class Risk(Enum):
    """How much an action asks before it acts."""

    NONE = 0  # nothing
    CHANGE = 1  # y: it changes or costs something small, or that can be undone
    STOP = 2  # y, with Cancel as the default: it stops or deletes one thing for good
    GRAVE = 3  # the name or the count, typed: it touches many things, or a name others depend on


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """Send a call without a body."""

    operation: Operation
    ids: str = ""
    """The field of the body that takes the ids of all objects at once: one call, all or nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Ask(Generic[T]):
    """Open the form made from the body of `operation`, and send what it gives."""

    operation: Operation
    fill: Callable[[T], Mapping[str, Any]] = lambda _: {}
    """The values the form starts with, from the object, by the questions' names."""
    edit: bool = False
    """Whether the form starts with what the object has, and only what was changed is sent."""
    secret: str = ""
    """The path of what the answer tells this once: it is shown by itself and kept nowhere."""
    show: bool = False
    """Whether the answer is shown as JSON, as it is what was asked for."""
    uses: tuple[Operation, ...] = ()
    """Calls that send a large file in parts instead."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Make a call that only reads, and show its answer as JSON."""

    operation: Operation


@dataclass(frozen=True, slots=True, eq=False)
class Fetch:
    """Get bytes."""

    operation: Operation
    to: Literal["screen", "disk"]
    field: str = "id"
    """The path of the id it is called with."""


@dataclass(frozen=True, slots=True, eq=False)
class Open(Generic[T]):
    """Hand over to a workflow, such as a bench or a comparison."""

    workflow: str
    """Its name among the routes."""
    operation: Operation
    fill: Callable[[T], Mapping[str, Any]] = lambda _: {}
    """The values it starts with, from the object."""
    uses: tuple[Operation, ...] = ()
    """Further calls it may make."""


def refuse_nothing(_subject: object) -> None:
    """Return no reason: it can be done to any object."""


@dataclass(frozen=True, slots=True)
class Always:
    """Says the same of every object, without looking at it."""

    sentence: str

    def __call__(self, _subject: object) -> str:
        """Return the sentence."""
        return self.sentence


@dataclass(frozen=True, slots=True, eq=False)
class Together(Generic[T]):
    """Says one sentence of however many objects, with their sums."""

    of: Callable[[Sequence[T]], str]

    def __call__(self, subject: T) -> str:
        """Return the sentence for one object."""
        return self.of([subject])


@dataclass(frozen=True, slots=True, eq=False)
class Action(Generic[T]):
    """Something that can be done to an object, to many, or to the list."""

    name: str
    key: str
    label: str
    does: Call | Ask[T] | Read | Fetch | Open[T]
    risk: Risk = Risk.NONE
    on: Literal["one", "many", "list"] = "one"
    """What it is done to: the object under the cursor, all marked objects, or the list."""
    refuse: Callable[[T], str | None] = refuse_nothing
    """Gives the reason why it cannot be done to an object now, or None."""
    warn: Callable[[T], str] = Always("")
    """Gives a sentence on what follows, shown before it is done."""

    @property
    def operation(self) -> Operation:
        """The call it makes."""
        return self.does.operation

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Every call it may make."""
        return (self.operation, *self.does.uses) if isinstance(self.does, Ask | Open) else (self.operation,)

    @property
    def edits(self) -> bool:
        """Whether its form starts with what the object has, and sends only what was changed."""
        return isinstance(self.does, Ask) and self.does.edit

    def start(self, subject: T) -> dict[str, Any]:
        """Return the values its form or screen starts with, from the object; none where that holds odd data."""
        if not isinstance(self.does, Ask | Open):
            return {}
        try:
            return dict(self.does.fill(subject))
        except ODD_DATA:
            return {}

    def find_refusal(self, record: Record[T]) -> str | None:
        """Return the reason why it cannot be done to an object now, or None; odd data refuses nothing."""
        if self.refuse is refuse_nothing:
            return None  # of a hundred thousand, none is read for that
        try:
            return self.refuse(record.object)
        except ODD_DATA:
            return None

    @property
    def verb(self) -> str:
        """What it does, as it stands in a sentence: `cancel`, `make a new batch`."""
        made = f"make a {self.label}" if self.label.startswith("new ") else self.label
        return {"results": "show results"}.get(made, made)

    @property
    def past(self) -> str:
        """What was done, in one word: `Deleted`."""
        word = self.label.split()[0]
        ending = "d" if word.endswith("e") else "ed"
        return {"cancel": "Cancelling", "withdraw": "Withdrew"}.get(word, f"{word.capitalize()}{ending}")

    @property
    def removes(self) -> bool:
        """Whether the object is gone afterwards."""
        return self.operation.method == "DELETE"
