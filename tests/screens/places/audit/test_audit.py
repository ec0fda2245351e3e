"""The audit log: every entry once and in order, narrowed by the server, its ids followed."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Drive, Server, opened, served
from tui.api import retries
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY
from tui.screens.navigation.command import CommandError
from tui.screens.places.audit.text import LEAST, parse_filter, share_room
from tui.screens.places.follow_one import follow_one
from tui.widgets.text.event_log import EventLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.resources.language.objects import Record

AUDIT = REGISTRY["audit"]
PATH = "/organization/audit_logs"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization with a past, whose clock stands: entries come when a test makes them."""
    with served(scenario="busy", now=time.time()) as server:
        yield server


def entries(server: Server, query: str = "", pages: int = 1000) -> list[dict[str, Any]]:
    """The log as it is, oldest first."""
    found: list[dict[str, Any]] = []
    for _ in range(pages):
        after = f"&after={found[-1]['id']}" if found else ""
        page = server.call("GET", f"{PATH}?limit=100{after}{query}", admin=True)
        found += page["data"]
        if not page["has_more"]:
            break
    return found[::-1]


def log(drive: Drive) -> EventLog:
    return drive.app.screen.query_one(EventLog)


def keys(drive: Drive) -> list[str]:
    """The entries the screen holds, in its order."""
    return [line.key for line in log(drive).lines]


async def test_ten_thousand_entries_while_the_link_is_cut_ten_times(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "delay_before_retry", lambda *_, **__: None)  # what fails, fails at once
    client = Client(Connection(base_url=server.url, admin_key=Secret(ADMIN_KEY)))
    tail = Platform(client, REGISTRY).tail(AUDIT, {}, lambda: True)
    heard: list[str] = []

    def hear(new: list[Record], at_end: bool) -> None:
        assert at_end
        heard.extend(record.id for record in new)

    tail.subscribe(hear, lambda _: None)
    try:
        await tail.refresh()
        begun = heard[0]
        for _ in range(10):
            server.control("audit", count=400)
            server.control("faults", spec=f"drop@{PATH}")
            await tail.refresh()
            assert tail.health.error, "the link is cut"
            server.control("audit", count=600)
            server.control("faults", spec=f"503=0.3@{PATH}")
            await tail.refresh()  # breaks off somewhere on the way back, mostly
            server.control("faults", spec="")
            await tail.refresh()
            assert tail.health.error is None
    finally:
        server.control("faults", spec="")
        await client.aclose()
    truth = [entry["id"] for entry in entries(server)]
    since = truth[truth.index(begun) :]
    assert len(heard) >= 10_000
    assert heard == since[: len(heard)]


async def test_new_entries_come_at_the_bottom_once(server: Server) -> None:
    async with opened(server, "audit") as drive:
        await drive.until(lambda: keys(drive), "entries")
        server.control("audit", count=250)
        await drive.press("r")
        newest = entries(server, pages=3)
        await drive.until(lambda: keys(drive)[-250:] == [each["id"] for each in newest[-250:]], "the new entries")
        assert len(set(keys(drive))) == len(keys(drive))
        await drive.sees("following ↓")
        await drive.press("space", "up", "up")
        server.control("audit", count=3)
        await drive.press("r")
        await drive.sees("+3 new")
        oldest = keys(drive)[0]
        await drive.press("L")
        await drive.until(lambda: keys(drive).index(oldest) > 0, "older entries before it")
        assert len(set(keys(drive))) == len(keys(drive))


async def test_the_server_filters_by_what_is_under_the_cursor_and_by_command(server: Server) -> None:
    async with opened(server, "audit") as drive:
        await drive.until(lambda: drive.record, "an entry")
        kind = drive.record.raw["type"]
        await drive.press("K")
        await drive.sees(f"event_types={kind}")
        wanted = {each["id"] for each in entries(server, f"&event_types[]={kind}", pages=1)}
        await drive.until(lambda: set(_types(drive)) == {kind}, "only entries of this kind")
        assert len(wanted & set(keys(drive))) >= len(wanted) - 1, "one may have come meanwhile"
        await drive.press("q")
        await drive.until(lambda: len(set(_types(drive))) > 1, "everything again")
        await drive.command("event_types login.failed,user.added")
        await drive.until(lambda: set(_types(drive)) == {"login.failed", "user.added"}, "two kinds")
        who = drive.record.object.done_by.id
        await drive.press("W")
        await drive.until(lambda: drive.record and drive.record.object.done_by.id == who, "one actor")
        await drive.press("q", "q")
        await drive.command("effective_at[gte] yesterday")
        await drive.sees("is no time: write 2h")
        await drive.press("escape")
        await drive.command("effective_at[gte] 1h")
        await drive.until(lambda: keys(drive), "the last hour")
        await drive.command("effective_at[lt] 2001-01-01")
        await drive.sees("No entries pass these filters")


def _types(drive: Drive) -> list[str]:
    known = {each.id: each.raw["type"] for each in drive.app.screen._tail.entries}  # type: ignore[attr-defined]
    return [known[key] for key in keys(drive) if key in known]


@pytest.mark.parametrize(
    ("param", "value", "wanted"),
    [
        ("event_types[]", "a, b,", ["a", "b"]),
        ("tenant_only", "true", "true"),
        ("effective_at[gte]", "1700000000", "1700000000"),
        ("effective_at[lt]", "2026-11-20", int(time.mktime((2026, 11, 20, 0, 0, 0, 0, 0, -1)))),
    ],
)
def test_filters_are_written_as_people_do(param: str, value: str, wanted: Any) -> None:
    assert parse_filter(param, value, 0.0) == wanted
    assert parse_filter("effective_at[gte]", "2h", 1_700_000_000.5) == 1_700_000_000 - 7200
    with pytest.raises(CommandError, match="is no time"):
        parse_filter("effective_at[gte]", "99 moons", 0.0)


async def test_an_entry_is_read_and_its_actor_opened(server: Server, tmp_path: Path) -> None:
    async with opened(server, "audit", size=(80, 24)) as drive:
        await drive.command("event_types rate_limit.updated")
        await drive.until(lambda: drive.record and drive.record.raw["type"] == "rate_limit.updated", "an entry")
        raw = drive.record.raw
        await drive.press("enter")
        await drive.sees("tokens/minute")
        await drive.sees(str(raw["rate_limit.updated"]["changes_requested"]["max_tokens_per_1_minute"]))
        await drive.press("q")
        await drive.sees("following")
        await drive.press("slash")
        await drive.type("rate_limit")
        await drive.press("enter")
        await drive.sees("· match ")
        path = tmp_path / "audit.jsonl"
        await drive.press("ctrl+s")
        await drive.sees("Save the entries")
        await drive.press("ctrl+u")
        await drive.type(str(path))
        await drive.press("enter")
        await drive.until(path.exists, "the file")
        saved = [json.loads(line) for line in path.read_text().splitlines()]
        assert [each["id"] for each in saved] == keys(drive)
        await drive.command("event_types login.succeeded")
        await drive.until(lambda: drive.record and drive.record.raw["type"] == "login.succeeded", "a login")
        user = drive.record.object.done_by.id
        drive.app.screen.follow(user)  # type: ignore[attr-defined]
        await drive.until(lambda: drive.record and drive.record.id == user, "its actor")


@pytest.mark.opens("AuditScreen", "Pick")
async def test_kinds_are_picked_with_their_counts(server: Server) -> None:
    async with opened(server, "audit", size=(80, 24)) as drive:
        await drive.until(lambda: keys(drive), "entries")
        counted = Counter(_types(drive))
        kind, most = counted.most_common(1)[0]
        await drive.press("t")
        await drive.sees(f"counted in {sum(counted.values())} loaded")
        await drive.until(
            lambda: any(line.split()[-3:-1] == [kind, str(most)] for line in drive.text().splitlines()), "a count"
        )
        await drive.type("login.")
        await drive.press("space", "space", "enter")
        await drive.until(lambda: set(_types(drive)) == {"login.succeeded", "login.failed"}, "two kinds")
        asked = server.requests()[-1]
        assert "login.succeeded" in str(asked)
        await drive.press("t")
        await drive.sees("[x] login.failed")
        await drive.sees(f"counted in {sum(counted.values())} loaded")  # of all, not of what is left
        await drive.press("escape")
        await drive.press("q")
        await drive.until(lambda: len(set(_types(drive))) > 2, "everything again")


async def test_keys_work_in_an_entry_over_the_terminal(server: Server) -> None:
    async with opened(server, "audit", size=(120, 40)) as drive:
        await drive.sees("From where")
        await drive.press("f")
        focused = await drive.until(lambda: drive.app.screen.focused, "the entry to have the focus")
        assert focused.is_attached, "what is gone would take no key, and keep it"
        await drive.command("batches")
        await drive.sees("OUTCOME")


async def test_what_an_entry_names_is_opened(server: Server) -> None:
    async with opened(server, "audit", size=(80, 24)) as drive:
        await drive.command("event_types project.updated")
        await drive.until(lambda: drive.record and drive.record.raw["type"] == "project.updated", "a project")
        entry = drive.record.object
        await drive.press("o")
        await drive.sees("object")
        await drive.press("enter")
        await drive.until(lambda: drive.record and drive.record.id == entry.target, "its project")
        await drive.press("left_square_bracket")
        await drive.until(lambda: keys(drive), "the log again")
        await drive.press("o", "down", "enter")
        await drive.until(lambda: drive.record and drive.record.id == entry.done_by.id, "its actor")
        await drive.press("left_square_bracket")
        await drive.command("event_types api_key.updated")
        await drive.until(lambda: drive.record and drive.record.raw["type"] == "api_key.updated", "a key")
        projects = server.call("GET", "/organization/projects?limit=100", admin=True)["data"]
        key = server.call("GET", f"/organization/projects/{projects[0]['id']}/api_keys", admin=True)["data"][0]
        named = [("object", key["id"])]
        drive.app.screen.run_worker(follow_one(drive.app.screen, named, projects[0]["id"]))  # type: ignore[arg-type]
        await drive.until(lambda: drive.record and drive.record.id == key["id"], "a key through its project")


async def test_without_an_admin_key_it_says_what_is_needed(server: Server) -> None:
    async with opened(server, "batches", env={"OPENAI_API_KEY": PROJECT_KEY}) as drive:
        before = len(server.requests())
        await drive.command("audit")
        await drive.sees("admin key")
        assert not [each for each in server.requests()[before:] if "audit" in str(each.get("path"))]


def test_the_actor_has_what_room_is_left_before_others() -> None:
    assert share_room(70) == LEAST
    assert share_room(80) == (LEAST[0], LEAST[1] + 7, LEAST[2], 0), "no project of one letter"
    assert share_room(94) == (LEAST[0], LEAST[1] + 4, LEAST[2], 17)
    assert share_room(112)[1] == 34, "an address of the usual length"
    assert share_room(138)[2] >= 29, "an id as it is, before more of a project's name"
    assert share_room(200) == share_room(400)
