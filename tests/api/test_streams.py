"""Server-sent events, however they are cut on the way."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.api import streams
from tui.api.errors import ApiError, BadAnswer, Invalid, LinkError, RateLimited, ServerError, StatusError
from tui.api.operation import Operation
from tui.api.streams import DONE, ServerEvent, read_server_events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.conftest import Server
    from tui.api.client import Client

STREAM = Operation("createResponse", "POST", "/responses", stream=True)
EVENT_STREAM = {"content-type": "text/event-stream"}
EVENTS: list[dict[str, Any]] = [
    {"type": "response.created", "sequence_number": 0},
    {"type": "response.output_text.delta", "sequence_number": 1, "delta": "é漢👩\u2028\u0085 line"},
    {"type": "response.completed", "sequence_number": 2},
]


def written(events: list[dict[str, Any]], end: str = "\n", done: bool = False) -> bytes:
    lines = [": a comment", ""]
    for number, event in enumerate(events):
        lines += [f"event: {event['type']}", f"id: {number}", f"data: {json.dumps(event, ensure_ascii=False)}", ""]
    if done:
        lines += ["data: [DONE]", "", 'data: {"type": "after the end"}', ""]
    return end.join([*lines, ""]).encode()


class Chunks(httpx.AsyncByteStream):
    def __init__(self, chunks: list[bytes]) -> None:
        self.chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


async def read(chunks: list[bytes], content_type: str = "text/event-stream; charset=utf-8") -> list[ServerEvent]:
    response = httpx.Response(200, headers={"content-type": content_type}, stream=Chunks(chunks))
    return [event async for event in read_server_events(response) if event.name != DONE]


@pytest.mark.parametrize("cut", range(1, 6))
async def test_a_byte_order_mark_costs_no_event(cut: int) -> None:
    whole = b"\xef\xbb\xbf" + written(EVENTS).removeprefix(b": a comment\n\n")
    assert [event.data for event in await read([whole[:cut], whole[cut:]])] == EVENTS


@pytest.mark.parametrize("end", ["[DONE]", " [DONE] ", '"[DONE]"', "[DONE] and more"])
async def test_the_end_is_known_however_it_is_written(end: str) -> None:
    body = written(EVENTS) + f"data: {end}\n\ndata: 5\n\n".encode()
    assert [event.data for event in await read([body])] == EVENTS


async def test_a_content_type_has_no_case() -> None:
    assert len(await read([written(EVENTS)], "Text/Event-Stream; Charset=UTF-8")) == len(EVENTS)


@given(st.lists(st.integers(0, 400)), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
async def test_events_are_the_same_however_they_are_cut(cuts: list[int], end: str, done: bool) -> None:
    whole = written(EVENTS, end, done)
    places = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    events = await read([whole[a:b] for a, b in pairwise(places)])
    assert [event.data for event in events] == EVENTS
    assert [event.name for event in events] == [event["type"] for event in EVENTS]
    assert [event.id for event in events] == ["0", "1", "2"]


async def test_the_last_event_needs_no_blank_line() -> None:
    events = await read([b'data: {"type": "a"}\n\ndata: {"type": "b"}'])
    assert [event.name for event in events] == ["a", "b"]


async def test_an_event_of_many_lines_is_one() -> None:
    assert (await read([b'data: {"type":\ndata: "a"}\n\n']))[0].data == {"type": "a"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'event: error\ndata: {"message": "oh", "code": "rate_limit_exceeded"}\n\n', RateLimited),
        (b'data: {"error": {"message": "oh", "type": "server_error"}}\n\n', ServerError),
        (b'data: {"type": "error", "message": "oh", "sequence_number": 4}\n\n', ServerError),
        (
            b'data: {"object": "error", "message": "oh", "type": "InternalServerError", "code": 500}\n\n',
            ServerError,
        ),
        (b'data: {"message": "oh", "type": "BadRequestError", "param": null, "code": 400}\n\n', Invalid),
        (b'data: {"detail": "oh"}\n\n', ServerError),
        (b'data: {"error": "oh"}\n\n', ServerError),
        (b'data: {"type": "error", "error": {"type": "rate_limit_error", "message": "oh"}}\n\n', RateLimited),
        (b'data: {"error": {"error": {"message": "oh", "code": 429}}}\n\n', RateLimited),
        (b'data: [{"error": {"message": "oh", "code": 503}}]\n\n', ServerError),
        (
            b'data: {"id": "c", "object": "chat.completion.chunk", "error": {"message": "oh"}, "choices": []}\n\n',
            ServerError,
        ),
        (b'data: {"event": "error", "data": {"message": "oh"}}\n\n', ServerError),
        (b"event: error\ndata: oh\n\n", ServerError),
        (b'event: error\ndata: "oh"\n\n', ServerError),
        (b'event: error\ndata: {"error": {"message": "oh"}}\n\n', ServerError),
        (b'event: error\ndata: {"detail": [{"loc": ["body"], "msg": "oh"}]}\n\n', ServerError),
    ],
)
async def test_errors_inside_a_stream_are_raised(body: bytes, kind: type[StatusError]) -> None:
    with pytest.raises(kind, match="oh"):
        await read([body])


async def test_an_error_event_may_say_nothing() -> None:
    with pytest.raises(ServerError, match=r"The server failed\."):
        await read([b"event: error\n\n"])


async def test_an_object_with_an_error_of_its_own_is_no_error_of_the_stream() -> None:
    failed = {"id": "run_1", "object": "thread.run", "status": "failed", "error": {"message": "oh"}}
    body = f"event: thread.run.failed\ndata: {json.dumps(failed)}\n\ndata: null\n\n"
    assert [event.data for event in await read([body.encode()])] == [failed]


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b'{"error": {"message": "CUDA out of memory"}}', "application/json", ServerError),
        (b'{"detail": "CUDA out of memory"}', "application/json", ServerError),
        (b"CUDA out of memory", "text/plain", BadAnswer),
        (b"<title>CUDA out of memory</title>", "text/html", BadAnswer),
        (b"data: CUDA out of memory\n\n", "text/event-stream", BadAnswer),
    ],
)
async def test_what_comes_instead_of_a_stream_is_told(
    body: bytes, content_type: str, kind: type[ApiError]
) -> None:
    with pytest.raises(kind, match="CUDA out of memory"):
        await read([body], content_type)


@pytest.mark.parametrize("body", [b"data: {\n\n", b"data: what\n\n", b"data: [1]\n\n", b"data: " + b"[" * 9999])
async def test_events_that_are_no_objects_are_told(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        await read([body])


async def test_an_answer_that_is_no_stream_is_told() -> None:
    with pytest.raises(BadAnswer, match="application/json instead of a stream"):
        await read([b"{}"], "application/json")


async def test_an_event_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "EVENT_BYTES", 1000)
    small = written(EVENTS) * 20
    assert len(await read([small[at : at + 100] for at in range(0, len(small), 100)])) == 60
    with pytest.raises(BadAnswer, match="larger than"):
        await read([b"data: ", *[b"x" * 100] * 20])


async def test_events_come_as_they_are_sent(client: Client, server: Server) -> None:
    server.tell(headers=EVENT_STREAM, chunks=[written(EVENTS[:1]), written(EVENTS[1:])])
    events = [event async for event in client.events(STREAM, body={"stream": True})]
    assert [event.data for event in events] == EVENTS
    assert server.asked[0].headers["accept"] == "text/event-stream"


async def test_a_stream_that_is_cut_says_so_after_what_came(client: Client, server: Server) -> None:
    whole = written(EVENTS)
    server.tell(body=whole, headers=EVENT_STREAM, cut=len(written(EVENTS[:2])))
    events: list[ServerEvent] = []
    read_only = Operation("getResponse", "GET", "/responses/r", stream=True)
    with pytest.raises(LinkError) as caught:
        async for event in client.events(read_only):
            events.append(event)
    assert caught.value.reason == "cut"
    assert [event.data for event in events] == EVENTS[:2]
    assert len(server.asked) == 1, "a stream that had begun was asked for again"


async def test_a_silent_stream_is_dead(client: Client, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.api.client._IDLE", 0.05)
    held = asyncio.Event()
    server.tell(headers=EVENT_STREAM, pause=held)
    with pytest.raises(LinkError) as caught:
        await anext(client.events(Operation("getResponse", "GET", "/responses/r", stream=True)))
    held.set()
    assert caught.value.reason == "timeout"


async def test_a_stream_can_be_left_early(client: Client, server: Server) -> None:
    server.tell(headers=EVENT_STREAM, chunks=[written(EVENTS)])
    stream = client.events(STREAM, body={})
    assert (await anext(stream)).name == "response.created"
    await stream.aclose()
    assert [exchange.error for exchange in client.exchanges] == ["cancelled"]
