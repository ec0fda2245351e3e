"""What became of a batch: read from words and numbers of any kind, and never better than it is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.samples import SAMPLES
from tui.live.lists.collection import Collection
from tui.resources.batch.batches import BATCHES
from tui.resources.batch.outcomes import attention
from tui.resources.language.asking.forms import start_values
from tui.resources.language.column import CellContext, value_of
from tui.resources.registry import REGISTRY
from tui.widgets.table.fitting import lay_out

ENDS = ("completed_at", "failed_at", "cancelled_at", "expired_at", "finished_at")
ALL_OK = {"total": 3, "completed": 3, "failed": 0}
CONTEXT = CellContext(now=1_760_000_000.0)


def batch(status: Any = "completed", counts: Any = ALL_OK, **more: Any) -> Any:
    return BATCHES.record({"id": "batch_1", "status": status, "request_counts": counts, **more}).object


def cell(header: str, made: dict[str, Any]) -> str:
    column = BATCHES.column(header)
    assert column
    return column.cell(BATCHES.record({"id": "batch_1", **made}), CONTEXT).text


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("COMPLETED", "ok"),
        ("Completed", "ok"),
        ("ended", "ok"),
        ("succeeded", "ok"),
        ("done", "ok"),
        ("canceled", "cancelled partial"),
        ("CANCELLED", "cancelled partial"),
        ("Expired", "expired partial"),
        ("error", "invalid"),
        ("FAILED", "invalid"),
        ("IN_PROGRESS", "running"),
        ("in-progress", "running"),
        ("In Progress", "running"),
        ("inProgress", "running"),
        ("BATCH_STATE_RUNNING", "running"),
        ("BatchStatus.COMPLETED", "ok"),
        ("JOB_STATE_SUCCEEDED", "ok"),
        ("TimedOut", "expired partial"),
        ("STATUS_CANCELLED", "cancelled partial"),
        ("terminated", "cancelled partial"),
        ("rejected", "invalid"),
        ("completed_with_errors", "completed ?"),
        ("SUCCEEDED_WITH_ERRORS", "completed ?"),
        ("completedWithWarnings", "ok"),
        ("job_cancelled", "cancelled partial"),
        ("batch_expired", "expired partial"),
        ("cancelled by user", "cancelled partial"),
        ("validation_failed", "invalid"),
        ("crashed", "invalid"),
        ({"state": "Completed"}, "ok"),
        ({"phase": "FAILED", "since": 1}, "invalid"),
        ({"at": 1}, "unknown"),
        ("of tomorrow", "of_tomorrow"),
        (None, "unknown"),
        (7, "unknown"),
    ],
)
def test_a_status_is_read_however_it_is_spelled(status: Any, outcome: str) -> None:
    assert batch(status).outcome == outcome
    assert batch(status).running == (outcome in ("running", "of_tomorrow", "unknown"))


@pytest.mark.parametrize("status", ["cancelled", "expired", "incomplete"])
@pytest.mark.parametrize("width", [80, 120])
def test_what_was_broken_off_keeps_its_share(status: str, width: int) -> None:
    counts = {"total": 3, "completed": 1, "failed": 0}
    told = cell("OUTCOME", {"status": status, "request_counts": counts})
    assert told.endswith(f"{status} 33 %")
    slots = {slot.column.header: slot.width for slot in lay_out(BATCHES.columns, width, wide=False)}
    assert slots["OUTCOME"] >= len(told)


@pytest.mark.parametrize("status", ["completed with errors", "partially_completed", "COMPLETED_WITH_ERRORS"])
def test_what_ended_with_errors_is_as_good_as_its_counts_tell(status: str) -> None:
    assert batch(status, {"total": 3, "completed": 2, "failed": 1}).outcome == "partial"
    assert batch(status, {"total": 3, "completed": 0, "failed": 3}).outcome == "all failed"
    assert batch(status, {"total": 3, "completed": 2, "failed": 0}).outcome == "completed ?"
    assert not batch(status).running


@pytest.mark.parametrize("status", ["in_progress", "of tomorrow", None])
@pytest.mark.parametrize(
    ("time", "outcome"),
    [
        ("completed_at", "ok"),
        ("failed_at", "invalid"),
        ("expired_at", "expired partial"),
        ("cancelled_at", "cancelled partial"),
        ("canceled_at", "cancelled partial"),
    ],
)
def test_a_time_of_the_end_ends_it_whatever_the_status(status: Any, time: str, outcome: str) -> None:
    ended = batch(status, **{time: 1_760_000_000})
    if (status, outcome) == ("of tomorrow", "ok"):
        outcome = "of_tomorrow"  # that it is over does not say that it went well
        assert attention(ended, CONTEXT) == "it is over, in a state that is not known here: of_tomorrow"
    assert (ended.outcome, ended.running) == (outcome, False)
    assert batch(status, **{time: None}).running
    assert batch(status, **{time: 0}).running


def test_every_family_reads_statuses_alike() -> None:
    seen = 0
    for name, resource in REGISTRY.items():
        if "status" not in resource.model.model_fields:
            continue
        sample = {key: value for key, value in SAMPLES.get(name, {}).items() if key not in (*ENDS, "file_counts")}

        def active(status: str, resource: Any = resource, sample: Any = sample) -> bool:
            answer: bool = resource.active(resource.record({**sample, "status": status}).object)
            return answer

        assert active("in_progress") == active("IN-PROGRESS") == active("In progress"), name
        for word, other in (
            ("completed", "COMPLETED"),
            ("completed", "ended"),
            ("cancelled", "canceled"),
            ("failed", "Error"),
            ("expired", "EXPIRED"),
        ):
            assert active(word) == active(other), (name, word, other)
            seen += active("in_progress") and not active(other)
    assert seen >= 20


ODD: tuple[Any, ...] = (
    None,
    5,
    -1.5,
    True,
    "x",
    "",
    [],
    {},
    [None, 5, {}, "x"],
    {"data": [None, 5]},
    {"x": {"y": [None, 5]}},
)


def test_an_odd_field_changes_nothing_that_the_status_says() -> None:
    seen = 0
    for name, resource in REGISTRY.items():
        if "status" not in resource.model.model_fields:
            continue
        sample = {key: value for key, value in SAMPLES.get(name, {}).items() if key not in (*ENDS, "file_counts")}
        for status in ("failed", "in_progress"):
            plain = resource.record({**sample, "status": status}).object
            for key in resource.model.model_fields.keys() - {"id", "status", "file_counts", *ENDS}:
                for odd in ODD:
                    found = resource.record({**sample, "status": status, key: odd}).object
                    assert found.status == plain.status, (name, key, odd)
                    assert getattr(found, "running", None) == getattr(plain, "running", None), (name, key, odd)
                    seen += 1
    assert seen > 1000


@pytest.mark.parametrize(
    "counts",
    [
        None,
        {},
        [],
        "3/3",
        {"total": 3, "completed": 3},
        {"total": 3, "completed": 3, "failed": None},
        {"total": 3, "completed": 3, "failed": "none"},
        {"total": 3, "completed": 4, "failed": -1},
        {"total": -3, "completed": -3, "failed": 0},
        {"total": 3, "completed": 4, "failed": 0},
        {"total": 0, "completed": 3, "failed": 0},
        {"total": True, "completed": True, "failed": False},
        {"total": 3, "completed": 2, "failed": 0},
        {"total": 2.5, "completed": 2.5, "failed": 0},
        {"total": float("nan"), "completed": 3, "failed": 0},
        {"total": "١", "completed": "1", "failed": 0},
    ],
)
def test_counts_that_tell_nothing_are_no_good_news(counts: Any) -> None:
    unknown = batch(counts=counts)
    assert unknown.outcome == "completed ?"
    assert "counts do not tell" in str(BATCHES.attention(unknown, CONTEXT))
    assert cell("OUTCOME", {"status": "completed", "request_counts": counts}) == "▲ completed ?"
    assert cell("FAIL", {"status": "completed", "request_counts": {"failed": -1}}) == "·"


def test_counts_written_as_text_are_read_and_no_requests_are_no_success() -> None:
    assert batch(counts={"total": "3", "completed": "3", "failed": "0"}).outcome == "ok"
    assert batch(counts={"total": 3.0, "completed": 3.0, "failed": 0.0}).outcome == "ok"
    empty = batch(counts={"total": 0, "completed": 0, "failed": 0})
    assert (empty.outcome, empty.tally) == ("nothing ran", "no request ran")
    assert BATCHES.attention(empty, CONTEXT)
    assert batch(counts=ALL_OK).tally == "3 ok, 0 failed"


numbers = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 5), st.floats(), st.text(max_size=3), st.lists(st.integers())
)


@given(
    st.one_of(st.none(), st.sampled_from(["completed", "COMPLETED", "ended", "failed", "x", ""]), st.integers()),
    st.one_of(
        st.none(),
        st.text(),
        st.dictionaries(st.sampled_from(["total", "completed", "failed", "other"]), numbers),
    ),
)
def test_ok_is_said_of_nothing_that_is_not_known_to_be(status: Any, counts: Any) -> None:
    found = batch(status, counts)
    if found.outcome == "ok":
        assert str(status).casefold() in ("completed", "ended")
        total, done, failed = (float(counts[name]) for name in ("total", "completed", "failed"))
        assert total == done > 0 == failed
        assert not any(isinstance(counts[name], bool) for name in ("total", "completed", "failed"))
    assert isinstance(cell("OUTCOME", {"status": status, "request_counts": counts}), str)


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        (
            {"object": "list", "data": [{"code": "bad_line", "message": "No JSON.", "line": "3"}]},
            "line 3: bad_line",
        ),
        ([{"code": "model_mismatch", "line": 2, "message": "two models"}], "line 2: model_mismatch: two models"),
        ({"code": 17, "message": "seventeen"}, "17: seventeen"),
        ({"data": {"message": "alone"}}, "alone"),
        ({"data": ["a", "b", "c"]}, "a and 2 more"),
        ({"detail": "something else"}, "something else"),
        ({"errors": [{"message": "inner"}]}, "inner"),
        ([{"loc": ["body", 3], "msg": "bad field"}], "bad field"),
        ({"figure": 7}, '{"figure": 7}'),
        ({"data": [{"code": "", "message": None, "line": None}]}, "no reason given"),
        ("the queue is full", "the queue is full"),
        ("<html><title>502 Bad Gateway</title></html>", "502 Bad Gateway"),
        ('{"error": {"message": "the queue is full"}}', "the queue is full"),
        ({"object": "list", "data": [{"error": {"code": "full", "message": "the queue"}}]}, "full: the queue"),
        ({"object": "list", "data": None}, ""),
        ({"object": "list"}, ""),
        (None, ""),
        ("", ""),
        ([], ""),
        (7, "7"),
    ],
)
def test_why_it_was_refused_is_told_in_list_and_detail(errors: Any, told: str) -> None:
    raw = {"status": "failed", "request_counts": None, "errors": errors, "input_file_id": "file-in"}
    refused = batch(**raw | {"counts": None, "request_counts": None})
    assert refused.outcome == "invalid"
    assert refused.input_file_id == "file-in", "what is odd costs itself only"
    assert refused.reason.startswith(told)
    assert bool(refused.reason) == bool(told)
    assert cell("PROGRESS", raw).startswith(told)
    assert told in str(BATCHES.attention(refused, CONTEXT))
    lines = next(section.lines for section in BATCHES.detail if section.title == "Errors")
    assert lines
    assert bool(lines(refused, CONTEXT)) == bool(told)


@pytest.mark.parametrize("errors", [None, [], {"object": "list", "data": None}])
def test_a_reason_that_stands_where_that_of_a_job_does_is_told(errors: Any) -> None:
    refused = batch("failed", None, errors=errors, error={"code": "full", "message": "the queue"})
    assert refused.reason == ("full: the queue" if not errors else "")


def test_failures_need_their_owner_from_a_share_on() -> None:
    partial = batch(counts={"total": 1387, "completed": 1189, "failed": 198})
    assert BATCHES.attention(partial, CONTEXT) == "198 of 1,387 requests failed"
    lenient = replace(CONTEXT, failed_share=0.2)
    assert BATCHES.attention(partial, lenient) is None
    assert BATCHES.attention(batch(counts={"total": 2, "completed": 1, "failed": 1}), lenient)


def test_a_list_judges_by_the_share_it_was_given() -> None:
    raw = {"id": "b", "status": "completed", "request_counts": {"total": 10, "completed": 9, "failed": 1}}
    for share, needs in ((0.0, {"b"}), (0.2, set())):
        collection = Collection(BATCHES, failed_share=share)
        collection.apply([raw], after=None, has_more=False, next=None, now=CONTEXT.now)
        assert set(collection.attention()) == needs


def test_expiry_is_shown_while_it_can_happen() -> None:
    later = CONTEXT.now + 7200
    field = next(field for section in BATCHES.detail for field in section.fields if field.label == "expires")
    for status, shown in (("in_progress", True), ("failed", False), ("completed", False), ("CANCELED", False)):
        raw = {"id": "batch_1", "status": status, "expires_at": later}
        assert bool(value_of(field.value, BATCHES.record(raw))) == shown
        assert (cell("DUE", raw) != "·") == shown


def test_a_failed_batch_whose_counts_tell_of_no_failure_is_not_called_zero_failures() -> None:
    counts = {"total": 2, "completed": 2, "failed": 0}
    batch = BATCHES.record({"id": "b", "status": "Failed", "output_file_id": "file-1", "request_counts": counts})
    assert BATCHES.attention(batch.object, CONTEXT) == "it failed, although its counts tell of no failure"


def test_counts_that_contradict_the_status_are_told_as_such() -> None:
    refused = batch("failed", {"total": 3, "completed": 3, "failed": 0})
    assert refused.outcome == "invalid"
    assert refused.tally == "3 of its requests are counted as answered, but it names no output"
    assert BATCHES.attention(refused, CONTEXT) == f"it failed, and {refused.tally}"
    assert (
        cell("PROGRESS", {"status": "failed", "request_counts": {"total": 3, "completed": 3, "failed": 0}}) == "·"
    )
    expired = batch("expired", {"total": 3, "completed": 3, "failed": 0})
    assert BATCHES.attention(expired, CONTEXT) == "expired, although each of its requests is counted as run"


def test_what_is_made_after_a_batch_of_a_campaign_is_none_of_its_own() -> None:
    told = {"campaign": "nightly", "campaign_id": "1", "part": "2", "generation": "0", "attempt": "1", "name": "x"}
    create = BATCHES.action("create")
    assert create
    for metadata, wanted in ((told, {"campaign": "nightly", "name": "x"}), ({"part": "2"}, {"part": "2"})):
        record = BATCHES.record({"id": "batch_1", "metadata": metadata})
        assert record.object.metadata_for_another == wanted
        assert start_values(create, record)["metadata"] == wanted
