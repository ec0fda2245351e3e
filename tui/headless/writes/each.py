"""Calls for many objects, a few at once, until all are done or ctrl+c stops it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tui.live.tasks.bulk import Bulk, write_each
from tui.live.tasks.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from tui.headless.writes.orders import Hearing
    from tui.live.tasks.bulk import BulkStep
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource


async def run_each(
    resource: Resource,
    action: Action,
    names: Sequence[str],
    call: Callable[[str], Awaitable[Any]],
    tell: Callable[[BulkStep, Any], None],
    hearing: Hearing,
) -> Bulk:
    """Make a call for each name, and tell of each as it ends, with what its call gave (None: it failed)."""
    answers: dict[str, Any] = {}
    told: set[str] = set()
    faults: list[Exception] = []

    async def make(name: str) -> None:
        answers[name] = await call(name)

    async def run(
        ids: Sequence[str],
        on_step: Callable[[BulkStep], None],
        *,
        go_on: Callable[[], bool],
        before: Callable[[str], Awaitable[None]],  # noqa: ARG001  # nothing is kept of a command
    ) -> list[BulkStep]:
        def hear(step: BulkStep) -> None:
            on_step(step)
            told.add(step.id)
            try:
                tell(step, answers.get(step.id))
            except Exception as error:  # the calls go on; it is raised at the end
                faults.append(error)
            if len(names) > 1:
                hearing.progress(f"{len(told):,}/{len(names):,} {action.label} · ctrl+c stops")

        return await write_each(ids, make, hear, go_on=go_on)

    tasks, bulk = Tasks(), Bulk(resource, {}, action, names, run)
    tasks.add(bulk)
    try:
        with _on_interrupt(lambda: tasks.cancel(bulk)):
            await bulk.end.wait()
    finally:
        await tasks.aclose()
    if bulk.error:
        raise bulk.error
    hearing.progress("")
    if faults:
        raise faults[0]
    return bulk


@contextmanager
def _on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Have ctrl+c call this, and end nothing else."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, stop)
    except (NotImplementedError, RuntimeError, ValueError):  # on Windows, or in a thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
