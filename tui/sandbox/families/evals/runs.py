"""Runs of evals and their output items."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox.families.evals.bodies import CreateEvalRun, ItemQuery, RunQuery
from tui.sandbox.families.evals.routes import find_eval, full_message
from tui.sandbox.families.evals.seeds import seed
from tui.sandbox.families.evals.work import begin, cancel, item_id, output_lines, settle, show, verdicts
from tui.sandbox.families.files import find_file
from tui.sandbox.family import Family
from tui.sandbox.lists import list_computed, list_stored
from tui.sandbox.protocol import Answer, Problem, json_response

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()
family.shows("eval_run")(show)
family.settles("eval_run")(settle)
family.seeds(seed)


@family.route("GET", "/evals/{eval_id}/runs", query=RunQuery)
def list_runs(world: World, eval_id: str, query: RunQuery) -> Answer:
    """List an eval's runs, oldest first unless asked otherwise; those of one status."""
    find_eval(world, eval_id)
    newest = query.order == "desc"
    if not query.status:
        return list_stored(world, "eval_run", parent=eval_id, after=query.after, limit=query.limit, newest=newest)
    told: list[JSON] = [json.loads(world.text(row)) for row in world.rows("eval_run", parent=eval_id)]
    told = [run for run in told if run.get("status") == query.status]
    if newest:
        told.reverse()
    return list_computed([run["id"] for run in told], told.__getitem__, after=query.after, limit=query.limit)


@family.route("POST", "/evals/{eval_id}/runs", body=CreateEvalRun)
def create_run(world: World, eval_id: str, body: CreateEvalRun) -> Answer:
    """Begin a run."""
    eval_: JSON = json.loads(world.text(find_eval(world, eval_id)))
    source = body.data_source.model_dump(exclude_unset=True)
    if source["source"]["type"] == "file_id":
        find_file(world, source["source"]["id"])
    if source["type"] != "jsonl" and source["source"]["type"] in ("file_content", "file_id"):
        for name in ("model", "input_messages"):
            if not source.get(name):
                message = f"Missing required parameter: 'data_source.{name}'."
                raise Problem(message, param=f"data_source.{name}", code="missing_required_parameter")
    template = (source.get("input_messages") or {}).get("template")
    if template:
        source["input_messages"]["template"] = [full_message(message) for message in template]
    row = begin(world, eval_, source, name=body.name, metadata=body.metadata)
    return json_response(world.text(row), 201)


@family.route("GET", "/evals/{eval_id}/runs/{run_id}")
def retrieve_run(world: World, eval_id: str, run_id: str) -> Answer:
    """Retrieve a run."""
    return json_response(world.text(_find(world, eval_id, run_id)))


@family.route("POST", "/evals/{eval_id}/runs/{run_id}/cancel")
@family.route("POST", "/evals/{eval_id}/runs/{run_id}")
def cancel_run(world: World, eval_id: str, run_id: str) -> Answer:
    """Stop a run: the description's path has no suffix, that of newer official clients has one."""
    row = _find(world, eval_id, run_id)
    status = json.loads(world.text(row)).get("status")
    if row.text is not None or status not in ("queued", "in_progress"):
        raise Problem(f"Cannot cancel a run with status '{status}'.")
    cancel(world, row)
    return retrieve_run(world, eval_id, run_id)


@family.route("DELETE", "/evals/{eval_id}/runs/{run_id}")
def delete_run(world: World, eval_id: str, run_id: str) -> Answer:
    """Delete a run and its output items for good."""
    world.remove_with_content(_find(world, eval_id, run_id))
    return {"object": "eval.run.deleted", "deleted": True, "run_id": run_id}


@family.route("GET", "/evals/{eval_id}/runs/{run_id}/output_items", query=ItemQuery)
def list_items(world: World, eval_id: str, run_id: str, query: ItemQuery) -> Answer:
    """List the output items done by now, oldest first unless asked otherwise; those that passed or failed."""
    row = _find(world, eval_id, run_id)
    found = enumerate(verdicts(row, world.now()) if row.facts else ())
    numbers = [number for number, verdict in found if query.status in (None, verdict.status)]
    if query.order == "desc":
        numbers.reverse()
    lines = list(output_lines(world, row))
    return list_computed(
        [item_id(run_id, number) for number in numbers],
        lambda place: dict(json.loads(lines[numbers[place]])),
        after=query.after,
        limit=query.limit,
    )


@family.route("GET", "/evals/{eval_id}/runs/{run_id}/output_items/{output_item_id}")
def retrieve_item(world: World, eval_id: str, run_id: str, output_item_id: str) -> Answer:
    """Retrieve an output item."""
    row = _find(world, eval_id, run_id)
    count = len(verdicts(row, world.now())) if row.facts else 0
    for number, line in enumerate(output_lines(world, row)):
        if number < count and item_id(run_id, number) == output_item_id:
            return json_response(line)
    raise Problem(f"Output item not found: {output_item_id}", status=404, param="output_item_id")


def _find(world: World, eval_id: str, run_id: str) -> Row:
    find_eval(world, eval_id)
    row = world.find("eval_run", run_id)
    if not row or row.parent != eval_id:
        raise Problem(f"Eval run not found: {run_id}", status=404, param="run_id")
    return row
