"""An object described: titled sections of labelled values, some of which can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding
from textual.message import Message

from tui.resources.language.column import Cell, CellContext, cell_of
from tui.text import clean, fit
from tui.widgets.text.line_view import LineView
from tui.widgets.text.lines import LineSource, MemoryLines
from tui.widgets.text.painted import Painted, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from textual import events

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_LABEL_WIDTH = 26  # cells, at the most
_FAULTS = (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError)  # of odd data


class SummaryRow(NamedTuple):
    """A line of a description: a label with its value, or a title over what follows."""

    label: str
    cell: Cell
    indent: int = 0  # cells the value stands from the left
    title: bool = False


BLANK = SummaryRow("", Cell(""))
"""What parts sections."""


def describe(resource: Resource, record: Record, context: CellContext) -> Iterable[SummaryRow]:
    """Return the rows of an object's description. A section without rows is left out."""
    first = True
    if reason := _find_stall(resource, record, context):
        yield SummaryRow("", Cell(f"▲ {reason}", "warn"))
        first = False
    for section in resource.detail:
        rows = [
            SummaryRow(field.label, cell_of(field.value, field.show, record, context)) for field in section.fields
        ]
        if section.lines:
            try:
                rows += [SummaryRow(label, cell) for label, cell in section.lines(record.object, context)]
            except _FAULTS:
                rows.append(SummaryRow("", Cell("cannot be read; the json tab has it as it came", "warn")))
        if not rows:
            continue
        if not first:
            yield BLANK
        if section.title:
            yield SummaryRow("", Cell(section.title), title=True)
        first = False
        told = {row.cell.text for row in rows}
        rows = [row._replace(cell=_with_name(row.cell, context, told)) for row in rows]
        indent = min(_LABEL_WIDTH, 2 + max(len(row.label) for row in rows))
        yield from (row._replace(indent=indent if row.label else 0) for row in rows)


def _find_stall(resource: Resource, record: Record, context: CellContext) -> str | None:
    try:
        return resource.stalled(record.object, context) if resource.active(record.object) else None
    except _FAULTS:
        return None


def _with_name(cell: Cell, context: CellContext, told: Collection[str]) -> Cell:
    """Return the cell of an id with the name of the object behind it, unless that is `told` beside it."""
    name = context.name(cell.ref) if cell.ref and cell.ref == cell.text else ""
    return cell._replace(text=f"{cell.text}  {name}") if name and name not in told else cell


class Summary(LineView):
    """Describes one object. Only rows that changed are repainted."""

    BINDINGS = [Binding("enter", "follow", "follow", id="summary.follow", show=False)]

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--title", "line-view--info"}
    DEFAULT_CSS = """
    Summary > .line-view--title { text-style: bold; color: $foreground; }
    Summary > .line-view--info { color: $text-accent; }
    """

    @dataclass
    class Follow(Message):
        """The id under the cursor is to be opened."""

        id: str

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes, wrapped=True, empty="")
        self._rows_shown: list[SummaryRow] = []

    def show(self, resource: Resource, record: Record, context: CellContext) -> None:
        """Describe `record` as it is now."""
        self.show_rows(list(describe(resource, record, context)))

    def show_rows(self, rows: list[SummaryRow]) -> None:
        """Show these rows."""
        if rows == self._rows_shown:
            return
        same = len(rows) == len(self._rows_shown)
        changed = [index for index, row in enumerate(rows) if not same or row != self._rows_shown[index]]
        before = self._rows_shown
        self._rows_shown = rows
        # Rows that keep their height are repainted alone; else everything below them moves.
        if same and all(len(rows[i].cell.text) == len(before[i].cell.text) for i in changed):
            for index in changed:
                self.row_changed(index)
        else:
            self.refresh_rows()

    def count(self) -> int:
        """Return the number of rows."""
        return len(self._rows_shown)

    def paint(self, row: int) -> Painted:
        """Return a label, dim, and its value in its tone."""
        label, cell, indent, title = self._rows_shown[row]
        text = clean(cell.text)
        if title:
            return Painted(text, [(0, len(text), "title")])
        head = fit(clean(label), indent - 1) + " " if label else ""
        tone = "accent" if cell.ref else cell.tone
        spans: list[Span] = [(0, len(head), "dim")] if head else []
        if tone and text:
            spans.append((len(head), len(head) + len(text), "info" if tone == "accent" and not cell.ref else tone))
        return Painted(head + text, spans, len(head))

    def raw(self, row: int) -> str:
        """Return the value to copy; of another object its id."""
        return self._rows_shown[row].cell.ref or self._rows_shown[row].cell.text

    def searchable(self) -> LineSource:
        """Return all rows as text."""
        return MemoryLines([f"{row.label} {row.cell.text}" for row in self._rows_shown])

    def action_follow(self) -> None:
        """Open the object the cursor's row names."""
        if self.count() and (ref := self._rows_shown[self.cursor].cell.ref):
            self.post_message(self.Follow(ref))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave enter to the screen where there is nothing to follow, left and right where nothing is wider."""
        if action == "side":
            return not self.wrapped
        if action == "follow":
            return bool(self.count() and self._rows_shown[self.cursor].cell.ref)
        return super().check_action(action, parameters)

    def on_click(self, event: events.Click) -> None:
        """Move to the row, and follow it."""
        super().on_click(event)
        self.action_follow()
