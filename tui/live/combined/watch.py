"""The watch of several accounts' lists at once: each is asked by its own client, within its own budget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.live.combined.collection import CombinedCollection, Part
from tui.live.combined.rows import make_key, split_key
from tui.live.listeners import combine_ends
from tui.live.polling.filled import Filled
from tui.live.polling.poller import Health, find_worst
from tui.resources.language.column import Cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui.api.client import Client
    from tui.live.polling.scheduler import Scheduler
    from tui.live.polling.watch import Watch
    from tui.resources.language.column import CellContext, Tone
    from tui.resources.language.objects import Record


def combine_health(healths: Iterable[Health]) -> Health:
    """Return the health of several things together: the worst, and the oldest of the worst.

    What is refused counts only where all is: the rest is as fresh as it is.
    """
    every = list(healths)
    given = [health for health in every if health.state != "refused"] or every
    return find_worst(given)


class CombinedWatch(Filled):
    """Keeps the lists of several accounts fresh together. One that fails leaves the others as they are."""

    def __init__(
        self, parts: Mapping[str, Part], tones: Mapping[str, Tone], client: Client, scheduler: Scheduler
    ) -> None:
        """`parts` are the lists by the names of their accounts, each of which has a tone.

        Nothing is asked by this client, nor polled by this scheduler.
        """
        self._parts, self._tones = parts, tones
        super().__init__(client, CombinedCollection(parts, self._show_profile), scheduler)
        self._end_listening: Callable[[], None] = lambda: None
        self.query = dict(next(iter(parts.values())).watch.query)
        self._note_health()

    @property
    def by_account(self) -> Mapping[str, Watch]:
        """What keeps the list of each account fresh, by its name."""
        return {account: part.watch for account, part in self._parts.items()}

    def _show_profile(self, value: Any, _record: Record, _context: CellContext) -> Cell:
        """Draw whose a row is, and whether it is old."""
        account = str(value)
        if self._parts[account].watch.health.error:
            return Cell(f"▲ {account}", "warn")
        return Cell(account, self._tones[account])

    # Starting, stopping, refreshing.

    def start(self) -> None:
        """Keep all lists fresh from now on."""
        self._viewers += 1
        if self._viewers == 1:
            self._follow()
            self._end_listening = combine_ends(*(each.listen(self._hear) for each in self.by_account.values()))
        for each in self.by_account.values():
            each.start()
        self._note_health()

    def _follow(self) -> None:
        if isinstance(self.collection, CombinedCollection):
            self.collection.follow()

    def stop(self) -> None:
        """Undo one `start`; after the last nothing is asked, and nothing is heard."""
        if not self._viewers:
            return
        self._viewers -= 1
        for each in self.by_account.values():
            each.stop()
        if not self._viewers:
            self._end_listening()
            if isinstance(self.collection, CombinedCollection):
                self.collection.rest()
        self.loading_more = self.loading_more and self.visible

    def outdate(self) -> None:
        """Treat what is known of all lists as old."""
        for each in self.by_account.values():
            each.outdate()

    async def refresh(self) -> None:
        """Ask for all lists now and wait for the answers."""
        await asyncio.gather(*(each.refresh() for each in self.by_account.values()))
        self._note_health()

    def _hear(self, _health: Health) -> None:
        self._note_health()

    def _note_health(self) -> None:
        self.health = combine_health(each.health for each in self.by_account.values())
        self._announce()

    # What is known.

    @property
    def progress(self) -> str:
        """How far lists have come that take many requests."""
        return self._tell_each({account: each.progress for account, each in self.by_account.items()})

    @property
    def unread(self) -> str:
        """The parts of lists that could not be read."""
        return self._tell_each({account: each.unread for account, each in self.by_account.items()})

    @staticmethod
    def _tell_each(words: Mapping[str, str]) -> str:
        return " · ".join(f"{account}: {told}" for account, told in words.items() if told)

    # Asking for more.

    def find_seen_by(self, find_seen: Callable[[], Sequence[str]]) -> None:
        """Take what returns the keys of the rows in sight: the children of their objects are asked about."""
        for account, each in self.by_account.items():

            def find_own(account: str = account) -> list[str]:
                split = map(split_key, find_seen())
                return [id_ for whose, id_ in split if whose == account]

            each.find_seen_by(find_own)

    def peek_soon(self) -> None:
        """Ask soon for more of what is in sight: other rows may be."""
        for each in self.by_account.values():
            each.peek_soon()

    async def load_more(self, all: bool = False) -> None:  # noqa: A002
        """Load the next page of each list, or `all` of them."""
        self.loading_more = True
        self._announce()
        try:
            await asyncio.gather(*(each.load_more(all) for each in self.by_account.values()))
        finally:
            self.loading_more = False
            self._announce()

    def set_query(self, query: Mapping[str, Any]) -> None:
        """Ask all servers with other filters from now on."""
        self.query = {**self.collection.resource.query, **query}
        for each in self.by_account.values():
            each.set_query(query)

    def key_of(self, account: str, id_: str) -> str:
        """Return the key of the row of an account's object."""
        return make_key(account, id_)
