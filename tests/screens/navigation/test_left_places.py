"""Places that were left: nothing is kept of them but what the history says."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import pytest
from textual.widget import Widget

from tests.support.driving import opened, served
from tui.toolkit.garbage import LEFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual._styles_cache import StylesCache
    from textual.screen import Screen

    from tests.support.driving import Drive

ROUND = ("home", "tasks", "campaigns", "audit", "limits", "costs", "projects", "batches")
CONNECTIONS = 4  # as many as one asks with at a time, kept for the next request
HELD = 3  # screens: that of the last key, and those that a timer which is not up yet began in


def count_descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0  # noqa: PTH208


def location_of(drive: Drive) -> Any:
    return getattr(drive.app.screen, "location", None)


def is_at(drive: Drive, name: str) -> bool:
    return bool(location_of(drive).resource.name == name)


async def go_round(
    drive: Drive, seen: WeakSet[Screen[Any]], widgets: WeakSet[Widget], drawn: WeakSet[StylesCache]
) -> None:
    """Visit a place of each kind, and what lies over one."""
    for name in ROUND:
        await drive.command(name)
        await drive.until(partial(is_at, drive, name), f"{name} is shown")
        seen.add(drive.app.screen)
        await drive.sees(name)
        for widget in drive.app.screen.walk_children(Widget):
            drawn.add(widget._styles_cache)
            widgets.add(widget)
    batch = await drive.until(lambda: drive.record, "a batch")
    for key in ("question_mark", "n"):
        await drive.press(key)
        await drive.until(lambda: location_of(drive) is None, f"what {key} opens")
        seen.add(drive.app.screen)
        await drive.press("escape")
    await drive.command(batch.id)
    await drive.until(lambda: location_of(drive).id, "the batch by itself")
    seen.add(drive.app.screen)


@pytest.fixture
def unhelped() -> Iterator[None]:
    """Nobody looks for garbage but the program."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("unhelped")
async def test_what_was_left_keeps_no_screens_tasks_or_files() -> None:
    seen: WeakSet[Screen[Any]] = WeakSet()
    widgets: WeakSet[Widget] = WeakSet()
    drawn: WeakSet[StylesCache] = WeakSet()
    with served(scenario="calm") as server:
        async with opened(server, "files") as drive:
            tasks, descriptors = len(asyncio.all_tasks()), count_descriptors()
            await go_round(drive, seen, widgets, drawn)
            await drive.command("files")
            await drive.until(lambda: len(asyncio.all_tasks()) <= tasks + 2, "the tasks of one place")
            await drive.until(lambda: count_descriptors() <= descriptors + CONNECTIONS, "as many files")
            await drive.until(lambda: len(seen) < LEFT + HELD, "what was left to be gone")
            gc.collect()
            assert len(seen) <= HELD + 1, list(seen)
            assert len(drawn) <= len(widgets), "lines that were drawn"
