"""A batch whose file was refused: its faulty lines opened, and the file sent again, whole or without them."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.api.transfers.local_files import write_whole
from tui.resources.batch.batches import BATCHES
from tui.resources.files import CONTENT, FILES
from tui.resources.language.cells import pluralize
from tui.text import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor

_MAX_PAIRS = 16  # of metadata
WHOLE, GOOD = "the whole file", "without the faulty lines"


async def open_refused_batch(actor: Actor, action: Action, record: Record | None = None) -> None:
    """Show the first faulty line of the batch's file, or send the file again, as the action is called."""
    if record is None:
        return
    if action.name == "faulty":
        await open_line(actor, record.object.input_file_id, record.object.faulty_lines[0])
    else:
        await _resend(actor, record)


async def open_line(actor: Actor, file_id: str, line: int) -> None:
    """Show a file at a line, counted from 1. Raises ApiError."""
    from tui.screens.actions.content import show_content
    from tui.screens.actions.target import Target

    view = FILES.action("view")
    assert view
    file = await actor.platform.get(FILES, {}, file_id)
    await show_content(actor.app, Target(actor.platform, view, FILES, {}, [file]), file, line)


async def _resend(actor: Actor, record: Record) -> None:
    """Ask which lines, and open the form of a new batch with them. Raises ApiError."""
    from tui.screens.dialogs.pick import Choice, Pick
    from tui.screens.forms.form import Form

    create, batch = BATCHES.action("create"), record.object
    assert create
    faulty = set(batch.faulty_lines)
    chosen = WHOLE
    if faulty:
        choices = [Choice(GOOD, f"{pluralize(len(faulty), 'line')} left out"), Choice(WHOLE, "as it was")]
        picked = await actor.app.push_screen_wait(Pick("Send again", choices))
        if not picked:
            return
        chosen = picked[0]
    metadata = batch.metadata_for_another
    if len(metadata) < _MAX_PAIRS:
        metadata["retry_of"] = record.id
    start: dict[str, Any] = {"endpoint": batch.endpoint, "metadata": metadata}
    with tempfile.TemporaryDirectory(prefix="o9s-", ignore_cleanup_errors=True) as folder:
        file = batch.input_file_id
        if chosen == GOOD:
            file = str(await _without(actor, Path(folder), batch.input_file_id, record.id, faulty))
        form = Form(actor.platform, BATCHES, {}, create, start={**start, "input_file_id": file})
        answer = await actor.app.push_screen_wait(form)
    if answer:
        actor.say(f"Created batch {answer.get('id')}.")
        actor.pass_on(answer)


async def _without(actor: Actor, folder: Path, file_id: str, name: str, faulty: set[int]) -> Path:
    """Download a file and write it without some lines. Raises ApiError."""
    from tui.screens.dialogs.transfer import run_transfer

    whole, good = folder / "whole.jsonl", folder / f"{safe_name(name, '')}.good.jsonl"
    client = actor.platform.client
    await run_transfer(
        actor.app,
        f"input of {name}",
        None,
        lambda moved: client.download(CONTENT, {"file_id": file_id}, whole, progress=moved),
    )

    def good_lines() -> Iterator[bytes]:
        with whole.open("rb") as lines:
            yield from (line for number, line in enumerate(lines, 1) if number not in faulty)

    try:
        await asyncio.to_thread(write_whole, good, good_lines())
    except OSError as error:
        raise ApiError("The file cannot be kept on this disk.", f"{error.strerror or error}.") from None
    return good
