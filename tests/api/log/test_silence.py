"""Whether the server answers: one fact for all requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from tui.api.log.silence import LIMIT, Silence
from tui.api.operation import Operation

if TYPE_CHECKING:
    from tests.api.conftest import MakeClient

OPERATIONS = (
    Operation("createVectorStore", "POST", "/vector_stores"),
    Operation("listVectorStores", "GET", "/vector_stores"),
    Operation("deleteVectorStore", "DELETE", "/vector_stores/{vector_store_id}"),
)


class Clock:
    """Seconds that a test lets pass."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_it_lasts_from_the_first_request_that_waits_too_long_until_an_answer_to_any() -> None:
    clock, loop = Clock(), asyncio.get_running_loop()
    silence = Silence(clock)

    async def ask(answer: asyncio.Future[None]) -> asyncio.Future[None]:
        asking = asyncio.ensure_future(silence.follow("GET", answer))
        await asyncio.sleep(0)
        return asking

    assert not silence.lasts, "nothing was asked"
    asked = await ask(loop.create_future())
    clock.now += LIMIT - 0.1
    assert not silence.lasts
    (at_once := loop.create_future()).set_result(None)
    await silence.follow("GET", at_once)
    clock.now += LIMIT - 0.1
    assert not silence.lasts, "the server answers others"
    clock.now += 0.1
    assert silence.lasts
    asked.cancel()
    another = await ask(answer := loop.create_future())
    assert silence.lasts, "nothing was answered yet, whoever asks what"
    answer.set_result(None)
    await another
    assert not silence.lasts
    clock.now += 100
    assert not silence.lasts, "nothing is waited for"


async def test_what_the_server_makes_may_take_its_time(client_of: MakeClient) -> None:
    waiting: dict[str, bool] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        clock.now += LIMIT
        waiting[request.method] = silence.lasts
        return httpx.Response(200, json={"id": "file-1", "object": "list", "data": []})

    client, clock = client_of(answer), Clock()
    silence = client.exchanges.silence = Silence(clock)
    for operation in OPERATIONS:
        await client.call(operation, dict.fromkeys(operation.placeholders, "vs_1"))
        assert not silence.lasts, "it was answered"
    assert waiting == {"POST": False, "GET": True, "DELETE": True}
