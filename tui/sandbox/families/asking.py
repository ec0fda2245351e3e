"""What every request to a model is checked for against the state of the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.families.tuning_work import checkpoints
from tui.sandbox.generate import check_model
from tui.sandbox.wire import Problem

if TYPE_CHECKING:
    from tui.sandbox.answers.bodies import Generating
    from tui.sandbox.world import World


def accept(world: World, body: Generating) -> str:
    """Check a request; the key of its answer. Raises `Problem` when it cannot be answered."""
    check_model(body.model, world.find("model", body.model) is not None or _is_checkpoint(world, body.model))
    body.check()
    for id_, param in body.files():
        if not world.find("file", id_):
            raise Problem(f"File '{id_}' was not found.", param=param, code="file_not_found")
    return body.key(world.seed)


def _is_checkpoint(world: World, model: str) -> bool:
    """Whether this is a fine-tuned model as it was after a step of its training."""
    jobs = (row for row in world.rows("job") if model.startswith(row.known.get("model", "\0")))
    made = (point["fine_tuned_model_checkpoint"] for job in jobs for point in checkpoints(job, world.now()))
    return ":ckpt-step-" in model and model in made
