"""A loopback server that answers as a test tells it, byte by byte where it matters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.log.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

PROJECT_KEY = "sk-proj-" + "TESTONLY" * 4
ADMIN_KEY = "sk-admin-" + "TESTONLY" * 4


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What to answer. `cut` closes after so many bytes of the body; `pause` waits for an event before the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    cut: int | None = None
    pause: asyncio.Event | None = None
    chunks: list[bytes] | None = None


class Server:
    """Answers each request with the next of `script`, and with the last one from then on. None hangs up."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: list[Callable[[Asked], Answer] | Answer | None] = []
        self.port = 0

    def tell(
        self,
        value: Any = None,
        status: int = 200,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        cut: int | None = None,
        pause: asyncio.Event | None = None,
        chunks: list[bytes] | None = None,
    ) -> None:
        """Add an answer: `value` as JSON, or a `body` as it is."""
        said = json.dumps(value if value is not None else {}).encode() if body is None else body
        self.script.append(
            Answer(status, said, {"content-type": "application/json", **(headers or {})}, cut, pause, chunks)
        )

    def tell_by(self, make: Callable[[Asked], Any]) -> None:
        """Add an answer made from the request, as JSON."""
        self.script.append(lambda asked: Answer(body=json.dumps(make(asked)).encode()))

    def hang_up(self) -> None:
        """Add that the connection ends without an answer."""
        self.script.append(None)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await self._read(reader):
                self.asked.append(asked)
                told = self.script.pop(0) if len(self.script) > 1 else (self.script or [Answer()])[0]
                answer = told(asked) if callable(told) else told
                if answer is None or not await self._write(writer, answer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Asked | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int((await reader.readline()).strip(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        elif "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"]))
        return Asked(method, target, headers, body)

    async def _write(self, writer: asyncio.StreamWriter, answer: Answer) -> bool:
        headers = dict(answer.headers)
        body = answer.body if answer.chunks is None else b"".join(answer.chunks)
        if answer.cut == -1:  # no length: only the end of the connection tells the end
            headers["connection"] = "close"
        else:
            headers.setdefault("content-length", str(len(body)))
        head = f"HTTP/1.1 {answer.status} Said\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n"
        writer.write(head.encode("latin-1"))
        await writer.drain()
        if answer.pause:
            await answer.pause.wait()
        for chunk in answer.chunks or [body[: answer.cut] if answer.cut not in (None, -1) else body]:
            writer.write(chunk)
            await writer.drain()
        return answer.cut is None


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A loopback server, and the end of it."""
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, limit=1 << 22)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()


@pytest.fixture
def connection(server: Server) -> Connection:
    """How to reach the server, with both keys."""
    return Connection(base_url=server.base_url, project_key=Secret(PROJECT_KEY), admin_key=Secret(ADMIN_KEY))


@pytest.fixture
async def client(connection: Connection, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of the server, whose journal is in the test's directory."""
    made = Client(connection, journal=Journal("default", tmp_path / "state"))
    yield made
    await made.aclose()


MakeClient = Callable[..., Client]


@pytest.fixture
async def client_of() -> AsyncIterator[MakeClient]:
    """Make a client whose network is a function from request to response."""
    made: list[Client] = []

    class Chunks(httpx.AsyncByteStream):
        """A body as a network gives it: not yet read."""

        def __init__(self, content: bytes) -> None:
            self.content = content

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self.content

    def make(handler: Callable[[httpx.Request], httpx.Response], **settings: Any) -> Client:
        def answer(request: httpx.Request) -> httpx.Response:
            whole = handler(request)
            return httpx.Response(whole.status_code, headers=whole.headers, stream=Chunks(whole.content))

        chosen = {"base_url": "http://127.0.0.1:1/v1", "project_key": Secret(PROJECT_KEY), **settings}
        made.append(Client(Connection(**chosen), transport=httpx.MockTransport(answer)))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Make back-off take no time; gives the waits that would have been."""
    waits: list[float] = []
    real: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real(0)

    monkeypatch.setattr("tui.api.wire.asyncio.sleep", sleep)
    return waits
