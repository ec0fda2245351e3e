"""What the prompt of a filter offers: the values of a field, whatever those are."""

from __future__ import annotations

from typing import Any

from tui.resources.files import FILES
from tui.resources.language.objects import Record
from tui.screens.places.listing.filter_words import complete_filter


def test_values_are_offered_by_how_often_they_are_and_lists_of_things_are_not() -> None:
    raws: list[dict[str, Any]] = [
        {"id": "file-1", "purpose": "batch", "used_by": []},
        {"id": "file-2", "purpose": "evals", "used_by": [["batches", "batch_1"]]},
        {"id": "file-3", "purpose": "evals", "used_by": None},
    ]
    records = {raw["id"]: Record(raw["id"], raw, FILES.model) for raw in raws}
    offered = [complete_filter(FILES, records, lambda: 0.0, text) for text in ("size>1 purpose:", "used_by:")]
    assert [[suggestion.text for suggestion in each] for each in offered] == [
        ["size>1 purpose:evals", "size>1 purpose:batch"],
        [],
    ]
