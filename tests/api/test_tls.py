"""TLS and proxies of a profile, with real connections over loopback."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.conftest import PROJECT_KEY, Server
from tests.support.authority import Authority
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.credentials.server import Server as Options
from tui.api.errors import BadSetting, LinkError
from tui.api.failures import find_way, make_link_error
from tui.api.operation import Operation
from tui.api.tls import read_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LIST = Operation("listFiles", "GET", "/files")
CONTENT = Operation("downloadFile", "GET", "/files/{file_id}/content")
DAY = 86_400


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that signed for a server and for me."""
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.issue("server", days=3)
    made.issue("me")
    made.lock("me")
    return made


@asynccontextmanager
async def listening(authority: Authority, wants: ssl.VerifyMode) -> AsyncIterator[tuple[Server, list[object]]]:
    """Give a server over https that wants a certificate, or asks for one, and what it was shown."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.directory / "ca.pem")
    context.load_cert_chain(authority.directory / "server.pem", authority.directory / "server.key")
    context.verify_mode = wants
    made, shown = Server(), list[object]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown.append(writer.get_extra_info("peercert"))
        await made.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    yield made, shown
    server.close()


def client_of(server: Server, options: Options) -> Client:
    url = server.base_url.replace("http:", "https:")
    return Client(Connection(base_url=url, project_key=Secret(PROJECT_KEY), server=options))


async def test_a_server_that_wants_a_certificate_gets_it_and_no_other_does(
    authority: Authority, tmp_path: Path
) -> None:
    files = authority.directory
    known = Options(ca=files / "ca.pem")
    both = replace(known, client_cert=files / "me.pem", client_key=files / "me.key")
    async with (
        listening(authority, ssl.CERT_REQUIRED) as (server, shown),
        listening(authority, ssl.CERT_OPTIONAL) as (other, shown_there),
    ):
        server.tell({"data": []})
        stranger = client_of(server, Options())
        with pytest.raises(LinkError, match="self-signed certificate") as told:
            await stranger.page(LIST)
        assert "`ca`" in told.value.next
        await stranger.aclose()
        shown.clear()
        client = client_of(server, both)
        await client.page(LIST)
        assert shown[0], "no certificate was shown"
        assert client.certificate_ends
        assert 2 * DAY < client.certificate_ends - time.time() <= 3 * DAY
        server.script.clear()
        server.tell(status=302, headers={"location": f"https://127.0.0.1:{other.port}/elsewhere"})
        other.tell(body=b"content")
        saved = await client.download(CONTENT, {"file_id": "f"}, tmp_path / "f")
        assert saved.read_bytes() == b"content"
        assert not any(shown_there), "a stranger was shown the certificate"
        assert "authorization" not in other.asked[0].headers
        await client.aclose()


@pytest.mark.parametrize(
    ("options", "says", "then"),
    [
        ({"ca": "none.pem"}, "cannot be read: no such file", "Mend the path"),
        ({"ca": "me.key"}, "holds no certificate", "openssl x509"),
        ({"ca": "bad.pem"}, "a certificate that cannot be read", "Fetch it"),
        ({"client_cert": "me.key"}, "holds no certificate", "openssl pkcs12"),
        ({"client_cert": "me.pem"}, "holds no private key", "client_key"),
        ({"client_cert": "me.pem", "client_key": "none.key"}, "which client_key names, cannot be read", "Mend"),
        ({"client_cert": "me.pem", "client_key": "me-locked.key"}, "locked with a passphrase", "openssl pkey"),
        ({"client_cert": "me.pem", "client_key": "server.key"}, "does not belong to", "made for"),
        ({"client_cert": "me.pem", "client_key": "open.key"}, "others on this machine may read", "chmod 600"),
        ({"client_cert": "bad.pem", "client_key": "me.key"}, "is damaged", "Fetch"),
        ({"client_key": "me.key"}, "no client_cert", "Name the certificate"),
    ],
)
async def test_files_that_cannot_be_used_are_told_with_what_to_do(
    authority: Authority, options: dict[str, str], says: str, then: str
) -> None:
    files = authority.directory
    (files / "bad.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (files / "open.key").write_bytes((files / "me.key").read_bytes())
    (files / "open.key").chmod(0o644)
    if "open.key" in options.values() and os.name != "posix":
        pytest.skip("modes are POSIX's")
    client = client_of(Server(), Options(**{name: files / file for name, file in options.items()}))  # type: ignore[arg-type]
    with pytest.raises(BadSetting, match=says) as told:
        await client.page(LIST)
    assert then in told.value.next
    assert not len(client.exchanges)
    await client.aclose()


def test_a_server_that_wants_a_certificate_and_got_none_is_told() -> None:
    error = httpx.ReadError("")
    error.__cause__ = alert = ssl.SSLError(1, "alert")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert "names as client_cert" in str(make_link_error(error, "gw.example"))
    alert.__cause__, error.__cause__ = None, ssl.SSLWantReadError(2, "The operation did not complete (read)")
    assert make_link_error(error, "gw.example").reason == "cut", "what waits for more is no fault of TLS"


async def test_a_proxy_of_the_profile_is_used_and_its_password_is_not_told(server: Server) -> None:
    server.tell({"data": []})
    proxy = server.base_url.replace("//", "//me:PASSWORD-TESTONLY@").removesuffix("/v1")
    far = Connection(base_url="http://llm.lan/v1", project_key=Secret(PROJECT_KEY), server=Options(proxy=proxy))
    client = Client(far)
    await client.page(LIST)
    assert server.asked[0].target == "http://llm.lan/v1/files"
    assert server.asked[0].headers["proxy-authorization"].startswith("Basic ")
    await client.aclose()


@pytest.mark.parametrize("base", ["http://127.0.0.1:9/v1", "https://llm.invalid/v1"])
async def test_a_proxy_that_fails_is_told_and_not_the_server(
    server: Server, authority: Authority, base: str
) -> None:
    far = Connection(base_url=base, project_key=Secret(PROJECT_KEY))
    listens = urlsplit(server.base_url).netloc
    server.tell({"error": "no"}, status=407)
    server.tell({"error": "no"}, status=407)
    failing = {
        "http://me:PASSWORD-TESTONLY@localhost:1": "The proxy localhost:1 refuses the connection.",
        "socks5://127.0.0.1:1": "The proxy 127.0.0.1:1 refuses the connection.",
        f"http://me:PASSWORD-TESTONLY@{listens}": f"The proxy {listens} ",
    }
    if not find_spec("socksio"):
        del failing["socks5://127.0.0.1:1"]
    async with listening(authority, ssl.CERT_NONE) as (secure, _):
        failing[f"https://127.0.0.1:{secure.port}"] = "The secure connection to the proxy 127.0.0.1:"
        for proxy, words in failing.items():
            client = Client(replace(far, server=Options(proxy=proxy)))
            with pytest.raises(LinkError) as told:
                await client.page(LIST)
            assert told.value.sentence.startswith(words)
            assert told.value.at_proxy
            assert not told.value.sent
            assert "Check `proxy` in the profile" in told.value.next
            assert "PASSWORD" not in f"{told.value}{list(client.exchanges)}{client.connection!r}"
            await client.aclose()


async def test_which_failure_is_the_proxys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "me:word@proxy.lan:3128")
    monkeypatch.setenv("NO_PROXY", "near.lan")
    assert find_way("", httpx.URL("https://near.lan/v1"), uses_environment=True) is None
    assert find_way("", httpx.URL("https://gw.lan/v1"), uses_environment=False) is None
    assert find_way("none", httpx.URL("https://gw.lan/v1"), uses_environment=True) is None
    way = find_way("", httpx.URL("https://gw.lan/v1"), uses_environment=True)
    assert way is not None
    unknown = httpx.ConnectError("x")
    unknown.__cause__ = socket.gaierror(-2, "Name or service not known")
    assert make_link_error(unknown, "gw.lan", way).sentence == "The proxy proxy.lan:3128 is not known."
    late = httpx.ConnectTimeout("x")
    assert make_link_error(late, "gw.lan", way).sentence.startswith("The proxy proxy.lan:3128 did not accept")
    await way.note("proxy.start_tls.started", {})
    assert make_link_error(late, "gw.lan", way).sentence.startswith("gw.lan did not accept"), "it was let through"
    assert not make_link_error(late, "gw.lan", way).at_proxy


def test_when_a_certificate_ends_is_read_from_its_file(authority: Authority, tmp_path: Path) -> None:
    end = read_end(authority.directory / "me.pem")
    assert end
    assert 29 * DAY < end - time.time() <= 30 * DAY
    (tmp_path / "x").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert read_end(tmp_path / "x") is None
    assert read_end(tmp_path / "none") is None
