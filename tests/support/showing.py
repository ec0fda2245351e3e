"""An object with one field changed, and all that is drawn of it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tests.support.samples import CONTEXT
from tui.export import csv_lines, json_object
from tui.resources.language.column import Cell, CellContext, Progress, value_of
from tui.widgets.detail.summary import describe

if TYPE_CHECKING:
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


def mutated(raw: dict[str, Any], at: tuple[Any, ...], to: Any, drop: bool) -> dict[str, Any]:
    """A copy with the field `at` dropped, or set `to` a value."""
    changed: Any = copy.deepcopy(raw)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    if drop:
        del inner[at[-1]]
    else:
        inner[at[-1]] = to
    return dict(changed)


def show(resource: Resource, record: Record, context: CellContext = CONTEXT) -> list[str]:
    """All that is drawn of a record, and all judgements on it."""
    cells = [column.cell(record, context) for column in resource.columns]
    cells += [row.cell for row in describe(resource, record, context)]
    subject = record.object
    assert isinstance(resource.active(subject), bool)
    assert isinstance(resource.attention(subject, context), str | None)
    assert isinstance(resource.progress(subject), Progress | None)
    for action in resource.actions:
        assert isinstance(action.refuse(subject), str | None)
        assert isinstance(action.warn(subject), str)
        assert isinstance(action.start(subject), dict)
    value_of(resource.title, record)
    exported = json_object(resource, record, context.now)
    assert all(exported[name] == value or value != value for name, value in record.raw.items())
    assert len(list(csv_lines(resource, [record], context.now))) >= 2, "no row is lost"
    for cell in cells:
        assert isinstance(cell, Cell)
        assert isinstance(cell.text, str)
        assert isinstance(cell.ref, str)
    return [cell.text for cell in cells]
