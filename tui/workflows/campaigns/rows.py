"""How campaigns are, as their journals tell it: for lists, with a screen and without."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.live.lists.collection import Collection
from tui.live.polling.filled import Filled
from tui.resources.campaigns import CAMPAIGNS, OVER, CampaignRow
from tui.workflows.campaigns.campaign import Campaign
from tui.workflows.campaigns.journal import (
    PROGRESS,
    find_holder,
    folder_of,
    list_campaigns,
    read_records,
    stamp_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.live.platform import Platform

    _Row = tuple[Any, dict[str, Any]]  # what a row was made of, and the row

_REASONS = 20  # that are told


class CampaignWatch(Filled):
    """Holds all campaigns of this machine; `look` brings them up to date."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        super().__init__(platform.client, Collection(CAMPAIGNS), platform.scheduler)
        self._rows: dict[str, _Row] = {}

    @property
    def now(self) -> float:
        """The server's time, unix seconds."""
        return self._platform.now()

    async def refresh(self) -> None:
        """Show them as they are."""
        self._rows = {}
        await self.look()

    async def look(self) -> None:
        """Read what has changed since the last look. What cannot be read is told of, and the others are shown."""
        rows = await asyncio.to_thread(_read_rows, self._rows, self._platform.client.skew)
        if rows != self._rows or not self.collection.complete:
            self._rows = rows
            newest = sorted(rows.values(), key=lambda each: -(each[1].get("began_at") or 0.0))
            self.fill([row for _, row in newest])


def _read_rows(known: Mapping[str, _Row], ahead: float) -> dict[str, _Row]:
    """Return the row of each campaign, by name; those that are as they were known are not read.

    They are made for a server whose clock is `ahead` of this machine's, by which journals tell their times.
    """
    rows: dict[str, _Row] = {}
    for name in list_campaigns():
        folder = folder_of(name)
        with contextlib.suppress(OSError):  # removed by another program
            stamp = stamp_of(folder), find_holder(folder), round(ahead)
            before = known.get(name)
            rows[name] = before if before and before[0] == stamp else (stamp, describe_any(name, ahead))
    return rows


def describe_any(name: str, ahead: float = 0.0) -> dict[str, Any]:
    """Return a campaign as `CampaignRow` has it; of one that cannot be read why."""
    try:
        return describe(name, ahead)
    except ApiError as error:
        found = CampaignRow(name=name, state="damaged", reasons=[str(error)])
        return {"id": name, **found.model_dump()}


def describe(name: str, ahead: float = 0.0) -> dict[str, Any]:
    """Return a campaign as `CampaignRow` has it. Raises CampaignError and LocalFileError."""
    folder = folder_of(name)
    campaign = Campaign(read_records(folder))
    seen = _read_progress(folder)
    tally = campaign.tally
    moving = {each.batch_id for each in campaign.parts if each.queued}
    done = tally.ok + tally.failed + sum(sum(seen["counts"][id_]) for id_ in moving if id_ in seen["counts"])
    over = sum(each.counts is not None and not campaign.has_next(each) for each in campaign.parts)
    models = sorted({each.model for each in campaign.parts})
    limits = [limit for each in models if (limit := campaign.limit(each, seen["limits"].get(each))) is not None]
    taken = time.time() - campaign.began
    holder = find_holder(folder)
    state = campaign.state
    if not holder and state not in ("paused", *OVER):
        state = "not run"
    going = state == "running" and done and taken > 0
    reasons = campaign.reasons
    if campaign.is_settled and campaign.options.merge and not campaign.merged and not holder:
        again = f"`o9s batch run --name {name} --resume` writes it"
        reasons = [f"{campaign.options.merge} with the answers is not written yet: {again}.", *reasons]
    return {
        "id": name,
        "name": name,
        "state": state,
        "parts": len(campaign.parts),
        "parts_done": over,
        "ok": tally.ok,
        "failed": tally.failed,
        "left": tally.left,
        "generation": campaign.generation,
        "queued_tokens": sum(map(campaign.count_queued, models)),
        "queue_limit": sum(limits) if limits else None,
        "input_tokens": sum(each.read for each in campaign.sendings.values()),
        "output_tokens": sum(each.written for each in campaign.sendings.values()),
        "cost": campaign.cost,
        "seconds_left": round(taken * (tally.total - done) / done) if going else None,
        "began_at": campaign.began + ahead,
        "run_by": holder,
        "merged": campaign.merged,
        "base_url": campaign.base_url,
        "sources": campaign.sources,
        "causes": dict(tally.causes),
        "generations": campaign.good_by_generation,
        "reasons": reasons[:_REASONS],
    }


def _read_progress(folder: Path) -> dict[str, Any]:
    """Return how far running batches were when they were looked at last, and the limits of the queue."""
    told: Any = None
    with contextlib.suppress(OSError, ValueError):
        told = json.loads((folder / PROGRESS).read_bytes())
    told = told if isinstance(told, dict) else {}
    return {name: value if isinstance(value := told.get(name), dict) else {} for name in ("counts", "limits")}
