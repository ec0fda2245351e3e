"""Looking for what may have been sent: long enough for what is late, and no longer, whatever the clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.journals import begun, of
from tui.resources.batch.batches import BATCHES
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.doubts import Doubts
from tui.workflows.campaigns.patience import Patience
from tui.workflows.campaigns.sender import LATE, Sender, has_no_room, read_told_limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
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


async def test_a_batch_that_shows_late_is_taken_where_it_is_wanted_and_else_cancelled(tmp_path: Path) -> None:
    campaign = Campaign([*begun(5, 5), {"what": "pause", "at": 3.0}])
    first, second = campaign.parts
    for sending in (first, second):
        campaign.apply(of(sending, "uploaded", file_id="file-1"))
        campaign.apply(of(sending, "creating", attempt=1, beside=0))
        campaign.apply(of(sending, "not created"))
    campaign.apply(of(second, "created", batch_id="batch_again"))
    cancelled, said, noted = list[str](), list[str](), list[str]()

    class Listed(Sender):
        async def find_unknown_batches(self) -> dict[str, Any]:
            return {f"batch_{part}": {"part": part, "generation": "0", "attempt": "1"} for part in "12x"}

        async def cancel(self, id_: str) -> None:
            cancelled.append(id_)

    def note(what: str, **told: Any) -> None:
        noted.append(what)
        campaign.apply({"what": what, "at": 4.0, **told})

    client: Any = None
    sender = Listed(client, campaign, tmp_path, lambda: 1_000.0)
    await Doubts(campaign, sender, Patience(said.append, said.append), note, said.append).settle_batches()
    assert (first.batch_id, second.batch_id) == ("batch_1", "batch_again")
    assert (cancelled, list(campaign.extras), noted) == (
        ["batch_2", "batch_x"],
        ["batch_2", "batch_x"],
        ["created", "extra", "extra"],
    )
    assert campaign.reasons == said
    assert "batch_2 was made of part 2 a second time" in said[0]


async def test_at_the_end_it_is_looked_for_once_the_list_shows_what_is_known(tmp_path: Path) -> None:
    campaign = Campaign(begun(5))
    sending = campaign.parts[0]
    campaign.apply(of(sending, "uploaded", file_id="file-1"))
    campaign.apply(of(sending, "creating", attempt=1, beside=0, again=True))
    campaign.apply(of(sending, "created", batch_id="batch_known"))
    metadata = {"campaign_id": "i", "part": "1", "generation": "0", "attempt": "1"}
    batches = [{"id": id_, "metadata": metadata} for id_ in ("batch_lost", "batch_known")]
    others: list[dict[str, Any]] = [{"id": "batch_other", "metadata": None}, {}]
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    class Listed(Sender):
        async def _objects(self, *_: Any) -> AsyncIterator[dict[str, Any]]:
            for raw in others + (batches if sum(pauses) >= shown_after else []):
                yield raw

        async def cancel(self, id_: str) -> None:
            assert id_ == "batch_lost"

    def note(what: str, **told: Any) -> None:
        campaign.apply({"what": what, "at": 4.0, **told})

    client: Any = None
    said: list[str] = []
    sender = Listed(client, campaign, tmp_path, lambda: 1_000.0, sleep)
    doubts = Doubts(campaign, sender, Patience(said.append, said.append), note, said.append)
    shown_after = LATE * 2
    await doubts.settle_all()
    assert (sum(pauses), list(campaign.extras), len(campaign.reasons)) == (LATE, [], 1)
    assert "does not list all batches" in campaign.reasons[0]
    shown_after = LATE + 5
    await doubts.settle_all()
    assert (list(campaign.extras), campaign.unlisted) == (["batch_lost"], "")


def test_the_limit_of_the_queue_is_read_from_what_a_refusal_says() -> None:
    def refused(message: str, code: str = "token_limit_exceeded") -> Any:
        errors = {"object": "list", "data": [{"code": code, "message": message}]}
        return BATCHES.record({"id": "batch_1", "status": "failed", "errors": errors}).object

    told = "Enqueued token limit reached for gpt-5 in organization org-1. Limit: 2,000,000 enqueued tokens. Please"
    assert (has_no_room(refused(told)), read_told_limit(refused(told))) == (True, 2_000_000)
    assert (has_no_room(refused("full")), read_told_limit(refused("full"))) == (True, None)
    other = refused("Limit: 5", "model_not_found")
    assert (has_no_room(other), read_told_limit(other)) == (False, None)
