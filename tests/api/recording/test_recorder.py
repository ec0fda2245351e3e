"""A recording holds what was asked and answered, never a key, and no more than is asked for."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from tui.api.errors import ApiError
from tui.api.operation import Key, Operation
from tui.api.recording.contents import CONTENTS
from tui.api.recording.masking import Masking
from tui.api.recording.recorder import FILE, Recorder, RecordingError

if TYPE_CHECKING:
    from tests.api.conftest import Server
    from tui.api.client import Client

LIST = Operation("listThings", "GET", "/things")
ASK = Operation("ask", "POST", "/asked")
CONTENT = Operation("content", "GET", "/files/{file_id}/content")
KEYS = Operation("listKeys", "GET", "/organization/admin_api_keys", key=Key.ADMIN)


@pytest.fixture
def recorder(client: Client, tmp_path: Path) -> Recorder:
    client.exchanges.recorder = Recorder(tmp_path / "kept")
    return client.exchanges.recorder


def lines(recorder: Recorder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (recorder.folder / FILE).read_text().splitlines()]


async def test_each_exchange_is_a_line_as_it_comes(client: Client, server: Server, recorder: Recorder) -> None:
    server.tell({"data": [{"id": "thing_1", "share": 0.25}]})
    server.tell({"data": [{"id": "thing_1", "share": 0.25}]})
    server.tell({"error": {"message": "Not that."}}, 400)
    server.tell({"id": "made"}, headers={"set-cookie": "session=doors", "x-ratelimit-limit-requests": "5"})
    await client.call(LIST, query={"limit": 2})
    assert len(lines(recorder)) == 2, "it waits for nothing"
    await client.call(LIST, query={"limit": 2})
    with pytest.raises(ApiError):
        await client.call(ASK, body={"a": 1})
    await client.call(ASK, body={"a": 1})
    recorder.close()
    head, first, again, refused, made, end = lines(recorder)
    assert (head["recording"], head["masked"]) == (1, False)
    assert (first["method"], first["path"], first["query"], first["status"]) == ("GET", "/things", "limit=2", 200)
    assert first["answer"] == {"json": {"data": [{"id": "thing_1", "share": 0.25}]}}
    assert first["at"] >= head["began"]
    assert again["answer"] == {"same": first["n"]}
    assert (refused["status"], refused["answer"]["json"]["error"]) == (400, {"message": "Not that."})
    assert made["sent"] == {"json": {"a": 1}}
    assert made["headers"]["x-ratelimit-limit-requests"] == "5"
    assert "cookie" not in json.dumps(made).lower()
    assert "ended" in end
    assert "4 requests recorded" in recorder.describe()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (recorder.folder, recorder.folder / FILE)]
    assert modes == [0o700, 0o600]


async def test_no_key_is_kept_wherever_it_stands(client: Client, server: Server, recorder: Recorder) -> None:
    own, new = client.connection.project_key, "sk-admin-" + "NEWLY" * 8
    assert own
    secret = own.reveal()
    said = {
        "value": new,
        secret: "as a name",
        "note": f"with {secret}\u2028 and Bearer abcdefgh",
        "tools": [
            {"authorization": "Basic doors", "headers": {"Authorization": "doors open", "X-Api-Key": "doors"}}
        ],
        "client_secret": "doors-of-a-session",
        "session": {"client_secret": {"value": "doors", "expires_at": 7}},
        "made": {"object": "organization.project.api_key", "value": "doors of another server"},
    }
    server.tell(said)
    server.tell(body=f"no JSON, but {secret}".encode(), headers={"content-type": "text/plain"}, status=500)
    events = [f'data: {{"type": "a", "text": "{secret[:9]}', f'{secret[9:]}"}}\n\ndata: [DONE]\n\n']
    server.tell(headers={"content-type": "text/event-stream"}, chunks=[each.encode() for each in events])
    await client.call(KEYS, query={"after": secret})
    with pytest.raises(ApiError):
        await client.call(ASK, body={"key": secret, "api_key": "doors"})
    assert [event.name async for event in client.events(ASK, body={})] == ["a", "[DONE]"]
    recorder.close()
    text = (recorder.folder / FILE).read_text()
    assert not [part for part in (secret, secret[:14], new, "abcdefgh", "doors") if part in text], text
    stream = next(line for line in lines(recorder) if line.get("answer") == {"stream": True})
    told = [line["text"] for line in lines(recorder) if line.get("of") == stream["n"] and "text" in line]
    assert len(told) == 2
    assert told[1] == "data: [DONE]\n\n"


async def test_transfers_are_kept_by_size_and_hash(
    client: Client, server: Server, recorder: Recorder, tmp_path: Path
) -> None:
    content = b"some content\n" * 100
    (source := tmp_path / "up.jsonl").write_bytes(content)
    server.tell({"id": "file-1", "purpose": "batch", "bytes": len(content)})
    server.tell(body=content, headers={"content-type": "application/octet-stream"})
    await client.upload(source, "batch")
    await client.download(CONTENT, {"file_id": "file-1"}, tmp_path / "down")
    known = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    _, up, down = lines(recorder)
    assert up["sent"] == {"fields": {"purpose": ["batch"]}, "files": {"file": {"name": "up.jsonl", **known}}}
    assert down["answer"] == known
    client.exchanges.recorder = Recorder(tmp_path / "whole", contents=True)
    await client.download(CONTENT, {"file_id": "file-1"}, tmp_path / "again")
    assert (tmp_path / "whole" / CONTENTS / "1").read_bytes() == content


async def test_contents_are_masked_when_that_is_asked_for(client: Client, server: Server, tmp_path: Path) -> None:
    said = {
        "id": "user-abcdef0123456789",
        "object": "organization.user",
        "name": "Xyzzy Plugh",
        "email": "xyzzy@quux.example",
        "status": "active",
        "metadata": {"xyzzy": "plugh"},
        "model": "ft:gpt-5-mini:xyzzy:plugh:A1b2",
        "filename": "xyzzy.jsonl",
        "count": 7,
        "output": [{"type": "text", "text": "plugh and xyzzy"}],
    }
    server.tell({"data": [said, said]})
    server.tell({"error": {"message": "No plugh.", "code": "bad"}}, 400)
    event = {"type": "delta", "delta": "xyzzy"}
    server.tell(headers={"content-type": "text/event-stream"}, body=f"data: {json.dumps(event)}\n\n".encode())
    recorder = client.exchanges.recorder = Recorder(tmp_path / "kept", masking=Masking(contents=True))
    asked = {"email": "xyzzy@quux.example", "user_id": said["id"], "model": said["model"], "metadata[xyzzy]": "a"}
    await client.call(LIST, query={"limit": 2, **asked})
    with pytest.raises(ApiError):
        await client.call(ASK, body={"model": "gpt-5", "input": "plugh?"})
    assert [each async for each in client.events(ASK, body={})]
    recorder.close()
    text = (recorder.folder / FILE).read_text()
    assert not [word for word in ("yzzy", "lugh", "quux", "abcdef0123456789", "127.0.0.1") if word in text], text
    _, listed, refused, *_ = lines(recorder)
    one, other = listed["answer"]["json"]["data"]
    assert one == other, "what was the same is the same"
    assert (one["object"], one["status"], one["count"]) == ("organization.user", "active", 7)
    assert one["filename"].endswith(".jsonl")
    assert listed["query"].startswith("limit=2&")
    query = dict(parse_qsl(listed["query"]))
    assert (query["user_id"], query["model"]) == (one["id"], one["model"]), "the same is called so everywhere"
    assert f"metadata[{next(iter(one['metadata']))}]" in query
    assert (refused["sent"]["json"]["model"], refused["answer"]["json"]["error"]["code"]) == ("gpt-5", "bad")


async def test_it_ends_in_words_where_there_is_no_room(client: Client, server: Server, tmp_path: Path) -> None:
    server.tell({"data": ["x" * 3000]})
    told: list[str] = []
    recorder = client.exchanges.recorder = Recorder(tmp_path / "kept", most=5000)
    recorder.ended = told.append
    for _ in range(3):
        await client.call(LIST)
        await client.call(ASK, body={"much": "y" * 900})
    assert not recorder.is_open
    assert told == [recorder.fault]
    assert "5.0 kB. It ends here; what came before is kept." in told[0]
    assert all(lines(recorder)), "its lines are whole"


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    Recorder(tmp_path / "a" / "b").close()
    assert not (tmp_path / "a" / "b").exists(), "nothing was asked"
    Recorder(tmp_path / "a" / "b")
    with pytest.raises(RecordingError, match="holds a recording already: name another folder"):
        Recorder(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    for odd in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(RecordingError, match="is no folder: name another"):
            Recorder(odd)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
async def test_a_full_disk_ends_it_and_nothing_else(
    client: Client, server: Server, recorder: Recorder, tmp_path: Path
) -> None:
    server.tell({"data": []})
    with Path("/dev/full").open("wb", 0) as full:
        vars(recorder)["_file"] = full
        assert await client.call(LIST) == {"data": []}
    assert "cannot be written (No space left on device). It ends here" in recorder.fault
    assert await client.call(LIST) == {"data": []}


async def test_no_content_is_kept_in_part(client: Client, server: Server, tmp_path: Path) -> None:
    server.tell(body=b"x" * 900_000, headers={"content-type": "application/octet-stream"})
    recorder = client.exchanges.recorder = Recorder(tmp_path / "kept", contents=True, most=500_000)
    await client.download(CONTENT, {"file_id": "file-1"}, tmp_path / "down")
    assert (tmp_path / "down").stat().st_size == 900_000
    assert "It ends here" in recorder.fault
    assert not list((tmp_path / "kept" / CONTENTS).iterdir())


@pytest.mark.parametrize(("start", "kept"), [(6, b"abcdefghij"), (4, b"abcdghij"), (8, None)])
async def test_a_content_that_was_cut_is_kept_once_it_has_gone_on_to_its_end(
    tmp_path: Path, start: int, kept: bytes | None
) -> None:
    recorder = Recorder(tmp_path / "kept", contents=True)

    async def take(status: int, headers: dict[str, str], chunk: bytes, error: str) -> None:
        taking = await recorder.begin("http://x/v1", "GET", "/y", content=None, form=None, transfer=True)
        assert taking
        taking.open(0.0, status, headers)
        taking.hear(chunk)
        taking.end(0.0, status, headers, error)

    await take(200, {}, b"abcdef", "The link was cut.")
    assert "content" not in lines(recorder)[-1]["answer"], "a part is no content"
    await take(206, {"content-range": f"bytes {start}-9/10"}, b"ghij", "")
    assert lines(recorder)[-1]["answer"].get("content") == (f"{CONTENTS}/2" if kept else None)
    await take(200, {}, b"abc", "The link was cut.")
    recorder.close()
    found = [path.read_bytes() for path in (tmp_path / "kept" / CONTENTS).iterdir()]
    assert found == ([kept] if kept else []), "what was cut for good is not kept"


async def test_of_a_body_too_large_to_keep_size_and_hash_are(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.api.recording.recorder._KEPT_BODY", 10)
    taking = await recorder.begin("http://x/v1", "GET", "/y", content=None, form=None, transfer=False)
    assert taking
    taking.open(0.0, 200, {})
    for chunk in (b"0123456", b"789abcd", b"efghijk"):
        taking.hear(chunk)
    taking.end(0.0, 200, {}, "")
    digest = hashlib.sha256(b"0123456789abcdefghijk").hexdigest()
    assert lines(recorder)[-1]["answer"] == {"bytes": 21, "sha256": digest}
