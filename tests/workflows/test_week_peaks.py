"""The busiest minute of a week against each limit: found exactly where it matters, with few requests."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tui.api.paging.pages import Page
from tui.live.polling.scheduler import Scheduler
from tui.resources.usage import DAY, HOUR, MINUTE
from tui.workflows.overview.headroom import KINDS_MEASURED, build_limited_queries, find_peaks, read_minutes
from tui.workflows.week_peaks import FLOOR, WeekPeaks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = 1_795_000_000 // HOUR * HOUR + 1_234.0
LIMITS: dict[tuple[str, str], dict[str, Any]] = {
    ("gpt-5", "proj_a"): {"max_requests_per_1_minute": 100, "max_tokens_per_1_minute": 50_000},
    ("gpt-5", "proj_b"): {"max_requests_per_1_minute": 100_000, "max_tokens_per_1_minute": 9_000_000},
    ("gpt-5-mini", "proj_a"): {"max_requests_per_1_minute": "many", "max_tokens_per_1_minute": 40_000},
}
MODELS = {"gpt-5-2025-08-07": "gpt-5", "gpt-5": "gpt-5", "gpt-5-mini": "gpt-5-mini"}


class Organization:
    """Some minutes in which something was used, told by the minute and by the hour."""

    def __init__(self) -> None:
        chance = random.Random(7)
        self.asked: list[tuple[str, int]] = []
        self.used: dict[int, dict[tuple[str, str], tuple[int, int, int]]] = defaultdict(dict)
        for _ in range(400):
            minute = int(NOW) // MINUTE * MINUTE - chance.randrange(7 * DAY // MINUTE - 60) * MINUTE
            who = (chance.choice(list(MODELS)), chance.choice(("proj_a", "proj_b")))
            self.used[minute][who] = (chance.randrange(1, 60), chance.randrange(20_000), chance.randrange(9_000))

    async def pages(self, operation: Any, *, query: Any, limit: int) -> AsyncIterator[Page]:
        """Tell what was used in the buckets that are asked for."""
        width = {"1m": MINUTE, "1h": HOUR}[query["bucket_width"]]
        self.asked.append((operation.name, width))
        sums: dict[int, dict[tuple[str, str], list[int]]] = defaultdict(dict)
        for minute, groups in self.used.items() if "completions" in operation.name else ():
            if query["start_time"] <= minute < query["end_time"]:
                for who, figures in groups.items():
                    held = sums[minute // width * width].setdefault(who, [0, 0, 0])
                    for at, figure in enumerate(figures):
                        held[at] += figure
        starts = range(query["start_time"], query["end_time"], width)
        assert len(starts) <= limit
        yield Page(
            [{"start_time": at, "results": self._results(sums.get(at, {}))} for at in starts], False, None, None
        )

    @staticmethod
    def _results(groups: Any) -> list[dict[str, Any]]:
        return [
            {
                **{"model": model, "project_id": project, "num_model_requests": requests},
                **{"input_tokens": taken, "output_tokens": given},
            }
            for (model, project), (requests, taken, given) in groups.items()
        ]

    def busiest(self, model: str, project: str) -> dict[str, tuple[int, int]]:
        """What the busiest minutes of a limit had, and when they began."""
        requests: dict[int, int] = defaultdict(int)
        tokens: dict[int, int] = defaultdict(int)
        for minute, groups in self.used.items():
            for (each, owner), (asked, taken, given) in groups.items():
                if MODELS[each] == model and owner == project:
                    requests[minute] += asked
                    tokens[minute] += taken + given
        found = {"requests": requests, "tokens": tokens}
        return {what: max((figure, at) for at, figure in held.items()) for what, held in found.items()}


async def test_the_busiest_minute_is_found_and_little_is_read() -> None:
    organization = Organization()
    client: Any = organization
    clock = [NOW]
    peaks = WeekPeaks(
        client, Scheduler(requests_last_minute=lambda: 0, budget=120), lambda: clock[0], lambda: LIMITS
    )
    heard: list[str] = []
    peaks.subscribe(lambda: heard.append(peaks.progress))
    while await peaks._round():
        pass
    found = peaks.find_peaks()
    for (model, project), limits in LIMITS.items():
        truth = organization.busiest(model, project)
        told = {peak.what: peak for peak in found.get((model, project), [])}
        for what, limit in zip(("requests", "tokens"), limits.values(), strict=True):
            if isinstance(limit, str):
                assert what not in told, "what cannot be read is no limit"
                continue
            amount, minute = truth[what]
            peak = told[what]
            if peak.is_exact:
                assert (int(peak.amount), peak.minute, peak.share) == (amount, minute, amount / limit)
            else:
                assert amount <= peak.amount <= FLOOR * limit, "it is said that no more was used than a tenth"
    assert found["gpt-5", "proj_a"][0].is_exact
    assert not found["gpt-5", "proj_b"][0].is_exact
    looked_into = sum(width == MINUTE for _, width in organization.asked) // 2
    assert 0 < looked_into < 48, "of 168 hours"
    assert heard[-1] == ""
    assert not await peaks._round(), "nothing is left to read"
    clock[0] += HOUR
    before = len(organization.asked)
    assert await peaks._round()
    assert [width for _, width in organization.asked[before:]] == [HOUR, HOUR], "only the hours are read anew"


def test_requests_of_batches_are_not_asked_for() -> None:
    asked = {kind.name: next(build_limited_queries(kind, 0, 3_600, 60)).get("batch") for kind in KINDS_MEASURED}
    assert asked == {"completions": "false", "embeddings": None}


async def test_the_last_hour_counts_the_versions_of_a_model_together_too() -> None:
    organization: Any = Organization()
    minute = int(NOW) // MINUTE * MINUTE
    organization.used = {
        minute: {("gpt-5", "proj_a"): (7, 100, 10), ("gpt-5-2025-08-07", "proj_a"): (5, 20, 1)},
        minute - MINUTE: {("gpt-5", "proj_a"): (9, 1, 1), ("unlimited", "proj_a"): (99, 9, 9)},
    }
    peaks = find_peaks(await read_minutes(organization, NOW), {"proj_a": ["gpt-5", "gpt-5-mini"]})
    assert peaks == {("proj_a", "gpt-5", "requests"): 12, ("proj_a", "gpt-5", "tokens"): 131}
