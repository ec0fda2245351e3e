"""An account in use: a connection, what is known through it, and what is kept for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING

from tui.resources.language.column import ACCOUNT_TONES
from tui.screens.navigation.accounts.kept_state import KeptState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.api.recording.recorder import Recorder
    from tui.live.platform import Platform
    from tui.resources.language.column import Tone
    from tui.screens.navigation.accounts.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """A platform with the state of its screens. There are several where the user combined profiles."""

    platform: Platform
    session: Session
    kept: KeptState
    tone: Tone = "own-1"
    """What tells it apart from the others."""

    @property
    def name(self) -> str:
        """The name of its profile."""
        return self.platform.client.connection.profile

    def record(self, recorder: Recorder | None) -> None:
        """Have all that this account asks and is answered recorded, or nothing any more."""
        self.session.recorder = self.platform.client.exchanges.recorder = recorder

    @property
    def is_over(self) -> bool:
        """Whether it is a replay, and has come to the end of what was recorded."""
        connection, is_paused = self.platform.client.connection, self.session.pace.is_paused
        return connection.is_replay and not is_paused and 0 < connection.replay_ends <= self.platform.now() + 1

    @property
    def is_held_read_only(self) -> bool:
        """Whether the command line or the profile forbids writing, whatever `:rw` says."""
        return self.platform.client.connection.read_only

    @property
    def is_read_only(self) -> bool:
        """Whether what would change it is refused."""
        return self.platform.client.read_only


def make_accounts(
    platforms: Sequence[Platform],
    session: Session,
    known: Sequence[Account] = (),
    hear_fault: Callable[[str], object] = lambda _: None,
) -> list[Account]:
    """Return the accounts of platforms, those `known` as they were; others begin with what `session` says."""
    kept = {account.platform: account for account in known}
    accounts = []
    for platform, tone in zip(platforms, cycle(ACCOUNT_TONES), strict=False):
        platform.account = platform.client.connection.profile if len(platforms) > 1 else ""
        if platform in kept:
            accounts.append(replace(kept[platform], tone=tone))
        else:
            own = session.of_next()
            if own.read_only:
                platform.client.read_only = True
            accounts.append(Account(platform, own, KeptState(platform, own, hear_fault), tone))
    return accounts
