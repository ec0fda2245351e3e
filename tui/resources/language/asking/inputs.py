"""What a form should know of a request's field beyond its type, as `Annotated` marks on the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field as Input

from tui.resources.language.objects import Metadata, Request

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

MAX_FAULTS = 1_000  # kept; more are only counted


class Fault(NamedTuple):
    """Something wrong with a line of a file, counted from 1 (0: the file as a whole)."""

    line: int
    message: str
    rule: str = ""
    """What it breaks, in a word: `file`, `json`, `custom_id`, `method`, `url`, `body`, `example` or `item`."""


@dataclass(slots=True)
class Report:
    """What a pre-flight check found: lines read, faults with their lines, facts to show, values it suggests."""

    lines: int = 0
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    suggested: dict[str, Any] = field(default_factory=dict)

    def fault(self, line: int, message: str, rule: str = "") -> None:
        """Note a fault; beyond `MAX_FAULTS` only their number grows. Without a rule it is the file's."""
        self.fault_count += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(line, message, rule or "file"))


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A local file to be checked: its name, its bytes in number, and its lines as they are."""

    name: str
    size: int
    lines: Iterable[bytes]


Check = Callable[[Source, Mapping[str, Any]], Report]


@dataclass(frozen=True, slots=True, eq=False)
class FileRef:
    """The id of an uploaded file, or the path of a local one that is checked and uploaded first.

    `check` reads the file and the form's other values. `has_tokens` says that a model reads it line by line,
    `is_built` that it can be built from rows.
    """

    purpose: str
    check: Check | None = None
    has_tokens: bool = False
    is_built: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LocalFile:
    """The path of a local file, sent with the request. `check` reads it and the form's other values."""

    check: Check | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ObjectId:
    """The id of an object of this resource; the form lists them to choose from."""

    resource: str


@dataclass(frozen=True, slots=True, eq=False)
class Among:
    """One value, or several, that objects of this resource have at a path; the form lists them to choose from."""

    resource: str
    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A field that cannot be emptied: the platform takes another value, but not none."""


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """A field that gives somebody power, or lets money be spent or data be kept: asked about again."""


@dataclass(frozen=True, slots=True, eq=False)
class More:
    """A field that is seldom needed: asked behind *more*. On a part of a request it holds for all of the part."""


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """Work that is paid for each time it is done, such as the requests of a file.

    `before` gives a sentence on an object that was made with this value and did the work, or "".
    """

    before: Callable[[Record], str]


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """What an object has for itself, such as its name: a new one that starts from another does not copy it."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A list of messages; what is typed in plain words is one of the user."""


@dataclass(frozen=True, slots=True, eq=False)
class LongText:
    """Text of several lines; `$EDITOR` can write it."""


@dataclass(frozen=True, slots=True, eq=False)
class TextFile:
    """Text of several lines, or in one line the path of a local file that holds it.

    `fault` gives the reason why a text cannot be sent, or None.
    """

    fault: Callable[[str], str | None] = lambda _: None


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """Asked only while the field at `path` has the value `equals`."""

    path: str
    equals: str


# The fields that many requests have.
Pairs = Annotated[
    Metadata | None, More(), Input(max_length=16, description="Up to 16 pairs, such as run=nightly.")
]
Name = Annotated[str | None, Own(), Input(max_length=256, description="Name.")]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Temperature = Annotated[float | None, Input(ge=0, le=2, description="0 = same answer each time, 2 = very random.")]
TopP = Annotated[
    float | None, More(), Input(ge=0, le=1, description="Share of the likeliest tokens to choose from.")
]
Longest = Annotated[int | None, More(), Input(title="longest answer", description="In tokens.")]


class EditMetadata(Request):
    """The request that replaces an object's metadata, where nothing else can be changed."""

    metadata: Pairs = None
