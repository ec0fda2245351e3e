"""The sandbox's faults on the way to a platform in this process: no socket, and no time that passes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx

from tui.sandbox.serving.faults import Faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Message, Receive, Scope, Send

_END = {"type": "http.response.body", "body": b"", "more_body": False}


class FaultyPlatform(httpx.AsyncBaseTransport):
    """Answers every request with `answer`, as JSON, and befalls it with the faults of `spec`.

    `arrived` are the requests that came, as method and path. As over a network a body comes in pieces, silence
    lasts as long as the client bears it, and what hangs up may have done its work before.
    """

    def __init__(self) -> None:
        self.answer: Any = {}
        self.arrived: list[str] = []
        self.done = 0
        """How many requests the platform itself has worked on."""
        self._faults = Faults()

    def befall(self, spec: str) -> None:
        """Make these faults from now on, and forget what has arrived."""
        self._faults = Faults(spec)
        self.arrived.clear()
        self.done = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request. Raises what httpx raises for a network that fails."""
        path = request.url.path.removeprefix("/v1")
        self.arrived.append(f"{request.method} {path}")
        said: asyncio.Queue[Message | None] = asyncio.Queue()
        gone = asyncio.Event()
        scope = {
            "type": "http",
            "method": request.method,
            "path": request.url.path,
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "state": {"hang_up": lambda soft: said.put_nowait(None)},
        }

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.put_nowait(message)

        app = self._faults.around(self._work, request.method, path)
        work = asyncio.ensure_future(app(scope, receive, send))
        patience = request.extensions["timeout"]["read"]

        async def hear() -> Message:
            """Return the next the server says. Raises httpx.ReadTimeout and httpx.RemoteProtocolError."""
            await asyncio.sleep(0)  # what is not silent has said something by then
            try:
                message = said.get_nowait() if not said.empty() else await asyncio.wait_for(said.get(), patience)
            except TimeoutError:
                raise httpx.ReadTimeout("silence") from None
            if message is None:
                raise httpx.RemoteProtocolError("peer closed connection")
            return message

        async def leave() -> None:
            gone.set()
            if not work.done():
                await asyncio.wait([work])

        class Body(httpx.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                while True:
                    message = await hear()
                    if message.get("body"):
                        yield message["body"]
                    if not message.get("more_body"):
                        return

            async def aclose(self) -> None:
                await leave()

        try:
            head = await hear()
        except BaseException:
            await leave()
            raise
        return httpx.Response(head["status"], headers=head["headers"], stream=Body())

    async def _work(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        self.done += 1
        body = json.dumps(self.answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({**_END, "body": body})
