"""An action with its objects: which of them it cannot be done to is said with the reason."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tui.resources.registry import REGISTRY
from tui.screens.actions.target import Target


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (["in_progress", "in_progress"], ""),
        (["in_progress", "completed"], "1 of the 2 marked is left out: it is completed already."),
        (
            ["in_progress", "completed", "completed", "cancelled"],
            "3 of the 4 marked are left out: 2: it is completed already; 1: it is cancelled already.",
        ),
    ],
)
def test_what_is_left_out_is_counted_and_said_why(states: list[str], said: str) -> None:
    batches = REGISTRY["batches"]
    cancel = batches.action("cancel")
    assert cancel
    platform: Any = SimpleNamespace(client=SimpleNamespace(read_only=False))
    records = [batches.record({"id": f"batch_{at}", "status": state}) for at, state in enumerate(states)]
    assert Target(platform, cancel, batches, {}, records).left_out == said


def test_no_object_is_read_where_nothing_is_refused() -> None:
    files = REGISTRY["files"]
    delete = files.action("delete")
    assert delete
    platform: Any = SimpleNamespace(client=SimpleNamespace(read_only=False))
    record = files.record({"id": "file-1"})
    assert Target(platform, delete, files, {}, [record]).able == [record]
    assert record._object is None, "of a hundred thousand that takes seconds and memory"
