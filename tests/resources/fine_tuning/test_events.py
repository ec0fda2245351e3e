"""Events of fine-tuning: whatever comes is a line of the log, and every number a point of a curve."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.samples import CONTEXT, NOW
from tui.resources.fine_tuning.events import EVENTS
from tui.resources.fine_tuning.jobs import JOBS
from tui.resources.language.curves import MAX_CURVES, MAX_GROUPS, sort_curves

WORDS = next(column for column in EVENTS.columns if column.grow)


def said(**event: Any) -> str:
    raw = {"id": "ftevent-1", "object": "fine_tuning.job.event", "created_at": NOW, "level": "info", **event}
    return WORDS.cell(EVENTS.record(raw), CONTEXT).text


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ({"type": "message", "message": "Started", "data": {}}, "Started"),
        (
            {"type": "metrics", "message": "Step 3", "data": {"step": 3, "train_loss": 0.5, "valid_loss": None}},
            "step    3  loss 0.5000",
        ),
        (
            {
                "type": "metrics",
                "message": "Step 2: …",
                "data": {"step": 2, "train_mean_reward": 0.5, "kl": "0.1"},
            },
            "step    2  train_mean_reward 0.5000  kl 0.1000",
        ),
        ({"type": "metrics", "data": {"step": 2, "grades": {"exact": 1}}}, "step    2  grades.exact 1.0000"),
        ({"type": "metrics", "data": {"train_loss": 0.25}}, "step    ?  loss 0.2500"),
        ({"type": "metrics", "message": "Nothing yet", "data": {"step": 2}}, 'Nothing yet  {"step": 2}'),
        ({"type": "metrics", "message": None, "data": [1, 2]}, "[1, 2]"),
        (
            {"type": "moderation_checks", "message": "", "level": "error", "data": {"blocked": True}},
            '{"blocked": true}',
        ),
        ({"type": "moderation_checks", "message": "Blocked", "data": {"n": 1}}, 'Blocked  {"n": 1}'),
        ({"type": "message", "message": {"text": "Odd"}}, '{"text": "Odd"}'),
        ({"type": "checkpoint", "note": "new"}, '{"note": "new"}'),
        ({"type": "checkpoint"}, "checkpoint"),
        ({}, "an event that says nothing"),
    ],
)
def test_an_event_says_what_it_has(event: dict[str, Any], line: str) -> None:
    assert said(**event) == line


def test_figures_stand_below_each_other_whatever_their_size() -> None:
    steps = [
        {"step": step, "train_loss": loss, "train_mean_token_accuracy": 0.5}
        for step, loss in ((9, 12.5), (10, 0.5226), (1234, 0.569), (2000, 123.456), (2001, 0.0), (2002, 1e-05))
    ]
    lines = [said(type="metrics", data=data) for data in steps]
    assert {line.index("acc") for line in lines} == {lines[0].index("acc")}
    assert len({len(line) for line in lines}) == 1


def drawn(*data: Any) -> dict[str, dict[str, list[tuple[Any, Any]]]]:
    assert JOBS.chart
    return sort_curves(JOBS.chart, [EVENTS.record({"id": str(at), "data": one}) for at, one in enumerate(data)])


def test_every_number_is_a_curve_by_its_name_rewards_first() -> None:
    found = drawn(
        {"step": 1, "train_loss": 3.0, "total_steps": 9, "entropy": "0.5", "ok": True, "note": "x"},
        None,
        {"step": 2, "train_loss": 2.0, "full_valid_loss": 2.5, "train_mean_reward": 0.1},
        [1, 2],
    )
    assert found == {
        "mean reward": {"train": [(2.0, 0.1)]},
        "loss": {"train": [(1.0, 3.0), (2.0, 2.0)], "full valid": [(2.0, 2.5)]},
        "entropy": {"entropy": [(1.0, 0.5)]},
    }
    assert list(found)[:2] == ["mean reward", "loss"]


def test_without_a_step_measurements_are_numbered() -> None:
    assert drawn({"reward": 1}, {"reward": 2}) == {"reward": {"reward": [(1, 1.0), (2, 2.0)]}}


ANYTHING = st.recursive(
    st.sampled_from(
        [None, True, 0, -1, 1.5, 10**400, float("nan"), "", "nan", "7", "\x1b[31m", "metrics", "error"]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["step", "loss", "a"]), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["created_at", "level", "type", "message", "data", "object", "x"]), ANYTHING)
)
def test_an_event_may_be_anything_and_is_a_line(event: dict[str, Any]) -> None:
    record = EVENTS.record({"id": "e", **event})
    assert WORDS.cell(record, CONTEXT).text
    assert all(isinstance(column.cell(record, CONTEXT).text, str) for column in EVENTS.columns)
    assert JOBS.chart
    found = sort_curves(JOBS.chart, [record] * 3)
    assert len(found) <= MAX_GROUPS
    assert all(len(group) <= MAX_CURVES for group in found.values())
