"""Work in the background: transfers and actions on many objects, each in its turn, paused and cancelled."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from abc import ABC, abstractmethod
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tui.api.errors import ApiError, OutcomeUnknown
from tui.live.listeners import Listeners
from tui.resources.language.cells import short_count, short_size

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from tui.live.tasks.store import Fact, TaskStore

log = logging.getLogger(__name__)

State = Literal[
    "waiting", "running", "pausing", "paused", "cancelling", "done", "partial", "failed", "cancelled", "unknown"
]
OVER: tuple[State, ...] = ("done", "partial", "failed", "cancelled", "unknown")
UNDER_WAY: tuple[State, ...] = ("waiting", "running", "pausing", "cancelling")

AT_ONCE = {"write": 1, "transfer": 2}
"""How many tasks run together, by what they do; the others wait for their turn."""
PACE = 0.25  # seconds between two times that progress is told
END = 1.0  # seconds that tasks have to stop when the program ends


class Task(ABC):
    """Work that goes on while its user does something else. Subclasses do it in `work`, and call `move`."""

    kind: ClassVar[Literal["write", "transfer"]]
    unit: ClassVar[Literal["objects", "bytes"]]
    why_no_pause: ClassVar[str] = "it cannot be gone on with from its middle"
    """Why it cannot be paused while it runs."""

    def __init__(self, what: str, total: int | None) -> None:
        """`what` says what is done, such as `delete files`."""
        self.id = secrets.token_hex(4)
        self.what = what
        self.state: State = "waiting"
        self.done, self.total = 0, total
        """How far it is, in its unit."""
        self.failed = 0
        """The number of objects for which it failed, or of which it is not known."""
        self.began = self.ended = 0.0
        """The server's time, in unix seconds; 0 before that."""
        self.error: ApiError | None = None
        self.result = ""
        """A sentence on what came of it."""
        self.object_id = ""
        """The object that it was done to, or that it made."""
        self.path = ""
        """The file on this machine."""
        self.sha256 = ""
        """Of that file, in hexadecimal; "" until it is known."""
        self.followed = False
        """Whether somebody waits for its end and tells it."""
        self.end = asyncio.Event()
        """Set once it is over."""
        self.changed: Callable[[], None] = lambda: None
        """Called when it is further."""
        self.store: TaskStore | None = None
        """Where facts on it are kept; None where they are not."""
        self.is_of_before = False
        """Whether an earlier run of the program began it."""

    @abstractmethod
    async def work(self) -> None:
        """Do what is left of it. Raises ApiError; cancelled where `halt` does so."""

    def halt(self, run: asyncio.Task[None], *, soon: bool) -> None:  # noqa: ARG002
        """End a run; `soon` leaves calls on their way no more than a moment."""
        run.cancel()

    def judge(self) -> State:
        """Return the state after a run that ended by itself."""
        return "done"

    async def discard(self) -> None:  # noqa: B027  # most keep nothing
        """Give back what was kept for going on with it."""

    def failures(self) -> Sequence[tuple[str, str, str]]:
        """Return, of each object that it was not done to, the id, what became of it, and why."""
        return ()

    # What is kept on disk.

    @abstractmethod
    def describe(self) -> Fact:
        """Return what it takes to make it anew, and under `kind` which it is."""

    def take(self, fact: Fact) -> None:
        """Take up a fact that an earlier run has kept."""
        if fact["fact"] == "end":
            self.state, self.ended, self.result = fact["state"], float(fact["at"]), str(fact["result"])
            self.sha256, self.object_id = str(fact["sha256"]), str(fact["object_id"])
            self.done, self.total = int(fact["done"]), fact["total"]
            self.error = ApiError(str(fact["error"])) if fact["error"] else None
        elif fact["fact"] == "again":
            self.state, self.ended, self.error = "paused", 0.0, None

    def doubt(self) -> None:  # noqa: B027  # most are as the facts say
        """Find out how it stands, once all facts are taken up of an earlier run that did not end it."""

    def keep(self, name: str, *, sync: bool = False, **more: Any) -> bool:
        """Keep a fact on it, and return whether that could be; with `sync` the disk has it by then."""
        return bool(self.store and self.store.note(self.id, {"fact": name, **more}, sync=sync))

    async def announce(self, name: str, **more: Any) -> None:
        """Keep a fact on what is about to be done: the disk has it before that."""
        if self.store:
            await asyncio.to_thread(self.store.note, self.id, {"fact": name, **more}, sync=True)

    # How the task stands.

    @property
    def far(self) -> str:
        """How far it is, in words."""
        amount = short_size if self.unit == "bytes" else short_count
        return amount(self.done) + (f" of {amount(self.total)}" if self.total else "")

    @property
    def due_at(self) -> float:
        """When it may begin at the earliest (unix seconds); 0 for at once."""
        return 0.0

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.state in OVER

    @property
    def is_under_way(self) -> bool:
        """Whether it runs or waits for its turn."""
        return self.state in UNDER_WAY

    @property
    def stopping(self) -> bool:
        """Whether no further part of it shall begin."""
        return self.state in ("pausing", "cancelling", "cancelled")

    @property
    def can_pause(self) -> bool:
        """Whether it can be gone on with where it is paused now."""
        return True

    @property
    def can_go_on(self) -> bool:
        """Whether what is left of it can be done."""
        return self.state == "paused"

    def move(self, done: int, total: int | None = None) -> None:
        """Note how far it is."""
        self.done, self.total = done, total if total is not None else self.total
        self.changed()


class Tasks:
    """All tasks of a connection, the oldest first. As many run as may; the others wait."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives the server's time."""
        self.all: list[Task] = []
        self.elsewhere: Sequence[Task] = ()
        """Those that other runs have, which are open: nothing can be done to them here."""
        self.store: TaskStore | None = None
        """Where what is left of tasks is kept; None where it is not."""
        self._clock = clock
        self._runs: dict[Task, asyncio.Task[None]] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._telling: asyncio.TimerHandle | None = None
        self._change_listeners: Listeners[[]] = Listeners()
        self._end_listeners: Listeners[[Task]] = Listeners()

    def subscribe(self, on_change: Callable[[], object]) -> Callable[[], None]:
        """Call `on_change` when states changed, and now and then while something moves. Return what ends that."""
        return self._change_listeners.add(on_change)

    def listen(self, on_end: Callable[[Task], object]) -> Callable[[], None]:
        """Call `on_end` with each task that is over. Return what ends that."""
        return self._end_listeners.add(on_end)

    @property
    def under_way(self) -> list[Task]:
        """Those that run or wait for their turn."""
        return [task for task in self.all if task.is_under_way]

    def find(self, id_: str) -> Task | None:
        """Return the task with this id."""
        return next((task for task in self.all if task.id == id_), None)

    def add(self, task: Task) -> None:
        """Begin a task, or have it wait for its turn."""
        self._take_up(task)
        self._begin_next()

    def hold(self, task: Task) -> bool:
        """Keep a task that begins only once it is told to go on; return whether the disk has it."""
        task.state = "paused"
        kept = self._take_up(task, sync=True)
        self._tell()
        return kept

    def _take_up(self, task: Task, *, sync: bool = False) -> bool:
        task.changed, task.store = self._tell_soon, self.store
        self.all.append(task)
        return task.keep("begin", sync=sync, at=self._clock(), what=task.what, **task.describe())

    def restore(self, kept: Sequence[Task], elsewhere: Sequence[Task] = ()) -> None:
        """Show tasks of earlier runs, of which none begins before it is told to go on, and what others have."""
        self.elsewhere = elsewhere
        for task in kept:
            task.changed, task.store, task.is_of_before = self._tell_soon, self.store, True
            if not task.is_over:
                task.state = "paused"
            else:
                task.end.set()
        self.all[:0] = kept
        self._tell()

    def pause(self, task: Task) -> None:
        """Begin nothing more of a task until it is gone on with."""
        if task.state == "waiting":
            task.state = "paused"
        elif task.state == "running" and task.can_pause:
            self._halt(task, "pausing", soon=False)
        self._tell()

    def go_on(self, task: Task) -> None:
        """Do what is left of a task that was paused, or that failed on its way."""
        if task.can_go_on:
            if task.is_over:
                task.keep("again")
            task.state, task.error, task.ended = "waiting", None, 0.0
            task.end.clear()
            self._begin_next()

    def cancel(self, task: Task) -> None:
        """Stop a task for good, within a second; what it has done stays."""
        if task.state in ("running", "pausing"):
            self._halt(task, "cancelling", soon=True)
            self._tell()
        elif task.state in ("waiting", "paused"):
            task.state = "cancelling"
            self._keep(self._settle(task, "cancelled"))

    def forget(self, task: Task) -> None:
        """Take a task that is over from the list, and give back what was kept for going on with it."""
        if task.is_over and task in self.all:
            self.all.remove(task)
            if task.can_go_on:
                self._keep(task.discard())
            if self.store:
                self.store.forget(task.id)
            self._tell()

    async def aclose(self) -> None:
        """Stop all that is under way; what is left of it stays so."""
        for task in self.under_way:
            if task.state == "waiting":
                task.state = "paused"
            elif task.state == "running":
                self._halt(task, "pausing", soon=True)
        if self._endings:
            await asyncio.wait(self._endings, timeout=END)
        if self._telling:
            self._telling.cancel()
        if self.store:
            self.store.close()

    def _begin_next(self) -> None:
        """Begin those that wait, as far as may run at once."""
        for kind, most in AT_ONCE.items():
            room = max(0, most - sum(task.kind == kind for task in self._runs))
            waiting = (task for task in self.all if task.kind == kind and task.state == "waiting")
            for task in list(islice(waiting, room)):
                task.state, task.began = "running", task.began or self._clock()
                run = self._runs[task] = asyncio.ensure_future(task.work())
                self._keep(self._follow(task, run))
        self._tell_soon()

    async def _follow(self, task: Task, run: asyncio.Task[None]) -> None:
        """Wait for the end of a run, which may be cancelled before it has begun, and note what came of it."""
        await asyncio.wait({run})
        if run.cancelled():
            state: State = "cancelled" if task.state == "cancelling" else "paused"
        elif fault := run.exception():
            if not isinstance(fault, ApiError):
                log.error("a task failed", exc_info=fault)
                fault = ApiError(f"It ended by a fault of this program ({type(fault).__name__}).")
            task.error = fault
            state = "unknown" if isinstance(fault, OutcomeUnknown) else "failed"
        else:
            state = task.judge()
        await self._settle(task, state)

    async def _settle(self, task: Task, state: State) -> None:
        """Note that a task is over, or paused, and begin what waited for that."""
        if state == "cancelled":
            await task.discard()
        task.state = state
        if state == "failed" and not task.can_go_on:
            await task.discard()
        self._runs.pop(task, None)
        if task.is_over:
            task.ended = self._clock()
            task.keep(
                "end",
                at=task.ended,
                state=state,
                result=task.result,
                sha256=task.sha256,
                object_id=task.object_id,
                done=task.done,
                total=task.total,
                error=str(task.error) if task.error else "",
            )
            task.end.set()
            self._end_listeners.tell(task)
        self._begin_next()

    def _keep(self, ending: Coroutine[Any, Any, None]) -> None:
        """Run what settles a task beside everything else."""
        kept = asyncio.ensure_future(ending)
        self._endings.add(kept)
        kept.add_done_callback(self._endings.discard)

    def _halt(self, task: Task, state: State, *, soon: bool) -> None:
        task.state = state
        task.halt(self._runs[task], soon=soon)

    def _tell_soon(self) -> None:
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(PACE, self._tell)

    def _tell(self) -> None:
        if self._telling:
            self._telling.cancel()
            self._telling = None
        self._change_listeners.tell()
