"""Home by keys: it shows all that needs somebody, and from it one acts."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import PROJECT_KEY, Drive, Server, opened, served, write_config
from tests.support.nursery import SLOW
from tui.live.fan_out.rows import build_row
from tui.live.fan_out.sweep import FanOut
from tui.resources.language.column import CellContext
from tui.resources.registry import REGISTRY
from tui.widgets.text.cells_view import CellsView

if TYPE_CHECKING:
    from collections.abc import Iterator


REFUSED = ("wrong-model", "wrong-endpoint", "broken-export", "overnight-gpt-5")  # batches that failed


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization in which much goes on."""
    with served(scenario="busy", speed=SLOW) as server:
        yield server


def needing(server: Server, *resources: str) -> set[str]:
    """Return the ids of what needs somebody, judged from the server's own answers."""
    found = set()
    for name in resources:
        resource = REGISTRY[name]
        assert resource.list
        page = server.call("GET", f"{resource.list.path}?limit=100", admin=str(resource.key) == "admin")
        for raw in page["data"]:
            record = resource.record(raw)
            if resource.attention(record.object, CellContext(time.time())):
                found.add(record.id)
    return found


def projects(server: Server) -> list[Any]:
    """Return the projects of the organization."""
    listed: list[Any] = server.call("GET", "/organization/projects?limit=100", admin=True)["data"]
    return listed


def needing_keys(server: Server) -> set[str]:
    """Return the ids of the keys of all projects that need somebody."""
    parent, keys, found = REGISTRY["projects"], REGISTRY["keys"], set()
    for project in projects(server):
        path = f"/organization/projects/{project['id']}/api_keys?limit=100&owner_project_access=any"
        for raw in server.call("GET", path, admin=True)["data"]:
            record = keys.record(build_row(keys, parent, parent.record(project), raw))
            if keys.attention(record.object, CellContext(time.time())):
                found.add(record.id)
    return found


def shown(drive: Drive) -> set[str]:
    """Return the ids of what home says needs somebody."""
    screen: Any = drive.app.screen
    return {record.id for need in screen._overview.needs() for record in need.records}


async def on_row(drive: Drive, words: str) -> None:
    """Move the cursor down to the row with these words."""
    view = drive.app.screen.query_one("#needs-rows", CellsView)
    await drive.until(lambda: any(words in view.raw(row) for row in range(view.count())), f"a row with {words}")
    while words not in view.raw(view.cursor):
        before = view.cursor
        await drive.press("down")
        assert view.cursor != before, f"no row with {words}"


@pytest.mark.opens("HomeScreen")
async def test_it_shows_all_that_needs_somebody(server: Server) -> None:
    resources = ("batches", "fine-tuning", "vector-stores", "files", "invites", "certificates", "admin-keys")
    wanted, keys = needing(server, *resources), needing_keys(server)
    assert wanted and keys
    async with opened(server, "home", size=(120, 40)) as drive:
        await drive.until(lambda: wanted | keys <= shown(drive), "all that needs somebody")
        await drive.sees("NEEDS YOU")
        await drive.sees("of $12,000 ")
        await drive.sees("batch_output")
        await drive.until(lambda: "Loading" not in drive.text(), "every panel")


async def test_a_failed_batch_is_sent_again_in_six_keys(server: Server) -> None:
    batches = {batch["id"]: batch for batch in server.call("GET", "/batches?limit=100")["data"]}
    async with opened(server, "home") as drive:
        await on_row(drive, "summaries-long")
        await drive.press("enter")
        await drive.sees("▲ expired")
        await drive.press("R")
        await drive.sees("Send requests again")
        await drive.press("enter")
        await drive.sees("✓")  # the file is checked
        await drive.press("ctrl+s")

        def sent() -> list[dict[str, Any]]:
            now = server.call("GET", "/batches?limit=100")["data"]
            return [batch for batch in now if batch["id"] not in batches and "retry_of" in batch["metadata"]]

        (again,) = await drive.until(sent, "a batch with what did not run")
        assert batches[again["metadata"]["retry_of"]]["metadata"]["run"] == "summaries-long"


async def test_keys_act_on_the_row_as_in_its_list(server: Server) -> None:
    async with opened(server, "home") as drive:
        await on_row(drive, "vera.lind")
        assert drive.record.raw["email"].startswith("vera.lind")
        await drive.sees("ctrl+d delete")
        await drive.press("|")
        await drive.told("| is for lists, such as :batches.")
        await drive.press("c")
        await drive.press("tab")
        assert drive.app.screen.focused and drive.app.screen.focused.id == "flight-rows"
        await drive.press("tab", "tab", "enter")
        await drive.sees(" costs")
        await drive.press("q")
        await drive.sees("NEEDS YOU")
        await drive.until(lambda: drive.record and drive.record.raw.get("email"), "the row on which one was")


async def test_several_of_a_kind_open_their_list(server: Server) -> None:
    async with opened(server, "home") as drive:
        screen: Any = drive.app.screen

        def several() -> Any:
            """Return a need of several models that stop on one day."""
            needs = (need for need in screen._overview.needs() if need.resource.name == "models")
            return next((need for need in needs if len(need.records) > 1 and " in " in need.reason), None)

        await drive.until(several, "models that stop")
        need = several()
        await on_row(drive, need.reason)
        assert drive.record is None, "no key acts on one of several"
        await drive.press("enter")
        await drive.sees(" models  ")
        assert drive.table.view.attention_only
        record: Any = drive.record
        assert record.id in {each.id for each in need.records}
        await drive.press("escape", "q")
        await drive.sees("NEEDS YOU")


@pytest.mark.opens("DueScreen")
async def test_what_stops_soon_and_who_uses_it_is_one_place(server: Server) -> None:
    models = server.call("GET", "/models")["data"]
    today = time.strftime("%Y-%m-%d", time.gmtime())
    stopping = {each["id"] for each in models if (each.get("shutdown_date") or "") > today}
    assert stopping
    async with opened(server, "due", size=(200, 50)) as drive:
        rows: Any = drive.table.view
        await drive.until(lambda: stopping <= {each.raw["object_id"] for each in seen(rows)}, "all that stop")
        await drive.until(lambda: any(each.raw.get("used_by") for each in seen(rows)), "who uses them")
        used = [each for each in seen(rows) if each.raw.get("requests")]
        assert {name for each in used for name in (use["project"] for use in each.raw["used_by"])} >= {
            "support-bot"
        }
        await drive.press("exclamation_mark")
        await drive.until(lambda: drive.record and drive.record.raw["kind"] == "model", "what is in use")
        await drive.sees("requests by")
        id_ = drive.record.raw["object_id"]
        (about,) = drive.app.screen.objects()  # type: ignore[attr-defined]
        assert (about[0].name, about[2].id) == ("models", id_), "what keys copy, watch and look for"
        await drive.press("enter")
        await drive.sees(f"due ▸ models ▸ {id_}")
        await drive.press("q")
        await drive.sees(" due  ")


async def test_headroom_is_the_busiest_minute_against_the_limit(server: Server) -> None:
    async with opened(server, "home", size=(200, 60)) as drive:
        report: Any = drive.app.screen._overview.headroom  # type: ignore[attr-defined]
        await drive.until(lambda: report.nearest, "how near the limits are")
        first = report.nearest[0]
        end = (int(drive.app.screen.platform.now()) // 60 + 1) * 60  # type: ignore[attr-defined]
        kind = "embeddings" if "embedding" in first.model else "completions"
        query = f"start_time={end - 3_660}&end_time={end}&bucket_width=1m&limit=61"
        query += f"&group_by=model&group_by=project_id&models={first.model}&project_ids={first.project}"
        buckets = server.call("GET", f"/organization/usage/{kind}?{query}", admin=True)["data"]
        measure = {"requests": ("num_model_requests",), "tokens": ("input_tokens", "output_tokens")}[first.what]
        used = [sum(result.get(name, 0) for name in measure) for each in buckets for result in each["results"]]
        assert first.peak in used
        limits = server.call("GET", f"/organization/projects/{first.project}/rate_limits?limit=100", admin=True)
        (limit,) = (each for each in limits["data"] if each["model"] == first.model)
        assert first.limit == limit[f"max_{first.what}_per_1_minute"]
        assert [each.share for each in report.nearest] == sorted((e.share for e in report.nearest), reverse=True)
        pairs = [(each.project, each.model) for each in report.nearest]
        assert len(pairs) == len(set(pairs)), "of each only the limit that is nearest"
        drive.app.screen.query_one("#ends-rows").focus()
        await drive.until(lambda: "ENDS SOON" in drive.text() and "edge-2025" in drive.text(), "what ends")
        await drive.press("enter")
        await drive.sees(" due  ")


def seen(view: Any) -> list[Any]:
    """Return the records of the rows of a list."""
    return [view.record(row) for row in range(len(view))]


async def test_without_an_admin_key_the_rest_is_there_and_it_says_so(server: Server) -> None:
    env = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": "sk-proj-test-only-key-of-the-wrong-kind"}
    async with opened(server, "home", env=env) as drive:
        await drive.sees("OPENAI_ADMIN_KEY holds a project key where an admin key belongs")
        await drive.sees("wrong-model")
        assert "Loading" not in str(drive.app.screen.query_one("#money-rows", CellsView).empty)


async def test_what_is_quiet_draws_nothing_and_asks_little(server: Server) -> None:
    async with opened(server, "home") as drive:
        await drive.sees("batch_output")
        screen: Any = drive.app.screen
        await drive.rest()
        swept = (part for part in screen._overview.parts if not isinstance(part, FanOut))  # it goes by shares
        rate = sum(60 / part._pace()[1] for part in swept)
        assert rate <= 30, "requests a minute while nothing changes"
        scheduler = screen.platform.scheduler
        scheduler.held = True
        await drive.until(lambda: not any(each.running for each in scheduler._entries.values()), "answers to come")
        screen._show()
        await drive.rest()
        drawn: list[str] = []
        for view in screen.query("CellsView, Bar"):
            view.refresh = lambda *_, name=view.id, **__: drawn.append(str(name))
        screen._show()
        await drive.rest()
        assert not drawn


async def test_it_is_where_the_program_opens_unless_the_config_says_otherwise(server: Server) -> None:
    async with opened(server, "") as drive:
        await drive.sees("NEEDS YOU")
        await drive.command("pulse")
        await drive.sees("NEEDS YOU")
    write_config('start = "files"\n')
    async with opened(server, "") as drive:
        await drive.sees("PURPOSE")


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
async def test_it_fits(server: Server, size: tuple[int, int]) -> None:
    async with opened(server, "home", size=size) as drive:
        await drive.until(lambda: any(name in drive.text() for name in REFUSED), "a name in full")
        await drive.sees("NEEDS YOU")
        await drive.sees("IN FLIGHT")
        await drive.sees("? help")
        await drive.sees("● live")
        for panel in ("IN FLIGHT", "ENDS SOON", "MONEY", "HEADROOM", "STORAGE", "NEEDS YOU"):
            await drive.press("tab")
            await drive.sees(f" {panel}")
            focused = drive.app.screen.focused
            assert focused
            assert focused.region, f"{panel} has the focus and cannot be seen"


async def test_the_header_counts_the_same_everywhere(server: Server) -> None:
    async with opened(server, "home") as drive:
        await drive.sees("batch_output")
        screen: Any = drive.app.screen
        overview = screen._overview
        needing = sum(len(need.records) for need in overview.needs())
        assert (overview.need_count, overview.flight_count) == (needing, len(overview.in_flight()))
        await drive.command("files")
        await drive.sees("PURPOSE")
        await drive.sees(f"! {overview.need_count:,}")
        await drive.sees(f"▸ {overview.flight_count:,}")
        await drive.sees(" today")


async def test_header_and_panels_are_of_one_moment(server: Server) -> None:
    async with opened(server, "home") as drive:
        await drive.sees("batch_output")
        screen: Any = drive.app.screen
        await drive.until(lambda: not screen._overview.silent, "all lists")
        screen.platform.scheduler.held = True
        batches = screen._overview.watches[0]
        for number in range(3):
            batches.put({"id": f"batch_late_{number}", "status": "failed", "created_at": time.time()})
            screen.say()  # as a task or the cursor has it, before what came is drawn
            header, caption = (re.search(rf"{words} +([\d,]+)", drive.text()) for words in ("!", "NEEDS YOU"))
            assert header
            assert caption
            assert header[1] == caption[1]
        await drive.sees(f"! {screen._overview.need_count:,}")


async def test_on_return_each_change_is_named_once() -> None:
    with served(scenario="calm", speed=SLOW) as server:

        def upload(number: int) -> str:
            file = {"file": (f"new-{number}.jsonl", b"{}")}
            return str(server.call("POST", "/files", files=file, data={"purpose": "user_data"})["id"])

        doomed = [upload(number) for number in range(10)]
        async with opened(server, "home") as drive:
            await drive.until(lambda: drive.app.screen._overview.need_count, "the lists")  # type: ignore[attr-defined]
            screen: Any = drive.app.screen
            await drive.until(lambda: all(watch.health.since for watch in screen._overview.watches), "all lists")
        made = [upload(number) for number in range(10, 20)]
        for id_ in doomed:
            server.call("DELETE", f"/files/{id_}")
        async with opened(server, "home") as drive:
            overview: Any = drive.app.screen._overview  # type: ignore[attr-defined]
            await drive.sees("10 new files")
            await drive.sees("10 gone files")
            changes = [(each.id, each.what) for each in overview.news.changes() if each.resource.name == "files"]
            wanted = [*((id_, "new") for id_ in made), *((id_, "gone") for id_ in doomed)]
            assert sorted(changes) == sorted(wanted)
            await drive.command("files")
            await drive.sees(" changed since you were here")
            await drive.until(
                lambda: drive.table.view.news == {*made} - {drive.table.cursor_id}, "the row looked at"
            )
            assert sum(line.startswith("•") for line in drive.text().splitlines()) == 9
            await drive.press("j")
            await drive.sees("8 changed since")
            await drive.press("M")
            await drive.until(lambda: "changed since" not in drive.text(), "nothing to point out")
            assert "•" not in drive.text()
            await drive.command("news")
            await drive.sees("new-19.jsonl")


async def test_a_server_that_does_not_answer_is_no_good_news() -> None:
    async with opened(None, "home", base_url="http://127.0.0.1:9/v1") as drive:
        await drive.sees("refuses the connection")
        await drive.sees("Not known: batches")
        assert "Nothing needs you" not in drive.text()
        assert "! 0" not in drive.text()
        await drive.press("R")
        await drive.told("There is no object under the cursor")


async def test_how_many_are_checked_is_one_number_and_a_whole_sentence() -> None:
    def upload(server: Server) -> None:
        server.call("POST", "/files", files={"file": ("new.txt", b"x")}, data={"purpose": "user_data"})

    words = "Only the newest 100 files are checked."
    with served(scenario="busy", speed=SLOW) as server:
        async with opened(server, "home", size=(80, 24)) as drive:
            await drive.sees(words)
            screen: Any = drive.app.screen
            files = next(each for each in screen._overview.watches if each.collection.resource.name == "files")
            upload(server)
            files.outdate()
            await drive.until(lambda: len(files.collection.records) > 100, "the new file")
            await drive.press("tab")
            await drive.sees(words)
        upload(server)
        async with opened(server, "home", size=(80, 24)) as drive:
            await drive.sees("1 new file")
            await drive.until(lambda: drive.app.screen._overview.bounds, "what is checked")  # type: ignore[attr-defined]
            for width in (80, 200):
                await drive.pilot.resize_terminal(width, 24)
                await drive.press("tab")
                assert ("Only the" in drive.text()) == (words in drive.text()), "a part of a sentence"


async def test_where_every_list_is_refused_home_says_why_and_not_that_nothing_needs_you() -> None:
    with served(scenario="calm") as server:
        server.control("faults", spec="401")
        async with opened(None, "home", base_url=server.url) as drive:
            await drive.until(lambda: drive.text().count("does not accept the key") > 1, "why, in the panels")
            assert "Nothing needs you" not in drive.text()
            assert "Nothing is in progress" not in drive.text()
            server.control("faults", spec="")
            await drive.press("r")
            await drive.sees("● live")
