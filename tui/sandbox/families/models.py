"""Models: a catalogue, and what fine-tuning adds to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Problem, json_response
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

_DAY = 86400
# Name, age in days at the start, days until it is shut down (None: not planned).
_CATALOGUE: tuple[tuple[str, int, int | None], ...] = (
    ("gpt-5.4", 150, None),
    ("gpt-5.4-mini", 150, None),
    ("gpt-5", 470, 19),
    ("gpt-5-mini", 470, 19),
    ("gpt-5-nano", 470, None),
    ("o3", 585, 19),
    ("o4-mini", 585, 53),
    ("o4-mini-2025-04-16", 585, 53),
    ("gpt-4.1", 590, 53),
    ("gpt-4.1-2025-04-14", 590, 53),
    ("gpt-4.1-mini", 590, 53),
    ("gpt-4.1-mini-2025-04-14", 590, 53),
    ("gpt-4.1-nano", 590, None),
    ("gpt-4.1-nano-2025-04-14", 590, None),
    ("gpt-4o", 920, 53),
    ("gpt-4o-2024-08-06", 840, 53),
    ("gpt-4o-mini", 855, 53),
    ("gpt-4o-mini-2024-07-18", 855, 53),
    ("gpt-3.5-turbo", 1360, -57),
    ("gpt-3.5-turbo-0125", 1030, -57),
    ("gpt-3.5-turbo-instruct", 1170, -57),
    ("babbage-002", 1190, -57),
    ("davinci-002", 1190, -57),
    ("text-embedding-3-small", 1035, None),
    ("text-embedding-3-large", 1035, None),
    ("text-embedding-ada-002", 1435, None),
    ("omni-moderation-latest", 785, None),
    ("omni-moderation-2024-09-26", 785, None),
)


def add_model(world: World, id_: str, *, owner: str, created: float, shutdown: str | None = None) -> Row:
    """Let a model appear."""
    model = {"id": id_, "object": "model", "created": int(created), "owned_by": owner, "shutdown_date": shutdown}
    return world.put("model", model, created=created)


def model_ids(world: World) -> set[str]:
    """Return the ids of all models."""
    return {row.id for row in world.rows("model")}


@family.route("GET", "/models")
def list_models(world: World) -> Answer:
    """List all models, oldest first, on one page."""
    texts = ",".join(world.text(row) for row in world.rows("model"))
    return json_response(f'{{"object":"list","data":[{texts}]}}')


@family.route("GET", "/models/{model}")
def retrieve_model(world: World, model: str) -> Answer:
    """Retrieve a model."""
    return json_response(world.text(_find(world, model)))


@family.route("DELETE", "/models/{model}")
def delete_model(world: World, model: str) -> Answer:
    """Delete a fine-tuned model."""
    row = _find(world, model)
    if not model.startswith("ft:"):
        raise Problem("Only fine-tuned models can be deleted.", status=403, param="model")
    world.remove(row)
    return {"id": model, "object": "model", "deleted": True}


def _find(world: World, model: str) -> Row:
    row = world.find("model", model)
    if not row:
        message = f"The model '{model}' does not exist or you do not have access to it."
        raise Problem(message, status=404, param="model", code="model_not_found")
    return row


@family.seeds
def _seed(world: World, scenario: str) -> None:
    now = world.now()
    for name, age, left in _CATALOGUE:
        shutdown = None if left is None else datetime.fromtimestamp(now + left * _DAY, UTC).strftime("%Y-%m-%d")
        owner = "openai" if age > 1000 else "system"
        add_model(world, name, owner=owner, created=now - age * _DAY, shutdown=shutdown)
    if scenario == "huge":
        for number in range(200 - len(_CATALOGUE)):
            name = f"ft:gpt-4.1-mini-2025-04-14:acme:triage-{number:03}:{world.new_id('', 8)}"
            add_model(world, name, owner="acme", created=now - (200 - number) * _DAY)
    if scenario == "nasty":
        _seed_odd(world, now)


def _seed_odd(world: World, now: float) -> None:
    """Start with models whose names and fields are not what one expects."""
    odd: list[JSON] = [
        {"id": f"ft:gpt-4o-mini-2024-07-18:acme:{HOSTILE[0]}:1", "object": "model", "owned_by": HOSTILE[6]},
        {"id": f"ft:gpt-4.1-mini-2025-04-14:acme:{HOSTILE[9]}:2", "created": "yesterday", "owned_by": None},
        {"id": f"ft:{HOSTILE[7]}", "object": "model", "created": None, "shutdown_date": "soon"},
        {"id": "ms-not-s", "object": "model", "created": int(now * 1000), "shutdown_date": 20270114},
        {"id": "far-future", "object": "model", "created": 10**10, "owned_by": [], "shutdown_date": "9999-12-31"},
    ]
    for number, model in enumerate(odd):
        world.put("model", model, created=now - number)
