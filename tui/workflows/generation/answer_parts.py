"""What an answer consists of: its parts, and the tokens that it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MAX_TEXT = 4 << 20  # characters of one part that are kept; what comes after is only counted

PartKind = Literal["reasoning", "text", "refusal", "call", "other"]


class AnswerPart:
    """One part of an answer: a text, a refusal, reasoning, or a tool call, whose arguments are the text."""

    __slots__ = ("_size", "_taken", "call_id", "custom", "dropped", "kind", "name", "tokens")

    def __init__(self, kind: PartKind, name: str = "", call_id: str = "", *, custom: bool = False) -> None:
        self.kind, self.name, self.call_id, self.custom = kind, name, call_id, custom
        self.tokens: list[tuple[str, float]] = []  # with their log probabilities, where these were asked for
        self.dropped = 0  # characters beyond what is kept
        self._taken: list[str] = []
        self._size = 0

    @property
    def text(self) -> str:
        """The text so far."""
        if len(self._taken) > 1:
            # Joined when somebody looks, not for each of 10,000 pieces a second.
            self._taken = ["".join(self._taken)]
        return self._taken[0] if self._taken else ""

    def append(self, piece: str) -> None:
        """Add a piece to the end."""
        room = MAX_TEXT - self._size
        if len(piece) > room:
            self.dropped += len(piece) - room
            piece = piece[:room]
        if piece:
            self._taken.append(piece)
            self._size += len(piece)

    def replace_text(self, whole: str) -> None:
        """Replace the text by the whole one that the platform tells, should a piece have been lost."""
        if not self.dropped and self.text != whole:
            self._taken, self._size = [], 0
            self.append(whole)


@dataclass(slots=True)
class TokensSpent:
    """Tokens read and written, None where that is not told; of the latter, those spent on reasoning."""

    read: int | None = None
    written: int | None = None
    reasoned: int = 0
