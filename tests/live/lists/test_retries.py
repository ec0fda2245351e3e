"""Batches sent again: what was made up for needs nobody any more."""

from __future__ import annotations

from typing import Any

import pytest

from tui.live.lists.collection import Collection
from tui.resources.batch.batches import BATCHES


def batch(
    id_: str, total: int, completed: int, failed: int, status: str = "completed", of: str = ""
) -> dict[str, Any]:
    """A batch with its counts, sent again for another."""
    counts = {"total": total, "completed": completed, "failed": failed}
    raw = {"id": id_, "status": status, "created_at": 1_000, "request_counts": counts, "output_file_id": "file-1"}
    return {**raw, "metadata": {"retry_of": of}} if of else raw


OLD = batch("batch_old", 1_250, 1_112, 138)


@pytest.mark.parametrize(
    ("others", "needing"),
    [
        ([], {"batch_old"}),
        ([batch("batch_1", 138, 138, 0, of="batch_old")], set()),
        ([batch("batch_1", 138, 90, 0, "in_progress", of="batch_old")], {"batch_old"}),
        ([batch("batch_1", 138, 0, 0, "failed", of="batch_old")], {"batch_old", "batch_1"}),
        ([batch("batch_1", 137, 137, 0, of="batch_old")], {"batch_old"}),
        ([batch("batch_1", 138, 138, 0, of="batch_other")], {"batch_old"}),
        ([batch("batch_1", 138, 130, 8, of="batch_old")], {"batch_old", "batch_1"}),
        ([batch("batch_1", 138, 130, 8, of="batch_old"), batch("batch_2", 8, 8, 0, of="batch_1")], set()),
        ([{**OLD, "id": "batch_1", "metadata": {"retry_of": 3}}], {"batch_old", "batch_1"}),
        ([batch("batch_1", 138, 130, 8, of="batch_2"), batch("batch_2", 8, 7, 1, of="batch_1")], None),
    ],
)
def test_a_batch_whose_failures_were_sent_again_and_all_answered_needs_nobody(
    others: list[dict[str, Any]], needing: set[str] | None
) -> None:
    known = {each["id"] for each in (OLD, *others)} if needing is None else needing
    for order in ([*reversed(others), OLD], [OLD, *others]):
        collection = Collection(BATCHES)
        collection.apply(order, after=None, has_more=False, next=None, now=2_000.0)
        assert collection.attention().keys() == known
        collection = Collection(BATCHES)
        for each in order:  # as they come, one by one
            collection.put(each, 2_000.0)
        assert collection.attention().keys() == known


def test_it_needs_somebody_again_once_the_other_is_gone_or_did_not_go_well() -> None:
    collection = Collection(BATCHES)
    for each in (OLD, batch("batch_1", 138, 90, 0, "in_progress", of="batch_old")):
        collection.put(each, 2_000.0)
    assert collection.attention().keys() == {"batch_old"}
    collection.put(batch("batch_1", 138, 138, 0, of="batch_old"), 2_000.0)
    assert not collection.attention()
    collection.drop("batch_1")
    assert collection.attention().keys() == {"batch_old"}


def test_a_file_that_was_refused_is_made_up_for_once_it_ran() -> None:
    refused = {"id": "batch_old", "status": "failed", "created_at": 1_000, "errors": {"data": [{"message": "no"}]}}
    collection = Collection(BATCHES)
    collection.put(refused, 2_000.0)
    assert collection.attention()
    collection.put(batch("batch_1", 30, 30, 0, of="batch_old"), 2_000.0)
    assert not collection.attention()
