"""Rate limits of a project, model by model.

https://platform.openai.com/docs/api-reference/project-rate-limits
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.resources.language.asking.inputs import Kept, Power
from tui.resources.language.cells import count, exact_count, own_id
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.objects import Object, Request
from tui.resources.language.parts import edit
from tui.resources.language.resource import Resource
from tui.resources.language.units import Unit
from tui.resources.organization.common import PROJECT, ParentObject, admin


class RateLimit(Object):
    """What a project may do with a model."""

    cell: str | None = None
    """Project and model: its id in the list of all projects."""
    project: ParentObject | None = None
    """Its project, in the list of all projects."""
    model: str | None = None
    max_requests_per_1_minute: float | None = None
    max_tokens_per_1_minute: float | None = None
    max_images_per_1_minute: float | None = None
    max_audio_megabytes_per_1_minute: float | None = None
    max_requests_per_1_day: float | None = None
    batch_1_day_max_input_tokens: float | None = None


Limit = Annotated[int | None, Kept(), Power(), Input(ge=0, description="At most what the organization has.")]

Count = Annotated[Limit, Unit.COUNT]


class EditRateLimit(Request):
    """The request that changes the limits for a model."""

    max_requests_per_1_minute: Count = Input(None, title="requests a minute")
    max_tokens_per_1_minute: Count = Input(None, title="tokens a minute")
    max_images_per_1_minute: Count = Input(None, title="images a minute")
    max_audio_megabytes_per_1_minute: Annotated[Limit, Unit.MEGABYTES] = Input(None, title="audio a minute")
    max_requests_per_1_day: Count = Input(None, title="requests a day")
    batch_1_day_max_input_tokens: Count = Input(None, title="batch tokens a day")


_LIMITS = f"{PROJECT}/rate_limits"

RATE_LIMITS: Resource[RateLimit] = Resource(
    name="rate-limits",
    singular="rate limit",
    family="Organization",
    model=RateLimit,
    aliases=("rl", "rate-limit"),
    prefixes=("rl-",),
    parent="projects",
    list=admin("list-project-rate-limits", "GET", _LIMITS),
    columns=(
        Column("MODEL", "model", width=24, grow=True),
        Column("REQ/MIN", "max_requests_per_1_minute", count, 8, align="right", first_sort="down"),
        Column("TOK/MIN", "max_tokens_per_1_minute", count, 8, align="right", first_sort="down"),
        Column("IMG/MIN", "max_images_per_1_minute", count, 7, align="right", drop_order=3),
        Column("REQ/DAY", "max_requests_per_1_day", count, 7, align="right", drop_order=2),
        Column("BATCH/DAY", "batch_1_day_max_input_tokens", count, 9, align="right", drop_order=1),
        Column("AUDIO MB", "max_audio_megabytes_per_1_minute", count, 8, align="right", drop_order=4),
    ),
    title="model",
    detail=(
        Section(
            "Rate limit",
            (
                Field("model", "model"),
                Field("id", "id", own_id),
                Field("requests/minute", "max_requests_per_1_minute", exact_count),
                Field("tokens/minute", "max_tokens_per_1_minute", exact_count),
                Field("images/minute", "max_images_per_1_minute", exact_count),
                Field("audio MB/minute", "max_audio_megabytes_per_1_minute", exact_count),
                Field("requests/day", "max_requests_per_1_day", exact_count),
                Field("batch tokens/day", "batch_1_day_max_input_tokens", exact_count),
            ),
        ),
    ),
    actions=(edit(admin("update-project-rate-limits", "POST", f"{_LIMITS}/{{rate_limit_id}}", EditRateLimit)),),
    enter="edit",
    empty="This project has no rate limits of its own.",
)

LIMITS: Resource[RateLimit] = Resource(
    name="limits",
    singular="limit",
    family="Organization",
    model=RateLimit,
    aliases=("matrix",),
    listed_per="projects",
    identify="cell",
    list=RATE_LIMITS.list,
    columns=(Column("PROJECT", "project.name", width=18), *RATE_LIMITS.columns),
    title="model",
    screen="limits",
    uses=tuple(action.operation for action in RATE_LIMITS.actions),
    empty="No project has rate limits.",
)
