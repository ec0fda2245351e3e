"""A replay over HTTP: streams with their pauses, transfers, forms, and sentences for what was not recorded."""

from __future__ import annotations

import asyncio
import hashlib
import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import virtual
from tui.sandbox.recordings import FILE, Recording, ReplayClock
from tui.sandbox.serving.replay import Replay

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"some content\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
JSON = {"content-type": "application/json", "content-length": "999", "x-request-id": "req_1"}
STREAM = {"content-type": "text/event-stream"}
OWN = {"bytes": len(CONTENT), "sha256": SHA256}
BEGAN = 1_790_000_000.0
AHEAD = 40.0  # seconds of the server's clock


def exchange(number: int, at: float, path: str, answer: Any, **more: Any) -> dict[str, Any]:
    line = {"n": number, "at": BEGAN + at, "took": 0.5, "method": "GET", "path": path, "query": "", "status": 200}
    return {**line, "headers": JSON, **({"answer": answer} if answer else {}), **more}


def write(folder: Path) -> Path:
    """A recording of one of each."""
    date = "Mon, 21 Sep 2026 14:14:00 GMT"  # 40 s after it began, and told half a second after it was asked
    form = {"fields": {"purpose": ["batch"]}, "files": {"file": {"name": "a.jsonl", **OWN}}}
    lines = [
        {"recording": 1, "program": "o9s 1.0", "began": BEGAN, "masked": False},
        exchange(1, -0.5, "/files", {"json": {"é": 1}}, headers={**JSON, "date": date}),
        exchange(2, 2.0, "/chat", {"stream": True}, method="POST", sent={"json": {"a": 1}}, headers=STREAM),
        *({"of": 2, "at": BEGAN + at, "text": f"data: {at}\n\n"} for at in (3.0, 13.0, 14.0)),
        {"of": 2, "at": BEGAN + 14.0, "end": ""},
        exchange(3, 3.0, "/files", {"json": {"id": "file-1"}}, method="POST", sent=form),
        exchange(4, 4.0, "/files/file-1/content", OWN, headers={}, took=0.0),
        exchange(5, 5.0, "/files/file-2/content", OWN, headers={}),
        exchange(
            8, 5.0, "/files/file-3/content", OWN, headers={"content-range": "bytes 5-12/13"}, status=206, took=0
        ),
        exchange(6, 6.0, "/gone", {"json": {"error": {"message": "No."}}}, status=404),
        exchange(7, 7.0, "/a%20b", {"text": "plain"}, headers={"content-type": "text/plain"}),
        {"ended": BEGAN + 60.0},
    ]
    (folder / "contents").mkdir()
    for number in ("4", "8"):
        (folder / "contents" / number).write_bytes(CONTENT)
    (folder / FILE).write_text("\n".join(map(json.dumps, lines)) + "\n")
    return folder


def test_what_was_recorded_is_answered_and_nothing_else(tmp_path: Path) -> None:
    recording = Recording(write(tmp_path))
    assert not recording.notes
    assert recording.ahead == AHEAD

    async def ask(loop: virtual.VirtualLoop) -> None:
        clock = ReplayClock(recording.began, recording.ended, speed=2.0, clock=loop.time)
        replay = Replay(recording, clock)
        transport = httpx.ASGITransport(replay)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1/v1") as http:

            async def refused(method: str, path: str, **sent: Any) -> tuple[int, str]:
                answer = await http.request(method, path, **sent)
                error = answer.json()["error"]
                assert error["code"] == "not_recorded"
                return answer.status_code, error["message"]

            listed = await http.get("/files")
            assert (listed.json(), listed.headers["x-request-id"]) == ({"é": 1}, "req_1")
            told = parsedate_to_datetime(listed.headers["date"]).timestamp()
            assert abs(told - clock.now() - AHEAD) <= 1, "the server's clock goes on as it went"
            before = loop.time()
            streamed = await http.post("/chat", json={"a": 1})
            assert streamed.text == "data: 3.0\n\ndata: 13.0\n\ndata: 14.0\n\n"
            assert loop.time() - before == 6.0, "the pauses between events, twice as fast"
            replay.obey("pause")
            paused, waiting = clock.now(), asyncio.ensure_future(http.post("/chat", json={"a": 1}))
            assert (await http.get("/files")).status_code == 200, "lists are answered while time stands still"
            await asyncio.sleep(100)
            assert (clock.now(), waiting.done()) == (paused, False)
            replay.obey("speed 20")
            assert clock.now() == paused
            replay.obey("go on")
            at = loop.time()
            assert (await waiting).text == streamed.text
            assert abs(clock.now() - paused - 20 * (loop.time() - at)) < 0.001
            replay.obey("speed 2")
            made = await http.post("/files", data={"purpose": "batch"}, files={"file": ("a.jsonl", CONTENT)})
            assert made.json() == {"id": "file-1"}
            assert (await http.get("/gone")).status_code == 404
            assert (await http.get("/a%20b")).text == "plain"
            assert "o9s record --contents keeps it" in (await refused("GET", "/files/file-2/content"))[1]
            assert await refused("GET", "/files", params={"limit": 9}) == (
                404,
                "/files?limit=9 was not asked for while it was made.",
            )
            assert await refused("POST", "/chat", json={"a": 2}) == (
                400,
                "POST /chat with this body was not sent while it was made, so nothing answers it.",
            )
            assert "DELETE /files/file-1 was not sent" in (await refused("DELETE", "/files/file-1"))[1]
            (tmp_path / FILE).unlink()
            answer = await http.get("/files")
            assert (answer.status_code, "cannot be read any more" in answer.text) == (500, True)
            stranger = await http.get("/files", headers={"host": "example.com"})
            assert stranger.status_code == 421

    async def download() -> bytes:
        replay = Replay(recording, ReplayClock(recording.began, recording.ended))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(replay), base_url="http://127.0.0.1:1/v1"
        ) as http:
            ended_by_a_part = await http.get("/files/file-3/content")
            assert (ended_by_a_part.status_code, ended_by_a_part.content) == (200, CONTENT)
            assert "content-range" not in ended_by_a_part.headers
            return (await http.get("/files/file-1/content")).content

    assert asyncio.run(download()) == CONTENT  # files are read in threads
    virtual.run(ask)
