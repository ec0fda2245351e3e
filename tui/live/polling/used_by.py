"""What uses each file of a list: read beside it, a page at a time, within a share of the budget."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.live.polling.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.lists.collection import Collection
    from tui.live.polling.scheduler import Scheduler
    from tui.live.references import References

SHARE = 2  # it takes at most one in so many requests of the budget
MINUTE = 60.0
BURST = 4  # it begins with one in so many at once, so that a small account is known soon
TRIES = 3  # times that a page fails before its list is left out
NAME = "used_by"  # the figure's, in the objects of the list


class UsedBy(Poller):
    """Keeps in each file what uses it. Where that is not known, the figure is missing."""

    priority = 2
    is_beside = True

    def __init__(
        self,
        scheduler: Scheduler,
        find_files: Callable[[], Collection | None],
        references: References,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`find_files` returns the list of files, if it is kept."""
        super().__init__(scheduler, clock)
        self._find_files, self._references = find_files, references
        self._tries = 0
        self._joined: tuple[object, int] = (None, 0)  # the files that have it, and as of which version

    def start(self) -> None:
        """Put into the files what is known, and read the rest."""
        self._join()
        super().start()

    @property
    def progress(self) -> str:
        """How far the reading of what uses files is; "" while none is under way."""
        far = self._references.progress
        return f"used by: {far} read" if far else ""

    @property
    def unread(self) -> str:
        """Which lists could not be looked at."""
        missing = self._references.missing
        return f"used by: no {', '.join(missing)}" if missing else ""

    def outdate(self) -> None:
        """Read it anew."""
        self._references.outdate()
        super().outdate()

    async def _round(self) -> bool:
        references = self._references
        for _ in range(1 if references.progress else max(1, self._scheduler.budget // BURST)):
            if not references.is_due:
                break
            try:
                over = await references.step()
            except ApiError as error:
                self._tries += 1
                if self._tries < TRIES:
                    raise
                references.leave_out(error)
                over = False
            self._tries = 0
            if over:
                break
        changed = self._join()
        self._announce()  # how far it is
        return changed

    def _join(self) -> bool:
        """Put into the files what is known of their users. Return whether that was news."""
        references, files = self._references, self._find_files()
        state = files, references.version
        if files is None or not references.is_known or state == self._joined:
            return False  # files that come have what is known already
        self._joined = state
        users = {
            id_: [each._asdict() for each in found.values()] for id_, found in references.users.items() if found
        }
        nobody: list[Any] | None = [] if references.is_whole else None
        return bool(files.join(NAME, users, nobody, until=references.began_at))

    def _pace(self) -> tuple[float, float]:
        step = MINUTE * SHARE / max(1, self._scheduler.budget)
        return (step, step) if self._references.is_due else (MINUTE, MINUTE)
