"""What is sent to start a fine-tuning job or to try a grader.

https://platform.openai.com/docs/api-reference/fine-tuning/create
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field as Input

from tui.resources.fine_tuning.training import check_examples
from tui.resources.language.inputs import FileRef, ObjectId, Own, Pairs, When
from tui.resources.language.objects import Request

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
