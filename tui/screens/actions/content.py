"""Getting the bytes of objects, to show them or to save them."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.live.transfers import Download
from tui.resources.batch.brief import tell_briefly
from tui.resources.language.action import Fetch
from tui.resources.language.cells import short_size
from tui.resources.language.resource import title_of
from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.transfer import follow_task, run_transfer
from tui.screens.dialogs.viewer import Viewer
from tui.text import safe_name
from tui.widgets.text.text_view import FileLines, TextView
from tui.workflows.wrapped_csv import unwrap_csv_file

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    text = TextView(lines, empty="The file is empty.", tell_briefly=tell_briefly)
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
    name = title_of(target.resource, records[0]) or records[0].id
    title = f"Download {f'{len(records):,} {target.resource.name}' if len(records) > 1 else name}"
    folder = await app.push_screen_wait(Ask("Download to the folder", ".", title=title))
    if folder is None:
        return
    tasks = target.platform.tasks
    downloads = [_download(target, record, Path(folder)) for record in records]
    for download in downloads:
        download.followed = True
        tasks.add(download)
    if len(downloads) == 1:
        if await follow_task(app, tasks, downloads[0]):
            show_toast(app, downloads[0].result)
        return
    show_toast(
        app, f"Downloading {len(downloads):,} {target.resource.name} to {folder}: :tasks shows how far it is."
    )
    app.run_worker(_tell_saved(app, downloads, folder), exit_on_error=False)


async def _tell_saved(app: App[Any], downloads: Sequence[Download], folder: str) -> None:
    """Tell how many were saved, once all are over."""
    for download in downloads:
        await download.end.wait()
    saved, total = sum(download.state == "done" for download in downloads), len(downloads)
    if saved == total:
        show_toast(app, f"Saved {total:,} files in {folder}.")
    else:
        show_toast(app, f"Saved {saved:,} of {total:,} files in {folder}. :tasks tells why not all.", bad=True)


def _download(target: Target, record: Record, folder: Path) -> Download:
    """Return the task that saves the content of an object in a folder."""
    title = target.title(record)
    return Download(
        target.platform.client,
        target.resource,
        target.action,
        target.path(record),
        folder / safe_name(record.id, title_of(target.resource, record)),
        name=title,
        expected=_find_size(target, record),
        finish=unwrap_csv_file if _is_wrapped(record) else None,
    )


async def _fetch(app: App[Any], target: Target, record: Record, file: Path) -> bool:
    """Download, under a screen that Esc stops it from. Raises ApiError, also when it was stopped.

    Results of fine-tuning come as base64 and are kept decoded; returns whether that was so.
    """
    operation, path, expected = target.action.operation, target.path(record), _find_size(target, record)
    client = target.platform.client
    await run_transfer(
        app,
        target.title(record),
        expected,
        lambda moved: client.download(operation, path, file, progress=moved, expected=expected),
    )
    return _is_wrapped(record) and await asyncio.to_thread(unwrap_csv_file, file)


def _find_size(target: Target, record: Record) -> int | None:
    """Return the size of an object's content in bytes, where it is told."""
    does, size = target.action.does, record.at("bytes")
    own = isinstance(does, Fetch) and does.field == "id"
    return size if own and isinstance(size, int) else None


def _is_wrapped(record: Record) -> bool:
    """Return whether the content comes as base64."""
    return bool(record.at("purpose") == "fine-tune-results")
