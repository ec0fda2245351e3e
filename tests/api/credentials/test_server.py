"""How servers that are not OpenAI's are talked to: headers, query, key, and the host that these are for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from click.testing import CliRunner

from tests.support.driving import write_config
from tui.api.client import Client
from tui.api.credentials.resolve import describe_status, resolve
from tui.api.errors import BadSetting, BadUrl, LeftOut, NotServed
from tui.api.log import curl
from tui.api.operation import Key, Operation
from tui.api.redaction import redact
from tui.cli.main import cli
from tui.config.presets import PRESETS
from tui.config.reading import load
from tui.config.settings import Config, Profile
from tui.resources.registry import REGISTRY
from tui.screens.workflows.bench.exports import format_python

if TYPE_CHECKING:
    from tui.api.credentials.connection import Connection

LIST = Operation("listFiles", "GET", "/files")
USERS = Operation("listUsers", "GET", "/organization/users", key=Key.ADMIN)
KEY = "azure-TESTONLY-0123456789"
SECRETS = ["HEADER-TESTONLY-0123456789", "PROXY-TESTONLY-0123456789", "QUERY-TESTONLY-0123456789"]


def said(text: str) -> tuple[str, ...]:
    """A command that prints."""
    return (sys.executable, "-c", f"print({text!r})")


def resolved(by_hand: str | None = None, **settings: Any) -> Connection:
    profile = Profile("p", **settings)
    return resolve(
        profile="p",
        base_url=by_hand,
        read_only=False,
        env={},
        config=Config(profiles={"p": profile}),
        kinds=(Key.PROJECT,),
    )


async def sent(connection: Connection, operation: Operation = LIST) -> httpx.Request:
    """Return the request that lists something."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b'{"data": []}'))

    client = Client(connection, transport=httpx.MockTransport(answer))
    await client.page(operation, limit=5)
    await client.aclose()
    return asked[0]


async def test_a_server_gets_its_headers_its_query_and_its_key_as_it_wants_it() -> None:
    connection = resolved(
        kind="azure",
        base_url="https://acme.openai.azure.com",
        key_command=said(KEY),
        headers={"X-Team": "search", "openai-beta": "mine", "X-Gate-Token": said(SECRETS[0])},
        query={"api-version": "preview", "code": said(SECRETS[2])},
    )
    request = await sent(connection)
    assert str(request.url).startswith("https://acme.openai.azure.com/openai/v1/files?limit=5&api-version=preview")
    assert request.url.params["code"] == SECRETS[2]
    assert request.headers["api-key"] == KEY
    assert "authorization" not in request.headers
    told = {name: request.headers.get_list(name) for name in ("x-team", "openai-beta", "x-gate-token")}
    assert told == {"x-team": ["search"], "openai-beta": ["mine"], "x-gate-token": [SECRETS[0]]}


async def test_without_auth_no_key_is_looked_for_nor_sent() -> None:
    connection = resolved(
        base_url="https://gw.example/v1",
        auth="none",
        key_command=("no-such-command",),
        headers={"Authorization": "Basic " + SECRETS[0]},
    )
    assert connection.usable
    assert (await sent(connection, USERS)).headers["authorization"] == "Basic " + SECRETS[0]
    assert not connection.problems


@pytest.mark.parametrize("kind", PRESETS)
def test_a_kind_says_where_and_what_is_left_out(kind: str) -> None:
    preset = PRESETS[kind]
    connection = resolved(kind=kind, base_url=None if preset.base_url else "https://x.example")
    assert connection.server.auth == preset.auth
    assert connection.server.headers == preset.headers
    assert resolved(kind=kind, base_url="https://x.example/").base_url == "https://x.example" + preset.path
    assert connection.base_url == (preset.base_url or "https://x.example" + preset.path)
    assert connection.server.lacks("/organization/users")
    first = {resource.list.path.split("/")[1] for resource in REGISTRY.values() if resource.list}
    assert set(preset.serves) <= first | {"responses"}, "what is said to be there is no list of o9s"
    assert resolved(kind=kind, base_url="https://y.example/base").base_url == "https://y.example/base"


def test_a_header_of_the_profile_goes_before_that_of_its_kind() -> None:
    server = resolved(kind="azure", base_url="https://x.example", headers={"Aoai-Evals": "off"}).server
    assert server.headers == {"Aoai-Evals": "off"}


async def test_what_a_kind_lacks_is_not_asked_until_somebody_wants_to_know() -> None:
    def missing(_: httpx.Request) -> httpx.Response:
        return httpx.Response(404, stream=httpx.ByteStream(b""))

    client = Client(resolved(kind="ollama"), transport=httpx.MockTransport(missing))
    client.absences.expect(client.connection.server)
    with pytest.raises(LeftOut, match="ollama has no /files"):
        await client.page(LIST)
    assert not len(client.exchanges)
    client.absences.ask_again(LIST)
    with pytest.raises(NotServed, match="404"):
        await client.page(LIST)
    await client.aclose()


def test_headers_are_for_the_host_of_the_profile_only() -> None:
    there = {
        "kind": "azure",
        "base_url": "https://a.example/v1",
        "headers": {"X-Key": "x"},
        "client_cert": "c.pem",
    }
    connection = resolved("https://b.example/v1", **there)
    assert not connection.server.headers
    assert not connection.server.client_cert
    assert (connection.server.kind, connection.server.auth) == ("", "bearer")
    assert "auth and headers and client_cert of profile p are for a.example" in connection.notes[-1]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"headers": {"X Y": "v"}}, "no name of a header"),
        ({"headers": {"Content-Length": "3"}}, "which o9s writes itself"),
        ({"headers": {"X-A": "one\ntwo"}}, "X-A has a line break"),
        ({"headers": {"Authorization": "Basic x"}}, 'With auth = "none" no key is sent'),
        ({"headers": {"X-A": ("false",)}}, "The command of headers.X-A, false ended with code 1"),
        ({"proxy": "proxy.example"}, "no address of a proxy"),
        ({"proxy": "ftp://proxy.example"}, "no address of a proxy"),
        ({"proxy": "http://proxy.example:many"}, "cannot be read"),
        ({"unusable": {"kind": "profiles.p.kind must be azure."}}, "kind must be azure"),
        ({"unusable": {"headers": "profiles.p.headers must be a table."}}, "headers must be a table"),
    ],
)
def test_what_cannot_be_used_sends_nothing_and_says_what_to_do(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(BadSetting, match=says) as told:
        resolved(base_url="https://gw.example/v1", **settings)
    assert told.value.next
    assert "two" not in str(told.value)


def test_plain_http_goes_to_a_host_that_is_named_and_to_no_other() -> None:
    near = "http://llm.lan:8000/v1"
    assert resolved(base_url=near, allow_http=("llm.lan",)).base_url == near
    plain = resolved("http://llm.lan/v1", allow_http=("llm.lan",))
    assert (plain.host, plain.is_plain) == ("llm.lan", True)
    for url, hosts in (
        ("http://llm.lan/v1", ()),
        ("http://other.lan/v1", ("llm.lan",)),
        ("http://llm.lan.evil.example/v1", ("llm.lan",)),
    ):
        with pytest.raises(BadUrl, match=r"allow_http = "):
            resolved(url, allow_http=hosts)


def test_no_secret_of_a_server_is_ever_shown() -> None:
    connection = resolved(
        base_url="https://gw.example/v1",
        headers={"X-Gate-Token": SECRETS[0]},
        query={"code": said(SECRETS[2]), "v": "1"},
        proxy=f"http://me:{SECRETS[1]}@proxy.example:3128",
        ca="/c/ca.pem",
        client_cert="/c/me.pem",
    )
    operation = Operation("createBatch", "POST", "/batches")
    status = "\n".join(f"{label} {value}" for label, value in describe_status(connection, {}))
    command = curl.write_request_script(operation, connection, {}, {"a": 1})
    shown = [status, command, repr(connection), format_python({}, "/responses", connection)]
    for secret in SECRETS:
        assert not any(secret in text for text in shown)
        assert secret not in redact(f"the server said {secret}")
    assert "proxy http://…@proxy.example:3128" in status
    for part in (
        '"X-Gate-Token: $X_GATE_TOKEN"',
        "--cacert /c/ca.pem",
        "--cert /c/me.pem",
        "?code=…&v=1",
        '"$PROXY"',
    ):
        assert part in command
    assert "os.environ['X_GATE_TOKEN']" in shown[-1]


def test_the_config_tells_which_headers_there_are_and_no_value() -> None:
    write_config(
        f'[profiles.p]\nheaders = {{ X-Team = "{SECRETS[0]}" }}\nquery = {{ code = "{SECRETS[2]}" }}\n'
        f'proxy = "http://me:{SECRETS[1]}@proxy.example:1"\n'
        f'[profiles.q]\nheaders = {{ X-Team = ["{SECRETS[0]}", 3] }}\n'
    )
    told = CliRunner().invoke(cli, ["config", "-o", "json"])
    assert {"profiles.p.headers.X-Team", "profiles.p.query.code", "profiles.p.proxy"} <= {
        each["setting"] for each in json.loads(told.stdout)
    }
    assert "profiles.q.headers.X-Team must be a text, or a command" in told.stderr
    shown = f"{told.output}{load()!r}"
    assert not any(secret in shown for secret in SECRETS)


def test_paths_may_begin_with_the_home_directory() -> None:
    assert resolved(ca="~/ca.pem").server.ca == Path("~/ca.pem").expanduser()
