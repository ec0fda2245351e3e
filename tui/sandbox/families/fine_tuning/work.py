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
    from tui.sandbox.world import JSON, Row, World

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
    """Begin a job. `request` holds the fields it keeps from its creation; `settings` its hyperparameters, where
    "auto" is chosen here; `suffix` goes into its model's name; `fate` replaces some of its `Facts`.
    """
    method = request["method"]["type"]
    shape = "completion" if request["model"] in ("babbage-002", "davinci-002") else method
    data = _dataset(world, request["training_file"], shape, "training_file")
    if request["validation_file"] and not data.fault:
        checked = _dataset(world, request["validation_file"], shape, "validation_file")
        data = data._replace(fault=checked.fault)
    chosen = _choose_settings(settings, data.examples)
    created = world.now() if created is None else created
    facts = plan_job(
        created=created,
        examples=data.examples,
        epochs=chosen["n_epochs"],
        batch_size=chosen["batch_size"],
        speed=world.speed,
        seed=request["seed"],
        tokens=data.tokens * chosen["n_epochs"],
        validated=bool(request["validation_file"]),
        rewarded=method == "reinforcement",
        fault=data.fault,
    )
    facts = dataclasses.replace(facts, **fate)
    names = {name: chosen[name] for name in ("n_epochs", "batch_size", "learning_rate_multiplier")}
    kept = {**(request["method"].get(method) or {}), "hyperparameters": chosen}
    job = {**request, "hyperparameters": names, "method": {"type": method, method: kept}}
    base = request["model"].split(":")[1] if request["model"].startswith("ft:") else request["model"]
    name = re.sub(r"[^\w.-]+", "-", suffix or "")
    known = {"facts": dataclasses.asdict(facts), "job": job, "suffix": suffix}
    known["model"] = f"ft:{base}:acme:{name}:{world.new_id('', 8)}"
    return world.put("job", id=world.new_id("ftjob-"), facts=known, created=created, due=_due(facts))


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
    given = {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto", **settings}
    return {name: automatic.get(name) if value == "auto" else value for name, value in given.items()}


def _dataset(world: World, file_id: str, shape: str, param: str) -> TrainingData:
    with content_of(world, file_id).open("rb") as content:
        return read_examples(content, shape, param)


def _due(facts: TuningFacts) -> float | None:
    end = end_of(facts)
    return None if math.isinf(end) else end


def facts_of(row: Row) -> TuningFacts:
    """Return the facts of a stored job."""
    stored = row.known["facts"]
    return TuningFacts(**{**stored, "halts": tuple((asked, resumed) for asked, resumed in stored["halts"])})


def store_facts(world: World, row: Row, facts: TuningFacts) -> Row:
    """Give a job other facts."""
    return world.derive(row, {**row.known, "facts": dataclasses.asdict(facts)}, _due(facts))


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


def settle(world: World, row: Row) -> None:
    """Leave the model and the results file of a job that succeeded, and store its final JSON."""
    known, facts = row.known, facts_of(row)
    end = end_of(facts)
    job = describe(row, end)
    if job["status"] == "succeeded":
        csv = write_results(facts).encode()
        file = add_file(world, filename="step_metrics.csv", purpose="fine-tune-results", content=csv, created=end)
        add_model(world, known["model"], owner="acme", created=end)
        job |= {"fine_tuned_model": known["model"], "result_files": [file["id"]], "trained_tokens": facts.tokens}
    world.finish(row, job)


# -- events and checkpoints


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
