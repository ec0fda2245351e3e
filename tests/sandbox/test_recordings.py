"""A recording replays what there was, at its time: held over an hour of `busy`, in time that passes at once."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support import canaries, nursery, virtual
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.recording.masking import Masking
from tui.api.recording.recorder import Recorder
from tui.live.platform import Platform
from tui.live.polling.scheduler import Scheduler
from tui.resources.registry import REGISTRY
from tui.sandbox.families import FAMILIES, KINDS
from tui.sandbox.recordings import FILE, Recording, RecordingFault, ReplayClock, read_head
from tui.sandbox.serving.asgi import Platform as Served
from tui.sandbox.serving.faults import Faults
from tui.sandbox.serving.replay import Replay
from tui.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SPEED = 0.005  # of jobs: working out what they write is what takes time
HOUR, STEP, BUDGET = 3600.0, 60.0, 2
LISTS = ("batches", "fine-tuning")


class PassingWorld(World):
    """A world whose clock is that of a virtual loop."""

    clock: Callable[[], float]

    def now(self) -> float:
        return self.clock()


@pytest.fixture
def busy() -> Iterator[PassingWorld]:
    with nursery.world(scenario="busy", now=virtual.EPOCH, speed=SPEED) as folder:
        world = PassingWorld(folder, kinds=KINDS, speed=SPEED)
        yield world
        world.close()


async def follow(app: Any, loop: virtual.VirtualLoop, recorder: Recorder | None) -> list[Any]:
    """The rows of some lists each minute of an hour, as the program keeps them fresh; and its time."""
    connection = Connection(
        base_url="http://127.0.0.1:1/v1",
        project_key=Secret(canaries.PROJECT_KEY),
        requests_per_minute=BUDGET,
        recorder=recorder,
    )
    client = Client(connection, clock=loop.wall, transport=httpx.ASGITransport(app))
    platform = Platform(client, REGISTRY, clock=loop.wall)
    platform.scheduler = Scheduler(
        requests_last_minute=lambda: platform.requests_last_minute,
        budget=BUDGET,
        clock=loop.time,
        wall=loop.wall,
        jitter=lambda low, high: (low + high) / 2,
    )
    seen = []
    watches = [platform.watch(REGISTRY[name]) for name in LISTS]
    async with virtual.Running(platform.scheduler):
        for watch in watches:
            watch.start()
        while loop.now < HOUR:
            await asyncio.sleep(STEP)
            rows = [record.raw for watch in watches for record in watch.collection.records.values()]
            seen.append((round(platform.now()), json.dumps(rows, sort_keys=True)))
        for watch in watches:
            watch.stop()
    await platform.aclose()
    return seen


def test_an_hour_replays_with_the_same_rows_at_the_same_times(busy: PassingWorld, tmp_path: Path) -> None:
    folder = tmp_path / "recorded"

    async def record(loop: virtual.VirtualLoop) -> list[Any]:
        busy.clock = loop.wall
        recorder = Recorder(folder, clock=loop.wall)
        seen = await follow(Served(busy, Faults(""), FAMILIES), loop, recorder)
        recorder.close()
        assert not recorder.fault
        return seen

    recorded = virtual.run(record)
    assert len({rows for _, rows in recorded}) > 20, "there is something to replay"

    async def replay(loop: virtual.VirtualLoop) -> list[Any]:
        recording = Recording(folder)
        assert not recording.notes
        assert recording.ended - recording.began > HOUR * 0.9
        return await follow(
            Replay(recording, ReplayClock(recording.began, recording.ended, clock=loop.time)), loop, None
        )

    replayed = virtual.run(replay)
    assert replayed == recorded
    assert not canaries.find_kept_keys(folder), "a key was recorded"


def write(folder: Path, *lines: Any) -> Path:
    """A recording of these lines; what is text stands there as it is."""
    folder.mkdir(exist_ok=True)
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / FILE).write_text("\n".join(texts) + "\n")
    return folder


def exchange(number: int, at: float, path: str = "/files", query: str = "", **more: Any) -> dict[str, Any]:
    line = {"n": number, "at": at, "took": 0.0, "method": "GET", "path": path, "query": query, "status": 200}
    return {**line, "headers": {"content-type": "application/json"}, "answer": {"json": {"n": number}}, **more}


HEAD = {"recording": 1, "program": "o9s 1.0", "began": 100.0, "masked": False}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["{"], "its first line is damaged"),
        ([{"n": 1}], "its first line is damaged"),
        (
            [{**HEAD, "recording": 2, "program": "o9s 9.0"}],
            r"was recorded by o9s 9.0, in a newer form .*\(2, not 1\): update o9s",
        ),
        ([{"recording": 99}], r"by a newer o9s, in a newer form .*\(99, not 1\)"),
        ([HEAD], "holds no answer"),
        ([HEAD, "[]", "nonsense"], "holds no answer"),
    ],
)
def test_a_recording_that_cannot_be_shown_says_why(tmp_path: Path, lines: list[Any], words: str) -> None:
    with pytest.raises(RecordingFault, match=words):
        Recording(write(tmp_path / "made", *lines))


def test_what_is_no_recording_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecordingFault, match=r"holds no recording: o9s record .* makes one"):
        read_head(tmp_path)
    with pytest.raises(RecordingFault, match="There is no folder"):
        read_head(tmp_path / "nowhere")


def test_damaged_lines_are_told_and_cost_no_other(tmp_path: Path) -> None:
    odd = [exchange(2, 101.0, status="ok"), exchange(3, 101.0, headers={"a": "b\nc"}), {"of": 9, "at": 1.0}]
    recording = Recording(
        write(tmp_path, HEAD, exchange(1, 100.0), "{damaged", *odd, exchange(4, 102.0), '{"n": 5')
    )
    assert recording.notes == [
        f"5 lines (3, 4, 5 …) are damaged in {tmp_path / FILE}, and left out of the replay."
    ]
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text().rstrip("\n"))
    assert "4 lines" in Recording(tmp_path).notes[0], "what a kill has cut at the end is no damage"


def test_what_was_asked_then_gets_what_was_answered_then(tmp_path: Path) -> None:
    lines = [
        exchange(1, 100.0),
        exchange(2, 110.0),
        exchange(3, 120.0, answer={"same": 1}),
        exchange(4, 105.0, query="start_time=1700000000&limit=2"),
        exchange(5, 106.0, query="start_time=1700086400&limit=2"),
        exchange(6, 107.0, "/batches", method="POST", sent={"json": {"a": 1}}),
    ]
    recording = Recording(write(tmp_path, HEAD, *lines))

    def found(now: float, method: str = "GET", path: str = "/files", query: str = "", sent: Any = None) -> Any:
        answered = recording.find(method, path, query, sent, now)
        return answered and recording.read(answered)["answer"]["json"]["n"]

    assert [found(now) for now in (90.0, 100.0, 109.0, 110.0, 119.9, 121.0)] == [1, 1, 1, 2, 2, 1]
    assert found(100.0, query="limit=2&start_time=1700000000") == 4, "whatever the order of its parameters"
    assert found(100.0, query="limit=2&start_time=1700086430") == 5, "times follow the clock"
    assert found(100.0, query="limit=2&start_time=1700040000") is None, "that is another time"
    assert found(100.0, query="limit=3") is None
    assert found(100.0, "POST", "/batches", sent={"json": {"a": 1}}) == 6
    assert found(100.0, "POST", "/batches", sent={"json": {"a": 2}}) is None
    assert recording.was_sent("POST", "/batches")
    assert not recording.was_sent("DELETE", "/batches")


def test_the_clock_waits_for_the_first_request_and_ends_with_the_recording() -> None:
    at = 0.0
    clock = ReplayClock(100.0, 160.0, speed=10.0, clock=lambda: at)
    at = 50.0
    assert clock.now() == 100.0
    clock.start()
    at = 52.0
    assert clock.now() == 120.0
    clock.advance(5.0)
    assert clock.now() == 125.0
    at = 90.0
    assert clock.now() == 160.0


# Queries of one path, of which some values are hidden where contents are masked: any of them is found again.
HIDDEN_QUERIES = (
    "limit=20",
    "limit=20&search=batch_0123456789",  # an id, which stays
    "limit=20&search=invoices+of+May",
    "limit=20&effective_at%5Bgt%5D=1790000000",
    "limit=20&effective_at%5Bgt%5D=1790000000&actor_emails%5B%5D=ann%40acme.example",
    "limit=20&actor_emails%5B%5D=ann%40acme.example&actor_emails%5B%5D=bo%40acme.example",
    "limit=20&name=",
    "limit=20&start_time=1790000000",
)


async def test_what_a_masked_query_asked_is_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "masked"
    recorder = Recorder(folder, masking=Masking(contents=True), clock=lambda: 100.0)
    for query in HIDDEN_QUERIES:
        target = f"/organization/audit_logs?{query}"
        taking = await recorder.begin("https://a.example", "GET", target, content=None, form=None, transfer=False)
        assert taking
        taking.hear(json.dumps({"query": HIDDEN_QUERIES.index(query)}).encode())
        taking.end(100.0, 200, {"content-type": "application/json"}, "")
    recorder.close()
    assert "acme" not in (folder / FILE).read_text()
    recording = Recording(folder)

    def find(query: str, now: float = 100.0) -> Any:
        answered = recording.find("GET", "/organization/audit_logs", query, None, now)
        return answered and recording.read(answered)["answer"]["json"]["query"]

    assert [find(query) for query in HIDDEN_QUERIES] == list(range(len(HIDDEN_QUERIES)))
    assert find("limit=20&search=invoices+of+June") == 2, "which of them it was is not kept"
    assert find("limit=20&start_time=1790000060") == 7, "times that stand there follow the clock"
    assert find("limit=20&effective_at%5Bgt%5D=1795000000") == 3, "those that do not are any time"
    assert find("limit=21") is None


async def test_a_body_that_held_a_key_is_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    recorder = Recorder(folder, clock=lambda: 100.0)
    tools = {"tools": [{"type": "mcp", "headers": {"x-door": "open sesame"}}], "input": "What is new …?"}
    for at, body in enumerate((tools, {"input": "One …"}, {"input": f"{canaries.PROJECT_KEY}?"})):
        taking = await recorder.begin(
            *("https://a.example", "POST", "/responses"),
            content=json.dumps(body).encode(),
            form=None,
            transfer=False,
        )
        assert taking
        taking.hear(json.dumps({"at": at}).encode())
        taking.end(100.0, 200, {"content-type": "application/json"}, "")
    recorder.close()
    recording = Recording(folder)

    def find(body: Any) -> Any:
        answered = recording.find("POST", "/responses", "", {"json": body}, 100.0)
        return answered and recording.read(answered)["answer"]["json"]["at"]

    assert find(tools) == 0
    assert find({"input": "One …"}) == 1
    assert find({"input": f"{canaries.PROJECT_KEY}?"}) == 2
