"""Checks of every request to a model against the state of the sandbox, and the limits that answers tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox.answers.generate import check_model
from tui.sandbox.families.fine_tuning.work import checkpoints_of
from tui.sandbox.protocol import Problem, json_response

if TYPE_CHECKING:
    from starlette.responses import Response

    from tui.sandbox.answers.bodies import Generating
    from tui.sandbox.world import JSON, World

_REQUESTS, _TOKENS = 5_000, 2_000_000  # that a model answers per minute; told, not enforced: see the fault `429`


def accept(world: World, body: Generating) -> str:
    """Check a request; the key of its answer. Raises `Problem` when it cannot be answered."""
    check_model(body.model, world.find("model", body.model) is not None or _is_checkpoint(world, body.model))
    body.check()
    for id_, param in body.files():
        if not world.find("file", id_):
            raise Problem(f"File '{id_}' was not found.", param=param, code="file_not_found")
    return body.key(world.seed)


def respond(world: World, model: str, whole: JSON) -> Response:
    """Return the response of a model, with headers that tell what is left of its limits."""
    return json_response(json.dumps(whole), headers=count_request(world, model, whole.get("usage")))


def count_request(world: World, model: str, usage: JSON | None) -> dict[str, str]:
    """Count a request against the limits of its model; the headers that tell what is left of this minute."""
    minute, passed = divmod(world.now(), 60)
    name = f"spent/{model}"
    last, requests, tokens = json.loads(world.meta(name, "[0, 0, 0]"))
    if last != minute:
        requests = tokens = 0
    requests, tokens = requests + 1, tokens + (usage or {}).get("total_tokens", 0)
    world.note(name, json.dumps([minute, requests, tokens]))
    headers = {}
    for noun, limit, spent in (("requests", _REQUESTS, requests), ("tokens", _TOKENS, tokens)):
        headers[f"x-ratelimit-limit-{noun}"] = str(limit)
        headers[f"x-ratelimit-remaining-{noun}"] = str(max(limit - spent, 0))
        headers[f"x-ratelimit-reset-{noun}"] = f"{60 - passed:.3f}s"
    return headers


def _is_checkpoint(world: World, model: str) -> bool:
    """Return whether this is a fine-tuned model as it was after a step of its training."""
    jobs = (row for row in world.rows("job") if model.startswith(row.known.get("model", "\0")))
    made = (point["fine_tuned_model_checkpoint"] for job in jobs for point in checkpoints_of(job, world.now()))
    return ":ckpt-step-" in model and model in made
