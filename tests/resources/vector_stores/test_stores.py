"""Vector stores: what is said of their files before they are deleted."""

from __future__ import annotations

from tui.resources.vector_stores.stores import VECTOR_STORES
from tui.workflows.consequences.consequences import describe_warning


def test_only_files_that_there_are_are_said_to_stay() -> None:
    delete = next(action for action in VECTOR_STORES.actions if action.removes)

    def told(*totals: int) -> str:
        counted = ({"id": f"vs_{total}", "file_counts": {"total": total}} for total in totals)
        records = [record for raw in counted if (record := VECTOR_STORES.record(raw))]
        return describe_warning(delete, records)

    assert told(0) == "Searches in it fail from now on."
    assert "Its one file itself stays." in told(1)
    assert "Its 1,200 files themselves stay." in told(1200)
    assert told(94, 11, 0) == "Searches in them fail from now on. Their 105 files themselves stay."
    assert told(0, 1) == "Searches in them fail from now on. Their one file itself stays."
