"""Checkpoints: the models a fine-tuning job saves on the way, and the projects that may use them.

https://platform.openai.com/docs/api-reference/fine-tuning/list-checkpoints
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.api.operation import Key, Operation
from tui.resources.generation.endpoints import RESPOND, try_it
from tui.resources.language.asking.inputs import ObjectId, Power
from tui.resources.language.cells import age, count, id_link, instant, number, own_id
from tui.resources.language.column import (
    Cell,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Id, Object, Request, Time
from tui.resources.language.parts import create, delete
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Child, Resource


class Metrics(Object):
    """Figures of a checkpoint."""

    step: float | None = None
    train_loss: float | None = None
    train_mean_token_accuracy: float | None = None
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None


class Checkpoint(Object):
    """A model saved on the way."""

    created_at: Time = None
    fine_tuned_model_checkpoint: Id = None
    fine_tuning_job_id: Id = None
    step_number: int | None = None
    metrics: Metrics | None = None


class Permission(Object):
    """A project that may use a checkpoint."""

    created_at: Time = None
    project_id: Id = None


class CreatePermission(Request):
    """The request that lets projects use a checkpoint."""

    project_ids: Annotated[list[str], ObjectId("projects"), Power()] = Input(
        min_length=1, description="Ids of projects, such as proj_abc, separated by commas."
    )


CHECKPOINTS: Resource[Checkpoint] = Resource(
    name="checkpoints",
    singular="checkpoint",
    family="Fine-tuning",
    model=Checkpoint,
    aliases=("cp", "checkpoint"),
    prefixes=("ftckpt_",),
    parent="fine-tuning",
    list=Operation("listFineTuningJobCheckpoints", "GET", "/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints"),
    columns=(
        Column("STEP", "step_number", count, 7, align="right", first_sort="down"),
        Column("LOSS", "metrics.train_loss", number, 8, align="right"),
        Column("VALID", "metrics.full_valid_loss", number, 8, align="right"),
        Column(
            "ACCURACY",
            "metrics.full_valid_mean_token_accuracy",
            number,
            8,
            align="right",
            drop_order=2,
            first_sort="down",
        ),
        Column("AGE", "created_at", age, 5, align="right", drop_order=3, first_sort="down"),
        Column("MODEL", "fine_tuned_model_checkpoint", width=24, grow=True),
        Column("ID", "id", own_id, 17, drop_order=4),
    ),
    detail=(
        Section(
            "Checkpoint",
            (
                Field("model", "fine_tuned_model_checkpoint"),
                Field("job", "fine_tuning_job_id", id_link),
                Field("step", "step_number"),
                Field("created", "created_at", instant),
            ),
        ),
        Section(
            "Metrics",
            lines=lambda checkpoint, _: [
                (
                    name.replace("_mean_token_", " ").replace("_", " "),
                    Cell(f"{value:.6g}" if isinstance(value, int | float) else word_of(value)),
                )
                for name, value in (
                    checkpoint.metrics.model_dump(exclude={"id"}) if checkpoint.metrics else {}
                ).items()
                if value is not None
            ],
        ),
    ),
    actions=(
        try_it(
            RESPOND,
            lambda checkpoint: {"model": checkpoint.fine_tuned_model_checkpoint},
            lambda checkpoint: None if checkpoint.fine_tuned_model_checkpoint else "it names no model",
        ),
    ),
    children=(Child("permissions", field="fine_tuned_model_checkpoint"),),
    enter="permissions",
    empty="No checkpoints yet. Each epoch of a job leaves one when it ends.",
)

PERMISSIONS: Resource[Permission] = Resource(
    name="permissions",
    singular="checkpoint permission",
    family="Fine-tuning",
    model=Permission,
    aliases=("permission", "checkpoint-permissions"),
    prefixes=("cp_",),
    parent="checkpoints",
    # The API's description files these under the project key, yet its text and the platform ask for an admin key.
    list=Operation(
        "listFineTuningCheckpointPermissions",
        "GET",
        "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
        Key.ADMIN,
    ),
    columns=(
        Column("PROJECT", "project_id", id_link, 24, grow=True),
        Column("AGE", "created_at", age, 5, align="right"),
        Column("ID", "id", own_id, 24),
    ),
    detail=(
        Section(
            "Permission",
            (
                Field("id", "id", own_id),
                Field("project", "project_id", id_link),
                Field("created", "created_at", instant),
            ),
        ),
    ),
    actions=(
        create(
            Operation(
                "createFineTuningCheckpointPermission",
                "POST",
                "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
                Key.ADMIN,
                body=CreatePermission,
            ),
            "share with projects",
        ),
        delete(
            Operation(
                "deleteFineTuningCheckpointPermission",
                "DELETE",
                "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions/{permission_id}",
                Key.ADMIN,
            ),
            "Its project can no longer use the checkpoint.",
            "withdraw",
        ),
    ),
    empty="Shared with no other project. Press n to share it.",
)
