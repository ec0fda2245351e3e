"""Waiting for a batch without a screen, and keeping what came of it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tui.api.client import Client
from tui.api.errors import ApiError, LinkError, LocalFileError, RateLimited, ServerError
from tui.live.batch_files import salvaged, write
from tui.live.results import AGAIN, REFUSED
from tui.resources.batch_outcomes import Tally
from tui.resources.batches import BATCHES
from tui.resources.cells import counted, short_size
from tui.resources.results import OK
from tui.text import clean, safe_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.credentials import Connection
    from tui.live.results import Results
    from tui.resources.batch_outcomes import Batch

    Told = Callable[[str, bool], None]

# What the command ends with, besides 0, 1 when the platform or the link failed, and 2 for wrong usage.
PARTIAL, ALL_FAILED, UNFINISHED = 3, 4, 5
PACE = (2.0, 30.0)  # seconds between looks at a batch: at first, and at the most
_GROWTH = 1.5
_PASSING = (LinkError, RateLimited, ServerError)  # what may be over at the next look


def verdict(batch: Batch, results: Results | None) -> int:
    """The exit code that says what became of a batch: as its files tell, where they were read."""
    word = batch.outcome
    if word.startswith(("expired", "cancelled")):
        return UNFINISHED
    if results and word in ("ok", "partial", "all failed"):
        good = results.outcomes.get(OK, 0)
        word = "ok" if good == len(results) else "partial" if good else "all failed"
    return {"ok": 0, "partial": PARTIAL}.get(word, ALL_FAILED)


def wait(connection: Connection, id_: str, folder: Path | None, told: Told) -> tuple[int, list[str]]:
    """Wait until a batch is over; with a `folder` keep its results there. Gives the exit code and lines to print.

    `told` hears how far it is, which passes (False), and what lasts (True). Raises ApiError.
    """
    return asyncio.run(_wait(connection, id_, folder, told))


async def _wait(connection: Connection, id_: str, folder: Path | None, told: Told) -> tuple[int, list[str]]:
    client = Client(connection)
    try:
        batch = await _ended(client, id_, told)
        lines, results = [f"{id_} {batch.outcome}: {batch.tally}"], None
        if folder is not None and (batch.output_file_id or batch.error_file_id):
            results, kept = await _keep(client, batch, folder, told)
            lines += kept
        return verdict(batch, results), [clean(line) for line in lines]
    finally:
        await client.aclose()


async def _ended(client: Client, id_: str, told: Told) -> Batch:
    """Look at the batch, less and less often, until nothing about it will change."""
    assert BATCHES.get
    pause, longest = PACE
    while True:
        try:
            batch: Batch = BATCHES.record(await client.call(BATCHES.get, {"batch_id": id_})).object
        except _PASSING as error:
            told(f"{error} Trying again in {pause:.0f} s.", False)
        else:
            if not batch.running:
                told("", False)
                return batch
            told(f"{batch.outcome}: {batch.tally}", False)
        await asyncio.sleep(pause)
        pause = min(longest, pause * _GROWTH)


async def _keep(client: Client, batch: Batch, folder: Path, told: Told) -> tuple[Results, list[str]]:
    """Download the results, and write them joined; the requests worth it are written to be sent again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError.of(error, folder) from None

    def moved(done: int, total: int | None) -> None:
        told(f"downloading {short_size(done)}{f' of {short_size(total)}' if total else ''}", False)

    with tempfile.TemporaryDirectory(prefix="o9s-", ignore_cleanup_errors=True) as private:
        results = await salvaged(client, batch, Path(private), moved)
        told("", False)
        return results, await asyncio.to_thread(_written, results, batch, folder)


def _written(results: Results, batch: Batch, folder: Path) -> list[str]:
    every, groups = [row["id"] for row in results.rows], results.again()
    retry = [id_ for name in AGAIN for id_ in groups.get(name, ())]
    told = [f"{cause.words} {count:,}" for cause, count in results.causes]
    counts = batch.counts or Tally()
    told += [results.differs(counts.total, counts.completed, counts.failed), *results.notes]
    wanted = [("joined.jsonl", results.joined(every), every), ("joined.csv", results.table(every), every)]
    if retry:
        wanted.append(("retry.jsonl", results.requests(retry), retry))
    for suffix, chunks, ids in wanted:
        path = folder / f"{safe_name(batch.id, '')}.{suffix}"
        try:
            size = write(path, chunks)
        except OSError as error:
            raise ApiError("The results can no longer be read.", f"{error.strerror or error}.") from None
        told.append(f"{counted(len(ids), 'request')}, {short_size(size)}: {path}")
    if refused := groups.get(REFUSED):
        told.append(f"{len(refused):,} would be refused again and are not in the file to retry.")
    return [line for line in told if line]
