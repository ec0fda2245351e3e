"""What is sent to start a fine-tuning job or to try a grader.

https://platform.openai.com/docs/api-reference/fine-tuning/create
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field as Input

from tui.resources.fine_tuning.training import check_examples
from tui.resources.language.asking.inputs import FileRef, More, ObjectId, Own, Pairs, When
from tui.resources.language.objects import Request

Auto = Literal["auto"]


class SupervisedSettings(Request):
    """Hyperparameters of supervised training; `auto` leaves the choice to the platform."""

    n_epochs: Annotated[
        Auto | Annotated[int, Input(ge=1, le=50)],
        Input(title="epochs", description="How often it sees each example."),
    ] = "auto"
    batch_size: Annotated[Auto | Annotated[int, Input(ge=1, le=256)], Input(description="Examples a step.")] = (
        "auto"
    )
    learning_rate_multiplier: Annotated[
        Auto | Annotated[float, Input(gt=0)], Input(title="learning rate ×", description="Times the usual one.")
    ] = "auto"


class PreferenceSettings(SupervisedSettings):
    """Hyperparameters of direct preference optimisation."""

    beta: Annotated[
        Auto | Annotated[float, Input(gt=0, le=2)],
        Input(description="The higher, the closer it stays to the model it starts from."),
    ] = "auto"


class ReinforcementSettings(SupervisedSettings):
    """Hyperparameters of reinforcement fine-tuning."""

    reasoning_effort: Literal["default", "low", "medium", "high"] = "default"
    compute_multiplier: Annotated[
        Auto | Annotated[float, Input(ge=0.00001, le=10)],
        Input(title="compute ×", description="Times the usual effort of trying answers."),
    ] = "auto"
    eval_interval: Annotated[Auto | Annotated[int, Input(ge=1)], Input(title="steps between evals")] = "auto"
    eval_samples: Annotated[Auto | Annotated[int, Input(ge=1)], Input(title="samples per eval")] = "auto"


class Supervised(Request):
    """Settings of method supervised."""

    hyperparameters: Annotated[SupervisedSettings, More()] = SupervisedSettings()


class Preference(Request):
    """Settings of method dpo."""

    hyperparameters: Annotated[PreferenceSettings, More()] = PreferenceSettings()


class Reinforcement(Request):
    """Settings of method reinforcement."""

    grader: dict[str, Any] = Input(
        description='JSON, such as {"type": "string_check", "name": "…", "input": "{{sample.output_text}}", …}.'
    )
    hyperparameters: Annotated[ReinforcementSettings, More()] = ReinforcementSettings()


class CreateMethod(Request):
    """How to train."""

    type: Annotated[
        Literal["supervised", "dpo", "reinforcement"],
        Input(title="method", description="From examples, from preferences, or by a grader."),
    ] = "supervised"
    supervised: Annotated[Supervised | None, When("method.type", "supervised")] = None
    dpo: Annotated[Preference | None, When("method.type", "dpo")] = None
    reinforcement: Annotated[Reinforcement | None, When("method.type", "reinforcement")] = None


class CreateJob(Request):
    """The request that starts a fine-tuning job."""

    model: Annotated[str, ObjectId("models")] = Input(
        examples=["gpt-4.1-mini-2025-04-14"], description="The model to start from."
    )
    training_file: Annotated[str, FileRef("fine-tune", check_examples, has_tokens=True)] = Input(
        description="A JSONL file on this machine, or the id of a file uploaded with purpose fine-tune."
    )
    validation_file: Annotated[str | None, FileRef("fine-tune", check_examples)] = Input(
        None, description="Measured on the way, not trained on."
    )
    method: CreateMethod = CreateMethod()
    suffix: Annotated[str | None, Own()] = Input(
        None, min_length=1, max_length=64, description="Goes into the new model's name."
    )
    seed: Annotated[int | None, More()] = Input(
        None, ge=0, le=2_147_483_647, description="The same seed gives the same training, mostly."
    )
    metadata: Pairs = None


class ValidateGrader(Request):
    """The request that checks a grader's definition."""

    grader: dict[str, Any] = Input(description="JSON of the grader.")


class RunGrader(ValidateGrader):
    """The request that grades one answer."""

    model_sample: str = Input(title="answer", description="The model's answer to grade.")
    item: dict[str, Any] | None = Input(None, description="JSON the grader's templates call item.")
