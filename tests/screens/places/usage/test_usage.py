"""Usage and costs from the keyboard: what they come to, whose it is, and down to the minute."""

from __future__ import annotations

import csv
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import PROJECT_KEY, Drive, Server, opened, served
from tui.widgets.charts.bars_chart import BarRow, BarsChart, draw_sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.workflows.usage import UsageFigures, UsageQuery

DAY = 86_400
NOW = time.time() // DAY * DAY + 15 * 3600 + 2  # the afternoon of today: the sandbox's clock is its own


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization with 90 days of usage."""
    with served(scenario="busy", now=NOW) as server:
        yield server


def question(drive: Drive) -> UsageQuery:
    return drive.app.screen._usage.question  # type: ignore[attr-defined, no-any-return]


async def answered(drive: Drive) -> UsageFigures:
    """The report on what was asked last, once it is whole."""
    usage: Any = drive.app.screen._usage  # type: ignore[attr-defined]
    await drive.until(lambda: usage.report and usage.report.complete, "the whole answer")
    report: UsageFigures = usage.report
    assert report.question == usage.question
    return report


@pytest.mark.opens("UsageScreen")
async def test_costs_are_drilled_from_project_to_the_minute(server: Server) -> None:
    async with opened(server, "costs") as drive:
        report = await answered(drive)
        await drive.sees(f"${report.total(0):,.2f}")
        await drive.sees("dollars by day, UTC")
        await drive.sees("so far")
        await drive.sees("▲ search stands out")
        await drive.sees("× usual")
        project, spent = report.groups(0)[0]
        await drive.press("enter")
        assert question(drive).only == (("project_id", project),)
        key = await answered(drive)
        assert key.total(0) == spent
        await drive.sees("▸ project search")
        await drive.press("enter", "enter")  # key, line item: no dimension is left
        await drive.until(lambda: question(drive).width == 3600, "the hours of a day")
        await drive.sees("Costs are known by day")
        await answered(drive)
        assert question(drive).kind.name == "completions"
        await drive.press("tab", "up", "up", "enter")
        assert question(drive).width == 60
        assert len((await answered(drive)).buckets) == 60
        await drive.sees("by the minute")
        for _ in range(4):
            await drive.press("q")
        assert question(drive) == report.question


async def test_grouping_time_kind_measure_and_zone(server: Server) -> None:
    async with opened(server, "usage", size=(80, 24)) as drive:
        await answered(drive)
        seen = []
        for _ in range(6):
            seen.append(question(drive).by)
            await drive.press("b")
        assert seen == ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier"]
        assert question(drive).by == "project_id"
        await drive.press("t")
        assert (await answered(drive)).pages == 3
        await drive.sees("3 pages read")
        await drive.sees("90 days")
        await drive.press("M", "M")
        await drive.sees("requests by day")
        await drive.press("U")
        await drive.sees("days of UTC, in local time")
        await drive.press("K")
        await drive.sees("Usage of")
        await drive.type("vector")
        await drive.press("enter")
        await drive.until(lambda: question(drive).kind.name == "vector_stores", "another kind")
        report = await answered(drive)
        stored = report.series(0)[-1]
        assert report.total(0) == stored, "a level does not add up over time"
        await drive.sees("stored by day")


async def test_usage_is_drilled_from_project_to_key_to_model_to_the_minute(server: Server) -> None:
    async with opened(server, "usage") as drive:
        whole = await answered(drive)
        project, used = whole.groups(0)[0]
        await drive.press("enter")
        keys = await answered(drive)
        assert (question(drive).by, keys.total(0)) == ("api_key_id", used)
        names = {key["id"]: key["name"] for key in keys_of(server, project)}
        await drive.until(lambda: names.items() <= drive.app.screen._usage.names.items(), "their names")  # type: ignore[attr-defined]
        key, used = keys.groups(0)[0]
        await drive.sees(f"{names[str(key)]} ")
        await drive.press("enter")
        models = await answered(drive)
        assert (question(drive).by, models.total(0)) == ("model", used)
        await drive.sees(f"▸ key {names[str(key)]}")
        await drive.press("enter")
        assert (question(drive).only[2:], question(drive).width) == ((("model", models.groups(0)[0][0]),), 3600)
        await answered(drive)
        await drive.press("enter")
        assert question(drive).width == 60
        await answered(drive)
        await drive.press("tab", "enter")
        await drive.told("There is nothing finer than minutes.")


def keys_of(server: Server, project: Any) -> list[dict[str, Any]]:
    """The keys of a project, whoever owns them."""
    query = "limit=100&owner_project_access=any"
    path = f"/organization/projects/{project}/api_keys?{query}"
    return server.call("GET", path, admin=True)["data"]  # type: ignore[no-any-return]


async def test_keys_have_names_wherever_they_are_shown(server: Server) -> None:
    async with opened(server, "costs") as drive:
        await answered(drive)
        await drive.press("b")
        report = await answered(drive)
        assert question(drive).by == "api_key_id"
        held = [key for home in set(report.homes.values()) for key in keys_of(server, home)]
        names = {key["id"]: key["name"] for key in held}
        shown = {str(key) for key, _ in report.groups(0) if key}
        await drive.until(lambda: shown & names.keys() <= drive.app.screen._usage.names.keys(), "all names")  # type: ignore[attr-defined]
        text = drive.text()
        assert "ada-laptop · " in text, "those called alike are told apart"
        assert not any(key[:20] in text for key in names)
        asked = [each for each in server.requests() if "/api_keys" in str(each.get("path"))]
        assert asked
        gone = next(key for key, _ in report.groups(0) if key)
        drive.app.screen._usage.names.pop(gone)  # type: ignore[attr-defined]
        drive.app.screen._show()  # type: ignore[attr-defined]
        await drive.sees("1 name unknown")


async def test_the_csv_holds_every_figure(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    async with opened(server, "costs") as drive:
        report = await answered(drive)
        await drive.press("ctrl+s")
        await drive.sees("Save what is shown")
        await drive.press("ctrl+u")
        await drive.type(str(path))
        await drive.press("enter")
        await drive.until(path.exists, "the file")
        await drive.sees("Saved")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert sum(Decimal(row["value"]) for row in rows) == report.total(0)
    assert "search" in {row["name"] for row in rows}
    assert {row["by"] for row in rows} == {"project_id"}


async def test_what_is_known_stays_when_the_server_fails(server: Server) -> None:
    async with opened(server, "costs") as drive:
        report = await answered(drive)
        server.control("faults", spec="401@/organization/costs")
        try:
            await drive.press("r")
            await drive.sees("no access")
            await drive.sees(f"${report.total(0):,.2f}")
        finally:
            server.control("faults", spec="")
        await drive.press("r")
        await drive.sees("● live")


async def test_without_an_admin_key_it_says_what_is_needed(server: Server) -> None:
    async with opened(server, "batches", env={"OPENAI_API_KEY": PROJECT_KEY}) as drive:
        before = len(server.requests())
        await drive.command("costs")
        await drive.sees("admin key")
        assert not [each for each in server.requests()[before:] if "costs" in str(each.get("path"))]


async def test_nothing_is_drawn_when_nothing_changed(server: Server) -> None:
    async with opened(server, "costs") as drive:
        await answered(drive)
        await drive.pilot.pause()
        drawn = 0

        def count(*_: Any, **__: Any) -> None:
            nonlocal drawn
            drawn += 1

        bars = list(drive.app.screen.query(BarsChart))
        for each in bars:
            each.refresh = count  # type: ignore[method-assign, assignment]
        drive.app.screen._show()  # type: ignore[attr-defined]
        await drive.pilot.pause()
        assert not drawn


def test_bars_keep_their_places() -> None:
    chart = BarsChart()
    chart._widths, chart._most = (4, 6, 0, 0, 0), 8.0
    assert chart.bar_of(BarRow("a", "a", 4.0, "4"), 8) == "████    "
    assert chart.bar_of(BarRow("a", "a", 0.001, "0"), 8) == "▏       "
    assert chart.bar_of(BarRow("a", "a", 4.0, "4", partial=True), 8) == "▒▒▒▒    "
    assert chart.bar_of(BarRow("a", "a", -4.0, "-4"), 8) == "        "
    assert draw_sparkline([0, 1, 2, 8], 4) == " ▁▂▇"
    assert draw_sparkline([1.0] * 100, 5) == "▇▇▇▇▇"
    assert draw_sparkline([], 5) == draw_sparkline([1], 0) == ""
