"""`o9s home` without a screen: the same as on it, as JSON and as a table."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, served
from tests.support.odd_server import odd_server
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError
from tui.headless.home import read_home
from tui.headless.home_text import home_lines
from tui.headless.lists.listing import Reporter


def connection(url: str, *, admin: bool = True) -> Connection:
    return Connection(
        base_url=url, project_key=Secret(PROJECT_KEY), admin_key=Secret(ADMIN_KEY) if admin else None
    )


def test_it_tells_what_the_screen_shows() -> None:
    with served(scenario="calm") as server:
        notes: list[str] = []
        reporter = Reporter(on_note=notes.append)
        home = read_home([connection(server.url)], reporter)
        assert reporter.whole
        asked = Counter((each["path"], each["query"]) for each in server.requests())
        twice = {path for (path, _), times in asked.items() if times > 1}
        assert {path for path in twice if not path.startswith("/v1/organization/projects")} == set()
        told = json.loads("\n".join(home_lines("json", home)))
        reasons = {name: need["reason"] for need in told["needs_you"] for name in need["names"]}
        assert reasons["wrong-model"] == "all 30 requests failed"
        assert told["money"]["month_limit"] == 12_000
        files = server.call("GET", "/files?limit=10000")["data"]
        assert told["storage"]["files"] == len(files)
        assert told["storage"]["bytes"] == sum(file["bytes"] for file in files)
        assert sum(held["bytes"] for held in told["storage"]["by_purpose"].values()) == told["storage"]["bytes"]
        table = "\n".join(home_lines("table", home))
        assert "wrong-model" in table
        assert "storage: " in table

        without = read_home([connection(server.url, admin=False)], reporter)
        assert without["money"] is None
        assert any("admin key" in note for note in notes)
        assert "wrong-model" in "\n".join(home_lines("table", without))


def test_a_family_that_the_server_does_not_have_costs_only_itself() -> None:
    failed = {"total": 2, "completed": 0, "failed": 2}
    batches = {"data": [{"id": "batch_1", "status": "completed", "request_counts": failed}], "has_more": False}
    with odd_server({"/batches": batches, "/files": {"data": None}}) as url:
        notes: list[str] = []
        reporter = Reporter(on_note=notes.append)
        home = read_home([connection(url, admin=False)], reporter)
        assert [need["ids"] for need in home["needs_you"]] == [["batch_1"]]
        assert any("models" in note for note in notes)


def test_where_nothing_can_be_read_it_says_why() -> None:
    with pytest.raises(ApiError):
        read_home([connection("http://127.0.0.1:9/v1")], Reporter())


def test_what_cannot_be_read_is_named_counted_and_no_good_news() -> None:
    good = {"data": [], "has_more": False}
    sizes = [{"id": f"file-{n}", "bytes": size, "purpose": "batch"} for n, size in enumerate((100, None, -5))]
    routes = {"/batches": 500, "/files": {"data": sizes, "has_more": False}, "/fine_tuning/jobs": good}
    with odd_server(routes) as url:
        notes: list[str] = []
        reporter = Reporter(on_note=notes.append)
        home = read_home([connection(url, admin=False)], reporter)
        assert not reporter.whole
        assert "batches" in home["not_read"]
        (note,) = (note for note in notes if "500" in note)
        assert note.startswith("Could not read batches: ")
        (absent,) = (note for note in notes if "models" in note)
        assert absent.startswith("Could not read models, vector-stores, completions and containers: "), absent
        assert (home["storage"]["whole"], home["storage"]["unreadable"]) == (False, 2)
        table = "\n".join(home_lines("table", home))
        assert "needs you: 0+" in table
        assert "not read: batches" in table


def test_where_every_list_fails_it_ends() -> None:
    failing = dict.fromkeys(("/batches", "/files", "/models", "/fine_tuning/jobs"), 500)
    with odd_server(failing) as url, pytest.raises(ApiError):
        read_home([connection(url, admin=False)], Reporter())
