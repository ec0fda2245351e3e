"""Looking for what may have been sent: long enough for what is late, and no longer, whatever the clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.batch.batches import BATCHES
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.sender import Sender, has_no_room, read_told_limit

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_a_clock_that_was_set_back_does_not_hold_up_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.workflows.campaigns.sender.LATE", 0.01)
    client: Any = None
    sender = Sender(client, Campaign(), tmp_path, lambda: 1_000.0)
    for since in (0.0, 999.999, 1e12):
        found = iter(["", "batch_late"])

        async def search() -> str:
            return next(found)  # noqa: B023

        assert await sender._find(search, since) == "batch_late"


def test_the_limit_of_the_queue_is_read_from_what_a_refusal_says() -> None:
    def refused(message: str, code: str = "token_limit_exceeded") -> Any:
        errors = {"object": "list", "data": [{"code": code, "message": message}]}
        return BATCHES.record({"id": "batch_1", "status": "failed", "errors": errors}).object

    told = "Enqueued token limit reached for gpt-5 in organization org-1. Limit: 2,000,000 enqueued tokens. Please"
    assert (has_no_room(refused(told)), read_told_limit(refused(told))) == (True, 2_000_000)
    assert (has_no_room(refused("full")), read_told_limit(refused("full"))) == (True, None)
    other = refused("Limit: 5", "model_not_found")
    assert (has_no_room(other), read_told_limit(other)) == (False, None)
