"""Fine-tuning jobs beside each other: the best checkpoint of each, and the settings in which they differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.resources.fine_tuning.checkpoints import Checkpoint, Metrics
    from tui.resources.fine_tuning.jobs import Job


class Best(NamedTuple):
    """The checkpoint with the lowest loss: its step, the loss, and what that was measured on."""

    step: int | None
    loss: float
    over: str


def find_best(checkpoints: Iterable[Checkpoint]) -> Best | None:
    """Return the checkpoint with the lowest loss in validation, or if that was not measured in training."""
    measured = [(each, each.metrics) for each in checkpoints if each.metrics]
    for over in ("valid", "train"):
        found = [
            Best(each.step_number, loss, over)
            for each, metrics in measured
            if (loss := _loss(metrics, over)) is not None and math.isfinite(loss)
        ]
        if found:
            return min(found, key=lambda best: best.loss)
    return None


def _loss(metrics: Metrics, over: str) -> float | None:
    if over == "train":
        return metrics.train_loss
    return metrics.valid_loss if metrics.full_valid_loss is None else metrics.full_valid_loss


def find_differing(jobs: Sequence[Job]) -> list[dict[str, str]]:
    """Return by job the settings that are not alike in all of them, by name; `·` for one it does not have."""
    every = [_list_settings(job) for job in jobs]
    names = dict.fromkeys(name for settings in every for name in settings)
    differing = [name for name in names if len({settings.get(name) for settings in every}) > 1]
    return [{name: settings.get(name, "·") for name in differing} for settings in every]


def _list_settings(job: Job) -> dict[str, str]:
    known: dict[str, Any] = {name.replace("_", " "): value for name, value in job.settings.items()}
    known |= {"method": job.method.type if job.method else None, "model": job.model}
    return {name: str(value) for name, value in known.items() if value is not None}
