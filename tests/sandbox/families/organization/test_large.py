"""A large organization: its audit log grows, and who follows it misses nothing; a pace of requests is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.conftest import NOW, Steer, get
from tui.sandbox.families.organization.audit.routes import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.sandbox.serving.child import Sandbox

SANDBOX = {"scenario": "huge"}
LOGS = "/organization/audit_logs"
DAY = 86400


@pytest.fixture(scope="module")
def bulk(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client for very many entries: not each of them is held against the description."""
    headers = {"authorization": "Bearer sk-admin-test"}
    with httpx.Client(base_url=sandbox.url, headers=headers, timeout=30, trust_env=False) as client:
        yield client


def everything(api: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """All entries that a query wants, page by page."""
    entries: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        cursor = {"after": entries[-1]["id"]} if entries else {}
        page = api.get(LOGS, params={"limit": 100, **query, **cursor}).json()
        assert page["first_id"] == (page["data"][0]["id"] if page["data"] else None)
        entries += page["data"]
    return entries


def test_it_tells_of_many_things_and_newest_first(bulk: httpx.Client) -> None:
    entries = everything(bulk)
    assert len({entry["id"] for entry in entries}) == len(entries) > 2000
    times = [entry["effective_at"] for entry in entries]
    assert times == sorted(times, reverse=True)
    assert times[-1] < NOW - 89 * DAY
    assert times[0] <= NOW
    types = {entry["type"] for entry in entries}
    assert len(types) >= 25
    assert all(entry["type"] in entry for entry in entries), "an entry without its detail"
    assert {entry["actor"]["type"] for entry in entries} == {"session", "api_key"}


def test_entries_are_what_the_description_says(admin_api: httpx.Client) -> None:
    page = get(admin_api, f"{LOGS}?limit=100&event_types[]=rate_limit.updated&event_types[]=project.updated")
    assert len(page["data"]) > 50


def test_filters(bulk: httpx.Client) -> None:
    entries = everything(bulk)
    scoped = next(entry for entry in entries if "project" in entry)
    person = next(entry["actor"]["session"]["user"] for entry in entries if entry["actor"]["type"] == "session")
    robot = next(entry["actor"]["api_key"] for entry in entries if entry["actor"]["type"] == "api_key")

    def by(entry: dict[str, Any]) -> Any:
        return entry["actor"].get("session", {}).get("user", {})

    middle = int(NOW - 10 * DAY)
    for query, wanted in (
        ({"event_types[]": ["login.failed", "user.added"]}, lambda e: e["type"] in ("login.failed", "user.added")),
        ({"project_ids[]": scoped["project"]["id"]}, lambda e: e.get("project") == scoped["project"]),
        ({"actor_ids[]": person["id"]}, lambda e: by(e).get("id") == person["id"]),
        ({"actor_emails[]": person["email"]}, lambda e: by(e).get("email") == person["email"]),
        ({"actor_ids[]": robot["id"]}, lambda e: e["actor"].get("api_key", {}).get("id") == robot["id"]),
        ({"resource_ids[]": "rl-gpt-5.4"}, lambda e: e[e["type"]].get("id") == "rl-gpt-5.4"),
        ({"effective_at[gt]": middle}, lambda e: e["effective_at"] > middle),
        ({"effective_at[lte]": middle}, lambda e: e["effective_at"] <= middle),
        (
            {"effective_at[gte]": middle, "effective_at[lt]": middle + DAY},
            lambda e: middle <= e["effective_at"] < middle + DAY,
        ),
    ):
        expected = [entry["id"] for entry in entries if wanted(entry)]
        assert expected, query
        assert [entry["id"] for entry in everything(bulk, **query)] == expected, query
    assert everything(bulk, tenant_only="true") == []
    for name, value in (("event_types[]", "party.started"), ("after", "audit_log-x"), ("before", "audit_log-x")):
        assert bulk.get(LOGS, params={name: value}).json()["error"]["code"] == "invalid_value"


def test_it_is_read_backwards(admin_api: httpx.Client) -> None:
    entries = [entry["id"] for entry in get(admin_api, f"{LOGS}?limit=10")["data"]]
    page = get(admin_api, f"{LOGS}?before={entries[8]}&limit=3")
    assert [entry["id"] for entry in page["data"]] == entries[5:8]
    assert page["has_more"]
    assert [entry["id"] for entry in get(admin_api, f"{LOGS}?before={entries[2]}")["data"]] == entries[:2]


def test_it_grows_with_the_clock_alone(bulk: httpx.Client, steer: Steer) -> None:
    known = everything(bulk)
    steer("clock", advance=600)
    grown = everything(bulk)
    assert grown[-len(known) :] == known
    assert len(grown) - len(known) == pytest.approx(600 / 15, abs=2)
    assert all(NOW <= entry["effective_at"] <= NOW + 600 for entry in grown[: -len(known)])


def test_a_log_that_nobody_looked_at_for_a_year_has_no_million_entries() -> None:
    moments = [moment_of(number, NOW, 2000, 1.0) for number in range(25_000)]
    assert moments == sorted(moments)
    assert moments[2000] >= NOW > moments[1999]
    assert moments[-1] > NOW + 365 * DAY
    assert moment_of(2000, NOW, 2000, None) > NOW + 10**9


def test_who_follows_it_sees_each_entry_once_and_in_order(bulk: httpx.Client, steer: Steer) -> None:
    """As a client does: from the last second seen, and without what it has seen of that."""
    (last,) = get(bulk, f"{LOGS}?limit=1")["data"]
    seen, since = [last["id"]], last["effective_at"]
    for _ in range(4):
        steer("audit", count=250)
        steer("clock", advance=20)
        fresh = []
        for entry in everything(bulk, **{"effective_at[gte]": since}):
            if entry["id"] not in seen:
                fresh.append(entry)
        seen += [entry["id"] for entry in reversed(fresh)]
        since = fresh[0]["effective_at"]
    assert len(seen) > 1000
    everywhere = [entry["id"] for entry in everything(bulk)][::-1]
    assert seen == everywhere[everywhere.index(last["id"]) :]


def test_ten_thousand_entries_at_once(bulk: httpx.Client, steer: Steer) -> None:
    before = int(get(bulk, f"{LOGS}?limit=1")["data"][0]["effective_at"])
    steer("clock", advance=5)
    steer("audit", count=10_000)
    page = get(bulk, f"{LOGS}?limit=100&effective_at[gt]={before + 4}")
    assert len(page["data"]) == 100
    assert page["has_more"]


def test_two_hundred_projects(bulk: httpx.Client) -> None:
    projects: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True, "last_id": None}
    while page["has_more"]:
        after = {"after": page["last_id"]} if projects else {}
        page = bulk.get("/organization/projects", params={"limit": 100, **after}).json()
        projects += page["data"]
    assert len({one["id"] for one in projects}) == 200
    assert get(bulk, f"/organization/projects/{projects[-1]['id']}/api_keys?owner_project_access=any")["data"]
    days = get(bulk, f"/organization/costs?start_time={int(NOW) - 9 * DAY}&limit=100&group_by=project_id")["data"]
    assert len(days) == 10
    assert len({result["project_id"] for result in days[-1]["results"]}) > 150


def test_more_requests_than_the_pace_allows_are_told_when_to_come(sandbox: Sandbox, steer: Steer) -> None:
    steer("faults", spec="rpm=5")
    with httpx.Client(headers={"authorization": "Bearer sk-admin-test"}, trust_env=False) as client:
        answers = [client.get(sandbox.url + "/organization/projects") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert 50 < int(answers[5].headers["retry-after"]) <= 60
    assert answers[5].json()["error"]["code"] == "rate_limit_exceeded"
    steer("faults", spec="rpm=1/100ms@/organization")
    with httpx.Client(headers={"authorization": "Bearer sk-test"}, trust_env=False) as client:
        assert {client.get(sandbox.url + "/models").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize("spec", ["rpm", "rpm=0", "rpm=fast", "rpm=5/2"])
def test_a_pace_that_is_none_is_explained(sandbox: Sandbox, spec: str) -> None:
    base = sandbox.url.removesuffix("/v1")
    answer = httpx.post(base + "/_sandbox/faults", json={"spec": spec}, trust_env=False)
    assert answer.status_code == 400
    assert spec in answer.json()["error"]["message"]
