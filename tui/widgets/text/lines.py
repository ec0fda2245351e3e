"""Lines to show and to search, whatever they come from. No Textual here: all of it can run in a thread."""

from __future__ import annotations

import re
import threading
import time
from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from tui.resources.language.cells import pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CHUNK = 8 << 20  # bytes of a file indexed in one go
LINE_CAP = 8 << 20  # bytes of one line that are ever read


class LineSource(Protocol):
    """Numbered lines of text. `complete` is false while more may come."""

    @property
    def complete(self) -> bool:
        """Whether all lines are known."""
        ...

    def __len__(self) -> int: ...

    def line(self, index: int) -> str:
        """Return the line at `index`, raw and without its line end."""
        ...


@runtime_checkable
class GrowingSource(LineSource, Protocol):
    """A source that learns of its lines step by step."""

    def extend(self) -> None:
        """Take one step, which may take a moment. Raises OSError."""
        ...


class MemoryLines:
    """Lines in memory. After appending to the list, call `show_growth()` of the view."""

    complete = True

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __len__(self) -> int:
        return len(self.lines)

    def line(self, index: int) -> str:
        """Return the line at `index`, raw and without its line end."""
        return self.lines[index]


class FileLines:
    """Lines of a file of any size.

    Only the offset of each line is kept, eight bytes a line; `extend` reads on and indexes the next 8 MiB.
    Bytes that are no UTF-8 read as `\\xff`; of a line, 8 MiB are read and the rest is said to be missing.
    """

    def __init__(self, path: Path) -> None:
        """Open the file at `path`. Raises OSError."""
        self._file = path.open("rb")
        self._lock = threading.Lock()  # the file has one position, and search and display both read
        self._starts = array("Q")
        self._size = 0
        self._begun = False  # whether the last line indexed has no end yet
        self.complete = False

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def size(self) -> int:
        """Bytes indexed so far."""
        return self._size

    def extend(self) -> None:
        """Index the next stretch of the file. Raises OSError."""
        with self._lock:
            self._file.seek(self._size)
            chunk = self._file.read(CHUNK)
        if not chunk:
            self.complete = True
            return
        starts = array("Q", [] if self._begun else [self._size])
        starts.extend(self._size + newline.end() for newline in re.finditer(rb"\n", chunk))
        self._begun = not chunk.endswith(b"\n")
        if not self._begun:
            starts.pop()  # a line exists once it has a first byte
        with self._lock:
            self._starts.extend(starts)
            self._size += len(chunk)

    def line(self, index: int) -> str:
        """Return the line at `index`, raw and without its line end."""
        with self._lock:
            start = self._starts[index]
            end = self._starts[index + 1] if index + 1 < len(self._starts) else self._size
            self._file.seek(start)
            raw = self._file.read(min(end - start, LINE_CAP))
        text = raw.decode(errors="backslashreplace").rstrip("\r\n")
        left = end - start - LINE_CAP
        return text if left <= 0 else f"{text}… {pluralize(left, 'byte')} more, not read"

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class SearchQuery(NamedTuple):
    """A query: the text typed, the pattern that marks it, and whether the text is taken literally."""

    text: str
    pattern: re.Pattern[str]
    literal: bool

    def matches(self, line: str) -> bool:
        """Return whether `line` holds it."""
        if not self.literal:
            return self.pattern.search(line) is not None
        # Ten times faster than a pattern that ignores case.
        return self.text in (line.lower() if self.pattern.flags & re.IGNORECASE else line)


def read_query(text: str) -> SearchQuery:
    """Read a query; `/…/` is a pattern. Case matters once it holds a capital. Raises ValueError."""
    regex = len(text) > 2 and text.startswith("/") and text.endswith("/")
    text = text[1:-1] if regex else text
    flags = re.NOFLAG if any(char.isupper() for char in text) else re.IGNORECASE
    try:
        return SearchQuery(text, re.compile(text if regex else re.escape(text), flags), not regex)
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from None


def find_next_rank(hits: Sequence[int], at: int, step: int) -> int:
    """Return which of the sorted `hits` comes after `at` (step 1) or before it (-1), going round at the ends."""
    return (bisect_right(hits, at) if step > 0 else bisect_left(hits, at) - 1) % len(hits)


class Finder:
    """The lines of a source that match a query, as a sorted sequence that grows while it looks.

    Looks from line `start` to the end, then from the top: the nearest match ahead is found first.
    """

    def __init__(self, query: SearchQuery, lines: LineSource, start: int) -> None:
        self.query = query
        self.done = False
        self._lines = lines
        self._start = start
        self._next = start
        self._ahead = array("Q")  # matches from `start` on
        self._above = array("Q")  # matches before `start`
        self._turned = False

    def __len__(self) -> int:
        return len(self._above) + len(self._ahead)

    def __getitem__(self, index: int) -> int:
        above = len(self._above)
        return self._above[index] if index < above else self._ahead[index - above]

    def advance(self, seconds: float = 0.05) -> bool:
        """Search on for about `seconds`. Returns whether any line was looked at. Raises OSError."""
        deadline = time.monotonic() + seconds
        began = self._next, self._turned
        while not self.done:
            # The last line of a source that still grows may be half a line.
            stop = self._start if self._turned else len(self._lines) - (not self._lines.complete)
            found = self._above if self._turned else self._ahead
            while self._next < stop:
                if self.query.matches(self._lines.line(self._next)):
                    found.append(self._next)
                self._next += 1
                if time.monotonic() > deadline:
                    return True
            if self._turned:
                self.done = True
            elif self._lines.complete:
                self._turned, self._next = True, 0
            else:
                break
        return (self._next, self._turned) != began

    def first(self) -> int | None:
        """Return the match to go to first: the nearest ahead, or once all was looked at, the topmost."""
        if self._ahead:
            return self._ahead[0]
        return self[0] if self.done and len(self) else None

    def step(self, line: int, *, forward: bool) -> int | None:
        """Return the match after or before `line`, going round at the ends; None when there is none known."""
        if not len(self):
            return None
        index = bisect_right(self, line) if forward else bisect_left(self, line) - 1
        if 0 <= index < len(self):
            return self[index]
        return self[0 if forward else len(self) - 1]

    def rank(self, line: int) -> int:
        """Return which match `line` is, counted from 1, or 0 when it is none."""
        index = bisect_left(self, line)
        return index + 1 if index < len(self) and self[index] == line else 0
