"""The scheduler: decides when each poll is due, within a budget of requests shared by all that is on screen."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from abc import abstractmethod
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tui.api.retries import backoff
from tui.live.listeners import Listeners

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

log = logging.getLogger(__name__)

JITTER = 0.15  # part of an interval by which polls drift apart, so that many programs do not ask in step
BLURRED = 4.0  # how much slower polls are while nobody looks at the terminal
EASED = 2.0  # how much slower polls are after the platform said "too many requests" ...
EASED_FOR = 300.0  # ... and for how many seconds
STEP = 5.0  # seconds of waiting that outweigh one step of priority
OVERSLEPT = 5.0  # seconds by which a nap must last too long to mean that the machine or the program was suspended
COST = 2  # requests that a poll is taken to make: it starts when there is room for them
CROWDED = 1.0  # seconds between looks at the budget once it is used up
DUE = 0.001  # seconds before its time at which a job counts as due: sleeping for less is not worth it
LONGEST = 60.0  # seconds: the longest back-off of a job that fails


class Job(Protocol):
    """Something polled again and again. Lower `priority` goes first when requests are short."""

    priority: int = 0
    heeds_focus: bool = True
    """Whether it may be polled less often while nobody looks at the terminal."""

    @abstractmethod
    async def poll(self) -> None:
        """Ask once. Called for one poll at a time; cancelled when the job is removed."""

    @abstractmethod
    def interval(self) -> float:
        """Return seconds from the end of the last poll to the next; infinite to wait for a poke."""

    @property
    def urgent(self) -> bool:
        """Whether the job may poll although the budget is used up, as its requests do not arrive anyway."""
        return False

    def scheduled(self, delay: float) -> None:
        """Hear when the next poll is due: seconds from now, infinite while held. Told when that changes."""

    def failed(self, error: Exception) -> None:
        """Hear that `poll` raised. The job is tried again later."""


@dataclass(eq=False, slots=True)
class _Entry:
    """A job and its place in time: it is due `wait` seconds, stretched, after `since`."""

    job: Job
    since: float
    wait: float
    task: asyncio.Task[None] | None = None
    again: bool = False  # poked while polling: that answer may be older than the poke
    failures: int = 0

    @property
    def running(self) -> bool:
        """Whether a poll is on its way; one cancelled before it began is not."""
        return self.task is not None and not self.task.done()


class Scheduler:
    """Polls jobs when they are due: visible ones in turn, never two polls of one, never over the budget.

    `budget` is in requests a minute, counted by `requests_last_minute` for whoever made them: background polls
    wait for room, a poke does not. If it `binds_all`, as the user has set it, so does whatever asks much. Set
    `held` to stop background polls and `blurred` while the terminal has no focus. `clock` and `sleep` share one
    time line; `wall` goes on while the machine is suspended, and a look at it each `heartbeat` seconds tells that
    it was: then every job polls once, at once.
    """

    def __init__(
        self,
        *,
        requests_last_minute: Callable[[], int],
        budget: int,
        binds_all: bool = False,
        find_silence: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
        wall: Callable[[], float] = time.time,
        heartbeat: float = 1.0,
    ) -> None:
        self.budget = budget
        self._binds_all = binds_all
        self.is_silent = False
        """Whether the server was asked for something and lets wait: it answers nobody then."""
        self._find_silence = find_silence
        self._silence_listeners: Listeners[[]] = Listeners()
        self._requests = requests_last_minute
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._wall = wall
        self._heartbeat = heartbeat
        self._entries: dict[Job, _Entry] = {}
        self._turns = 0  # requests on their way that nobody polls for
        self._visits: set[_Entry] = set()  # polls of jobs that were poked without being scheduled
        self._nap: asyncio.Future[None] | None = None
        self._held = False
        self._unreachable = False
        self._blurred = False
        self._eased_until = -math.inf
        self._started = -math.inf  # when the last background poll did

    # What jobs and screens ask for.

    def add(self, job: Job, delay: float = 0.0) -> None:
        """Poll `job` from now on, first after `delay` seconds. Adding it twice changes nothing."""
        if job not in self._entries:
            entry = self._visit(job) or _Entry(job, 0.0, 0.0)
            self._visits.discard(entry)
            entry.since, entry.wait = self._clock(), delay
            self._entries[job] = entry
            self._wake()

    def remove(self, job: Job) -> None:
        """Poll `job` no more; a poll that runs is cancelled."""
        entry = self._entries.pop(job, None)
        if entry and entry.task:
            entry.task.cancel()

    def poke(self, job: Job) -> None:
        """Poll `job` now, whatever the budget, the back-off and the hold say. One not added is polled once."""
        entry = self._entries.get(job) or self._visit(job)
        if entry is None:
            entry = _Entry(job, self._clock(), math.inf)
            self._visits.add(entry)
        if entry.running:
            entry.again = True
        else:
            self._start(entry)

    async def free(self) -> None:
        """Wait until the budget has room for one more request besides a poll."""
        while self.room <= min(COST, self.budget // 2):
            await self._sleep(CROWDED)

    @asynccontextmanager
    async def turn(self, sleep: Callable[[float], Awaitable[None]] | None = None) -> AsyncIterator[None]:
        """Make a request, one of many that the user wants: while the budget `binds_all`, once it has room."""
        while self.is_crowded:
            await (sleep or self._sleep)(CROWDED)
        self._turns += 1
        try:
            yield
        finally:
            self._turns -= 1

    def renew(self, job: Job) -> None:
        """Bring the next poll of `job` forward if its interval, as it is now, ends earlier."""
        entry = self._entries.get(job)
        if entry and not entry.running and self._delay(entry) > job.interval() * self._stretch(job):
            self._rest(entry, job.interval())

    def ease_off(self) -> None:
        """Halve the rate of all polls for some minutes: the platform said there were too many requests."""
        self._eased_until = self._clock() + EASED_FOR

    @property
    def room(self) -> int:
        """Requests that may still start in this minute. Those on their way count before they are recorded."""
        running = sum(1 for entry in self._entries.values() if entry.running)
        return self.budget - self._requests() - running - self._turns

    @property
    def is_crowded(self) -> bool:
        """Whether what takes its `turn` has to wait."""
        return self._binds_all and self.room <= min(COST, self.budget // 2)

    @property
    def held(self) -> bool:
        """Whether background polls are stopped."""
        return self._held

    @held.setter
    def held(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self._tell_all()

    @property
    def unreachable(self) -> bool:
        """Whether the server could not be reached when it was last asked: nothing shown is fresh then."""
        return self._unreachable

    @unreachable.setter
    def unreachable(self, unreachable: bool) -> None:
        if unreachable != self._unreachable:
            self._unreachable = unreachable
            self._tell_all()

    def note_silence(self) -> None:
        """Look whether the server answers, and tell if that has changed."""
        if (is_silent := self._find_silence()) != self.is_silent:
            self.is_silent = is_silent
            self._silence_listeners.tell()

    def listen(self, on_silence: Callable[[], object]) -> Callable[[], None]:
        """Call `on_silence` when the server falls silent, and when it answers again. Return what ends that."""
        return self._silence_listeners.add(on_silence)

    @property
    def blurred(self) -> bool:
        """Whether nobody looks, which makes intervals four times as long."""
        return self._blurred

    @blurred.setter
    def blurred(self, blurred: bool) -> None:
        if blurred != self._blurred:
            self._blurred = blurred
            self._tell_all()

    async def run(self) -> None:
        """Poll what is due until cancelled. What a job raises is told to the job and goes no further."""
        try:
            while True:
                self._start_due()
                self.note_silence()
                before, delay = self._wall(), min(self._heartbeat, self._pause())
                self._nap = asyncio.ensure_future(self._sleep(delay))
                await asyncio.wait([self._nap])
                if self._wall() - before > delay + OVERSLEPT:
                    self._woke()
        finally:
            if self._nap:
                self._nap.cancel()
            entries = [*self._entries.values(), *self._visits]
            tasks = [entry.task for entry in entries if entry.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # Starting polls, and sleeping between them.

    def _visit(self, job: Job) -> _Entry | None:
        """Return the poll of a job that was poked without being scheduled, if one is on its way."""
        return next((visit for visit in self._visits if visit.job is job), None)

    def _stretch(self, job: Job) -> float:
        """Return by how much intervals are longer than a job asks for."""
        is_unseen = self._blurred and job.heeds_focus
        return (BLURRED if is_unseen else 1.0) * (EASED if self._clock() < self._eased_until else 1.0)

    def _delay(self, entry: _Entry) -> float:
        """Return seconds until `entry` is due; negative when it is overdue."""
        return entry.since + entry.wait * self._stretch(entry.job) - self._clock()

    def _start_due(self) -> None:
        """Start the polls that are due, the longest waiting and most important first, as the budget allows."""
        if self._held:
            return
        due = [entry for entry in self._entries.values() if not entry.running and self._delay(entry) <= DUE]
        for entry in sorted(due, key=lambda entry: self._delay(entry) + STEP * entry.job.priority):
            if entry.job.urgent:
                self._start(entry)
            elif self._may_start():
                self._started = self._clock()
                self._start(entry)

    def _may_start(self) -> bool:
        """Return whether the budget has room. Its second half is spread evenly, lest all stall at its end."""
        room = self.room
        if room < self.budget // 2 and self._clock() < self._started + 60 / max(1, self.budget) - DUE:
            return False
        return room >= max(1, min(COST, self.budget))

    def _pause(self) -> float:
        """Return seconds to sleep, at most a heartbeat. What is still due was kept back by the budget."""
        if self._held:
            return self._heartbeat
        delays = (self._delay(entry) for entry in self._entries.values() if not entry.running)
        return min((delay if delay > DUE else CROWDED for delay in delays), default=self._heartbeat)

    def _start(self, entry: _Entry) -> None:
        entry.again = False
        entry.task = asyncio.ensure_future(self._poll(entry))

    async def _poll(self, entry: _Entry) -> None:
        """Poll a job once, and set when it is due again."""
        wait = 0.0
        try:
            await entry.job.poll()
            wait = entry.job.interval()
            entry.failures = 0
        except asyncio.CancelledError:
            entry.again = False  # nothing was learnt, so a job that stays is due at once anyway
            raise
        except Exception as error:
            entry.failures += 1
            if entry.failures == 1:  # one that goes on failing says nothing new
                log.exception("a poll of %s failed", type(entry.job).__name__)
            wait = backoff(entry.failures, LONGEST)
            entry.job.failed(error)
        finally:
            entry.task = None
            if entry.again:
                self._start(entry)
            else:
                self._visits.discard(entry)
                self._rest(entry, wait)

    def _rest(self, entry: _Entry, wait: float) -> None:
        entry.since = self._clock()
        entry.wait = wait * self._jitter(1 - JITTER, 1 + JITTER)
        self._tell(entry)
        self._wake()

    def _woke(self) -> None:
        """Note a suspension: what is known is old and connections are dead, so each job polls once, now."""
        for entry in self._entries.values():
            if entry.task:
                entry.task.cancel()
            elif math.isfinite(entry.wait):
                entry.wait = 0.0
            self._tell(entry)

    def _tell(self, entry: _Entry) -> None:
        if self._entries.get(entry.job) is entry:
            entry.job.scheduled(math.inf if self._held else max(0.0, self._delay(entry)))

    def _tell_all(self) -> None:
        for entry in list(self._entries.values()):
            self._tell(entry)
        self._wake()

    def _wake(self) -> None:
        if self._nap:
            self._nap.cancel()
