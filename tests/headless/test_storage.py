"""Storage: what files take and what nothing uses, as the lists of the platform tell it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.commands import run
from tests.support.driving import Server, served
from tui.live.references.naming import HOLDERS
from tui.resources.language.column import CellContext
from tui.resources.language.reading.times import unix_time
from tui.resources.registry import REGISTRY
from tui.resources.storage import STORAGE
from tui.workflows.storage.watch import build_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_795_814_400.0
DAY = 86_400.0


@pytest.fixture(scope="module", params=["busy", "nasty"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with served(scenario=request.param, now=NOW) as server:
        yield server


@pytest.fixture(scope="module")
def calm() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


def read_all(server: Server, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        after = f"&after={found[-1]['id']}" if found else ""
        try:
            page = server.call("GET", f"{path}?limit=100{after}")
        except httpx.HTTPStatusError as error:
            assert error.response.status_code == 404  # what it is in has expired
            return found
        found += [each for each in page["data"] if isinstance(each, dict)]
        if not page.get("has_more") or not page["data"]:
            return found


def number(item: dict[str, Any], name: str, other: float) -> float:
    value = item.get(name)
    return value if isinstance(value, int | float) else other


def read_users(server: Server) -> list[tuple[dict[str, Any], str]]:
    """The metadata of everything that may name a file, and as text all there is of it."""
    told = []
    for name, part in HOLDERS.items():
        operation = REGISTRY[name].list
        assert operation
        for each in read_all(server, operation.path):
            text = json.dumps(each)
            if part and each.get("id"):
                inside = REGISTRY[part].list
                assert inside
                path = inside.path.replace(f"{{{inside.placeholders[0]}}}", str(each["id"]))
                text += json.dumps(read_all(server, path))
            told.append((each["metadata"] if isinstance(each.get("metadata"), dict) else {}, text))
    return told


def test_groups_and_what_is_unused_are_what_the_lists_hold(server: Server) -> None:
    files, users = read_all(server, "/files"), read_users(server)
    named = "".join(text for _, text in users)
    unused = [each for each in files if f'"{each["id"]}"' not in named]
    assert unused
    labelled: dict[str, str] = {}
    for metadata, text in users:
        for key, value in metadata.items():
            if isinstance(value, str):
                label = f"{key[:64]}={value[:64]}".replace("\n", " ")
                labelled[label] = labelled.get(label, "") + text

    told = run(server.url, "storage", "-o", "json")
    assert told.exit_code == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["files"] == len(files)
    purposes = {group["name"]: group for group in found["groups"] if group["kind"] == "purpose"}
    counted = Counter(str(each.get("purpose") or "no purpose") for each in files)
    assert {name: group["files"] for name, group in purposes.items()} == counted
    sizes = [str(each.get("bytes")) for each in files]
    assert found["bytes"] == sum(int(size) for size in sizes if size.isdecimal())
    assert sum(group["unused"]["files"] for group in purposes.values()) == len(unused)

    groups = {group["name"]: group["files"] for group in found["groups"] if group["kind"] == "metadata"}
    for label, count in groups.items():
        assert count == sum(f'"{each["id"]}"' in labelled[label] for each in files), label
    assert groups or not any(labelled), "none is shown"

    listed = run(server.url, "storage", "--unreferenced", "-o", "ids")
    assert listed.stdout.split() == [each["id"] for each in unused]
    old = [each["id"] for each in unused if NOW - (unix_time(each.get("created_at")) or NOW) >= 5 * DAY]
    assert run(server.url, "storage", "--unreferenced", "--older", "5d", "-o", "ids").stdout.split() == old
    told = run(server.url, "storage", "--unreferenced", "--older", "900000d")
    assert (told.exit_code, told.stderr) == (0, "Nothing matches.\n")
    soon = [each["id"] for each in files if 0 <= (unix_time(each.get("expires_at")) or 0) - NOW <= 30 * DAY]
    assert run(server.url, "storage", "--expiring", "30d", "-o", "ids").stdout.split() == soon


def test_copies_are_all_but_the_newest_of_a_name_and_size(server: Server) -> None:
    newest: dict[Any, str] = {}
    files = read_all(server, "/files")
    files = [each for each in files if isinstance(each.get("filename"), str) and number(each, "bytes", 0)]
    files.reverse()  # of the same second the first listed is the newest
    for each in sorted(files, key=lambda each: unix_time(each.get("created_at")) or 0):
        newest[each["filename"], each["bytes"]] = each["id"]
    copies = {each["id"] for each in files if each["filename"]} - set(newest.values())
    told = run(server.url, "storage", "--copies", "-o", "jsonl")
    assert {json.loads(line)["id"] for line in told.stdout.splitlines()} == copies


def test_nothing_is_called_unused_while_a_list_cannot_be_read(server: Server) -> None:
    server.control("faults", spec="500@/assistants")
    try:
        told = run(server.url, "storage", "--unreferenced", "-o", "ids")
    finally:
        server.control("faults", spec="")
    assert (told.exit_code, told.stdout) == (7, "")
    assert "Which files are unused is not known: the assistants could not be read." in told.stderr
    told = run(server.url, "storage", "-o", "ids")
    assert told.exit_code == 2
    assert "Groups are printed as table or json." in told.stderr


ODD = [
    "shape=list@/batches",
    "shape=data-null@/batches",
    "fields=dropped@/batches",
    "fields=list@/batches",
    "shape=data-values@/vector_stores",
    "ids=null@/vector_stores",
    "shape=list@/evals",
    "fields=null@/fine_tuning",
]


@pytest.mark.parametrize("fault", ODD)
def test_nothing_is_called_unused_where_an_answer_is_odd(fault: str, calm: Server) -> None:
    calm.control("faults", spec=fault)
    try:
        told = run(calm.url, "storage", "--unreferenced", "-o", "ids")
        groups = json.loads(run(calm.url, "storage", "-o", "json").stdout)["groups"]
    finally:
        calm.control("faults", spec="")
    assert (told.exit_code, told.stdout) == (7, ""), fault
    assert any(group["unused"] is None for group in groups)


def test_a_purpose_that_no_file_has_is_not_silence(calm: Server) -> None:
    told = run(calm.url, "storage", "--purpose", "asistants")
    assert (told.exit_code, "Did you mean assistants?" in told.stderr) == (2, True)
    assert run(calm.url, "storage", "--purpose", "vision", "-o", "ids").exit_code == 0, "one the platform names"
    told = run(calm.url, "upload", __file__, "--purpose", "asistants")
    assert (told.exit_code, "Did you mean assistants?" in told.stderr) == (2, True)


def test_figures_say_while_there_may_be_more() -> None:
    file = REGISTRY["files"].record({"id": "file-1", "bytes": 10, "purpose": "batch", "used_by": []})
    seen = {}
    for reads in ((False, False), (False, True), (True, True)):
        row = STORAGE.record(build_rows([file], NOW, *reads)[0])
        seen[reads] = {column.name: column.cell(row, CellContext(NOW)).text for column in STORAGE.columns}
    assert [seen[False, False][name] for name in ("files", "size", "unused")] == ["1", "10 B", "1"]
    assert [seen[False, True][name] for name in ("files", "size", "unused")] == ["1", "10 B", "1+"]
    assert [seen[True, True][name] for name in ("files", "size", "unused")] == ["1+", "10 B+", "1+"]
