"""What is asked for wrongly: a sentence that says what is right, and one exit code for each kind of fault."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.support.commands import KEYS, run
from tests.support.driving import served
from tui.cli.commands import COMMANDS
from tui.cli.main import cli
from tui.resources.registry import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.driving import Server

WRONG, NOT_FOUND = 2, 3
ASKING = (
    *(("get", "files"), ("home",), ("due",), ("costs",), ("usage", "completions"), ("storage",), ("tasks",)),
    *(("wait", "batch_1"), ("batch", "wait", "batch_1"), ("create", "vector-stores"), ("download", "file-1")),
    *(("delete", "files", "file-1", "--yes"), ("rotate", "admin-keys", "key_1"), ("auth", "status")),
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as found:
        yield found


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
@pytest.mark.parametrize("url", ["ftp://x", "banana", "http://llm.example/v1"])
def test_an_address_that_is_none_is_wrong_use(words: tuple[str, ...], url: str) -> None:
    told = CliRunner().invoke(cli, [*words, "--base-url", url], env=KEYS, prog_name="o9s")
    assert (told.exit_code, "base URL" in told.stderr, told.stdout) == (WRONG, True, ""), told.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("get", "checkpoints"), "Say which fine tuning job: --in FINE_TUNING_JOB_ID."),
        (("get", "run-steps", "--in", "thread_1"), "Say which thread and run: --in THREAD_ID --in RUN_ID."),
        (("get", "files", "--in", "x"), "It is in nothing else: leave out --in."),
        (("get", "responses"), "The API does not list responses: give an id, `o9s get responses ID`."),
        (("get", "threads"), "The API does not list threads: give an id, `o9s get threads ID`."),
        (("get", "costs"), "`o9s costs -o json`"),
        (("get", "usage"), "`o9s usage KIND -o json`"),
        (("get", "batches", "batch_1", "--limit", "3"), "--limit is for a list: leave it out, or the id."),
        (("get", "batches", "batch_1", "--filter", "x"), "--filter is for a list"),
        (("wait", "run_1"), "PARENT/ID"),
    ],
)
def test_what_cannot_be_asked_for_is_wrong_use(server: Server, words: tuple[str, ...], says: str) -> None:
    told = run(server.url, *words)
    assert (told.exit_code, says in told.stderr, told.stdout) == (WRONG, True, ""), told.output


@pytest.mark.parametrize(
    "words",
    [
        ("sandbox", "--faults", "banana"),
        ("get", "files", "--sandbox", "--faults", "banana"),
        ("get", "files", "--sandbox", "--speed", "0"),
        ("sandbox", "--speed", "-1"),
        ("har", "."),
        ("due", "--within", "30"),
        ("storage", "--older", "30"),
        ("storage", "--expiring", "7"),
        ("rotate", "admin-keys", "key_1", "--overlap", "7"),
    ],
    ids=" ".join,
)
def test_a_wrong_value_is_wrong_use(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(cli, words, prog_name="o9s")
    assert (told.exit_code, "Error: " in told.stderr) == (WRONG, True), told.output


@pytest.mark.parametrize("text", ['{"model": "m"', '{"model": "m"\n', '{"model": "m"\n\n  '])
def test_a_fault_of_json_is_told_where_it_is(server: Server, tmp_path: Path, text: str) -> None:
    path = tmp_path / "request.json"
    path.write_text(text)
    told = run(server.url, "create", "batches", "-f", str(path), "--dry-run")
    assert (told.exit_code, "line 1 column 14" in told.stderr) == (WRONG, True), told.stderr
    source = tmp_path / "prompts.txt"
    source.write_text("Hello\n")
    told = CliRunner().invoke(cli, ["batch", "build", str(source), "-t", str(path), "-o", str(tmp_path / "out")])
    assert "(line 1, column 14)" in told.stderr, told.stderr
    path.write_text(f"{text.rstrip()}\n")
    told = CliRunner().invoke(cli, ["batch", "check", "--as", "batch", str(path)])
    assert "line 1 is not JSON: expecting ',' delimiter at column 14" in told.stdout, told.output


def test_what_is_set_twice_is_wrong_use(server: Server, tmp_path: Path) -> None:
    since = len(server.requests())
    told = run(server.url, "create", "vector-stores", "--set", "name=A", "--set", "name=B", "--yes")
    assert (told.exit_code, "name: Is set twice: give it once." in told.stderr) == (WRONG, True), told.output
    path = tmp_path / "request.json"
    path.write_text('{"name": "A", "metadata": {"a": "1", "a": "2"}}')
    told = run(server.url, "create", "vector-stores", "-f", str(path), "--yes")
    assert (told.exit_code, "a is in it twice: give it once." in told.stderr) == (WRONG, True), told.output
    assert len(server.requests()) == since


def test_a_folder_with_a_recording_is_not_written_into(server: Server, tmp_path: Path) -> None:
    words = ("record", str(tmp_path / "kept"), "--", "get", "models", "--limit", "1")
    assert CliRunner().invoke(cli, [*words, "--base-url", server.url], env=KEYS).exit_code == 0
    told = CliRunner().invoke(cli, [*words, "--base-url", server.url], env=KEYS)
    assert (told.exit_code, "holds a recording already" in told.stderr) == (WRONG, True)


@pytest.mark.parametrize("name", [*PLACES, "costs", "usage"])
def test_what_is_no_list_names_the_command_that_prints_it(server: Server, name: str) -> None:
    told = run(server.url, "get", name)
    assert told.exit_code == WRONG
    words = told.stderr.partition("`o9s ")[2].partition("`")[0].split()
    assert words[0] in COMMANDS, told.stderr
    filled = ["completions" if word == "KIND" else word for word in words]
    printed = run(server.url, *filled) if filled[:2] != ["batch", "status"] else CliRunner().invoke(cli, filled)
    assert printed.exit_code == (1 if name == "due" else 0), printed.output
    assert not printed.stdout or json.loads(printed.stdout) is not None


@pytest.mark.parametrize(
    "words",
    [
        ("get", "batches", "batch_nope"),
        ("wait", "batch_nope"),
        ("batch", "wait", "batch_nope"),
        ("rotate", "admin-keys", "key_nope", "--yes"),
    ],
    ids=" ".join,
)
def test_an_object_that_is_not_there_has_one_code_and_sentence(server: Server, words: tuple[str, ...]) -> None:
    told = run(server.url, *words)
    assert told.exit_code == NOT_FOUND, told.output
    assert told.stderr.startswith("Not found (404 Not Found): No ")
    assert "It may have been deleted, belong to another project, or not exist on this server." in told.stderr


def test_get_reads_ids_from_standard_input(server: Server) -> None:
    ids = [each["id"] for each in server.call("GET", "/batches?limit=3")["data"]]
    told = run(server.url, "get", "batches", "-", "-o", "ids", typed="\n".join(ids))
    assert (told.exit_code, told.stdout.split()) == (0, ids), told.output
    lines = run(server.url, "get", "batches", "--limit", "2", "-o", "jsonl").stdout
    assert run(server.url, "get", "batches", "-", "-o", "ids", typed=lines).stdout.split() == ids[:2]
    told = run(server.url, "get", "batches", "-", "-o", "ids", typed=f"{ids[0]}\nbatch_nope\n")
    assert (told.exit_code, told.stdout.split()) == (7, ids[:1])
    assert told.stderr.startswith("batch_nope: Not found")
    assert run(server.url, "get", "batches", "-", typed="batch_nope\n").exit_code == NOT_FOUND
    assert run(server.url, "get", "batches", "-", "--limit", "1", typed=ids[0]).exit_code == WRONG
    job = server.call("GET", "/fine_tuning/jobs")["data"][0]["id"]
    inside = run(server.url, "get", "checkpoints", "--in", job, "-o", "ids").stdout
    told = run(server.url, "get", "checkpoints", "-", "-o", "ids", typed=inside)
    assert told.exit_code == 0 or "cannot be read by its id" in told.stderr, told.output


def test_a_filter_by_a_word_that_no_object_has_names_those_there_are(server: Server) -> None:
    told = run(server.url, "get", "batches", "--filter", "outcome:invlid")
    assert told.exit_code == 0
    assert told.stderr.startswith("No outcome is invlid. Did you mean invalid? There are: ")
    assert "partial" in told.stderr
    assert not run(server.url, "get", "batches", "--filter", "outcome:invalid").stderr
    told = run(server.url, "get", "batches", "--filter", "name:nothing-is-called-so", "-o", "ids")
    assert (told.stdout, told.stderr) == ("", "Nothing matches.\n")


def test_words_of_one_object_do_not_widen_the_column_of_all() -> None:
    with served(scenario="busy") as server:
        for name in ("batches", "fine-tuning", "audit"):
            for line in run(server.url, "get", name, "--limit", "100").stdout.splitlines():
                words = [cell for cell in re.split(r"\s{2,}", line) if " " in cell]
                assert all(len(cell) <= 34 for cell in words), line
        wide = run(server.url, "get", "batches", "--columns", "id,progress").stdout.splitlines()
        assert max(map(len, wide)) > 80, "what was asked for by name is cut"


def test_an_address_without_a_version_is_told_as_that(server: Server) -> None:
    says = "The base URL may lack its version: most end with /v1."
    for words in (("get", "batches"), ("home",), ("get", "models", "--watch")):
        assert says in run(server.url.removesuffix("/v1"), *words).stderr, words
    assert says not in run(f"{server.url}/x/v1", "get", "batches").stderr
    assert "most end with /v1" in run(server.url.removesuffix("/v1"), "doctor").stdout


def test_home_says_what_it_checks_no_further_and_ends_well() -> None:
    with served(scenario="huge") as server:
        told = run(server.url, "home", "-o", "json")
        found = json.loads(told.stdout)
        assert {"resource": "files", "newest": 100} in found["checked"]
        assert "Only the newest 100 files are checked." in told.stderr
        assert told.exit_code == (7 if found["not_read"] else 0), told.stderr
