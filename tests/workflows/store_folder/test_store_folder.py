"""Folders as the files of a vector store: what is found, what has to be done, and that no more is done."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import random
import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import run
from tests.support.driving import Server, served, until
from tests.support.nursery import SLOW
from tui.headless.lists.listing import connect_to_sandbox
from tui.headless.store_folder import FillOrder, fill_store
from tui.live.tasks.alone import be_alone
from tui.workflows.store_folder.plan import StoredFile, make_plan, read_stored
from tui.workflows.store_folder.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm", speed=1_000.0) as server:  # a file is read within a hundredth of a second
        yield server


def fill_folder(root: Path, count: int) -> Path:
    for at in range(count):
        path = root / f"part-{at % 7}" / f"note-{at:03}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\nnumber: {at}\n---\nNote {at} tells of the returns of order {at}.\n")
    return root


@pytest.fixture(autouse=True)
def looks_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was added is looked at again at once."""
    monkeypatch.setattr("tui.workflows.store_folder.fill.LOOK_AGAIN", 0.2)
    monkeypatch.setattr("tui.workflows.store_folder.fill.LOOKS", 3)


def in_store(server: Server, store: str) -> dict[str, dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        after = f"&after={found[-1]['id']}" if found else ""
        page = server.call("GET", f"/vector_stores/{store}/files?limit=100{after}")
        found += page["data"]
        if not page["has_more"]:
            return {each["attributes"]["path"]: each for each in found}


def writes(server: Server, since: int) -> list[str]:
    return [
        f"{each['method']} {each['path'].removeprefix('/v1').split('/')[1]}"
        for each in server.requests()[since:]
        if each["method"] not in ("GET", "HEAD")
    ]


def test_front_matter_and_paths_become_attributes_and_odd_things_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text(
        "---\ntitle: 'Returns: how'\nyear: 2026\nshare: 0.5\ndraft: True\ntags: [a, b]\nempty:\n---\ntext"
    )
    (tmp_path / "plain.md").write_text("---\nno end of the front matter: here")
    (tmp_path / "ünïcödé 漢字.txt").write_text("x")
    (tmp_path / "empty.txt").touch()
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "guide.md")
    (tmp_path / "folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")

    found = scan([str(tmp_path)], {"team": "x"})
    assert set(found.files) == {"guide.md", "plain.md", "ünïcödé 漢字.txt"}
    told = found.files["guide.md"].attributes
    assert told == {
        "title": "Returns: how",
        "year": 2026,
        "share": 0.5,
        "draft": True,
        "team": "x",
        "path": "guide.md",
        "sha256": found.files["guide.md"].sha256,
    }
    assert set(found.files["plain.md"].attributes) == {"team", "path", "sha256"}
    reasons = {path.rpartition("/")[2]: why for path, why in found.left_out.items()}
    assert reasons == {
        "empty.txt": "it is empty",
        ".hidden": "it is hidden",
        ".git": "it is hidden",
        "link.txt": "it is a link",
        "folder": "it is a link",
        "pipe": "it is no file",
    }
    assert set(scan([f"{tmp_path}/*.md"], {}).files) == {"guide.md", "plain.md"}
    many = "\n".join(f"key{at}: {at}" for at in range(30))
    (tmp_path / "many.md").write_text(f"---\n{many}\n---\n")
    assert len(scan([str(tmp_path / "many.md")], {}).files["many.md"].attributes) == 16
    with pytest.raises(ValueError, match="There is no file, folder or pattern"):
        scan([str(tmp_path / "nothing*")], {})
    other = tmp_path / "part"
    other.mkdir()
    (other / "guide.md").write_text("another")
    with pytest.raises(ValueError, match=r"would both be guide\.md"):
        scan([str(tmp_path / "guide.md"), str(other)], {})


def test_a_plan_tells_new_changed_unread_and_gone_files_apart(tmp_path: Path) -> None:
    fill_folder(tmp_path, 5)
    files = list(scan([str(tmp_path)], {}).files.values())
    same, changed, unread, replaced, new = files
    stored = [
        StoredFile("file-1", same.name, same.sha256, "completed"),
        StoredFile("file-2", changed.name, "other", "completed"),
        StoredFile("file-3", unread.name, unread.sha256, "failed"),
        StoredFile("file-4", replaced.name, replaced.sha256, "in_progress"),
        StoredFile("file-5", replaced.name, "other", "completed"),
        StoredFile("file-6", "away.md", "other", "completed"),
    ]
    found = scan([str(tmp_path)], {})
    plan = make_plan(found, stored, removes=True)
    assert [each.name for each in plan.new] == [new.name]
    assert list(plan.changed) == [changed.name]
    assert [each.id for each in plan.again] == ["file-3"]
    assert [each.id for each in plan.gone] == ["file-5", "file-6"]
    assert plan.describe() == "1 new, 1 changed, 1 to be read again, 2 gone; 2 as they are"
    assert [each.id for each in make_plan(found, stored, removes=False).gone] == ["file-5"]
    odd = [{"id": 5, "attributes": {}}, "x", {"attributes": None}, {"id": "a", "attributes": {"path": 1}}]
    assert read_stored(odd) == []


def test_a_folder_becomes_a_store_and_a_second_run_does_what_differs_and_no_more(
    server: Server, tmp_path: Path
) -> None:
    folder = fill_folder(tmp_path / "notes", 300)
    told = run(server.url, "store", "fill", str(folder), "--new", "Notes", "--attribute", "team=x", "--yes")
    assert told.exit_code == 0, told.output
    store = told.stdout.partition(":")[0]
    here = in_store(server, store)
    assert len(here) == 300
    one = here["part-3/note-003.md"]["attributes"]
    assert (one["number"], one["team"]) == (3, "x")
    assert server.call("GET", f"/vector_stores/{store}")["file_counts"]["total"] == 300
    reviewed = ["part-1/note-001.md", "part-6/note-020.md"]  # one that will be another, and one that will not
    for name in reviewed:  # somebody else says something of them
        body = {"attributes": {**here[name]["attributes"], "reviewed": True}}
        server.call("POST", f"/vector_stores/{store}/files/{here[name]['id']}", json=body)

    for at in range(5):
        path = folder / f"part-{at}" / f"note-{at:03}.md"
        path.write_text(path.read_text() + "changed")
    for at in (7, 8, 9):
        (folder / f"part-{at % 7}" / f"note-{at:03}.md").unlink()
    since = len(server.requests())
    words = ("store", "sync", str(folder), "--into", store)
    dry = run(server.url, *words, "--dry-run")
    assert dry.stdout.splitlines()[-1] == "5 changed, 3 gone; 292 as they are."
    assert writes(server, since) == []
    assert run(server.url, *words).exit_code == 2  # nobody can be asked
    for more, said in (([], "--yes --count 3"), (["--count", "2"], "3 would go: nothing was done")):
        told = run(server.url, *words, "--yes", *more)
        assert (told.exit_code, said in told.stderr) == (2, True), told.output
    assert writes(server, since) == []
    assert run(server.url, *words, "--yes", "--count", "3").exit_code == 0
    made = writes(server, since)
    assert made.count("POST files") == 5
    assert made.count("POST vector_stores") == 1
    assert made.count("DELETE vector_stores") == 8
    assert len(made) == 14
    after = in_store(server, store)
    assert set(here) - set(after) == {f"part-{at % 7}/note-{at:03}.md" for at in (7, 8, 9)}
    assert {name for name, each in after.items() if each["id"] != here[name]["id"]} == {
        f"part-{at}/note-{at:03}.md" for at in range(5)
    }
    assert [after[name]["attributes"].get("reviewed") for name in reviewed] == [True, True]
    assert {each["attributes"]["team"] for each in after.values()} == {"x"}
    since = len(server.requests())
    assert run(server.url, *words, "--yes").stdout.startswith("nothing to do; 297 as they are.")
    assert writes(server, since) == []


def test_other_attributes_are_given_and_an_empty_folder_empties_nothing(server: Server, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "notes", 3)
    told = run(server.url, "store", "fill", str(folder), "--new", "Labels", "--yes")
    store = told.stdout.partition(":")[0]
    told = run(server.url, "store", "sync", str(folder), "--into", store, "--attribute", "team=x", "--yes")
    assert "3 with other attributes." in told.stdout
    assert {each["attributes"]["team"] for each in in_store(server, store).values()} == {"x"}
    (tmp_path / "empty").mkdir()
    told = run(server.url, "store", "sync", str(tmp_path / "empty"), "--into", store, "--yes")
    assert (told.exit_code, len(in_store(server, store))) == (2, 3)
    assert "nothing is done." in told.stderr


def test_a_store_that_was_made_and_not_filled_is_taken_by_the_next_run(server: Server, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "notes", 3)
    server.control("faults", spec="500@POST /files")
    try:
        run(server.url, "store", "fill", str(folder), "--new", "Cut", "--yes")
    finally:
        server.control("faults", spec="")
    assert run(server.url, "store", "fill", str(folder), "--new", "Cut", "--yes").exit_code == 0
    named = [each for each in server.call("GET", "/vector_stores?limit=100")["data"] if each["name"] == "Cut"]
    assert [each["file_counts"]["total"] for each in named] == [3]


def test_filling_that_is_killed_goes_on_and_adds_no_file_twice(server: Server, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "notes", 60)
    store = server.call("POST", "/vector_stores", json={"name": "killed"})["id"]
    order = FillOrder([str(folder)], store, removes=True)
    chance = random.Random(3)
    before = {each["id"] for each in server.call("GET", "/files?limit=10000")["data"]}

    def fill() -> None:
        fill_store(connect_to_sandbox(server.url), order, lambda *_: True, lambda _: None, lambda _: None)

    for _ in range(6):
        if not (child := os.fork()):
            threading.Timer(chance.uniform(0.05, 0.6), os.kill, (os.getpid(), signal.SIGKILL)).start()
            fill()
            os._exit(0)
        os.waitpid(child, 0)
    fill()
    found = server.call("GET", f"/vector_stores/{store}/files?limit=100")["data"]
    names = [each["attributes"]["path"] for each in found]
    assert sorted(names) == sorted(set(names))
    assert len(names) == 60
    sent = {each["id"] for each in server.call("GET", "/files?limit=10000")["data"]} - before
    assert len(sent) == 60, "what may have been sent when it was killed is looked for"
    fill()
    assert len(server.call("GET", f"/vector_stores/{store}/files?limit=100")["data"]) == 60


@pytest.mark.parametrize("count", [8, 60])
def test_filling_that_is_killed_while_files_are_read_goes_on_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    folder = fill_folder(tmp_path / "notes", count)
    with served(scenario="calm", speed=SLOW) as server:
        begun = len(server.requests())
        words = ("store", "fill", str(folder), "--new", "Killed", "--yes")

        def waits() -> bool:
            """Whether the store is looked at again and again."""
            asked = [f"{each['method']} {each['path']}" for each in server.requests()[seen:]]
            return len([each for each in asked if re.fullmatch("GET /v1/vector_stores/vs_[^/?]+", each)]) > 2

        for _ in range(2):
            seen = len(server.requests())
            if not (child := os.fork()):
                monkeypatch.setattr("tui.workflows.store_folder.fill.LOOKS", 1_000)
                run(server.url, *words)
                os._exit(0)
            try:
                asyncio.run(until(waits, "the wait for what is read"))
            finally:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
        told = run(server.url, *words)
        assert told.exit_code == 7, told.output
        assert "is gone on with: an earlier run made it" in told.stderr
        assert f"nothing to do; {count} as they are. {count} files are still being read." in told.stdout
        made = writes(server, begun)
        assert (made.count("POST files"), made.count("POST vector_stores")) == (count, 2), "a store, what is in it"
        other = run(server.url, "store", "fill", str(folder / "part-1"), "--new", "Killed", "--yes")
        assert "is gone on with" not in other.stderr, "another folder of this name is another store"


def test_a_run_that_was_brought_to_its_end_is_not_gone_on_with(server: Server, tmp_path: Path) -> None:
    words = ("store", "fill", str(fill_folder(tmp_path / "notes", 3)), "--new", "Twice", "--yes")
    stores = []
    for _ in range(2):
        told = run(server.url, *words)
        assert (told.exit_code, told.stderr) == (0, ""), told.output
        stores.append(told.stdout.partition(":")[0])
    assert stores[0] != stores[1]


def test_without_room_for_what_is_sent_nothing_is_made_or_sent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill_folder(tmp_path / "notes", 8)
    store = server.call("POST", "/vector_stores", json={"name": "no room"})["id"]
    begun = len(server.requests())

    def write_nothing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tui.workflows.store_folder.new_store.write_private", write_nothing)
    monkeypatch.setattr("tui.workflows.store_folder.sent.append_line", write_nothing)
    told = run(server.url, "store", "fill", str(folder), "--new", "No room", "--yes")
    assert (told.exit_code, told.stdout) == (1, ""), told.output
    assert "Nothing was made or sent: what it is filled from cannot be kept" in told.stderr
    assert "No space left on device" in told.stderr
    told = run(server.url, "store", "fill", str(folder), "--into", store, "--yes")
    assert (told.exit_code, told.stdout) == (1, ""), told.output
    assert "0 of 8 files were sent. What is sent cannot be kept, so no more is: " in told.stderr
    assert writes(server, begun) == []


def test_a_file_whose_answer_got_lost_is_found_by_the_next_run(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    for name, text in (("a/index.md", "one"), ("b/index.md", "two"), ("c/about.md", "three")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    store = server.call("POST", "/vector_stores", json={"name": "mail"})["id"]
    words = ("store", "fill", str(folder), "--into", store, "--yes")
    server.control("faults", spec="drop-after@POST /filesx3")
    try:
        assert run(server.url, *words).exit_code in (1, 7)
    finally:
        server.control("faults", spec="")
    begun = len(server.requests())
    assert run(server.url, *words).exit_code == 0
    assert "POST files" in writes(server, begun), "of two that look alike none is taken for the other"
    stored = in_store(server, store)
    assert set(stored) == {"a/index.md", "b/index.md", "c/about.md"}
    for name, each in stored.items():
        content = server.call("GET", f"/vector_stores/{store}/files/{each['id']}/content")
        assert (folder / name).read_text() in json.dumps(content), name
    about = [each for each in server.call("GET", "/files?limit=1000")["data"] if each["filename"] == "about.md"]
    assert len(about) == 1


def test_two_programs_do_not_fill_one_store_at_once(server: Server, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "notes", 3)
    store = server.call("POST", "/vector_stores", json={"name": "two"})["id"]
    words = ("store", "fill", str(folder), "--into", store, "--yes")
    with be_alone("store-fill", f"{server.url} {store}", "…"):
        told = run(server.url, *words)
    assert (told.exit_code, told.stdout) == (1, ""), told.output
    assert "Another program fills this vector store. Wait until that has ended, or end it." in told.stderr
    assert in_store(server, store) == {}
    assert run(server.url, *words).exit_code == 0
    assert len(in_store(server, store)) == 3
    assert not list(Path(os.environ["O9S_STATE_DIR"]).glob("store-*")), "nothing stays"


def test_a_lost_answer_adds_nothing_twice_and_faults_of_one_file_leave_the_others(
    server: Server, tmp_path: Path
) -> None:
    folder = fill_folder(tmp_path / "notes", 12)
    store = server.call("POST", "/vector_stores", json={"name": "lost"})["id"]
    server.control("faults", spec="drop-after@POST /vector_storesx1")
    try:
        told = run(server.url, "store", "fill", str(folder), "--into", store, "--yes")
    finally:
        server.control("faults", spec="")
    assert told.exit_code == 0, told.output
    found = server.call("GET", f"/vector_stores/{store}/files?limit=100")["data"]
    assert len(found) == len({each["attributes"]["path"] for each in found}) == 12
    told = run(server.url, "store", "fill", str(folder), "--into", "vs_none", "--yes")
    assert told.exit_code in (1, 3), told.output
    told = run(server.url, "store", "fill", str(folder), "--yes")
    assert (told.exit_code, "--into STORE" in told.stderr) == (2, True)
    told = run(server.url, "store", "fill", str(folder), "--into", store, "--attribute", "path=x")
    assert told.exit_code == 2
    assert json.dumps(told.stdout) == '""'
    twice = ("--attribute", "team=x", "--attribute", "team=y")
    told = run(server.url, "store", "fill", str(folder), "--into", store, *twice)
    assert (told.exit_code, "team is given twice" in told.stderr) == (2, True)


def test_what_is_still_read_or_cannot_be_is_said_and_told_by_the_exit_code(server: Server, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "notes", 2)
    (folder / "archive.zip").write_bytes(b"PK\x03\x04")
    told = run(server.url, "store", "fill", str(folder), "--new", "Odd", "--yes")
    assert told.exit_code == 3, told.output
    assert "1 file could not be read by the platform." in told.stdout
    assert "archive.zip: not read by the platform. " in told.stderr
    assert "their names begin with a dot." in told.stderr
    (folder / "archive.zip").unlink()
    store = told.stdout.partition(":")[0]
    told = run(server.url, "store", "sync", str(folder), "--into", store, "--yes")
    assert (told.exit_code, told.stdout.partition(": ")[2]) == (
        0,
        "1 gone; 2 as they are. 1 file taken out of the store is still among the account's files.\n",
    )
    assert "o9s delete files file-" in told.stderr
    with served(scenario="calm", speed=SLOW) as slow:
        told = run(slow.url, "store", "fill", str(folder), "--new", "Slow", "--yes")
    assert told.exit_code == 7, told.output
    assert "2 files are still being read." in told.stdout
    assert "o9s wait vector-stores vs_" in told.stderr
