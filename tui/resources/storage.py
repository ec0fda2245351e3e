"""What files take, in groups. They are made of the list of files, so this is no kind of object of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import NO_VALUE, NOT_KNOWN, draw_bar, size
from tui.resources.language.column import Cell, CellContext, Column, Field, Section
from tui.resources.language.objects import Object
from tui.resources.language.reading.amounts import format_amount
from tui.resources.language.resource import Resource

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

_BAR = 10  # cells


class StorageGroup(Object):
    """Files that have something in common."""

    by: str | None = None
    """What they have in common: purpose, use, age, end, or that there is a newer copy."""
    name: str | None = None
    files: int = 0
    bytes: Any = None
    """The size of all, as a number; likewise of those that nothing uses."""
    share: float = 0.0
    """Of the bytes of all files."""
    unread: int = 0
    """How many have a size that cannot be read."""
    unknown: int = 0
    """Of how many it is not known whether something uses them."""
    unused: int = 0
    unused_bytes: Any = None
    unused_unread: int = 0
    filter: str = ""
    """What shows them in the list of files."""
    more: bool = False
    """Whether files are still being read, so that there may be more."""
    more_unused: bool = False
    """Whether files, or what uses them, are still being read."""


def _share(value: Any, _record: Record, _context: CellContext) -> Cell:
    share = float(value or 0)
    return Cell(f"{draw_bar(share, _BAR)} {format_amount(share, '%'):>5}", "dim" if not share else "")


def _and_more(cell: Cell, record: Record) -> Cell:
    """Return a cell that says that there may be more."""
    return cell._replace(text=f"{cell.text}+") if record.at("more") else cell


def _as_far_as_known(cell: Cell, record: Record) -> Cell:
    """Return the cell of what nothing uses: `…` while none is found yet, `?` where there may be some."""
    if not (record.at("more_unused") or record.at("unknown")):
        return cell
    if record.at("unused"):
        return cell._replace(text=f"{cell.text}+")
    return Cell("…", "dim") if record.at("more_unused") else NOT_KNOWN


def _unused(value: Any, record: Record, _context: CellContext) -> Cell:
    return _as_far_as_known(Cell(f"{value:,}", "warn" if value else "dim"), record)


def _unused_size(value: Any, record: Record, context: CellContext) -> Cell:
    is_any = value or record.at("unused_unread")
    return _as_far_as_known(_mark_unread(value, record, context, "unused_unread") if is_any else NO_VALUE, record)


def _mark_unread(value: Any, record: Record, context: CellContext, unread: str) -> Cell:
    """Return the cell of a size, which says what of it cannot be read."""
    cell = size(value, record, context)
    return cell._replace(text=f"{cell.text} +?" if value else "?") if record.at(unread) else cell


def _count(value: Any, record: Record, _context: CellContext) -> Cell:
    return _and_more(Cell(f"{value:,}"), record)


def _size(value: Any, record: Record, context: CellContext) -> Cell:
    return _and_more(_mark_unread(value, record, context, "unread"), record)


STORAGE: Resource[StorageGroup] = Resource(
    name="storage",
    singular="group",
    family="Home",
    model=StorageGroup,
    columns=(
        Column("BY", "by", width=8),
        Column("GROUP", "name", width=24, grow=True),
        Column("FILES", "files", _count, 6, align="right", first_sort="down"),
        Column("SIZE", "bytes", _size, 9, align="right", first_sort="down"),
        Column("OF ALL", "share", _share, 16, drop_order=4, first_sort="down"),
        Column("UNUSED", "unused", _unused, 6, align="right", first_sort="down"),
        Column("SIZE UNUSED", "unused_bytes", _unused_size, 11, align="right", first_sort="down"),
    ),
    title=lambda group: group.name,
    detail=(
        Section(
            "Group",
            (
                Field("by", "by"),
                Field("group", "name"),
                Field("files", "files", _count),
                Field("size", "bytes", _size),
                Field("unused", "unused", _unused),
                Field("unused size", "unused_bytes", _unused_size),
                Field("filter", "filter"),
            ),
        ),
    ),
    notice="what files take, by purpose, use, age and end, and what nothing uses",
    screen="storage",
    empty="No files are stored.",
)
