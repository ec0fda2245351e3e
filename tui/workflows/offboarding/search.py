"""Finding out what a person holds, within the request budget."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.api.errors import ApiError
from tui.api.operation import Key
from tui.api.retries import seconds_until
from tui.live import shortfall
from tui.live.listeners import Listeners, combine_ends
from tui.live.polling.poller import Poller
from tui.resources.organization.keys import KEYS
from tui.workflows.offboarding.holdings import Holdings, OwnedKey
from tui.workflows.offboarding.kinds import ADMIN_API_KEYS, API_KEYS, PERSON
from tui.workflows.offboarding.plan import OffboardPlan
from tui.workflows.offboarding.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.platform import Platform
    from tui.live.polling.poller import Health
    from tui.workflows.offboarding.kinds import HoldingKind
    from tui.workflows.offboarding.questions import HoldingsQuery

FRESH = 60.0  # seconds for which the list of all keys need not be read anew
STEP = 2.0  # seconds between rounds of questions while the budget is used up


class HoldingsSearch(Poller):
    """Asks the platform once for all that a person holds, and again on `look_again`; `plan` grows meanwhile.

    The keys of all projects come from their own list, which may be there already. A kind that is refused or fails
    is noted, and the rest goes on; what failed is asked again later, less often each time.
    """

    def __init__(
        self, platform: Platform, mail: str, user_id: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(platform.scheduler, clock)
        self._listeners: Listeners[[]] = Listeners()
        self._in_a_row = 0  # questions that failed one after another
        self._failed: dict[HoldingsQuery, ApiError] = {}
        self.keys = platform.watch_whole(KEYS)
        self.found = Holdings(mail)
        self.plan = OffboardPlan(self.found, platform.client.connection.key(Key.ADMIN))
        self._questions = Questions(platform.client, self.found, user_id)
        self._begin()

    # For screens.

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when more is known, or its freshness changed. Return what ends that."""
        return combine_ends(
            self._listeners.add(listener),
            self.keys.subscribe(lambda delta: self.update(keys=bool(delta)), lambda _: self._notify()),
            self.listen(lambda _: self._notify()),
        )

    def start(self) -> None:
        """Start watching: this and the list of all keys."""
        if not seconds_until(self.keys.health.since + FRESH, self._clock(), FRESH):
            self.keys.outdate()
        self.keys.start()
        super().start()
        self.update(keys=True)

    def stop(self) -> None:
        """Stop watching; what runs is cancelled and asked again when somebody looks."""
        super().stop()
        self.keys.stop()

    def look_again(self) -> None:
        """Ask every question again."""
        self.plan.look_again()
        self._begin()
        for each in (self, self.keys):
            each.outdate()

    async def find_other_owner(self) -> bool:
        """Ask now whether anybody else is an owner. Raises ApiError."""
        await self._questions.find_other_owner()
        self.update()
        return self.found.other_owner is not False

    @property
    def is_complete(self) -> bool:
        """Whether every question was answered and the list of keys is whole."""
        return not self._questions.waiting and self.keys.collection.complete

    def is_known(self, kind: HoldingKind) -> bool:
        """Return whether everything of a kind is known."""
        keys = self.keys.collection.complete
        if kind in (API_KEYS, ADMIN_API_KEYS) and not keys:  # a key may tell whose the others are
            return False
        return not any(question.about in (kind.title, PERSON.title) for question in self._questions.waiting)

    @property
    def progress(self) -> str:
        """What is being asked and how much is done, in words; "" once everything is known."""
        asked, now = self._questions.total - len(self._questions.waiting), self._clock()
        due = next((each for each in self._questions.waiting if not each.seconds_left(now)), None)
        parts = [f"{due.about.lower()} {asked}/{self._questions.total}"] if due else []
        if self._questions.waiting and not due:
            parts = [f"{len(self._questions.waiting):,} asked again later"]
        return " · ".join(filter(None, (*parts, self.keys.progress)))

    @property
    def worst_health(self) -> Health:
        """The worse health of the two: of this search or of the list of keys."""
        return self.health if self.health.error or not self.keys.health.error else self.keys.health

    def update(self, *, keys: bool = False) -> None:
        """Bring the plan up to what is known, with `keys` also the list of keys, and tell the listeners."""
        if keys:
            listed = self.keys.collection
            self.found.take_keys([OwnedKey.of(listed.records[id_]) for id_ in listed.order])
        if unread := self.keys.unread:
            self.found.gaps[API_KEYS.title] = unread
        else:
            self.found.gaps.pop(API_KEYS.title, None)
        self.plan.update()
        self._notify()

    def _notify(self) -> None:
        self._listeners.tell()

    # Asking the questions.

    def _begin(self) -> None:
        self._questions.begin()
        self._failed.clear()
        self.found.gaps.clear()
        self.found.known_projects.clear()

    def _pace(self) -> tuple[float, float]:
        if not self._questions.waiting:
            return float("inf"), float("inf")
        now = self._clock()
        wait = max(STEP, min(each.seconds_left(now) for each in self._questions.waiting))
        return wait, wait

    async def _round(self) -> bool:
        """Ask as many questions as there is room for, at least one.

        Raises ApiError where the fault is not the question's: it is asked again then, or once several failed one
        after another the rest is when the server had time.
        """
        waiting = self._questions.waiting
        while asked := self._questions.bring_to_front(self._clock()):
            failure = None
            try:
                await asked.ask()
            except ApiError as error:
                if shortfall.affects_all(error):
                    raise
                failure = error
            if not waiting or waiting[0] is not asked:
                continue  # everything is asked anew
            waiting.popleft()
            self._note(asked, failure)
            if failure and not failure.about_object:
                asked.put_off(self._clock())
                waiting.append(asked)
            self.update()
            if failure and self._in_a_row >= shortfall.IN_A_ROW:
                raise failure
            if self._scheduler.room <= 0:
                break
        return True

    def _note(self, question: HoldingsQuery, failure: ApiError | None) -> None:
        """Record the outcome of a question, and put into `found.gaps` what of its kind cannot be seen."""
        self._in_a_row = self._in_a_row + 1 if isinstance(failure, shortfall.PASSING) else 0
        self._failed.pop(question, None)
        if failure:
            self._failed[question] = failure
        about = question.about
        failed = [(each.of, error) for each, error in self._failed.items() if each.about == about]
        many = {id_: error for id_, error in failed if id_}
        later = any(not error.about_object for _, error in failed)
        asked = self._questions.count_places(about)
        told = [error.sentence for id_, error in failed if not id_]
        told += filter(
            None, [shortfall.describe_missing(about.lower(), asked, many, "asked again later" if later else "")]
        )
        self.found.gaps.pop(about, None)
        if told:
            self.found.gaps[about] = " ".join(told)
