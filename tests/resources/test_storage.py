"""Groups of files: what is said of their sizes."""

from __future__ import annotations

import pytest

from tui.resources.files import FILES
from tui.resources.language.column import CellContext
from tui.resources.storage import STORAGE
from tui.workflows.storage.watch import build_rows

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ([2_000, 500], ["2.5 kB", "2.5 kB"]),
        ([2_000, "many"], ["2.0 kB +?", "2.0 kB +?"]),
        (["many"], ["?", "?"]),
        ([0], ["0 B", "·"]),
    ],
)
def test_a_size_that_cannot_be_read_is_not_none(sizes: list[object], shown: list[str]) -> None:
    files = [
        FILES.record({"id": f"file-{number}", "purpose": "batch", "bytes": size, "used_by": []})
        for number, size in enumerate(sizes)
    ]
    (row,) = [each for each in build_rows(files, NOW) if each["id"] == "purpose/batch"]
    record = STORAGE.record(row)
    cells = {column.header: column.cell(record, CellContext(NOW)).text for column in STORAGE.columns}
    assert [cells["SIZE"], cells["SIZE UNUSED"]] == shown
