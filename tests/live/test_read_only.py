"""Read-only: whatever is asked for, nothing that could change the platform or cost money arrives there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.declared import scope_of
from tests.support.faulty import FaultyPlatform
from tests.support.samples import sample_of
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError, BadRequest, ReadOnly
from tui.api.operation import Operation
from tui.live.platform import Platform
from tui.resources.generation import endpoints
from tui.resources.registry import REGISTRY
from tui.workflows.plan.plan import make_steps
from tui.workflows.plan.run import begin_each

if TYPE_CHECKING:
    from pathlib import Path


# These POSTs ask for what is there, cost nothing, and leave nothing behind.
ASKING = {
    "searchVectorStore",
    "Getinputtokencounts",
    "createModeration",
    "validateGrader",
}


def connect(server: FaultyPlatform) -> Platform:
    keys = [Secret(f"sk-{kind}-" + "TESTONLY" * 4) for kind in ("proj", "admin")]
    connection = Connection(
        base_url="http://127.0.0.1:1/v1", project_key=keys[0], admin_key=keys[1], read_only_by="--read-only"
    )
    return Platform(Client(connection, transport=server), REGISTRY)


def operations() -> dict[str, Operation]:
    """All operations that are declared, by name."""
    found = [each for each in vars(endpoints).values() if isinstance(each, Operation)]
    found += [each for resource in REGISTRY.values() for each in resource.operations]
    return {each.name: each for each in found}


def test_only_what_asks_passes_as_reading() -> None:
    safe = {each.name for each in operations().values() if each.reads_only and each.method not in ("GET", "HEAD")}
    assert safe == ASKING


async def test_no_action_bulk_or_stream_of_any_resource_arrives(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text("{}\n")

    server = FaultyPlatform()
    platform = connect(server)
    tried = 0
    for resource in REGISTRY.values():
        scope, raw = scope_of(resource), sample_of(resource)
        server.answer = raw
        for action in resource.actions:
            if action.operation.reads_only:
                continue
            tried += 1
            body: dict[str, Any] | None = {} if action.operation.body else None
            if action.operation.multipart:
                body = {"file": source}
            with pytest.raises((ReadOnly, BadRequest)):
                await platform.act(resource, scope, resource.record(raw), action, body)
            if action.on == "many":
                run = begin_each(platform, make_steps(platform, resource, scope, [resource.record(raw)], action))
                await run.end.wait()
                assert not run.counts["done"]
    with pytest.raises(ReadOnly):
        await platform.client.upload(source, "batch")
    for operation in operations().values():
        if operation.reads_only:
            continue
        path = dict.fromkeys(operation.placeholders, "x")
        with pytest.raises(ReadOnly):
            await platform.client.call(operation, path, body=None if operation.multipart else {})
        with pytest.raises(ReadOnly):
            async for _ in platform.client.events(operation, path, body={}):
                pass
        with suppress(ApiError):
            await platform.client.download(operation, path, tmp_path / "out")
    assert tried > 100
    assert server.arrived == []
    await platform.aclose()
