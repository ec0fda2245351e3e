"""One list out of many: complete within the budget, through refusals and cuts, and picked up where it was left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tests.support.virtual import (
    FakeClient,
    Running,
    VirtualLoop,
    broken,
    busiest_minute,
    down,
    run,
    until,
)
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    Invalid,
    LinkError,
    NotFound,
    RateLimited,
    Redirected,
    ServerError,
)
from tui.api.log.exchanges import Exchange, Exchanges
from tui.api.operation import Operation
from tui.api.paging.pages import walk_pages
from tui.live.fan_out.at_once import CROWDED, read_all_rows
from tui.live.fan_out.sweep import AGAIN, AT_ONCE, FanOut
from tui.live.lists.collection import Collection
from tui.live.polling.scheduler import Scheduler
from tui.resources.language.column import Column
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource, ServerFilter
from tui.resources.organization.keys import KEYS
from tui.resources.organization.projects import PROJECTS
from tui.system.last_read import LastRead, forget

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from tui.api.paging.pages import Page
    from tui.live.polling.poller import Health

HOUSES = Resource(
    name="houses",
    singular="house",
    family="Things",
    model=Object,
    list=Operation("listHouses", "GET", "/houses"),
    filters=(ServerFilter("old"),),
    columns=(Column("ID", "id"),),
    title="name",
)
CATS = Resource(
    name="cats",
    singular="cat",
    family="Things",
    model=Object,
    list=Operation("listCats", "GET", "/houses/{house_id}/cats"),
    query={"any": "yes"},
    listed_per="houses",
    columns=(Column("ID", "id"),),
)


class Town(FakeClient):
    """A platform of houses with cats in them."""

    def settle(self, houses: int, cats: int = 2) -> None:
        self.homes: dict[str, list[dict[str, Any]]] = {
            f"house_{h}": [{"id": f"cat_{h}_{c}"} for c in range(cats)] for h in range(houses)
        }
        self.held_up: dict[str, float] = {}  # by house, seconds before its list is even looked for

    async def page(self, operation: Operation, path: Mapping[str, str] = {}, **asked: Any) -> Page:
        house = path.get("house_id", "")
        if house in self.refused:
            self.asked.append(self.loop.now)
            raise self.refused[house]
        await asyncio.sleep(self.held_up.get(house, 0.0))
        return await super().page(operation, path, **asked)

    def list_items(self, path: Mapping[str, str]) -> list[dict[str, Any]]:
        if house := path.get("house_id"):
            return self.homes.get(house, [])
        return [{"id": id_, "name": id_} for id_ in self.homes]

    def pages(
        self, operation: Operation, path: Mapping[str, str], *, query: Mapping[str, Any], limit: int
    ) -> AsyncGenerator[Any, None]:
        async def one(after: str | None) -> Any:
            return await self.page(operation, path, query=query, after=after, limit=limit)

        return walk_pages(one, None)


def town(loop: VirtualLoop, houses: int, cats: int = 2, **options: Any) -> Town:
    client = Town(loop, **options)
    client.settle(houses, cats)
    return client


def fan_out(client: Town, scheduler: Scheduler) -> FanOut:
    return FanOut(client.as_client, Collection(CATS), scheduler, HOUSES, clock=client.loop.wall)


def test_what_an_earlier_start_read_stands_until_it_is_read_anew() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 30)
        kept = LastRead("me")
        async with Running(client.scheduler()) as scheduler:
            first = fan_out(client, scheduler)
            first.start()
            await until(lambda: first.collection.complete, 3600)
            first.stop()
        kept.note(CATS.name, first.to_keep)
        kept.write()
        del client.homes["house_3"]
        client.homes["house_4"] = [{"id": "cat_4_new"}]
        client.homes |= {"house_new": [{"id": "cat_new"}]}
        client.asked.clear()
        assert not LastRead("").of(CATS.name)
        assert not LastRead("somebody else").of(CATS.name)
        async with Running(client.scheduler()) as scheduler:
            parts = LastRead("me").of(CATS.name)
            fan = FanOut(client.as_client, Collection(CATS), scheduler, HOUSES, clock=loop.wall, kept=parts)
            told: list[str] = []
            fan.subscribe(lambda _: told.append(fan.progress), lambda _: None)
            fan.start()
            await until(lambda: ids(fan), 5)
            assert told[0].startswith("house 0/30, 29 as of "), "how old it is"
            assert len(ids(fan)) == 58 and "cat_3_0" not in ids(fan), "of houses that there are"
            assert not fan.collection.complete
            await until(lambda: "cat_new" in ids(fan), 5)
            assert "cat_4_0" in ids(fan), "what nobody has seen was to be read first"
            await until(lambda: fan.collection.complete, 3600)
            assert sorted(ids(fan)) == sorted(everyone(client))
            assert told[-1] == ""
            fan.set_query({"other": "yes"})
            assert not fan.to_keep, "another question is not kept"
            fan.stop()
        forget()
        assert not LastRead("me").of(CATS.name)

    run(main)


def ids(fan: FanOut) -> list[str]:
    return list(fan.collection.order)


def everyone(client: Town) -> list[str]:
    return [cat["id"] for cats in client.homes.values() for cat in cats]


def test_a_sweep_shows_how_far_it_is_and_takes_half_the_budget() -> None:
    async def main(loop: VirtualLoop) -> Town:
        client = town(loop, 87)
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            told: list[str] = []
            fan.subscribe(lambda _: told.append(fan.progress), lambda _: None)
            fan.start()
            await until(lambda: ids(fan), 5)
            assert not fan.collection.complete
            assert fan.progress.endswith("/87")
            taken = await until(lambda: fan.collection.complete, 3600)
            assert taken < 1.3 * 87 / 15 * 60, "the budget was not used"
            assert ids(fan) == everyone(client)
            assert told[0] == "house 0/87"
            assert told[-1] == ""
            assert [said for said in told if "31/87" in said], "progress was not told one by one"
            row = fan.collection.records["cat_3_1"]
            assert (row.at("house.id"), row.at("house.name")) == ("house_3", "house_3")
            assert client.queries[-1] == {"any": "yes"}
            fan.stop()
        return client

    assert busiest_minute(run(main).asked) <= 15


def test_the_first_sweep_reads_some_lists_at_once_and_later_ones_read_one_after_the_other() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 12)
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: fan.collection.complete, 3)
            assert (client.peak, len(client.asked)) == (AT_ONCE, 13), "at once, and each list once"
            assert ids(fan) == everyone(client)
            client.peak = 0
            client.asked.clear()
            await until(lambda: len(client.asked) == 13, 2 * AGAIN)
            await asyncio.sleep(60)
            assert client.peak == 1, "nobody waits for it"
            client.peak = 0
            await fan.refresh()
            await until(lambda: not fan.progress, 3)
            assert client.peak == AT_ONCE, "it was asked for"
            fan.stop()

    run(main)


@pytest.mark.parametrize("whole", [False, True], ids=["first", "later"])
def test_a_house_that_lets_wait_holds_up_no_other(whole: bool) -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 30)
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            if whole:
                await until(lambda: fan.collection.complete, 3600)
                for house, cats in client.homes.items():
                    cats.append({"id": f"{house}_new"})
                await asyncio.sleep(AGAIN - 60)
            new = {cats[-1]["id"] for cats in client.homes.values()} - {client.homes["house_1"][-1]["id"]}
            client.held_up["house_1"] = 2 * AGAIN
            await until(lambda: new <= {*ids(fan)}, 400)
            assert client.homes["house_1"][-1]["id"] not in ids(fan)
            assert client.peak <= AT_ONCE
            assert fan.progress == "house 29/30"
            fan.stop()

    run(main)


def test_what_fails_is_asked_again_and_no_row_is_lost() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 12)
        turn = 0

        def fault() -> ApiError | None:
            nonlocal turn
            turn += 1
            faults = {3: RateLimited(429, retry_after=7.0), 6: broken(), 8: down(), 9: down()}
            return faults.get(turn)

        client.fault = fault
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            states: list[Health] = []
            fan.listen(states.append)
            fan.start()
            await until(lambda: fan.collection.complete, 3600)
            assert ids(fan) == everyone(client)
            assert {health.state for health in states} == {"loading", "live", "stale"}
            assert fan.health.state == "live"
            fan.stop()

    run(main)


def test_leaving_stops_it_and_coming_back_goes_on() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 30)
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: len(ids(fan)) >= 20, 3600)
            fan.stop()
            before, asked = ids(fan), len(client.asked)
            await asyncio.sleep(300)
            assert len(client.asked) == asked
            assert ids(fan) == before
            loop.asleep -= 7200  # somebody sets the clock back
            fan.start()
            await until(lambda: fan.collection.complete, 3600)
            assert len(client.asked) <= 1 + 30 + AT_ONCE, "it began anew"
            assert ids(fan) == everyone(client)
            fan.stop()

    run(main)


def test_a_second_sweep_finds_what_changed_and_a_deleted_row_stays_away() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 5)
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: fan.collection.complete, 3600)
            client.homes["house_1"].pop()
            client.homes["house_4"].append({"id": "cat_new"})
            del client.homes["house_0"]
            fan.drop("cat_2_0")
            client.homes["house_2"].pop(0)
            await fan.refresh()
            assert "cat_2_0" not in ids(fan)
            await until(lambda: not fan.progress and "cat_new" in ids(fan), 3600)
            assert ids(fan) == everyone(client)
            fan.stop()

    run(main)


def test_a_house_that_is_closed_is_counted_and_the_rest_is_shown() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 6, refused={"house_2": Forbidden(403), "house_4": NotFound(404)})
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: fan.collection.complete, 3600)
            assert not fan.progress
            assert fan.unread == "2 of 6 houses could not be read: house_2 (403), house_4 (404)."
            assert fan.health.state == "live"
            assert len(ids(fan)) == 8
            fan.stop()

    run(main)


BAD: dict[str, ApiError] = {
    "500": ServerError(500),
    "400": Invalid(400, "This one is being moved."),
    "no answer in time": LinkError("timeout", "No answer."),
    "cut off": LinkError("cut", "The answer was cut."),
    "bad answer": BadAnswer("json", "The server answered with something that is no JSON."),
    "302": Redirected(302, "https://elsewhere.example"),
}


@pytest.mark.parametrize("why", BAD)
def test_a_house_that_fails_is_passed_over_named_and_read_once_it_answers(why: str) -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 40, refused={"house_2": BAD[why], "house_3": BAD[why]})
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: len(ids(fan)) == 76 and not fan.progress, 600)
            named = f"house_2 ({why}), house_3 ({why})"
            assert fan.unread == f"2 of 40 houses could not be read: {named}; tried again later."
            assert not fan.collection.complete, "it is not whole"
            assert fan.health.state == "live"
            asked = len(client.asked)
            await asyncio.sleep(500)
            assert 2 < len(client.asked) - asked < 16, "not again, or too often"
            client.refused.clear()
            await until(lambda: fan.collection.complete, 3600)
            assert (sorted(ids(fan)), fan.unread) == (sorted(everyone(client)), "")
            client.refused["house_9"] = BAD[why]
            await fan.refresh()
            await until(lambda: fan.unread and not fan.progress, 3600)
            assert sorted(ids(fan)) == sorted(everyone(client)), "the rows known stay"
            fan.stop()

    run(main)


def test_where_every_house_fails_it_asks_ever_less_and_says_so() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 40, refused={f"house_{number}": ServerError(500) for number in range(40)})
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: fan.health.error, 600)
            asked = len(client.asked)
            await asyncio.sleep(60)
            assert len(client.asked) - asked < 12
            client.refused.clear()
            await until(lambda: fan.collection.complete, 7200)
            assert sorted(ids(fan)) == sorted(everyone(client))
            fan.stop()

    run(main)


def test_houses_without_an_id_and_a_list_that_breaks_off_are_told() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 3)
        client.pages = partial(broken_off, client.pages)  # type: ignore[method-assign]
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: len(ids(fan)) == 6 and not fan.progress, 600)
            cut = ", ".join(f"house_{number} (gives no more)" for number in range(3))
            assert fan.unread == (
                f"3 of 3 houses could not be read whole: {cut}; tried again later. "
                "2 of the houses listed cannot be read. The server has more houses than it gave."
            )
            assert not fan.collection.complete
            fan.stop()

    run(main)


async def broken_off(pages: Any, operation: Operation, *args: Any, **asked: Any) -> AsyncGenerator[Any, None]:
    """The list, at whose end the server says that there is more and no way to it."""
    async for page in pages(operation, *args, **asked):
        odd = [7, {"name": "no id"}] if operation is HOUSES.list else []
        yield replace(page, items=[*page.items, *odd], has_more=True, next=None)


def test_filters_go_where_they_are_known() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 3)
        async with Running(client.scheduler()) as scheduler:
            fan = fan_out(client, scheduler)
            fan.start()
            await until(lambda: fan.collection.complete, 3600)
            client.queries.clear()
            fan.set_query({"any": "no", "old": "true"})
            assert not ids(fan)
            await until(lambda: fan.collection.complete and ids(fan), 3600)
            assert client.queries == [{"old": "true"}, *[{"any": "no"}] * 3]
            fan.stop()

    run(main)


class Timed(Client):
    """The real client, which knows whether it waits for an answer: until then no time passes."""

    waiting = 0

    async def page(self, *args: Any, **asked: Any) -> Any:
        self.waiting += 1
        try:
            return await super().page(*args, **asked)
        finally:
            self.waiting -= 1


async def test_two_hundred_projects_at_sixty_requests_a_minute() -> None:
    """The real client and server, in a time that the test moves: a server that takes 60 a minute refuses none.

    That it refuses some all the same, until the client gives up, changes nothing.
    """
    with served(scenario="huge", faults="429@/organization/projects/ x3") as server:
        now = SimpleNamespace(at=1_800_000_000.0)
        exchanges = Exchanges()
        connection = Connection(
            base_url=server.url, project_key=Secret(PROJECT_KEY), admin_key=Secret(ADMIN_KEY), sandbox=True
        )
        client = Timed(connection, exchanges=exchanges, clock=lambda: now.at)

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(0)
            while client.waiting:
                await asyncio.sleep(0.001)
            now.at += max(seconds, 0.01)

        scheduler = Scheduler(
            requests_last_minute=lambda: exchanges.requests_last_minute(now.at),
            budget=60,
            clock=lambda: now.at,
            wall=lambda: now.at,
            sleep=sleep,
        )
        fan = FanOut(client, Collection(KEYS), scheduler, PROJECTS, clock=lambda: now.at)
        seen: list[Exchange] = []
        exchanges.subscribe(seen.append)
        try:
            async with Running(scheduler):
                fan.start()
                deadline = now.at + 3600
                while not fan.collection.complete:
                    assert now.at < deadline, fan.progress
                    assert fan.health.state in ("loading", "live", "stale")
                    await asyncio.sleep(0.001)
                fan.stop()
        finally:
            await client.aclose()
        assert sum(exchange.status == 429 for exchange in seen) == 3
        assert busiest_minute([exchange.when for exchange in seen if not exchange.retries]) <= 30
        assert busiest_minute([exchange.when for exchange in seen]) <= 60
        assert len({record.at("project.id") for record in fan.collection.records.values()}) > 150
        assert set(fan.collection.records) == every_key(server)


def every_key(server: Server) -> set[str]:
    """The ids of the keys of all projects, asked for without o9s."""
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}) as direct:

        def listed(path: str, after: str = "") -> list[str]:
            asked: dict[str, str] = {
                "limit": "100",
                "owner_project_access": "any",
                **({"after": after} if after else {}),
            }
            page = direct.get(path, params=asked).json()
            ids = [item["id"] for item in page["data"]]
            return ids + (listed(path, ids[-1]) if page["has_more"] else [])

        projects = listed("/organization/projects")
        return {key for project in projects for key in listed(f"/organization/projects/{project}/api_keys")}


def test_all_rows_at_once_for_somebody_who_waits() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 5)
        client.refused["house_3"] = Forbidden(403)
        turns = iter([None, None, RateLimited(429, retry_after=7.0), RateLimited(429)])
        client.fault = lambda: next(turns, None)
        told: list[tuple[str, bool]] = []
        hear = (lambda text: told.append((text, False)), lambda text: told.append((text, True)))
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        rows = await read_all_rows(client.as_client, CATS, HOUSES, *hear, sleep=sleep)
        assert [row["id"] for row in rows] == [cat for cat in everyone(client) if not cat.startswith("cat_3_")]
        assert rows[0]["house"] == {"id": "house_0", "name": "house_0"}
        assert waited == [7.0, CROWDED]
        assert told == [*((f"house {n}/5", False) for n in range(5)), ("", False), (told[-1][0], True)]
        assert told[-1][0] == "1 of 5 houses could not be read: house_3 (403)."
        some = await read_all_rows(client.as_client, CATS, HOUSES, most=3)
        assert len(some) == 3
        client.refused = {"house_0": BAD["500"], "house_1": BAD["400"], "house_2": BAD["bad answer"]}
        told.clear()
        rows = await read_all_rows(client.as_client, CATS, HOUSES, *hear, sleep=sleep)
        assert {row["house"]["id"] for row in rows} == {"house_3", "house_4"}
        named = "house_0 (500), house_1 (400), house_2 (bad answer)"
        assert told[-1] == (f"3 of 5 houses could not be read: {named}.", True)
        client.refused = {f"house_{number}": BAD["500"] for number in range(5)}
        with pytest.raises(ServerError):
            await read_all_rows(client.as_client, CATS, HOUSES, sleep=sleep)
        client.fault = lambda: RateLimited(429)
        with pytest.raises(RateLimited):
            await read_all_rows(client.as_client, CATS, HOUSES, sleep=sleep)

    run(main)


def test_a_list_refused_for_haste_is_asked_for_once_more_at_the_end() -> None:
    async def main(loop: VirtualLoop) -> None:
        client = town(loop, 4)
        client.refused["house_1"] = RateLimited(429)
        told: list[str] = []
        missing: list[str] = []

        async def sleep(seconds: float) -> None:
            pass

        def tell(words: str) -> None:
            told.append(words)
            if "once more" in words:  # by now there is room for it
                client.refused.clear()

        rows = await read_all_rows(client.as_client, CATS, HOUSES, tell, missing.append, sleep=sleep)
        assert told == [*(f"house {number}/4" for number in range(4)), "house house_1, once more", ""]
        assert [row["id"] for row in rows] == everyone(client)
        assert missing == []

    run(main)
