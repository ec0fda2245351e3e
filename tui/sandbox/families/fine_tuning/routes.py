"""Fine-tuning jobs, their events and checkpoints."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from tui.sandbox.families.fine_tuning.bodies import (
    CheckpointQuery,
    CreateJob,
    Hyperparameters,
    JobQuery,
    Method,
    Supervision,
)
from tui.sandbox.families.fine_tuning.seeds import arrive, seed
from tui.sandbox.families.fine_tuning.work import (
    begin,
    checkpoints_of,
    describe_event,
    event_id,
    facts_of,
    settle,
    show,
    store_facts,
)
from tui.sandbox.family import Family
from tui.sandbox.jobs.tuning import past_points, status_at
from tui.sandbox.lists import list_computed, list_stored
from tui.sandbox.protocol import Answer, Listing, Problem, json_response

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()
family.shows("job")(show)
family.settles("job")(settle)
family.settles("job_arrival")(arrive)
family.seeds(seed)

_ALIASES = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "o4-mini": "o4-mini-2025-04-16",
}
_TUNABLE = {*_ALIASES.values(), "babbage-002", "davinci-002"}


@family.route("GET", "/fine_tuning/jobs", query=JobQuery)
def list_jobs(world: World, query: JobQuery) -> Answer:
    """List jobs, newest first."""
    if query.metadata is None:
        return list_stored(world, "job", after=query.after, limit=query.limit, ends=False)
    wanted = {} if query.metadata == "null" else query.metadata
    found = [json.loads(world.text(row)) for row in world.rows("job")][::-1]
    if wanted:
        found = [job for job in found if wanted.items() <= (job.get("metadata") or {}).items()]
    else:
        found = [job for job in found if not job.get("metadata")]
    ids = [job["id"] for job in found]
    return list_computed(ids, found.__getitem__, after=query.after, limit=query.limit, ends=False)


@family.route("POST", "/fine_tuning/jobs", body=CreateJob)
def create_job(world: World, body: CreateJob) -> Answer:
    """Begin a job. What is wrong with its examples is found while validating files, not here."""
    model = _ALIASES.get(body.model, body.model)
    tuned = model.startswith("ft:") and world.find("model", model)
    if model not in _TUNABLE and not tuned:
        message = f"Model {body.model} is not available for fine-tuning or does not exist."
        raise Problem(message, param="model", code="model_not_available")
    for param, file_id in (("training_file", body.training_file), ("validation_file", body.validation_file)):
        file = world.find("file", file_id) if file_id else None
        if file_id and not file:
            raise Problem(f"invalid {param}: {file_id}", param=param, code="invalid_file")
        if file and file.tag != "fine-tune":
            message = f"File '{file_id}' has purpose '{file.tag}', but '{param}' needs purpose 'fine-tune'."
            raise Problem(message, param=param, code="invalid_file_purpose")
    plain = Supervision(hyperparameters=body.hyperparameters or Hyperparameters())
    method = body.method or Method(type="supervised", supervised=plain)
    chosen = getattr(method, method.type)
    if method.type == "reinforcement" and chosen is None:
        param = "method.reinforcement"
        raise Problem(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")
    if method.type == "reinforcement" and not model.removeprefix("ft:").startswith("o"):
        raise Problem(f"Model {body.model} does not support the method reinforcement.", param="model")
    request: JSON = {
        "model": model,
        "training_file": body.training_file,
        "validation_file": body.validation_file,
        "seed": _default_seed(world) if body.seed is None else body.seed,
        "integrations": [item.model_dump() for item in body.integrations or []],
        "metadata": body.metadata,
        "method": method.model_dump(exclude_none=True),
    }
    settings = (chosen or plain).hyperparameters.model_dump()
    return json_response(world.text(begin(world, request, settings, suffix=body.suffix)))


def _default_seed(world: World) -> int:
    return int(world.now()) * 7919 % 2_147_483_647


@family.route("GET", "/fine_tuning/jobs/{job_id}")
def retrieve_job(world: World, job_id: str) -> Answer:
    """Retrieve a job."""
    return json_response(world.text(find_job(world, job_id)))


@family.route("POST", "/fine_tuning/jobs/{job_id}/cancel")
def cancel_job(world: World, job_id: str) -> Answer:
    """Stop a job at once, for good."""
    row = _under_way(world, job_id, "cancel", "validating_files", "queued", "running", "pausing", "paused")
    world.settle_now(store_facts(world, row, dataclasses.replace(facts_of(row), cancelled=world.now())))
    return retrieve_job(world, job_id)


@family.route("POST", "/fine_tuning/jobs/{job_id}/pause")
def pause_job(world: World, job_id: str) -> Answer:
    """Pause a job; it stops after a moment."""
    row = _under_way(world, job_id, "pause", "running")
    return _change_halts(world, row, (*facts_of(row).halts, (world.now(), None)))


@family.route("POST", "/fine_tuning/jobs/{job_id}/resume")
def resume_job(world: World, job_id: str) -> Answer:
    """Resume a paused job."""
    row = _under_way(world, job_id, "resume", "pausing", "paused")
    *before, (asked, _) = facts_of(row).halts
    return _change_halts(world, row, (*before, (asked, world.now())))


def _change_halts(world: World, row: Row, halts: tuple[tuple[float, float | None], ...]) -> Answer:
    return json_response(world.text(store_facts(world, row, dataclasses.replace(facts_of(row), halts=halts))))


def _under_way(world: World, job_id: str, verb: str, *allowed: str) -> Row:
    """Return the job, if its status allows what is asked. Raises `Problem`."""
    row = find_job(world, job_id)
    state = json.loads(row.text).get("status") if row.text else status_at(facts_of(row), world.moment(row))
    if row.text is not None or state not in allowed:
        message = f"Cannot {verb} a fine-tuning job with status '{state}'."
        raise Problem(message, code="invalid_job_status")
    return row


def find_job(world: World, job_id: str) -> Row:
    """Return the job of this id. Raises `Problem`."""
    row = world.find("job", job_id)
    if not row:
        message = f"Could not find fine tune: {job_id}"
        raise Problem(message, status=404, param="fine_tune_id", code="fine_tune_not_found")
    return row


@family.route("GET", "/fine_tuning/jobs/{job_id}/events", query=Listing)
def list_events(world: World, job_id: str, query: Listing) -> Answer:
    """List a job's events, newest first."""
    row = find_job(world, job_id)
    if "facts" not in row.known:  # one of the odd ones
        odd = row.known["events"]
        ids = [item["id"] for item in odd]
        return list_computed(ids, odd.__getitem__, after=query.after, limit=query.limit, ends=False)
    # The place among all that happened, oldest first, is an event's lasting number.
    facts = facts_of(row)
    told = past_points(facts, world.moment(row))
    last = len(told) - 1
    return list_computed(
        [event_id(row, number) for number in range(last, -1, -1)],
        lambda index: describe_event(row, facts, last - index, *told[last - index]),
        after=query.after,
        limit=query.limit,
        ends=False,
    )


@family.route("GET", "/fine_tuning/jobs/{job_id}/checkpoints", query=CheckpointQuery)
def list_checkpoints(world: World, job_id: str, query: CheckpointQuery) -> Answer:
    """List a job's checkpoints, newest first."""
    row = find_job(world, job_id)
    found = checkpoints_of(row, world.moment(row)) if "facts" in row.known else []
    ids = [checkpoint["id"] for checkpoint in found]
    return list_computed(ids, found.__getitem__, after=query.after, limit=query.limit)
