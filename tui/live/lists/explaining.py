"""Why a filter lets nothing through, where a word of it stands for nothing."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.live.lists.query import Query
from tui.resources.language.column import CellContext, value_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

NOTHING = "Nothing matches."
_FEW = 12  # values of a column that are named


def explain_nothing(query: Query, resource: Resource, records: Collection[Record], now: float) -> Iterator[str]:
    """Yield a sentence on each condition for text in a column of few values that none of these records has."""
    context = CellContext(now)
    for term in query.terms:
        column = resource.column(term.name) if term.operator in (":", "=") and not term.denied else None
        if column is None or any(Query((term,)).matches(each, resource.columns, context) for each in records):
            continue
        seen = {str(value) for each in records if (value := value_of(column.value, each, context))}
        if seen and len(seen) <= _FEW:
            words = {word for value in seen for word in value.split()} if term.operator == ":" else seen
            near = get_close_matches(term.value, words, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            yield f"No {column.name} is {term.value}.{meant} There are: {', '.join(sorted(seen))}."
