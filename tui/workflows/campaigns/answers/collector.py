"""The answers to a campaign's batches that are over: downloaded, and joined to their requests."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tui.resources.language.cells import short_size
from tui.workflows.batch_results.files import describe_lost, download_files
from tui.workflows.batch_results.results import ERROR, OUTPUT
from tui.workflows.campaigns.answers.answers import Collected, write_answers, write_refusal
from tui.workflows.campaigns.sending import CANCELLED, LOST, NOT_SENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.client import Client
    from tui.resources.batch.outcomes import Batch
    from tui.workflows.campaigns.patience import Patience
    from tui.workflows.campaigns.sender import Sender
    from tui.workflows.campaigns.sending import Sending


class Collector:
    """Keeps what came of sendings in the folder of their campaign."""

    def __init__(
        self,
        client: Client,
        sender: Sender,
        folder: Path,
        patience: Patience,
        on_progress: Callable[[str], None],
    ) -> None:
        self._client, self._sender, self._folder = client, sender, folder
        self._patience, self._on_progress = patience, on_progress

    async def collect(self, sending: Sending, batch: Batch | None) -> Collected:
        """Keep the answers to a sending, or why it has none; `batch` is as it was seen last. Raises ApiError."""
        if not sending.batch_id or sending.ended in (NOT_SENT, LOST):
            batch = None
        elif batch is None or batch.running:
            batch = await self._patience.until_done(lambda: self._sender.read_batch(sending.batch_id))
        if batch and batch.outcome != "invalid":
            return await self._download(sending, batch)
        is_lost = bool(sending.batch_id) and batch is None and sending.ended != NOT_SENT
        letter = "u" if is_lost else "n" if sending.ended == CANCELLED else "r"
        reason = sending.reason or f"Its batch {sending.batch_id} is gone."
        faulty = batch.faulty_lines if batch else ()
        return await asyncio.to_thread(write_refusal, sending, self._folder, reason, faulty, letter)

    async def _download(self, sending: Sending, batch: Batch) -> Collected:
        ids = {kind: id_ for kind in (OUTPUT, ERROR) if (id_ := getattr(batch, f"{kind}_file_id"))}

        def tell(done: int, total: int | None) -> None:
            of = f" of {short_size(total)}" if total else ""
            self._on_progress(f"{sending.name}: downloading {short_size(done)}{of}")

        async def fetch() -> Collected:
            with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as private:
                paths, notes = await download_files(self._client, ids, Path(private), tell)
                for kind, path in paths.items():
                    paths[kind] = path.replace(self._folder / f"{Path(sending.file).stem}.{kind}.jsonl")
            missing = ids.keys() - paths.keys()
            found = await asyncio.to_thread(write_answers, sending, self._folder, paths, batch, missing)
            lost = describe_lost(batch, found.outcomes)
            return found._replace(notes=[*notes, *lost, *found.notes])

        return await self._patience.until_done(fetch)
