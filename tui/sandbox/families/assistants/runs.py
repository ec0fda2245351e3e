"""Runs of assistants on threads: begun, followed, polled, answered, cancelled; and their steps.

A run whose metadata has `simulate` set to failed, incomplete or expired ends so.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from tui.sandbox.families.assistants.bodies import (
    CreateAssistantRun,
    CreateThread,
    CreateThreadAndRun,
    ModifyMetadata,
    StepInclude,
    StepQuery,
    SubmitOutputs,
)
from tui.sandbox.families.assistants.routes import tool_resources
from tui.sandbox.families.assistants.run_objects import Run
from tui.sandbox.families.assistants.run_requests import build_request
from tui.sandbox.families.assistants.run_work import active_run, begin, cancel, settle, submit
from tui.sandbox.families.assistants.seeds import ask_again, seed
from tui.sandbox.families.assistants.threads import add_message, add_thread, find_thread
from tui.sandbox.family import Family
from tui.sandbox.lists import list_computed, list_stored
from tui.sandbox.protocol import Answer, OrderedListing, Problem, json_response
from tui.sandbox.streams import Event

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tui.sandbox.world import JSON, Row, World

family = Family()
family.settles("run")(settle)
family.settles("question")(ask_again)
family.seeds(seed)


@family.shows("run")
def _show(world: World, row: Row) -> JSON:
    return Run.of(row).describe(world.now())


@family.route("GET", "/threads/{thread_id}/runs", query=OrderedListing)
def list_runs(world: World, thread_id: str, query: OrderedListing) -> Answer:
    """List a thread's runs, newest first unless asked otherwise."""
    find_thread(world, thread_id)
    newest = query.order == "desc"
    return list_stored(
        world, "run", parent=thread_id, after=query.after, before=query.before, limit=query.limit, newest=newest
    )


@family.route("POST", "/threads/{thread_id}/runs", body=CreateAssistantRun)
def create_run(world: World, thread_id: str, body: CreateAssistantRun) -> Answer:
    """Begin a run, streamed if asked."""
    thread = find_thread(world, thread_id)
    if run := active_run(world, thread_id):
        raise Problem(f"Thread {thread_id} already has an active run {run.id}.")
    request = build_request(world, thread_id, body)
    if body.additional_instructions:
        request["instructions"] = f"{request['instructions']}\n{body.additional_instructions}".strip()
    for message in body.additional_messages or []:
        add_message(world, thread, message)
    return _answer_begun(world, begin(world, thread_id, request), streamed=body.stream)


@family.route("POST", "/threads/runs", body=CreateThreadAndRun)
def create_thread_and_run(world: World, body: CreateThreadAndRun) -> Answer:
    """Begin a thread and a run on it, streamed if asked."""
    thread = add_thread(world, body.thread or CreateThread())
    request = build_request(world, thread["id"], body)
    if body.tool_resources:
        thread["tool_resources"] |= tool_resources(world, body.tool_resources)
        world.finish(find_thread(world, thread["id"]), thread)
    return _answer_begun(world, begin(world, thread["id"], request), streamed=body.stream, thread=thread)


def _answer_begun(world: World, row: Row, *, streamed: bool | None, thread: JSON | None = None) -> Answer:
    return _stream(world, row, 0, thread) if streamed else json_response(world.text(row))


@family.route("GET", "/threads/{thread_id}/runs/{run_id}")
def retrieve_run(world: World, thread_id: str, run_id: str) -> Answer:
    """Retrieve a run."""
    return json_response(world.text(_find_run(world, thread_id, run_id)))


@family.route("POST", "/threads/{thread_id}/runs/{run_id}", body=ModifyMetadata)
def modify_run(world: World, thread_id: str, run_id: str, body: ModifyMetadata) -> Answer:
    """Change a run's metadata."""
    row = _find_run(world, thread_id, run_id)
    changes = {"metadata": body.metadata or {}} if "metadata" in body.model_fields_set else {}
    if row.text is None:
        known = row.known
        world.derive(row, known | {"request": known["request"] | changes}, row.due)
    else:
        world.finish(row, json.loads(row.text) | changes)
    return retrieve_run(world, thread_id, run_id)


@family.route("POST", "/threads/{thread_id}/runs/{run_id}/cancel")
def cancel_run(world: World, thread_id: str, run_id: str) -> Answer:
    """Stop a run; what is written by now stays."""
    row = _find_run(world, thread_id, run_id)
    status = json.loads(world.text(row)).get("status")
    if row.text is not None or status not in ("queued", "in_progress", "requires_action"):
        raise Problem(f"Cannot cancel run with status '{status}'.")
    return json_response(world.text(cancel(world, row)))


@family.route("POST", "/threads/{thread_id}/runs/{run_id}/submit_tool_outputs", body=SubmitOutputs)
def submit_tool_outputs(world: World, thread_id: str, run_id: str, body: SubmitOutputs) -> Answer:
    """Give a run what its functions gave, all of it at once; streamed on if asked."""
    row = _find_run(world, thread_id, run_id)
    status = json.loads(world.text(row)).get("status")
    if row.text is not None or status != "requires_action":
        raise Problem(f'Runs in status "{status}" do not accept tool outputs.')
    run, now = Run.of(row), world.now()
    wanted = {call["id"] for call in run.open_calls(now)}
    given = {output.tool_call_id: output.output for output in body.tool_outputs}
    if strange := sorted(given.keys() - wanted):
        raise Problem(f"Unexpected tool outputs for call ids {strange}.", param="tool_outputs")
    if missing := sorted(wanted - given.keys()):
        raise Problem(f"Expected tool outputs for call ids {missing}, got {sorted(given)}.", param="tool_outputs")
    told = sum(event.moment <= now for event in run.events())
    row = submit(world, row, given, at=now)
    return _stream(world, row, told) if body.stream else json_response(world.text(row))


def _find_run(world: World, thread_id: str, run_id: str) -> Row:
    find_thread(world, thread_id)
    row = world.find("run", run_id)
    if not row or row.parent != thread_id:
        raise Problem(f"No run found with id '{run_id}'.", status=404)
    return row


# Steps.


@family.route("GET", "/threads/{thread_id}/runs/{run_id}/steps", query=StepQuery)
def list_steps(world: World, thread_id: str, run_id: str, query: StepQuery) -> Answer:
    """List a run's steps, newest first unless asked otherwise."""
    run, now = _find_steps(world, thread_id, run_id), world.now()
    numbers = run.begun_steps(now) if run else []
    if query.order == "desc":
        numbers.reverse()
    return list_computed(
        [run.steps[number]["id"] for number in numbers] if run else [],
        lambda place: _show_step(run, numbers[place], now, with_text=bool(query.include)) if run else {},
        after=query.after,
        before=query.before,
        limit=query.limit,
    )


@family.route("GET", "/threads/{thread_id}/runs/{run_id}/steps/{step_id}", query=StepInclude)
def retrieve_step(world: World, thread_id: str, run_id: str, step_id: str, query: StepInclude) -> Answer:
    """Retrieve a step."""
    run, now = _find_steps(world, thread_id, run_id), world.now()
    for number in run.begun_steps(now) if run else ():
        if run and run.steps[number]["id"] == step_id:
            return _show_step(run, number, now, with_text=bool(query.include))
    raise Problem(f"No run step found with id '{step_id}'.", status=404)


def _find_steps(world: World, thread_id: str, run_id: str) -> Run | None:
    """Return the run with its steps, None for an odd one without. Raises `Problem` when there is no run."""
    row = _find_run(world, thread_id, run_id)
    return Run.of(row) if row.facts else None


def _show_step(run: Run, number: int, now: float, *, with_text: bool) -> JSON:
    """Return a step; the text found in files only if it is asked for."""
    told = run.step(number, now)
    if not with_text and told["type"] == "tool_calls":
        calls = []
        for call in told["step_details"]["tool_calls"]:
            found = call.get("file_search")
            results = [{**result, "content": []} for result in found["results"]] if found else []
            calls.append({**call, "file_search": {**found, "results": results}} if found else call)
        told["step_details"] = {"type": "tool_calls", "tool_calls": calls}
    return told


# The stream.


def _stream(world: World, row: Row, told: int, thread: JSON | None = None) -> StreamingResponse:
    """Follow a run from its event number `told` on, as time goes, until it ends or wants something."""
    headers = {"cache-control": "no-cache"}
    return StreamingResponse(
        _write_events(world, row, told, thread), 200, headers, "text/event-stream; charset=utf-8"
    )


async def _write_events(world: World, row: Row, told: int, thread: JSON | None) -> AsyncGenerator[bytes, None]:
    if thread:
        yield Event(0, thread, "thread.created").encode_event()
    events, known = Run.of(row).events(), row.facts
    while told < len(events):
        await world.until(events[told].moment)
        now = world.find("run", row.id)
        if not now:  # deleted with its thread
            break
        if now.facts != known:  # cancelled meanwhile: what comes next is another
            events, known = Run.of(now).events(), now.facts
        event = events[told]
        yield Event(0, event.data(), event.name).encode_event()
        if event.name == "thread.run.requires_action":
            break
        told += 1
    yield Event(0, "[DONE]", "done").encode_event()
