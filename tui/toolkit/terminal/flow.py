"""How much may be on its way to the terminal, so that a slow link has always something to carry and no key waits.

The terminal is asked for its status before and after what takes many bytes, and answers as it reads that far. The
first answer tells how long the link takes, the time between both how many bytes it carries in a second.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Condition
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from tui.toolkit.terminal.shown import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable

ASK, ANSWER = "\x1b[5n", "\x1b[0n"
MUCH = 256  # bytes before and after which the terminal is asked
LITTLE = 640  # bytes that may always be sent for a key, and at once where nothing waits
AHEAD = 0.02  # seconds of bytes that may stand in the link before what comes next
LATE = 0.1  # seconds after which an answer that was due holds up what follows
PATIENCE = 2.0  # seconds after which an answer is given up
MOST_LOST = 3  # answers in a row after which the terminal is taken to be mute
KEY_SECONDS = 0.1  # seconds within which what is drawn after a key is taken to be caused by it
UNKNOWN = 8_000  # bytes that may be on their way while it is not known how fast they go
SLOWEST, FASTEST = 1_000.0, 1_000_000.0  # bytes a second
LONG = 2_000  # bytes whose time is believed, however long it is


class Arrived(Message):
    """The terminal has read what it was sent, up to where it was asked."""


class _Asked(NamedTuple):
    at: float
    total: int
    """Bytes sent until then."""
    size: int
    """Those of them that were sent since the question before; 0 where it is not the second of two."""
    is_alone: bool
    """Whether all that was sent before had arrived."""


class Flow:
    """What was sent and what has arrived. Answers may be told from another thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._is_asking = self._is_answered = False
        self._lost = 0
        self._asked: deque[_Asked] = deque()
        self._trips: deque[float] = deque(maxlen=32)
        self._rate = 0.0  # bytes a second; 0 while it is not known
        self._free = 0.0  # when the link will have carried what was sent
        self._total = self._arrived = 0  # bytes
        self._arrived_at = 0.0
        self._key_at = -PATIENCE

    def begin(self) -> str:
        """Return what asks a terminal for the first time; from now on it is asked."""
        with self._changed:
            self._is_asking, self._is_answered, self._lost = True, False, 0
            self._asked.clear()
            return self._ask(0)

    def end(self, within: float) -> None:
        """Ask no more, and wait for answers that are due: whoever has the terminal next is not to read them."""
        with self._changed:
            self._is_asking = False
            if self._is_answered:
                self._changed.wait_for(lambda: not self._asked, within)

    def take_key(self) -> None:
        """Note that what is drawn next was caused by a key."""
        self._key_at = self._clock()

    @property
    def follows_key(self) -> bool:
        """Whether what is drawn now was caused by a key."""
        return self._clock() - self._key_at < KEY_SECONDS

    @property
    def room(self) -> int:
        """How many bytes may be sent now."""
        with self._changed:
            now = self._clock()
            if self._asked and now - self._asked[0].at > PATIENCE:
                self._give_up()
            if not self._is_answered:
                return EVERYTHING
            least = LITTLE if self.follows_key else 0
            if not self._rate:
                return max(least, UNKNOWN - (self._total - self._arrived))
            ahead = max(0.0, self._free - now)
            if ahead > AHEAD / 2 or self._is_late(now):
                return least
            return max(LITTLE, int((AHEAD - ahead) * self._rate))

    @property
    def pause(self) -> float:
        """Seconds after which to look for room again."""
        return max(AHEAD / 4, self._free - self._clock() - AHEAD / 2)

    def send(self, text: str) -> str:
        """Note that a text is sent. Returns it, with what asks the terminal."""
        size = len(text.encode("utf-8", "replace"))
        with self._changed:
            asks = size >= MUCH and self._is_asking and self._lost < MOST_LOST
            before = self._ask(0) if asks else ""
            self._total += size
            if self._rate:
                self._free = max(self._free, self._clock()) + size / self._rate
            return before + text + (self._ask(size) if asks else "")

    def arrived(self) -> None:
        """Take in an answer."""
        with self._changed:
            if not self._asked:
                return
            now, asked = self._clock(), self._asked.popleft()
            self._is_answered, self._lost, self._arrived = True, 0, asked.total
            if asked.size:
                self._learn(asked.size, now - self._arrived_at)
            elif asked.is_alone:  # the others may have stood behind something
                self._trips.append(now - asked.at)
            self._arrived_at = now
            if self._rate:
                self._free = now - self._trip + (self._total - self._arrived) / self._rate
            self._changed.notify_all()

    def _learn(self, size: int, took: float) -> None:
        """Note that the link carried so many bytes in so many seconds, as far as one such case tells."""
        rate = size / max(took, 1e-4)
        if self._rate:
            least = 0.0 if size >= LONG else self._rate / 4
            rate = min(max(rate, least), self._rate * 1.5)
        self._rate = min(max(rate, SLOWEST), FASTEST)

    def _is_late(self, now: float) -> bool:
        if not self._asked:
            return False
        asked = self._asked[0]
        return now > asked.at + self._trip + (asked.total - self._arrived) / self._rate + LATE

    @property
    def _trip(self) -> float:
        """The seconds from a question to its answer where nothing else stands in the link."""
        return min(self._trips, default=PATIENCE)

    def _ask(self, size: int) -> str:
        self._asked.append(_Asked(self._clock(), self._total, size, not self._asked))
        return ASK

    def _give_up(self) -> None:
        """Go on without the answers that are due. After some the terminal is taken to be mute."""
        self._asked.clear()
        self._arrived = self._total
        self._lost += 1
        self._free, self._rate = 0.0, self._rate / 4
        self._is_answered = self._is_answered and self._lost < MOST_LOST
