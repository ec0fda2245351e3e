"""What a journal amounts to: whatever its end, the next step is the right one, and the numbers add up."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.journals import MODEL, begun, of, part_of
from tui.workflows.campaigns.campaign import MOST_LONE_REFUSALS, Campaign
from tui.workflows.campaigns.sending import Sending, Stage

NOTHING = {"outcome": "ok", "reason": "", "read": 0, "written": 0}


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The journal of a whole campaign: at each point one of its parts goes on as it may."""
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    records = begun(*sizes, retry=draw(st.integers(0, 2)))
    campaign = Campaign(records)
    while not campaign.is_settled:
        moving = [each for each in campaign.parts if each.stage is not Stage.OVER or campaign.has_next(each)]
        sending = draw(st.sampled_from(moving))
        records.append(next_record(draw, campaign, sending))
        campaign.apply(records[-1])
    return records


def next_record(draw: st.DrawFn, campaign: Campaign, sending: Sending) -> dict[str, Any]:
    match sending.stage:
        case Stage.UPLOAD if sending.uploading_since is None:
            return of(sending, "uploading")
        case Stage.UPLOAD:
            return of(sending, "uploaded", file_id=f"file-{sending.part}-{sending.generation}")
        case Stage.CREATE if sending.creating_since is None:
            return of(sending, "creating", attempt=sending.attempt, beside=campaign.count_queued(MODEL))
        case Stage.CREATE:
            id_ = f"batch_{sending.part}-{sending.generation}-{sending.attempt}"
            return of(sending, "created", batch_id=id_)
        case Stage.WAIT if sending.attempt < 3 and draw(st.integers(0, 5)) == 0:
            return of(sending, "no room", limit=draw(st.none() | st.integers(100, 400)))
        case Stage.WAIT:
            return of(sending, "ended", **NOTHING)
        case Stage.COLLECT:
            ok = draw(st.integers(0, sending.lines))
            bad = draw(st.integers(0, sending.lines - ok))
            counts = {"o": ok, "p": bad, "r": sending.lines - ok - bad}
            return of(sending, "collected", counts={letter: count for letter, count in counts.items() if count})
        case _:
            letters = campaign.options.letters
            outcomes = campaign.outcomes_of(sending.part)
            count = sum(outcomes[letter] for letter in letters)
            return part_of(sending.part, sending.generation + 1, count, letters)


@given(histories())
def test_every_request_is_counted_once_at_every_moment(records: list[dict[str, Any]]) -> None:
    campaign = Campaign()
    total = sum(record["lines"] for record in records if record["what"] == "part" and not record["generation"])
    for record in records:
        campaign.apply(record)
        tally = campaign.tally
        if campaign.planned:
            assert tally.total == total
            assert tally.failed == sum(tally.causes.values())
            assert campaign.is_settled == (tally.left == 0)


@given(histories(), st.data())
def test_a_prefix_leads_to_the_next_step_that_was_taken(
    records: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Whatever was announced before a crash and not told after it is known to be in doubt."""
    cut = data.draw(st.integers(4, len(records) - 1))
    campaign, following = Campaign(records[:cut]), records[cut]
    if following["what"] in ("plan", "planned", "part"):
        return
    sending = campaign.sendings[following["part"], following["generation"]]
    stages = {
        "uploading": (Stage.UPLOAD, None),
        "uploaded": (Stage.UPLOAD, 3.0),
        "creating": (Stage.CREATE, None),
        "created": (Stage.CREATE, 3.0),
        "no room": (Stage.WAIT, None),
        "ended": (Stage.WAIT, None),
        "collected": (Stage.COLLECT, None),
    }
    stage, since = stages[following["what"]]
    doubt = sending.uploading_since if stage is Stage.UPLOAD else sending.creating_since
    assert (sending.stage, doubt) == (stage, since)
    assert sending.queued == (stage is Stage.WAIT or following["what"] == "created")


def sent(*records: dict[str, Any], tokens: int = 100, **options: Any) -> Campaign:
    campaign = Campaign([*begun(5, 5, 5, **options), *records])
    for sending in campaign.parts:
        sending.tokens = tokens
    return campaign


def queue(campaign: Campaign, part: int) -> None:
    sending = campaign.sendings[part, 0]
    beside = campaign.count_queued(MODEL)
    for record in (
        of(sending, "uploaded", file_id="file-1"),
        of(sending, "creating", attempt=1, beside=beside),
        of(sending, "created", batch_id=f"batch_{part}"),
    ):
        campaign.apply(record)


def test_the_queue_takes_what_it_is_known_to_take() -> None:
    campaign = sent(max_queued=250)
    first, second, third = campaign.parts
    queue(campaign, 1)
    assert campaign.may_send(second, None)
    queue(campaign, 2)
    assert not campaign.may_send(third, None)
    assert not campaign.may_send(third, 1_000), "the least of the limits counts"
    campaign.apply(of(first, "ended", **NOTHING))
    assert campaign.may_send(third, None)
    assert not campaign.may_send(third, 150)
    campaign.apply({"what": "pause", "at": 4.0})
    assert (campaign.may_send(third, None), campaign.state) == (False, "paused")
    campaign.apply({"what": "resume", "at": 4.0})
    assert campaign.may_send(third, None)


def test_a_refusal_teaches_how_much_is_too_much() -> None:
    campaign = sent()
    for part in (1, 2, 3):
        queue(campaign, part)
    first, _, third = campaign.parts
    campaign.apply(of(third, "no room", limit=None))
    assert (third.stage, third.attempt, third.file_id) == (Stage.CREATE, 2, "file-1")
    assert not campaign.may_send(third, None), "300 at once were too many"
    campaign.apply(of(first, "ended", **NOTHING))
    assert campaign.may_send(third, None)
    assert not campaign.refuse(third, None)


def test_what_no_queue_takes_is_refused_once_and_not_for_ever() -> None:
    campaign = sent()
    first = campaign.parts[0]
    assert "0 input tokens" in campaign.refuse(first, 0)
    queue(campaign, 1)
    campaign.apply(of(first, "no room", limit=90))
    assert "takes 90 input tokens" in campaign.refuse(first, None)
    campaign = sent()
    first = campaign.parts[0]
    for _ in range(MOST_LONE_REFUSALS):
        assert not campaign.refuse(first, None)
        assert campaign.may_send(first, None)
        queue(campaign, 1)
        campaign.apply(of(first, "no room", limit=None))
    assert "something else fills it" in campaign.refuse(first, None)


def test_a_cancelled_campaign_sends_nothing_and_waits_for_what_runs() -> None:
    campaign = sent(retry=3)
    queue(campaign, 1)
    campaign.apply(of(campaign.parts[1], "creating", attempt=1, beside=100))
    campaign.apply({"what": "cancel", "at": 4.0})
    first, doubtful, unsent = campaign.parts
    assert campaign.state == "cancelling"
    assert [campaign.may_send(each, None) for each in campaign.parts] == [False] * 3
    assert "cancelled" in campaign.refuse(unsent, None)
    campaign.apply(of(first, "ended", **NOTHING))
    campaign.apply(of(first, "collected", counts={"o": 2, "n": 3}))
    assert not campaign.has_next(first)
    assert not campaign.is_settled
    assert doubtful.batch_id == ""
