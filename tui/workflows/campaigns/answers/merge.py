"""Merging the answers to a campaign: a line for each request, with the last answer there is to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import LocalFileError
from tui.api.transfers.local_files import check_place, write_whole
from tui.workflows.campaigns.answers.chain import Chain
from tui.workflows.campaigns.parts import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tui.workflows.campaigns.campaign import Campaign

_CHUNK = 1 << 20  # bytes that are written at once


def merge(campaign: Campaign, folder: Path, target: Path, *, replace: bool = False) -> int:
    """Write the answers to all parts, in the order of the input, whole or not at all. Returns the bytes.

    A request that was sent again has the last answer, which is the good one where there was any. Of parts that
    have no answers yet there is no line. A file that holds all of this already is left as it is. Raises
    LocalFileError, and CampaignError where the files do not fit together.
    """
    try:
        check_place(target)
        if not replace and target.exists() and _holds(target, _join_chunks(_read_lines(campaign, folder))):
            return target.stat().st_size  # a crash came before that was noted
        return write_whole(target, _join_chunks(_read_lines(campaign, folder)), replace=replace)
    except OSError as error:
        raise LocalFileError.of(error, folder) from None


def is_as_merged(merged: Mapping[str, Any], target: Path) -> bool:
    """Return whether a file is the one of a record of merging, and unchanged since. Raises LocalFileError."""
    if merged.get("path") != str(target) or target.is_symlink() or not target.is_file():
        return False
    return merged.get("size") == target.stat().st_size and merged.get("sha256") == digest_of(target)


def _holds(path: Path, chunks: Iterable[bytes]) -> bool:
    """Return whether a file holds this and nothing else. Raises OSError."""
    with path.open("rb") as file:
        return all(file.read(len(chunk)) == chunk for chunk in chunks) and not file.read(1)


def _join_chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    yield b"".join(waiting)


def _read_lines(campaign: Campaign, folder: Path) -> Iterator[bytes]:
    for latest in campaign.parts:
        yield from Chain(campaign.chain(latest.part), folder).lines()
