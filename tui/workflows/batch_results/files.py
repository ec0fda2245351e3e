"""Downloading and joining the files of a batch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.api.errors import ApiError, NotFound, NotRecorded
from tui.resources.batch.answers import EXPIRED, FAILED, NEVER_RAN, OK
from tui.resources.batch.outcomes import NOTHING_RAN, UNCLEAR
from tui.resources.files import CONTENT, FILES
from tui.resources.language.cells import pluralize
from tui.workflows.batch_results.join import join
from tui.workflows.batch_results.results import ERROR, INPUT, KINDS, OUTPUT, Results

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from tui.api.client import Client
    from tui.api.transfers.sending import Progress
    from tui.resources.batch.outcomes import Batch

_WITHOUT = {
    INPUT: "what was asked, and what did not run, is not known",
    "output": "the good answers are lost",
    "error": "what failed, and why, is not known",
}
_UNRECORDED = "was not recorded: o9s record --contents keeps it."  # what a replay lacks is not gone
_FAILURES = (FAILED, EXPIRED, NEVER_RAN)  # what a batch may count as failed


async def fetch_results(client: Client, batch: Batch, folder: Path, progress: Progress | None = None) -> Results:
    """Download the files of a batch into a folder and join them; what is gone is noted.

    `progress` hears bytes of all files together. Raises ApiError, also when there is no answer to be had.
    """
    ids = {kind: id_ for kind in KINDS if (id_ := getattr(batch, f"{kind}_file_id"))}
    if not ids.keys() - {INPUT}:
        lost = " ".join(describe_lost(batch))
        raise ApiError("This batch has no results.", lost or f"It is {batch.status or 'in an unknown state'}.")
    paths, notes = await download_files(client, ids, folder, progress)
    if not paths.keys() - {INPUT}:
        if all(note.endswith(_UNRECORDED) for note in notes):
            raise ApiError("The results of this batch were not recorded: o9s record --contents keeps them.")
        raise ApiError("The results of this batch are gone.", " ".join(notes))
    try:
        results = await asyncio.to_thread(_join_and_doubt, batch, paths, ids)
    except OSError as error:
        raise ApiError("The results cannot be read from this disk.", f"{error.strerror or error}.") from None
    if INPUT not in ids:
        notes.append(f"The batch names no input file: {_WITHOUT[INPUT]}.")
    results.notes[:0] = [*notes, *describe_lost(batch, results.answers)]
    return results


async def download_files(
    client: Client, ids: Mapping[str, str], folder: Path, progress: Progress | None = None
) -> tuple[dict[str, Path], list[str]]:
    """Download files of a batch, given by kind and id, into a folder. Returns their paths, and notes.

    What is gone or withheld is among the notes. Raises ApiError.
    """
    files, notes = await _find_files(client, ids)
    total = sum(max(size or 0, 0) for _, size in files.values()) or None
    paths: dict[str, Path] = {}
    before = 0

    def moved(done: int, _total: int | None) -> None:
        if progress:
            progress(before + done, total)

    for kind, (id_, size) in files.items():
        target = folder / f"{kind}.jsonl"
        try:
            await client.download(CONTENT, {"file_id": id_}, target, progress=moved, expected=size, exact=False)
        except ApiError as error:
            if not error.about_object:
                raise
            notes.append(_describe_missing(kind, error))
            continue
        paths[kind] = target
        came = target.stat().st_size
        before += came
        if size is not None and size != came:
            notes.append(
                f"The {kind} file cannot be of {pluralize(size, 'byte')}, as it is said to be: {came:,} came."
            )
    return paths, notes


def describe_lost(batch: Batch, answers: Mapping[str, int] | None = None) -> list[str]:
    """Return a sentence on each file that is not named, though more is counted than the others hold of it.

    `answers` is how many these hold with each outcome.
    """
    counts = batch.counts
    if counts is None or batch.outcome == "invalid":  # whose requests some count as failed
        return []
    wanted = (OUTPUT, counts.completed, "answer", (OK,)), (ERROR, counts.failed, "failure", _FAILURES)
    return [
        f"{pluralize(count, what)} {'is' if count == 1 else 'are'} counted, but there is no {kind} file."
        for kind, count, what, outcomes in wanted
        if not getattr(batch, f"{kind}_file_id") and count > _count(answers or {}, outcomes)
    ]


def _count(answers: Mapping[str, int], outcomes: Collection[str]) -> int:
    return sum(answers.get(each, 0) for each in outcomes)


def _join_and_doubt(batch: Batch, paths: Mapping[str, Path], ids: Collection[str]) -> Results:
    """Join the files of a batch; what its counts leave open is marked as unsure. Raises OSError."""
    results, counts = join(paths), batch.counts
    if counts is None or counts.completed > results.answers[OK]:
        results.doubt_mute()
    if reason := find_reason_for_doubt(batch, results.answers, set(ids) - set(paths)):
        results.doubt_unanswered(reason)
    return results


def find_reason_for_doubt(batch: Batch, answers: Mapping[str, int], missing: Collection[str]) -> str:
    """Return why requests without an answer may have been answered all the same; "" if they were not.

    `answers` is how many came with each outcome, `missing` the kinds of files that are named and cannot be had.
    """
    if batch.running:
        return "the batch is not over"
    for kind in (OUTPUT, ERROR):
        if kind in missing:
            return f"the {kind} file is missing"
    counts = batch.counts
    if counts and counts.completed > answers.get(OK, 0):
        return "the batch counts more answers"
    if counts and counts.failed > _count(answers, _FAILURES):
        return "the batch counts more failures"
    if batch.outcome in (UNCLEAR, NOTHING_RAN, "ok", "partial", "all failed"):
        return "the batch does not account for it"
    return ""


async def _find_files(
    client: Client, ids: Mapping[str, str]
) -> tuple[dict[str, tuple[str, int | None]], list[str]]:
    """Return id and size of each file there is, by its kind, and a sentence on each that is gone."""
    assert FILES.get
    files: dict[str, tuple[str, int | None]] = {}
    notes: list[str] = []
    for kind, id_ in ids.items():
        try:
            size = (await client.call(FILES.get, {"file_id": id_})).get("bytes")
        except ApiError as error:
            if not error.about_object:
                raise
            notes.append(_describe_missing(kind, error))
        else:
            files[kind] = id_, size if isinstance(size, int) and not isinstance(size, bool) else None
    return files, notes


def _describe_missing(kind: str, error: ApiError) -> str:
    if isinstance(error, NotRecorded):
        return f"The {kind} file {_UNRECORDED}"
    reason = "is gone" if isinstance(error, NotFound) else f"cannot be had ({error.sentence.rstrip('.')})"
    return f"The {kind} file {reason}: {_WITHOUT[kind]}."
