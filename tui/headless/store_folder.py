"""Folders and vector stores without a screen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.headless.writes.connected import connect
from tui.workflows.store_folder.fill import StoreFill, make_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.api.credentials.connection import Connection
    from tui.live.platform import Platform
    from tui.workflows.store_folder.plan import FolderPlan
    from tui.workflows.store_folder.scan import Scan, Value


@dataclass(frozen=True, slots=True)
class FillOrder:
    """What a store is to hold."""

    sources: Sequence[str]
    store: str = ""
    new: str = ""
    """The name of a store that is made for it."""
    attributes: Mapping[str, Value] = field(default_factory=dict)
    removes: bool = False


def fill_store(
    connection: Connection,
    order: FillOrder,
    agree: Callable[[Scan, FolderPlan], bool],
    on_progress: Callable[[str], object],
) -> StoreFill | None:
    """Make a store hold what is ordered, once `agree` says so of what is to be done; None where it does not.

    Raises ApiError, and ValueError with a sentence for what is wrong with the folder.
    """

    async def go() -> StoreFill | None:
        async with connect(connection) as platform:
            # The folder is looked at before a store is made for it.
            task = _make_task(platform, order, order.store)
            if not agree(*await task.look(is_new=not order.store)):
                return None
            if not order.store:
                task = _make_task(platform, order, await make_store(platform, order.new))
            await _run(task, on_progress)
            return task

    return asyncio.run(go())


async def _run(task: StoreFill, on_progress: Callable[[str], object]) -> None:
    def tell() -> None:
        on_progress(f"{task.far} files · ctrl+c stops, the same command goes on")

    task.changed = tell
    try:
        await task.work()
    finally:
        on_progress("")


def _make_task(platform: Platform, order: FillOrder, store: str) -> StoreFill:
    return StoreFill(platform, store, order.sources, order.attributes, removes=order.removes)
