"""Conversations without a server: what scenarios begin with, runs through time, their tools and streams."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import StreamingResponse

from tests.sandbox.conftest import NOW
from tests.sandbox.contract import check
from tui.sandbox.families import KINDS, files, models
from tui.sandbox.families.assistants import routes as assistants
from tui.sandbox.families.assistants import runs, threads
from tui.sandbox.families.assistants.bodies import (
    CreateAssistantRun,
    CreateMessage,
    CreateThread,
    CreateThreadAndRun,
    MessageQuery,
    StepQuery,
    SubmitOutputs,
)
from tui.sandbox.families.assistants.run_objects import Run
from tui.sandbox.families.vector_stores import routes as vector_stores
from tui.sandbox.jobs.assistant_run import RunFacts, arrival_times, plan_marks, status
from tui.sandbox.jobs.assistant_tools import find_sum, make_arguments
from tui.sandbox.protocol import OrderedListing, Problem
from tui.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# -- what scenarios begin with


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A world in this process, with what a scenario begins with; by default on a clock that runs."""
    scenario, options = getattr(request, "param", ("calm", {"speed": 20.0}))
    world = World(tmp_path, kinds=KINDS, **options)
    for part in (models, files, vector_stores, assistants, threads, runs):
        part.family.seed(world, scenario)
    world.settle(math.inf)
    yield world
    world.close()


def objects(world: World, kind: str, parent: str = "") -> list[dict[str, Any]]:
    return [json.loads(world.text(row)) for row in world.rows(kind, parent=parent)]


@pytest.mark.parametrize("world", [("busy", {"now": NOW})], indirect=True)
def test_busy_conversations_are_sound_and_go_on(world: World) -> None:
    told = {thread["metadata"]["subject"]: thread["id"] for thread in objects(world, "thread")}
    named = {assistant["metadata"].get("last_thread") for assistant in objects(world, "assistant")}
    assert named <= {None, *told.values()}
    live, waits = told["Chat on the website"], told["Waits for an order"]
    for thread_id in told.values():
        path = f"/threads/{thread_id}"
        for run in objects(world, "run", thread_id):
            check("GET", f"{path}/runs/{run['id']}", 200, run)
            for number in run_steps(world, run["id"]):
                check("GET", f"{path}/runs/{run['id']}/steps/{number['id']}", 200, number)
        for message in objects(world, "message", thread_id):
            check("GET", f"{path}/messages/{message['id']}", 200, message)
    (run,) = objects(world, "run", waits)
    assert run["status"] == "requires_action"
    assert objects(world, "message", live) == []
    world.advance(150)
    world.settle(math.inf)
    assert [message["role"] for message in objects(world, "message", live)[:4]] == [
        *("user", "assistant", "user", "assistant")
    ]


def run_steps(world: World, run_id: str) -> list[dict[str, Any]]:
    row = world.find("run", run_id)
    assert row
    run = Run.of(row)
    return [run.step(number, world.now()) for number in run.begun_steps(world.now())]


@pytest.mark.parametrize("world", [("nasty", {"now": NOW})], indirect=True)
def test_odd_objects_are_served(world: World) -> None:
    for row in world.rows("assistant"):
        assert assistants.retrieve_assistant(world, row.id)
    for thread in world.rows("thread"):
        assert threads.list_messages(world, thread.id, MessageQuery())
        assert runs.list_runs(world, thread.id, OrderedListing())
        for run in world.rows("run", parent=thread.id):
            assert runs.list_steps(world, thread.id, run.id, StepQuery())
            if run.id.startswith("run_Odd"):
                with pytest.raises(Problem, match="Cannot cancel"):
                    runs.cancel_run(world, thread.id, run.id)
                with pytest.raises(Problem, match="do not accept"):
                    runs.submit_tool_outputs(world, thread.id, run.id, SubmitOutputs(tool_outputs=[]))
    (support, *_) = (row["id"] for row in objects(world, "assistant") if row.get("name") == "Support")
    assert runs.create_run(world, "thread_Odd", CreateAssistantRun(assistant_id=support))
    refused = set()
    for row in world.rows("assistant"):
        try:
            runs.create_thread_and_run(world, CreateThreadAndRun(assistant_id=row.id))
        except Problem:
            refused.add(row.id)
    assert {"asst_OddTool", "asst_OddTypes", "asst_OddBare"} <= refused
    assert all(id_.startswith("asst_Odd") for id_ in refused)


@pytest.mark.parametrize("world", [("calm", {"speed": 2.0})], indirect=True, ids=["with time to cancel"])
async def test_a_stream_hears_of_a_cancelled_run(world: World) -> None:
    thread_id = threads.add_thread(world, CreateThread(messages=[CreateMessage(role="user", content="Why?")]))[
        "id"
    ]
    assistant_id = next(world.rows("assistant")).id
    answer = runs.create_run(world, thread_id, CreateAssistantRun(assistant_id=assistant_id, stream=True))
    assert isinstance(answer, StreamingResponse)
    told = []
    async for block in answer.body_iterator:
        told.append(bytes(block).split(b"\n")[0].decode().removeprefix("event: "))  # type: ignore[arg-type]
        if told[-1] == "thread.message.delta" and told.count("thread.message.delta") == 2:
            (run,) = world.rows("run", parent=thread_id)
            runs.cancel_run(world, thread_id, run.id)
    assert told[-5:] == [
        *("thread.run.cancelling", "thread.message.incomplete", "thread.run.step.cancelled"),
        *("thread.run.cancelled", "done"),
    ]
    world.settle(math.inf)
    (message, *_) = (item for item in objects(world, "message", thread_id) if item["role"] == "assistant")
    assert message["incomplete_details"] == {"reason": "run_cancelled"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is (349 - 212) / 349?", "(349 - 212) / 349"),
        ("12*137 + 40, please", "12*137 + 40"),
        ("order 4711", ""),
    ],
)
def test_sums_are_found(text: str, found: str) -> None:
    assert find_sum(text) == found


def test_arguments_fit_the_schema() -> None:
    schema = {
        "properties": {
            "order_id": {"type": "string"},
            "note": {"type": ["string", "null"]},
            "amounts": {"type": "array", "items": {"type": "number"}},
            "sure": {"type": "boolean"},
        }
    }
    odd: list[Any] = [None, {"properties": 3}, {"type": "object", "enum": 3}, {"type": ["null"]}, {"items": []}]
    assert [make_arguments(schema, "x") for schema in odd] == [{}] * len(odd)
    note = "refund A-47 of 12.5"
    assert make_arguments(schema, note) == {"order_id": "A-47", "note": note, "amounts": [47.0], "sure": True}


# -- time


def facts(**others: Any) -> RunFacts:
    plain: dict[str, Any] = {"created": NOW, "expires": NOW + 600, "waiting": 1.0, "cancelling": 1.0}
    return RunFacts(**plain | {"steps": (("function", 2.0), ("message", 4.0))} | others)


def test_a_course_never_changes_what_was() -> None:
    """Whatever somebody does at a moment, what had happened by then stands."""
    moment = NOW + 3.5  # waits for outputs
    before = [mark for mark in plan_marks(facts()) if mark.moment <= moment]
    for changed in (facts(submitted=(moment,)), facts(cancelled=moment)):
        assert plan_marks(changed)[: len(before)] == before
        assert [mark.moment for mark in plan_marks(changed)] == sorted(mark.moment for mark in plan_marks(changed))
    assert status(facts(), moment) == "requires_action"
    assert status(facts(submitted=(moment,)), NOW + 9) == "completed"
    assert status(facts(cancelled=moment), moment + 1) == "cancelled"
    assert status(facts(), NOW + 600) == "expired"
    assert status(facts(fate="failed", submitted=(moment,)), NOW + 9) == "failed"


def test_pieces_come_evenly_until_it_is_stopped() -> None:
    talking = facts(steps=(("message", 4.0),))
    assert arrival_times(talking, 0, 4) == [NOW + 2, NOW + 3, NOW + 4, NOW + 5]
    assert arrival_times(facts(steps=(("message", 4.0),), cancelled=NOW + 3.5), 0, 4) == [NOW + 2, NOW + 3]


def test_a_cancelled_stream_ends_so() -> None:
    step = {"id": "step_1", "message_id": "msg_1", "usage": {}}
    reply = {"type": "text", "pieces": ["a", " b", " c", " d"], "annotations": []}
    stopped = facts(steps=(("message", 4.0),), cancelled=NOW + 3.5)
    run = Run("run_1", stopped, {"assistant_id": "asst_1", "thread_id": "thread_1"}, [step], reply, None, None)
    told = [event.name.removeprefix("thread.") for event in run.events()]
    assert told[7:] == [
        *("message.delta", "message.delta", "run.cancelling", "message.incomplete", "run.step.cancelled"),
        "run.cancelled",
    ]
    assert run.message(NOW + 9)["content"][0]["text"]["value"] == "a b"
