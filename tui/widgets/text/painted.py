"""One row of text as it looks: toned, with matches marked, wrapped to a width."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.style import Style

Span = tuple[int, int, str]  # start, end, tone

_JSON = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*(?:"|$))(?P<key>\s*:)?|(?P<number>-?\b\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)'
)


_BEGIN = re.compile(r'\s*(?:\{\s*(?:["}]|$)|\[\s*(?:["\[{\]]|-?[\d.]+\s*(?:,|\]\s*$)|(?:true|false|null)\b|$))')


class Painted(NamedTuple):
    """Clean text, spans in order that do not overlap, and the cells its wrapped parts hang by."""

    text: str
    spans: Sequence[Span] = ()
    indent: int = 0

    def strips(self, width: int, tone: Callable[[str], Style], pattern: re.Pattern[str] | None) -> list[Strip]:
        """Draw in one strip, or wrapped to `width` cells if that is above 0, with matches of `pattern` marked."""
        # Every segment costs some 40 bytes of colour on the wire: neighbours of one style are joined.
        whole = Strip(self._segments(tone, pattern)).simplify()
        if width <= 0 or whole.cell_length <= width:
            return [whole]
        indent = self.indent if self.indent * 2 < width else 0
        cuts = find_cuts(self.text, width, indent)
        starts = [cell_len(self.text[:cut]) for cut in cuts[:-1]]
        # Blanks where a line goes on below are not drawn: those of a link would be underlined.
        ends = [cell_len(self.text[:cut].rstrip(" ")) for cut in cuts[1:]]
        hang = Segment(" " * indent)
        return [
            Strip([hang, *whole.crop(start, max(start, min(end, start + width - indent)))])
            if start and indent
            else whole.crop(start, max(start, min(end, start + width)))
            for start, end in zip(starts, ends, strict=True)
        ]

    def _segments(self, tone: Callable[[str], Style], pattern: re.Pattern[str] | None) -> Iterable[Segment]:
        """Cut the text wherever a span or a match begins or ends."""
        end = len(self.text)
        matches = [match.span() for match in pattern.finditer(self.text)] if pattern else []
        bounds = [*matches, *((start, stop) for start, stop, _ in self.spans)]
        edges = {0, end, *(min(edge, end) for bound in bounds for edge in bound)}
        spans, hits = list(reversed(self.spans)), list(reversed(matches))
        for start, stop in pairwise(sorted(edges)):
            while spans and spans[-1][1] <= start:
                spans.pop()
            while hits and hits[-1][1] <= start:
                hits.pop()
            style = tone(spans[-1][2] if spans and spans[-1][0] <= start else "")
            if hits and hits[-1][0] <= start:
                style += tone("match")
            yield Segment(self.text[start:stop], style)


def find_cuts(text: str, width: int, indent: int = 0) -> list[int]:
    """Return where to cut `text` into parts of at most `width` cells, `indent` fewer from the second on.

    A cut comes after a space where one is near or the word behind it has room in a part; spaces before it need no
    room. The first is 0, the last the length.
    """
    found = [0]
    while True:
        start, cells, space = found[-1], 0, 0
        room = width - indent if len(found) > 1 else width
        for index in range(start, len(text)):
            char = text[index]
            cells += 1 if char < "\u0300" else get_character_cell_size(char)
            if cells > room and index > start:
                if char == " ":
                    found.append(len(text) - len(text[index:].lstrip(" ")))
                    if found[-1] == len(text):
                        return found
                    break
                end = text.find(" ", index)
                fits = (end if end >= 0 else len(text)) - space <= width - indent
                found.append(space if space - start > room // 2 or (space > start and fits) else index)
                break
            if char == " ":
                space = index + 1
        else:
            return [*found, len(text)]


def looks_like_json(text: str) -> bool:
    """Return whether a line begins as an object or a list does; `[12] words` and `[info] 3` do not."""
    return _BEGIN.match(text) is not None


def find_json_spans(text: str) -> list[Span]:
    """Return the spans of the keys, strings, numbers and words of a line of JSON, good or bad."""
    spans = []
    for match in _JSON.finditer(text):
        kind = match.lastgroup or "string"
        start, end = match.span("string") if kind in ("key", "string") else match.span()
        spans.append((start, end, kind))
    return spans
