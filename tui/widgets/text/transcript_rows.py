"""Blocks of a transcript laid out in rows: wrapped to a width, going on as their text grows, searched."""

from __future__ import annotations

import sys
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from tui.text import cell_width, clean
from tui.widgets.text.painted import Painted, Span, find_cuts, find_json_spans

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Sequence

_SEAL = 2_000  # characters of one line that are laid out again when it grows
_AROUND = 3  # rows before and after one that a match in it may begin or end in
INDENT = 2  # cells the text of a block stands from the left


class Block(NamedTuple):
    """A message of a transcript, as it came: nothing in it is cleaned yet."""

    label: str
    """The speaker."""
    tone: str
    text: str
    note: str = ""
    """A warning below the text."""
    json: bool = False
    """Whether the text is coloured as JSON."""
    tokens: Sequence[tuple[str, str]] = ()
    """The pieces of the text with the tone of each, where these are known."""
    facts: str = ""
    """Figures below all of it."""


class Rows:
    """A text in rows. `firsts` are the rows that its lines begin in."""

    def __init__(self) -> None:
        self.rows: list[Painted] = []
        self.firsts = [0]

    def matching(self, pattern: re.Pattern[str]) -> list[int]:
        """Return the rows that matches begin in, each once."""
        found: dict[int, None] = {}
        for first, end in pairwise([*self.firsts, len(self.rows)]):
            texts = [row.text for row in self.rows[first:end]]
            hits = [match.start() for match in pattern.finditer("".join(texts)) if match.group()]
            starts = list(accumulate(map(len, texts), initial=0)) if hits else []
            found |= dict.fromkeys(first + bisect_right(starts, hit) - 1 for hit in hits)
        return list(found)

    def marks(self, number: int, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """Return the parts of a row that match, alone or together with the rows around it."""
        line = bisect_right(self.firsts, number)
        end = self.firsts[line] if line < len(self.firsts) else len(self.rows)
        start, stop = max(self.firsts[line - 1], number - _AROUND), min(end, number + 1 + _AROUND)
        before = sum(len(row.text) for row in self.rows[start:number])
        own = len(self.rows[number].text)
        spans = (match.span() for match in pattern.finditer("".join(row.text for row in self.rows[start:stop])))
        cut = ((max(0, a - before), min(own, b - before)) for a, b in spans)
        return [(a, b) for a, b in cut if a < b]


class Flow(Rows):
    """The rows of a growing text. Whole rows are laid out once."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = max(1, width)
        self._sealed = 0
        self._carry = ""  # the last row of what was laid out for good, to which the text goes on
        self._tail = ""  # raw: only a whole line can be cleaned right, and this one is not whole

    def feed(self, piece: str, *, json: bool = False) -> None:
        """Append a piece of the text."""
        *whole, last = (self._tail + piece).split("\n")
        del self.rows[self._sealed :]
        for line in whole:
            self._wrap(line, json=json)
            self._carry = ""
            self.firsts.append(len(self.rows))
        self._sealed = len(self.rows)
        self._wrap(last, json=json)
        self._tail = last
        if len(last) > _SEAL:
            self._sealed, self._carry, self._tail = len(self.rows) - 1, self.rows[-1].text, ""

    def _wrap(self, line: str, *, json: bool) -> None:
        text = self._carry + clean(line.removesuffix("\r").expandtabs(4), sys.maxsize)
        for start, end in pairwise(find_cuts(text, self._width)) if text else [(0, 0)]:
            row = text[start:end]
            self.rows.append(Painted(row, find_json_spans(row) if json else ()))


class Tokens(Rows):
    """Rows of pieces that each have a tone."""

    def __init__(self, tokens: Iterable[tuple[str, str]], width: int) -> None:
        super().__init__()
        rows: list[tuple[str, list[Span]]] = [("", [])]
        for token, tone in tokens:
            for number, raw in enumerate(token.split("\n")):
                piece = clean(raw)
                if number:
                    self.firsts.append(len(rows))
                if number or (rows[-1][0] and cell_width(rows[-1][0] + piece) > width):
                    rows.append(("", []))
                text, spans = rows[-1]
                spans.append((len(text), len(text) + len(piece), tone))
                rows[-1] = text + piece, spans
        self.rows = [Painted(text, spans) for text, spans in rows]


class LaidBlock:
    """A block in rows: its head, its text, a note, facts, a blank line."""

    def __init__(self, block: Block, width: int) -> None:
        self.block = block
        self._width = width - INDENT
        self._flow = Flow(self._width)
        self._foot = self._lay_foot()
        if not block.tokens:
            self._flow.feed(block.text, json=block.json)
        self._body: Rows = Tokens(block.tokens, self._width) if block.tokens else self._flow

    def grow(self, block: Block) -> bool:
        """Take over `block` if it is this one with more text. Returns whether it is."""
        old = self.block
        if block.tokens or old[:2] != block[:2] or old.json != block.json or not block.text.startswith(old.text):
            return False
        self.block = block
        self._foot = self._lay_foot()
        self._flow.feed(block.text[len(old.text) :], json=block.json)
        return True

    def _lay_foot(self) -> list[tuple[str, str]]:
        """Return the note and the facts in rows, each with its tone."""
        texts = ((clean(self.block.note), "warn"), (clean(self.block.facts), "dim"))
        return [
            (text[start:end], tone)
            for text, tone in texts
            if text
            for start, end in pairwise(find_cuts(text, max(1, self._width)))
        ]

    def __len__(self) -> int:
        return 2 + (len(self._body.rows) if self.block.text else 0) + len(self._foot)

    def matching(self, pattern: re.Pattern[str]) -> list[int]:
        """Return the rows that matches in its text begin in."""
        return [row + 1 for row in self._body.matching(pattern)] if self.block.text else []

    def marks(self, number: int, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """Return the parts of a row that match."""
        if not self.block.text or not 0 < number <= len(self._body.rows):
            return []
        return [(a + INDENT, b + INDENT) for a, b in self._body.marks(number - 1, pattern)]

    def row(self, number: int) -> tuple[Painted, str]:
        """Return a row and the tone of all of it."""
        label = clean(self.block.label)
        if number == 0:
            return Painted(label, [(0, len(label), self.block.tone)]), "strong"
        body = self._body.rows if self.block.text else []
        if number <= len(body):
            row = body[number - 1]
            return row._replace(
                text=" " * INDENT + row.text, spans=[(a + INDENT, b + INDENT, tone) for a, b, tone in row.spans]
            ), "dim" if self.block.tone == "dim" else ""
        if number - 1 - len(body) < len(self._foot):
            text, tone = self._foot[number - 1 - len(body)]
            return Painted(" " * INDENT + text), tone
        return Painted(""), ""
