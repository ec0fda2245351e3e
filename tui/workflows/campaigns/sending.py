"""A part of a campaign in one generation, and what the user asked of the campaign. No I/O.

A *part* is up to 50,000 requests of one file. It is sent as a batch, its *generation* 0; the requests worth it are
sent again as generation 1, and so on. One of these is a `Sending`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from tui.resources.batch.answers import EXPIRED, FAILED, NEVER_RAN, OK, UNSURE
from tui.workflows.batch_results.results import ANSWERED, PASSING, REFUSED

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from decimal import Decimal

# What became of a request, in a letter: how it is kept in the files of answers and counted in the journal.
LETTERS: Mapping[str, str] = {
    OK: "o",
    PASSING: "p",
    "expired": "e",
    "not run": "n",
    REFUSED: "r",
    ANSWERED: "a",
    UNSURE: "u",
}
GROUPS: Mapping[str, str] = {letter: group for group, letter in LETTERS.items()}
OUTCOMES: Mapping[str, str] = {
    "o": OK,
    "p": FAILED,
    "e": EXPIRED,
    "n": NEVER_RAN,
    "r": FAILED,
    "a": FAILED,
    "u": UNSURE,
}
WORTH_IT = "pen"  # letters of requests that are sent again as they are

CANCELLED = "cancelled"  # as batches end, and what was not sent when the campaign was cancelled
NOT_SENT, LOST = "not sent", "gone"  # as sendings end without a batch that could tell


class Stage(Enum):
    """How far a sending is: what is to be done with it next."""

    UPLOAD = auto()
    CREATE = auto()
    WAIT = auto()
    COLLECT = auto()
    OVER = auto()


@dataclass(slots=True)
class Sending:
    """A part in one generation: the file that is sent, and what became of it."""

    part: int
    generation: int
    file: str
    lines: int
    size: int
    tokens: int
    """Input tokens, estimated."""
    sha256: str
    endpoint: str
    model: str
    source: str
    letters: str = ""
    """Of the requests of the generation before that are in it."""
    file_id: str = ""
    batch_id: str = ""
    attempt: int = 1
    """Which of the batches made of the file it is: those before were refused for want of room in the queue."""
    uploading_since: float | None = None
    """When it was about to be uploaded, and whether it was is not known (unix seconds)."""
    creating_since: float | None = None
    """When the batch was about to be created, and whether it was is not known (unix seconds)."""
    upload_in_doubt: bool = False
    batch_in_doubt: bool = False
    """Whether it may be on the platform a second time: sent again, or given up, after it could not be found."""
    beside: int = 0
    """Tokens of the campaign that were in the queue when it was created."""
    ended: str = ""
    """The outcome of its batch; "" until it has ended."""
    reason: str = ""
    """Why it was refused or not sent, as one sentence."""
    counts: Counter[str] | None = None
    """How many requests came to what, by letter; None until its answers are here."""
    read: int = 0
    written: int = 0
    dollars: Decimal | None = None
    """What its tokens cost at the prices of the organization's bill; None where that is not known."""

    @property
    def key(self) -> tuple[int, int]:
        """Part and generation."""
        return self.part, self.generation

    def count(self, letters: str) -> int:
        """Return how many of its requests came to one of the letters; 0 until that is known."""
        return sum(self.counts[letter] for letter in letters) if self.counts is not None else 0

    @property
    def name(self) -> str:
        """How it is called in sentences: `part 3`, `part 3, generation 1`."""
        return f"part {self.part}" + (f", generation {self.generation}" if self.generation else "")

    @property
    def stage(self) -> Stage:
        """What is to be done with it next."""
        if self.counts is not None:
            return Stage.OVER
        if self.ended:
            return Stage.COLLECT
        if self.batch_id:
            return Stage.WAIT
        return Stage.CREATE if self.file_id else Stage.UPLOAD

    @property
    def queued(self) -> bool:
        """Whether its tokens are in the platform's queue, or may be."""
        return self.stage is Stage.WAIT or (self.stage is Stage.CREATE and self.creating_since is not None)


@dataclass(slots=True)
class Options:
    """What the user asked of a campaign."""

    retry: int = 1
    """How often requests worth it are sent again."""
    rounds: dict[str, int] = field(default_factory=dict)
    """The last generation there may be of a part, by its number as text, where that is not `retry`."""
    worth: str = WORTH_IT
    """Letters of those that are."""
    also: str = ""
    """Letters of further requests to send again."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of the body, by their path, that are set anew in what is sent again."""
    max_queued: int | None = None
    merge: str = ""
    """The file for all answers."""
    force: bool = False
    command: list[str] = field(default_factory=list)
    """What to run at the end."""

    @property
    def letters(self) -> str:
        """The letters of all requests that are sent again."""
        return self.worth + self.also
