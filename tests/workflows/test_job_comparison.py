from __future__ import annotations

from typing import Any

from tui.resources.fine_tuning.checkpoints import Checkpoint
from tui.resources.fine_tuning.jobs import Job
from tui.workflows.job_comparison import Best, find_best, find_differing


def checkpoints(*metrics: dict[str, Any] | None) -> list[Checkpoint]:
    return [Checkpoint.model_validate({"step_number": at, "metrics": each}) for at, each in enumerate(metrics)]


def test_the_best_checkpoint_has_the_lowest_loss_in_validation_else_in_training() -> None:
    both = {"train_loss": 0.1, "full_valid_loss": 0.9}
    assert find_best(checkpoints(both, {"full_valid_loss": 0.5}, {"valid_loss": 0.7})) == Best(1, 0.5, "valid")
    assert find_best(checkpoints({"train_loss": 0.3}, {"train_loss": 0.2}, None)) == Best(1, 0.2, "train")
    assert find_best(checkpoints({"full_valid_loss": None, "train_loss": 0.2})) == Best(0, 0.2, "train")
    assert find_best(checkpoints(None, {})) is None


def test_only_settings_that_differ_are_told() -> None:
    jobs = [
        Job.model_validate({"model": "gpt-4.1", "hyperparameters": {"n_epochs": 3, "batch_size": 1}}),
        Job.model_validate({"model": "gpt-4.1", "hyperparameters": {"n_epochs": 4, "batch_size": 1, "beta": 0.1}}),
    ]
    assert find_differing(jobs) == [{"n epochs": "3", "beta": "·"}, {"n epochs": "4", "beta": "0.1"}]
    assert find_differing(jobs[:1] * 2) == [{}, {}]
