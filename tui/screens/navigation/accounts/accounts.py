"""The accounts in use: one, or several whose lists are shown as one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.api.credentials.connection import is_loopback
from tui.resources.language.cells import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch
    from tui.screens.navigation.accounts.account import Account
    from tui.screens.navigation.accounts.kept_state import KeptState
    from tui.screens.navigation.accounts.session import Session
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.line_history import LineHistory

SKEW_TOLD = 30.0  # seconds that the clocks may differ without a word


class Accounts:
    """Knows the accounts in use, and which of them keys act on."""

    def __init__(self, accounts: Sequence[Account], tell_fault: Callable[[str], object]) -> None:
        """`accounts` are one at least; `tell_fault` hears of what is amiss with one."""
        self.accounts = tuple(accounts)
        self.find_acting: Callable[[], Account] = lambda: self.accounts[0]
        """Returns the account that keys act on now; the place that is shown says which."""
        self._tell_fault = tell_fault

    @property
    def account(self) -> Account:
        """The account that keys act on now."""
        return self.find_acting()

    @property
    def platform(self) -> Platform:
        """The platform of the account that keys act on now."""
        return self.account.platform

    @property
    def session(self) -> Session:
        """The state of the account that keys act on now."""
        return self.account.session

    @property
    def kept(self) -> KeptState:
        """What is kept for the account that keys act on now."""
        return self.account.kept

    @property
    def lines(self) -> LineHistory:
        """The `:` lines typed before, whatever accounts are in use beside the first."""
        return self.accounts[0].kept.lines

    @property
    def owner(self) -> str:
        """The name of the account that keys act on, where several are in use."""
        return self.account.name if self.combines else ""

    @property
    def combines(self) -> bool:
        """Whether several accounts are in use."""
        return len(self.accounts) > 1

    def find_account(self, name: str) -> Account:
        """Return the account of a name; the first where none has it."""
        return next((account for account in self.accounts if account.name == name), self.accounts[0])

    def list_accounts(self, location: Location) -> Sequence[Account]:
        """Return the accounts that a location shows: all in use, or the one whose it is."""
        if self.combines and not location.account:
            return self.accounts
        return (self.find_account(location.account),)

    def make_watch(self, location: Location, watch_of: Callable[[Account], Watch]) -> Watch:
        """Return what keeps the list of a place fresh, from that of each account that the place shows."""
        accounts = self.list_accounts(location)
        if len(accounts) == 1:
            return watch_of(accounts[0])
        from tui.live.combined.collection import Part
        from tui.live.combined.watch import CombinedWatch

        parts = {each.name: Part(watch_of(each), each.platform.now, each.platform.names.of) for each in accounts}
        first = accounts[0].platform
        tones = {each.name: each.tone for each in accounts}
        return CombinedWatch(parts, tones, first.client, first.scheduler)

    def compare_clocks(self) -> None:
        """Tell once if this machine's clock differs from a platform's; a server on this machine has its own."""
        for account in self.accounts:
            client, session = account.platform.client, account.session
            if session.clock_compared or abs(client.skew) < SKEW_TOLD:
                continue
            session.clock_compared = True
            if not is_loopback(urlsplit(client.connection.base_url).hostname or ""):
                off = f"{duration(abs(client.skew))} {'behind' if client.skew > 0 else 'ahead of'}"
                whose = f"the platform's of {account.name}" if self.combines else "the platform's"
                self._tell_fault(
                    f"This machine's clock is {off} {whose}: ages and times left follow the platform's."
                )
