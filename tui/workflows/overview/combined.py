"""What home shows of several accounts: rows know theirs, and each account is read by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.live.combined.rows import Row
from tui.live.combined.watch import combine_health
from tui.live.listeners import combine_ends
from tui.workflows.overview.attention import sort_needs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.live.polling.poller import Health
    from tui.live.polling.watch import Watch
    from tui.resources.due import End
    from tui.resources.language.objects import Record
    from tui.workflows.overview.attention import InFlight, Need
    from tui.workflows.overview.overview import Overview
    from tui.workflows.overview.visits import Visit


class CombinedOverview:
    """The overviews of several accounts, as home asks one."""

    unread = ""

    def __init__(self, by_account: Mapping[str, Overview]) -> None:
        """`by_account` are the overviews by the names of their accounts."""
        self.by_account = by_account

    @property
    def health(self) -> Health:
        """The worst of those that answer, and the oldest."""
        return combine_health(each.health for each in self.by_account.values())

    @property
    def watches(self) -> list[Watch]:
        """The lists that are looked at."""
        return [watch for each in self.by_account.values() for watch in each.watches]

    def start(self) -> None:
        """Keep everything fresh from now on."""
        for each in self.by_account.values():
            each.start()

    def stop(self) -> None:
        """Undo one `start`."""
        for each in self.by_account.values():
            each.stop()

    async def refresh(self) -> None:
        """Ask for everything now and wait for the first list of each."""
        await asyncio.gather(*(each.refresh() for each in self.by_account.values()))

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when anything may have changed. Return what ends that."""
        return combine_ends(*(each.subscribe(listener) for each in self.by_account.values()))

    @property
    def admin(self) -> bool:
        """Whether any of them has an admin key."""
        return any(each.admin for each in self.by_account.values())

    @property
    def silent(self) -> list[str]:
        """The lists that have not answered yet, and may, each with its account, where no account has answered."""
        found = {account: each.silent for account, each in self.by_account.items()}
        return (
            [f"{name} of {account}" for account, names in found.items() for name in names]
            if all(found.values())
            else []
        )

    @property
    def is_whole(self) -> bool:
        """Whether every list was read to its end."""
        return all(each.is_whole for each in self.by_account.values())

    def needs(self) -> list[Need]:
        """Return what needs its owner, the worst first."""
        found = (
            need._replace(account=account) for account, each in self.by_account.items() for need in each.needs()
        )
        return sort_needs(found)

    def in_flight(self) -> list[InFlight]:
        """Return what is in progress."""
        return [
            flight._replace(account=account)
            for account, each in self.by_account.items()
            for flight in each.in_flight()
        ]

    def ends(self) -> list[Record[End]]:
        """Return what ends within a month, soonest first, as rows."""
        rows = [Row(account, end) for account, each in self.by_account.items() for end in each.ends()]
        return sorted(rows, key=lambda row: row.raw["ends_at"])

    @property
    def ends_progress(self) -> str:
        """Which lists have not answered yet of what ends."""
        return next((words for each in self.by_account.values() if (words := each.ends_progress)), "")

    def missing(self) -> list[str]:
        """Return sentences on what home does not show, and why."""
        return [f"{account}: {words}" for account, each in self.by_account.items() for words in each.missing()]

    @property
    def before(self) -> Visit | None:
        """The earliest of the last visits."""
        return min(
            (each.before for each in self.by_account.values() if each.before),
            key=lambda visit: visit.at,
            default=None,
        )

    def tell_news(self) -> str:
        """Return in words what has changed since the last visits; "" for nothing."""
        told = {account: each.tell_news() for account, each in self.by_account.items()}
        return " · ".join(f"{account}: {words}" for account, words in told.items() if words)
