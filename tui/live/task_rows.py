"""The tasks as rows of a list, kept as they are while somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.lists.collection import Collection
from tui.live.polling.filled import Filled
from tui.resources.language.cells import stamp
from tui.resources.tasks import FAILURES, TASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.live.platform import Platform
    from tui.live.tasks.tasks import Task, Tasks


class TaskWatch(Filled):
    """Holds all tasks, the newest first."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._tasks = platform, platform.tasks
        super().__init__(platform.client, Collection(TASKS), platform.scheduler)
        self._let_go: Callable[[], None] = lambda: None
        self._fill()

    @property
    def now(self) -> float:
        """The server's time, unix seconds."""
        return self._platform.now()

    @property
    def unread(self) -> str:
        """Why what is left of tasks is not kept; "" while it is."""
        return self._tasks.store.fault if self._tasks.store else ""

    def start(self) -> None:
        """Follow the tasks from now on."""
        self._let_go()
        self._let_go = self._tasks.subscribe(self._fill)
        self._fill()

    def stop(self) -> None:
        """Follow them no longer."""
        self._let_go()

    async def refresh(self) -> None:
        """Show them as they are."""
        self._fill()

    def _fill(self) -> None:
        self.fill(list_rows(self._tasks))


def _describe_wait(task: Task) -> str:
    """Return from when on a task may begin; "" for at once."""
    return f"Not due before {stamp(task.due_at)}." if task.due_at and task.state == "paused" else ""


def list_rows(tasks: Tasks) -> list[dict[str, Any]]:
    """Return all tasks as `TaskRow` has them, the newest first, and those that other programs have."""
    own = [row_of(task) for task in reversed(tasks.all)]
    return own + [row_of(task, is_elsewhere=True) for task in reversed(tasks.elsewhere)]


def row_of(task: Task, *, is_elsewhere: bool = False) -> dict[str, Any]:
    """Return a task as `TaskRow` has it."""
    failures = task.failures()
    is_held = is_elsewhere and not task.is_over
    return {
        "id": task.id,
        "kind": task.kind,
        "what": task.what,
        "state": "elsewhere" if is_held else task.state,
        "is_elsewhere": is_elsewhere,
        "goes_on": task.can_go_on and not is_elsewhere,
        "pauses": not is_elsewhere and (task.state == "waiting" or (task.state == "running" and task.can_pause)),
        "why_no_pause": task.why_no_pause if task.state == "running" else "it does not run",
        "done": task.done,
        "total": task.total,
        "unit": task.unit,
        "failed": task.failed,
        "began_at": task.began or None,
        "ended_at": task.ended or None,
        "result": "Another o9s that is open has it." if is_held else task.result or _describe_wait(task),
        "error": str(task.error) if task.error else None,
        "object_id": task.object_id,
        "path": task.path,
        "sha256": task.sha256,
        "failures": [list(row) for row in failures[:FAILURES]],
        "more_failures": max(0, len(failures) - FAILURES),
    }
