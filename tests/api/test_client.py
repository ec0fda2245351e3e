"""Calls: what is sent, what is refused before that, and what each answer becomes."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import tracemalloc
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import ADMIN_KEY, PROJECT_KEY
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.credentials.server import Server as Options
from tui.api.errors import (
    ApiError,
    BadAnswer,
    BadKey,
    BadRequest,
    Forbidden,
    Invalid,
    LinkError,
    NoKey,
    NotFound,
    NotServed,
    OutcomeUnknown,
    QuotaExceeded,
    RateLimited,
    ReadOnly,
    Redirected,
    ServerError,
    StatusError,
    Unauthorized,
)
from tui.api.log import curl
from tui.api.log.exchanges import Exchange
from tui.api.log.journal import Journal
from tui.api.operation import Key, Operation
from tui.api.refusals import make_status_error
from tui.api.requests import target_of
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import MakeClient, Server

LIST = Operation("listFiles", "GET", "/files")
GET = Operation("retrieveFile", "GET", "/files/{file_id}")
DELETE = Operation("deleteFile", "DELETE", "/files/{file_id}")
CREATE = Operation("createBatch", "POST", "/batches")
SEARCH = Operation("searchVectorStore", "POST", "/vector_stores/{vector_store_id}/search", safe=True)
USERS = Operation("listUsers", "GET", "/organization/users", key=Key.ADMIN)


# What is sent


async def test_a_call_carries_what_the_platform_expects(client: Client, server: Server) -> None:
    server.tell({"id": "batch_1"})
    assert await client.call(CREATE, body={"a": "é", "n": None}) == {"id": "batch_1"}
    asked = server.asked[0]
    assert (asked.method, asked.target) == ("POST", "/v1/batches")
    assert json.loads(asked.body) == {"a": "é", "n": None}
    assert asked.headers["authorization"].startswith("Bearer sk-proj-")
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["user-agent"].startswith("o9s/")
    assert not {"openai-organization", "openai-project", "openai-beta"} & asked.headers.keys()


async def test_organization_project_and_beta_are_named_where_they_belong(
    connection: Connection, server: Server
) -> None:
    client = Client(replace(connection, organization="org-1", project="proj_1"))
    await client.call(SEARCH, {"vector_store_id": "vs_1"}, body={})
    await client.call(LIST)
    await client.aclose()
    search, files = (asked.headers for asked in server.asked)
    assert (search["openai-organization"], search["openai-project"]) == ("org-1", "proj_1")
    assert (search["openai-beta"], files.get("openai-beta")) == ("assistants=v2", None)


async def test_each_kind_of_key_goes_to_its_own_paths(client: Client, server: Server) -> None:
    await client.call(LIST)
    await client.call(USERS)
    assert [asked.headers["authorization"].split("-")[1] for asked in server.asked] == ["proj", "admin"]


@pytest.mark.parametrize(("operation", "kind"), [(LIST, Key.PROJECT), (USERS, Key.ADMIN)])
async def test_without_its_key_nothing_is_sent(
    connection: Connection, server: Server, operation: Operation, kind: Key
) -> None:
    official = replace(connection, base_url="https://api.openai.com/v1")
    one = {Key.PROJECT: replace(official, project_key=None), Key.ADMIN: replace(official, admin_key=None)}
    client = Client(one[kind])
    with pytest.raises(NoKey) as caught:
        await client.call(operation)
    assert caught.value.key is kind
    assert list(client.exchanges) == []


async def test_a_server_of_somebody_else_may_want_no_key(connection: Connection, server: Server) -> None:
    client = Client(replace(connection, project_key=None, admin_key=None))
    await client.call(LIST)
    await client.aclose()
    assert "authorization" not in server.asked[0].headers


async def test_a_key_that_could_not_be_used_is_told_in_place_of_none(connection: Connection) -> None:
    problem = BadKey("The key has a line break at position 4.")
    client = Client(replace(connection, project_key=None, problems={Key.PROJECT: problem}))
    with pytest.raises(BadKey, match="line break"):
        await client.call(LIST)


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ({"a": 1, "b": None, "c": True, "d": "x y&z"}, "a=1&c=true&d=x+y%26z"),
        ({"group_by": ["model", "project_id"]}, "group_by%5B%5D=model&group_by%5B%5D=project_id"),
        ({"event_types[]": ["x"]}, "event_types%5B%5D=x"),
        ({"effective_at": {"gte": 5}, "metadata": {"k": "v"}}, "effective_at%5Bgte%5D=5&metadata%5Bk%5D=v"),
        ({"key": Key.ADMIN}, "key=admin"),
        ({"empty": []}, ""),
    ],
)
async def test_queries_are_written_with_brackets(
    client: Client, server: Server, query: dict[str, Any], written: str
) -> None:
    await client.call(LIST, query=query)
    assert server.asked[0].target == "/v1/files" + (f"?{written}" if written else "")


@pytest.mark.parametrize(
    ("id_", "written"),
    [
        ("file-1", "file-1"),
        ("ft:gpt-4o-mini:org::id", "ft:gpt-4o-mini:org::id"),
        ("a/../b?c#d%e f", "a%2F..%2Fb%3Fc%23d%25e%20f"),
        ("é\r\n", "%C3%A9%0D%0A"),
    ],
)
async def test_ids_stay_inside_their_part_of_the_path(
    client: Client, server: Server, id_: str, written: str
) -> None:
    await client.call(GET, {"file_id": id_})
    assert server.asked[0].target == f"/v1/files/{written}"


@pytest.mark.parametrize("path", [{}, {"file_id": ""}, {"file_id": ".."}, {"file_id": "."}])
async def test_an_id_that_leads_elsewhere_is_refused(client: Client, server: Server, path: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match="file id"):
        await client.call(DELETE, path)
    assert server.asked == []


async def test_read_only_lets_reads_through_and_nothing_else(
    client: Client, server: Server, tmp_path: Path
) -> None:
    client.read_only = True
    source = tmp_path / "a.jsonl"
    source.write_text("{}")
    await client.call(LIST)
    await client.call(SEARCH, {"vector_store_id": "vs_1"}, body={})
    for refused in (
        client.call(CREATE, body={}),
        client.call(DELETE, {"file_id": "file-1"}),
        client.upload(source, "batch"),
        anext(client.events(CREATE, body={})),
    ):
        with pytest.raises(ReadOnly):
            await refused
    assert [asked.method for asked in server.asked] == ["GET", "POST"]
    client.read_only = False
    await client.call(CREATE, body={})
    assert len(server.asked) == 3


# What comes back


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!doctype html><p>login", "html"),
        (b"  \n<html>", "html"),
        (b"nonsense", "json"),
        (b"\xff\xfe\x00", "json"),
        (b'{"a": 1} trailing garbage', "json"),
        (b'{"data": [{"id": "fi', "cut"),
        (b'{"data": [', "cut"),
        (b'{"data": tru', "cut"),
        ('{"data": "é'.encode()[:-1], "cut"),
        (b"[1]", "shape"),
        (b"null", "shape"),
        (b'"text"', "shape"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "deep"),
        (b"[" * 100_000, "deep"),
        (b'{"n": ' + b"9" * 5000 + b"}", "json"),
    ],
)
async def test_answers_that_the_api_never_sends_are_told_apart(
    client: Client, server: Server, no_waiting: list[float], body: bytes, reason: str
) -> None:
    server.tell(body=body, headers={"x-request-id": "req_7"})
    with pytest.raises(BadAnswer) as caught:
        await client.call(LIST)
    assert caught.value.reason == reason
    assert caught.value.request_id == "req_7"
    assert caught.value.next


@pytest.mark.parametrize("body", [b"", b" \n", b"\xef\xbb\xbf{}", "{}".encode("utf-16")])
async def test_empty_and_odd_but_readable_answers_are_read(client: Client, server: Server, body: bytes) -> None:
    server.tell(body=body)
    assert await client.call(DELETE, {"file_id": "file-1"}) == {}


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_packed_answers_are_unpacked(client: Client, server: Server, encoding: str) -> None:
    plain = json.dumps({"data": ["x" * 50, *range(100_000)]}).encode()
    packed = gzip.compress(plain) if encoding == "gzip" else zlib.compress(plain)
    server.tell(body=packed, headers={"content-encoding": encoding})
    assert await client.call(LIST) == json.loads(plain)
    assert [exchange.bytes_in for exchange in client.exchanges] == [len(packed)]


async def test_a_bomb_is_not_unpacked(client: Client, server: Server) -> None:
    server.tell(body=gzip.compress(b" " * (200 << 20)), headers={"content-encoding": "gzip"})
    tracemalloc.start()
    with pytest.raises(BadAnswer) as caught:
        await client.call(LIST)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.reason == "big"
    assert peak < 32 << 20


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(b'{"a": 1}' * 99, mtime=0)[:-12], "gzip", "cut"),
        (b"{}", "gzip", "encoding"),
        (b"{}", "br", "encoding"),
    ],
)
async def test_packing_that_is_broken_or_unknown_is_told(
    client: Client, server: Server, no_waiting: list[float], body: bytes, encoding: str, reason: str
) -> None:
    server.tell(body=body, headers={"content-encoding": encoding})
    with pytest.raises(BadAnswer) as caught:
        await client.call(LIST)
    assert caught.value.reason == reason


async def test_an_endless_answer_ends(client: Client, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.tell(body=b" " * (33 << 20))
    with pytest.raises(BadAnswer, match="larger than 32 MiB"):
        await client.call(LIST)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_redirects_are_told_and_not_followed(
    client: Client, server: Server, status: int, method: str
) -> None:
    server.tell(status=status, headers={"location": "https://elsewhere.example/\x9b2J"})
    with pytest.raises(Redirected, match=r"points to https://elsewhere\.example/\\x9b2J; this is not followed"):
        await client.call(LIST if method == "GET" else CREATE)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "body", [{"error": {"message": "being migrated"}}, {"error": "being migrated", "data": []}]
)
async def test_an_error_under_a_good_status_is_one(
    client: Client, server: Server, status: int, body: dict[str, Any]
) -> None:
    server.tell(body, status)
    for asked in (client.call(LIST), client.page(LIST)):
        with pytest.raises(ServerError, match="The server failed: being migrated"):
            await asked
    with pytest.raises(OutcomeUnknown, match="The server failed: being migrated"):
        await client.call(CREATE, body={})
    assert len(server.asked) == 3, "it was asked again"


@pytest.mark.parametrize("error", [None, {}, {"code": "x", "message": "invalid data"}, "no data"])
async def test_an_object_may_have_an_error_of_its_own(client: Client, server: Server, error: object) -> None:
    server.tell({"id": "ftjob-1", "object": "fine_tuning.job", "error": error})
    assert (await client.call(GET, {"file_id": "f"}))["error"] == error


@pytest.mark.parametrize(("status", "kind"), [(404, NotServed), (405, NotServed)])
async def test_a_list_that_a_server_does_not_have_is_told_so(
    client: Client, server: Server, status: int, kind: type[StatusError]
) -> None:
    server.tell({"detail": "Not here"}, status)
    with pytest.raises(kind, match="Not on this server"):
        await client.page(LIST)
    asked = len(server.asked)
    with pytest.raises(kind, match="Not on this server"):
        await client.page(LIST)
    assert len(server.asked) == asked, "a list that is not there was asked for again"
    client.absences.ask_again(LIST)
    nested = Operation("listParts", "GET", "/files/{file_id}/parts")
    server.script.clear()
    server.tell({"detail": "Not here"}, 404)
    with pytest.raises(NotFound):
        await client.page(nested, {"file_id": "f"})
    with pytest.raises(NotFound, match=r"no longer finds where the list goes on.* Read the list again") as lost:
        await client.page(LIST, after="gone")
    assert "deleted" not in str(lost.value)


async def test_an_object_may_stand_under_a_name(client: Client, server: Server) -> None:
    for name in ("job", "data", "result"):
        server.script.clear()
        server.tell({name: {"id": "abc", "status": "VALIDATING"}, "warning": None})
        assert (await client.call(CREATE, body={}))["id"] == "abc"
    server.script.clear()
    server.tell({"id": "outer", "data": {"id": "inner"}})
    assert (await client.call(CREATE, body={}))["id"] == "outer"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"error": "Unexpected endpoint or method. (GET /v1/files)"}),
        (
            500,
            {"error": {"message": "Internal Server Error, Only premium users can use this endpoint + You must"}},
        ),
        (500, {"error": {"message": "'custom_llm_provider' must be set. Either via:", "type": "None"}}),
        (404, {"error": {"message": "Unknown request URL: GET /v1/files"}}),
    ],
)
async def test_what_servers_say_of_calls_that_they_do_not_have(
    client: Client, server: Server, status: int, body: dict[str, Any]
) -> None:
    server.tell(body, status)
    with pytest.raises(NotServed, match="Not on this server"):
        await client.page(LIST)
    assert len(server.asked) == 1, "it was tried again"


def test_messages_as_python_writes_them_down_are_read() -> None:
    inner = {"message": "{'error': 'no model=None'}", "type": "None", "param": "None", "code": "400"}
    assert "no model=None" in str(make_status_error(400, {"error": inner}))
    assert "param" not in str(
        make_status_error(400, {"error": {"message": "{half", "type": "None", "param": "None"}})
    )
    trace = "a key is required\nTraceback (most recent call last):\n  File '/secret/path.py'"
    assert "Traceback" not in str(make_status_error(500, {"error": {"message": trace}}))


async def test_a_plain_text_is_told(client: Client, server: Server) -> None:
    server.tell(status=400, body=b"upstream connect error or disconnect/reset before headers")
    with pytest.raises(Invalid, match="upstream connect error"):
        await client.call(LIST)
    server.script.clear()
    server.tell(body=b"Ollama is running")
    with pytest.raises(BadAnswer, match="no JSON: Ollama is running"):
        await client.call(LIST)


async def test_a_refusal_carries_what_was_said(client: Client, server: Server) -> None:
    error = {"message": "Missing scopes: api.x", "type": "t", "param": "p", "code": "c"}
    server.tell({"error": error}, 403, headers={"x-request-id": "req_1"})
    with pytest.raises(Forbidden) as caught:
        await client.call(LIST)
    assert caught.value.message == "Missing scopes: api.x"
    assert (caught.value.code, caught.value.param, caught.value.request_id) == ("c", "p", "req_1")


@pytest.mark.parametrize("body", [b"<html><h1>502 Bad Gateway", b"", b"{", b"x" * (1 << 20), b"[" * 100_000])
async def test_a_refusal_needs_no_sense_in_its_body(
    client: Client, server: Server, no_waiting: list[float], body: bytes
) -> None:
    server.tell(status=500, body=body)
    with pytest.raises(ServerError, match=r"The server failed \(500 Internal Server Error\)\."):
        await client.call(LIST)


# Links that break


async def test_a_server_that_is_not_there(client: Client, server: Server) -> None:
    gone = Client(replace(client.connection, base_url="http://127.0.0.1:9/v1"))
    with pytest.raises(LinkError, match="refuses the connection") as caught:
        await gone.call(LIST)
    assert (caught.value.reason, caught.value.sent) == ("refused", False)
    await gone.aclose()


async def test_a_host_that_is_not_known(client_of: MakeClient) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        import socket

        raise httpx.ConnectError("x") from socket.gaierror(-2, "Name or service not known")

    with pytest.raises(LinkError, match=r"api\.example is not known") as caught:
        await client_of(handler, base_url="https://api.example/v1").call(LIST)
    assert caught.value.reason == "dns"


async def test_plain_answers_to_tls_are_told(connection: Connection) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    client = Client(replace(connection, base_url=f"https://127.0.0.1:{port}/v1"))
    with pytest.raises(LinkError) as caught:
        await client.call(LIST)
    await client.aclose()
    listening.close()
    assert caught.value.reason == "tls"


async def test_a_certificate_that_cannot_be_trusted_is_told(client_of: MakeClient) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        error = ssl.SSLCertVerificationError("certificate verify failed")
        error.verify_message = "self-signed certificate"
        raise httpx.ConnectError("x") from error

    with pytest.raises(LinkError, match="self-signed certificate") as caught:
        await client_of(handler).call(LIST)
    assert (caught.value.reason, caught.value.sent) == ("tls", False)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ConnectTimeout("x"), "timeout"),
        (httpx.ReadTimeout("x"), "timeout"),
        (httpx.ProxyError("407 Proxy Authentication Required"), "proxy"),
        (httpx.ConnectError("No route to host"), "refused"),
        (httpx.WriteError("x"), "cut"),
    ],
)
async def test_links_break_in_ways_told_apart(
    client_of: MakeClient, no_waiting: list[float], error: httpx.HTTPError, reason: str
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(LinkError) as caught:
        await client_of(handler).call(LIST)
    assert caught.value.reason == reason


async def test_what_is_no_http_is_told(client_of: MakeClient, no_waiting: list[float]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("illegal status line: bytearray(b'SSH-2.0-OpenSSH_9')")

    with pytest.raises(LinkError, match="is no HTTP"):
        await client_of(handler).call(LIST)


async def test_a_body_that_is_cut_is_asked_for_again(
    client: Client, server: Server, no_waiting: list[float]
) -> None:
    server.tell({"data": ["x" * 100]}, cut=20)
    server.tell({"data": ["x" * 100]})
    assert await client.call(LIST) == {"data": ["x" * 100]}
    assert [(exchange.retries, bool(exchange.error)) for exchange in client.exchanges] == [(0, True), (1, False)]


async def test_silence_ends_at_the_deadline(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.api.wire.Wire.json.__kwdefaults__", {"deadline": 0.1})
    held = asyncio.Event()
    server.tell(pause=held)
    with pytest.raises(LinkError, match="did not answer within"):
        await client.call(LIST)
    with pytest.raises(OutcomeUnknown):
        await client.call(CREATE, body={})
    held.set()


async def test_answers_given_up_on_free_their_connections(client: Client, server: Server) -> None:
    server.tell(headers={"content-encoding": "br"})
    async with asyncio.timeout(20):
        for _ in range(30):
            with pytest.raises(BadAnswer):
                await client.call(LIST)


async def test_a_cancelled_call_ends_at_once_and_frees_its_place(client: Client, server: Server) -> None:
    held = asyncio.Event()
    server.tell(pause=held)
    calls = [asyncio.create_task(client.call(LIST)) for _ in range(8)]
    while len(server.asked) < 4:
        await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    assert all(
        isinstance(done, asyncio.CancelledError) for done in await asyncio.gather(*calls, return_exceptions=True)
    )
    assert len(server.asked) == 4, "more calls at once than there may be"
    held.set()
    server.script = []
    assert await client.call(LIST) == {}
    assert [exchange.error for exchange in client.exchanges] == ["cancelled"] * 4 + [""]


# Repetition


@pytest.mark.parametrize(
    ("operation", "status", "headers", "code", "sent"),
    [
        (LIST, 500, {}, "", 3),
        (LIST, 503, {"retry-after": "1"}, "", 3),
        (LIST, 503, {"retry-after": "30"}, "", 1),
        (LIST, 429, {"retry-after-ms": "5"}, "rate_limit_exceeded", 3),
        (LIST, 429, {}, "insufficient_quota", 1),
        (LIST, 408, {}, "", 3),
        (LIST, 404, {}, "", 1),
        (LIST, 404, {"x-should-retry": "true"}, "", 3),
        (LIST, 500, {"x-should-retry": "false"}, "", 1),
        (SEARCH, 500, {}, "", 3),
        (CREATE, 501, {}, "", 1),
        (CREATE, 409, {}, "", 1),
        (CREATE, 429, {}, "rate_limit_exceeded", 3),
        (CREATE, 429, {}, "insufficient_quota", 1),
        (CREATE, 409, {"x-should-retry": "true"}, "", 3),
        (DELETE, 429, {}, "", 3),
    ],
)
async def test_what_is_repeated(
    client: Client,
    server: Server,
    no_waiting: list[float],
    operation: Operation,
    status: int,
    headers: dict[str, str],
    code: str,
    sent: int,
) -> None:
    server.tell({"error": {"message": "m", "code": code}}, status, headers=headers)
    with pytest.raises(StatusError):
        await client.call(operation, {"file_id": "file-1", "vector_store_id": "vs_1"})
    assert len(server.asked) == sent
    assert len(no_waiting) == sent - 1


async def test_waits_grow_and_differ_and_follow_the_server(
    client: Client, server: Server, no_waiting: list[float]
) -> None:
    server.tell(status=500)
    with pytest.raises(ServerError):
        await client.call(LIST)
    first, second = no_waiting
    assert 0.375 <= first <= 0.5
    assert 0.75 <= second <= 1
    no_waiting.clear()
    server.script.clear()
    server.tell(status=429, headers={"retry-after": "3"})
    with pytest.raises(RateLimited, match=r"Try again in 3 s\."):
        await client.call(LIST)
    assert all(3 <= wait <= 3.25 for wait in no_waiting)


async def test_a_used_up_quota_is_its_own_error(client: Client, server: Server) -> None:
    server.tell({"error": {"message": "pay", "code": "insufficient_quota"}}, 429)
    with pytest.raises(QuotaExceeded):
        await client.call(CREATE, body={})


@pytest.mark.parametrize("operation", [CREATE, DELETE])
@pytest.mark.parametrize("break_", ["hang up", "cut", "408", "500", "502", "503", "504", "no JSON"])
async def test_a_write_of_unknown_outcome_is_sent_once(
    client: Client, server: Server, no_waiting: list[float], operation: Operation, break_: str
) -> None:
    match break_:
        case "hang up":
            server.hang_up()
        case "cut":
            server.tell({"id": "batch_1"}, cut=5)
        case "no JSON":
            server.tell(body=b"what")
        case status:
            # Its word on repeating tells nothing of whether it was done.
            server.tell(status=int(status), headers={"retry-after": "1", "x-should-retry": "true"})
    with pytest.raises(OutcomeUnknown) as caught:
        await client.call(operation, {"file_id": "file-1"})
    assert len(server.asked) == 1
    assert isinstance(caught.value.cause, ApiError)
    assert no_waiting == []


async def test_a_write_that_was_never_sent_is_tried_again_and_a_read_told_at_once(
    client_of: MakeClient, no_waiting: list[float]
) -> None:
    tries: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        if len(tries) % 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"id": "batch_1"})

    client = client_of(handler)
    assert await client.call(CREATE, body={}) == {"id": "batch_1"}
    assert len(tries) == 3
    with pytest.raises(LinkError):
        await client.call(LIST)
    assert len(tries) == 4


# What is noted


async def test_exchanges_hold_what_happened_and_no_secret(client: Client, server: Server) -> None:
    heard: list[object] = []
    stop = client.exchanges.subscribe(heard.append)
    headers = {"x-request-id": "req_1", "x-ratelimit-remaining-requests": "9"}
    server.tell({"id": "x"}, headers=headers)
    await client.call(CREATE, body={"a": "TESTONLYBODY"})
    stop()
    await client.call(USERS, query={"limit": 2})
    first, second = client.exchanges
    assert heard == [first]
    assert (first.method, first.path, first.status, first.request_id) == ("POST", "/batches", 200, "req_1")
    assert first.limits == {"x-ratelimit-remaining-requests": "9"}
    assert (first.bytes_in, first.bytes_out) == (11, 20)
    assert first.ms > 0
    assert "TESTONLY" not in repr(list(client.exchanges))
    assert curl.write_exchange_command(first, client.connection) == (
        f'curl -X POST {server.base_url}/batches -H "Authorization: Bearer $OPENAI_API_KEY"'
        " -H 'Content-Type: application/json' --data @body.json"
    )
    assert "'" + server.base_url + "/organization/users?limit=2'" in curl.write_exchange_command(
        second, client.connection
    )
    assert "$OPENAI_ADMIN_KEY" in curl.write_exchange_command(second, client.connection)


@pytest.mark.parametrize("name", ["assistants", "threads", "vector-stores", "batches", "runs"])
def test_every_copied_command_says_what_the_client_says(name: str) -> None:
    resource = REGISTRY[name]
    operation = resource.get
    assert operation
    path = dict.fromkeys(operation.placeholders, "x")
    exchange = Exchange(0.0, operation.method, target_of(operation, path), 200, key=operation.key)
    base = Connection()
    written = (
        curl.write_exchange_command(exchange, base),
        curl.write_request_command(operation, base, path, None),
    )
    for command in (*written, curl.write_request_script(operation, base, path, None)):
        assert ("OpenAI-Beta: assistants=v2" in command) is (name != "batches")
        assert "$OPENAI_API_KEY" in command
    assert written[0] == written[1]
    sent = curl.write_request_command(operation, base, path, {"name": "it's"})
    assert sent == written[1] + """ -H 'Content-Type: application/json' -d '{"name": "it'"'"'s"}'"""
    assert "-F file=@file" in curl.write_exchange_command(
        Exchange(0.0, "POST", "/files", 200, form=True, bytes_out=9), base
    )


async def test_requests_of_the_last_minute_are_counted(client_of: MakeClient) -> None:
    now = [1000.0]
    client = client_of(lambda _: httpx.Response(200, json={}))
    client._wire._clock = lambda: now[0]
    for at in (1000.0, 1030.0, 1061.0):
        now[0] = at
        await client.call(LIST)
    assert client.exchanges.requests_last_minute(1061.0) == 2
    assert client.exchanges.requests_last_minute(2000.0) == 0


async def test_the_ring_of_exchanges_is_bounded(client_of: MakeClient) -> None:
    client = client_of(lambda _: httpx.Response(200, json={}))
    for _ in range(510):
        await client.call(LIST)
    assert len(client.exchanges) == 500


@pytest.mark.parametrize(("ahead", "skew"), [(0, 0), (1, 0), (3600, 3600), (-86400, -86400)])
async def test_the_servers_clock_is_learned(client_of: MakeClient, ahead: int, skew: int) -> None:
    from email.utils import formatdate

    local = 1_700_000_000.0
    date = formatdate(local + ahead, usegmt=True)
    client = client_of(lambda _: httpx.Response(200, json={}, headers={"date": date}))
    client._wire._clock = lambda: local
    assert client.skew == 0
    await client.call(LIST)
    assert abs(client.skew - skew) <= 1


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT", "Mon, 01 Jan 99999 00:00:00 GMT"]
)
async def test_a_date_that_is_none_teaches_nothing(client_of: MakeClient, date: str) -> None:
    client = client_of(lambda _: httpx.Response(200, json={}, headers={"date": date}))
    assert await client.call(LIST) == {}
    assert client.skew == 0


async def test_writes_are_journalled_before_and_after(client: Client, server: Server, tmp_path: Path) -> None:
    journal = Journal("default", tmp_path / "state")

    def during(_: object) -> dict[str, str]:
        assert journal.entries()[-1]["outcome"] == "open", "sent before it was noted"
        return {"id": "x"}

    await client.call(LIST)
    server.tell_by(during)
    await client.call(DELETE, {"file_id": "file-1"})
    server.script.clear()
    server.tell(status=404, headers={"x-request-id": "req_9"})
    with pytest.raises(StatusError):
        await client.call(CREATE, body={"secret": "TESTONLYBODY"})
    server.script.clear()
    server.hang_up()
    with pytest.raises(OutcomeUnknown):
        await client.call(CREATE, body={})
    noted = journal.entries()
    assert [(e["method"], e["path"], e["outcome"], e["status"]) for e in noted] == [
        ("DELETE", "/files/file-1", "done", 200),
        ("POST", "/batches", "failed", 404),
        ("POST", "/batches", "unknown", None),
    ]
    assert noted[0]["ids"] == {"file_id": "file-1"}
    assert noted[1]["request_id"] == "req_9"
    assert "TESTONLY" not in (tmp_path / "state" / "journal.jsonl").read_text()


async def test_where_no_key_is_sent_a_refusal_is_about_that(connection: Connection, server: Server) -> None:
    server.tell({"error": {"message": "Who are you?"}}, status=401)
    client = Client(replace(connection, server=Options(auth="none")))
    with pytest.raises(Unauthorized, match="Who are you") as told:
        await client.call(LIST)
    assert told.value.sentence.startswith("The server wants a key, and none is sent")
    assert 'auth = "none"' in told.value.next
    assert "o9s auth login" not in told.value.next
    await client.aclose()


async def test_nobody_on_this_machine_is_asked_through_a_proxy(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await client.call(LIST) == {}


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("HTTPS_PROXY", "socks5://proxy.example:1080", "proxy"),
        ("HTTPS_PROXY", "gopher://proxy.example", "proxy"),
        ("SSL_CERT_FILE", "/no/such/file.pem", "tls"),
    ],
)
async def test_an_environment_that_cannot_be_used_is_told(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(variable, value)
    client = Client(replace(connection, base_url="https://api.invalid/v1"))
    with pytest.raises(LinkError) as caught:
        await client.call(LIST)
    assert (caught.value.reason, caught.value.sent) == (reason, False)


async def test_bursts_are_slowed_on_the_world_but_not_on_this_machine(client_of: MakeClient) -> None:
    assert client_of(lambda _: httpx.Response(200))._wire._burst is None
    limited = client_of(lambda _: httpx.Response(200), base_url="https://api.example/v1")._wire._burst
    assert limited is not None
    assert (limited.max_rate, limited.time_period) == (10, 2)


async def test_an_answer_that_repeats_a_key_is_read_without_it(client: Client, server: Server) -> None:
    echo = {"id": "file-1", "metadata": {PROJECT_KEY: f"key={ADMIN_KEY};"}}
    server.tell(echo, headers={"x-request-id": f"req-{PROJECT_KEY}"})
    event = PROJECT_KEY.encode()
    server.tell(
        body=b'data: {"type": "x", "of": "%b"}\n\ndata: "%b"\n\n' % (event, event),
        headers={"content-type": "text/event-stream"},
    )
    read = await client.call(GET, {"file_id": "file-1"})
    assert read == {"id": "file-1", "metadata": {"sk-proj-…ONLY": "key=sk-admin-…ONLY;"}}
    assert list(client.exchanges)[-1].request_id == "req-sk-proj-…ONLY"
    events = [event.data async for event in client.events(GET, {"file_id": "file-1"})]
    assert [each.get("of") or each.get("sent") for each in events] == ["sk-proj-…ONLY", '"sk-proj-…ONLY"']


async def test_no_trace_of_a_call_holds_the_key(client_of: MakeClient) -> None:
    secret = Secret("sk-proj-" + "TESTONLYTRACE" * 3)

    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError(f"Illegal header value b'Bearer {secret.reveal()}'")

    client = client_of(handler, project_key=secret)
    with pytest.raises(ApiError) as caught:
        await client.call(CREATE, body={})
    import traceback

    printed = "".join(traceback.format_exception(caught.value))
    assert "TESTONLYTRACE" not in printed + repr(client.connection) + repr(list(client.exchanges))
