"""The line below a list, where its detail has no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.language.cells import NO_VALUE
from tui.text import cell_width, clean, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.column import Cell, CellContext, Column
    from tui.resources.language.objects import Record
    from tui.widgets.base.freshness import Parts

_TELLS = 12  # cells in which the beginning of a text tells something
_CELL = 30  # cells of a value


def build_line(record: Record, reason: str, columns: Sequence[Column], context: CellContext, room: int) -> Parts:
    """Return in a line of `room` cells why an object needs its owner, and what its row has no room for.

    Of what does not fit the beginning is shown where it tells something; what is left goes to those that are cut.
    """
    room -= cell_width(clean(reason))
    found: list[tuple[str, Column, Cell, int, int]] = []
    for column in sorted(columns, key=lambda column: (column.wide, column.drop_order)):
        cell = column.cell(record, context)
        if cell.text and cell != NO_VALUE:
            head, whole = (
                f"{' ·' if found or reason else ''} {column.header.lower()} ",
                cell_width(clean(cell.text)),
            )
            cells = min(_CELL, whole, room - cell_width(head))
            if cells < min(_TELLS, whole):
                continue
            found.append((head, column, cell, cells, whole))
            room -= cell_width(head) + cells
    parts: Parts = [(reason, "bad")] if reason else []
    for head, column, cell, cells, whole in found:
        more = min(room, whole - cells)
        parts += [(head, "dim"), (fit(cell.text, cells + more, middle=column.is_id), cell.tone)]
        room -= more
    return parts
