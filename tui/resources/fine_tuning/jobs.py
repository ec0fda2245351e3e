"""Fine-tuning jobs, and the graders of reinforcement.

https://platform.openai.com/docs/api-reference/fine-tuning
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.operation import Operation
from tui.resources.fine_tuning.events import LIST_EVENTS, read_training
from tui.resources.fine_tuning.requests import CreateJob, RunGrader, ValidateGrader
from tui.resources.language.action import Action, Ask, Call, Open, Risk
from tui.resources.language.cells import (
    NO_VALUE,
    TimeFormatter,
    age,
    count,
    draw_bar,
    duration,
    id_link,
    instant,
    name_or,
    number,
    own_id,
    short_count,
    status,
)
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Progress,
    Section,
    share_of,
)
from tui.resources.language.objects import Id, Object, Time
from tui.resources.language.parts import META, METADATA, Trouble, cancel, create
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Chart, Child, Peek, Resource
from tui.resources.language.work import Work

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


class Training(Object):
    """How far the training of a job is, as its newest events tell."""

    step: float | None = None
    total_steps: float | None = None
    loss: float | None = None


class Job(Work):
    """A fine-tuning job."""

    finished_at: Time = None
    estimated_finish: Time = None
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
    user_provided_suffix: str | None = None
    training: Training | None = None

    @property
    def trained(self) -> Progress | None:
        """The steps made, of those there are to make."""
        told = self.training
        if told is None or not told.step or not told.total_steps:
            return None
        return Progress(int(told.step), 0, int(told.total_steps))

    @property
    def settings(self) -> dict[str, Any]:
        """Its hyperparameters, wherever the platform put them."""
        return (self.method.settings if self.method else None) or self.hyperparameters or {}


@TimeFormatter
def _time_to_finish(value: Any, record: Record, context: CellContext) -> Cell:
    if not value or not record.object.running:
        return NO_VALUE
    left = value - context.now
    return Cell(duration(left)) if left > 0 else Cell("soon", "dim")


def _progress(_value: Any, record: Record, _context: CellContext) -> Cell:
    """Show a bar of the steps made while it trains, and their number when it is over."""
    job: Job = record.object
    if (done := job.trained) is None:
        return NO_VALUE
    if not job.running:
        return Cell(f"{short_count(done.done)} steps", "dim")
    return Cell(
        f"{draw_bar(share_of(done) or 0.0, 8)} {min(99, round(100 * (share_of(done) or 0.0))):2} %", "accent"
    )


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
    return [(name.replace("_", " "), Cell(word_of(value))) for name, value in job.settings.items()]


def _results(job: Job, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return [("result", Cell(id_, ref=id_)) for id_ in job.result_files or []]


def _refuse_when_over(job: Job) -> str | None:
    return None if job.running else f"it is {job.status} already"


def _refuse_pause(job: Job) -> str | None:
    if job.status in ("pausing", "paused"):
        return f"it is {job.status} already"
    return _refuse_when_over(job)


def _refuse_resume(job: Job) -> str | None:
    return None if job.status in ("pausing", "paused") else "it is not paused"


JOBS: Resource[Job] = Resource(
    name="fine-tuning",
    singular="fine-tuning job",
    family="Fine-tuning",
    model=Job,
    aliases=("ft", "tuning", "job", "jobs", "fine-tunes"),
    prefixes=("ftjob-",),
    list=Operation("listPaginatedFineTuningJobs", "GET", "/fine_tuning/jobs"),
    get=Operation("retrieveFineTuningJob", "GET", "/fine_tuning/jobs/{fine_tuning_job_id}"),
    columns=(
        Column("STATUS", "status", status, 18),
        Column(
            "NAME",
            lambda job: job.user_provided_suffix or "",
            name_or("training_file"),
            18,
            grow=True,
            sort_by_text=True,
        ),
        Column("MODEL", "model", width=22, drop_order=3),
        Column(
            "PROGRESS",
            lambda job: share_of(job.trained),
            _progress,
            13,
            drop_order=1,
            first_sort="down",
            beside="training",
        ),
        Column("LOSS", "training.loss", number, 6, align="right", drop_order=2, beside="training"),
        Column("METHOD", lambda job: job.method.type if job.method else None, width=13, drop_order=7),
        Column("ETA", "estimated_finish", _time_to_finish, 5, align="right", drop_order=1),
        Column("TOKENS", "trained_tokens", count, 8, align="right", drop_order=6, first_sort="down"),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
        Column("FINE-TUNED MODEL", "fine_tuned_model", width=24, drop_order=5),
        META,
        Column("ID", "id", own_id, 17, drop_order=8),
    ),
    title=lambda job: job.user_provided_suffix or "",
    named_after="training_file",
    active=lambda job: job.running,
    progress=lambda job: job.trained,
    peeks=(Peek("training", "events", read_training),),
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
            "Files", (Field("training", "training_file", id_link), Field("validation", "validation_file", id_link))
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
            refuse=_refuse_pause,
        ),
        Action(
            "resume",
            "s",
            "resume",
            Call(Operation("resumeFineTuningJob", "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/resume")),
            Risk.CHANGE,
            refuse=_refuse_resume,
        ),
        cancel(
            Operation("cancelFineTuningJob", "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/cancel"),
            "It stops at once, cannot be resumed, and what was trained so far is charged.",
            _refuse_when_over,
        ),
        Action("overlay", "=", "compare curves", Open("overlay", LIST_EVENTS), on="many"),
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
                # It reads only, but what a model grades is paid for.
                Operation("runGrader", "POST", "/fine_tuning/alpha/graders/run", body=RunGrader),
                show=True,
            ),
            on="list",
        ),
    ),
    children=(Child("events", key="l", tail=True), Child("checkpoints")),
    chart=Chart(
        "events", "data", "step", ("reward", "loss"), ("total_steps",), marks=("checkpoints", "step_number")
    ),
    enter="events",
    empty="No fine-tuning jobs yet. Press n to start one from a training file.",
    notice="OpenAI takes no new jobs from 2027-01-06, and since 2026-07-02 none from organizations new to it.",
)
