"""Getting the bytes of objects, to show them or to save them."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Fetch
from tui.resources.language.cells import short_size
from tui.resources.language.resource import title_of
from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.viewer import Viewer
from tui.text import safe_name
from tui.widgets.text.text_view import FileLines, TextView

if TYPE_CHECKING:
    from textual.app import App

    from tui.resources.language.objects import Record
    from tui.screens.actions.target import Target


async def show_content(app: App[Any], target: Target, record: Record, line: int = 1) -> None:
    """Fetch to a private temporary file and show it, whatever its size, from a line on. Raises ApiError."""
    folder = tempfile.TemporaryDirectory(prefix="o9s-")
    try:
        file = Path(folder.name) / "content"
        decoded = await _fetch(app, target, record, file)
        lines = FileLines(file)
        while not lines.complete and len(lines) < line:
            await asyncio.to_thread(lines.extend)
    except OSError as error:
        folder.cleanup()
        show_toast(app, f"The content cannot be kept on this disk: {error.strerror or error}.", bad=True)
        return
    except BaseException:
        folder.cleanup()
        raise

    def close() -> None:
        lines.close()
        folder.cleanup()

    size = short_size(file.stat().st_size)
    note = f"{target.action.label} · {size}{' · decoded from base64' if decoded else ''}"
    text = TextView(lines, empty="The file is empty.")
    viewer = Viewer(target.title(record), text, note=note, line=line, closed=close)
    try:
        await app.push_screen(viewer)
    finally:
        if not viewer.is_attached:  # it was not shown, so nothing else gives back what it reads
            close()


async def save_contents(app: App[Any], target: Target) -> None:
    """Ask for a folder and save the content of each object there. Raises ApiError."""
    from tui.screens.dialogs.ask import Ask

    records = target.able
    many = f"Download {len(records):,} {target.resource.name} to the folder"
    folder = await app.push_screen_wait(Ask(many if len(records) > 1 else "Download to", "."))
    if folder is None:
        return
    for record in records:
        file = Path(folder) / safe_name(record.id, title_of(target.resource, record))
        await _fetch(app, target, record, file)
    show_toast(
        app, f"Saved {file} in full." if len(records) == 1 else f"Saved {len(records):,} files in {folder}."
    )


async def _fetch(app: App[Any], target: Target, record: Record, file: Path) -> bool:
    """Download, under a screen that Esc stops it from. Raises ApiError, also when it was stopped.

    Results of fine-tuning come as base64 and are kept decoded; returns whether that was so.
    """
    from tui.screens.dialogs.transfer import run_transfer
    from tui.workflows.wrapped_csv import unwrap_csv_file

    action = target.action
    own = isinstance(action.does, Fetch) and action.does.field == "id"
    size = record.at("bytes") if own else None
    expected = size if isinstance(size, int) else None
    client, path = target.platform.client, target.path(record)
    await run_transfer(
        app,
        target.title(record),
        expected,
        lambda moved: client.download(action.operation, path, file, progress=moved, expected=expected),
    )
    if record.at("purpose") != "fine-tune-results":
        return False
    return await asyncio.to_thread(unwrap_csv_file, file)
