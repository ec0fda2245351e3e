"""Usage: what is shown adds up to the sandbox's raw data, however it is cut, paged, grouped and narrowed."""

from __future__ import annotations

import math
import time
import weakref
from contextlib import asynccontextmanager
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.driving import ADMIN_KEY, Server, served
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import BadAnswer, Forbidden
from tui.api.operation import Key, Operation
from tui.api.paging.pages import Page
from tui.live.platform import Platform
from tui.live.totals import find_last_days, read_totals, read_usage_pages
from tui.resources.language.reading.amounts import sum_amounts
from tui.resources.registry import REGISTRY
from tui.resources.usage import COMPLETIONS_KIND, COSTS_KIND, DAY, HOUR, KINDS, MINUTE
from tui.screens.places.usage.periods import PERIODS
from tui.workflows.labels import fetch_names
from tui.workflows.usage import (
    LOOK_BACK,
    UsageFigures,
    UsagePoller,
    UsageQuery,
    build_default_query,
    fit_query,
)
from tui.workflows.usage_export import export_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

NOW = 1_794_999_962.0  # two seconds into a minute, so that none ends while a test looks
EPOCH = COSTS_KIND.since["api_key_id"]
WHO = Operation("list-projects", "GET", "/organization/projects", Key.ADMIN)
Row = dict[str, Any]
NAME = attrgetter("name")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization with 90 days of usage, at a known time."""
    with served(scenario="busy", now=NOW) as server:
        yield server


@asynccontextmanager
async def platform_of(server: Server) -> AsyncIterator[Platform]:
    client = Client(Connection(base_url=server.url, admin_key=Secret(ADMIN_KEY)))
    try:
        yield Platform(client, REGISTRY)
    finally:
        await client.aclose()


async def answer(server: Server, question: UsageQuery) -> UsageFigures:
    """The whole answer to a question."""
    async with platform_of(server) as platform:
        usage = UsagePoller(platform.client, platform.scheduler, question, time.time)
        await usage.refresh()
        assert usage.health.error is None
        assert usage.report
        assert usage.report.complete
        assert usage.report.pages == usage.report.expected
        return usage.report


def raw(server: Server, report: UsageFigures, width: int = HOUR) -> list[Row]:
    """All that was used in the span of a report, stream by stream."""
    query = {"start_time": report.start, "end_time": report.end, "width": width}
    url = f"{server.url.removesuffix('/v1')}/_sandbox/usage"
    rows: list[Row] = httpx.get(url, params=query, timeout=60, trust_env=False).json()["data"]
    return rows


def dollars(rows: list[Row]) -> int:
    """What rows cost, in billionths of a dollar."""
    return sum(line["nano_usd"] for row in rows for line in row["costs"])


@pytest.mark.parametrize("days", [30, 90])
async def test_costs_add_up_over_buckets_pages_and_the_day_that_is_not_over(server: Server, days: int) -> None:
    report = await answer(server, UsageQuery(COSTS_KIND, days * DAY, DAY, "project_id"))
    rows = raw(server, report, DAY)
    assert round(report.total(0) * 10**9) == dollars(rows) > 0
    for project, total in report.groups(0):
        assert round(total * 10**9) == dollars([row for row in rows if row["project_id"] == project])
    last = report.buckets[-1]
    assert report.is_partial(last)
    assert not report.is_partial(last - DAY)
    today = dollars([row for row in rows if row["start_time"] >= last])
    assert round(report.series(0)[-1] * 10**9) == today > 0


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind is not COSTS_KIND], ids=lambda kind: kind.name
)
async def test_each_kind_of_usage_adds_up_in_days(server: Server, kind: Any) -> None:
    report = await answer(server, UsageQuery(kind, 35 * DAY, DAY, kind.dimensions[-1]))
    assert report.pages == 2, "35 days take two pages of at most 31"
    rows = [row for row in raw(server, report, DAY) if row["kind"] == kind.name]
    for index, measure in enumerate(kind.measures):
        if measure.level:
            rows = [row for row in rows if row["start_time"] >= report.buckets[-1]]
        assert report.total(index) == sum(row[measure.path] for row in rows) > 0


@pytest.mark.parametrize(("span", "width"), [(7 * DAY, HOUR), (DAY, HOUR), (HOUR, MINUTE), (DAY, MINUTE)])
async def test_hours_and_minutes_add_up(server: Server, span: int, width: int) -> None:
    report = await answer(server, UsageQuery(COMPLETIONS_KIND, span, width, "model"))
    rows = [row for row in raw(server, report) if row["kind"] == "completions"]
    assert report.total(0) == sum(row["input_tokens"] for row in rows) > 0
    assert len(report.series(0)) == span // width
    assert report.total(0) == sum(report.series(0)) == sum(total for _, total in report.groups(0))


async def test_drilling_narrows_at_the_server_or_here(server: Server) -> None:
    first = UsageQuery(COMPLETIONS_KIND, 7 * DAY, DAY, "project_id")
    whole = await answer(server, first)
    rows = [row for row in raw(server, whole, DAY) if row["kind"] == "completions"]
    project = next(
        group for group, _ in whole.groups(0) if any(row["batch"] for row in rows if row["project_id"] == group)
    )
    # The server takes no filter for `batch`, nor for what has no user.
    for only, kept in (
        ((("project_id", project),), lambda row: row["project_id"] == project),
        ((("project_id", project), ("batch", "true")), lambda row: row["project_id"] == project and row["batch"]),
        ((("user_id", None),), lambda row: row["user_id"] is None),
    ):
        report = await answer(server, UsageQuery(COMPLETIONS_KIND, 7 * DAY, DAY, "model", only))
        assert report.total(0) == sum(row["input_tokens"] for row in rows if kept(row)) > 0
    report = await answer(
        server, UsageQuery(COSTS_KIND, 7 * DAY, DAY, "project_id", (("line_item", "web_search, calls"),))
    )
    calls = [row for row in raw(server, report, DAY) if row["kind"] == "web_search_calls"]
    assert round(report.total(0) * 10**9) == dollars(calls) > 0


async def test_keys_are_asked_for_only_since_the_api_knows_them(server: Server) -> None:
    question = UsageQuery(COSTS_KIND, 365 * DAY, DAY, "api_key_id")
    start, end = question.bounds(NOW)
    assert start < EPOCH < end
    before, after = question.calls(start, end)
    assert (before["end_time"], before["group_by"]) == (EPOCH, ["project_id"])
    assert (after["start_time"], after["group_by"]) == (EPOCH, ["api_key_id", "project_id"])
    report = await answer(server, question)
    assert round(report.total(0) * 10**9) == dollars(raw(server, report, DAY)) > 0


@pytest.mark.parametrize("kind", KINDS.values(), ids=NAME)
def test_no_call_asks_for_more_than_the_api_allows(kind: Any) -> None:
    most = {"1m": 1440, "1h": 168, "1d": 180 if kind is COSTS_KIND else 31}
    for _, span, width in PERIODS:
        if width not in kind.buckets:
            continue
        for dimension in kind.dimensions:
            question = UsageQuery(kind, span, width, dimension)
            start, end = question.bounds(NOW)
            calls = list(question.calls(start - question.lead_seconds, end))
            assert all(0 < call["limit"] <= most[call["bucket_width"]] for call in calls)
            assert calls[0]["start_time"] == start - question.lead_seconds
            assert calls[-1]["end_time"] == end
            assert end - width <= NOW < end


async def test_the_day_that_stands_out_names_who_made_it(server: Server) -> None:
    report = await answer(server, build_default_query(COSTS_KIND))
    ((day, found),) = report.find_standouts().items()
    spent = dict(zip(report.buckets, report.series(0), strict=True))
    assert spent[day] == max(spent.values())
    assert found.times and found.times > 3
    async with platform_of(server) as platform:
        names = {
            id_: name async for found in fetch_names(platform.client, "project_id") for id_, name in found.items()
        }
    assert names[str(found.group)] == "search"


def days(values: list[float], of: Callable[[int], dict[str, Any]] = lambda _: {}) -> UsageFigures:
    """A report on days that cost this, the last of them the only one asked for."""
    question = UsageQuery(COSTS_KIND, DAY, DAY, "project_id", start=len(values) * DAY)
    report = UsageFigures(question, len(values) * DAY, (len(values) + 1) * DAY, NOW)
    report.add_page(
        [
            {"start_time": (at + 1) * DAY, "results": [{"project_id": "p", "amount": {"value": value}, **of(at)}]}
            for at, value in enumerate(values)
        ]
    )
    return report


def test_what_came_is_let_go_once_all_of_it_is_there() -> None:
    class Result(dict[str, Any]):
        """One that can be watched."""

    question = UsageQuery(COSTS_KIND, DAY, DAY, "project_id", start=DAY)
    report = UsageFigures(question, DAY, 2 * DAY, NOW)
    came = Result(project_id="p", amount={"value": 2})
    watched = weakref.ref(came)
    report.add_page([{"start_time": DAY, "results": [came]}])
    del came
    report.add_page([{"start_time": DAY, "results": [{"project_id": "q", "amount": {"value": 3}}]}])
    assert report.total(0) == 5
    report.finish()
    assert report.complete
    assert report.total(0) == 5
    assert watched() is None, "what the server sent is still in memory"


@pytest.mark.parametrize(
    ("values", "stands_out"),
    [
        ([1.0] * 14 + [5.1], True),
        ([1.0] * 14 + [5.0], False),  # not above five dollars
        ([10.0] * 14 + [30.0], False),  # not above three times the median
        ([10.0] * 14 + [30.01], True),
        ([900.0, 900.0] + [10.0] * 12 + [31.0], True),  # the median does not mind single days
        ([0.0] * 14 + [50.0], True),  # the first that is ever spent
        ([0.0] * 14 + [5.0], False),
    ],
)
def test_what_stands_out(values: list[float], stands_out: bool) -> None:
    assert len(values) == LOOK_BACK + 1
    assert bool(days(values).find_standouts()) is stands_out


def test_an_odd_answer_costs_only_itself() -> None:
    report = days([1.0] * 15)
    odd: list[Any] = [
        None,
        {"start_time": "x", "results": []},
        {"start_time": DAY, "results": None},
        {"results": []},
    ]
    report.add_page(odd)
    assert report.unreadable == len(odd)
    results: list[Any] = [7, {"amount": {"value": "much"}}, {"amount": {"value": 2}}]
    good = {"start_time": 15 * DAY, "results": results}
    report.add_page([good])
    report.add_page([good])
    assert report.total(0) == 3, "what comes twice counts once, beside the other group of the day"
    assert [(group, int(spent)) for group, spent in report.groups(0)] == [(None, 2), ("p", 1)]
    assert report.total(0).unread == 2, "what cannot be read is counted"


def test_a_bucket_may_come_in_parts() -> None:
    def part(group: str, value: int) -> dict[str, Any]:
        result = {"project_id": group, "amount": {"value": value, "currency": "usd"}}
        return {"start_time": 15 * DAY, "results": [result]}

    report = days([1.0] * 15)
    report.add_page([part("proj_a", 10)])
    report.add_page([part("proj_b", 4), part("proj_b", 4)])
    assert (int(report.total(0)), report.total(0).unread) == (15, 0), "other groups add up, the same counts once"
    report.add_page([part("proj_b", 5)])
    assert (int(report.total(0)), report.total(0).unread) == (16, 1), "nobody knows which of 4 and 5 is right"


async def test_a_failure_leaves_what_was_known_and_the_next_round_goes_on(server: Server) -> None:
    question = UsageQuery(KINDS["embeddings"], 90 * DAY, DAY, "project_id")
    async with platform_of(server) as platform:
        usage = UsagePoller(platform.client, platform.scheduler, question, time.time)
        await usage.refresh()
        known = usage.report
        assert known
        server.control("faults", spec="403@/organization/usage")
        try:
            await usage.refresh()
        finally:
            server.control("faults", spec="")
        assert isinstance(usage.health.error, Forbidden)
        assert usage.report is known
        await usage.refresh()
        assert usage.health.error is None
        assert usage.report
        assert usage.report.found == known.found


async def test_reading_is_stopped_until_it_is_asked_for_again(server: Server) -> None:
    question = UsageQuery(KINDS["embeddings"], 90 * DAY, DAY, "project_id")
    async with platform_of(server) as platform:
        usage = UsagePoller(platform.client, platform.scheduler, question, time.time)
        assert not usage.stop_reading(), "nothing is being read"

        def stop() -> None:
            usage.stop_reading()

        end = usage.subscribe(stop)
        await usage.refresh()
        end()
        report = usage.report
        assert report
        assert (report.pages, report.is_stopped, report.complete) == (1, True, False)
        assert report.expected > 1
        assert math.isinf(usage.interval())
        assert not usage.stop_reading()
        await usage.refresh()
        assert usage.report
        assert usage.report.complete
        assert not usage.stop_reading(), "all of it is here"


async def test_another_question_takes_the_place_of_the_last(server: Server) -> None:
    async with platform_of(server) as platform:
        usage = UsagePoller(platform.client, platform.scheduler, build_default_query(COMPLETIONS_KIND), time.time)
        heard: list[UsageFigures | None] = []
        usage.subscribe(lambda: heard.append(usage.report))
        await usage.refresh()
        usage.ask(fit_query(usage.question, KINDS["vector_stores"]))
        assert usage.report is None
        await usage.refresh()
        assert usage.report
        assert usage.report.question.kind.name == "vector_stores"
        assert all(
            report is None or report.question in (build_default_query(COMPLETIONS_KIND), usage.question)
            for report in heard
        )


async def test_what_is_exported_adds_up_too(server: Server) -> None:
    report = await answer(server, build_default_query(COSTS_KIND))
    rows = list(export_rows(report, {}))
    assert sum_amounts(row["value"] for row in rows) == report.total(0)
    assert {row["partial"] for row in rows} == {True, False}
    assert rows[0]["start"].endswith("T00:00:00Z")


async def test_what_each_key_costs_adds_up(server: Server) -> None:
    async with platform_of(server) as platform:
        await platform.client.call(WHO)  # from now on the server's clock is known
        start, end = find_last_days(30, platform.now())
        found = await read_totals(platform.client, COSTS_KIND, ("api_key_id",), start, end)
    costs = {key: cost for (key,), (cost,) in found.items() if key}
    report = await answer(server, UsageQuery(COSTS_KIND, 30 * DAY, DAY, "api_key_id"))
    assert (report.start, report.end) == (start, end)
    assert costs == {key: spent for key, spent in report.groups(0) if key}
    rows = raw(server, report, DAY)
    for key, spent in costs.items():
        assert round(spent * 10**9) == dollars([row for row in rows if row.get("api_key_id") == key])


async def test_totals_go_by_several_dimensions_and_never_tell_a_part(server: Server) -> None:
    by = ("project_id", "line_item")
    start, end = find_last_days(90, NOW)
    async with platform_of(server) as platform:
        found = await read_totals(platform.client, COSTS_KIND, by, start, end)
        whole = await answer(server, UsageQuery(COSTS_KIND, 90 * DAY, DAY, "project_id"))
        assert sum_amounts(spent for (spent,) in found.values()) == whole.total(0)
        for project, spent in whole.groups(0):
            mine = sum_amounts(dollars for (group, _), (dollars,) in found.items() if group == project)
            assert mine == spent

        async def cut(*_: Any, **__: Any) -> AsyncIterator[Page]:
            yield Page([], has_more=True, after=None, next=None)

        platform.client.pages = cut  # type: ignore[method-assign, assignment]
        with pytest.raises(BadAnswer, match="more of this"):
            await read_totals(platform.client, COSTS_KIND, by, start, end)


@pytest.mark.parametrize(
    ("again", "unread"),
    [(2, 0), (3, 1)],  # the same once more counts once; of two that differ nobody knows which is right
)
async def test_a_day_that_comes_in_parts_is_added_up(again: int, unread: int) -> None:
    def spent(project: str, dollars: int) -> dict[str, Any]:
        return {"amount": {"value": dollars, "currency": "usd"}, "project_id": project}

    async def pages(*_: Any, **__: Any) -> AsyncIterator[Page]:
        for results in ([spent("proj_a", 1), spent("proj_b", 2)], [spent("proj_b", again), spent("proj_c", 4)]):
            last = results[-1]["project_id"] == "proj_c"
            bucket = {"start_time": DAY * 20_700, "results": results}
            yield Page([bucket], has_more=not last, after="", next=None if last else "2")

    client: Any = SimpleNamespace(pages=pages)
    found = await read_totals(client, COSTS_KIND, ("project_id",), DAY * 20_700, DAY * 20_701)
    assert {group: cost for (group,), (cost,) in found.items() if group} == {
        "proj_a": 1,
        "proj_b": again,
        "proj_c": 4,
    }
    assert sum(cost.unread for (cost,) in found.values()) == unread


@pytest.mark.parametrize(
    ("first", "step", "known", "asked", "whole"),
    [
        (0, DAY, 3, 4, True),  # the server goes on after the end
        (4 * DAY, DAY, 0, 1, False),  # it tells nothing of what is asked for
        (0, 0, 1, 11, False),  # another word on the same day, again and again
        (-99 * DAY, 1, 0, 10, False),
    ],
)
async def test_pages_without_end_are_left(first: int, step: int, known: int, asked: int, whole: bool) -> None:
    async def pages(*_: Any, **__: Any) -> AsyncIterator[Page]:
        for number in range(99):
            results = [{"amount": {"value": number}}]
            yield Page(
                [{"start_time": DAY * 99 + first + step * number, "results": results}], True, "", str(number)
            )

    call = {"start_time": DAY * 99, "end_time": DAY * 102, "bucket_width": "1d", "limit": 1}
    client: Any = SimpleNamespace(pages=pages)
    found = [page async for page in read_usage_pages(client, COSTS_KIND, call)]
    moments = {page.items[0]["start_time"] for page in found}
    assert len([moment for moment in moments if DAY * 99 <= moment < DAY * 102]) == known
    assert (len(found), found[-1].next, found[-1].has_more) == (asked, None, not whole)
