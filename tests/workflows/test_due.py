"""What ends is gathered from every list that tells of an end, with who used it."""

from __future__ import annotations

import asyncio
import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.live.platform import Platform
from tui.resources.due import DUE
from tui.resources.language.column import CellContext
from tui.resources.language.reading.amounts import Amount
from tui.resources.registry import REGISTRY
from tui.workflows.due import DueWatch, _row_of, _with_uses, list_resources_with_ends, read_uses

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_795_000_000.0
SOON = NOW + 19 * 86_400


def use(requests: Amount | int, project: str = "proj_1", key: str = "key_1") -> dict[str, object]:
    """Return what usage tells of one key."""
    return {"project_id": project, "api_key_id": key, "requests": requests}


def test_every_list_whose_objects_expire_is_gathered() -> None:
    keys = Connection(project_key=Secret("sk-test-only-key"), admin_key=Secret("sk-admin-test-only-key"))
    gathered = {resource.name for resource in list_resources_with_ends(REGISTRY, keys)}
    lists = [each for each in REGISTRY.values() if each.list and not each.parent]
    shown = {each.name for each in lists if {"EXPIRES", "STOPS IN", "DUE"} & {c.header for c in each.columns}}
    assert shown == gathered
    without = {each.name for each in list_resources_with_ends(REGISTRY, Connection(project_key=keys.project_key))}
    assert "models" in without
    assert not without & {"keys", "certificates", "admin-keys", "invites"}


@pytest.mark.parametrize("name", [name for name, each in REGISTRY.items() if each.stops])
def test_odd_objects_have_no_end(name: str) -> None:
    declared = REGISTRY[name]
    for raw in ({"id": "x"}, {"id": "x", "expires_at": "soon", "shutdown_date": [], "certificate_details": 1}):
        assert _row_of(declared, declared.record(raw)) is None


def test_an_alias_is_used_by_who_used_its_dated_version() -> None:
    row = _row_of(REGISTRY["models"], REGISTRY["models"].record({"id": "gpt-5", "shutdown_date": "2027-01-14"}))
    assert row
    uses = {
        "gpt-5": [use(1)],
        "gpt-5-2025-08-07": [use(20)],
        "gpt-5-0613": [use(300)],
        "gpt-5-mini": [use(4_000)],
        "gpt-5-mini-2025-08-07": [use(50_000)],
    }
    assert _with_uses(row, uses)["requests"] == 321
    assert "requests" not in _with_uses(row, None)
    assert _with_uses(row, {})["requests"] == 0


def test_what_is_in_use_and_ends_soon_needs_its_owner() -> None:
    def need(requests: object, ends: float) -> str | None:
        raw = {"id": "models/x", "object_id": "x", "ends_at": ends, "requests": requests}
        return DUE.attention(DUE.record(raw).object, CellContext(NOW))

    assert need(226_200, SOON) == "ends in 19 d; 226.2k requests in 7 days"
    assert need(Amount(Decimal(5), 1), SOON) == "ends in 19 d; 5 +? requests in 7 days"
    assert need(3, NOW - 60) == "has ended; 3 requests in 7 days"
    assert need(0, SOON) is need(None, SOON) is need(3, NOW + 90 * 86_400) is None


def test_what_cannot_be_read_is_not_said_to_be_unused() -> None:
    raw = {"id": "models/x", "requests": Amount(0, 2), "used_by": [use(Amount(0, 2))], "ends_at": SOON}
    record, context = DUE.record(raw), CellContext(NOW)
    requests, users = (next(c for c in DUE.columns if c.header == name) for name in ("USED 7D", "USED BY"))
    assert requests.cell(record, context).text == "0 +?"
    assert users.cell(record, context).text == "proj_1"
    assert DUE.attention(record.object, context) == "ends in 19 d; 0 +? requests in 7 days"


def test_whose_use_is_not_known_being_read_or_never_told_looks_different() -> None:
    columns = [next(each for each in DUE.columns if each.name == name) for name in ("used_7d", "used_by")]
    for resource, reading, shown in (
        ("models", {"used_by"}, "…"),
        ("models", set[str](), "?"),
        ("files", {"used_by"}, "·"),
    ):
        record = DUE.record({"id": f"{resource}/x", "resource": resource, "ends_at": SOON})
        cells = [each.cell(record, CellContext(NOW, reading=reading)).text for each in columns]
        assert cells == [shown] * 2


async def test_long_lists_are_read_to_their_ends_while_somebody_looks() -> None:
    ends = time.time() + 3_600

    def answer(request: httpx.Request) -> httpx.Response:
        items: list[dict[str, Any]] = []
        is_first = "after" not in request.url.params
        if request.url.path.endswith("/files"):
            items = [{"id": "file-1"}] if is_first else [{"id": "file-2", "expires_at": ends}]
        body = {"object": "list", "data": items, "has_more": bool(items) and is_first}
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(body).encode()))

    connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=Secret("sk-proj-" + "TESTONLY" * 4))
    platform = Platform(Client(connection, transport=httpx.MockTransport(answer)), REGISTRY)
    due = DueWatch(platform)
    read = asyncio.Event()
    due.collection.subscribe(lambda _: read.set() if "files/file-2" in due.collection.records else None)
    due.start()
    await asyncio.wait_for(read.wait(), 20)
    due.stop()
    await platform.aclose()


async def test_names_that_a_list_has_are_not_asked_for() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1/organization/")
        asked.append(path)
        items: list[dict[str, Any]] = []
        if path == "projects":
            items = [{"id": f"proj_{number}", "name": f"project {number}"} for number in (1, 2)]
        elif path.endswith("/api_keys"):
            number = path.removesuffix("/api_keys")[-1]
            items = [{"id": f"key_{number}", "name": f"key {number}"}]
        elif path == "usage/completions":
            results = [
                {"model": "gpt-5", "num_model_requests": n, **use(n, f"proj_{n}", f"key_{n}")} for n in (1, 2)
            ]
            day = int(request.url.params["start_time"])
            items = [{"object": "bucket", "start_time": day, "end_time": day + 86_400, "results": results}]
        body = {"object": "list", "data": items, "has_more": False}
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(body).encode()))

    connection = Connection(base_url="http://127.0.0.1:1/v1", admin_key=Secret("sk-admin-" + "TESTONLY" * 4))
    platform = Platform(Client(connection, transport=httpx.MockTransport(answer)), REGISTRY)
    projects, keys = REGISTRY["projects"], REGISTRY["project-keys"]
    await platform.watch(projects).poll()
    await platform.watch(keys, {"project_id": "proj_1"}).poll()
    asked.clear()
    uses = await read_uses(platform, {})
    await platform.aclose()
    assert [(each["project"], each["key"]) for each in uses["gpt-5"]] == [
        ("project 1", "key 1"),
        ("project 2", "key 2"),
    ]
    assert [path for path in asked if path.startswith("projects")] == ["projects/proj_2/api_keys"]


async def read_due(answer: Callable[[httpx.Request], httpx.Response]) -> DueWatch:
    """Read once all that ends, from a server that answers so."""
    connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=Secret("sk-proj-" + "TESTONLY" * 4))
    platform = Platform(Client(connection, transport=httpx.MockTransport(answer)), REGISTRY)
    due = DueWatch(platform)
    for watch in due.watches:
        await watch.poll()
    await platform.aclose()
    return due


@pytest.mark.parametrize("failing", [("/files",), ("",)], ids=["one list", "all lists"])
async def test_a_fault_that_all_lists_have_is_that_of_the_place(failing: tuple[str]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(failing):
            raise httpx.ConnectError("refused")
        return httpx.Response(200, stream=httpx.ByteStream(b'{"object": "list", "data": [], "has_more": false}'))

    due = await read_due(answer)
    files = next(watch.health.error for watch in due.watches if watch.collection.resource.name == "files")
    assert files
    assert not due.progress, "nothing is waited for"
    if failing == ("",):
        assert due.health.error and due.health.error.sentence == files.sentence
    else:
        assert (due.health.error, due.health.state) == (None, "live")
        assert f"no files ({files.sentence.rstrip('.')})" in due.unread


async def test_what_a_server_does_not_have_is_told_in_one_sentence() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(("/files", "/containers")):
            error = f'{{"error": {{"message": "There is no {request.url.path}."}}}}'
            return httpx.Response(404, stream=httpx.ByteStream(error.encode()))
        return httpx.Response(200, stream=httpx.ByteStream(b'{"object": "list", "data": [], "has_more": false}'))

    due = await read_due(answer)
    absent, _, more = due.unread.partition(". ")
    assert set(absent.removeprefix("Not on this server: ").split(", ")) == {"files", "containers"}
    assert "not on this server" not in more.lower()
