"""Server-sent events, as the platform sends them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from httpx_sse import EventSource, ServerSentEvent

from tui.api import bodies
from tui.api.errors import BadAnswer
from tui.api.redaction import hide_echoes, redact
from tui.api.refusals import is_error, make_implied_error, read_refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from tui.api.errors import ApiError

EVENT_BYTES = 8 << 20  # the most one event may hold
DONE = "[DONE]"
UNREADABLE = "unreadable"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name (the payload's `type` where the event has none) and its JSON payload."""

    name: str
    data: dict[str, Any]
    id: str = ""
    request_id: str = field(default="", compare=False)  # the server's, of the answer it came in


class _BoundedBody(httpx.AsyncByteStream):
    """An answer's body, unpacked, that ends when an event grows without end."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.pending = 0  # bytes since an event was last complete; whoever takes events resets it

    async def __aiter__(self) -> AsyncIterator[bytes]:
        head: bytes | None = b""  # of the body, as long as it may be a byte order mark
        async for chunk in bodies.unpack(self._response):
            if head is not None:
                head += chunk
                if head != _BOM and _BOM.startswith(head):
                    continue
                chunk, head = head.removeprefix(_BOM), None
            self.pending += len(chunk)
            if self.pending > EVENT_BYTES:
                raise BadAnswer("big", f"An event of the stream is larger than {EVENT_BYTES >> 20} MiB.")
            yield chunk
        # Some servers forget the last blank line; without it the last event would be lost.
        yield b"\n\n"


async def read_server_events(response: httpx.Response) -> AsyncGenerator[ServerEvent, None]:
    """Yield the events of an open answer until it ends or says that it is done, which is an event `DONE`, too.

    An event that is no JSON object is one named `UNREADABLE`, with what was `sent` instead.

    Raises:
        BadAnswer: it is no event stream, or holds no event that is a JSON object, or one that is too large.
        StatusError: an error the stream carries.
    """
    content_type = response.headers.get("content-type", "").strip().lower()
    if not content_type.startswith("text/event-stream"):
        raise await _not_a_stream(response, content_type)
    guarded = _BoundedBody(response)
    request_id = bodies.read_request_id(response)
    plain = httpx.Response(200, headers={"content-type": "text/event-stream; charset=utf-8"}, stream=guarded)
    unreadable, any_readable, is_done = "", False, False
    async for sent in EventSource(plain).aiter_sse():
        guarded.pending = 0
        if is_done := sent.data.lstrip(' "').startswith(DONE):
            break
        if (sent.data or sent.event == "error") and (event := _read(sent, request_id)):
            if event.name == UNREADABLE:
                unreadable = unreadable or sent.data
            else:
                any_readable = True
            yield event
    if unreadable and not any_readable:
        # Where nothing else came, that is the answer, and says what is wrong.
        data = _read_json(unreadable)
        words = f": {data}" if isinstance(data, str) else "."
        raise BadAnswer("shape", f"The stream holds something that is no event{words}", request_id=request_id)
    if is_done:
        yield ServerEvent(DONE, {"type": DONE}, request_id=request_id)


async def _not_a_stream(response: httpx.Response, content_type: str) -> ApiError:
    """Return the error for an answer that is no event stream: the one it tells of, where it does."""
    text = (await bodies.read(response, bodies.ERROR_BYTES)).decode(errors="replace")
    body = _read_json(text)
    if is_error(body, reading=True):
        return make_implied_error(body, request_id=bodies.read_request_id(response))
    words = read_refusal(text).message if content_type.startswith("text/") else ""
    what = f"The server answered with {content_type or 'something'} instead of a stream"
    return BadAnswer(
        "shape", f"{what}: {words}" if words else f"{what}.", request_id=bodies.read_request_id(response)
    )


def _read(sent: ServerSentEvent, request_id: str) -> ServerEvent | None:
    """Read an event; None for an empty one. Raises ApiError for an error."""
    data = _read_json(sent.data)
    if isinstance(data, dict) and data.get("event") == "error":
        data = data.get("data", data)  # an event inside an event
        raise make_implied_error(data, request_id=request_id)
    if sent.event == "error" or _tells_error(data, named=sent.event not in ("", "message")):
        raise make_implied_error(data, request_id=request_id)
    if data is None:
        return None
    if not isinstance(data, dict):
        return ServerEvent(UNREADABLE, {"type": UNREADABLE, "sent": redact(sent.data)}, sent.id, request_id)
    kind = data.get("type")
    # "message" is what an event is called that has no name of its own.
    name = kind if sent.event in ("", "message") and isinstance(kind, str) else sent.event
    return ServerEvent(name, data, sent.id, request_id)


def _tells_error(data: Any, *, named: bool) -> bool:
    """Return whether an event tells of an error. Only one that is not `named` may be nothing but a message."""
    if isinstance(data, list):
        return any(_tells_error(each, named=named) for each in data)
    if not isinstance(data, dict):
        return False
    if data.get("type") == "error":
        return True
    # A piece of an answer has an id, and no error but that of the stream; whole objects have their own.
    piece = str(data.get("object") or "").endswith((".chunk", "text_completion")) or not data.get("object")
    return bool(piece and data.get("error")) or is_error(data, reading=not named)


def _read_json(text: str) -> Any:
    """Return a payload as JSON, or the text itself, without the keys in use."""
    text = hide_echoes(text.encode(errors="replace")).decode(errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
