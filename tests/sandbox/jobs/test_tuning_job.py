from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.steps import finish
from tui.sandbox.jobs.tuning import (
    TuningFacts,
    end_of,
    epoch_ends,
    metrics_at,
    past_points,
    plan_job,
    read_examples,
    status_at,
    time_of_work,
    work_done,
    write_results,
)


def job(**changes: object) -> TuningFacts:
    facts = plan_job(created=0.0, examples=100, epochs=3, batch_size=2, speed=1, seed=7, tokens=5, validated=True)
    return dataclasses.replace(facts, **changes)  # type: ignore[arg-type]


@given(st.lists(st.floats(0.1, 60), max_size=6), st.lists(st.floats(0, 400), min_size=2, max_size=20))
def test_events_are_only_ever_appended(gaps: list[float], moments: list[float]) -> None:
    """Whatever is paused and resumed later, what was told stays told, in its place."""
    halts: list[tuple[float, float | None]] = []
    time = 15.0
    for gap in gaps:
        halts.append((time, time + gap))
        time += 2 * gap + 5
    for moment in sorted(moments):
        known = tuple(
            (asked, resumed if resumed is not None and resumed <= moment else None)
            for asked, resumed in halts
            if asked <= moment
        )
        then, later = job(halts=known), job(halts=tuple(halts))
        before, after = past_points(then, moment), past_points(later, moment + 500)
        assert [pair[0] for pair in before] == sorted(pair[0] for pair in before)
        assert after[: len(before)] == before


@given(st.floats(0, 300), st.floats(0.1, 100))
def test_work_stands_still_while_paused(asked: float, length: float) -> None:
    facts = job(halts=((asked, asked + length),))
    moments = [asked - 1, asked, asked + length / 2, asked + length, asked + length + 50]
    done = [work_done(facts, moment) for moment in moments]
    assert all(after > before - 1e-9 for before, after in itertools.pairwise(done))
    still = max(length - facts.pausing, 0)
    assert math.isclose(done[-1], max(asked + length + 50 - still, 0))
    assert math.isclose(time_of_work(facts, done[-1]), moments[-1])


def test_statuses_follow_each_other() -> None:
    facts = job(halts=((50.0, 80.0),))
    moments = (0, 5.9, 6, 12, 49, 50, 53.9, 54, 79, 80, end_of(facts) - 0.1, end_of(facts))
    assert [status_at(facts, moment) for moment in moments] == [
        "validating_files",
        "validating_files",
        "queued",
        "running",
        "running",
        "pausing",
        "pausing",
        "paused",
        "paused",
        "running",
        "running",
        "succeeded",
    ]
    assert end_of(job(halts=((50.0, None),))) == math.inf
    assert status_at(job(cancelled=60.0), 60.0) == "cancelled"
    assert status_at(job(fault=("code", "message", None)), 6.0) == "failed"


def test_a_curve_falls_and_is_the_same_each_time() -> None:
    facts = job()
    losses = [metrics_at(facts, step)["train_loss"] or 0 for step in range(1, facts.steps + 1)]
    tenth = len(losses) // 10
    assert sum(losses[:tenth]) > 1.5 * sum(losses[-tenth:])
    assert metrics_at(facts, 40) == metrics_at(facts, 40)
    assert metrics_at(facts, 40)["valid_loss"] is not None
    assert metrics_at(facts, 41)["valid_loss"] is None
    assert metrics_at(job(seed=8), 40) != metrics_at(facts, 40)


def test_checkpoints_stand_at_the_ends_of_epochs() -> None:
    assert epoch_ends(job()) == [50, 100, 150]
    told = [point.what for _, point in past_points(job(), 1e6)]
    assert told[:4] == ["created", "validating", "validated", "started"]
    assert told.count("checkpoint") == 3
    assert told.count("metrics") == 150
    assert told[-1] == "succeeded"


def test_the_results_file_tells_the_same_as_the_events() -> None:
    facts = job()
    rows = list(csv.DictReader(io.StringIO(write_results(facts))))
    assert len(rows) == 150
    assert float(rows[9]["valid_loss"]) == metrics_at(facts, 10)["valid_loss"]
    assert rows[10]["valid_loss"] == ""


def test_many_steps_do_not_make_many_events() -> None:
    told = past_points(job(steps=100_000), 1e6)
    assert len(told) < 700


def test_a_bad_training_file_names_the_example() -> None:
    good = json.dumps({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]})
    lines = [good.encode()] * 12
    assert finish(read_examples(lines, "supervised")).fault is None
    for bad in (b"{", b"[]", b'{"prompt": "x"}', b'{"messages": []}', b'{"messages": [{"role": "user"}]}'):
        fault = finish(read_examples([*lines, bad], "supervised")).fault
        assert fault
        assert fault.code == "invalid_training_file"
        assert "Example 13" in fault.message
    few = finish(read_examples(lines[:4], "supervised")).fault
    assert few
    assert few.code == "invalid_n_examples"
    assert finish(read_examples(lines, "dpo")).fault, "a supervised file is no preference file"


def test_preferences_are_one_answer_each_to_what_somebody_asked() -> None:
    asked, said = {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}
    good = {
        "input": {"messages": [asked]},
        "preferred_output": [said],
        "non_preferred_output": [{**said, "content": "b"}],
    }
    picture = {"role": "assistant", "content": [{"type": "image_url", "image_url": {"url": "https://x"}}]}
    wrong: list[dict[str, Any]] = [
        {"input": {"messages": [asked, said]}},
        {"preferred_output": [said, said]},
        {"preferred_output": [{**said, "weight": 1}]},
        {"preferred_output": [picture]},
        {"non_preferred_output": [said]},
    ]
    assert finish(read_examples([json.dumps(good).encode()] * 10, "dpo")).fault is None
    for change in wrong:
        assert finish(read_examples([json.dumps({**good, **change}).encode()] * 10, "dpo")).fault, change
