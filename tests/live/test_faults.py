"""Every fault of the sandbox against every operation of every resource: what broke is named by its cell."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.declared import scope_of
from tests.support.examples import THOROUGH
from tests.support.faulty import FaultyPlatform
from tests.support.samples import sample_of
from tests.support.showing import show
from tests.support.virtual import VirtualLoop, run
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError, NotDone, OutcomeUnknown
from tui.api.log.journal import Journal
from tui.api.operation import Operation
from tui.live.platform import Platform
from tui.resources.generation.endpoints import RESPOND
from tui.resources.registry import REGISTRY
from tui.sandbox.serving.faults import EFFECTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from tui.live.polling.watch import Watch
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

SECRET = "TESTONLY" * 4
WAITS = ("1", "0", "-1", "7", "600", "1e300", "nan", "inf", "soon", "\u2028", "date+2", "date+90", "date+1e10")
EVERY = [
    *map(str, range(400, 600)),
    *("drip=1ms", "drip=10s", "rpm=1/2s", "gzip-bomb=4"),
    *(f"retry-after={wait}" for wait in WAITS),
    *(
        f"redirect{status}={to}"
        for status in ("", "-301", "-302", "-303", "-308")
        for to in ("", "http://[::1]:2/")
    ),
    *(
        spec
        for name, effect in EFFECTS.items()
        if name not in ("drip", "rpm", "gzip-bomb", "retry-after") and not name.startswith("redirect")
        for spec in ([f"{name}={value}" for value in effect.values] or [effect.example])
    ),
]
# These differ from others of their kind at the wire alone, and are tried with the thorough profile.
ALIKE = re.compile(
    r"(?!401|404|409|429|500)[45]\d\d|retry-after=(?!7)|redirect(-|=$)|rpm|drip=10s"
    r"|(fields|ids)=(?!null|text|list|object|dropped)|shape=(number|true|data-text|data-values)"
)
SPECS = EVERY if THOROUGH else [spec for spec in EVERY if not ALIKE.match(spec)]
ANSWERS = ("fields=", "ids=", "shape=")
"""What changes an answer so that each kind of object may take it otherwise."""
LONGEST = 310.0  # seconds: a file that was sent is waited for so long, three tries of a read not even that
LOST = ("drop-after", "cut", "500")
"""What leaves open whether it was done."""
# Answered before anything was done: only these may be asked again with a write.
AGAIN = ("429", "retry-after", "rpm")
# The answer says in so many words that there is nothing, or other objects.
NOTHING = ("404", "410", "shape=null", "shape=data-null", "ids=")
# Of these the list says that it goes on, and there is no way on.
CUT = ("pages=none", "pages=empty", "pages=endless")


class Noted(Journal):
    """A journal in memory."""

    def __init__(self) -> None:
        super().__init__("")
        self.outcomes: list[str] = []

    def begin(self, *_: Any) -> str:
        return ""

    def end(self, entry: str, outcome: str, **_: Any) -> None:
        self.outcomes.append(outcome)


class Bench:
    """A platform in this process, used through what a resource declares while a fault befalls it."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.server, self.journal, self.loop = FaultyPlatform(), Noted(), loop
        keys = [Secret(f"sk-{kind}-{SECRET}") for kind in ("proj", "admin")]
        connection = Connection(base_url="http://127.0.0.1:1/v1", project_key=keys[0], admin_key=keys[1])
        self.client = Client(
            connection,
            journal=self.journal,
            clock=loop.wall,
            transport=self.server,
        )
        self.platform = Platform(self.client, REGISTRY, clock=loop.wall)

    def befall(self, spec: str, answer: Any) -> None:
        self.server.befall(spec)
        self.server.answer = answer
        self.journal.outcomes.clear()

    async def read_list(self, resource: Resource, watch: Watch, spec: str) -> Iterator[str]:
        """Read a list whose row is known, and give what is wrong with how that went."""
        raw, single = sample_of(resource), bool(resource.list and resource.list.single)
        page = raw if single else {"object": "list", "data": [raw], "has_more": False}
        collection = watch.collection
        known = [record.raw for record in collection.records.values()]
        if not collection.complete or known != [raw]:
            self.befall("", page)
            await watch.poll()
            assert watch.health.error is None, watch.health
        self.befall(spec, page)
        await watch.poll()
        if not single and spec.startswith("pages"):
            await watch.load_more(all=True)
        return self._judge_list(resource, watch, spec)

    def _judge_list(self, resource: Resource, watch: Watch, spec: str) -> Iterator[str]:
        collection = watch.collection
        if not collection.records and not spec.startswith(NOTHING):
            yield "the row is gone"
        show_changed(resource, collection.records.values())
        if len(self.server.arrived) > 8:
            yield f"{len(self.server.arrived)} requests"
        if watch.health.error:
            yield from judge_words(watch.health.error)
        elif spec in CUT and resource.list and not resource.list.single and not collection.cut:
            yield "the list is not whole, and that is not told"

    async def read_one(self, resource: Resource, scope: Mapping[str, str], id_: str, spec: str) -> Iterator[str]:
        self.befall(spec, sample_of(resource))
        try:
            record = await self.platform.get(resource, scope, id_)
        except ApiError as error:
            return judge_words(error)
        show_changed(resource, [record])
        return iter(())

    async def write(
        self, resource: Resource, scope: Mapping[str, str], action: Action, spec: str
    ) -> Iterator[str]:
        raw = sample_of(resource)
        self.befall(spec, {**raw, "deleted": True} if action.removes else raw)
        error: ApiError | None = None
        try:
            await self.platform.act(
                resource, scope, resource.record(raw), action, {} if action.operation.body else None
            )
        except ApiError as raised:
            error = raised
        return self.judge_write(spec, error, action.operation.reads_only)

    def judge_write(self, spec: str, error: ApiError | None, reads_only: bool) -> Iterator[str]:
        """Give what is wrong with how a write went."""
        if error:
            yield from judge_words(error)
        if reads_only:
            return
        done, unknown = self.server.done, isinstance(error, OutcomeUnknown)
        if done > 1 or (len(self.server.arrived) > 1 and not spec.startswith(AGAIN)):
            yield f"it was sent {len(self.server.arrived)} times"
        if done and error and not isinstance(error, OutcomeUnknown | NotDone):
            yield f"it was done, and told as failed: {error}"
        if spec[:1] == "5" and spec != "501" and not unknown:
            yield f"not told as unknown: {error}"
        noted = self.journal.outcomes[-1:]
        if noted != ["unknown" if unknown else "failed" if error else "done"] and not isinstance(error, NotDone):
            yield f"the journal says {noted} of {error}"


def show_changed(resource: Resource, records: Iterable[Record]) -> None:
    """Show what is another object than the sample, which needs no look."""
    for record in records:
        if record.raw != sample_of(resource):
            show(resource, record)


def judge_words(error: ApiError) -> Iterator[str]:
    """Give what is wrong with what is told of an error."""
    words = str(error)
    if SECRET in words or SECRET in repr(error.args):
        yield f"the key is shown: {words}"
    if not error.sentence.endswith((".", "!", "?", "…", "”", '"', "'")) or not words.isprintable():
        yield f"no clear sentence: {words!r}"
    if not error.next and "before." not in error.sentence:
        yield f"nothing is said of what to do: {words}"


def is_of_place(action: Action, scope: Mapping[str, str]) -> bool:
    """Whether a call can be made where the action is: a workflow may make one of another place."""
    return action.on != "list" or scope.keys() >= {*action.operation.placeholders}


async def walk(loop: VirtualLoop, resource: Resource) -> list[str]:
    """Use all operations of a resource under each fault; what broke, by its cell."""
    bench, broken = Bench(loop), list[str]()
    scope = scope_of(resource)
    record = resource.record(sample_of(resource))
    watch = bench.platform.watch(resource, scope) if resource.list and not resource.listed_per else None
    writes = [each for each in resource.actions if each.operation.method != "GET" and is_of_place(each, scope)]

    async def try_cell(operation: str, spec: str, work: Awaitable[Iterator[str]]) -> None:
        began = loop.time()
        try:
            faults = list(await work)
        except Exception as error:
            faults = [f"{type(error).__name__}: {error}"]
        if loop.time() - began > LONGEST:
            faults.append(f"it took {loop.time() - began:.0f} s")
        if SECRET in repr([*bench.client.exchanges][-8:]):
            faults.append("the key is among the exchanges")
        broken.extend(f"{resource.name} · {operation} · {spec}: {fault}" for fault in faults)

    for number, spec in enumerate(SPECS):
        if watch:
            await try_cell("list", spec, bench.read_list(resource, watch, spec))
        if resource.get and (THOROUGH or not watch or spec.startswith(ANSWERS)):
            await try_cell("get", spec, bench.read_one(resource, scope, record.id, spec))
        every = THOROUGH or spec in LOST
        for action in writes if every else writes[number % len(writes) :][:1] if writes else ():
            await try_cell(action.name, spec, bench.write(resource, scope, action, spec))
    await bench.platform.aclose()
    for _ in range(3):
        await asyncio.sleep(0)
    return broken


@pytest.mark.parametrize("name", REGISTRY)
def test_every_fault_on_every_operation(name: str) -> None:
    broken = run(lambda loop: walk(loop, REGISTRY[name]))
    assert not broken, "\n".join(broken)


CONTENT = Operation("downloadFile", "GET", "/files/{file_id}/content")


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would wait for a disk is done at once, as time that passes at once knows no threads."""

    async def do(work: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        return work(*arguments, **more)

    monkeypatch.setattr("asyncio.to_thread", do)


def test_every_fault_on_an_upload_a_stream_and_a_download(tmp_path: Path, no_threads: None) -> None:
    source, target = tmp_path / "a.jsonl", tmp_path / "out"
    source.write_text("{}\n")
    broken: list[str] = []
    answer = sample_of(REGISTRY["files"])
    content = json.dumps(answer).encode()

    async def upload(bench: Bench) -> None:
        await bench.client.upload(source, "batch")

    async def stream(bench: Bench) -> None:
        async for _ in bench.client.events(RESPOND, body={}):
            pass

    async def download(bench: Bench) -> None:
        target.unlink(missing_ok=True)
        try:
            await bench.client.download(CONTENT, {"file_id": "file-1"}, target, expected=len(content))
        except ApiError:
            assert not target.exists(), "a file that is not whole has its name"
            raise
        assert target.stat().st_size == len(content)
        assert target.stat().st_mode & 0o077 == 0

    async def main(loop: VirtualLoop) -> None:
        bench = Bench(loop)
        for spec in SPECS:
            for use in (upload, stream, download):
                bench.befall(spec, answer)
                error: ApiError | None = None
                try:
                    await use(bench)
                except ApiError as raised:
                    error = raised
                    broken.extend(f"{use.__name__} · {spec}: {fault}" for fault in judge_words(raised))
                except Exception as fault:
                    broken.append(f"{use.__name__} · {spec}: {type(fault).__name__}: {fault}")
                if use is upload:
                    broken.extend(f"upload · {spec}: {fault}" for fault in bench.judge_write(spec, error, False))
                elif use is stream and bench.server.done > 1:
                    broken.append(f"stream · {spec}: it was sent {bench.server.done} times")
        await bench.platform.aclose()
        for _ in range(3):
            await asyncio.sleep(0)

    run(main)
    assert not broken, "\n".join(broken)
