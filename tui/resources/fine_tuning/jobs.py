"""Fine-tuning: jobs with their events, and graders. Checkpoints have a file of their own.

https://platform.openai.com/docs/api-reference/fine-tuning
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.fine_tuning.training import check_examples
from tui.resources.language.action import Action, Ask, Call, Risk
from tui.resources.language.cells import (
    NO_VALUE,
    age,
    count,
    duration,
    ident,
    instant,
    own,
    shows_time,
    status,
)
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.curves import figures
from tui.resources.language.inputs import FileRef, ObjectId, Own, Pairs, When
from tui.resources.language.objects import Id, Metadata, Object, Request, Time
from tui.resources.language.parts import META, METADATA, Trouble, cancel, create
from tui.resources.language.resource import Chart, Child, Resource
from tui.resources.language.statuses import Status, running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record


class Method(Object):
    """How a job trains; the settings stand under the type's name."""

    type: str | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The hyperparameters of the type in use."""
        chosen = (self.model_extra or {}).get(self.type or "")
        found = chosen.get("hyperparameters") if isinstance(chosen, dict) else None
        return found if isinstance(found, dict) else {}


class Job(Object):
    """A fine-tuning job."""

    created_at: Time = None
    finished_at: Time = None
    estimated_finish: Time = None
    status: Status = None
    model: str | None = None
    fine_tuned_model: Id = None
    training_file: Id = None
    validation_file: Id = None
    result_files: list[str] | None = None
    trained_tokens: int | None = None
    hyperparameters: dict[str, Any] | None = None
    method: Method | None = None
    error: Trouble | None = None
    seed: int | None = None
    metadata: Metadata | None = None

    @property
    def running(self) -> bool:
        """Whether it may still change. A status nobody has heard of may."""
        return running(self)

    @property
    def settings(self) -> dict[str, Any]:
        """Its hyperparameters, wherever the platform put them."""
        return (self.method.settings if self.method else None) or self.hyperparameters or {}


class Event(Object):
    """Something that happened in a job. Events of type `metrics` carry the figures of a step in `data`.

    All but the time may be anything: an event is shown as it came, whatever its kind.
    """

    created_at: Time = None
    level: Any = None
    message: Any = None
    type: Any = None
    data: Any = None


# --- Requests


Auto = Literal["auto"]


class SupervisedSettings(Request):
    """Hyperparameters of supervised training; `auto` leaves the choice to the platform."""

    n_epochs: Auto | Annotated[int, Input(ge=1, le=50)] = "auto"
    batch_size: Auto | Annotated[int, Input(ge=1, le=256)] = "auto"
    learning_rate_multiplier: Auto | Annotated[float, Input(gt=0)] = "auto"


class PreferenceSettings(SupervisedSettings):
    """Hyperparameters of direct preference optimisation."""

    beta: Auto | Annotated[float, Input(gt=0, le=2)] = "auto"


class ReinforcementSettings(SupervisedSettings):
    """Hyperparameters of reinforcement fine-tuning."""

    reasoning_effort: Literal["default", "low", "medium", "high"] = "default"
    compute_multiplier: Auto | Annotated[float, Input(ge=0.00001, le=10)] = "auto"
    eval_interval: Auto | Annotated[int, Input(ge=1)] = "auto"
    eval_samples: Auto | Annotated[int, Input(ge=1)] = "auto"


class Supervised(Request):
    """Settings of method supervised."""

    hyperparameters: SupervisedSettings = SupervisedSettings()


class Preference(Request):
    """Settings of method dpo."""

    hyperparameters: PreferenceSettings = PreferenceSettings()


class Reinforcement(Request):
    """Settings of method reinforcement."""

    grader: dict[str, Any] = Input(
        description='JSON, such as {"type": "string_check", "name": "…", "input": "{{sample.output_text}}", …}.'
    )
    hyperparameters: ReinforcementSettings = ReinforcementSettings()


class CreateMethod(Request):
    """How to train."""

    type: Literal["supervised", "dpo", "reinforcement"] = "supervised"
    supervised: Annotated[Supervised | None, When("method.type", "supervised")] = None
    dpo: Annotated[Preference | None, When("method.type", "dpo")] = None
    reinforcement: Annotated[Reinforcement | None, When("method.type", "reinforcement")] = None


class CreateJob(Request):
    """The request that starts a fine-tuning job."""

    model: Annotated[str, ObjectId("models")] = Input(
        examples=["gpt-4.1-mini-2025-04-14"], description="The model to start from."
    )
    training_file: Annotated[str, FileRef("fine-tune", check_examples)] = Input(
        description="A JSONL file on this machine, or the id of a file uploaded with purpose fine-tune."
    )
    validation_file: Annotated[str | None, FileRef("fine-tune", check_examples)] = Input(
        None, description="Measured on the way, not trained on."
    )
    method: CreateMethod = CreateMethod()
    suffix: Annotated[str | None, Own()] = Input(
        None, min_length=1, max_length=64, description="Goes into the new model's name."
    )
    seed: int | None = Input(None, ge=0, le=2_147_483_647)
    metadata: Pairs = None


class ValidateGrader(Request):
    """The request that checks a grader's definition."""

    grader: dict[str, Any] = Input(description="JSON of the grader.")


class RunGrader(ValidateGrader):
    """The request that grades one answer."""

    model_sample: str = Input(description="The model's answer to grade.")
    item: dict[str, Any] | None = Input(None, description="JSON the grader's templates call item.")


# --- How it looks


@shows_time
def _finish(value: Any, record: Record, context: CellContext) -> Cell:
    if not value or not record.object.running:
        return NO_VALUE
    left = value - context.now
    return Cell(duration(left)) if left > 0 else Cell("soon", "dim")


def _headline(job: Job, context: CellContext) -> Sequence[tuple[str, Cell]]:
    lines = []
    if job.running and job.estimated_finish:
        lines.append(("", Cell(f"about {duration(job.estimated_finish - context.now)} left", "accent")))
    if job.error and (job.error.message or job.error.code):
        lines.append(("", Cell(job.error.words, "bad")))
    if job.fine_tuned_model:
        lines.append(("", Cell(job.fine_tuned_model, "good", job.fine_tuned_model)))
    return lines


def _settings(job: Job, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return [(name.replace("_", " "), Cell(str(value))) for name, value in job.settings.items()]


def _results(job: Job, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return [("result", Cell(id_, ref=id_)) for id_ in job.result_files or []]


def _only_running(job: Job) -> str | None:
    return None if job.running else f"it is {job.status} already"


def _cannot_pause(job: Job) -> str | None:
    if job.status in ("pausing", "paused"):
        return f"it is {job.status} already"
    return _only_running(job)


def _cannot_resume(job: Job) -> str | None:
    return None if job.status in ("pausing", "paused") else "it is not paused"


# Short words for the figures that nearly all jobs have; others go by their own names.
_FIGURES = {
    "train_loss": "loss",
    "train_mean_token_accuracy": "acc",
    "valid_loss": "valid",
    "valid_mean_token_accuracy": "valid acc",
}


def _event_text(event: Event) -> str:
    """What an event says: the figures of a step, or its message with the data it came with."""
    found = figures(event.data) if event.type == "metrics" and isinstance(event.data, dict) else {}
    step = found.pop("step", None)
    found.pop("total_steps", None)
    if found:
        known = {name: found.pop(name) for name in _FIGURES if name in found}
        parts = [f"{_FIGURES.get(name, name)} {value:.4g}" for name, value in (known | found).items()]
        return "  ".join(["step ?" if step is None else f"step {step:g}", *parts])
    told = [_plain(part) for part in (event.message, event.data) if part not in (None, "", [], {})]
    if not told:  # then whatever else there is
        rest = {name: value for name, value in (event.model_extra or {}).items() if name != "object"}
        told = [_plain(rest or event.type or "an event that says nothing")]
    return "  ".join(told)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


JOBS: Resource[Job] = Resource(
    name="fine-tuning",
    singular="fine-tuning job",
    family="Fine-tuning",
    model=Job,
    aliases=("ft", "job", "jobs", "fine-tunes"),
    prefixes=("ftjob-",),
    list=Operation("listPaginatedFineTuningJobs", "GET", "/fine_tuning/jobs"),
    get=Operation("retrieveFineTuningJob", "GET", "/fine_tuning/jobs/{fine_tuning_job_id}"),
    columns=(
        Column("STATUS", "status", status, 18),
        Column("ID", "id", own, 17),
        Column("MODEL", "model", width=22, drop_order=2),
        Column("METHOD", lambda job: job.method.type if job.method else None, width=13, drop_order=4),
        Column("ETA", "estimated_finish", _finish, 5, align="right", drop_order=1),
        Column("TOKENS", "trained_tokens", count, 8, align="right", drop_order=3, first_sort="down"),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
        Column("FINE-TUNED MODEL", "fine_tuned_model", width=16, grow=True, drop_order=5),
        META,
    ),
    active=lambda job: job.running,
    attention=lambda job, _: (
        (job.error and (job.error.message or job.error.code)) or "failed" if job.status == "failed" else None
    ),
    detail=(
        Section("", lines=_headline),
        Section(
            "Job",
            (
                Field("status", "status", status),
                Field("model", "model"),
                Field("method", lambda job: job.method.type if job.method else None),
                Field("created", "created_at", instant),
                Field("finished", "finished_at", instant),
                Field("trained tokens", "trained_tokens", count),
                Field("seed", "seed"),
            ),
        ),
        Section("Hyperparameters", lines=_settings),
        Section(
            "Files", (Field("training", "training_file", ident), Field("validation", "validation_file", ident))
        ),
        Section("Results", lines=_results),
        METADATA,
    ),
    actions=(
        create(Operation("createFineTuningJob", "POST", "/fine_tuning/jobs", body=CreateJob), "new job"),
        Action(
            "pause",
            "s",
            "pause",
            Call(Operation("pauseFineTuningJob", "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/pause")),
            Risk.CHANGE,
            refuse=_cannot_pause,
        ),
        Action(
            "resume",
            "s",
            "resume",
            Call(Operation("resumeFineTuningJob", "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/resume")),
            Risk.CHANGE,
            refuse=_cannot_resume,
        ),
        cancel(
            Operation("cancelFineTuningJob", "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/cancel"),
            "It stops at once, cannot be resumed, and what was trained so far is charged.",
            _only_running,
        ),
        Action(
            "validate-grader",
            "",
            "check a grader",
            Ask(
                Operation(
                    "validateGrader", "POST", "/fine_tuning/alpha/graders/validate", body=ValidateGrader, safe=True
                ),
                show=True,
            ),
            on="list",
        ),
        Action(
            "run-grader",
            "",
            "run a grader",
            Ask(
                Operation("runGrader", "POST", "/fine_tuning/alpha/graders/run", body=RunGrader, safe=True),
                show=True,
            ),
            on="list",
        ),
    ),
    children=(Child("events", key="l", tail=True), Child("checkpoints")),
    chart=Chart("events", "data", "step", ("reward", "loss"), ("total_steps",)),
    enter="events",
    empty="No fine-tuning jobs yet. Press n to start one from a training file.",
    notice="OpenAI takes no new jobs from 2027-01-06, and since 2026-07-02 none from organizations new to it.",
)

EVENTS: Resource[Event] = Resource(
    name="events",
    singular="event",
    family="Fine-tuning",
    model=Event,
    aliases=("ev", "event"),
    parent="fine-tuning",
    list=Operation("listFineTuningEvents", "GET", "/fine_tuning/jobs/{fine_tuning_job_id}/events"),
    columns=(
        Column("TIME", "created_at", age, 5, align="right"),
        Column("LEVEL", "level", width=6),
        Column("TYPE", "type", width=8, drop_order=3),
        Column("MESSAGE", _event_text, width=30, grow=True),
    ),
    empty="No events yet.",
)
