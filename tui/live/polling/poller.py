"""The poller: what all that is kept fresh shares: polling, backing off, and health."""

from __future__ import annotations

import asyncio
import math
import time
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tui.api.errors import ApiError, LinkError, RateLimited
from tui.api.retries import backoff, seconds_until
from tui.live.listeners import Listeners
from tui.live.polling.scheduler import LONGEST, Job, Scheduler
from tui.live.shortfall import affects_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LINK_LONGEST = 4.0  # seconds: the longest back-off while the link is down, so that it is live 5 s after it is back
GROWTH = 1.5  # by which the interval grows with each poll that brought nothing
GRACE = 5.0  # seconds a poll may be late before what is shown counts as old

State = Literal["loading", "live", "stale", "refused", "held"]
_SEVERITY: tuple[State, ...] = ("live", "loading", "held", "stale", "refused")


@dataclass(frozen=True, slots=True)
class Health:
    """The freshness of something. Times are of the local clock, unix seconds.

    `since` is when it was last known to be right (0: never), `error` what went wrong since then, and `retry_at`
    when the next try is due (None: it waits to be asked). `refused` means that asking again would not help.
    """

    state: State = "loading"
    since: float = 0.0
    error: ApiError | None = None
    retry_at: float | None = None


def find_worst(healths: Iterable[Health]) -> Health:
    """Return the worst of some, of equals the oldest."""
    return max(
        healths,
        key=lambda health: (_SEVERITY.index(health.state), -health.since),
        default=Health(),
    )


class Poller(Job):
    """Something kept fresh by asking again and again, while it is visible.

    Subclasses ask in `_round` and say in `_pace` how often that is worth it.
    """

    is_beside = False
    """Whether it only adds to what is shown: then its health is not part of the platform's."""

    def __init__(self, scheduler: Scheduler, clock: Callable[[], float] = time.time) -> None:
        self.health = Health()
        self._viewers = 0
        self._outdated = False
        self._scheduler = scheduler
        self._clock = clock
        self._since = 0.0
        self._error: ApiError | None = None
        self._failures = 0
        self._unchanged = 0
        self._due = math.inf
        self._late = False
        self._waiting: list[asyncio.Future[None]] = []
        self._health_listeners: Listeners[[Health]] = Listeners()

    @abstractmethod
    async def _round(self) -> bool:
        """Ask once and apply the answer. Return whether anything is new. Raises ApiError."""

    @abstractmethod
    def _pace(self) -> tuple[float, float]:
        """Return the shortest and the longest interval in seconds, for what is known now."""

    # For screens.

    @property
    def unread(self) -> str:
        """The part that could not be read, and behind a colon why; "" for none."""
        return ""

    @property
    def visible(self) -> bool:
        """Whether it has a watcher."""
        return self._viewers > 0

    def start(self) -> None:
        """Start watching. Ask at once if the last answer is older than the interval.

        Each start is paired with a stop; one screen may open what another is just leaving.
        """
        self._viewers += 1
        if self._viewers > 1:
            return
        self.health = self._judge()
        self._announce()
        interval = self.interval()
        remaining = seconds_until(self._since + interval, self._clock(), interval)
        self._scheduler.add(self, delay=remaining)
        if self._error or self._outdated or self._scheduler.unreachable or remaining <= 0:
            self._scheduler.poke(self)  # opening it is the user's wish, which neither hold nor budget delay

    def stop(self) -> None:
        """Stop watching; after the last watcher polling ends and what runs is cancelled."""
        self._viewers = max(0, self._viewers - 1)
        if self._viewers:
            return
        self._scheduler.remove(self)
        self._release(self._waiting)
        self._announce()

    def outdate(self) -> None:
        """Treat what is known as old: ask at once, or at the next start."""
        self._outdated = True  # until it was read: a dialog that opens cancels what is on its way
        if self.visible:
            self._scheduler.poke(self)

    def listen(self, on_health: Callable[[Health], None]) -> Callable[[], None]:
        """Call `on_health` after each change of `health`, and when shown or hidden. Return what ends that."""
        return self._health_listeners.add(on_health)

    async def refresh(self) -> None:
        """Ask now and wait for the answer; `health` tells how it went."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._scheduler.poke(self)
        await done

    # For the scheduler.

    async def poll(self) -> None:
        """Ask once, as the scheduler wants it. Failures of the platform end in `health`."""
        waiting, self._waiting = self._waiting, []
        outdated, self._outdated = self._outdated, False
        try:
            changed = await self._round()
        except ApiError as error:
            self._note_failure(error)
        else:
            outdated = False
            self._unchanged = 0 if changed else self._unchanged + 1
            self._note_success()
        finally:
            self._outdated = self._outdated or outdated
            self._scheduler.note_silence()
            self._release(waiting)

    def interval(self) -> float:
        """Return seconds to the next poll: few while things move, more when they rest, ever more on failures."""
        error = self._error
        if error is None:
            quickest, slowest = self._pace()
            return backoff(self._unchanged + 1, slowest, first=quickest, growth=GROWTH)
        if error.permanent:
            return math.inf
        if isinstance(error, RateLimited) and error.retry_after:
            return max(1.0, error.retry_after)
        return backoff(self._failures, LINK_LONGEST if self.urgent else LONGEST)

    @property
    def urgent(self) -> bool:
        """Whether the link is down: then no request arrives, so none weighs on the budget."""
        return isinstance(self._error, LinkError)

    def scheduled(self, delay: float) -> None:
        """Show when the next try is due. One that comes long after it was due finds what is shown old."""
        now = self._clock()
        self._late = self._late or now > self._due + GRACE
        self._due = now + delay
        self._publish()

    def failed(self, error: Exception) -> None:
        """Show a fault of our own like one of the platform: marked, and tried again."""
        self._note_failure(ApiError(f"o9s could not use the answer ({type(error).__name__})."))

    # Health.

    def _note_success(self) -> None:
        self._scheduler.unreachable = False
        self._error, self._failures, self._since = None, 0, self._clock()
        self._late, self._due = False, math.inf
        self._publish()

    def _note_failure(self, error: ApiError) -> None:
        self._error, self._due = error, math.inf
        self._failures += 1
        self._scheduler.unreachable = isinstance(error, LinkError) and affects_all(error)
        if isinstance(error, RateLimited):
            self._scheduler.ease_off()
        self._publish()

    def _forget(self) -> None:
        """Start over, as what is asked for is another thing now."""
        self._error, self._failures, self._since, self._unchanged = None, 0, 0.0, 0
        self._publish()

    def _state(self) -> State:
        if self._error:
            return "refused" if self._error.permanent else "stale"
        if not self._since:
            return "loading"
        if self._scheduler.held:
            return "held"
        return "stale" if self._late or self._scheduler.unreachable else "live"

    def _judge(self) -> Health:
        """Return the health as it is now."""
        retry_at = self._due if self._error and math.isfinite(self._due) else None
        return Health(self._state(), self._since, self._error, retry_at)

    def _publish(self) -> None:
        """Tell listeners if what is shown of the health differs from before."""
        health = self._judge()
        if health != self.health:
            self.health = health
            self._announce()

    def _announce(self) -> None:
        self._health_listeners.tell(self.health)

    def _release(self, waiting: list[asyncio.Future[None]]) -> None:
        for done in waiting:
            if not done.done():
                done.set_result(None)
        waiting.clear()
