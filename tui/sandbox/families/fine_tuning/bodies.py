"""Request bodies of fine-tuning."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tui.sandbox.families.fine_tuning.graders import Grader
from tui.sandbox.protocol import Body, Listing, Metadata

Auto = Literal["auto"]


class Hyperparameters(Body):
    """Hyperparameters of every method."""

    batch_size: Annotated[int, Field(ge=1, le=256)] | Auto = "auto"
    learning_rate_multiplier: Annotated[float, Field(gt=0)] | Auto = "auto"
    n_epochs: Annotated[int, Field(ge=1, le=50)] | Auto = "auto"


class Preferences(Hyperparameters):
    """Settings of direct preference optimization."""

    beta: Annotated[float, Field(gt=0, le=2)] | Auto = "auto"


class Reinforced(Hyperparameters):
    """Settings of reinforcement fine-tuning."""

    compute_multiplier: Annotated[float, Field(ge=0.00001, le=10)] | Auto = "auto"
    eval_interval: Annotated[int, Field(ge=1)] | Auto = "auto"
    eval_samples: Annotated[int, Field(ge=1)] | Auto = "auto"
    reasoning_effort: Literal["default", "low", "medium", "high"] = "default"


class Supervision(Body):
    """Settings of the supervised method."""

    hyperparameters: Hyperparameters = Hyperparameters()


class Preference(Body):
    """Settings of the DPO method."""

    hyperparameters: Preferences = Preferences()


class Reinforcement(Body):
    """Settings of the reinforcement method."""

    grader: Grader
    hyperparameters: Reinforced = Reinforced()


class Method(Body):
    """The training method with its settings."""

    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: Supervision | None = None
    dpo: Preference | None = None
    reinforcement: Reinforcement | None = None


class Wandb(Body):
    """The project of Weights and Biases to report to."""

    project: str
    name: str | None = None
    entity: str | None = None
    tags: list[str] = []


class Integration(Body):
    """Another service to report to."""

    type: Literal["wandb"]
    wandb: Wandb


class CreateJob(Body):
    """A job to begin."""

    model: str
    training_file: str
    validation_file: str | None = None
    suffix: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    hyperparameters: Hyperparameters | None = None
    method: Method | None = None
    integrations: Annotated[list[Integration], Field(max_length=5)] | None = None
    metadata: Metadata | None = None


class JobQuery(Listing):
    """The query of the list; `metadata=null` finds jobs without any."""

    metadata: dict[str, str] | Literal["null"] | None = None


class CheckpointQuery(Listing):
    """The query of a job's checkpoints."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
