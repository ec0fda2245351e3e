"""Calls for many objects, a few at once, until all are done or ctrl+c stops it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tui.live.bulk import Bulk, write_each

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from tui.headless.orders import Hearing
    from tui.live.bulk import BulkStep
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

    async def run(on_step: Callable[[BulkStep], None], *, go_on: Callable[[], bool]) -> list[BulkStep]:
        return await write_each(names, make, on_step, go_on=go_on)

    def changed() -> None:
        for name in [name for name in bulk.steps if name not in told]:
            told.add(name)
            try:
                tell(bulk.steps[name], answers.get(name))
            except Exception as error:  # the calls go on; it is raised at the end
                faults.append(error)
        if len(names) > 1:
            hearing.progress(f"{len(told):,}/{len(names):,} {action.label} · ctrl+c stops")

    bulk = Bulk(resource, action, names, run, changed)
    with _stop_on_interrupt(bulk):
        await bulk.run()
    hearing.progress("")
    if faults:
        raise faults[0]
    return bulk


@contextmanager
def _stop_on_interrupt(bulk: Bulk) -> Iterator[None]:
    """Have ctrl+c start no further call, and wait a moment for those on their way."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, bulk.stop)
    except (NotImplementedError, RuntimeError, ValueError):  # on Windows, or in a thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
