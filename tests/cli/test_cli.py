"""The command line: help that teaches, lists for pipes, clear exit codes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tui import __version__
from tui.cli.commands import HEADINGS
from tui.cli.main import cli
from tui.config.reading import load
from tui.headless.lists.listing import NO_ACCESS
from tui.resources.registry import PLACES
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.start import Start


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


def run(*arguments: str, server: Server | None = None, key: str = PROJECT_KEY) -> Result:
    where = ["--base-url", server.url] if server else []
    env = {"OPENAI_API_KEY": key, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    return CliRunner().invoke(cli, [*arguments, *where], env=env, prog_name="o9s")


def test_help_teaches() -> None:
    told = run("--help").output
    for words in ("o9s --sandbox", "o9s get batches -o csv", "? for every key"):
        assert words in told
    assert "Exit codes" in run("get", "--help").output
    assert run("--version").output.splitlines()[0] == f"o9s, version {__version__}"


@pytest.mark.parametrize(
    "line",
    ["--present", "--present files", "files --present", "files", "--present pick files", "pick files --present"],
)
def test_presenting_is_said_before_or_after_what_is_opened(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[Start] = []
    monkeypatch.setattr("tui.app.run", starts.append)
    monkeypatch.setattr("tui.app.O9s.run", lambda app: starts.append(app.connector.start))
    monkeypatch.setattr("tui.system.terminal.redirect_streams", nullcontext)
    monkeypatch.setattr("tui.system.terminal.find_drawing_refusal", lambda _: "")
    monkeypatch.setattr("tui.system.terminal.leave", lambda _: None)
    run(*line.split())
    assert [start.present for start in starts] == ["--present" in line]


def test_help_and_version_import_nothing_heavy() -> None:
    code = (
        "import sys\nfrom tui.cli.main import cli\n"
        "try:\n    cli(['--help'], prog_name='o9s')\nexcept SystemExit:\n    pass\n"
        "print({'textual', 'httpx', 'pydantic', 'keyring', 'starlette'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"


def test_lists_in_every_form(server: Server) -> None:
    batches = server.call("GET", "/batches?limit=100")["data"]
    table = run("get", "batches", server=server)
    assert table.exit_code == 0, table.output
    assert [line.split()[-1] for line in table.output.splitlines()[:1]] == ["ID"]
    assert len(table.output.splitlines()) == len(batches) + 1
    objects = json.loads(run("get", "batches", "-o", "json", server=server).output)
    assert [{**told, **batch} for told, batch in zip(objects, batches, strict=True)] == objects
    assert {told["outcome"] for told in objects} >= {"ok", "partial", "invalid", "all failed"}
    lines = run("get", "b", "-o", "jsonl", "--limit", "3", server=server).output.splitlines()
    assert [json.loads(line) for line in lines] == objects[:3]
    rows = list(csv.DictReader(io.StringIO(run("get", "batches", "-o", "csv", server=server).output)))
    assert [row["id"] for row in rows] == [batch["id"] for batch in batches]
    assert {row["outcome"] for row in rows} >= {"ok", "partial", "invalid", "all failed"}


def test_one_object_and_what_is_inside_another(server: Server) -> None:
    job = server.call("GET", "/fine_tuning/jobs")["data"][0]
    told = json.loads(run("get", "ft", job["id"], "-o", "json", server=server).output)
    assert told == {**told, **job}
    found = json.loads(run("get", "checkpoints", "--in", job["id"], "-o", "json", server=server).output)
    listed = server.call("GET", f"/fine_tuning/jobs/{job['id']}/checkpoints")["data"]
    assert found == [{**each, "fine_tuning_job_id": job["id"]} for each in listed]
    told = run("get", "checkpoints", server=server)
    assert (told.exit_code, told.output) == (2, "Say which fine tuning job: --in FINE_TUNING_JOB_ID.\n")


def test_all_pages_are_read(server: Server) -> None:
    files = server.call("GET", "/files")["data"]
    told = json.loads(run("get", "files", "-o", "json", server=server).output)
    assert [each["id"] for each in told] == [file["id"] for file in files]


@pytest.mark.parametrize(
    ("arguments", "key", "code", "told"),
    [
        (("get", "batches", "batch_none"), PROJECT_KEY, 3, "batch_none"),
        (("get", "batches"), "wrong-key-that-is-long-enough", 4, "API key"),
        (("get", "batches"), "", 4, "OPENAI_API_KEY"),
        (("get", "bathces"), PROJECT_KEY, 2, "did you mean batches"),
        (("get", "batches", "--limit", "0"), PROJECT_KEY, 2, "--limit"),
        (("get",), PROJECT_KEY, 2, "RESOURCE"),
    ],
)
def test_exit_codes(server: Server, arguments: tuple[str, ...], key: str, code: int, told: str) -> None:
    result = run(*arguments, server=server, key=key)
    assert result.exit_code == code, result.output
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_link_that_is_down() -> None:
    result = CliRunner().invoke(
        cli, ["get", "batches", "--base-url", "http://127.0.0.1:9/v1"], env={"OPENAI_API_KEY": PROJECT_KEY}
    )
    assert result.exit_code == 1
    assert "refuses the connection" in result.output


def test_connection_options_before_or_after_the_command(server: Server) -> None:
    env = {"OPENAI_API_KEY": PROJECT_KEY}
    before = CliRunner().invoke(cli, ["--base-url", server.url, "get", "files", "--limit", "1"], env=env)
    after = CliRunner().invoke(cli, ["get", "--base-url", server.url, "files", "--limit", "1"], env=env)
    assert before.exit_code == after.exit_code == 0
    assert before.output.split()[:3] == after.output.split()[:3]


def test_a_command_with_a_sandbox_of_its_own() -> None:
    result = run("--sandbox", "nasty", "get", "files", "-o", "table")
    assert result.exit_code == 0, result.output
    assert "[/oops].jsonl" in result.output
    assert not set(result.output) & {char for name in HOSTILE for char in name if char < " " and char != "\n"}


def test_resources_lists_every_operation_once_a_resource() -> None:
    told = json.loads(run("resources", "-o", "json").output)
    assert {each["name"] for each in told} >= {"batches", "files", "fine-tuning", "models"}
    operations = {operation["name"] for each in told for operation in each["operations"]}
    assert operations >= {"createBatch", "listFineTuningEvents", "downloadFile", "addUploadPart", "deleteModel"}
    for each in told:
        names = [operation["name"] for operation in each["operations"]]
        assert len(names) == len(set(names)), each["name"]
        assert set(each["operations"][0]) == {"name", "method", "path", "key", "stream"}
    assert "listBatches" in run("resources").output
    (batches,) = (each for each in told if each["name"] == "batches")
    create = next(each for each in batches["actions"] if each["name"] == "create")
    assert (create["operation"], create["on"], create["risk"]) == ("createBatch", "list", "none")
    assert {"input_file_id", "metadata"} <= set(create["fields"])


def test_login_without_a_keyring_says_what_else_there_is(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["auth", "login", "--with-key"], input=PROJECT_KEY + "\n")
    assert result.exit_code == 1
    assert "key_command" in result.output
    assert PROJECT_KEY not in result.output
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or PROJECT_KEY.encode() not in path.read_bytes()


@pytest.mark.parametrize("words", [["login", "--with-key"], ["logout"]])
def test_a_key_is_kept_and_forgotten_for_one_profile(words: list[str]) -> None:
    told = CliRunner().invoke(cli, ["auth", *words, "--profile", "acme,beta"], input=PROJECT_KEY)
    assert (told.exit_code, "--profile acme or --profile beta" in told.output) == (2, True), told.output
    assert not load().profiles, "nobody asked for a profile of that name"


def test_status_masks_the_key(server: Server) -> None:
    result = run("auth", "status", server=server)
    assert result.exit_code == 0
    assert "OPENAI_API_KEY" in result.output
    assert PROJECT_KEY not in result.output


def test_a_key_is_refused_until_its_host_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PROJECT_KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://llm.example:1/v1")
    got = run("get", "batches")
    assert (got.exit_code, "`o9s auth trust` allows it" in got.output) == (NO_ACCESS, True), got.output
    left = CliRunner().invoke(cli, ["auth", "trust"], input="n\n")
    assert (left.exit_code, "to llm.example:1?" in left.output) == (1, True)
    assert "was never sent" in run("auth", "status").output
    assert "may go to llm.example:1 from now on" in run("auth", "trust", "--yes").output
    assert "from OPENAI_API_KEY for llm.example:1" in run("auth", "status").output
    assert "There is nothing to allow" in run("auth", "trust").output
    assert PROJECT_KEY not in got.output + left.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "_O9S_COMPLETE" in run("completion", shell).output


def test_the_sandbox_says_its_base_url_first_and_refuses_a_bad_fault() -> None:
    result = run("sandbox", "--faults", "nonsense")
    assert result.exit_code != 0
    assert "nonsense" in result.output


def test_a_sandbox_of_its_own_refuses_what_it_was_told_to() -> None:
    result = run("auth", "status", "--sandbox", "--read-only")
    assert result.exit_code == 0, result.output
    assert "refused (read-only, by --read-only)" in result.output


@pytest.mark.parametrize("name", [name for place in PLACES.values() for name in (place.name, *place.aliases)])
def test_a_place_of_the_program_is_no_list_to_get(name: str) -> None:
    result = run("get", name)
    assert result.exit_code == 2
    assert "is no list of objects" in result.output


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    context = click.Context(cli)
    names = cli.list_commands(context)
    assert "get" in names
    assert "open" not in names
    commands = [command for name in names if (command := cli.get_command(context, name))]
    assert len(commands) == len(names)
    told, own = click.HelpFormatter(), click.HelpFormatter()
    cli.format_commands(context, told)
    click.Group(commands=commands).format_commands(context, own)
    lines, headings = told.getvalue().splitlines(), [f"{heading}:" for heading in HEADINGS]
    assert [line for line in lines if line and not line.startswith(" ")] == headings
    assert sorted(line for line in lines if line.startswith(" ")) == own.getvalue().splitlines()[1:]


@pytest.mark.parametrize(
    "words",
    [
        ["home", "-o", "json"],
        ["get", "files"],
        ["costs", "-o", "json"],
        ["delete", "files", "file-1", "--yes"],
        ["takeout", "out"],
        ["wait", "batch_1"],
        ["auth", "status"],
        ["config"],
    ],
    ids=lambda words: words[0],
)
def test_ctrl_c_at_any_moment_is_told_by_the_exit_code(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tui.config.reading.load", interrupt)
    told = CliRunner().invoke(cli, words, prog_name="o9s")
    assert (told.exit_code, told.stderr.splitlines()[-1:]) == (130, ["Stopped."]), told.output
