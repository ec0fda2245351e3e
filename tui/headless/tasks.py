"""What is left of tasks without a screen: listed, gone on with, forgotten."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.api.errors import ReadOnly
from tui.headless.writes.connected import connect
from tui.headless.writes.orders import Consent
from tui.headless.writes.targets import WrongUse
from tui.live.task_rows import list_rows
from tui.resources.tasks import TASKS
from tui.system.signals import on_signals
from tui.workflows.kept_tasks import find_changes, restore_tasks
from tui.workflows.plan.calls import LOOK
from tui.workflows.plan.run import PlanRun
from tui.workflows.rotation import Rotation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.api.credentials.connection import Connection
    from tui.headless.writes.orders import Hearing
    from tui.live.platform import Platform
    from tui.live.tasks.tasks import Task
    from tui.resources.language.objects import Record

ALL = "all"


def read_tasks(connection: Connection, note: Callable[[str], None]) -> tuple[list[Record], float]:
    """Return what is kept of tasks, as rows, and the time (unix seconds). Programs that are open keep theirs."""

    async def go() -> tuple[list[Record], float]:
        async with connect(connection) as platform:
            await _restore(platform, note)
            return [TASKS.record(row) for row in list_rows(platform.tasks)], platform.now()

    return asyncio.run(go())


def go_on(
    connection: Connection, ids: Sequence[str], hearing: Hearing, tell: Callable[[Task], object]
) -> tuple[list[Task], int]:
    """Do what is left of tasks, one after another; `tell` hears of each after that.

    Returns those it was done to, and the exit code of the signal that stopped it, 0 for none.

    Raises WrongUse and ApiError, which leave the tasks that come after as they are.
    """

    async def go() -> tuple[list[Task], int]:
        async with connect(connection, hearing.say) as platform:
            kept = await _restore(platform, hearing.say)
            now = platform.now()
            if ids == (ALL,):
                kept = [task for task in kept if task.due_at <= now]
            held = [task for task in platform.tasks.elsewhere if not task.is_over]
            found = _choose(kept, ids, lambda task: task.can_go_on, held)
            if ids == (ALL,):
                for task in held:
                    hearing.say(_describe_held(task))
                if not (found or held):
                    hearing.say("Nothing is left to do.")
            for at, task in enumerate(found, 1):
                code = await _go_on(platform, task, hearing)
                tell(task)
                if code:
                    return found[:at], code
            return found, 0

    return asyncio.run(go())


def forget(connection: Connection, ids: Sequence[str], note: Callable[[str], None]) -> list[Task]:
    """Keep nothing more of tasks, and give up what is left of them; return them. Raises WrongUse."""

    async def go() -> list[Task]:
        async with connect(connection, note) as platform:
            kept = await _restore(platform, note)
            found = _choose(kept, ids, lambda _: True, platform.tasks.elsewhere)
            for task in found:
                platform.tasks.cancel(task)
                await task.end.wait()
                platform.tasks.forget(task)
            return found

    return asyncio.run(go())


async def _restore(platform: Platform, note: Callable[[str], None]) -> list[Task]:
    store = platform.tasks.store
    if store is None:
        return []
    kept = await asyncio.to_thread(store.adopt)
    if store.fault:
        note(store.fault)
    return restore_tasks(platform, kept, await asyncio.to_thread(store.peek_elsewhere))


def _describe_held(task: Task) -> str:
    """Return in a sentence that another program has a task."""
    return f"Another o9s that is open has {task.id} ({task.what}, {task.far} done): it is done there."


def _choose(
    tasks: Sequence[Task], ids: Sequence[str], fits: Callable[[Task], bool], elsewhere: Sequence[Task]
) -> list[Task]:
    """Return the tasks of some ids, or all that fit. Raises WrongUse, also for what other programs have."""
    if ids == (ALL,):
        return [task for task in tasks if fits(task)]
    known = {task.id: task for task in tasks}
    for id_ in ids:
        if held := next((task for task in elsewhere if task.id == id_), None):
            raise WrongUse(_describe_held(held))
        if id_ not in known:
            raise WrongUse(f"There is no task {id_}: o9s tasks lists them.")
        if not fits(known[id_]):
            raise WrongUse(f"Nothing of {id_} is left to do: {known[id_].what}, {known[id_].state}.")
    return [known[id_] for id_ in dict.fromkeys(ids)]


async def _go_on(platform: Platform, task: Task, hearing: Hearing) -> int:
    """Ask, and do what is left of a task; return the exit code of the signal that stopped it, 0 for none.

    Raises ApiError.
    """
    gaps = ""
    if task.kind == "write" and platform.client.read_only:
        raise ReadOnly(platform.client.connection.held_by)
    if isinstance(task, PlanRun):
        hearing.progress("Looking for what uses them … · ctrl+c stops")
        gaps = await find_changes(platform, task, LOOK)
    if gaps and isinstance(task, Rotation) and not hearing.asks:
        raise WrongUse(f"{gaps} Nothing was done for {task.id}; o9s delete does it all the same.")
    left = len(task.untried) if isinstance(task, PlanRun) else 1
    typed = str(left) if left > 1 else ""
    things = [(task.id, task.progress if isinstance(task, PlanRun) else f"{task.far} done")]
    warnings = [gaps] if gaps else []
    if not hearing.agree(Consent(f"Go on with {task.what}?", things, warnings, left, "go on with", typed)):
        return 0
    moved = asyncio.Event()

    def tell() -> None:
        hearing.progress(f"{task.what}: {task.far} · ctrl+c stops")
        moved.set()

    end = platform.tasks.subscribe(tell)
    platform.tasks.go_on(task)
    with on_signals(lambda: platform.tasks.pause(task)) as caught:
        while task.is_under_way:
            await moved.wait()
            moved.clear()
    end()
    hearing.progress("")
    return caught.code
