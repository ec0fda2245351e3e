"""What a list does not tell and is read beside it: by a command only where it is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import run
from tests.support.driving import served
from tui.headless.lists.selection import leave_out, name_beside
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.driving import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_each_figure_that_is_read_beside_a_list_is_told_by_a_column_that_says_so(name: str) -> None:
    resource = REGISTRY[name]
    figures = {peek.name for peek in resource.peeks} | ({"used_by"} if resource.name == "files" else set())
    assert set(name_beside(resource).values()) == figures
    told = {
        each.value.partition(".")[0] for each in leave_out(resource, ()).columns if isinstance(each.value, str)
    }
    assert not told & figures
    assert leave_out(resource, figures).columns == resource.columns


@pytest.mark.parametrize("form", ["table", "csv"])
@pytest.mark.parametrize("name", [name for name in sorted(REGISTRY) if name_beside(REGISTRY[name])])
def test_what_nobody_asks_for_is_no_column_and_takes_no_request(name: str, form: str, server: Server) -> None:
    before = len(server.requests())
    told = run(server.url, "get", name, "--limit", "1", "-o", form)
    assert told.exit_code == 0, told.stderr
    head = told.stdout.partition("\n")[0].lower().replace("  ", ",")
    assert not {each.strip().replace(" ", "_") for each in head.split(",")} & name_beside(REGISTRY[name]).keys()
    asked = [each["path"] for each in server.requests()[before:]]
    assert len(asked) <= 1 + bool(REGISTRY[name].join), asked


def test_what_is_asked_for_is_read(server: Server) -> None:
    told = run(server.url, "get", "files", "--filter", "used_by>0", "-o", "json")
    used = {each["id"] for each in json.loads(told.stdout)}
    batch = next(each for each in server.call("GET", "/batches")["data"])
    assert batch["input_file_id"] in used
    unused = run(server.url, "storage", "--unreferenced", "-o", "ids").stdout.split()
    assert run(server.url, "get", "files", "--filter", "used_by=0", "-o", "ids").stdout.split() == unused
    every = run(server.url, "get", "files", "-o", "ids").stdout.split()
    assert used == {*every} - {*unused}
    named = run(server.url, "get", "files", batch["input_file_id"], "--columns", "used_by").stdout
    assert named.splitlines()[1].strip() not in ("", "?", "nothing")

    told = run(server.url, "get", "projects", "--columns", "id,keys", "-o", "json")
    keys = {each["id"]: each["keys"] for each in json.loads(told.stdout)}
    for id_, count in keys.items():
        listed = run(server.url, "get", "project-keys", "--in", id_, "-o", "ids").stdout.split()
        assert count == len(listed)

    told = run(server.url, "get", "files", "--watch", "--columns", "used_by")
    assert (told.exit_code, "--watch does not read used_by" in told.stderr) == (2, True)


def test_what_is_asked_for_and_cannot_be_read_is_told(server: Server) -> None:
    server.control("faults", spec="500@/organization/projects/proj_")
    try:
        told = run(server.url, "get", "projects", "--columns", "id,keys", "-o", "json")
    finally:
        server.control("faults", spec="")
    assert told.exit_code == 7
    assert "projects could not be read" in told.stderr
    assert {each["keys"] for each in json.loads(told.stdout)} == {None}
