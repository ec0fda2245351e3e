"""The work of a fine-tuning job: beginning it, showing how far it is, and leaving a model and a results file."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import TYPE_CHECKING, Any

from tui.sandbox.families.files import add_file, content_of
from tui.sandbox.families.models import add_model
from tui.sandbox.jobs.tuning import (
    TrainingData,
    TuningFacts,
    TuningFault,
    TuningPoint,
    end_of,
    epoch_ends,
    metrics_at,
    plan_job,
    read_examples,
    status_at,
    time_of_work,
    write_results,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tui.sandbox.world import JSON, Row, World

_AUTOMATIC = {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}
_MESSAGES = {
    "created": "Created fine-tuning job: {id}",
    "validating": "Validating training file: {training_file}",
    "validated": "Files validated, moving job to queued state",
    "started": "Fine-tuning job started",
    "checkpoint": "Checkpoint created at step {step}",
    "evaluating": "Evaluating model against our usage policies before enabling",
    "succeeded": "The job has successfully completed",
    "pausing": "Pausing the fine-tuning job after the current step",
    "paused": "The fine-tuning job is paused",
    "resumed": "The fine-tuning job was resumed",
    "cancelled": "The fine-tuning job was cancelled",
}


def begin(
    world: World,
    request: JSON,
    settings: JSON,
    *,
    suffix: str | None = None,
    created: float | None = None,
    **fate: Any,
) -> Row:
    """Begin a job, whose files are read at the end of their validation.

    `request` holds the fields it keeps from its creation; `settings` its hyperparameters, where "auto" is decided
    by the number of examples; `suffix` goes into its model's name; `fate` replaces some of its facts.
    """
    method = request["method"]["type"]
    created = world.now() if created is None else created
    facts = plan_job(
        created=created,
        examples=1,
        epochs=1,
        batch_size=1,
        speed=world.speed,
        seed=request["seed"],
        tokens=0,
        validated=bool(request["validation_file"]),
        rewarded=method == "reinforcement",
    )
    facts = dataclasses.replace(facts, **fate)
    base = request["model"].split(":")[1] if request["model"].startswith("ft:") else request["model"]
    name = re.sub(r"[^\w.-]+", "-", suffix or "")
    known = {
        "facts": dataclasses.asdict(facts),
        "job": {**request, **_hyperparameters(request, {**_AUTOMATIC, **settings})},
        "settings": settings,
        "fate": list(fate),
        "suffix": suffix,
        "read": False,
    }
    known["model"] = f"ft:{base}:acme:{name}:{world.new_id('', 8)}"
    return world.put("job", id=world.new_id("ftjob-"), facts=known, created=created, due=_due(known, facts))


def _hyperparameters(request: JSON, chosen: JSON) -> JSON:
    """Return the fields of a job that hold its hyperparameters."""
    method = request["method"]["type"]
    kept = {**(request["method"].get(method) or {}), "hyperparameters": chosen}
    names = {name: chosen[name] for name in _AUTOMATIC}
    return {"hyperparameters": names, "method": {"type": method, method: kept}}


def _choose_settings(settings: JSON, examples: int) -> JSON:
    """Return the hyperparameters with "auto" decided from the number of examples."""
    automatic = {
        "n_epochs": 3 if examples > 30 else 5,
        "batch_size": max(1, min(256, examples // 500)),
        "learning_rate_multiplier": 1.8,
        "beta": 0.1,
        "compute_multiplier": 1.0,
        "eval_interval": 10,
        "eval_samples": 1,
    }
    given = {**_AUTOMATIC, **settings}
    return {name: automatic.get(name) if value == "auto" else value for name, value in given.items()}


def _read_files(world: World, job: JSON) -> Generator[None, None, TrainingData]:
    """Read the files of a job, step by step."""
    shape = "completion" if job["model"] in ("babbage-002", "davinci-002") else job["method"]["type"]
    data = yield from _read_file(world, job["training_file"], shape, "training_file")
    if job["validation_file"] and not data.fault:
        checked = yield from _read_file(world, job["validation_file"], shape, "validation_file")
        data = data._replace(fault=checked.fault)
    return data


def _read_file(world: World, file_id: str, shape: str, param: str) -> Generator[None, None, TrainingData]:
    try:
        with content_of(world, file_id).open("rb") as content:
            return (yield from read_examples(content, shape, param))
    except FileNotFoundError:
        return TrainingData(0, 0, TuningFault("file_not_found", f"The file {file_id} was deleted.", param))


def _due(known: JSON, facts: TuningFacts) -> float | None:
    """Return when a job is due: at the end of its validation, then at its own end; None while it is paused."""
    end = end_of(facts) if known["read"] else min(end_of(facts), time_of_work(facts, facts.validating))
    return None if math.isinf(end) else end


def facts_of(row: Row) -> TuningFacts:
    """Return the facts of a stored job."""
    stored = row.known["facts"]
    return TuningFacts(**{**stored, "halts": tuple((asked, resumed) for asked, resumed in stored["halts"])})


def store_facts(world: World, row: Row, facts: TuningFacts) -> Row:
    """Give a job other facts."""
    known = {**row.known, "facts": dataclasses.asdict(facts)}
    return world.derive(row, known, _due(known, facts))


def show(world: World, row: Row) -> JSON:
    """Return the object of a job that is still on its way."""
    return describe(row, world.moment(row))


def describe(row: Row, now: float) -> JSON:
    """Return the object of a job at a moment, without what it leaves."""
    known, facts = row.known, facts_of(row)
    state, end = status_at(facts, now), end_of(facts)
    fault = facts.fault or facts.late_fault if state == "failed" else None
    over = state in ("succeeded", "failed", "cancelled")
    return {
        "object": "fine_tuning.job",
        "id": row.id,
        "created_at": int(facts.created),
        **known["job"],
        "status": state,
        "error": dict(zip(("code", "message", "param"), fault, strict=True)) if fault else None,
        "fine_tuned_model": None,
        "finished_at": int(end) if over else None,
        "estimated_finish": int(end) if state == "running" else None,
        "organization_id": "org-acme",
        "result_files": [],
        "trained_tokens": None,
        "user_provided_suffix": known["suffix"],
    }


def settle(world: World, row: Row) -> Iterator[None]:
    """Validate the files of a job once it is time. At its end leave what it made, and store its final JSON."""
    known, facts = row.known, facts_of(row)
    if not known["read"] and facts.cancelled is None:
        data = yield from _read_files(world, known["job"])
        _start(world, row, known, facts, data)
        return
    end = end_of(facts)
    job = describe(row, end)
    if job["status"] == "succeeded":
        csv = write_results(facts).encode()
        file = add_file(world, filename="step_metrics.csv", purpose="fine-tune-results", content=csv, created=end)
        add_model(world, known["model"], owner="acme", created=end)
        job |= {"fine_tuned_model": known["model"], "result_files": [file["id"]], "trained_tokens": facts.tokens}
    world.finish(row, job)


def _start(world: World, row: Row, known: JSON, facts: TuningFacts, data: TrainingData) -> None:
    """End the validation of a job: the rest of its life is known from now on."""
    chosen = _choose_settings(known["settings"], data.examples)
    planned = plan_job(
        created=facts.created,
        examples=data.examples,
        epochs=chosen["n_epochs"],
        batch_size=chosen["batch_size"],
        speed=world.speed,
        seed=facts.seed,
        tokens=data.tokens * chosen["n_epochs"],
        validated=facts.validated,
        rewarded=facts.rewarded,
        fault=data.fault,
    )
    kept = {name: getattr(facts, name) for name in {*known["fate"], "halts", "cancelled"}}
    facts = dataclasses.replace(planned, **kept)
    known |= {"read": True, "job": {**known["job"], **_hyperparameters(known["job"], chosen)}}
    known["facts"] = dataclasses.asdict(facts)
    world.derive(row, known, _due(known, facts))


# Events and checkpoints.


def event_id(row: Row, number: int) -> str:
    """Return the id of an event by its number in the job."""
    return f"ftevent-{row.id.removeprefix('ftjob-')[:16]}{number:08d}"


def describe_event(row: Row, facts: TuningFacts, number: int, time: float, point: TuningPoint) -> JSON:
    """Return one event as an object."""
    data: JSON = {}
    level = "info"
    if point.what == "metrics":
        data = metrics_at(facts, point.step)
        message = f"Step {point.step}/{facts.steps}: training loss={data['train_loss']:.2f}"
        if data["valid_loss"] is not None:
            message += f", validation loss={data['valid_loss']:.2f}"
    elif point.what == "failed":
        fault = facts.fault or facts.late_fault or ("", "The job failed", None)
        level, message, data = "error", fault[1], {"code": fault[0], "error_param": fault[2]}
    else:
        level = "warn" if point.what in ("pausing", "cancelled") else "info"
        message = _MESSAGES[point.what].format(id=row.id, step=point.step, **row.known["job"])
    return {
        "object": "fine_tuning.job.event",
        "id": event_id(row, number),
        "created_at": int(time),
        "level": level,
        "message": message,
        "type": "metrics" if point.what == "metrics" else "message",
        "data": data,
    }


def checkpoints_of(row: Row, now: float) -> list[JSON]:
    """Return the checkpoints of a job by now, newest first."""
    known, facts = row.known, facts_of(row)
    now = now if facts.cancelled is None else min(now, facts.cancelled)
    found = []
    for step in epoch_ends(facts) if not facts.fault else []:
        at = facts.begins + facts.running * step / facts.steps
        if (time := time_of_work(facts, at)) <= now:
            measured = metrics_at(facts, step)
            final = step == facts.steps
            measured.pop("total_steps")
            numbers: JSON = {name: value for name, value in measured.items() if value is not None}
            if measured["valid_loss"] is not None:
                numbers["full_valid_loss"] = measured["valid_loss"]
                numbers["full_valid_mean_token_accuracy"] = measured["valid_mean_token_accuracy"]
            found.append(
                {
                    "object": "fine_tuning.job.checkpoint",
                    "id": f"ftckpt_{row.id.removeprefix('ftjob-')[:18]}{step:06d}",
                    "created_at": int(time),
                    "fine_tuned_model_checkpoint": known["model"] + ("" if final else f":ckpt-step-{step}"),
                    "fine_tuning_job_id": row.id,
                    "step_number": step,
                    "metrics": numbers,
                }
            )
    return found[::-1]
