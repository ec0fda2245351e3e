"""The doctor: what is broken ends with 1 and says what to do, and nothing is changed or asked twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import run
from tests.support.driving import PROJECT_KEY, Server, served, write_config
from tests.support.odd_server import odd_server
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.credentials.server import Server as Options
from tui.api.errors import LinkError
from tui.api.log.exchanges import Exchange, Exchanges
from tui.config.settings import Config
from tui.headless.doctor.machine import examine_keys, examine_machine
from tui.headless.doctor.server import describe_way, find_families
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.headless.doctor.findings import Finding

DAY = 86_400.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm", now=1_795_814_400.0) as server:
        yield server


def told(url: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the exit code and the findings by name."""
    result = run(url, "doctor", "-o", "json")
    found = json.loads(result.stdout)
    assert found["broken"] is (result.exit_code == 1)
    assert PROJECT_KEY not in result.output
    return result.exit_code, {each["name"]: each for each in found["findings"]}


def test_a_whole_server_has_every_family_and_is_asked_once_for_each(server: Server) -> None:
    asked = server.call("GET", "/files?limit=1")
    assert asked
    code, found = told(server.url)
    assert code == 0
    families = [each.name for each in find_families(REGISTRY)]
    assert {"batches", "files", "vector-stores", "users", "admin-keys"} <= set(families)
    assert {found[name]["state"] for name in families} == {"good"}
    most = max(int(found[name]["what"].removesuffix(" ms")) for name in families)
    assert f"{most} ms at the most, of " in found["latency"]["what"], "both tell of the same requests"
    assert found["server"]["state"] == found["latency"]["state"] == found["clock"]["state"] == "good"
    assert "no terminal" in found["terminal"]["what"] or "is none" in found["terminal"]["what"]
    lines = run(server.url, "doctor").stdout.splitlines()
    assert lines[0] == "This machine"
    assert any(line.startswith("  ✓ batches ") for line in lines)


def test_what_is_not_there_reads_so_and_what_is_amiss_says_what_to_do() -> None:
    page = {"object": "list", "data": [], "has_more": False}
    routes: dict[str, Any] = {"/models": page, "/batches": page, "/files": 501, "/evals": 400, "/skills": 405}
    write_config('colour = "red"\n')
    with odd_server(routes) as url:
        code, found = told(url)
    assert code == 0
    assert found["batches"]["state"] == "good"
    assert {found[name]["what"] for name in ("files", "skills", "vector-stores")} == {
        "not on this server (501)",
        "not on this server (405)",
        "not on this server (404)",
    }
    assert found["evals"]["state"] == "odd"
    assert "config.toml line 1" in found["config"]["what"]


def test_what_is_broken_ends_with_1_and_says_what_to_do() -> None:
    code, found = told("http://127.0.0.1:9/v1")
    assert code == 1
    assert found["server"]["state"] == "broken"
    assert "http://127.0.0.1:9/v1: 127.0.0.1 refuses" in found["server"]["what"]
    assert "Check that the server runs" in found["server"]["then"]
    assert "batches" not in found, "it was asked on after the server had not answered"
    code, found = told("http://llm.example/v1")
    assert (code, found["server"]["state"]) == (1, "broken")
    assert "allow_http" in found["server"]["then"]
    with odd_server({"/models": 401}) as url:
        code, found = told(url)
    assert (code, found["server"]["state"]) == (1, "broken")
    with odd_server({}) as url:
        code, found = told(url.removesuffix("/v1"))
    assert (code, found["server"]["state"]) == (1, "broken")
    assert "/v1" in found["server"]["then"]


def test_a_proxy_that_fails_is_told_as_the_proxy() -> None:
    write_config('[profiles.default]\nproxy = "http://user:x@localhost:1"\n')
    code, found = told("http://127.0.0.1:9/v1")
    assert code == 1
    assert "The proxy localhost:1 refuses the connection" in found["proxy"]["what"]
    assert (found["proxy"]["state"], found["server"]["state"]) == ("broken", "broken")
    assert "refuses" not in found["server"]["what"]


def test_what_all_lists_say_is_said_once() -> None:
    page = b"<html><title>Sign in</title></html>"
    routes: dict[str, Any] = {each.list.path: page for each in find_families(REGISTRY) if each.list}
    with odd_server(routes) as url:
        code, found = told(url)
    assert code == 1
    assert "web page" in found["server"]["what"]
    assert not set(routes) & {f"/{name}" for name in found}
    routes["/models"] = {"object": "list", "data": [], "has_more": False}
    with odd_server(routes) as url:
        code, found = told(url)
    several = [each for name, each in found.items() if name.endswith(" lists")]
    assert [("web page" in each["what"], "files" in each["what"]) for each in several] == [(True, True)]


def way(
    base_url: str = "https://gw.example/v1",
    *,
    took: float = 20,
    skew: float = 0,
    ends: float | None = None,
    stopped: LinkError | None = None,
    options: Options | None = None,
    env: dict[str, str] | None = None,
) -> dict[str, Finding]:
    client = Client(Connection(base_url=base_url, server=options or Options()))
    client._wire.skew, client._wire.certificate_ends = skew, ends
    made = Exchanges()
    made.add(Exchange(0.0, "GET", "/models", 200, ms=took))
    return {each.name: each for each in describe_way(client, made, stopped, env or {}, now=0.0)}


def test_how_the_way_is_judged() -> None:
    calm = way(ends=90 * DAY)
    assert {each.state for each in calm.values()} == {"good", "absent"}
    assert way(took=3000)["latency"].state == "odd"
    assert way(skew=600)["clock"].what == "10 m behind the server's"
    assert way(ends=3 * DAY)["certificate"].state == "odd"
    assert way(ends=-3 * DAY)["certificate"].state == "broken"
    assert way("http://llm.lan/v1")["encryption"].state == "odd"
    env = {"https_proxy": "http://me:PASSWORD@proxy.example:1"}
    assert way(env=env)["proxy"].what == "http://…@proxy.example:1 of HTTPS_PROXY"
    assert way(options=Options(proxy="none"), env=env)["proxy"].what == "none, as the profile says"
    assert way(options=Options(client_cert=Path("/none.pem")))["client certificate"].state == "odd"
    assert way(stopped=LinkError("dns", "The host gw.example is not known."))["server"].state == "broken"


def machine(env: dict[str, str], config: Config | None = None) -> dict[str, Finding]:
    return {each.name: each for each in examine_machine(config or Config(), env, drawn=True)}


@pytest.mark.parametrize(
    ("env", "name", "state", "says"),
    [
        ({"TERM": "xterm-256color"}, "colours", "good", "256"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "colours", "good", "16 million"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "colours", "good", "none"),
        ({"TERM": "linux"}, "colours", "odd", "16"),
        ({"TERM": "linux"}, "mouse", "odd", "no mouse"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "clipboard", "odd", "copy nothing"),
        ({"SSH_TTY": "/dev/pts/1"}, "clipboard", "good", "over SSH"),
    ],
)
def test_how_the_terminal_is_judged(env: dict[str, str], name: str, state: str, says: str) -> None:
    found = machine(env)[name]
    assert found.state == state
    assert says in found.what


def test_state_that_cannot_be_kept_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("O9S_STATE_DIR", str(tmp_path / "file" / "state"))
    found = machine({})["state"]
    assert found.state == "broken"
    assert "O9S_STATE_DIR" in found.then


def test_keys_are_told_by_where_they_come_from() -> None:
    none = {each.name: each for each in examine_keys(Connection())}
    assert none["project key"].state == "broken"
    assert "OPENAI_API_KEY" in none["project key"].then
    with_key = Connection(project_key=Secret(PROJECT_KEY))
    (project, admin) = examine_keys(with_key)
    assert (project.state, admin.state) == ("good", "absent")
    assert PROJECT_KEY not in project.what
    (only,) = examine_keys(Connection(server=Options(auth="none")))
    assert only.what == "none is sent, as the profile says"
