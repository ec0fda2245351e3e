"""The limits matrix: what differs is seen, one is changed, many are set alike."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Drive, Server, opened, served
from tests.support.nursery import SLOW
from tui.resources.registry import REGISTRY
from tui.widgets.table.matrix import Matrix
from tui.workflows.limits import FIELDS, plan_changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RPM, TPM = "max_requests_per_1_minute", "max_tokens_per_1_minute"
LIMITS = REGISTRY["limits"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization whose limits drifted."""
    with served(scenario="busy", speed=SLOW) as server:
        yield server


def limits(server: Server, model: str) -> dict[str, dict[str, Any]]:
    """What each project has for a model, by its name."""
    projects = server.call("GET", "/organization/projects?limit=100", admin=True)["data"]
    found = {}
    for project in projects:
        page = server.call("GET", f"/organization/projects/{project['id']}/rate_limits", admin=True)
        found[project["name"]] = next(each for each in page["data"] if each["model"] == model)
    return found


async def complete(drive: Drive) -> Matrix:
    """The matrix, with all projects in it. A sweep goes on by itself; asking hurries it."""
    screen: Any = drive.app.screen

    def whole() -> bool:
        if screen.list_watch.progress or not screen.list_watch.collection.records:
            drive.app.call_later(screen.action_refresh)
            return False
        return True

    await drive.until(whole, "all projects", 30)
    return drive.app.screen.query_one(Matrix)


async def to(drive: Drive, model: str, project: str) -> None:
    """Put the cursor on a cell."""
    matrix = drive.app.screen.query_one(Matrix)
    names = [name for _, name in matrix._columns]
    rows, columns = matrix._rows.index(model), names.index(project)
    matrix.action_move(rows - matrix._at[0], columns - matrix._at[1])
    await drive.until(lambda: drive.record and drive.record.raw["project"]["name"] == project, project)


@pytest.mark.opens("LimitsScreen")
async def test_drift_is_marked_and_set_alike(server: Server) -> None:
    before = limits(server, "gpt-5.4")
    usual, pace = before["storefront"][TPM], before["storefront"][RPM]
    differing = {name for name, each in before.items() if (each[RPM], each[TPM]) != (pace, usual)}
    assert differing
    async with opened(server, "limits") as drive:
        matrix = await complete(drive)
        await drive.sees("differ")
        await drive.sees("≠ ")
        await to(drive, "gpt-5.4", "storefront")
        await drive.press("asterisk")
        await drive.until(lambda: len(matrix.marks) == len(differing), "what differs to be marked")
        await drive.press("equals_sign")
        await drive.sees(f"Set {len(differing)} limits?")
        await drive.sees(f"→ {usual:,}")
        await drive.answer(key="escape")
        assert limits(server, "gpt-5.4") == before, "nothing happens unasked"
        server.control("faults", spec="429@POST /organization/projects x2")
        await drive.press("equals_sign")
        await drive.until(lambda: drive.armed, "the dialog to listen")
        await drive.type(str(len(differing)))
        await drive.press("enter")
        await drive.sees(f"Set {len(differing)} of {len(differing)}.")
        after = limits(server, "gpt-5.4")
        assert {(each[RPM], each[TPM]) for each in after.values()} == {(pace, usual)}
        await drive.until(lambda: not matrix.marks, "the marks to be gone")
        shown = drive.app.screen._table.limits  # type: ignore[attr-defined]
        assert {each.raw[TPM] for (model, _), each in shown.items() if model == "gpt-5.4"} == {usual}
        assert len(server.requests()) < 120, "within the budget"


async def test_one_limit_is_changed_in_its_form(server: Server) -> None:
    async with opened(server, "limits", size=(80, 24)) as drive:
        await complete(drive)
        await to(drive, "gpt-4.1", "research")
        await drive.press("enter")
        await drive.sees("limit of gpt-4.1 in research")
        await drive.press("ctrl+a", "ctrl+k")
        await drive.type("123")
        before = limits(server, "gpt-4.1")["research"]
        await drive.press("ctrl+s")
        await drive.sees("Set this limit?")
        await drive.sees(f"requests/minute {before[RPM]:,} → 123")
        await drive.sees("rate_limits/rl-gpt-")
        await drive.answer(key="escape")
        await drive.sees("Nothing was sent.")
        assert limits(server, "gpt-4.1")["research"] == before
        await drive.press("ctrl+s")
        await drive.answer()
        await drive.told("Changed the limit of gpt-4.1 in ")
        assert limits(server, "gpt-4.1")["research"][RPM] == 123
        await drive.sees("≠ 123/")
        await drive.press("M")
        await drive.sees("busiest minute of 7 days")
        await drive.sees("%")
        await drive.sees("hour")  # in the second line on the limit under the cursor, which came nearest
        await drive.press("M")
        await drive.sees("batch tokens a day")
        await drive.press("M", "M", "exclamation_mark")
        await drive.until(lambda: "gpt-4.1" in drive.text() and "o4-mini" not in drive.text(), "only what differs")


async def test_the_matrix_is_saved(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "limits.csv"
    async with opened(server, "limits") as drive:
        matrix = await complete(drive)
        await drive.press("ctrl+s")
        await drive.sees("Save all limits")
        await drive.press("ctrl+u")
        await drive.type(str(path))
        await drive.press("enter")
        await drive.until(path.exists, "the file")
        cells = len(matrix._spots)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == cells
    assert {row["project"] for row in rows} >= {"storefront", "research"}
    mine = limits(server, "gpt-5")["search"]
    row = next(row for row in rows if (row["project"], row["model"]) == ("search", "gpt-5"))
    assert (row["req/min"], row["tok/min"]) == (str(mine[RPM]), str(mine[TPM]))


async def test_what_is_refused_stays_marked(server: Server) -> None:
    async with opened(server, "limits") as drive:
        matrix = await complete(drive)
        await to(drive, "gpt-5-mini", "storefront")
        cell = ("gpt-5", drive.record.raw["project"]["id"])
        matrix.set_marks({cell})
        await drive.press("equals_sign")  # more than the organization has for that model
        await drive.answer()
        await drive.sees("still marked")
        assert matrix.marks == {cell}
        await drive.command("ro")
        await drive.press("equals_sign")
        await drive.sees("read-only mode is on")


def test_a_plan_holds_only_what_differs_and_both_have() -> None:
    def cell(**values: Any) -> Any:
        return LIMITS.record({"cell": "c", "id": "rl-x", **values})

    source = cell(**{RPM: 10, TPM: 20, "max_images_per_1_minute": 5})
    same, other, odd = cell(**{RPM: 10, TPM: 20}), cell(**{RPM: 10, TPM: 3}), cell(**{RPM: "ten", TPM: None})
    assert [change.body for change in plan_changes(source, [same, other, odd])] == [{TPM: 20}]
    assert set(FIELDS) >= {RPM, TPM}
