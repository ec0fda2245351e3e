"""Waiting for a batch without a screen, and keeping what came of it."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.api.client import Client
from tui.api.errors import ApiError, BadAnswer, LinkError, LocalFileError, RateLimited, ServerError, StatusError
from tui.api.local_files import write_whole
from tui.api.retries import backoff
from tui.live.polling.read_one import expect_object
from tui.resources.batch.answers import OK
from tui.resources.batch.batches import BATCHES
from tui.resources.batch.outcomes import NOTHING_RAN, UNCLEAR
from tui.resources.language.cells import duration, pluralize, short_size
from tui.resources.language.reading.statuses import is_unknown
from tui.text import clean, safe_name
from tui.workflows.batch_results.files import describe_lost, fetch_results
from tui.workflows.batch_results.results import LEFT_OUT, WORTH_RETRYING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.credentials.connection import Connection
    from tui.resources.batch.outcomes import Batch
    from tui.workflows.batch_results.results import Results

    Hear = Callable[[str], None]

# Exit codes, besides 0, 1 where the platform or the link failed for good, 2 for wrong usage, and 6 where the
# output cannot be written.
PARTIAL, NONE_ANSWERED, UNFINISHED, UNCERTAIN, NOT_OVER = 3, 4, 5, 7, 8
PACE = (2.0, 30.0)  # seconds between looks at a batch: at first, and at the most
FAULTS = (30.0, 900.0)  # seconds a fault may last: one that was there from the beginning, and a later one
STRANGE = 600.0  # seconds a batch may be in a state that nobody has heard of
_GROWTH = 1.5
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
        word = _outcome_in_files(results)
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
    return batch.outcome == "failed partial" and _outcome_in_files(results) == "ok"


def _outcome_in_files(results: Results) -> str:
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
    return asyncio.run(_wait(client, _BatchWait(client, id_, on_progress, on_note), folder, timeout, force))


async def _wait(
    client: Client, waiting: _BatchWait, folder: Path | None, timeout: float | None, force: bool
) -> tuple[int, list[str]]:
    try:
        try:
            async with asyncio.timeout(timeout):
                batch, why = await waiting.until_over()
        except TimeoutError:
            if waiting.fault or waiting.seen is None:
                raise waiting.fault or ApiError(f"Nothing was heard in {duration(timeout or 0)}.") from None
            batch, why = waiting.seen, f"not over after {duration(timeout or 0)}"
        results, lines, lost = None, _refusal_lines(batch), list[str]()
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
        word = UNCLEAR if results is None or code == UNCERTAIN else _outcome_in_files(results)
    if results is not None and results.describe_mismatch(batch.counts):
        told = "its counts disagree" if batch.counts else "its counts cannot be read"
        return f"{word}: its files hold {results.tally}, and {told}"
    return f"{word}: {batch.tally}"


class _BatchWait:
    """Reads a batch, less and less often, until nothing about it will change or waiting is of no use."""

    def __init__(self, client: Client, id_: str, on_progress: Hear, on_note: Hear) -> None:
        self.id = id_
        self.on_progress = on_progress
        self.on_note = on_note
        self.seen: Batch | None = None
        """The batch as it was last read."""
        self.fault: ApiError | None = None
        """Why the last read failed."""
        self._client = client
        self._since = time.monotonic()  # when the fault began, or the strange state

    async def until_over(self) -> tuple[Batch, str]:
        """Return the batch, and why it is not over if it is not. Raises ApiError for a fault that lasts."""
        first, longest = PACE
        reads = 0
        while True:
            wanted = 0.0
            try:
                batch = await self._read()
            except (LinkError, BadAnswer, RateLimited, ServerError) as error:
                self._endure(error)
                wanted = getattr(error, "retry_after", None) or 0.0
            else:
                if not batch.running:
                    self.on_progress("")
                    return batch, ""
                if is_unknown(batch) and time.monotonic() - self._since > STRANGE:
                    return batch, f"in this state for {duration(STRANGE)}, and it is none that is known here"
            reads += 1
            await asyncio.sleep(max(backoff(reads, longest, first=first, growth=_GROWTH), min(wanted, FAULTS[1])))

    async def _read(self) -> Batch:
        """Read the batch and say how far it is. Raises ApiError."""
        assert BATCHES.get
        path = {"batch_id": self.id}
        raw = await self._client.call(BATCHES.get, path)
        _expect_batch(raw)
        expect_object(BATCHES, path, raw)
        batch: Batch = BATCHES.record(raw).object
        now, before = time.monotonic(), self.seen
        if self.fault or not is_unknown(batch) or before is None or before.status != batch.status:
            self._since = now
        self.seen, self.fault = batch, None
        if batch.running:
            strange = is_unknown(batch)
            known = f" This state is not known here; it is waited for {duration(STRANGE)}." if strange else ""
            say = self.on_note if before is None else self.on_progress
            say(f"{self.id} {batch.outcome}: {batch.tally}.{known}")
        return batch

    def _endure(self, error: ApiError) -> None:
        """Report that a fault is waited out. Raises it where that is of no use, or was done for long enough."""
        lasting = isinstance(error, LinkError) and error.reason in ("tls", "proxy")
        final = isinstance(error, StatusError) and error.should_retry is False
        if lasting or final or (isinstance(error, BadAnswer) and error.reason != "cut"):
            raise error
        now, first = time.monotonic(), self.fault is None
        if first:
            self._since = now
        self.fault = error
        # A link that never worked is more likely to be a wrong address than to come back.
        patience = FAULTS[0] if self.seen is None and isinstance(error, LinkError) else FAULTS[1]
        if now - self._since >= patience:
            raise error
        say = self.on_note if first else self.on_progress
        say(f"{error} Trying again for {duration(patience - (now - self._since))}.")


def _expect_batch(raw: dict[str, Any]) -> None:
    """Raise ApiError for an answer that is no batch, with what it says."""
    other = raw.get("object") not in (None, "", "batch")
    if raw.get("status") is None and (raw.get("error") or not raw.get("id") or other):
        error = raw.get("error")
        said = error.get("message") if isinstance(error, dict) else error
        raise ApiError("The server answered with something that is no batch.", str(said or ""))


def _refusal_lines(batch: Batch) -> list[str]:
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
        f"Not in the file to retry: {len(groups[name]):,} that {why}."
        for name, why in LEFT_OUT.items()
        if name in groups
    ]
    return [line for line in lines if line]
