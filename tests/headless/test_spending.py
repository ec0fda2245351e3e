"""Costs and usage without a screen: they add up, whoever asks for them how, and cron hears when it is too much."""

from __future__ import annotations

import calendar
import csv
import io
import json
import math
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from click.testing import CliRunner, Result

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tui.api import retries
from tui.api.errors import BadAnswer
from tui.api.paging.pages import Page
from tui.cli.main import cli
from tui.cli.reading import spending as spending_commands
from tui.headless.spending import name_days, parse_question

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400
NOW = time.time() // DAY * DAY + 15 * 3600 + 2  # the afternoon of today


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization with 90 days of usage."""
    with served(scenario="busy", now=NOW) as server:
        yield server


def run(*arguments: str, server: Server, admin: str = ADMIN_KEY) -> Result:
    env = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": admin}
    return CliRunner().invoke(cli, [*arguments, "--base-url", server.url], env=env, prog_name="o9s")


def raw(server: Server, days: int) -> list[dict[str, Any]]:
    """All that was used in the last days, stream by stream."""
    end = (int(NOW) // DAY + 1) * DAY
    query = {"start_time": end - days * DAY, "end_time": end, "width": DAY}
    url = f"{server.url.removesuffix('/v1')}/_sandbox/usage"
    rows: list[dict[str, Any]] = httpx.get(url, params=query, timeout=60, trust_env=False).json()["data"]
    return rows


def dollars(rows: list[dict[str, Any]]) -> float:
    return math.fsum(line["nano_usd"] for row in rows for line in row["costs"]) / 1e9


def total_of(result: Result) -> str:
    """What the table says that all comes to."""
    return next(line.split()[1] for line in result.stdout.splitlines() if line.startswith("total "))


def test_costs_by_project_and_key_in_every_form(server: Server) -> None:
    rows = raw(server, 30)
    told = json.loads(run("costs", "--by", "project,key", "-o", "json", server=server).output)
    assert told["total"]["amount.value"] == pytest.approx(dollars(rows))
    assert (told["partial"], told["end_time"] - told["start_time"]) == (True, 30 * DAY)
    for group in told["groups"]:
        place = (group["project_id"], group["api_key_id"])
        mine = [row for row in rows if (row["project_id"], row.get("api_key_id")) == place]
        assert group["amount.value"] == pytest.approx(dollars(mine))
    names = {group["project_name"] for group in told["groups"]}
    keys = {group["key_name"] for group in told["groups"]}
    assert {"search", "storefront"} <= names
    assert {"reindex-script", "search-deploy"} <= keys
    output = run("costs", "--by", "project_id,api_key_id", "-o", "csv", server=server).output
    lines = list(csv.DictReader(io.StringIO(output)))
    assert list(lines[0]) == ["project_id", "api_key_id", "project_name", "key_name", "amount.value"]
    assert sum(float(line["amount.value"]) for line in lines) == pytest.approx(dollars(rows))
    table = run("costs", server=server).output.splitlines()
    assert "the last not over" in table[0]
    assert table[1].split() == ["PROJECT", "DOLLARS", "BEFORE", "CHANGE"]
    assert table[2].startswith("search ")
    assert total_of(run("costs", server=server)) == f"${dollars(rows):,.2f}"


def test_costs_stand_beside_as_many_days_before_and_the_month(server: Server) -> None:
    rows, today = raw(server, 59), NOW // DAY * DAY
    told = json.loads(run("costs", "-o", "json", server=server).output)
    compared, month = told["compared"], told["month"]
    over = dollars([row for row in rows if today - 29 * DAY <= row["start_time"] < today])
    before = dollars([row for row in rows if row["start_time"] < today - 29 * DAY])
    assert (compared["with_total"], compared["total"]) == (pytest.approx(over), pytest.approx(before)), (
        "whole days"
    )
    assert compared["change"] == pytest.approx(over / before - 1, abs=1e-4)
    assert sum(group["before"] for group in told["groups"]) == pytest.approx(before)
    first = calendar.timegm((*time.gmtime(NOW)[:2], 1, 0, 0, 0))
    assert month["month_to_date"] == pytest.approx(dollars([row for row in rows if row["start_time"] >= first]))
    assert month["month_limit"] == 12_000
    assert month["alerts"] == [4_000, 8_000]
    assert "weekday" in month["forecast_method"]
    output = run("costs", "-o", "table", server=server).output
    assert "an estimate" in output
    assert "of $12,000 " in output
    only_rows = run("costs", "-o", "csv", server=server)
    assert "month" not in only_rows.output, "csv holds rows and nothing else"


def test_keys_alone_are_named_and_add_up(server: Server) -> None:
    told = json.loads(run("costs", "--by", "key", "--since", "7d", "-o", "json", server=server).output)
    spent: dict[Any, float] = {}
    for row in raw(server, 7):
        spent[row.get("api_key_id")] = spent.get(row.get("api_key_id"), 0) + dollars([row])
    found = {group["api_key_id"]: group["amount.value"] for group in told["groups"]}
    assert found == {key: pytest.approx(value) for key, value in spent.items() if value}
    assert all(group["key_name"] for group in told["groups"] if group["api_key_id"])


def test_cron_hears_when_it_is_too_much(server: Server) -> None:
    yesterday = raw(server, 2)
    spent = dollars([row for row in yesterday if row["start_time"] < NOW // DAY * DAY])
    one = ("costs", "--since", "2d", "--until", "1d", "--by", "line_item")
    fine = run(*one, "--fail-above", f"{spent + 1:.2f}", server=server)
    assert (fine.exit_code, fine.stderr) == (0, "")
    above = run(*one, "--fail-above", f"${spent - 1:.2f}", server=server)
    assert above.exit_code == 5
    assert "is more than" in above.stderr
    assert total_of(above) == f"${spent:,.2f}"


def test_usage_of_a_kind(server: Server) -> None:
    rows = [row for row in raw(server, 30) if row["kind"] == "completions"]
    told = json.loads(run("usage", "--by", "model", "-o", "json", server=server).output)
    assert told["total"]["input_tokens"] == sum(row["input_tokens"] for row in rows)
    assert {group["model"] for group in told["groups"]} == {row["model"] for row in rows}
    stored = json.loads(run("usage", "vector_stores", "-o", "json", server=server).output)
    last = [row for row in raw(server, 1) if row["kind"] == "vector_stores"]
    assert stored["total"]["usage_bytes"] == sum(row["usage_bytes"] for row in last), "a level does not add up"
    users = run("usage", "completions", "--by", "user", server=server).output
    assert "@acme.example" in users
    assert "(no user)" in users


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("costs", "--by", "model"), "choose from project, key, line_item"),
        (("costs", "--since", "yesterday"), "is no day: write 30d"),
        (("costs", "--since", "2d", "--until", "9d"), "--since 2d leaves no day before --until 9d"),
        (("usage", "dreams"), "choose from completions, embeddings"),
        (("costs", "--fail-above", "-1"), "--fail-above"),
    ],
)
def test_wrong_usage_is_told_before_anybody_is_asked(arguments: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(cli, [*arguments, "--base-url", "http://127.0.0.1:9/v1"], env={})
    assert result.exit_code == 2
    assert told in result.output


def test_failures_have_their_exit_codes_and_no_part_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "delay_before_retry", lambda *_, **__: None)  # what fails, fails at once
    keyless = run("costs", server=server, admin="")
    assert keyless.exit_code == 4
    assert "OPENAI_ADMIN_KEY" in keyless.output
    server.control("faults", spec="503@/organization/costs")
    try:
        failed = run("costs", "--fail-above", "1", server=server)
    finally:
        server.control("faults", spec="")
    assert (failed.exit_code, failed.stdout) == (1, "")


def test_bare_in_a_terminal_it_opens_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(spending_commands, "in_terminal", lambda: True)
    monkeypatch.setattr("tui.system.terminal.find_drawing_refusal", lambda _: "")
    monkeypatch.setattr("tui.app.run", lambda start: opened.append(start.resource))
    monkeypatch.setattr("tui.system.terminal.leave", lambda _: None)
    for arguments in (["costs"], ["usage", "--read-only"]):
        assert CliRunner().invoke(cli, arguments).exit_code == 0
    assert opened == ["costs", "usage"]


def test_a_day_is_written_as_people_do() -> None:
    since = parse_question("costs", "key", "2026-11-01", "2026-11-03")
    assert since.by == ("api_key_id",)
    start, end = since.bounds(NOW)
    assert (start, end - start) == (1_793_491_200, 2 * DAY)
    assert parse_question("costs", "", "1", "").bounds(NOW) == (NOW // DAY * DAY, NOW // DAY * DAY + DAY)


def test_lists_across_all_projects_need_no_project(server: Server) -> None:
    projects = server.call("GET", "/organization/projects?limit=100", admin=True)["data"]
    ids: set[str] = set()
    for project in projects:
        query = "limit=100&owner_project_access=any"
        page = server.call("GET", f"/organization/projects/{project['id']}/api_keys?{query}", admin=True)
        ids |= {key["id"] for key in page["data"]}
    server.control("faults", spec="429@/organization/projects x1")
    try:
        result = run("get", "keys", "-o", "json", server=server)
    finally:
        server.control("faults", spec="")
    told = json.loads(result.stdout)
    rest = dollars([row for row in raw(server, 30) if row.get("api_key_id") not in ids])
    assert f"${rest:,.2f} in 30 days belong to no API key listed." in result.stderr
    search = next(project["id"] for project in projects if project["name"] == "search")
    own = dollars(
        [row for row in raw(server, 30) if row["project_id"] == search and row.get("api_key_id") not in ids]
    )
    listed = run("get", "project-keys", "--in", search, server=server)
    assert own, "every dollar is of a listed key: nothing to see here"
    assert f"${own:,.2f} in 30 days belong to no API key listed." in listed.stderr
    assert {key["id"] for key in told} == ids
    spent = dict.fromkeys(ids, 0.0)
    for row in raw(server, 30):
        if row.get("api_key_id") in spent:
            spent[row["api_key_id"]] += dollars([row])
    assert {key["id"]: key["cost_30_days"] for key in told} == {key: pytest.approx(v) for key, v in spent.items()}
    lines = list(csv.DictReader(io.StringIO(run("get", "keys", "-o", "csv", server=server).stdout)))
    assert {line["project"] for line in lines} <= {project["name"] for project in projects}
    assert sum(float(line["cost_30d"]) for line in lines) == pytest.approx(sum(spent.values()))


def test_what_costs_cannot_tell_leaves_the_list_as_it_is(server: Server) -> None:
    server.control("faults", spec="403@/organization/costs,403@/organization/projects/proj_*x1")
    try:
        result = run("get", "keys", "--limit", "5", server=server)
    finally:
        server.control("faults", spec="")
    assert result.exit_code == 0
    assert "cost is unknown" in result.stderr
    assert result.stdout.splitlines()[1].count("·") >= 1


@pytest.mark.parametrize("fails", [True, False])
def test_what_was_read_of_a_sum_is_told_and_that_it_is_not_whole(
    server: Server, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    async def pages(_client: Any, operation: Any, *_: Any, query: Any, **__: Any) -> Any:
        results = [{"project_id": "proj_a", "amount": {"value": 1.5, "currency": "usd"}}]
        if operation.name == "usage-costs":
            yield Page([{"start_time": query["start_time"], "results": results}], True, None, None)
        if fails and operation.name == "usage-costs":
            raise BadAnswer("shape", "Page 2 is broken.")

    monkeypatch.setattr("tui.api.client.Client.pages", pages)
    result = run("costs", "--by", "project", server=server)
    assert (result.exit_code, total_of(result)) == (7, "$1.50")
    assert result.stderr.startswith("The sums are not whole: " + ("Page 2" if fails else "The server has more"))
    assert json.loads(run("costs", "-o", "json", server=server).stdout)["whole"] is False


def told_by(monkeypatch: pytest.MonkeyPatch, *amounts: Any) -> None:
    """Have the platform answer every day with these amounts."""
    results = [{"project_id": "proj_a", "amount": {"value": each, "currency": "usd"}} for each in amounts]

    async def pages(_client: Any, operation: Any, *_: Any, query: Any, **__: Any) -> Any:
        days = range(query["start_time"], query["end_time"], DAY) if operation.name == "usage-costs" else ()
        yield Page([{"start_time": day, "results": results} for day in days], False, None, None)

    monkeypatch.setattr("tui.api.client.Client.pages", pages)


def test_amounts_as_text_add_up_to_the_last_digit(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    told_by(monkeypatch, "12.50", "0.000000165000000000000000000000000000000000000001", "1E-6", "-0.25")
    told = run("costs", "--since", "1d", "-o", "json", server=server)
    assert (told.exit_code, told.stderr) == (0, "")
    total = json.loads(told.stdout, parse_float=Decimal)["total"]["amount.value"]
    assert total == Decimal("12.250001165000000000000000000000000000000000000001")
    assert run("costs", "--since", "1d", "--fail-above", "12.25", server=server).exit_code == 5


@pytest.mark.parametrize("odd", [None, "n/a", "NaN", True, {"value": 1}, "1e999"], ids=repr)
def test_an_amount_that_cannot_be_read_is_no_good_news(
    server: Server, monkeypatch: pytest.MonkeyPatch, odd: Any
) -> None:
    told_by(monkeypatch, odd, odd, "3.5")
    one = ("costs", "--since", "1d")
    for more in ((), ("--fail-above", "100")):
        told = run(*one, *more, server=server)
        assert told.exit_code == 7
        assert "2 amounts cannot be read" in told.stderr
        assert "$3.50 +?" in told.stdout
    assert run(*one, "--fail-above", "1", server=server).exit_code == 5
    (line,) = csv.DictReader(io.StringIO(run(*one, "-o", "csv", server=server).stdout))
    assert (line["amount.value"], line["unreadable"]) == ("3.5", "2")
    told_by(monkeypatch, odd)
    assert json.loads(run(*one, "-o", "json", server=server).stdout)["total"] == {"amount.value": None}


def test_one_project_that_fails_costs_its_own_keys_only(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "delay_before_retry", lambda *_, **__: None)
    first = server.call("GET", "/organization/projects?limit=1", admin=True)["data"][0]["id"]
    every = {
        line["id"] for line in csv.DictReader(io.StringIO(run("get", "keys", "-o", "csv", server=server).stdout))
    }
    server.control("faults", spec=f"500@/organization/projects/{first}/api_keys")
    try:
        told = run("get", "keys", "-o", "csv", server=server)
    finally:
        server.control("faults", spec="")
    lines = list(csv.DictReader(io.StringIO(told.stdout)))
    assert told.exit_code == 7
    assert f"projects could not be read: {first} (500)." in told.stderr
    assert {line["id"] for line in lines} < every
    assert first not in {line["project_id"] for line in lines}
    assert len(lines) >= 5


def test_one_day_is_named_once() -> None:
    assert (name_days(0, 86_400), name_days(0, 172_800)) == ("1970-01-01", "1970-01-01 to 1970-01-02")
