"""What the objects of a list offer to be chosen: words of its filter, and keys of their metadata as columns."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from tui.resources.language.column import CellContext, value_of
from tui.widgets.input.prompt import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_KEYS = 50  # of metadata
MANY = 20_000  # records; beyond, values are not counted while somebody types


def find_metadata_keys(records: Iterable[Record]) -> list[str]:
    """Return the keys of the metadata of some records, the most frequent first."""
    found: Counter[str] = Counter()
    for record in islice(records, MANY):
        if isinstance(metadata := record.raw.get("metadata"), dict):
            found.update(str(key) for key in metadata)
    return [key for key, _ in found.most_common(_KEYS)]


def complete_filter(
    resource: Resource,
    records: Mapping[str, Record],
    now: Callable[[], float],
    text: str,
    saved: Mapping[str, str] | None = None,
) -> list[Suggestion]:
    """Return ways to go on from a filter: fields, the values of one, most frequent first, and saved filters."""
    head, _, word = text.rpartition(" ")
    start = f"{head} " if head else ""
    if not word or word.startswith("@"):
        found = {f"@{name}": meant for name, meant in (saved or {}).items()}
        return [Suggestion(f"{start}{name}", meant) for name, meant in found.items() if name.startswith(word)]
    name, colon, typed = word.partition(":")
    if not colon:
        names = [column.name for column in resource.columns if column.value != ""] if word else []
        return [Suggestion(f"{start}{name}:") for name in names if name.startswith(word.lower())]
    column = resource.column(name)
    if column is None or len(records) > MANY:
        return []
    context = CellContext(now())
    values = (value_of(column.value, record, context) for record in records.values())
    seen = Counter(value for value in values if isinstance(value, str))  # not lists of things
    words = [value for value, _ in seen.most_common() if value.startswith(typed)]
    quoted = [f'"{value}"' if " " in value else value for value in words]
    return [
        Suggestion(f"{start}{name}:{shown}", f"{seen[value]:,}")
        for value, shown in zip(words, quoted, strict=True)
    ]
