"""How far a running campaign is: in a sentence, and in a file for other programs."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.resources.language.cells import duration, pluralize, short_count
from tui.system.private_files import write_private
from tui.workflows.campaigns.journal import PROGRESS
from tui.workflows.campaigns.sending import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tui.resources.batch.outcomes import Batch
    from tui.workflows.campaigns.campaign import Campaign

_RATED = 10.0  # seconds after which a rate says something


class Progress:
    """Tells how far a campaign is, whose running batches are given as they were seen last."""

    def __init__(
        self,
        campaign: Campaign,
        limits: Mapping[str, int],
        folder: Path,
        on_progress: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._campaign, self._limits, self._folder = campaign, limits, folder
        self._on_progress, self._clock = on_progress, clock
        self._began, self._done_before = time.monotonic(), -1

    def tell(self, batches: Mapping[str, Batch]) -> None:
        """Tell it in a sentence."""
        campaign = self._campaign
        tally = campaign.tally
        running = sum(batch.counts.total - batch.counts.rest for batch in batches.values() if batch.counts)
        done = tally.ok + tally.failed + running
        if self._done_before < 0:
            self._began, self._done_before = time.monotonic(), done
        over = sum(each.stage is Stage.OVER and not campaign.has_next(each) for each in campaign.parts)
        parts = [
            f"{campaign.name}: {over} of {pluralize(len(campaign.parts), 'part')}",
            f"{tally.ok:,} ok, {tally.failed:,} failed, {tally.left:,} left",
        ]
        if campaign.generation:
            parts.append(f"generation {campaign.generation}")
        for model in sorted({each.model for each in campaign.parts if each.queued}):
            limit = campaign.limit(model, self._limits.get(model))
            of = f" of {short_count(limit)}" if limit is not None else ""
            parts.append(f"{short_count(campaign.count_queued(model))}{of} tokens queued")
        if campaign.paused:
            parts.append("paused")
        taken, gained = time.monotonic() - self._began, done - self._done_before
        if gained > 0 and taken > _RATED and tally.total > done:
            parts.append(f"{duration((tally.total - done) * taken / gained)} to go")
        self._on_progress(" · ".join(parts))

    def keep(self, batches: Mapping[str, Batch]) -> None:
        """Keep how far the running batches are, for other programs."""
        seen = {id_: each.counts for id_, each in batches.items() if each.counts}
        counts = {id_: [each.completed, each.failed] for id_, each in seen.items()}
        told = {"at": self._clock(), "counts": counts, "limits": dict(self._limits)}
        with suppress(OSError):
            write_private(self._folder / PROGRESS, json.dumps(told).encode())
