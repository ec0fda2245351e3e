"""Files up and down: whole or absent here, as they were there."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import stat
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest

from tests.api.conftest import Answer
from tests.support.uploads import Uploads
from tui.api.errors import (
    ApiError,
    BadAnswer,
    BadRequest,
    LinkError,
    LocalFileError,
    NotFound,
    OutcomeUnknown,
    Redirected,
    ServerError,
)
from tui.api.operation import Operation
from tui.api.transfers import receiving
from tui.api.transfers import sending as transfers
from tui.api.transfers.receiving import Part
from tui.resources.files import PartsPurpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.api.conftest import Asked, MakeClient, Server
    from tui.api.client import Client

CONTENT = Operation("downloadFile", "GET", "/files/{file_id}/content")
SPEECH = Operation("createTranscription", "POST", "/audio/transcriptions", multipart=True)
FILE = {"file_id": "file-1"}
BODY = os.urandom(300_000)


def parts_of(asked: Asked) -> dict[str, tuple[str | None, str | None, bytes]]:
    """The parts of a multipart request: file name, type and content by field."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    parts: dict[str, tuple[str | None, str | None, bytes]] = {}
    for part in BytesParser().parsebytes(head + asked.body).get_payload():
        assert not isinstance(part, str)
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        parts[str(name)] = (part.get_filename(), part.get("content-type"), content)
    return parts


# Down


async def test_a_download_is_the_same_bytes_in_a_private_file(
    client: Client, server: Server, tmp_path: Path
) -> None:
    server.tell(body=BODY)
    heard: list[tuple[int, int | None]] = []
    target = tmp_path / "out.jsonl"
    saved = await client.download(
        CONTENT, FILE, target, expected=len(BODY), progress=lambda done, total: heard.append((done, total))
    )
    assert saved == target
    assert target.read_bytes() == BODY
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.glob("out*")) == [target]
    assert heard[-1] == (len(BODY), len(BODY))
    assert heard == sorted(heard)
    assert server.asked[0].target == "/v1/files/file-1/content"


async def test_an_empty_file_is_a_file(client: Client, server: Server, tmp_path: Path) -> None:
    server.tell(body=b"")
    await client.download(CONTENT, FILE, tmp_path / "out", expected=0)
    assert (tmp_path / "out").read_bytes() == b""


@pytest.mark.parametrize("cut", [0, 1, 1000, len(BODY) - 1])
async def test_a_download_that_is_cut_leaves_nothing(
    client: Client, server: Server, tmp_path: Path, cut: int
) -> None:
    server.tell(body=BODY, cut=cut)
    with pytest.raises(LinkError, match="cut before the end"):
        await client.download(CONTENT, FILE, tmp_path / "out")
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("expected", [len(BODY) - 1, len(BODY) + 1])
async def test_a_download_of_another_size_leaves_nothing(
    client: Client, server: Server, tmp_path: Path, expected: int
) -> None:
    server.tell(body=BODY, cut=-1)
    with pytest.raises(BadAnswer, match=f"The file is {expected} bytes"):
        await client.download(CONTENT, FILE, tmp_path / "out", expected=expected)
    assert not list(tmp_path.glob("out*"))


async def test_a_download_without_end_is_left_at_the_expected_size(
    client: Client, server: Server, tmp_path: Path
) -> None:
    server.tell(chunks=[b"x" * 1000] * 30_000, cut=-1)
    with pytest.raises(BadAnswer, match="but more came"):
        await client.download(CONTENT, FILE, tmp_path / "out", expected=1000)
    assert [exchange.bytes_in < 10_000_000 for exchange in client.exchanges] == [True], "it was all received"


async def test_a_refused_download_leaves_nothing(client: Client, server: Server, tmp_path: Path) -> None:
    server.tell({"error": {"message": "gone"}}, 404)
    with pytest.raises(NotFound):
        await client.download(CONTENT, FILE, tmp_path / "out")
    assert not list(tmp_path.glob("out*"))


async def test_a_cancelled_download_leaves_nothing(client: Client, server: Server, tmp_path: Path) -> None:
    held = asyncio.Event()
    server.tell(body=BODY, pause=held)
    loading = asyncio.create_task(client.download(CONTENT, FILE, tmp_path / "out"))
    while not list(tmp_path.glob("out*.part")):
        await asyncio.sleep(0)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    held.set()
    assert not list(tmp_path.glob("out*"))


async def test_only_the_beginning_of_a_download_is_repeated(
    client: Client, server: Server, tmp_path: Path, no_waiting: list[float]
) -> None:
    server.tell(status=500)
    server.tell(body=BODY)
    await client.download(CONTENT, FILE, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == BODY


@pytest.mark.parametrize("kind", ["file", "link", "directory"])
async def test_what_is_there_is_not_overwritten(client: Client, server: Server, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out"
    match kind:
        case "file":
            target.write_text("mine")
        case "link":
            target.symlink_to(tmp_path / "elsewhere")
        case "directory":
            target.mkdir()
    with pytest.raises(LocalFileError, match="exists already"):
        await client.download(CONTENT, FILE, target)
    assert server.asked == []
    assert not (tmp_path / "elsewhere").exists()


async def test_what_appears_meanwhile_is_not_overwritten(client: Client, server: Server, tmp_path: Path) -> None:
    target = tmp_path / "out"
    server.tell_by(lambda _: target.write_text("mine"))
    with pytest.raises(LocalFileError, match="exists already"):
        await client.download(CONTENT, FILE, target)
    assert target.read_text() == "mine"
    assert not list(tmp_path.glob("out*.part"))


@pytest.mark.parametrize(
    ("where", "says"), [("missing/out", "does not exist"), ("file/out", "does not exist"), ("x" * 300, "too long")]
)
async def test_a_place_that_cannot_be_written_is_told_before_asking(
    client: Client, server: Server, tmp_path: Path, where: str, says: str
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalFileError, match=says):
        await client.download(CONTENT, FILE, tmp_path / where)
    assert server.asked == []


@pytest.mark.parametrize("told", [{"content-length": str(1 << 60)}, {}])
async def test_a_file_larger_than_the_disk_is_told_before_it_is_received(
    client: Client, server: Server, tmp_path: Path, told: dict[str, str]
) -> None:
    server.tell(body=BODY, headers=told, cut=None if told else -1)
    with pytest.raises(LocalFileError, match="disk is full"):
        await client.download(CONTENT, FILE, tmp_path / "out", expected=1 << 60)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("expected", [-5, 0])
async def test_where_no_size_can_be_expected_the_answer_tells_it(
    client: Client, server: Server, tmp_path: Path, expected: int
) -> None:
    server.tell(body=BODY)
    await client.download(CONTENT, FILE, tmp_path / "out", expected=expected)
    assert (tmp_path / "out").read_bytes() == BODY


async def test_a_disk_that_fills_up_leaves_nothing(
    client: Client, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(receiving, "sync", full)
    server.tell(body=BODY)
    with pytest.raises(LocalFileError, match="disk is full"):
        await client.download(CONTENT, FILE, tmp_path / "out")
    assert not list(tmp_path.glob("out*"))


async def test_a_download_follows_to_storage_without_the_key(client_of: MakeClient, tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.host == "storage.example":
            return httpx.Response(200, content=b"stored")
        return httpx.Response(302, headers={"location": "https://storage.example/blob?sig=TESTONLYSIG"})

    client = client_of(handler, organization="org-1", project="proj_1")
    await client.download(CONTENT, FILE, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"stored"
    assert "authorization" in asked[0].headers
    assert not {"authorization", "openai-organization", "openai-project", "cookie"} & asked[1].headers.keys()
    assert "TESTONLYSIG" not in repr(list(client.exchanges))


@pytest.mark.parametrize("location", ["http://storage.example/blob", "file:///etc/passwd", "", "ftp://x"])
async def test_a_download_does_not_follow_anywhere_else(
    client_of: MakeClient, tmp_path: Path, location: str
) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"location": location})

    with pytest.raises(Redirected):
        await client_of(handler).download(CONTENT, FILE, tmp_path / "out")
    assert len(asked) == 1
    assert not list(tmp_path.glob("out*"))


async def test_a_download_over_https_is_not_followed_to_a_server_of_this_machine_without(
    client_of: MakeClient, tmp_path: Path
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://127.0.0.1:2/blob"})

    client = client_of(handler, base_url="https://api.openai.com/v1")
    with pytest.raises(Redirected):
        await client.download(CONTENT, FILE, tmp_path / "out")
    assert len(client.exchanges) == 1


async def test_a_download_does_not_follow_for_ever(client_of: MakeClient, tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"location": "https://storage.example/again"})

    with pytest.raises(Redirected):
        await client_of(handler).download(CONTENT, FILE, tmp_path / "out")
    assert len(asked) == 4


# Up


async def test_an_upload_is_a_form_with_the_files_own_name(client: Client, server: Server, tmp_path: Path) -> None:
    source = tmp_path / 'my "train".jsonl'
    source.write_bytes(BODY)
    heard: list[tuple[int, int | None]] = []
    server.tell({"id": "file-1"})
    made = await client.upload(
        source, "fine-tune", expires_after=3600, progress=lambda done, total: heard.append((done, total))
    )
    assert made == {"id": "file-1"}
    asked = server.asked[0]
    assert (asked.method, asked.target) == ("POST", "/v1/files")
    parts = parts_of(asked)
    assert {name: part[2] for name, part in parts.items()} == {
        "purpose": b"fine-tune",
        "expires_after[anchor]": b"created_at",
        "expires_after[seconds]": b"3600",
        "file": BODY,
    }
    assert parts["file"][1] == "text/jsonl"
    assert b'filename="my %22train%22.jsonl"' in asked.body
    assert int(asked.headers["content-length"]) == len(asked.body)
    assert heard[-1] == (len(BODY), len(BODY))


async def test_an_upload_refused_for_haste_is_sent_again_whole(
    client: Client, server: Server, tmp_path: Path, no_waiting: list[float]
) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(BODY)
    server.tell(status=429)
    server.tell({"id": "file-1"})
    assert await client.upload(source, "batch") == {"id": "file-1"}
    assert [parts_of(asked)["file"][2] == BODY for asked in server.asked] == [True, True]


async def test_an_upload_of_unknown_outcome_is_sent_once(client: Client, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(BODY)
    server.hang_up()
    with pytest.raises(OutcomeUnknown):
        await client.upload(source, "batch")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("make", "says"), [(lambda path: None, "does not exist"), (lambda path: path.mkdir(), "is a")]
)
async def test_a_file_that_cannot_be_read_is_told_before_asking(
    client: Client, server: Server, tmp_path: Path, make: Callable[[Path], None], says: str
) -> None:
    make(tmp_path / "a.jsonl")
    with pytest.raises(LocalFileError, match=says):
        await client.upload(tmp_path / "a.jsonl", "batch")
    assert server.asked == []


async def test_a_file_that_shrinks_meanwhile_is_told(client: Client, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(BODY)
    with pytest.raises(LocalFileError, match="became shorter"):
        await client.upload(source, "batch", progress=lambda done, total: os.truncate(source, 10))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "WHOLE_BYTES", 100_000)
    monkeypatch.setattr(transfers, "PART_BYTES", 70_000)


async def test_a_large_file_goes_up_in_parts(client_of: MakeClient, tmp_path: Path, small_parts: None) -> None:
    source = tmp_path / "big.jsonl"
    source.write_bytes(BODY)
    platform = Uploads()
    heard: list[int] = []
    made = await client_of(platform).upload(source, "batch", progress=lambda done, _: heard.append(done))
    assert made == {"id": "file-9"}
    assert platform.done is not None
    assert hashlib.sha256(platform.done).digest() == hashlib.sha256(BODY).digest()
    assert platform.asked == ["/uploads", *["/uploads/upload_1/parts"] * 5, "/uploads/upload_1/complete"]
    assert (heard[-1], heard) == (len(BODY), sorted(heard))


async def test_a_part_that_is_lost_is_sent_again(
    client_of: MakeClient, tmp_path: Path, small_parts: None, no_waiting: list[float]
) -> None:
    source = tmp_path / "big.jsonl"
    source.write_bytes(BODY)
    platform = Uploads()
    platform.fail = {3: httpx.ReadError("cut"), 4: httpx.Response(500)}
    await client_of(platform).upload(source, "batch")
    assert platform.done == BODY


async def test_an_upload_that_fails_half_way_is_cancelled(
    client_of: MakeClient, tmp_path: Path, small_parts: None, no_waiting: list[float]
) -> None:
    source = tmp_path / "big.jsonl"
    source.write_bytes(BODY)
    platform = Uploads()
    platform.fail = {number: httpx.Response(500) for number in range(3, 9)}
    with pytest.raises(ServerError):
        await client_of(platform).upload(source, "batch")
    assert platform.asked[-1] == "/uploads/upload_1/cancel"
    assert platform.done is None


async def test_other_forms_take_their_files_from_paths(client: Client, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "speech.wav"
    source.write_bytes(b"RIFF")
    await client.call(
        SPEECH, body={"file": source, "model": "whisper-1", "include": ["logprobs"], "stream": False}
    )
    parts = parts_of(server.asked[0])
    assert parts["file"][0] == "speech.wav"
    assert {name: part[2] for name, part in parts.items()} == {
        "file": b"RIFF",
        "model": b"whisper-1",
        "include[]": b"logprobs",
        "stream": b"false",
    }


async def test_every_fault_of_a_transfer_is_an_api_error(client: Client, server: Server, tmp_path: Path) -> None:
    server.tell(body=b"x", headers={"content-encoding": "br"})
    with pytest.raises(ApiError, match="packed"):
        await client.download(CONTENT, FILE, tmp_path / "out")


async def test_only_some_purposes_go_up_in_parts(client_of: MakeClient, tmp_path: Path, small_parts: None) -> None:
    assert get_args(PartsPurpose) == transfers.PARTS_PURPOSES
    source = tmp_path / "big.jsonl"
    source.write_bytes(BODY)
    platform = Uploads()
    with pytest.raises(BadRequest, match="purpose evals"):
        await client_of(platform).upload(source, "evals")
    assert platform.asked == []


# Gone on with


def ranged(body: bytes, etag: str = '"v1"', *, honest: bool = True) -> Callable[[Asked], Answer]:
    """Answer with a content, whole or from where it is asked for."""

    def answer(asked: Asked) -> Answer:
        wanted = asked.headers.get("range", "")
        if not honest or not wanted or asked.headers.get("if-range", etag) != etag:
            return Answer(200, body, {"etag": etag})
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            return Answer(416, b"{}", {"content-range": f"bytes */{len(body)}"})
        said = {"etag": etag, "content-range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
        return Answer(206, body[start:], said)

    return answer


NEW = os.urandom(len(BODY))


@pytest.mark.parametrize("cut", [1, 100_000, len(BODY) - 1, len(BODY)])
@pytest.mark.parametrize("expected", [len(BODY), None])
@pytest.mark.parametrize(
    ("then", "comes", "ranges"),
    [
        (ranged(BODY), BODY, True),  # it goes on
        (ranged(BODY, honest=False), BODY, False),  # it knows no ranges
        (ranged(NEW, '"v2"'), NEW, False),  # another version
    ],
)
async def test_a_download_goes_on_where_it_was_cut(
    client: Client,
    server: Server,
    tmp_path: Path,
    cut: int,
    expected: int | None,
    then: Callable[[Asked], Answer],
    comes: bytes,
    ranges: bool,
) -> None:
    target = tmp_path / "out"
    part = Part.beside(target)
    server.script = [Answer(200, BODY, {"etag": '"v1"'}, cut=cut)]
    if cut < len(BODY):
        with pytest.raises(LinkError, match="cut before the end"):
            await client.download(CONTENT, FILE, target, expected=expected, part=part)
    else:  # it was killed before the file got its name
        part.path.write_bytes(BODY)
        part.version = '"v1"'
    assert part.path.read_bytes() == BODY[:cut]
    assert not target.exists()
    server.script, before = [then], len(server.asked)
    heard: list[int] = []
    await client.download(
        CONTENT, FILE, target, expected=expected, part=part, progress=lambda done, _: heard.append(done)
    )
    whole = expected is not None and cut == len(BODY)  # then nothing is asked for
    assert target.read_bytes() == (BODY if whole else comes)
    assert part.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert list(tmp_path.glob("out*")) == [target]
    if ranges and not whole:
        assert server.asked[before].headers["range"] == f"bytes={cut}-"
        assert server.asked[before].headers["if-range"] == '"v1"'
        assert heard == sorted(heard)


@pytest.mark.parametrize(
    "said",
    [
        {"content-range": f"bytes 5-{len(BODY) - 1}/{len(BODY)}"},  # from elsewhere
        {"content-range": f"bytes 1000-{len(BODY) - 1}/{len(BODY) + 9}"},  # of another size
        {"content-range": "nonsense"},
        {},
    ],
)
async def test_a_part_of_something_else_is_never_joined(
    client: Client, server: Server, tmp_path: Path, said: dict[str, str]
) -> None:
    part = Part(tmp_path / "out.0.part")
    part.path.write_bytes(BODY[:1000])
    server.script = [Answer(206, BODY[1000:], said), ranged(BODY)]
    await client.download(CONTENT, FILE, tmp_path / "out", expected=len(BODY), part=part)
    assert (tmp_path / "out").read_bytes() == BODY


@pytest.mark.parametrize(
    ("status", "said", "expected", "joined"),
    [
        (206, {"content-range": "bytes 5-9/10"}, 10, True),
        (206, {"content-range": "bytes 5-9/10"}, None, True),
        (206, {"content-range": "bytes 5-9/10", "content-encoding": " Identity"}, 10, True),
        (200, {"content-range": "bytes 5-9/10"}, 10, False),
        (206, {"content-range": "bytes 4-9/10"}, 10, False),
        (206, {"content-range": "bytes 5-9/10"}, 11, False),
        (206, {"content-range": "bytes 5-9/10", "content-encoding": "gzip"}, 10, False),
        (206, {"content-range": "bytes */10"}, 10, False),
        (206, {}, None, False),
    ],
)
def test_what_is_taken_for_the_rest(status: int, said: dict[str, str], expected: int | None, joined: bool) -> None:
    assert receiving._goes_on(httpx.Response(status, headers=said), 5, expected) is joined


async def test_a_part_that_is_no_file_of_its_own_is_left_alone(
    client: Client, server: Server, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    part = Part(tmp_path / "out.0.part")
    part.path.symlink_to(mine)
    with pytest.raises(LocalFileError):
        await client.download(CONTENT, FILE, tmp_path / "out", part=part)
    assert mine.read_bytes() == b"mine"


async def test_an_upload_goes_on_with_the_parts_that_are_there(
    client_of: MakeClient, tmp_path: Path, small_parts: None, no_waiting: list[float]
) -> None:
    source = tmp_path / "big.jsonl"
    source.write_bytes(BODY)
    platform, sent = Uploads(), transfers.SentParts()
    platform.fail = {number: httpx.ReadError("cut") for number in range(4, 9)}
    client = client_of(platform)
    with pytest.raises(LinkError):
        await client.upload(source, "batch", sent=sent)
    assert (sent.upload_id, len(sent.parts), sent.is_whole) == ("upload_1", 2, False)
    assert platform.asked[-1].endswith("/parts"), "it is not cancelled"
    platform.fail.clear()
    heard: list[int] = []
    made = await client.upload(source, "batch", sent=sent, progress=lambda done, _: heard.append(done))
    assert made == {"id": "file-9"}
    assert platform.done == BODY
    assert platform.asked.count("/uploads") == 1
    assert heard[0] > 140_000
    assert sent.is_whole
