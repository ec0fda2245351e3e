"""Server-sent events, as the platform sends them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from httpx_sse import EventSource, ServerSentEvent

from tui.api import bodies
from tui.api.errors import BadAnswer, stream_error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

EVENT_BYTES = 8 << 20  # the most one event may hold
_DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name (the payload's `type` where the event has none) and its JSON payload."""

    name: str
    data: dict[str, Any]
    id: str = ""
    request_id: str = field(default="", compare=False)  # the server's, of the answer it came in


class _Guarded(httpx.AsyncByteStream):
    """An answer's body, unpacked, that ends when an event grows without end."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.pending = 0  # bytes since an event was last complete; whoever takes events resets it

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in bodies.unpacked(self._response):
            self.pending += len(chunk)
            if self.pending > EVENT_BYTES:
                raise BadAnswer("big", f"An event of the stream is larger than {EVENT_BYTES >> 20} MiB.")
            yield chunk
        # Some servers forget the last blank line; without it the last event would be lost.
        yield b"\n\n"


async def server_events(response: httpx.Response) -> AsyncGenerator[ServerEvent, None]:
    """The events of an open answer until it ends or says that it is done.

    Raises:
        BadAnswer: it is no event stream, or holds an event that is no JSON object or too large.
        StatusError: an error the stream carries.
    """
    content_type = response.headers.get("content-type", "")
    if not content_type.startswith("text/event-stream"):
        raise BadAnswer("shape", f"The server answered with {content_type or 'something'} instead of a stream.")
    guarded = _Guarded(response)
    request_id = response.headers.get("x-request-id", "")
    plain = httpx.Response(200, headers={"content-type": "text/event-stream; charset=utf-8"}, stream=guarded)
    async for sent in EventSource(plain).aiter_sse():
        guarded.pending = 0
        if sent.data.startswith(_DONE):
            return
        if sent.data:
            yield _read(sent, request_id)


def _read(sent: ServerSentEvent, request_id: str) -> ServerEvent:
    try:
        data = json.loads(sent.data)
    except (ValueError, RecursionError):
        raise BadAnswer("json", "The stream holds an event that is no JSON.", request_id=request_id) from None
    if not isinstance(data, dict):
        raise BadAnswer("shape", "The stream holds an event that is no object.", request_id=request_id)
    if sent.event == "error" or data.get("error") or data.get("type") == "error":
        raise stream_error(data, request_id=request_id)
    kind = data.get("type")
    # "message" is what an event is called that has no name of its own.
    name = kind if sent.event in ("", "message") and isinstance(kind, str) else sent.event
    return ServerEvent(name, data, sent.id, request_id)
