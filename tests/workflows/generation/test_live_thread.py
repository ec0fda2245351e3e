"""A thread as it happens: in order, streamed, and honest about a stream that breaks off."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import PROJECT_KEY, Server, served
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY
from tui.workflows.generation.live_thread import RUNS, LiveThread, is_run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


@asynccontextmanager
async def thread_of(server: Server, *questions: str) -> AsyncIterator[LiveThread]:
    """A new thread that holds these questions."""
    messages = [{"role": "user", "content": question} for question in questions]
    id_ = server.call("POST", "/threads", json={"messages": messages})["id"]
    client = Client(Connection(base_url=server.url, project_key=Secret(PROJECT_KEY)))
    try:
        thread = LiveThread(Platform(client, REGISTRY), {"thread_id": id_})
        await thread.refresh()
        yield thread
    finally:
        await client.aclose()


async def run(server: Server, thread: LiveThread, assistant: str = "") -> asyncio.Future[dict[str, Any]]:
    """Run an assistant on a thread, a new one or that of the id. Gives the first event."""
    assistant = assistant or server.call("POST", "/assistants", json={"model": "gpt-4.1"})["id"]
    action = RUNS.action("create")
    assert action
    first: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    path = {
        "thread_id": str(thread.messages.collection.records[thread.messages.collection.order[0]].at("thread_id"))
    }
    await thread.follow(action.operation, path, {"assistant_id": assistant, "stream": True}, first)
    return first


async def test_a_run_arrives_by_its_stream_between_question_and_answer(server: Server) -> None:
    async with thread_of(server, "How high is Piz Bernina?") as thread:
        heard: list[str] = []
        thread.open(lambda: heard.extend(thread.written.values()))
        first = await run(server, thread)
        assert first.result()["status"] == "queued"
        kinds = ["run" if is_run(record) else record.raw["role"] for record in thread.in_order()]
        assert kinds == ["user", "run", "assistant"]
        newest = thread.newest_run
        assert newest and newest.object.status == "completed"
        assert thread.steps_of(newest.id).collection.order
        text = thread.in_order()[-1].object.text
        assert all(map(text.startswith, heard))
        assert max(heard, key=len) == text
        assert not (thread.written or thread.streaming or thread.lost)
        count = len(heard)
        thread.close()
        await thread.refresh()
        assert len(heard) == count, "nobody is told after the end"


async def test_a_request_that_is_refused_is_told_to_whoever_sent_it(server: Server) -> None:
    async with thread_of(server, "Hello") as thread:
        with pytest.raises(ApiError, match="No assistant found"):
            (await run(server, thread, "asst_wrong")).result()
        assert thread.newest_run is None
        assert not thread.lost


async def test_a_stream_that_breaks_off_says_so_until_somebody_looks_again(server: Server) -> None:
    async with thread_of(server, "Tell me a long story") as thread:
        server.control("faults", spec="cut@POST /threads x1")
        assert (await run(server, thread)).result()["object"].startswith("thread.run")
        assert thread.lost.startswith("The stream ended early")
        assert not (thread.streaming or thread.written)
        await thread.refresh()
        assert not thread.lost
        assert thread.newest_run, "the run itself is there"
