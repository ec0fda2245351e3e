"""Looking for what may have been sent: long enough for what is late, and no longer, whatever the clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tui.resources.batch.batches import BATCHES
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.sender import LATE, Sender, has_no_room, read_told_limit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("since", "waited"),
    [(1_000.0, LATE), (1e12, LATE), (1_000.0 - LATE / 2, LATE / 2), (0.0, 0.0)],
    ids=["just now", "the clock was set back", "a while ago", "long ago"],
)
async def test_what_may_have_been_sent_is_looked_for_as_long_as_a_list_may_lag(
    tmp_path: Path, since: float, waited: float
) -> None:
    client: Any = None
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    sender = Sender(client, Campaign(), tmp_path, lambda: 1_000.0, sleep)

    async def search() -> str:
        return "batch_late" if sum(pauses) >= shown_after else ""

    shown_after = waited
    assert await sender._find(search, since) == "batch_late"
    assert (sum(pauses), pauses[:-1]) == (waited, sorted(pauses[:-1])), "the pauses grow, and end in time"
    assert len(pauses) < 10, "it does not ask all the time"
    shown_after, pauses[:] = LATE * 2, []
    assert (await sender._find(search, since), sum(pauses)) == ("", waited)


def test_the_limit_of_the_queue_is_read_from_what_a_refusal_says() -> None:
    def refused(message: str, code: str = "token_limit_exceeded") -> Any:
        errors = {"object": "list", "data": [{"code": code, "message": message}]}
        return BATCHES.record({"id": "batch_1", "status": "failed", "errors": errors}).object

    told = "Enqueued token limit reached for gpt-5 in organization org-1. Limit: 2,000,000 enqueued tokens. Please"
    assert (has_no_room(refused(told)), read_told_limit(refused(told))) == (True, 2_000_000)
    assert (has_no_room(refused("full")), read_told_limit(refused("full"))) == (True, None)
    other = refused("Limit: 5", "model_not_found")
    assert (has_no_room(other), read_told_limit(other)) == (False, None)
