"""The sections of a description shared out to columns, each as wide as what it holds."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from tui.text import cell_width, clean
from tui.widgets.detail.summary import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui.widgets.detail.summary import SummaryRow

_GROUPS = 8  # sections that are shared out one by one; what follows goes with the last
_LEAST = 24  # cells of a column
_TEXT = 38  # cells that a text without a label needs
_LINE = 64  # cells of a line or a word, beyond which it may as well go on below
_NAME = 20  # cells of the name behind an id, about, as it may come later


class Column(NamedTuple):
    """Sections that stand below each other, and the cells that their column takes."""

    sections: Sequence[Sequence[SummaryRow]]
    width: int

    @property
    def rows(self) -> list[SummaryRow]:
        """The rows of the sections, a blank line between them."""
        return [row for at, section in enumerate(self.sections) for row in ((BLANK, *section) if at else section)]


class _Need(NamedTuple):
    """The cells that a row, a section or a column takes."""

    least: int
    """So that no word is torn."""
    whole: int
    """So that no line goes on below."""


def split_sections(rows: Iterable[SummaryRow]) -> list[list[SummaryRow]]:
    """Return the sections of a description, without the blank lines that part them."""
    sections: list[list[SummaryRow]] = [[]]
    for row in rows:
        if row == BLANK and sections[-1] and len(sections) < _GROUPS:
            sections.append([])
            continue
        sections[-1].append(row)
    return sections


def arrange(sections: Sequence[Sequence[SummaryRow]], width: int, most: int) -> list[Column]:
    """Share sections out, in order and whole, to as many of up to `most` columns as make them lowest."""
    needs = [_add_up(map(_measure, section)) for section in sections]
    best, lowest = [Column(sections, width)], 0
    for number in range(1, min(most, len(sections)) + 1):
        for cuts in combinations(range(1, len(sections)), number - 1):
            parts = [slice(*ends) for ends in zip((0, *cuts), (*cuts, len(sections)), strict=True)]
            widths = _divide(width, [_add_up(needs[part]) for part in parts])
            if not widths:
                continue
            columns = [Column(sections[part], cells) for part, cells in zip(parts, widths, strict=True)]
            height = find_height(columns)
            if not lowest or height < lowest:
                best, lowest = columns, height
    return best


def find_title(section: Sequence[SummaryRow]) -> str:
    """Return the title of a section; "" for one that has none."""
    return section[0].cell.text if section and section[0].title else ""


def take_up(
    columns: Sequence[Column], sections: Sequence[Sequence[SummaryRow]], places: Mapping[str, int]
) -> list[Column] | None:
    """Return columns as those given with other sections: each in its place, a new one with the one before it.

    `places` are the columns of sections that were shown, by their titles. None where a column would be empty, or
    too narrow for some word.
    """
    shares: list[list[Sequence[SummaryRow]]] = [[] for _ in columns]
    at = 0
    for section in sections if columns else ():
        at = max(at, places.get(find_title(section), at))
        shares[at].append(section)
    taken = [Column(share, column.width) for share, column in zip(shares, columns, strict=True)]
    if not taken or not all(shares):
        return None
    needs = [_add_up(map(_measure, column.rows)).least for column in taken]
    rooms = [column.width - edge for column, edge in zip(taken, _find_edges(len(taken)), strict=True)]
    return None if any(need > room for need, room in zip(needs, rooms, strict=True)) else taken


def find_height(columns: Sequence[Column]) -> int:
    """Return the lines of the highest column."""
    edges = _find_edges(len(columns))
    return max(
        sum(_count_lines(row, column.width - edge) for row in column.rows)
        for column, edge in zip(columns, edges, strict=True)
    )


def _find_edges(columns: int) -> list[int]:
    """Return the cells beside the text of each column: blanks, and what parts it from the one before."""
    return [1 + (at > 0) + (at + 1 < columns) for at in range(columns)]


def _measure(row: SummaryRow) -> _Need:
    """Return the cells a row takes."""
    text = _read(row)
    words = max(map(cell_width, text.split()), default=0)
    whole = row.indent + cell_width(text)
    return _Need(min(row.indent + words, _LINE), min(whole, _LINE if row.label else _TEXT))


def _read(row: SummaryRow) -> str:
    """Return the text of a row; of another object the id alone, as its name may come later."""
    return clean(row.cell.ref if _is_object(row) else row.cell.text)


def _is_object(row: SummaryRow) -> bool:
    """Return whether a row is the id of another object, and behind it the name where that is known."""
    return bool(row.cell.ref) and row.cell.text.partition(" ")[0] == row.cell.ref


def _add_up(needs: Iterable[_Need]) -> _Need:
    """Return the cells that several take below each other."""
    least = whole = _LEAST
    for need in needs:
        least, whole = max(least, need.least), max(whole, need.whole)
    return _Need(least, max(least, whole))


def _divide(width: int, needs: Sequence[_Need]) -> list[int]:
    """Return the cells of each column; none where some word would be torn that one column has room for."""
    least = [need.least + edge for need, edge in zip(needs, _find_edges(len(needs)), strict=True)]
    spare = width - sum(least)
    if spare < 0:
        return [width] if len(needs) == 1 else []
    wanted = [need.whole - need.least for need in needs]
    if spare >= sum(wanted):
        each, rest = divmod(spare - sum(wanted), len(needs))
        return [
            cells + more + each + (at < rest) for at, (cells, more) in enumerate(zip(least, wanted, strict=True))
        ]
    widths = list(least)
    for at in sorted(range(len(needs)), key=wanted.__getitem__):  # as many as can be have all they want
        more = min(wanted[at], spare)
        widths[at] += more
        spare -= more
    return widths


def _count_lines(row: SummaryRow, width: int) -> int:
    """Return about how many lines a row takes, the same before and after a name comes."""
    taken = row.indent + cell_width(_read(row)) + (_NAME if _is_object(row) else 0)
    if taken <= width:
        return 1
    return 1 + -(-(taken - width) // max(1, width - row.indent if row.indent * 2 < width else width))
