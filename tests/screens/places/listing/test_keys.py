"""The keys of all projects: what each cost stands beside it once it is known; without that the list is whole."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import PROJECT_KEY, Drive, Server, opened, served
from tui.export import add_parents
from tui.headless.lists.listing import render
from tui.live.lists.collection import Collection
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400
KEYS = REGISTRY["keys"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization whose keys are used."""
    with served(scenario="busy", now=time.time() // DAY * DAY + 15 * 3600 + 2) as server:
        yield server


async def whole(drive: Drive) -> Any:
    """The keys of all projects. A sweep goes on by itself; asking hurries it."""
    screen: Any = drive.app.screen

    def swept() -> bool:
        if screen.list_watch.progress or not screen.list_watch.collection.records:
            drive.app.call_later(screen.action_refresh)
            return False
        return True

    await drive.until(swept, "all projects")
    return screen.list_watch.collection


def costs(server: Server, project: str = "") -> dict[str, float]:
    """What each key cost in 30 days, in one project or all."""
    end = (int(time.time()) // DAY + 1) * DAY
    query = f"start_time={end - 30 * DAY}&end_time={end}&group_by[]=api_key_id&limit=30"
    query += f"&project_ids[]={project}" if project else ""
    spent: dict[str, float] = {}
    for bucket in server.call("GET", f"/organization/costs?{query}", admin=True)["data"]:
        for result in bucket["results"]:
            spent[result["api_key_id"]] = spent.get(result["api_key_id"], 0) + result["amount"]["value"]
    return spent


async def test_what_each_key_cost_stands_in_its_row_and_sorts(server: Server) -> None:
    async with opened(server, "keys", size=(80, 24)) as drive:
        collection = await whole(drive)
        await drive.until(lambda: all("cost_30_days" in each.raw for each in collection.records.values()), "costs")
        spent = costs(server)
        assert {id_: float(each.raw["cost_30_days"]) for id_, each in collection.records.items()} == {
            id_: pytest.approx(spent.get(id_, 0)) for id_ in collection.records
        }
        rest = sum(cost for id_, cost in spent.items() if id_ not in collection.records)
        assert rest, "every dollar is of a listed key: nothing to see here"
        assert drive.app.screen.list_watch.join.outside == f"${rest:,.2f} in 30 days belong to no API key listed"  # type: ignore[attr-defined]
        await drive.sees(f"${rest:,.2f} in 30 days belong to no")
        await drive.press("C")
        most = max(collection.records.values(), key=lambda each: each.raw["cost_30_days"])
        await drive.until(lambda: drive.app.screen.view.record(0) is most, "the dearest first")  # type: ignore[attr-defined]
        await drive.press("g")
        await drive.sees(f"${most.raw['cost_30_days']:,.2f}")
        await drive.press("d")
        await drive.sees("cost, 30 days")
        await drive.press("q", "slash")
        await drive.type("cost_30d>100")
        await drive.press("enter")
        dear = [each for each in collection.records.values() if each.raw["cost_30_days"] > 100]
        await drive.sees(f"  {len(dear)} of")


async def test_the_list_does_not_wait_for_costs_and_says_why_there_are_none(server: Server) -> None:
    server.control("faults", spec="403@/organization/costs")
    try:
        async with opened(server, "keys") as drive:
            collection = await whole(drive)
            await drive.sees("cost unknown: This key has no access")
            assert drive.app.platform
            assert drive.app.platform.health.state == "live"
            assert not any("cost_30_days" in each.raw for each in collection.records.values())
            server.control("faults", spec="")
            await drive.press("r")
            await drive.until(lambda: "cost unknown" not in drive.text(), "costs after all")
            await drive.until(
                lambda: all("cost_30_days" in each.raw for each in collection.records.values()), "all"
            )
    finally:
        server.control("faults", spec="")


async def test_the_keys_of_one_project_have_their_costs(server: Server) -> None:
    async with opened(server, "projects") as drive:
        projects = await drive.until(lambda: dict(drive.app.screen.list_watch.collection.records), "projects")  # type: ignore[attr-defined]
        project = next(each for each in projects.values() if each.at("name") == "search")
        await drive.command(f"project-keys {project.id}")
        await drive.sees("COST 30D")
        await drive.until(lambda: drive.record and "cost_30_days" in drive.record.raw, "a cost")
        assert float(drive.record.raw["cost_30_days"]) == pytest.approx(costs(server).get(drive.record.id, 0))
        listed, spent = drive.app.screen.list_watch.collection.records, costs(server, project.id)  # type: ignore[attr-defined]
        rest = sum(cost for id_, cost in spent.items() if id_ not in listed)
        assert rest, "every dollar is of a listed key: nothing to see here"
        await drive.sees(f"${rest:,.2f} in 30 days belong to no API key listed")


async def test_without_an_admin_key_costs_are_not_asked_for(server: Server) -> None:
    async with opened(server, "batches", env={"OPENAI_API_KEY": PROJECT_KEY}) as drive:
        before = len(server.requests())
        await drive.command("keys")
        await drive.sees("admin key")
        assert not [each for each in server.requests()[before:] if "organization" in str(each.get("path"))]


def test_a_figure_that_is_joined_stays_through_refreshes() -> None:
    collection = Collection(KEYS)
    rows = [{"id": "key_a", "name": "a"}, {"id": "key_b", "name": "b"}]

    def refresh() -> Any:
        return collection.apply(rows, after=None, has_more=False, next=None, now=0.0)

    refresh()
    assert collection.join("cost", {"key_a": 2.5}).changed == ("key_a", "key_b")
    assert [record.at("cost") for record in collection.records.values()] == [2.5, 0]
    assert not refresh(), "nothing is new"
    assert not collection.join("cost", {"key_a": 2.5})
    assert collection.join("cost", {"key_a": 3.0}).changed == ("key_a",)
    rows.append({"id": "key_c", "name": "c"})
    assert refresh().added == ("key_c",)
    assert collection.records["key_c"].at("cost") == 0
    collection.put({"id": "key_a", "name": "new"}, 0.0)
    assert collection.records["key_a"].raw == {"id": "key_a", "name": "new", "cost": 3.0}


async def test_a_key_known_from_the_list_of_all_is_found_by_its_id(server: Server) -> None:
    async with opened(server, "keys") as drive:
        collection = await whole(drive)
        key = collection.records[collection.order[-1]]
        await drive.command("batches")
        await drive.command(key.id)
        await drive.until(lambda: drive.record and drive.record.id == key.id, "the key")
        assert drive.app.navigator
        location = drive.app.navigator.history.current
        assert location
        assert location.scope == {"project_id": key.at("project.id")}


async def test_at_120_columns_the_cost_stands_beside_the_pane(server: Server) -> None:
    async with opened(server, "keys", size=(120, 36)) as drive:
        await whole(drive)
        beside = [line.partition("▏")[0] for line in drive.text().splitlines()]
        assert any("RISK" in line and "COST 30D" in line for line in beside), drive.text()


@pytest.mark.parametrize("name", ["keys", "project-keys", "admin-keys"])
def test_every_list_of_keys_carries_the_ids_that_are_needed_to_act(name: str) -> None:
    resource, owner = REGISTRY[name], {"id": "user-7", "name": "Ada"}
    held = owner if name == "admin-keys" else {"type": "user", "user": owner}
    raw = {"id": "key_7", "name": "etl", "owner": held, "project": {"id": "proj_7", "name": "Alpha"}}
    scope = {"project_id": "proj_7"} if name == "project-keys" else {}
    record = add_parents(resource, resource.record(raw), scope)
    wanted = {"key_7", "user-7"} | ({"proj_7"} if name != "admin-keys" else set())
    for form in ("table", "json", "jsonl", "csv"):
        told = "\n".join(render(form, resource, [record], 1.8e9, one=False))
        assert {id_ for id_ in ("key_7", "user-7", "proj_7") if id_ in told} >= wanted, form
        assert "owner_id" in told.casefold().replace(" ", "_"), form
    shown = {column.header for column in resource.columns}
    assert shown >= {"ID", "OWNER ID"}
    assert ("PROJECT ID" in shown) == (name == "keys")


async def test_a_key_is_opened_by_its_id_alone_wherever_one_is(server: Server) -> None:
    async with opened(server, "keys") as drive:
        collection = await whole(drive)
        key = next(iter(collection.records.values()))
        await drive.command("batches")
        await drive.until(lambda: drive.app.screen.query("LiveTable") and drive.record, "the batches")
        await drive.command(key.id)
        await drive.until(lambda: drive.record is not None and drive.record.id == key.id, "the key")
