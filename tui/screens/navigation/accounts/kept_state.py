"""What is kept for a connection from one start to the next, made when it is asked for."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.screens.navigation.line_history import LineHistory
from tui.system.private_files import state_file
from tui.system.state_file import StateFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.platform import Platform
    from tui.live.polling.used_by import UsedBy
    from tui.live.tasks.tasks import Task
    from tui.screens.navigation.accounts.session import Session
    from tui.workflows.overview.overview import Overview
    from tui.workflows.overview.spending import Spending
    from tui.workflows.watch_rules.rules import Ended
    from tui.workflows.watch_rules.watcher import RuleWatcher


class KeptState:
    """Gives what is kept for a connection: visits, watch rules, tasks, references and lines."""

    def __init__(self, platform: Platform, session: Session, hear_fault: Callable[[str], object]) -> None:
        """`hear_fault` hears of a file that cannot be used."""
        self._platform, self._session, self._hear_fault = platform, session, hear_fault
        self._restoring = asyncio.Lock()

    @property
    def overview(self) -> Overview:
        """What home shows; from now on its counts are kept."""
        from tui.workflows.overview.overview import Overview

        if self._session.overview is None:
            visits = self._state_file("visit", "what is new since you were last here")
            self._session.overview = Overview(self._platform, visits, self.spending)
            self._tell_fault(visits.fault)
        return self._session.overview

    async def look_out(self, on_rest: Callable[[], object]) -> None:
        """Have home's counts come without home, as the budget allows; `on_rest` hears when they are there."""
        await asyncio.to_thread(_import_overview)
        self.overview.lookout.hear_rest(on_rest)
        self.overview.look_out(0.0)

    @property
    def spending(self) -> Spending:
        """What is spent, for home and for costs."""
        from tui.workflows.overview.spending import Spending

        if self._session.spending is None:
            self._session.spending = Spending(self._platform)
        return self._session.spending

    def watch_rules(self, on_end: Callable[[Ended], object]) -> RuleWatcher:
        """Look at what the user wants to be told of from now on; `on_end` hears what is over."""
        from tui.workflows.watch_rules.watcher import RuleWatcher

        if self._session.rules is None:
            file = self._state_file("watch-rules", "the list of what is watched")
            self._session.rules = RuleWatcher(self._platform, file, on_end)
            self._tell_fault(file.fault)
        return self._session.rules

    async def restore_tasks(self) -> list[Task]:
        """Keep from now on what is left of tasks, and return what is left of those of earlier runs.

        Those that other runs have, which are open, are shown beside these; when one ends, its are taken over.
        """
        from tui.live.tasks.store import open_task_store

        tasks = self._platform.tasks
        store = tasks.store = tasks.store or open_task_store(self._platform.client.connection)
        if store is None:
            return []
        async with self._restoring:
            known = store.fault
            kept = await asyncio.to_thread(store.adopt)
            elsewhere = await asyncio.to_thread(store.peek_elsewhere)
        self._tell_fault(store.fault if store.fault != known else "")
        if not (kept or elsewhere or tasks.elsewhere):
            return []
        from tui.workflows.kept_tasks import restore_tasks

        found = restore_tasks(self._platform, kept, elsewhere)
        return [task for task in found if task.state == "paused"]

    def used_by(self) -> UsedBy:
        """Return what keeps in the files what uses them, which is kept from one start to the next."""
        if not self._platform.references.is_kept:
            file = self._state_file("references", "what uses files")
            self._platform.references.keep_in(file)
            self._tell_fault(file.fault)
        return self._platform.used_by()

    @property
    def lines(self) -> LineHistory:
        """The `:` lines typed before."""
        if self._session.lines is None:
            file = self._state_file("lines", "the list of lines typed before")
            self._session.lines = LineHistory(file)
            self._tell_fault(file.fault)
        return self._session.lines

    def _state_file(self, name: str, about: str) -> StateFile:
        """Return the file, if any, in which something is kept for this connection; `about` says what."""
        connection = self._platform.client.connection
        path = None
        if not connection.sandbox:  # each sandbox is another world
            with suppress(OSError):
                path = state_file(name, f"{connection.profile} {connection.base_url}")
        return StateFile(path, about)

    def _tell_fault(self, fault: str) -> None:
        if fault:
            self._hear_fault(fault)


def _import_overview() -> None:
    """Import all that home takes, beside the event loop: it would stand still meanwhile."""
    import tui.workflows.overview.overview  # noqa: F401
    from tui.resources.index import ENDING, NEEDING
    from tui.resources.registry import REGISTRY, pick

    pick(REGISTRY, NEEDING | ENDING)
