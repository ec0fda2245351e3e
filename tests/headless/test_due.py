"""What ends, by command: in every form, and with an exit code that tells whether any of it is in use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import run
from tests.support.driving import Server, served
from tui.headless.due import end_lines
from tui.resources.due import DUE

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_795_814_400.0
DAY = 86_400.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm", now=NOW) as server:
        yield server


def test_ends_are_those_that_the_lists_tell_and_the_code_tells_whether_they_are_used(server: Server) -> None:
    told = run(server.url, "due", "--within", "365d", "-o", "json")
    found = json.loads(told.stdout)
    assert [each["ends_at"] for each in found] == sorted(each["ends_at"] for each in found)
    stores = server.call("GET", "/vector_stores?limit=100")["data"]
    ending = {
        each["id"]
        for each in stores
        if each["status"] != "expired" and each["expires_at"] and NOW < each["expires_at"] <= NOW + 365 * DAY
    }
    assert {each["object_id"] for each in found if each["resource"] == "vector-stores"} == ending
    assert ending
    assert told.exit_code == (1 if any(each.get("requests") for each in found) else 0)
    assert any(each.get("requests") for each in found), "no model in use ends within a year"
    assert run(server.url, "due", "--within", "1s").exit_code == 0
    assert run(server.url, "due", "--within", "soon").exit_code == 2
    assert run("http://127.0.0.1:9/v1", "due").exit_code == 7


def end(**more: Any) -> Any:
    return DUE.record(
        {"id": "models/x", "kind": "model", "name": "x", "object_id": "x", "ends_at": NOW + DAY, **more}
    )


def test_markdown_and_calendars_hold_any_name() -> None:
    odd = end(name="a|b;c,d\\e\x1b[2J" + "漢" * 60, used_by=[{"project": "p", "requests": 3}], requests=3)
    *_, row = end_lines("md", [odd], NOW)
    assert row.startswith("| 24 h | ")
    assert r"a\|b;c,d\e" in row
    assert row.endswith("| 3 | p |")
    lines = list(end_lines("ics", [odd], NOW))
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//o9s//due//EN"]
    assert "DTSTART:20261128T212000Z" in lines
    assert max(len(line.encode()) for line in lines) <= 75
    unfolded = "\n".join(lines).replace("\n ", "")
    assert r"SUMMARY:model a|b\;c\,d\\e" in unfolded
    assert "DESCRIPTION:x Used in the last 7 days by p." in unfolded
    assert "\x1b" not in unfolded
    assert list(end_lines("table", [], NOW)) == ["Nothing that was read ends by then."]
