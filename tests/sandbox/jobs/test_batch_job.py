from __future__ import annotations

import dataclasses
import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from tests.support.steps import finish
from tui.sandbox.jobs.batch import (
    MAX_LINES,
    BatchFacts,
    answer_order,
    count_answered,
    count_failed,
    plan_batch,
    read_lines,
    state_at,
)

CHAT = "/v1/chat/completions"


@st.composite
def lives(draw: st.DrawFn) -> BatchFacts:
    total = draw(st.integers(0, 3000))
    facts = plan_batch(
        created=1000.0,
        total=total,
        bad=draw(st.integers(0, total)),
        invalid=draw(st.booleans()),
        speed=draw(st.floats(0.1, 50)),
        phase=draw(st.floats(0, 7)),
    )
    ceiling = draw(st.sampled_from((1.0, 0.0, 0.43)))
    running = facts.running * draw(st.sampled_from((1, 1, 500_000)))
    facts = dataclasses.replace(facts, ceiling=ceiling, running=running)
    if draw(st.booleans()):
        moment = facts.created + draw(st.floats(0, 0.999)) * (facts.finished - facts.created)
        facts = dataclasses.replace(facts, cancelled=moment)
    return facts


@given(lives(), st.lists(st.floats(0, 200_000), min_size=2, max_size=30))
def test_counts_never_fall_nor_exceed_the_total(facts: BatchFacts, offsets: list[float]) -> None:
    seen = [state_at(facts, facts.created + offset) for offset in sorted(offsets)]
    for before, after in itertools.pairwise(seen):
        assert before.completed <= after.completed
        assert before.failed <= after.failed
        assert before.entered.items() <= after.entered.items(), "history was rewritten"
    for moment in seen:
        assert 0 <= moment.completed + moment.failed <= facts.total
        assert moment.failed <= facts.bad


@given(lives())
def test_the_end_is_final_and_complete(facts: BatchFacts) -> None:
    end = state_at(facts, facts.ends)
    assert end == state_at(facts, facts.ends + 1e6)
    assert end.status in ("completed", "failed", "expired", "cancelled")
    if end.status == "completed":
        assert (end.completed, end.failed) == (facts.total - facts.bad, facts.bad)
    if end.status == "failed":
        assert (end.completed, end.failed) == (0, 0)


@given(lives(), st.floats(0, 1))
def test_files_hold_what_the_counts_tell(facts: BatchFacts, share: float) -> None:
    bad = set(range(0, facts.bad))
    answers = answer_order(facts, bad, "seed")
    assert sorted(answers) == list(range(facts.total))
    done = count_answered(facts, facts.created + share * (facts.finished - facts.created))
    assert len(bad.intersection(answers[:done])) == count_failed(facts, done)


def test_phases_follow_each_other() -> None:
    facts = plan_batch(created=0.0, total=2000, bad=0, invalid=False, speed=1, phase=0)
    moments = (0, 2.9, 3, 42.9, 43.1, 47.1)
    found = [state_at(facts, moment).status for moment in moments]
    assert found == ["validating", "validating", "in_progress", "in_progress", "finalizing", "completed"]


def test_what_does_not_finish_in_its_window_expires() -> None:
    facts = plan_batch(created=0.0, total=100, bad=10, invalid=False, speed=1, phase=0)
    facts = dataclasses.replace(facts, running=86400 * 2)
    end = state_at(facts, 86400)
    assert end.status == "expired"
    assert 0 < end.completed + end.failed < 100


def test_every_fault_of_an_input_file_has_its_line() -> None:
    good = {"custom_id": "a", "method": "POST", "url": CHAT, "body": {"model": "m"}}
    lines = [
        json.dumps(good),
        "not json",
        "[1]",
        "",
        json.dumps(good),
        json.dumps({**good, "custom_id": "b", "url": "/v1/embeddings"}),
        json.dumps({**good, "custom_id": "c", "method": "GET"}),
        json.dumps({"method": "POST", "url": CHAT, "body": {"model": "m"}}),
        json.dumps({**good, "custom_id": 7}),
        json.dumps({**good, "custom_id": "d", "body": "x"}),
    ]
    requests, errors = finish(read_lines((line.encode() + b"\n" for line in lines), CHAT))
    assert [request.custom_id for request in requests] == ["a"]
    assert [(error.line, error.code, error.param) for error in errors] == [
        (2, "invalid_json_line", None),
        (3, "invalid_json_line", None),
        (5, "duplicate_custom_id", "custom_id"),
        (6, "url_mismatch", "url"),
        (7, "invalid_method", "method"),
        (8, "missing_required_parameter", "custom_id"),
        (9, "invalid_type", "custom_id"),
        (10, "invalid_type", "body"),
    ]


def test_too_many_lines_and_none_are_refused() -> None:
    line = '{"custom_id": "%d", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m"}}'
    _, errors = finish(read_lines(((line % number).encode() for number in range(MAX_LINES + 1)), CHAT))
    assert [error.code for error in errors] == ["too_many_tasks"]
    assert [error.code for error in finish(read_lines([b"\n", b"  \n"], CHAT))[1]] == ["empty_file"]
