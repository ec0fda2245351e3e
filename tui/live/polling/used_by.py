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
    from tui.live.references.references import References

SHARE = 2  # it takes at most one in so many requests of the budget
MINUTE = 60.0
BURST = 4  # it begins with one in so many at once, so that a small account is known soon
TRIES = 3  # times that a page fails before its list is left out
FEW = 5_000  # files; more are told what uses them once all is read: each time they would be summed up anew
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
        self._joined: tuple[object, ...] = ()  # the files that have it, and as of which version
        self._users: dict[str, list[Any]] = {}  # by file, as it was put into them
        self._end_listening: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Put into the files what is known, and read the rest."""
        if not self.visible:
            self._end_listening = self._references.subscribe(self._join_soon)
        self._join()
        super().start()

    def stop(self) -> None:
        """Undo one `start`."""
        super().stop()
        if not self.visible:
            self._end_listening()

    @property
    def progress(self) -> str:
        """How far the reading of what uses files is; "" while none is under way."""
        far = self._references.progress
        if self._references.is_known:
            lists = far.partition(",")[0]
            return f"{self.as_of}, reading again: {lists}" if far else ""
        return f"used by: {far} read" if far else ""

    @property
    def as_of(self) -> str:
        """Since when it is as it is, but for what was seen since; "" while it is not known."""
        from tui.system.last_seen import describe_age

        references = self._references
        return f"used by {describe_age(references.began_at, references.now())}" if references.is_known else ""

    @property
    def unread(self) -> str:
        """Which lists could not be looked at."""
        missing = self._references.missing
        return f"used by: {', '.join(missing)} could not be read" if missing else ""

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

    def _join_soon(self) -> None:
        """Have the files show what else is known, without asking for anything."""
        if self.visible and not self._references.is_due:  # else the next step shows it
            self._scheduler.poke(self)

    def _join(self) -> bool:
        """Put into the files what is known of their users. Return whether that was news."""
        references, files = self._references, self._find_files()
        if files is None:
            return False  # files that come have what is known already
        files.note_reading(NAME, is_read=references.is_due and not references.is_known)
        state = files, references.version, references.is_known
        whole = state != self._joined
        if not (whole or references.is_known) and len(files.records) > FEW:
            return False
        news = set(references.news)
        references.news.clear()
        self._joined = state
        if whole:
            self._users = {}
        for id_ in references.users if whole else news:
            if found := references.users.get(id_):
                self._users[id_] = [each._asdict() for each in found.values()]
            else:
                self._users.pop(id_, None)
        nobody: list[Any] | None = [] if references.is_whole else None
        ids = None if whole else news
        return bool(files.join(NAME, self._users, nobody, until=references.began_at, ids=ids))

    def _pace(self) -> tuple[float, float]:
        step = MINUTE * SHARE / max(1, self._scheduler.budget)
        return (step, step) if self._references.is_due else (MINUTE, MINUTE)
