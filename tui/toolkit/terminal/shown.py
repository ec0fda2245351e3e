"""What the terminal shows, so that only what differs from it is sent."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, groupby, pairwise, repeat, zip_longest
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import get_character_cell_size

from tui.toolkit.terminal.looks import PLAIN, Look, find_blank, find_look, find_nearest, is_bare, turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.color import ColorSystem
    from textual.geometry import Size
    from textual.strip import Strip

NEAR = 5  # cells that stay between two that change: writing more of them takes more bytes than a move
_MANY, _MANY_LAST = 12, 6  # blanks that take more bytes than to erase, and to move on where more follows
_TURN = 8  # bytes that a change of colours takes, or a move
EVERYTHING = 1 << 30  # bytes: more than any screen takes
_BLANKS = re.compile(f" {{{_MANY},}}| {{{_MANY_LAST},}}$")


class Line(NamedTuple):
    """A line of the terminal: each character and how it looks."""

    chars: Sequence[str]
    looks: Sequence[Look]
    is_even: bool
    """Whether each character takes one cell. Terminals do not agree on the others: such a line is sent whole."""


class Piece(NamedTuple):
    """Characters of one look, and where they stand."""

    y: int
    x: int
    text: str
    look: Look


@lru_cache(4096)
def _is_narrow(char: str) -> bool:
    return get_character_cell_size(char) == 1


def read_line(strips: Iterable[Strip], system: ColorSystem) -> Line:
    """Return the line that strips side by side make in a terminal of so many colours.

    Blanks get the look of what is beside them where that makes no difference.
    """
    chars: list[str] = []
    looks: list[Look] = []
    is_even = True
    blanks = 0  # how many before what comes next may look as it does
    for text, style, _ in chain.from_iterable(strips):
        look = find_look(style, system)
        is_blank = not text.strip(" ")
        if not looks or find_blank(look) is not find_blank(looks[-1]):
            blanks = 0
        elif is_blank:
            look = looks[-1]
        elif blanks:
            looks[-blanks:] = repeat(look, blanks)
        chars.extend(text)
        looks.extend(repeat(look, len(text)))
        blanks = blanks + len(text) if is_blank else 0
        is_even = is_even and (text.isascii() or all(map(_is_narrow, text)))
    return Line(chars, looks, is_even)


def find_runs(old: Line | None, new: Line) -> list[tuple[int, int]]:
    """Return from where to where to write a line for it to become another."""
    if old is None or not (old.is_even and new.is_even) or len(old.chars) != len(new.chars):
        return [] if old == new else [(0, len(new.chars))]
    runs: list[tuple[int, int]] = []
    start = end = 0
    pairs = zip(old.chars, new.chars, old.looks, new.looks, strict=True)
    for x, (char, wanted, look, wanted_look) in enumerate(pairs):
        if char == wanted and (
            look is wanted_look or (char == " " and find_blank(look) is find_blank(wanted_look))
        ):
            continue
        if x > end and not _is_joined(new, end, x, is_first=start == end):
            if start < end:
                runs.append((start, end))
            start = x
        end = x + 1
    return [*runs, (start, end)] if start < end else runs


def _is_joined(line: Line, end: int, next_start: int, *, is_first: bool) -> bool:
    """Return whether what stays between a run and the edge or the run before is written, not moved over."""
    stays = next_start - end
    if stays > NEAR:
        return False
    before = PLAIN if is_first else line.looks[end - 1]
    looks = [before, *line.looks[end : next_start + 1]]
    written = stays + sum(len(turn(*pair)) for pair in pairwise(looks) if pair[0] is not pair[1])
    moved = len(str(next_start + 1)) + (1 if is_first else 3) + len(turn(before, looks[-1]))
    return written <= moved


def cut(line: Line, y: int, start: int, end: int) -> Iterator[Piece]:
    """Yield a part of a line as pieces of one look each, many blanks apart from the rest."""
    for look, alike in groupby(line.looks[start:end]):
        length = len(list(alike))
        text = "".join(line.chars[start : start + length])
        at = 0
        for blanks in _BLANKS.finditer(text):
            if at < blanks.start():
                yield Piece(y, start + at, text[at : blanks.start()], look)
            yield Piece(y, start + blanks.start(), blanks[0], look)
            at = blanks.end()
        if at < len(text):
            yield Piece(y, start + at, text[at:], look)
        start += length


def write(pieces: Sequence[Piece], *, can_erase: bool) -> str:
    """Return what makes a terminal show pieces, in this order."""
    written: list[str] = []
    look, at = PLAIN, (-1, -1)
    for (y, x, text, wanted), follows in zip_longest(pieces, pieces[1:]):
        if at != (y, x):
            written.append(f"\x1b[{x + 1}G" if at[0] == y else f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        is_blank = not text.strip(" ")
        end = y, x + len(text)
        if is_blank:
            wanted = find_nearest(look, wanted)
        if look is not wanted:
            written.append(turn(look, wanted))
            look = wanted
        worth = _MANY if follows and follows[:2] == end else _MANY_LAST
        if can_erase and is_blank and len(text) >= worth and is_bare(look):
            written.append(f"\x1b[{len(text)}X")
            at = y, x
        else:
            written.append(text)
            at = end
    return "".join((*written, turn(look, PLAIN)))


class Shown:
    """What stands in the terminal, as far as it is known."""

    def __init__(self, env: Mapping[str, str]) -> None:
        # GNU screen erases to the terminal's own background, whatever the one that it writes on.
        self._can_erase = not env.get("TERM", "").startswith("screen") and "STY" not in env
        self._size: Size | None = None
        self._lines: dict[int, tuple[list[Strip], Line]] = {}

    def forget(self) -> None:
        """Forget what the terminal shows: something else may have written to it."""
        self._lines.clear()

    def change(
        self, lines: dict[int, list[Strip]], size: Size, system: ColorSystem, room: int = EVERYTHING
    ) -> str:
        """Return what makes a terminal of this size show these lines, by number, in about so many bytes.

        What is shown from now on is taken out of `lines`; those that there is no room for are left in it.
        """
        if size != self._size:
            self._size = size
            self.forget()
        even: list[Piece] = []
        uneven: list[Piece] = []
        for y, drawn in list(lines.items()):
            if room <= 0:
                break
            del lines[y]
            before, shown = self._lines.get(y, (None, None))
            if drawn == before:
                continue
            line = read_line(drawn, system)
            for start, end in find_runs(shown, line):
                pieces = list(cut(line, y, start, end))
                (even if line.is_even else uneven).extend(pieces)
                room -= sum(len(piece.text) + _TURN for piece in pieces)
            self._lines[y] = drawn, line
        # A move takes fewer bytes than a change of colours: what looks alike is written together.
        orders = even, sorted(even, key=attrgetter("look"))
        shortest = min((write(order, can_erase=self._can_erase) for order in orders), key=len)
        return write(uneven, can_erase=False) + shortest
