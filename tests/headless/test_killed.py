"""What a command does to many objects outlives its being killed: nothing is lost, and nothing is done twice.

The whole measure, 2,000 files and 20 kills: `pytest tests/headless/test_killed.py -m figures -n 0 -s`.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.commands import lines, run
from tests.support.driving import Server, served
from tui.api.log.journal import Journal
from tui.live.tasks.store import read_facts

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

PATIENCE = 1_200.0  # seconds that the whole measure may take
ON_THEIR_WAY = 4  # calls at once, of which a kill leaves open what became


def make_files(server: Server, count: int) -> list[str]:
    """New files that nothing uses."""
    data = {"purpose": "user_data"}
    made = (server.call("POST", "/files", files={"file": (f"{n}.txt", b"x")}, data=data) for n in range(count))
    return [str(each["id"]) for each in made]


def read_kept() -> list[dict[str, Any]]:
    """What is kept of the task that is under way, or was killed."""
    kept = sorted(Path(os.environ["O9S_STATE_DIR"]).rglob("tasks-*/*/*.jsonl"))
    assert len(kept) <= 1, "it is one task, however often it is killed"
    return [fact for path in kept for fact in read_facts(path)]


def count_sent() -> int:
    """How many calls were about to leave, in all runs."""
    return sum(fact["fact"] == "sent" for fact in read_kept())


def kill(process: BaseProcess, sent: int) -> bool:
    """Kill a program outright once so many calls more have left; False if it has ended before."""
    wanted = count_sent() + sent
    while process.is_alive() and count_sent() < wanted:
        process.join(0.002)
    is_alive = process.is_alive()
    process.kill()
    process.join()
    return is_alive


def delete_and_kill(count: int, kills: int) -> None:
    """Delete files by a command that is killed at random moments, and gone on with each time."""
    chance, methods = random.Random(15), multiprocessing.get_context("fork")
    with served(scenario="calm") as server:
        ids, others = make_files(server, count), {file["id"] for file in server.call("GET", "/files")["data"]}
        others -= set(ids)
        seen: dict[tuple[float, str], int | None] = {}  # by time and id, the status of the answer

        def look() -> None:
            """Note what the server was asked to delete: it remembers its last thousand requests."""
            for request in server.requests():
                if request["method"] == "DELETE":
                    seen[request["at"], request["path"].rpartition("/")[2]] = request["status"]

        server.control("faults", spec="429@DELETE /files x2")
        words: tuple[str, ...] = ("delete", "files", "-", "--yes", "--count", str(count))
        for _ in range(kills):
            process = methods.Process(target=run, args=(server.url, *words), kwargs={"typed": "\n".join(ids)})
            process.start()
            assert kill(process, chance.randint(1, max(1, 2 * (count // kills) - ON_THEIR_WAY))), (
                "it was too quick"
            )
            look()
            words = ("tasks", "go-on", "all", "--yes")
            if kills > ON_THEIR_WAY and count_sent() > count - count // kills:
                break
        before = [line["state"] for line in lines(run(server.url, "tasks", "-o", "jsonl"))]
        assert before == ["paused"]
        (begun,) = lines(run(server.url, "tasks", "-o", "jsonl"))
        lost = [state for _, state, _ in begun["failures"]]  # of what was on its way at a kill
        assert set(lost) <= {"gone already"}, "what is left to do has not failed"
        assert len(lost) <= kills * ON_THEIR_WAY
        assert run(server.url, "tasks", "-o", "ids").stdout == f"{begun['id']}\n"
        for form in ("table", "csv"):
            assert begun["id"] in run(server.url, "tasks", "-o", form).stdout
        told = run(server.url, *words)
        look()
        left = {file["id"] for file in server.call("GET", "/files")["data"]}
        again = run(server.url, *words)
        assert (again.exit_code, "Nothing is left to do." in again.stderr) == (0, True)
        (kept,) = lines(run(server.url, "tasks", "-o", "jsonl"))
        assert kept["state"] == "done"
        said = run(server.url, "tasks", "go-on", kept["id"], "--yes")
        assert (said.exit_code, "is left to do" in said.stderr) == (2, True)
        assert "There is no task abc" in run(server.url, "tasks", "forget", "abc").stderr
        assert run(server.url, "tasks", "forget", "all").exit_code == 0
        assert not lines(run(server.url, "tasks", "-o", "jsonl"))
    assert told.exit_code == 0, told.output
    assert left == others, "something is left, or something else is gone"
    deleted = Counter(id_ for (_, id_), status in seen.items() if status == 200)
    assert set(deleted) == set(ids)
    assert set(deleted.values()) == {1}, "deleted twice"
    (ended,) = lines(told)
    assert ended["outcome"] == "done" and ended["done"] == count

    noted = [each for each in Journal("").entries(10_000) if each["method"] == "DELETE"]
    by_state = Counter(each["outcome"] for each in noted)
    told_of = f"{len(seen):,} calls arrived, {dict(by_state)} in the journal"
    sys.stdout.write(f"{count:,} files, {kills} kills: {told_of}\n")
    named = {each["path"].rpartition("/")[2] for each in noted}
    assert named == set(ids)
    told_done = {each["path"].rpartition("/")[2] for each in noted if each["outcome"] == "done"}
    assert told_done <= set(deleted)
    assert by_state["open"] <= kills * ON_THEIR_WAY
    assert len(told_done) + by_state["open"] >= count, "what the journal has for not done, is not"


def test_a_deletion_of_many_that_is_killed_goes_on_and_nothing_is_deleted_twice() -> None:
    delete_and_kill(24, 3)


def test_what_something_uses_by_now_is_left_alone_when_it_goes_on() -> None:
    with served(scenario="calm") as server:
        ids = make_files(server, 8)
        server.control("faults", spec="latency=1s@DELETE /files")
        words = ("delete", "files", "-", "--yes", "--count", "8")
        process = multiprocessing.get_context("fork").Process(
            target=run, args=(server.url, *words), kwargs={"typed": "\n".join(ids)}
        )
        process.start()
        assert kill(process, 1), "it was too quick"
        server.control("faults", spec="")
        store = server.call("POST", "/vector_stores", json={"name": "new", "file_ids": [ids[-1]]})["id"]
        listed = [run(server.url, "tasks", "-o", "jsonl")]
        asked = run(server.url, "tasks", "go-on", "all")  # nobody can be asked here
        listed.append(run(server.url, "tasks", "-o", "jsonl"))
        (done, again) = (lines(each)[0]["done"] for each in listed)
        assert f"{done}/8 · 1 left alone" in asked.stderr, "the list and the question count alike"
        assert again == done, "what is left alone is not done"
        told = run(server.url, "tasks", "go-on", "all", "--yes")
        assert (told.exit_code, lines(told)[0]["outcome"], lines(told)[0]["done"]) == (3, "partial", 7), (
            told.output
        )
        assert f"Used by vector store {store}. It was left alone." in told.stderr
        assert {file["id"] for file in server.call("GET", "/files")["data"]} & set(ids) == {ids[-1]}


def test_what_was_on_its_way_at_a_kill_and_may_not_be_repeated_is_told_as_not_known(tmp_path: Path) -> None:
    (source := tmp_path / "a.jsonl").write_text(
        json.dumps(
            {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"model": "m", "input": "x"}}
        )
    )
    with served(scenario="calm", speed=0.001) as server:
        sent = server.call(
            "POST", "/files", files={"file": (source.name, source.read_bytes())}, data={"purpose": "batch"}
        )
        body = {"input_file_id": sent["id"], "endpoint": "/v1/responses", "completion_window": "24h"}
        ids = [server.call("POST", "/batches", json=body)["id"] for _ in range(8)]
        server.control("faults", spec="latency=3s@POST /batches")
        process = multiprocessing.get_context("fork").Process(
            target=run, args=(server.url, "cancel", "batches", *ids, "--yes", "--count", "8")
        )
        process.start()
        assert kill(process, 1), "it was too quick"
        server.control("faults", spec="")
        told = run(server.url, "tasks", "go-on", "all", "--yes")
        (ended,) = lines(told)
        asked = [each["path"] for each in server.requests() if each["path"].endswith("/cancel")]
        assert max(Counter(asked).values()) == 1, "asked twice"
        assert (told.exit_code, ended["outcome"]) == (7, "partial"), told.output
        words = "The program ended before the answer came. Look how it is before you"
        assert re.search(rf"not known[:.] {words}", told.stderr), "of one call as of many"
        (kept,) = lines(run(server.url, "tasks", "-o", "jsonl"))
        cut_off = [(id_, state) for id_, state, _ in kept["failures"]]
        assert cut_off and {state for _, state in cut_off} == {"not known"}, "as the run said that ended it"
        assert f"{len(cut_off)} not known" in ended["result"]


def test_what_another_program_is_doing_is_said_to_be_done_there() -> None:
    with served(scenario="calm") as server:
        ids = make_files(server, 8)
        server.control("faults", spec="hang@DELETE /files")
        words = ("delete", "files", "-", "--yes", "--count", "8")
        process = multiprocessing.get_context("fork").Process(
            target=run, args=(server.url, *words), kwargs={"typed": "\n".join(ids)}
        )
        process.start()
        try:
            while process.is_alive() and not count_sent():
                process.join(0.002)
            (row,) = lines(run(server.url, "tasks", "-o", "jsonl"))
            told = run(server.url, "tasks", "go-on", "all", "--yes")
            named = [run(server.url, "tasks", what, row["id"]) for what in ("go-on", "forget")]
        finally:
            process.kill()
            process.join()
        assert (told.exit_code, told.stdout) == (0, ""), told.output
        held = f"Another o9s that is open has {row['id']} (delete files, 0 of 8 done): it is done there."
        assert held in told.stderr
        assert "Nothing is left" not in told.stderr
        for each in named:
            assert (each.exit_code, held in each.stderr) == (2, True), each.output


@pytest.mark.figures
@pytest.mark.timeout(PATIENCE)
def test_two_thousand_files_and_twenty_kills() -> None:
    delete_and_kill(2_000, 20)
