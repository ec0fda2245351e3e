"""Fine-tuning jobs, their events and checkpoints."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.families.files import add_file
from tui.sandbox.families.fine_tuning.bodies import (
    CheckpointQuery,
    CreateJob,
    Hyperparameters,
    JobQuery,
    Method,
    Supervision,
)
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
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()
family.shows("job")(show)
family.settles("job")(settle)

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
    state = json.loads(row.text).get("status") if row.text else status_at(facts_of(row), world.now())
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
    told = past_points(facts, world.now())
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
    found = checkpoints_of(row, world.now()) if "facts" in row.known else []
    ids = [checkpoint["id"] for checkpoint in found]
    return list_computed(ids, found.__getitem__, after=query.after, limit=query.limit)


# -- at the start

_DAY = 86400
_SAFETY = (
    "unsafe_model",
    "The model did not pass the safety evaluation: refusals_v3 (category: harassment).",
    None,
)


class _Training(NamedTuple):
    """A job to start with: its examples and its age in seconds."""

    suffix: str
    model: str
    examples: int
    age: float
    method: str = "supervised"
    tail: str = ""
    fate: JSON = {}


_PAST = (
    _Training("triage", "gpt-4.1-mini-2025-04-14", 120, 40 * _DAY),
    _Training("tone-of-voice", "gpt-4o-mini-2024-07-18", 80, 31 * _DAY),
    _Training("answers", "gpt-4.1-2025-04-14", 60, 22 * _DAY, "dpo"),
    _Training("routing", "gpt-4.1-nano-2025-04-14", 40, 12 * _DAY, tail='{"messages": [{"role": "user"}]}\n'),
    _Training("triage-v2", "gpt-4.1-mini-2025-04-14", 150, 5 * _DAY, fate={"cancelled_after": 1700.0}),
    _Training("refunds", "gpt-4o-mini-2024-07-18", 90, 2 * _DAY, fate={"late_fault": _SAFETY}),
)
# Ages and lengths of these pass faster at a higher speed.
_PRESENT = (
    _Training("archive", "gpt-4.1-2025-04-14", 900, 420, fate={"running": 1500.0}),
    _Training("triage-v3", "gpt-4.1-mini-2025-04-14", 200, 38),
)


@family.seeds
def _seed(world: World, scenario: str) -> None:
    now = world.now()
    for work in _PAST:
        # In the past, jobs took as long as they do.
        fate = {"validating": 60.0, "queued": 400.0, "running": work.examples * 25.0, **work.fate}
        _start(world, work._replace(fate=fate), created=now - work.age)
    if scenario in ("busy", "nasty"):
        for work in _PRESENT:
            hurried = {name: world.lasting(value) for name, value in work.fate.items()}
            _start(world, work._replace(fate=hurried), created=now - world.lasting(work.age))
    if scenario == "busy":
        world.put("job_arrival", id="jobs", facts={"count": 0}, due=now + world.lasting(90))
    if scenario == "nasty":
        _seed_odd(world)


def _start(world: World, work: _Training, *, created: float, expiry: float | None = None) -> Row:
    """Upload the examples of a job and begin it."""
    fate = dict(work.fate)
    if "cancelled_after" in fate:
        fate["cancelled"] = created + fate.pop("cancelled_after")
    files = [
        add_file(
            world,
            filename=f"{work.suffix}-{part}.jsonl",
            purpose="fine-tune",
            content=(_examples(work.method, count) + (work.tail if part == "train" else "")).encode(),
            created=created - 30,
            expires_after=expiry,
        )["id"]
        for part, count in (("train", work.examples), ("valid", work.examples // 5 + 1))
    ]
    request = {
        "model": work.model,
        "training_file": files[0],
        "validation_file": files[1],
        "seed": work.examples * 7919 + len(work.suffix),
        "integrations": [],
        "metadata": {"owner": "support"},
        "method": {"type": work.method, work.method: {}},
    }
    return begin(world, request, {}, suffix=work.suffix, created=created, **fate)


def _examples(method: str, count: int) -> str:
    """Return the lines of a training file."""
    lines = []
    for number in range(count):
        question = {"role": "user", "content": f"Where is my order {number}?"}
        good = {"role": "assistant", "content": f"Order {number} left our warehouse and arrives tomorrow."}
        poor = {"role": "assistant", "content": "No idea."}
        if method == "dpo":
            example: JSON = {"input": {"messages": [question]}}
            example |= {"preferred_output": [good], "non_preferred_output": [poor]}
        else:
            example = {"messages": [question, good]}
        lines.append(json.dumps(example) + "\n")
    return "".join(lines)


@family.settles("job_arrival")
def _arrive(world: World, row: Row) -> None:
    """Begin a new job, and plan the next."""
    count = row.known["count"] + 1
    moment = max(row.due or 0.0, world.now() - 900)
    work = _Training(f"weekly-{count}", "gpt-4.1-mini-2025-04-14", 60 + count * 31 % 140, 0)
    _start(world, work, created=moment, expiry=_DAY)
    world.derive(row, {"count": count}, moment + max(world.lasting(600), 60))


def _seed_odd(world: World) -> None:
    """Start with jobs in states the schema does not know, with fields it would not allow."""
    now = world.now()
    held = _Training("held", "gpt-4.1-mini-2025-04-14", 120, 0)
    _start(world, held._replace(fate={"halts": ((now - 3000, None),)}), created=now - 3060)
    plain: JSON = {
        "object": "fine_tuning.job",
        "model": "gpt-4.1-mini-2025-04-14",
        "created_at": int(now) - 5000,
        "training_file": "file-Gone",
        "status": "running",
        "hyperparameters": {"n_epochs": "auto"},
        "result_files": [],
        "seed": 1,
    }
    error = {"code": HOSTILE[6], "message": HOSTILE[7] + HOSTILE[0], "param": 3}
    odd: list[JSON] = [
        {"id": "ftjob-OddPaused", **plain, "status": "paused"},
        {"id": "ftjob-OddPausing", **plain, "status": "pausing"},
        {"id": "ftjob-OddStatus", **plain, "status": "meditating"},
        {"id": "ftjob-OddNulls", **dict.fromkeys(plain)},
        {"id": "ftjob-OddBare"},
        {"id": "ftjob-OddTypes", **plain, "status": 3, "hyperparameters": "auto", "result_files": "none"},
        {"id": "ftjob-OddError", **plain, "status": "failed", "error": error},
        {"id": "ftjob-OddMetadata", **plain, "metadata": {HOSTILE[6]: HOSTILE[2], "n": 3}},
        {"id": "ftjob-OddModel", **plain, "status": "succeeded", "fine_tuned_model": f"ft:{HOSTILE[9]}"},
    ]
    told: list[JSON] = [
        {"level": "shout", "message": HOSTILE[2], "data": None},
        {"level": "error", "message": HOSTILE[7], "data": {"step": "seven", "train_loss": "NaN"}},
        {"level": None, "message": None, "data": {"step": 3, "train_loss": None}},
        {"level": "info", "message": HOSTILE[12], "data": [1, 2]},
    ]
    for number, job in enumerate(odd):
        named = [{"id": f"ftevent-odd{number}-{place}", **item} for place, item in enumerate(told)]
        world.put("job", job, facts={"events": named}, created=now - 200 - number)
