"""Marked fine-tuning jobs in one chart, from the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened
from tui.widgets.charts.chart import stroke_of
from tui.widgets.text.event_log import EventLog

if TYPE_CHECKING:
    from typing import Any


@pytest.mark.opens("Overlay")
async def test_marked_jobs_share_a_chart_that_says_what_sets_them_apart(fresh: Server) -> None:
    jobs: list[dict[str, Any]] = fresh.call("GET", "/fine_tuning/jobs")["data"]
    done = [job for job in jobs if job["status"] == "succeeded"][:2]
    assert len(done) == 2
    async with opened(fresh, "fine-tuning") as drive:
        await drive.press("equals_sign")
        await drive.told("Mark two or more jobs")
        for job in done:
            await drive.press("g")
            while drive.table.cursor_id != job["id"]:
                await drive.press("j")
            await drive.press("space")
        await drive.press("equals_sign")
        await drive.sees("train loss by step")
        for at, job in enumerate(done):
            await drive.sees(f"{'AB'[at]} {job['user_provided_suffix'] or job['id'][:12]}")
            await drive.sees(stroke_of(at))
            found = fresh.call("GET", f"/fine_tuning/jobs/{job['id']}/checkpoints")["data"]
            best = min(found, key=lambda each: each["metrics"]["full_valid_loss"])
            await drive.sees(
                f"best: step {best['step_number']}, valid loss {best['metrics']['full_valid_loss']:.4f}"
            )
        await drive.press("V")
        await drive.sees("smoothed 0.6")
        await drive.press("M")
        await drive.sees("valid loss by step")
        await drive.press("d")
        await drive.sees("fields")
        await drive.press("q", "q")
        # All events of a job are read, not only the newest page.
        await drive.press("enter", "g")
        await drive.until(
            lambda: any(
                "Created fine-tuning job" in line.text for line in drive.app.screen.query_one(EventLog).lines
            ),
            "the first event",
        )
