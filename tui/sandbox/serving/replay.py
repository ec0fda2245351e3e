"""A recording as an ASGI application: what was asked is answered as it was, at its time; nothing else is."""

from __future__ import annotations

import asyncio
import hashlib
import json
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response, StreamingResponse

from tui.sandbox.protocol import Problem, json_response
from tui.sandbox.serving.asgi import is_local
from tui.sandbox.serving.reading import media_type, read_json
from tui.sandbox.strict_json import parse_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from tui.sandbox.recordings import Answered, Recording, ReplayClock
    from tui.sandbox.world import JSON

_LONGEST = 300.0  # seconds that an answer is waited for, however long it took
_OWN_HEADERS = ("date", "content-length", "content-encoding", "transfer-encoding", "connection")
_DRAINED = 1 << 16
_NOT_RECORDED = "not_recorded"


class Replay:
    """The ASGI application. `/_sandbox/clock` moves its time on, for tests."""

    def __init__(self, recording: Recording, clock: ReplayClock) -> None:
        self._recording = recording
        self._clock = clock
        self._going = asyncio.Event()
        """Set while time is not paused: streams wait for it."""
        self._going.set()

    def obey(self, words: str) -> None:
        """Do what the program that started it says: `pause`, `go on`, or `speed` with a number."""
        verb, _, rest = words.partition(" ")
        if verb == "pause":
            self._clock.pause()
            self._going.clear()
        elif verb == "go":
            self._clock.go_on()
            self._going.set()
        elif verb == "speed":
            self._clock.set_speed(float(rest))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response: Response | None
        try:
            if not is_local(request.headers.get("host", "")) or "origin" in request.headers:
                raise Problem("The replay answers local programs only.", status=421)
            if scope["path"] == "/_sandbox/clock":
                response = await self._shift_clock(request)
            else:
                response = await self._answer(request)
        except Problem as problem:
            response = problem.response()
            response.headers["date"] = self._tell_time()
        except ClientDisconnect:
            return
        except OSError as error:
            words = f"The recording in {self._recording.folder} cannot be read any more: {error.strerror}."
            response = Problem(words, status=500, type="server_error").response()
        if response is None:
            scope["state"]["hang_up"](False)
            return
        await response(scope, receive, send)

    async def _shift_clock(self, request: Request) -> Response:
        shift = await read_json(request)
        self._clock.advance(float(shift["advance"]))
        return json_response(json.dumps({"now": self._clock.now()}))

    async def _answer(self, request: Request) -> Response | None:
        """Return what was answered, when it is due; None where there was no answer. Raises `Problem`."""
        self._clock.start()
        asked = self._clock.now()
        path, query = request.scope["path"].removeprefix("/v1"), request.scope["query_string"].decode("latin-1")
        sent = await _read_sent(request)
        method = "GET" if request.method == "HEAD" else request.method
        answered = self._recording.find(method, path, query, sent, asked)
        if answered is None:
            raise self._refuse(method, path, query)
        await self._wait(answered.took)
        line = self._recording.read(answered)
        if line["status"] is None:
            return None
        headers = {name: value for name, value in line["headers"].items() if name.lower() not in _OWN_HEADERS}
        headers["date"] = self._tell_time()
        body = line.get("answer") or {}
        if "same" in body:
            message = "It lacks this answer, which is that of a damaged line."
            raise Problem(message, status=404, code=_NOT_RECORDED)
        if "stream" in body:
            return StreamingResponse(self._send_events(answered), line["status"], headers)
        if "sha256" in body:
            return self._give_content(answered, headers)
        return Response(_encode(body), line["status"], headers)

    def _tell_time(self) -> str:
        """Return what the server's clock would have said."""
        return formatdate(self._clock.now() + self._recording.ahead, usegmt=True)

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(min(max(0.0, seconds) / self._clock.speed, _LONGEST))

    async def _send_events(self, answered: Answered) -> AsyncIterator[bytes]:
        """Yield the events of a stream with the time between them that there was."""
        before = answered.at + answered.took
        for at, offset in answered.events:
            await self._wait(at - before)
            await self._going.wait()
            before = at
            yield str(self._recording.read_line(offset).get("text", "")).encode()

    def _give_content(self, answered: Answered, headers: dict[str, str]) -> Response:
        """Return the content of a transfer. Raises `Problem` where it was not kept."""
        path = self._recording.folder / "contents" / str(answered.number)
        if path.is_symlink() or not path.is_file():
            message = "It holds size and SHA-256 of this content, not the content: o9s record --contents keeps it."
            raise Problem(message, status=404, code=_NOT_RECORDED)
        headers = {name: value for name, value in headers.items() if name.lower() != "content-range"}
        return FileResponse(path, headers=headers)  # all of it, also where its end was brought by a part

    def _refuse(self, method: str, path: str, query: str) -> Problem:
        """Return the error for what was not asked while the recording was made."""
        if method != "GET":
            body = " with this body" if self._recording.was_sent(method, path) else ""
            message = f"{method} {path}{body} was not sent while it was made, so nothing answers it."
            return Problem(message, code=_NOT_RECORDED)
        target = f"{path}?{query}" if query else path
        message = f"{target} was not asked for while it was made."
        return Problem(message, status=404, code=_NOT_RECORDED)


async def _read_sent(request: Request) -> JSON | None:
    """Return what a recording would keep of the body of a request."""
    if media_type(request) == "multipart/form-data":
        form = await request.form()
        fields: dict[str, list[str]] = {}
        files: JSON = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = await _describe(value)
            else:
                fields.setdefault(name, []).append(value)
        return {"fields": fields, "files": files}
    body = await request.body()
    if not body:
        return None
    try:
        return {"json": parse_json(body)}
    except ValueError:
        return {"text": body.decode(errors="replace")}


async def _describe(file: UploadFile) -> JSON:
    digest, size = hashlib.sha256(), 0
    while chunk := await file.read(_DRAINED):
        digest.update(chunk)
        size += len(chunk)
    return {"name": file.filename, "bytes": size, "sha256": digest.hexdigest()}


def _encode(body: JSON) -> bytes:
    """Return the body of an answer."""
    if "json" in body:
        return json.dumps(body["json"], ensure_ascii=False).encode(errors="replace")
    return str(body.get("text", "")).encode(errors="replace")
