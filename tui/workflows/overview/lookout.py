"""The lookout: reads now and then, while nobody looks, what home shows and what the news compare."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.api.retries import seconds_until
from tui.live.listeners import Listeners
from tui.live.polling.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tui.live.polling.scheduler import Scheduler
    from tui.live.polling.watch import Watch
    from tui.workflows.overview.news import News

OFTEN = 90.0  # seconds between two looks at a list of which objects are counted, ...
SELDOM = 300.0  # ... and at anything else
HELD = 5.0  # seconds between looks whether home was read: each takes a turn of what is shown
NEXT = 0.5  # seconds from one look to the next, while more is due


class Lookout(Poller):
    """Looks at one thing after the other, as the budget of requests allows: what is counted comes first."""

    is_beside = True
    priority = 4

    def __init__(
        self,
        scheduler: Scheduler,
        news: News,
        counted: Iterable[Watch],
        costs: Poller | None,
        is_held_back: Callable[[], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`counted` are the lists of which objects are counted.

        It `is_held_back` while home is being read: what is shown comes first.
        """
        super().__init__(scheduler, clock)
        self._news, self._costs, self._is_held_back = news, costs, is_held_back
        # Lists that take many requests are left to who shows them.
        self._counted = [watch for watch in counted if not watch.collection.resource.listed_per]
        self._looked: dict[Poller, float] = {}  # when (local clock)
        self._has_news = False
        self._rest_listeners: Listeners[[]] = Listeners()

    def hear_rest(self, on_rest: Callable[[], object]) -> Callable[[], None]:
        """Call `on_rest` each time that all that was due was looked at. Return what ends that."""
        return self._rest_listeners.add(on_rest)

    async def _round(self) -> bool:
        if due := self._find_due():
            self._looked[due], self._has_news = self._clock(), True
            await due.refresh()
        elif self._has_news:
            self._has_news = False
            self._news.remember()
            self._rest_listeners.tell()
        return False

    def _find_due(self) -> Poller | None:
        """Return what is to be looked at now."""
        if self._is_held_back():
            return None
        waits = self._find_waits()
        due = min(waits, key=waits.__getitem__, default=None)
        return due if due and not waits[due] else self._news.take_up()

    def _find_waits(self) -> dict[Poller, float]:
        """Return the seconds until each thing is to be looked at that nobody keeps fresh now; 0 for now."""
        now = self._clock()
        return {
            part: seconds_until(max(self._looked.get(part, 0.0), part.health.since) + pace, now, pace)
            for part, pace in self._list_parts()
            if not part.visible
        }

    def _list_parts(self) -> Iterator[tuple[Poller, float]]:
        """Yield what is looked at, and how often."""
        for watch in self._counted:
            yield watch, OFTEN
        if self._costs:
            yield self._costs, SELDOM
        if self._news.keeps_visits:
            lists = (watch for watch in self._news.lists if not watch.collection.resource.listed_per)
            yield from ((watch, SELDOM) for watch in lists if watch not in self._counted)

    def _pace(self) -> tuple[float, float]:
        if self._is_held_back():
            return HELD, HELD
        wait = NEXT if self._has_news else max(NEXT, min(self._find_waits().values(), default=OFTEN))
        return wait, wait
