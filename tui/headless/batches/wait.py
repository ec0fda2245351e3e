"""Waiting for a batch without a screen, and keeping what came of it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.errors import ApiError, LocalFileError
from tui.api.transfers.local_files import write_whole
from tui.headless.waiting.object_wait import ObjectWait
from tui.resources.batch.answers import OK
from tui.resources.batch.batches import BATCHES
from tui.resources.batch.outcomes import NOTHING_RAN, UNCLEAR
from tui.resources.language.cells import pluralize, short_size
from tui.resources.language.reading.statuses import is_unknown
from tui.text import clean, safe_name
from tui.workflows.batch_results.files import describe_lost, fetch_results
from tui.workflows.batch_results.results import LEFT_OUT, WORTH_RETRYING

if TYPE_CHECKING:
    from tui.api.credentials.connection import Connection
    from tui.live.listeners import Hear
    from tui.resources.batch.outcomes import Batch
    from tui.resources.language.objects import Record
    from tui.workflows.batch_results.results import Results

# Exit codes, besides 0, 1 where the platform or the link failed for good, 2 for wrong usage, and 6 where the
# output cannot be written.
PARTIAL, NONE_ANSWERED, UNFINISHED, UNCERTAIN, NOT_OVER = 3, 4, 5, 7, 8
_BROKEN_OFF = ("expired", "cancelled", "incomplete")  # how outcomes begin of batches that did not run to their end
_SURE = ("ok", "partial", "all failed", NOTHING_RAN)
_MOST_ERRORS = 20  # of a refused batch that are printed


def exit_code_of(batch: Batch, results: Results | None) -> int:
    """Return the exit code for what became of a batch: as its files tell, where they were read."""
    word = batch.outcome
    if results is not None and _is_uncertain(batch, results):
        return UNCERTAIN
    if word.startswith(_BROKEN_OFF):
        return UNFINISHED
    if results is not None:  # of which there may be none
        word = _find_outcome(results)
    codes = {"ok": 0, "partial": PARTIAL, "failed partial": PARTIAL, UNCLEAR: UNCERTAIN}
    return NOT_OVER if batch.running else codes.get(word, NONE_ANSWERED)


def _is_uncertain(batch: Batch, results: Results) -> bool:
    """Return whether the files of a batch leave open what became of its requests, or it says otherwise."""
    if results.unclear_count or not results.has_requests:
        return True
    if batch.request_counts is None and batch.outcome.startswith(_BROKEN_OFF):
        return False
    return results.contradicts(batch.counts) or batch.outcome == UNCLEAR or _failed_in_name_only(batch, results)


def _failed_in_name_only(batch: Batch, results: Results) -> bool:
    return batch.outcome == "failed partial" and _find_outcome(results) == "ok"


def _find_outcome(results: Results) -> str:
    """Return the outcome of a batch as its files tell it, the input among them."""
    good, every = results.outcomes.get(OK, 0), len(results)
    if not every:
        return NOTHING_RAN
    if good < every:
        return "partial" if good else "all failed"
    return "ok"


def wait_for_batch(
    connection: Connection,
    id_: str,
    folder: Path | None,
    *,
    on_progress: Hear,
    on_note: Hear,
    timeout: float | None = None,
    force: bool = False,
) -> tuple[int, list[str]]:
    """Wait until a batch is over, and keep its results in a `folder`. Returns the exit code and lines to print.

    `on_progress` hears how far it is ("" at the end), `on_note` what is to stay on the screen. After `timeout`
    seconds the waiting ends. With `force` files of an earlier time are replaced. Raises ApiError.
    """
    client = Client(connection)
    waiting = _BatchWait(client, BATCHES, {"batch_id": id_}, on_progress, on_note)
    return asyncio.run(_wait(client, waiting, folder, timeout, force))


async def _wait(
    client: Client, waiting: _BatchWait, folder: Path | None, timeout: float | None, force: bool
) -> tuple[int, list[str]]:
    """Wait for a batch, keep its results, and return exit code and lines. Raises ApiError."""
    try:
        record, why = await waiting.until_over_within(timeout)
        batch: Batch = record.object
        results, lines, lost = None, _list_refusals(batch), list[str]()
        if folder is not None and not batch.running and not (batch.output_file_id or batch.error_file_id):
            lines += (lost := describe_lost(batch))
        elif folder is not None and not batch.running:
            results, kept = await _keep_results(client, batch, folder, waiting.on_progress, force)
            lines += kept
            if results.unclear_count:
                lines.append(
                    f"{pluralize(results.unclear_count, 'line')} of its files cannot be put to a request for sure."
                )
        strange = is_unknown(batch)
        if strange and not batch.running:
            why = "it is over, and this state is none that is known here"
        code = UNCERTAIN if lost or strange else exit_code_of(batch, results)
        first = f"{waiting.id} {_describe_outcome(batch, results, code)}{f' ({why})' if why else ''}"
        return code, [clean(line) for line in (first, *lines)]
    finally:
        await client.aclose()


def _describe_outcome(batch: Batch, results: Results | None, code: int) -> str:
    """Return what became of a batch, no surer than the exit code; as its files tell where they disagree."""
    word = batch.outcome
    if word in _SURE and (code == UNCERTAIN or results is not None):
        word = UNCLEAR if results is None or code == UNCERTAIN else _find_outcome(results)
    if results is not None and results.describe_mismatch(batch.counts):
        told = "its counts disagree" if batch.counts else "its counts cannot be read"
        return f"{word}: its files hold {results.tally}, and {told}"
    return f"{word}: {batch.tally}"


class _BatchWait(ObjectWait):
    """Waits for a batch, and says how many requests it has answered."""

    def check(self, raw: dict[str, Any]) -> None:
        """Raise ApiError for an answer that is no batch, with what it says."""
        other = raw.get("object") not in (None, "", "batch")
        if raw.get("status") is None and (raw.get("error") or not raw.get("id") or other):
            error = raw.get("error")
            said = error.get("message") if isinstance(error, dict) else error
            raise ApiError("The server answered with something that is no batch.", str(said or ""))

    def describe(self, record: Record) -> str:
        """Return how the batch is, in a few words."""
        return f"{record.object.outcome}: {record.object.tally}"


def _list_refusals(batch: Batch) -> list[str]:
    """Return why a batch was refused, a line for each error."""
    found = [f"{f'line {error.line:,}: ' if error.line else ''}{error.words}" for error in batch.errors]
    more = len(found) - _MOST_ERRORS
    return [*found[:_MOST_ERRORS], *([f"and {more:,} more"] if more > 0 else [])]


async def _keep_results(
    client: Client, batch: Batch, folder: Path, on_progress: Hear, force: bool
) -> tuple[Results, list[str]]:
    """Download the results, and write them joined; the requests worth it are written to be sent again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError.of(error, folder) from None

    def report(done: int, total: int | None) -> None:
        on_progress(f"downloading {short_size(done)}{f' of {short_size(total)}' if total else ''}")

    with tempfile.TemporaryDirectory(prefix="o9s-", ignore_cleanup_errors=True) as private:
        results = await fetch_results(client, batch, Path(private), report)
        on_progress("")
        return results, await asyncio.to_thread(_write_files, results, batch, folder, force)


def _remove(old: Path) -> None:
    """Remove a file of an earlier time, when there was something to send again. Raises LocalFileError."""
    try:
        old.unlink(missing_ok=True)
    except OSError as error:
        raise LocalFileError.of(error, old) from None


def _write_files(results: Results, batch: Batch, folder: Path, force: bool) -> list[str]:
    """Write the results into the folder and return a line on each file. Raises ApiError."""
    every, groups = [row["id"] for row in results.rows], results.group_for_retry()
    retry = {name: groups[name] for name in WORTH_RETRYING if name in groups}
    ids = [id_ for found in retry.values() for id_ in found]
    lines = [f"{cause.words} {count:,}" for cause, count in results.causes]
    lines += [results.describe_mismatch(batch.counts), *results.notes]
    if _failed_in_name_only(batch, results):
        lines.append("The batch is said to have failed, but its files hold an answer to every request.")
    wanted = [
        ("joined.jsonl", results.joined_lines(every), pluralize(len(every), "result")),
        ("joined.csv", results.csv_lines(every), pluralize(len(every), "result")),
    ]
    if ids:
        held = ", ".join(f"{name} {len(found):,}" for name, found in retry.items())
        wanted.append(("retry.jsonl", results.request_lines(ids), f"{pluralize(len(ids), 'request')} ({held})"))
    elif force:
        _remove(folder / f"{safe_name(batch.id, '')}.retry.jsonl")
    for suffix, chunks, what in wanted:
        path = folder / f"{safe_name(batch.id, '')}.{suffix}"
        if os.path.lexists(path) and not force:
            lines.append(f"{path} exists already and is kept; --force replaces it.")
            continue
        try:
            size = write_whole(path, chunks, replace=force)
        except OSError as error:
            raise ApiError("The results can no longer be read.", f"{error.strerror or error}.") from None
        lines.append(f"{what}, {short_size(size)}: {path}")
    lines += [
        f"Not in the file to retry: {len(groups[name]):,} that {_inflect(why, len(groups[name]))}."
        for name, why in LEFT_OUT.items()
        if name in groups
    ]
    return [line for line in lines if line]


def _inflect(words: str, number: int) -> str:
    """Return words on several as they are said of so many."""
    return f"was{words.removeprefix('were')}" if number == 1 and words.startswith("were ") else words
