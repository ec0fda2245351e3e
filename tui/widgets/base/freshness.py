"""The freshness label."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.api.errors import NotFound, NotRecorded, NotServed, QuotaExceeded
from tui.widgets.base.tones import Part

if TYPE_CHECKING:
    from tui.live.polling.poller import Health

Parts = list[Part]
"""The parts of a line."""


def format_clock(at: float) -> str:
    """Return a time of day."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def describe_freshness(health: Health, *, is_silent: bool) -> Parts:
    """Return the freshness label, of a server that `is_silent` or answers.

    It shows a time of day, so that it does not repaint each second.
    """
    match health.state:
        case "live" | "loading" if is_silent:
            return [("◌ waiting", "warn")]
        case "live":
            return [("● live", "good")]
        case "loading":
            return [("◌ loading", "accent")]
        case "held":
            return [(f"‖ held at {format_clock(health.since)}", "warn")]
        case "refused":
            kinds = {
                NotFound: "not found",
                NotServed: "not on this server",
                NotRecorded: "not recorded",
                QuotaExceeded: "quota used up",
            }
            words = next((words for kind, words in kinds.items() if isinstance(health.error, kind)), "no access")
            return [(f"✖ {words}", "bad")]
    since = f"▲ as of {format_clock(health.since)}" if health.since else "▲ no answer yet"
    return [(since, "warn")]
