"""Results of a campaign: its requests, each with the last answer there is, over all parts and generations."""

from __future__ import annotations

import dataclasses
from typing import Any

from tui.resources.batch.results import RESULTS, Result
from tui.resources.language.action import Action, Open
from tui.resources.language.cells import count
from tui.resources.language.column import Column, Field
from tui.resources.language.resource import Resource
from tui.resources.tasks import LOCAL


class CampaignResult(Result):
    """A request of a campaign and what became of it."""

    generation: int | None = None
    part: int | None = None
    batch_id: str | None = None


_ABOUT = RESULTS.detail[-1]

CAMPAIGN_RESULTS: Resource[Any] = Resource(
    name="results",
    singular="result",
    family="Home",
    model=CampaignResult,
    title="custom_id",
    columns=(
        *RESULTS.columns[:2],
        Column("GEN", "generation", count, 3, align="right", first_sort="down"),
        Column("PART", "part", count, 4, align="right", drop_order=6),
        *RESULTS.columns[2:],
    ),
    detail=(
        *RESULTS.detail[:-1],
        dataclasses.replace(
            _ABOUT,
            fields=(
                *_ABOUT.fields,
                Field("generation", "generation", count),
                Field("part", "part", count),
                Field("batch", "batch_id"),
            ),
        ),
    ),
    actions=(
        Action("retry", "R", "send again", Open("results", LOCAL), on="list"),
        Action("causes", "E", "causes", Open("results", LOCAL), on="list"),
    ),
    empty="No request has an answer yet.",
    screen="campaign_results",
)
