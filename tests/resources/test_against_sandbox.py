"""Every operation of a family does what it says, called as it is declared and by commands."""

from __future__ import annotations

import json
import zipfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import CommandDesk
from tests.support.desk import Desk
from tests.support.driving import PROJECT_KEY, Server, served, until
from tests.support.filling import action_of, filled
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    Opened = Callable[[], AbstractAsyncContextManager[Desk]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox where work is done at once."""
    with served(scenario="calm", speed=200.0) as server:
        yield server


@pytest.fixture(params=[Desk, CommandDesk], ids=["calls", "commands"])
def desk(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Opened:
    """What opens a desk: one that calls, and one that gives commands."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Desk]:
        client = Client(Connection(base_url=server.url, project_key=Secret(PROJECT_KEY), sandbox=True))
        platform = Platform(client, REGISTRY)
        try:
            yield request.param(platform, tmp_path)
        finally:
            await platform.aclose()

    return opened


def uploaded(server: Server, name: str, content: str, purpose: str = "assistants") -> str:
    files = {"file": (name, content.encode())}
    id_: str = server.call("POST", "/files", files=files, data={"purpose": purpose})["id"]
    return id_


async def test_vector_stores(server: Server, tmp_path: Path, desk: Opened) -> None:
    files = [
        uploaded(server, f"{word}.txt", f"All there is to know of the {word}. " * 20) for word in ("cat", "dog")
    ]
    async with desk() as at:
        store = await at.make("vector-stores", name="pets", metadata={"a": "1"}, expires_after__days="2")
        assert store.id in await at.list("vector-stores")
        edited = await at.do("vector-stores", "edit", store, name="animals", metadata=None)
        assert (edited["name"], edited["metadata"] or {}) == ("animals", {})
        assert edited["expires_after"]["days"] == 2, "what was not touched has changed"
        within = at.into("vector-stores", store, "store-files")
        added = await at.make(
            "store-files", "attach", within, file_id=files[0], attributes={"legs": 4, "tame": True, "kind": "cat"}
        )
        batch = await at.make("file-batches", "create", within, file_ids=[files[1]])
        assert batch.raw["file_counts"]["total"] == 1
        inner = at.into("file-batches", batch, "file-batch-files", within)
        assert set(await at.list("file-batch-files", inner)) == {files[1]}
        await until(lambda: server.call("GET", f"/vector_stores/{store.id}")["status"] == "completed", "all read")
        listed = await at.list("store-files", within)
        assert {id_: record.raw["status"] for id_, record in listed.items()} == dict.fromkeys(files, "completed")
        content = await at.do("store-files", "content", added, within)
        assert "All there is to know of the cat" in json.dumps(content)
        changed_ = await at.do("store-files", "edit", added, within, attributes={"legs": 3})
        assert changed_["attributes"] == {"legs": 3}
        found = await at.do("vector-stores", "search", store, query="what of the dog", max_num_results="1")
        assert [result["file_id"] for result in found["data"]] == [files[1]]
        filtered = {"type": "eq", "key": "legs", "value": 3}
        found = await at.do("vector-stores", "search", store, query="dog", filters=filtered)
        assert {result["file_id"] for result in found["data"]} == {files[0]}
        again = await at.make(
            "file-batches", "create", within, file_ids=[uploaded(server, "x.txt", "x " * 400_000)]
        )
        assert await at.stop("file-batches", again, within) in ("cancelled", "in_progress", "completed")
        await at.gone("store-files", "detach", added, within)
        await at.gone("vector-stores", "delete", store)
        at.all_called("vector-stores", "store-files", "file-batches", "file-batch-files")


async def test_assistants(server: Server, tmp_path: Path, desk: Opened) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    async with desk() as at:
        helper = await at.make("assistants", model="gpt-4.1", name="Helper", tools=tools, temperature="0.5")
        assert helper.id in await at.list("assistants")
        edited = await at.do("assistants", "edit", helper, instructions="Be kind.", tools=tools)
        assert (edited["instructions"], edited["temperature"]) == ("Be kind.", 0.5)
        started = await at.do("assistants", "run", helper, assistant_id=helper.id, thread__metadata={"a": "b"})
        assert started["object"] == "thread.run"

        thread = await at.make("threads", messages=[{"role": "user", "content": "Hello"}])
        assert (await at.do("threads", "edit", thread, metadata={"a": "b"}))["metadata"] == {"a": "b"}
        within = at.into("threads", thread, "messages")
        message = await at.make("messages", "create", within, content="How is the weather?", metadata={"c": "d"})
        assert set(await at.list("messages", within)) > {message.id}
        assert not (await at.do("messages", "edit", message, within, metadata=None))["metadata"]

        answering = {"assistant_id": helper.id, "tool_choice": "required", "metadata": {"a": "b"}}
        run = await at.make("runs", "create", within, **answering)
        assert run.id in await at.list("runs", within)
        path = f"/threads/{thread.id}/runs/{run.id}"
        await until(lambda: server.call("GET", path)["status"] == "requires_action", "the run to wait for us")
        run = await at.get("runs", run.id, within)
        start = action_of("runs", "submit").start(run.object)
        for output in start["tool_outputs"]:
            output["output"] = "Sunny."
        assert (await at.do("runs", "submit", run, within, **start))["status"] in (
            "queued",
            "in_progress",
            "completed",
        )
        assert (await at.do("runs", "edit", run, within, metadata={"x": "y"}))["metadata"] == {"x": "y"}
        await until(lambda: server.call("GET", path)["status"] == "completed", "the run to end")
        steps = await at.list("steps", at.into("runs", run, "steps", within))
        assert {step.raw["type"] for step in steps.values()} >= {"tool_calls", "message_creation"}
        for step in steps:
            await at.get("steps", step, {**within, "run_id": run.id})
        waiting = await at.make("runs", "create", within, **answering)
        assert await at.stop("runs", waiting, within) in ("cancelling", "cancelled")
        path = f"/threads/{thread.id}/runs/{waiting.id}"
        await until(lambda: server.call("GET", path)["status"] == "cancelled", "the run to stop")
        await at.gone("messages", "delete", message, within)
        await at.gone("threads", "delete", thread)
        await at.gone("assistants", "delete", helper)
        at.all_called("assistants", "threads", "messages", "runs", "steps")


async def test_completions(server: Server, tmp_path: Path, desk: Opened) -> None:
    async with desk() as at:
        made = await at.make("completions", metadata={"a": "b"}, messages=[{"role": "user", "content": "Hello"}])
        assert made.id in await at.list("completions")
        assert (await at.do("completions", "edit", made, metadata={"c": "d"}))["metadata"] == {"c": "d"}
        messages = await at.list("completion-messages", at.into("completions", made, "completion-messages"))
        assert [message.raw["content"] for message in messages.values()] == ["Hello"]
        await at.gone("completions", "delete", made)
        at.all_called("completions", "completion-messages")


async def test_responses(server: Server, tmp_path: Path, desk: Opened) -> None:
    async with desk() as at:
        made = await at.make("responses", input="Hello", metadata={"a": "b"})
        items = await at.list("input-items", at.into("responses", made, "input-items"))
        assert [item.object.text for item in items.values()] == ["Hello"]
        going_on = action_of("responses", "go-on").start(made.object)
        after = await at.do("responses", "go-on", made, input="And then?", background=True, **going_on)
        assert after["previous_response_id"] == made.id
        stopped = await at.stop("responses", await at.get("responses", after["id"]), {})
        assert stopped in ("cancelled", "completed")
        assert (await at.do("responses", "count-tokens", input="Hello"))["input_tokens"] > 0
        compacted = await at.do("responses", "compact", made, **going_on)
        assert compacted["object"] == "response.compaction"
        await at.gone("responses", "delete", made)
        at.all_called("responses", "input-items")


async def test_conversations(server: Server, tmp_path: Path, desk: Opened) -> None:
    async with desk() as at:
        made = await at.make("conversations", metadata={"a": "b"})
        assert (await at.do("conversations", "edit", made, metadata={"c": "d"}))["metadata"] == {"c": "d"}
        within = at.into("conversations", made, "conversation-items")
        await at.do("conversation-items", "create", None, within)
        items = await at.list("conversation-items", within)
        assert [item.object.text for item in items.values()] == ["Hello"]
        item = await at.get("conversation-items", next(iter(items)), within)
        await at.gone("conversation-items", "delete", item, within)
        await at.gone("conversations", "delete", made)
        at.all_called("conversations", "conversation-items")


async def test_containers(server: Server, tmp_path: Path, desk: Opened) -> None:
    file = uploaded(server, "a.txt", "in the box", purpose="user_data")
    async with desk() as at:
        made = await at.make("containers", name="box", expires_after__minutes="20", memory_limit="4g")
        assert made.id in await at.list("containers")
        within = at.into("containers", made, "container-files")
        added = await at.make("container-files", "create", within, file_id=file)
        assert added.id in await at.list("container-files", within)
        assert await at.do("container-files", "view", added, within) == b"in the box"
        await at.gone("container-files", "delete", added, within)
        await at.gone("containers", "delete", made)
        at.all_called("containers", "container-files")


async def test_evals(server: Server, tmp_path: Path, desk: Opened) -> None:
    rows = "\n".join(json.dumps({"item": {"question": "Capital?", "answer": word}}) for word in ("Paris", "Bern"))
    file = uploaded(server, "items.jsonl", rows, purpose="evals")
    async with desk() as at:
        made = await at.make("evals", name="capitals", metadata={"a": "b"})
        assert made.id in await at.list("evals")
        assert (await at.do("evals", "edit", made, name="towns"))["name"] == "towns"
        within = at.into("evals", made, "eval-runs")
        source = {
            **filled(action_of("eval-runs", "create"))["data_source"],
            "source": {"type": "file_id", "id": file},
        }
        run = await at.make("eval-runs", "create", within, data_source=source)
        assert run.id in await at.list("eval-runs", within)
        path = f"/evals/{made.id}/runs/{run.id}"
        await until(lambda: server.call("GET", path)["status"] == "completed", "the run to end")
        inner = at.into("eval-runs", run, "eval-items", within)
        items = await at.list("eval-items", inner)
        assert len(items) == 2, server.call("GET", path)
        assert (await at.get("eval-items", next(iter(items)), inner)).object.results
        other = await at.make("eval-runs", "create", within, data_source=source)
        assert await at.stop("eval-runs", other, within) in ("canceled", "completed")
        await at.gone("eval-runs", "delete", run, within)
        await at.gone("evals", "delete", made)
        at.all_called("evals", "eval-items")


async def test_skills(server: Server, tmp_path: Path, desk: Opened) -> None:
    bundle = tmp_path / "csv.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("csv/SKILL.md", "---\nname: csv\ndescription: Reads tables.\n---\nRead them.\n")
    async with desk() as at:
        made = await at.make("skills", files=bundle)
        assert made.id in await at.list("skills")
        within = at.into("skills", made, "skill-versions")
        added = await at.do("skill-versions", "create", None, within, files=bundle)
        assert set(await at.list("skill-versions", within)) == {"1", "2"}
        second = await at.get("skill-versions", added["version"], within)
        assert (await at.do("skills", "edit", made, default_version="2"))["default_version"] == "2"
        assert (await at.do("skill-versions", "download", second, within))[:2] == b"PK"
        assert (await at.do("skills", "download", made))[:2] == b"PK"
        await at.gone("skill-versions", "delete", await at.get("skill-versions", "1", within), within)
        await at.gone("skills", "delete", made)
        at.all_called("skills", "skill-versions")
