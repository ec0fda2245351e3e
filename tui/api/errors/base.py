"""The base of all errors between the user and the platform."""

from __future__ import annotations

from typing import ClassVar, Self

from tui.api.redaction import redact
from tui.text import clean

LIMIT = 600  # characters: an error is read in a line or two, whatever the server sent


class ApiError(Exception):
    """Base of all errors. Their texts are redacted and clean."""

    permanent: ClassVar[bool] = False
    """Whether the same request will fail again until somebody changes something."""
    about_caller: ClassVar[bool] = False
    """Whether every further request of this kind would fail, whatever it is about."""
    about_object: ClassVar[bool] = False
    """Whether the platform said that it does not give or take this very object."""

    def __init__(self, sentence: str, then: str = "", *, again: str = "") -> None:
        self.sentence = _end_sentence(clean(redact(sentence), LIMIT))
        """What happened."""
        self.hint = clean(redact(then), LIMIT)
        """What to do, without the words to try again: for where the request is repeated anyway."""
        self.next = f"{again} {self.hint}".strip()
        """What to do."""
        super().__init__(self.sentence, self.next)

    def __str__(self) -> str:
        return f"{self.sentence} {self.next}".rstrip()

    def with_words(self, before: str, after: str = "") -> Self:
        """Return the same error with words before what happened, and others behind what to do."""
        found = type(self).__new__(type(self))
        vars(found).update(vars(self))
        found.sentence, found.next = f"{before} {self.sentence}".lstrip(), f"{self.next} {after}".strip()
        found.args = (found.sentence, found.next)
        return found

    @property
    def before_retry(self) -> str:
        """What happened and what helps, for where a key that tries again is told of next."""
        return f"{self.sentence} {self.hint}".rstrip()


def _end_sentence(sentence: str) -> str:
    """Return a sentence with a full stop, which what a server says may lack."""
    ends = sentence.rstrip("\"')`”’]»").endswith((".", "!", "?", "…"))
    return sentence if ends or not sentence else f"{sentence}."
