"""Take-outs without a screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.api.client import Client
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY
from tui.workflows.takeout.folder import Folder
from tui.workflows.takeout.takeout import Takeout, list_usual_families
from tui.workflows.takeout.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tui.api.credentials.connection import Connection
    from tui.workflows.takeout.folder import Manifest


def take_out(
    connection: Connection,
    families: Sequence[str],
    root: Path,
    on_progress: Callable[[str], None],
    *,
    anew: bool = False,
) -> Takeout:
    """Take families out into a folder, and return how that ended. Raises ApiError; what has come stays.

    With `anew` a damaged manifest is put aside.
    """

    async def go() -> Takeout:
        platform = Platform(Client(connection), REGISTRY)
        task = Takeout(platform, families or list_usual_families(REGISTRY), root, anew=anew)
        task.changed = lambda: on_progress(f"{task.far} objects · ctrl+c stops, the same command goes on")
        try:
            await task.work()
        finally:
            on_progress("")
            await platform.aclose()
        return task

    return asyncio.run(go())


def verify_folder(root: Path) -> tuple[Manifest, list[str]]:
    """Compare a take-out with its manifest; see `verify`. Raises LocalFileError."""
    return verify(Folder(root), list_usual_families(REGISTRY))
