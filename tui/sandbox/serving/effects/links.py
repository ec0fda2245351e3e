"""Faults of the connection: slow, silent, cut."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.sandbox.serving.effects.effect import Effect, read_seconds, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def _latency(value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(read_seconds(value))
    await app(scope, receive, send)


async def _drip(value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    head, body = await record(app, scope, receive)
    await send(head)
    size = len(body) // 16 + 1
    for start in range(0, len(body), size):
        await asyncio.sleep(read_seconds(value))
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
    await send({"type": "http.response.body"})


async def _stall(_value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    head, body = await record(app, scope, receive)
    await send(head)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _wait_for_the_end(receive)


async def _hang(_value: str, _app: ASGIApp, _scope: Scope, receive: Receive, _send: Send) -> None:
    await _wait_for_the_end(receive)


async def _hang_after(_value: str, app: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    await record(app, scope, receive)
    await _wait_for_the_end(receive)


async def _cut(_value: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    head, body = await record(app, scope, receive)
    await send(head)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _hang_up(scope, soft=True)


async def _drop(_value: str, _app: ASGIApp, scope: Scope, _receive: Receive, _send: Send) -> None:
    await _hang_up(scope)


async def _drop_after(_value: str, app: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    async def into_the_void(_message: Message) -> None: ...

    await app(scope, receive, into_the_void)
    await _hang_up(scope)


async def _wait_for_the_end(receive: Receive) -> None:
    """Wait until the client hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang_up(scope: Scope, *, soft: bool = False) -> None:
    """Close the client's connection: once what was sent is out (soft), or at once."""
    scope["state"]["hang_up"](soft)
    await asyncio.sleep(0.01)  # lets the server notice, or it would still try to answer


LINKS: Mapping[str, Effect] = {
    "latency": Effect(_latency, "latency=300ms", "wait before each answer (ms or s)", check=read_seconds),
    "drip": Effect(_drip, "drip=50ms", "send the body in 16 pieces, waiting before each", check=read_seconds),
    "stall": Effect(_stall, "stall", "send half of the body, then nothing more until the client hangs up"),
    "hang": Effect(_hang, "hang", "never answer", final=True),
    "hang-after": Effect(_hang_after, "hang-after", "do what is asked, and never answer"),
    "cut": Effect(_cut, "cut", "promise the whole body, send half of it and hang up"),
    "drop": Effect(_drop, "drop", "hang up without reading the request", final=True),
    "drop-after": Effect(_drop_after, "drop-after", "do what is asked, then hang up without an answer"),
}
