"""Usage and costs: however cut and grouped, they add up to the raw data; and the limits of the API hold."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.conftest import NOW, Steer, get
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    import openai
    from openai.resources.admin.organization.usage import Usage

    from tui.sandbox.serving.child import Sandbox

HOUR, DAY = 3600, 86400
TODAY = int(NOW) // DAY * DAY
WIDTHS = {"1m": 60, "1h": HOUR, "1d": DAY}
FIGURES = {
    "audio_speeches": "characters",
    "audio_transcriptions": "seconds",
    "code_interpreter_sessions": "num_sessions",
    "completions": "output_tokens",
    "embeddings": "input_tokens",
    "file_search_calls": "num_requests",
    "images": "images",
    "moderations": "num_model_requests",
    "vector_stores": "usage_bytes",
    "web_search_calls": "num_requests",
}
USUAL = ["project_id", "user_id", "api_key_id", "model"]
DIMENSIONS = {
    **dict.fromkeys(FIGURES, USUAL),
    "completions": [*USUAL, "batch", "service_tier"],
    "images": [*USUAL, "size", "source"],
    "web_search_calls": [*USUAL, "context_level"],
    "file_search_calls": ["project_id", "user_id", "api_key_id", "vector_store_id"],
    "code_interpreter_sessions": ["project_id"],
    "vector_stores": ["project_id"],
}


@pytest.fixture(scope="module")
def usage(official_admin: openai.OpenAI) -> Usage:
    return official_admin.admin.organization.usage


@pytest.fixture(scope="module")
def bulk(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client for many answers: not each of them is held against the description."""
    headers = {"authorization": "Bearer sk-admin-test"}
    with httpx.Client(base_url=sandbox.url, headers=headers, timeout=30, trust_env=False) as client:
        yield client


def buckets(api: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """All buckets that a query wants, page by page."""
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        answer = api.get(f"/organization/{path}", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["data"]
        query["page"] = page["next_page"]
    return found


def raw(sandbox: Sandbox, start: int, end: int, width: int = HOUR) -> list[dict[str, Any]]:
    """What was used, row by row."""
    url = sandbox.url.removesuffix("/v1") + "/_sandbox/usage"
    query = {"start_time": start, "end_time": end, "width": width}
    rows: list[dict[str, Any]] = httpx.get(url, params=query, timeout=30, trust_env=False).json()["data"]
    return rows


def test_each_endpoint_answers_as_described(usage: Usage) -> None:
    start = TODAY - 2 * DAY
    for kind, figure in FIGURES.items():
        call: Any = getattr(usage, kind)
        page = call(start_time=start, group_by=DIMENSIONS[kind])
        assert [bucket.start_time for bucket in page.data] == [start, start + DAY, TODAY], kind
        results = page.data[0].results
        assert results, kind
        for result in results:
            assert getattr(result, figure) > 0, kind
            assert result.project_id.startswith("proj_"), kind
        whole = call(start_time=start, limit=1).data[0].results
        assert len(whole) == 1, kind
        assert getattr(whole[0], figure) == sum(getattr(result, figure) for result in results), kind
        assert whole[0].project_id is None, kind
    costs = usage.costs(start_time=start, group_by=["project_id", "line_item"])
    (line, *_) = costs.data[0].results
    assert line.object == "organization.costs.result"
    assert line.amount
    assert line.amount.currency == "usd"


SPANS = st.tuples(st.integers(0, 3 * DAY), st.integers(1, 2 * DAY)).map(
    lambda pair: (
        TODAY - 2 * DAY + pair[0] // 60 * 60,
        TODAY - 2 * DAY + pair[0] // 60 * 60 + (pair[1] // 60 + 1) * 60,
    )
)


@examples(25)
@given(data=st.data())
def test_however_it_is_cut_it_adds_up(bulk: httpx.Client, sandbox: Sandbox, data: st.DataObject) -> None:
    """Over page and bucket boundaries, grouped by anything, to the end of a day that is not over."""
    kind = data.draw(st.sampled_from([kind for kind in FIGURES if kind != "vector_stores"]))
    start, end = data.draw(SPANS)
    width = data.draw(st.sampled_from(["1h", "1d"] if end - start > HOUR else list(WIDTHS)))
    groups = data.draw(st.lists(st.sampled_from(DIMENSIONS[kind]), unique=True))
    limit = data.draw(st.integers(1, 24))
    asked = {"start_time": start, "end_time": end, "bucket_width": width, "group_by[]": groups, "limit": limit}
    found: dict[tuple[Any, ...], int] = defaultdict(int)
    for bucket in buckets(bulk, f"usage/{kind}", **asked):
        for result in bucket["results"]:
            found[tuple(result[name] for name in groups)] += result[FIGURES[kind]]
    expected: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in raw(sandbox, start, end):
        if row["kind"] == kind:
            expected[tuple(row.get(name) for name in groups)] += row[FIGURES[kind]]
    assert found == expected


@examples(10)
@given(span=SPANS, groups=st.lists(st.sampled_from(["project_id", "line_item", "api_key_id"]), unique=True))
def test_costs_add_up_to_what_was_used(
    bulk: httpx.Client, sandbox: Sandbox, span: tuple[int, int], groups: list[str]
) -> None:
    found: dict[tuple[Any, ...], float] = defaultdict(float)
    for bucket in buckets(bulk, "costs", start_time=span[0], end_time=span[1], limit=2, **{"group_by[]": groups}):
        for result in bucket["results"]:
            found[tuple(result[name] for name in groups)] += result["amount"]["value"]
    expected: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in raw(sandbox, *span):
        for line in row["costs"]:
            key = tuple({**row, **line}.get(name) for name in groups)
            expected[key] += line["nano_usd"] / 1e9
    assert found == pytest.approx(expected, abs=1e-6)


def test_raw_data_is_the_same_by_minute_hour_and_day(sandbox: Sandbox) -> None:
    def total(start: int, end: int, width: int) -> dict[tuple[Any, ...], int]:
        sums: dict[tuple[Any, ...], int] = defaultdict(int)
        for row in raw(sandbox, start, end, width):
            if row["kind"] != "vector_stores":
                sums[row["kind"], row["project_id"], row.get("api_key_id"), row.get("model")] += row[
                    FIGURES[row["kind"]]
                ]
        return sums

    assert total(TODAY - DAY, TODAY, HOUR) == total(TODAY - DAY, TODAY, DAY)
    assert total(TODAY - HOUR, TODAY, 60) == total(TODAY - HOUR, TODAY, HOUR)


def test_filters_keep_what_they_name(bulk: httpx.Client) -> None:
    start, path = TODAY - DAY, "usage/completions"
    whole = buckets(bulk, path, start_time=start, end_time=TODAY, **{"group_by[]": DIMENSIONS["completions"]})
    some = whole[0]["results"][0]
    for name, asked in (("project_id", "project_ids"), ("api_key_id", "api_key_ids"), ("model", "models")):
        (bucket,) = buckets(bulk, path, start_time=start, end_time=TODAY, **{f"{asked}[]": [some[name], "other"]})
        expected = sum(one["input_tokens"] for one in whole[0]["results"] if one[name] == some[name])
        assert bucket["results"][0]["input_tokens"] == expected, name
    parts = [
        buckets(bulk, path, start_time=start, end_time=TODAY, batch=flag)[0]["results"][0]["num_model_requests"]
        for flag in ("true", "false")
    ]
    assert min(parts) > 0
    assert sum(parts) == sum(one["num_model_requests"] for one in whole[0]["results"])
    (nothing,) = buckets(bulk, path, start_time=start, end_time=TODAY, models="gpt-none")
    assert nothing["results"] == []


@pytest.mark.parametrize(("width", "usual", "most"), [("1m", 60, 1440), ("1h", 24, 168), ("1d", 7, 31)])
def test_a_page_has_its_usual_and_its_most_buckets(
    admin_api: httpx.Client, width: str, usual: int, most: int
) -> None:
    query = f"/organization/usage/code_interpreter_sessions?start_time={TODAY - 89 * DAY}&bucket_width={width}"
    page = get(admin_api, query)
    assert len(page["data"]) == usual
    assert page["has_more"]
    assert len(get(admin_api, f"{query}&limit={most}")["data"]) == most
    refused = admin_api.get(f"{query}&limit={most + 1}")
    assert refused.status_code == 400
    assert (refused.json()["error"]["code"], refused.json()["error"]["param"]) == (
        "integer_above_max_value",
        "limit",
    )
    following = get(admin_api, f"{query}&page={page['next_page']}")
    assert following["data"][0]["start_time"] == page["data"][-1]["end_time"]


def test_costs_come_by_the_day(admin_api: httpx.Client) -> None:
    query = f"/organization/costs?start_time={TODAY - 89 * DAY}"
    assert len(get(admin_api, query)["data"]) == 7
    assert len(get(admin_api, f"{query}&limit=180")["data"]) == 90
    for bad, param in (
        ("limit=181", "limit"),
        ("bucket_width=1h", "bucket_width"),
        ("group_by=model", "group_by"),
    ):
        assert admin_api.get(f"{query}&{bad}").json()["error"]["param"] == param


def test_costs_by_key_are_refused_before_they_were_known(admin_api: httpx.Client) -> None:
    query = "/organization/costs?group_by[]=api_key_id&start_time="
    refused = admin_api.get(f"{query}{1_764_979_199}")
    assert refused.status_code == 400
    assert "1764979200" in refused.json()["error"]["message"]
    assert get(admin_api, f"{query}{1_764_979_200}")["data"]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("", "start_time"),
        ("start_time=soon", "start_time"),
        (f"start_time={TODAY}&end_time={TODAY}", "end_time"),
        (f"start_time={TODAY}&bucket_width=1w", "bucket_width"),
        (f"start_time={TODAY}&group_by[]=planet", "group_by"),
        (f"start_time={TODAY}&page=page_two", "page"),
        (f"start_time={TODAY}&limit=0", "limit"),
    ],
)
def test_queries_are_checked(admin_api: httpx.Client, query: str, param: str) -> None:
    refused = admin_api.get(f"/organization/usage/completions?{query}")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


def test_the_last_bucket_is_partial_and_fills_up(bulk: httpx.Client, steer: Steer) -> None:
    def last() -> tuple[int, int]:
        bucket = buckets(bulk, "usage/moderations", start_time=TODAY - DAY)[-1]
        return bucket["end_time"], bucket["results"][0]["num_model_requests"]

    end, before = last()
    assert end == TODAY + DAY > NOW
    steer("clock", advance=HOUR)
    assert last()[1] > before
    steer("clock", advance=-HOUR)
    assert last() == (end, before)
    assert buckets(bulk, "usage/moderations", start_time=int(NOW) + 60) == []


def test_costs_have_a_weekly_rhythm_and_one_spike_with_a_cause(bulk: httpx.Client) -> None:
    days = buckets(bulk, "costs", start_time=TODAY - 56 * DAY, end_time=TODAY, limit=60, group_by="api_key_id")
    spent = [sum(result["amount"]["value"] for result in day["results"]) for day in days]
    ordered = sorted(spent)
    assert spent.index(ordered[-1]) == len(spent) - 8
    assert ordered[-1] > 3 * ordered[len(ordered) // 2] > 1.3 * ordered[-2]
    weekends = [value for day, value in zip(days, spent, strict=True) if (day["start_time"] // DAY + 3) % 7 > 4]
    assert all(value < ordered[len(ordered) // 2] for value in weekends if value != ordered[-1])
    culprit = max(days[-8]["results"], key=lambda result: result["amount"]["value"])["api_key_id"]
    entries = get(bulk, f"/organization/audit_logs?resource_ids[]={culprit}&event_types[]=api_key.created")["data"]
    assert [entry["project"]["name"] for entry in entries] == ["search"]
