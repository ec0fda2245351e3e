"""The columns of a table fitted to a width: which have room, where each begins, and how wide it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui.resources.language.column import Column

GAP = 2  # blank cells between columns
GUTTER = 1  # cells before the first column, for marks
MARGIN = 1  # cells behind the last column that nothing grows into
_NARROW = 8  # cells; columns of words that are as narrow keep their width, whatever they hold
_TELLS = 12  # cells in which a name tells something
_LONGEST = 24  # cells of a figure that are never cut; what is longer is none
_LONG = 40  # cells of a text from which on it is cut anywhere, and asks for no room


class Slot(NamedTuple):
    """A column's place: where it begins and its width, in cells."""

    column: Column
    x: int
    width: int


def lay_out(
    columns: Sequence[Column],
    width: int,
    wide: bool,
    needs: Mapping[str, int] | None = None,
    keeps: Callable[[Column], bool] = lambda _: False,
) -> tuple[Slot, ...]:
    """Fit columns to a width.

    `needs` says how many cells the content of a column takes, by its header; a column that is not named there is
    taken to need its declared width, or if it grows any. What is too wide loses its columns of highest
    `drop_order` first; one that can be narrower is narrowed instead. Then texts give way, and where they tell no
    more the rightmost columns: numbers are whole or not there. Those that it `keeps` are narrowed and never lost.
    `wide` shows all columns, however wide. What is left goes to those whose content is cut, first to those that
    grow, and of these to what lacks least.
    """
    needs = needs or {}
    shown = [column for column in columns if wide or keeps(column) or not column.wide]
    room = width - GUTTER
    widths = [_width_of(column, needs.get(column.header)) for column in shown]

    def add_widths() -> int:
        return sum(widths) + GAP * (len(widths) - 1)

    orders = [0 if keeps(column) else column.drop_order for column in shown]
    while not wide and add_widths() > room and (last := max(orders, default=0)):
        # Of equals the rightmost goes first.
        at = max(index for index, order in enumerate(orders) if order == last)
        if least := shown[at].least:
            widths[at], orders[at] = min(widths[at], least), 0
        else:
            del shown[at], widths[at], orders[at]
    while not wide and add_widths() > room and _give_way(shown, widths, add_widths() - room, needs, keeps):
        pass
    spare = room - MARGIN - add_widths()
    lacking = [_need(column, needs) - width for column, width in zip(shown, widths, strict=True)]
    for growing in (True, False):
        cut = [index for index, column in enumerate(shown) if column.grow is growing and lacking[index] > 0]
        cut.sort(key=lambda index: lacking[index])
        for place, index in enumerate(cut):
            share = lacking[index] if lacking[index] <= spare else -(-max(0, spare) // (len(cut) - place))
            widths[index] += share
            spare -= share
    slots: list[Slot] = []
    x = GUTTER
    for column, taken in zip(shown, widths, strict=True):
        slots.append(Slot(column, x, taken))
        x += taken + GAP
    return tuple(slots)


def _give_way(
    columns: list[Column],
    widths: list[int],
    missing: int,
    needs: Mapping[str, int],
    keeps: Callable[[Column], bool],
) -> bool:
    """Narrow the widest texts by the cells that are `missing`, or where that is not enough let a column go.

    A figure that is not let go is whole, under a header that may be cut. Returns whether anything gave way.
    """

    def find_least(at: int, telling: int) -> int:
        column = columns[at]
        if column.align == "right":
            return min(
                widths[at], max(_NARROW, needs.get(column.header, widths[at])) if keeps(column) else widths[at]
            )
        return min(widths[at], telling if column.grow or not at else _NARROW)

    going = [at for at, column in enumerate(columns) if at and not keeps(column)]
    for telling in (_TELLS,) if going else (_TELLS, _NARROW):
        leasts = [find_least(at, telling) for at in range(len(columns))]
        if sum(widths) - sum(leasts) >= missing:
            for _ in range(missing):
                at = max(range(len(widths)), key=lambda at: widths[at] - leasts[at])
                widths[at] -= 1
            return True
    if not going:
        return False
    # The first tells what a row is, and so does a name.
    at = max((at for at in going if not columns[at].grow), default=going[-1])
    del columns[at], widths[at]
    return True


def measure_whole(columns: Iterable[Column], needs: Mapping[str, int]) -> int:
    """Return the cells of a table in which nothing of these columns is cut but ids and what is very long."""
    widths = []
    for column in columns:
        need = needs.get(column.header, 0)
        asked = 0 if column.is_id or need > _LONG else need
        widths.append(max(_width_of(column, need), len(column.header) + 1, asked))
    return GUTTER + sum(widths) + GAP * (len(widths) - 1) + MARGIN


def _width_of(column: Column, need: int | None) -> int:
    """Return the cells a column begins with: what its content needs, a text's up to the declared width."""
    with_arrow = len(column.header) + 1  # of what is sorted by
    if need is None or column.width <= _NARROW:
        width = max(column.width, with_arrow)
    else:
        width = min(column.width, max(need, with_arrow, _NARROW))
    return max(width, min(need or 0, _LONGEST)) if column.align == "right" else width


def _need(column: Column, needs: Mapping[str, int]) -> int:
    """Return the cells that a column takes with its header; as many as there are where that is not known."""
    if (need := needs.get(column.header)) is None:
        return sys.maxsize if column.grow else column.width
    return max(need, len(column.header) + 1)
