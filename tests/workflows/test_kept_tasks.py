"""What is left of tasks outlives the program, however it ends: nothing is sent twice, and nothing is lost."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import stat
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import PROJECT_KEY, served
from tests.support.virtual import FakeClient, do_to_each, platform_on, things
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.live.platform import Platform
from tui.live.tasks.store import MOST, TaskStore, read_facts
from tui.resources.registry import REGISTRY
from tui.workflows.kept_tasks import remake_task
from tui.workflows.plan.run import PlanRun

if TYPE_CHECKING:
    from pathlib import Path

CLOCK: Any = SimpleNamespace(now=0.0, time=lambda: 0.0, wall=lambda: 1_800_000_000.0)


def connected(count: int) -> tuple[FakeClient, Platform]:
    """A platform in memory, which answers at once."""
    client = FakeClient(CLOCK, things(count), latency=0.0)
    return client, platform_on(client)


def called(client: FakeClient) -> list[str]:
    return [path["thing_id"] for _, path in client.calls if "thing_id" in path]


@pytest.mark.parametrize("name", ["cancel", "delete"])
async def test_an_action_on_many_objects_that_is_killed_anywhere_goes_on(name: str, tmp_path: Path) -> None:
    client, platform = connected(12)
    platform.tasks.store = store = TaskStore(tmp_path)
    ids = [item["id"] for item in client.items]
    moments: list[tuple[bytes, list[str], list[Any]]] = []

    def look() -> None:
        """See what a kill would leave now: a request has arrived, and is not answered."""
        (path,) = tmp_path.glob("*/*.jsonl")
        moments.append((path.read_bytes(), called(client), [dict(item) for item in client.items]))

    client.fault = look
    begun = do_to_each(platform, ids, name)
    await begun.end.wait()
    assert len(moments) == 12
    store.close()
    ((_, facts),) = TaskStore(tmp_path).adopt()
    whole = remake_task(platform, "whole", facts)
    assert whole
    assert (whole.state, whole.result, whole.done) == ("done", "12 of 12 done.", 12)
    for number, (left, sent, items) in enumerate(moments):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(left + b'{"fact":"ste')  # and a line is cut
        second, platform = connected(0)
        second.items = items
        task = remake_task(platform, "kept", read_facts(path))
        assert isinstance(task, PlanRun)
        platform.tasks.restore([task])
        assert task.state == "paused"
        await asyncio.sleep(0)
        assert not called(second), "nothing goes on before it is told to"
        platform.tasks.go_on(task)
        await task.end.wait()
        again = set(sent) & set(called(second))
        told = {id_ for id_, state, _ in task.failures() if state == "not known"}
        assert set(sent) | set(called(second)) | told == set(ids), "none is lost"
        if name == "cancel":
            assert not again, "none is sent twice"
            assert task.counts["unknown"] >= 1
            assert "The program ended" in task.failures()[0][2]
        else:
            assert not second.items
            assert task.whole


def test_runs_keep_to_themselves_what_they_run(tmp_path: Path) -> None:
    first, second = TaskStore(tmp_path), TaskStore(tmp_path)
    assert first.adopt() == []
    first.note("left", {"fact": "begin", "at": 2})
    first.note("over", {"fact": "begin", "at": 1}, sync=True)
    first.note("over", {"fact": "end"})
    first.note("gone", {"fact": "begin", "at": 3})
    first.forget("gone")
    assert second.adopt() == [], "it is under way"
    first.close()
    assert [task for task, _ in second.adopt()] == ["over", "left"]
    assert TaskStore(tmp_path).adopt() == [], "the second has them"
    second.note("left", {"fact": "end"})
    second.close()
    ((_, over), (_, left)) = TaskStore(tmp_path).adopt()
    assert over[-1] == left[-1] == {"fact": "end"}
    for path in tmp_path.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_what_is_long_over_is_forgotten(tmp_path: Path) -> None:
    first = TaskStore(tmp_path)
    for number in range(MOST + 5):
        first.note(f"t{number}", {"fact": "begin", "at": number})
        first.note(f"t{number}", {"fact": "end"})
    first.close()
    kept = TaskStore(tmp_path).adopt()
    assert [task for task, _ in kept] == [f"t{number}" for number in range(5, MOST + 5)]


def test_what_cannot_be_kept_or_used_is_said_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = TaskStore(tmp_path / "file" / "tasks")
    store.note("one", {"fact": "begin"})
    assert "cannot be written" in store.fault
    assert store.adopt() == []
    _, platform = connected(0)
    for begin in (
        {},
        {"fact": "begin", "kind": "plan", "at": 1, "what": "x", "groups": [{"resource": "gone"}]},
        {"fact": "begin", "kind": "other", "at": 1, "what": "x"},
        {"fact": "begin", "kind": "download", "resource": "things", "action": "none"},
        {"fact": "begin", "kind": "upload", "source": 7},
    ):
        assert remake_task(platform, "one", [begin]) is None
    path = tmp_path / "odd.jsonl"
    path.write_text(json.dumps({"fact": "begin"}) + "\n[]\n" + json.dumps({"fact": "end"}) + "\n")
    with pytest.raises(ValueError, match="no fact"):
        read_facts(path)


def test_a_file_that_a_crash_cut_is_used_and_a_damaged_one_put_aside_with_a_word(tmp_path: Path) -> None:
    begin = json.dumps({"fact": "begin", "at": 1})
    for name, content in (
        ("cut", f'{begin}\n{{"fact": "se'),
        ("odd", f"{begin}\n[]\n"),
        ("broken", f'{begin}\n{{"fact": "se\n{begin}\n'),
        ("empty", ""),
    ):
        run = tmp_path / f"run-{name}"
        run.mkdir()
        (run / f"{name}.jsonl").write_text(content)
    (tmp_path / "run-odd" / "bytes.jsonl").write_bytes(b"\xff\xfe\n")
    store = TaskStore(tmp_path)
    assert store.adopt() == [("cut", [{"fact": "begin", "at": 1}])]
    assert "damaged" in store.fault
    assert "look at its objects first" in store.fault
    aside = {path.name for path in tmp_path.glob("*.bad")}
    assert aside == {"odd.jsonl.bad", "broken.jsonl.bad", "bytes.jsonl.bad"}
    store.close()
    again = TaskStore(tmp_path)
    assert [task for task, _ in again.adopt()] == ["cut"]
    assert not again.fault, "it is told once"
    assert {path.name for path in tmp_path.glob("*.bad")} == aside, "what was put aside is lost"


def test_a_disk_that_is_full_for_a_while_costs_no_later_fact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, real = TaskStore(tmp_path), os.write
    store.note("one", {"fact": "begin", "at": 1})

    def write_some(handle: int, content: memoryview) -> int:
        monkeypatch.setattr("os.write", write_nothing)
        return real(handle, content[:5])

    def write_nothing(_handle: int, _content: memoryview) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.write", write_some)
    store.note("one", {"fact": "sent", "id": "a"})
    assert "No space left" in store.fault
    monkeypatch.undo()
    store.note("one", {"fact": "sent", "id": "b"})
    store.close()
    after = TaskStore(tmp_path)
    assert after.adopt() == [], "a task of which a fact is lost is gone on with"
    assert "damaged" in after.fault
    (aside,) = tmp_path.glob("*.bad")
    assert aside.read_text().splitlines()[-1] == '{"fact":"sent","id":"b"}'


def test_an_upload_that_was_on_its_way_is_not_sent_again(tmp_path: Path) -> None:
    _, platform = connected(0)
    begin = {
        "fact": "begin",
        "at": 1,
        "what": "upload a",
        "kind": "upload",
        "source": str(tmp_path / "a"),
        "purpose": "batch",
        "expires_after": None,
    }
    whole = remake_task(platform, "one", [begin, {"fact": "sending", "in_parts": False}])
    assert whole
    assert (whole.state, whole.can_go_on) == ("unknown", False)
    parts = {"fact": "parts", "upload_id": "upload_1", "parts": ["part_1"], "is_whole": False, "seen": [1, 2]}
    large = remake_task(platform, "two", [begin, {"fact": "sending", "in_parts": True}, parts])
    assert large
    assert not large.is_over
    assert large.can_pause


async def test_an_upload_of_which_it_is_not_known_is_looked_for_and_sent_only_if_it_is_not_there(
    tmp_path: Path,
) -> None:
    with served(scenario="calm") as server:
        before = time.time()
        arrived = server.call(
            "POST", "/files", files={"file": ("arrived.txt", b"words")}, data={"purpose": "user_data"}
        )["id"]
        connection = Connection(base_url=server.url, project_key=Secret(PROJECT_KEY))
        platform = Platform(Client(connection), REGISTRY)
        for name, content in (("arrived.txt", b"words"), ("cut.txt", b"words"), ("gone.txt", b"")):
            source = tmp_path / name
            source.write_bytes(content)
            begin = {
                "fact": "begin",
                "at": before,
                "what": f"upload {name}",
                "kind": "upload",
                "source": str(source),
                "purpose": "user_data",
                "expires_after": None,
            }
            if not content:
                source.unlink()
            task = remake_task(platform, name, [begin, {"fact": "sending", "in_parts": False}])
            assert task
            platform.tasks.restore([task])
            assert (task.state, task.can_go_on) == ("unknown", bool(content))
            assert ("s looks for it" if content else "The local file is gone") in str(task.error)
            if content:
                platform.tasks.go_on(task)
                await asyncio.wait_for(task.end.wait(), 40)
                assert task.state == "done"
                assert (task.object_id == arrived) == (name == "arrived.txt")
        files = [each["filename"] for each in server.call("GET", "/files?limit=100")["data"]]
        assert [files.count(name) for name in ("arrived.txt", "cut.txt", "gone.txt")] == [1, 1, 0]
        await platform.aclose()


def test_a_task_of_another_profile_is_left_alone_and_told(tmp_path: Path) -> None:
    first = TaskStore(tmp_path, "work https://api.openai.com/v1")
    first.note("one", {"fact": "begin", "at": 1})
    first.close()
    other = TaskStore(tmp_path, "home https://api.openai.com/v1")
    assert other.adopt() == []
    assert "of another profile is left alone" in other.fault
    other.close()
    again = TaskStore(tmp_path, "work https://api.openai.com/v1")
    assert [task for task, _ in again.adopt()] == ["one"]
    assert not again.fault
    again.close()
    empty = TaskStore(tmp_path)
    empty.note("two", {"fact": "begin"})
    empty.forget("two")
    before = set(tmp_path.iterdir())
    empty.close()
    assert len(before - set(tmp_path.iterdir())) == 1, "a run of which nothing is kept leaves no folder"
