"""How near the organization comes to its rate limits: the busiest minute of the last hour against each limit."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from tui.api.errors import ApiError
from tui.live.polling.poller import Poller
from tui.live.shortfall import affects_all
from tui.live.totals import build_queries, merge_results, read_bucket, read_dimension, read_usage_pages
from tui.resources.language.cells import pluralize
from tui.resources.language.reading.amounts import Amount, read_count, sum_amounts, sum_columns
from tui.resources.models import names_model
from tui.resources.organization.limits import RATE_LIMITS
from tui.resources.usage import COMPLETIONS_KIND, HOUR, KINDS, MINUTE, read_amount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tui.api.client import Client
    from tui.live.polling.scheduler import Scheduler
    from tui.live.totals import Group
    from tui.resources.language.consumption import UsageKind

PACE = (120.0, 600.0)  # seconds between looks at the minutes
LIMITS_LAST = 1_800.0  # seconds that limits are taken to be as they were
MOST_PROJECTS = 5  # whose limits are read: those with the most requests
BY = ("model", "project_id")
KINDS_MEASURED = (COMPLETIONS_KIND, KINDS["embeddings"])
# What is measured: the field of the limit, and the figures of usage that count against it.
MEASURES = {
    "requests": ("max_requests_per_1_minute", ("num_model_requests",)),
    "tokens": ("max_tokens_per_1_minute", ("input_tokens", "output_tokens")),
}

Used: TypeAlias = "Mapping[tuple[Group, Group], dict[str, Amount]]"  # in a minute, by model and project
Peaks = dict[tuple[str, str, str], Amount]  # by project, model as it is limited, and what is measured


class Headroom(NamedTuple):
    """How near one limit is."""

    project: str
    """The id of the project."""
    model: str
    """As the limit names it."""
    what: str
    """`requests` or `tokens`, a minute."""
    peak: Amount
    """The most in one minute of the last hour."""
    limit: int

    @property
    def share(self) -> float:
        """The part of the limit that was used, 0 to 1, or more."""
        return float(self.peak) / self.limit


def build_limited_queries(kind: UsageKind, start: int, end: int, width: int) -> Iterator[dict[str, Any]]:
    """Return the queries for what counts against the limits of a minute: requests of batches do not."""
    beside = {"batch": "false"} if "batch" in kind.dimensions else {}
    for call in build_queries(kind, BY, start, end, width):
        yield {**call, **beside}


async def read_minutes(client: Client, now: float) -> list[Used]:
    """Return what each model and project used in each minute of the last hour. Raises ApiError."""
    end = (int(now) // MINUTE + 1) * MINUTE
    found: list[Used] = []
    for kind in KINDS_MEASURED:
        minutes: dict[int, list[object]] = {}
        for call in build_limited_queries(kind, end - HOUR, end, MINUTE):
            async for page in read_usage_pages(client, kind, call):
                for read in filter(None, map(read_bucket, page.items)):
                    minute, results = read
                    minutes[minute] = merge_results(minutes.get(minute, []), results, BY)
        found += [sum_groups(kind, results) for results in minutes.values()]
    return found


def find_peaks(minutes: Iterable[Used], limited: Mapping[str, Iterable[str]]) -> Peaks:
    """Return the busiest minute of each limit; `limited` are the models that are limited, by project.

    A model and its dated versions share a limit, so that what they used in a minute adds up.
    """
    peaks: Peaks = {}
    names: dict[tuple[str, str], str] = {}
    for used in minutes:
        parts = defaultdict[tuple[str, str, str], list[Amount]](list)
        for (model, project), figures in used.items():
            if model and project:
                if (model, project) not in names:
                    names[model, project] = find_limited(model, limited.get(project, ()))
                for what, amount in figures.items():
                    parts[project, names[model, project], what].append(amount)
        for key, amounts in parts.items():
            known, amount = peaks.get(key, Amount()), sum_amounts(amounts)
            peaks[key] = Amount(max(known, amount), max(known.unread, amount.unread))
    return {key: peak for key, peak in peaks.items() if key[1]}


def find_limited(model: str, limited: Iterable[str]) -> str:
    """Return the name under which a model is limited; "" where it is not."""
    return max((name for name in limited if names_model(name, model)), key=len, default="")


def sum_groups(kind: UsageKind, results: list[object]) -> Used:
    """Return what each model and project used in a minute."""
    rows: dict[tuple[Group, Group], list[tuple[Amount, ...]]] = {}
    counting = {name for _, names in MEASURES.values() for name in names}
    measures = [measure for measure in kind.measures if measure.path in counting]
    for result in results:
        if isinstance(result, dict):
            model, project = (read_dimension(result, name) for name in BY)
            amounts = {measure.path: read_amount(result, measure) for measure in measures}
            found = tuple(
                Amount(
                    sum(amounts[name] for name in names if name in amounts),
                    sum(amounts[name].unread for name in names if name in amounts),
                )
                for _, names in MEASURES.values()
            )
            rows.setdefault((model, project), []).append(found)
    return {group: dict(zip(MEASURES, sum_columns(each), strict=True)) for group, each in rows.items()}


def _keep_nearest(limits: Iterable[Headroom]) -> list[Headroom]:
    """Return of each project and model the limit that is nearest, the nearest of all first."""
    found: dict[tuple[str, str], Headroom] = {}
    for each in sorted(limits, key=lambda each: -each.share):
        found.setdefault((each.project, each.model), each)
    return list(found.values())


class HeadroomReport(Poller):
    """Keeps fresh how near the limits are, the nearest first. `nearest` is None before the first answer."""

    priority = 2

    def __init__(
        self, client: Client, scheduler: Scheduler, now: Callable[[], float], on_change: Callable[[], None]
    ) -> None:
        super().__init__(scheduler)
        self.nearest: list[Headroom] | None = None
        self._client, self._now, self._on_change = client, now, on_change
        self._limits: dict[str, dict[str, dict[str, Any]]] = {}  # by project and model, as sent ...
        self._read: dict[str, float] = {}  # ... and when
        self._failed: dict[str, ApiError] = {}

    @property
    def unread(self) -> str:
        """Of which projects the limits could not be read, and why."""
        if not self._failed:
            return ""
        first = next(iter(self._failed.values()))
        return f"the limits of {pluralize(len(self._failed), 'project')}: {first.sentence}"

    async def _round(self) -> bool:
        minutes = await read_minutes(self._client, self._now())
        requests: Counter[str] = Counter()
        for (model, project), figures in (each for used in minutes for each in used.items()):
            if model and project:
                requests[project] += int(figures["requests"])
        for project, _ in requests.most_common(MOST_PROJECTS):
            if self._now() - self._read.get(project, 0.0) > LIMITS_LAST:
                await self._read_limits(project)
        found = _keep_nearest(self._compare(find_peaks(minutes, self._limits)))
        changed, self.nearest = found != self.nearest, found
        if changed:
            self._on_change()
        return changed

    async def _read_limits(self, project: str) -> None:
        """Read the limits of a project; where that fails alone, they stay as they were."""
        assert RATE_LIMITS.list
        items: list[object] = []
        try:
            pages = self._client.pages(RATE_LIMITS.list, {"project_id": project}, limit=RATE_LIMITS.page_max)
            async for page in pages:
                items += page.items
        except ApiError as error:
            if affects_all(error):
                raise
            self._failed[project] = error
        else:
            limits = (item for item in items if isinstance(item, dict) and isinstance(item.get("model"), str))
            self._limits[project] = {limit["model"]: limit for limit in limits}
            self._failed.pop(project, None)
        self._read[project] = self._now()

    def _compare(self, peaks: Peaks) -> Iterator[Headroom]:
        """Yield each limit of what was used, with its busiest minute."""
        for (project, model, what), peak in peaks.items():
            if most := read_count(self._limits[project][model].get(MEASURES[what][0])):
                yield Headroom(project, model, what, peak, int(most))

    def _pace(self) -> tuple[float, float]:
        return PACE
