"""Rate limits: one row for each project and model, as wide as the organization's until somebody changes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.common import Both, page, project
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.sandbox.world import JSON, World

family = Family()

_LIMITS = "/organization/projects/{project_id}/rate_limits"
_RPM, _TPM = "max_requests_per_1_minute", "max_tokens_per_1_minute"
_IMAGES, _AUDIO = "max_images_per_1_minute", "max_audio_megabytes_per_1_minute"
_RPD, _BATCH = "max_requests_per_1_day", "batch_1_day_max_input_tokens"
_TEXT = (_RPM, _TPM, _BATCH)
# The organization's limits, by model.
_ALLOWED: dict[str, dict[str, int]] = {
    **{
        model: dict(zip(_TEXT, values, strict=True))
        for model, values in {
            "gpt-5.4": (15_000, 40_000_000, 15_000_000_000),
            "gpt-5.4-mini": (30_000, 180_000_000, 15_000_000_000),
            "gpt-5": (15_000, 40_000_000, 15_000_000_000),
            "gpt-5-mini": (30_000, 180_000_000, 15_000_000_000),
            "gpt-5-nano": (30_000, 180_000_000, 15_000_000_000),
            "gpt-4.1": (10_000, 30_000_000, 5_000_000_000),
            "gpt-4.1-mini": (30_000, 150_000_000, 15_000_000_000),
            "gpt-4o": (10_000, 30_000_000, 5_000_000_000),
            "gpt-4o-mini": (30_000, 150_000_000, 15_000_000_000),
            "o4-mini": (30_000, 150_000_000, 15_000_000_000),
            "text-embedding-3-small": (10_000, 10_000_000, 4_000_000_000),
            "text-embedding-3-large": (10_000, 10_000_000, 4_000_000_000),
        }.items()
    },
    "omni-moderation-latest": {_RPM: 5_000, _TPM: 500_000},
    "gpt-image-1": {_RPM: 2_500, _TPM: 8_000_000, _IMAGES: 250, _RPD: 100_000},
    "gpt-4o-transcribe": {_RPM: 10_000, _TPM: 6_000_000, _AUDIO: 2_000},
    "gpt-4o-mini-tts": {_RPM: 10_000, _TPM: 8_000_000},
}

Limit = Annotated[int, Field(ge=0)]


class LimitQuery(Both):
    """The query of the list: all of a project's limits on one page, unless there are very many."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class ModifyLimit(Body):
    """New limits. Those left out stay."""

    max_requests_per_1_minute: Limit | None = None
    max_tokens_per_1_minute: Limit | None = None
    max_images_per_1_minute: Limit | None = None
    max_audio_megabytes_per_1_minute: Limit | None = None
    max_requests_per_1_day: Limit | None = None
    batch_1_day_max_input_tokens: Limit | None = None


def set_limit(world: World, project_id: str, model: str, changes: Mapping[str, int]) -> JSON:
    """Let a project have other limits for a model. Only what differs is stored."""
    id_ = f"{project_id}/rl-{model}"
    row = world.find("rate_limit", id_)
    facts = {**(row.known if row else {}), **changes}
    if row:
        world.derive(row, facts, None)
    else:
        world.put("rate_limit", id=id_, parent=project_id, facts=facts)
    return _show(model, facts)


def batch_queue(world: World, model: str) -> int | None:
    """Return how many input tokens for a model the default project may queue; None where nothing limits it."""
    row = world.find("rate_limit", f"{world.meta('default project', '')}/rl-{model}")
    limits = {**_ALLOWED.get(model, {}), **(row.known if row else {})}
    found: int | None = limits.get(_BATCH)
    return found


def _show(model: str, changes: JSON) -> JSON:
    return {"object": "project.rate_limit", "id": f"rl-{model}", "model": model, **_ALLOWED[model], **changes}


def _limits(world: World, project_id: str) -> Iterator[JSON]:
    """Return the limits of a project, model by model, and odd rows of scenarios."""
    changed = {row.id.rpartition("/rl-")[2]: row for row in world.rows("rate_limit", parent=project_id)}
    for model in _ALLOWED:
        yield _show(model, changed[model].known if model in changed else {})
    for model in changed.keys() - _ALLOWED:
        odd: JSON = json.loads(changed[model].text or "{}")
        yield odd


@family.route("GET", _LIMITS, query=LimitQuery)
def list_limits(world: World, project_id: str, query: LimitQuery) -> Answer:
    """List the limits of a project."""
    project(world, project_id)
    return page(list(_limits(world, project_id)), query)


@family.route("POST", f"{_LIMITS}/{{rate_limit_id}}", body=ModifyLimit)
def modify_limit(world: World, project_id: str, rate_limit_id: str, body: ModifyLimit) -> Answer:
    """Change the limits of a project for a model: never above the organization's own."""
    team = project(world, project_id, alive=True)
    model = rate_limit_id.removeprefix("rl-")
    if model not in _ALLOWED or not rate_limit_id.startswith("rl-"):
        raise Problem(f"No rate limit found with id '{rate_limit_id}'.", status=404, param="rate_limit_id")
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    for name, value in changes.items():
        most = _ALLOWED[model].get(name)
        if most is None:
            raise Problem(f"'{name}' does not apply to the model '{model}'.", param=name, code="invalid_value")
        if value > most:
            message = (
                f"Invalid '{name}': the organization's limit for '{model}' is {most}, but got {value} instead."
            )
            raise Problem(message, param=name, code="integer_above_max_value")
    record(world, "rate_limit.updated", {"id": rate_limit_id, "changes_requested": changes}, team)
    return set_limit(world, project_id, model, changes)
