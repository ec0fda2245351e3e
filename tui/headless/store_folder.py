"""Folders and vector stores without a screen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.headless.writes.connected import connect
from tui.workflows.store_folder.fill import StoreFill
from tui.workflows.store_folder.new_store import NewStore

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
    on_note: Callable[[str], object],
) -> StoreFill | None:
    """Make a store hold what is ordered, once `agree` says so of what is to be done; None where it does not.

    A new one that an earlier run has made and not filled is gone on with, and `on_note` told so.
    Raises ApiError, and ValueError with a sentence for what is wrong with the folder.
    """

    async def go() -> StoreFill | None:
        async with connect(connection, on_note) as platform:
            new = NewStore(platform, order.new, order.sources) if order.new else None
            store = await new.find() if new else order.store
            if new and store:
                on_note(f"{store} is gone on with: an earlier run made it, and did not bring it to its end.")
            # The folder is looked at before a store is made for it.
            task = _make_task(platform, order, store)
            if not agree(*await task.look()):
                return None
            if new and not store:
                task = _make_task(platform, order, await new.make())
            await _run(task, on_progress)
            if new and task.is_whole:
                new.forget()
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
