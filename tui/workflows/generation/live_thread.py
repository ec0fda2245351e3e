"""A thread as it happens: its messages, the runs on it and their steps, and the answer that is being streamed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.api.streams import DONE, UNREADABLE
from tui.live.listeners import Listeners
from tui.resources.generation.contents import read_content_text
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.api.operation import Operation
    from tui.api.streams import ServerEvent
    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record

MESSAGES, RUNS, STEPS = (REGISTRY[name] for name in ("messages", "runs", "steps"))
_ORDER = {"user": 0, "run": 1, "assistant": 2}  # of what came about in the same second


def is_run(record: Record) -> bool:
    """Return whether a record is a run; others are messages."""
    return record.raw.get("object") == "thread.run"


class LiveThread:
    """Watches a thread while it is looked at, and follows the stream of a run.

    `written` holds messages as far as the stream has told them, by their ids. `lost` is a sentence on a stream
    that broke off, else "".
    """

    def __init__(self, platform: Platform, scope: Mapping[str, str]) -> None:
        self.messages, self.runs = (platform.watch_whole(each, scope) for each in (MESSAGES, RUNS))
        self.written: dict[str, str] = {}
        self.streaming = False
        self.lost = ""
        self._platform, self._scope = platform, scope
        self._steps: dict[str, Watch] = {}
        self._listeners: Listeners[[]] = Listeners()
        self._ends: list[Callable[[], None]] = []
        self._visible = False

    def open(self, listener: Callable[[], None]) -> None:
        """Call `listener` from now on when anything changes."""
        self._ends.append(self._listeners.add(listener))
        for watch in (self.messages, self.runs):
            self._subscribe(watch)

    def close(self) -> None:
        """Unsubscribe."""
        for end in self._ends:
            end()

    def _subscribe(self, watch: Watch) -> None:
        self._ends.append(watch.subscribe(lambda _: self._listeners.tell(), lambda _: self._listeners.tell()))

    def start(self) -> None:
        """Watch messages, runs and steps."""
        self._visible = True
        for watch in self.watches():
            watch.start()

    def stop(self) -> None:
        """Ask nothing more. A stream goes on."""
        self._visible = False
        for watch in self.watches():
            watch.stop()

    async def refresh(self) -> None:
        """Ask the server now."""
        self.lost = ""
        await asyncio.gather(*(watch.refresh() for watch in self.watches()))
        self._listeners.tell()

    async def load_all(self) -> None:
        """Load all messages."""
        await self.messages.load_more(all=True)
        self._listeners.tell()

    # What is known of the thread.

    def watches(self) -> Iterator[Watch]:
        """Yield what keeps messages, runs and steps fresh."""
        yield from (self.messages, self.runs, *self._steps.values())

    def steps_of(self, run_id: str) -> Watch:
        """Return what keeps the steps of a run fresh, from now on."""
        if run_id not in self._steps:
            watch = self._platform.watch_whole(STEPS, {**self._scope, "run_id": run_id})
            self._steps[run_id] = watch
            self._subscribe(watch)
            if self._visible:
                watch.start()
        return self._steps[run_id]

    @property
    def newest_run(self) -> Record | None:
        """The run that began last."""
        runs = self.runs.collection
        return runs.records[runs.order[0]] if runs.order else None

    def find(self, id_: str) -> Record | None:
        """Return the message, run or step with this id."""
        found = (watch.collection.records.get(id_) for watch in self.watches())
        return next(filter(None, found), None)

    def in_order(self) -> list[Record]:
        """Return messages and runs as they came about."""

        def key(record: Record) -> tuple[float, int]:
            kind = "run" if is_run(record) else str(record.raw.get("role"))
            return (record.read("created_at") or 0.0, _ORDER.get(kind, 1))

        lists = (
            [watch.collection.records[id_] for id_ in reversed(watch.collection.order)]
            for watch in (self.messages, self.runs)
        )
        return sorted((record for records in lists for record in records), key=key)

    # Streaming.

    async def follow(
        self,
        operation: Operation,
        path: Mapping[str, str],
        body: Mapping[str, Any],
        first: asyncio.Future[dict[str, Any]],
    ) -> None:
        """Send a request and take in what its stream tells; `first` gets the first event or the ApiError."""
        self.streaming, self.lost = True, ""
        try:
            async with aclosing(self._platform.client.events(operation, path, body=body)) as events:
                async for event in events:
                    if not first.done() and event.name not in (DONE, UNREADABLE):
                        first.set_result(event.data)
                    self._take(event)
        except ApiError as error:
            if first.done():
                self.lost = f"The stream ended early: {error.sentence} The run itself goes on and is asked for."
            else:
                first.set_exception(error)
        finally:
            if not first.done():
                first.cancel()
            self.streaming = False
            self.written.clear()
            for watch in self.watches():
                if watch.visible:
                    self._platform.scheduler.poke(watch)
            self._listeners.tell()

    def _take(self, event: ServerEvent) -> None:
        """Put an event of a run's stream where it belongs."""
        data = event.data
        match data.get("object"):
            case "thread.run":
                self.runs.put(data)
            case "thread.run.step":
                self.steps_of(str(data.get("run_id"))).put(data)
            case "thread.message":
                self.messages.put(data)
            case "thread.message.delta" if isinstance(data.get("delta"), dict):
                id_ = str(data.get("id"))
                self.written[id_] = self.written.get(id_, "") + read_content_text(data["delta"].get("content"))
        self._listeners.tell()
