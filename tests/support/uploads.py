"""The platform's side of an upload in parts, in memory."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Uploads:
    """The platform's side of an upload in parts."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.begun = 0
        self.fail: dict[int, httpx.Response | Exception] = {}
        self.done: bytes | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1")
        self.asked.append(path)
        if path == "/uploads":
            self.begun += 1
            return httpx.Response(200, json={"id": f"upload_{self.begun}"})
        if path.endswith("/parts"):
            fault = self.fail.pop(len(self.asked), None)
            if isinstance(fault, Exception):
                raise fault
            if fault is not None:
                return fault
            id_ = f"part_{len(self.asked)}"
            boundary = request.headers["content-type"].partition("boundary=")[2].encode()
            content = request.content.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n--" + boundary + b"--\r\n")
            self.parts[id_] = content
            return httpx.Response(200, json={"id": id_})
        if path.endswith("/complete"):
            self.done = b"".join(self.parts[id_] for id_ in json.loads(request.content)["part_ids"])
            return httpx.Response(200, json={"id": "upload_1", "file": {"id": "file-9"}})
        return httpx.Response(200, json={"id": "upload_1", "status": "cancelled"})

    @property
    def transport(self) -> httpx.MockTransport:
        """This as what a client sends through; answers come as from a network."""

        async def answer(request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(0)
            whole = self(request)
            return httpx.Response(whole.status_code, headers=whole.headers, stream=_Stream(whole.content))

        return httpx.MockTransport(answer)


class _Stream(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
