"""Lists without a screen: one odd part costs itself only, and is never left out without a word."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support.driving import PROJECT_KEY
from tests.support.odd_server import odd_server
from tests.support.pty_bytes import Terminal
from tui.cli.main import cli
from tui.headless.lists.listing import Reporter, connect_to_sandbox
from tui.headless.lists.printing import list_lines
from tui.resources.registry import REGISTRY

ONE = {"id": "cntr_1", "object": "container", "name": "one"}


def get(answer: Any, *arguments: str) -> Result:
    with odd_server({"/containers": answer}) as url:
        env = {"OPENAI_API_KEY": PROJECT_KEY}
        return CliRunner().invoke(cli, ["get", "containers", "--base-url", url, *arguments], env=env)


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_what_cannot_be_read_is_counted_and_the_rest_is_printed(form: str) -> None:
    told = get({"object": "list", "data": [ONE, None, "x", 5, {"name": "no id"}]}, "-o", form)
    assert told.exit_code == 7, told.output
    assert "The list is not whole: 3 of the containers in it cannot be read." in told.stderr
    assert "cntr_1" in told.stdout
    assert "no id" in told.stdout


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_numbers_are_printed_with_every_digit_they_came_with(form: str) -> None:
    told = get(b'{"data": [{"id": "cntr_1", "x": {"y": [0.12345678901234567890123, 1e999]}}]}', "-o", form)
    assert (told.exit_code, told.stderr) == (0, "")
    assert "0.12345678901234567890123" in told.stdout
    assert "1e999" in told.stdout


def test_what_comes_again_is_printed_as_told_last_and_what_comes_twice_is_counted() -> None:
    two = {"id": "cntr_2", "object": "container"}

    def pages(query: Any) -> Any:
        if query.get("after"):
            return {"object": "list", "data": [{**ONE, "name": "newer"}, {**two, "id": "cntr_3"}]}
        return {"object": "list", "data": [ONE, {**two, "name": "b"}, {**two, "name": "c"}], "has_more": True}

    told = get(pages, "-o", "csv")
    assert told.exit_code == 7, told.output
    assert "1 object came twice with different contents" in told.stderr
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    assert [(row["id"], row["name"]) for row in rows] == [("cntr_1", "newer"), ("cntr_2", "b"), ("cntr_3", "")]


def test_a_page_that_fails_leaves_what_was_read_before() -> None:
    def pages(query: Any) -> Any:
        if query.get("after"):
            return {"error": {"message": "the disk is slow today"}}
        return {"object": "list", "data": [ONE], "has_more": True}

    told = get(pages, "-o", "ids")
    assert (told.exit_code, told.stdout.split()) == (7, ["cntr_1"]), told.output
    assert "The list is not whole, 1 was read" in told.stderr
    assert "the disk is slow today" in told.stderr


@pytest.mark.parametrize("form", ["ids", "jsonl"])
def test_a_page_is_printed_before_the_next_is_asked_for(form: str) -> None:
    told: list[str] = []

    def pages(query: Any) -> Any:
        if query.get("after"):
            return {"object": "list", "data": [{**ONE, "id": f"cntr_{len(told) + 1}"}]}
        return {"object": "list", "data": [ONE], "has_more": True}

    with odd_server({"/containers": pages}) as url:
        reporter = Reporter()
        for line in list_lines(connect_to_sandbox(url), REGISTRY["containers"], None, (), None, form, reporter):
            told.append(line)
    assert len(told) == 2
    assert "cntr_1" in told[0]
    assert "cntr_2" in told[1], "the second page was asked for when the first line was there"
    assert reporter.whole


HOSTILE = {**ONE, "name": "می\u200cخواهم\x1b[2J\x1b]0;x\x07\ttwo\nlines\x9b"}


def test_csv_for_a_file_or_pipe_is_as_it_came() -> None:
    told = get({"object": "list", "data": [HOSTILE]}, "-o", "csv")
    (row,) = csv.DictReader(io.StringIO(told.stdout, newline=""))
    assert HOSTILE["name"] in row.values()


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_nothing_that_a_terminal_obeys_is_printed_in_one(form: str) -> None:
    command = [sys.executable, "-m", "tui", "get", "containers", "-o", form, "--base-url"]
    with (
        odd_server({"/containers": {"object": "list", "data": [HOSTILE]}}) as url,
        Terminal([*command, url], OPENAI_API_KEY=PROJECT_KEY) as terminal,
    ):
        written = terminal.until("lines").decode()
    printed = written.replace("\r\n", "\n").replace("\r\x1b[K", "")  # which removes what is told of progress
    found = {character for character in printed if unicodedata.category(character) in ("Cc", "Cf")}
    assert found <= {"\n"}, found
    assert "two\nlines" not in printed


@pytest.mark.parametrize(
    "answer",
    [
        [{"error": {"message": "The store is closed.", "type": "server_error"}}],
        [{"message": "The store is closed.", "code": 503}],
        {"error_code": 17, "error_msg": "The store is closed."},
    ],
)
def test_an_error_is_not_printed_as_an_object(answer: Any) -> None:
    told = get(answer)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "The store is closed." in told.stderr


def test_a_list_under_another_name_and_a_way_on_that_is_not_known() -> None:
    told = get({"object": "list", "containers": [ONE], "nextPageToken": "t"}, "-o", "csv")
    assert told.exit_code == 7, told.output
    assert "cntr_1" in told.stdout
    assert "the server has more containers" in told.stderr
