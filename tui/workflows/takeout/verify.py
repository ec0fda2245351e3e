"""Comparing a take-out with its manifest: what is not there, differs, or is there besides."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from tui.resources.language.cells import pluralize
from tui.resources.tasks import name_first
from tui.workflows.takeout.folder import PART, Folder, Manifest, measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_EACH = 3  # files of a kind that are told one by one


def verify(folder: Folder, usual: Sequence[str] = ()) -> tuple[Manifest, list[str]]:
    """Compare a take-out with its manifest. Return that, and sentences on what differs; whether it ended is first.

    One that was not finished is compared with what its runs have told so far; `usual` are the lists that are taken
    out where none is named. Raises LocalFileError where there is no manifest.
    """
    manifest = folder.read_manifest()
    told = {**manifest.lists, **manifest.contents, **({} if manifest.complete else folder.read_taken())}
    there = sorted(folder.files())
    if not manifest.complete:
        there = [name for name in there if not name.endswith(PART)]
    gone = [(name, f"{name} is not there.") for name in sorted(told) if not folder.has(name)]
    other = [(name, f"{name} is in no manifest.") for name in there if name not in told]
    return manifest, [
        *_describe_end(folder, manifest, len(told), usual),
        *_describe("are not there", gone),
        *_describe("differ from what was taken out", list(_find_changed(folder, told))),
        *_describe("are in no manifest", other),
    ]


def _describe_end(folder: Folder, manifest: Manifest, taken: int, usual: Sequence[str]) -> Iterator[str]:
    if not manifest.complete:
        only = "" if {*usual} == {*manifest.families} else f" --only {shlex.quote(','.join(manifest.families))}"
        again = f"o9s takeout {shlex.quote(str(folder.root))}{only}"
        yield f"It was never finished: {pluralize(taken, 'file')} taken out so far. This goes on with it: {again}"


def _find_changed(folder: Folder, told: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the name of each file that is not as it was taken out, and a sentence on that."""
    for name, facts in sorted(told.items()):
        found = measure(folder.root / name) if folder.has(name) else facts
        if found["sha256"] != facts["sha256"]:
            same = found["bytes"] == facts["bytes"]
            sizes = f"{pluralize(found['bytes'], 'byte')}, and {facts['bytes']:,} were taken out"
            yield name, f"{name} differs: {'its SHA-256 is another' if same else sizes}."


def _describe(what: str, files: Sequence[tuple[str, str]]) -> list[str]:
    """Return a sentence for each of a few files; of many how many there are, and the first of them."""
    if len(files) <= _EACH:
        return [sentence for _, sentence in files]
    return [f"{len(files):,} files {what}: {name_first([name for name, _ in files])}."]
