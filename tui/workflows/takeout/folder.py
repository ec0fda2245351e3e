"""The folder of a take-out: each list is a file at the list's own path, and each content lies below its object.

The list `/evals/{eval_id}/runs` of the eval `eval_1` is `evals/eval_1/runs.jsonl`, an object in each line as the
platform sent it; the content of the file `file-1` is `files/file-1/NAME`. A file is there whole or not at all.
`manifest.json` tells what was taken, and the size, count and SHA-256 of each file.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.api.errors import LocalFileError
from tui.api.requests import target_of
from tui.api.transfers.local_files import write_whole
from tui.resources.language.reading.amounts import dump_json
from tui.system.private_files import append_line, private_directory
from tui.text import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tui.api.operation import Operation

MANIFEST = "manifest.json"
PART = ".part"  # ends the name of a file that is not whole yet
_TAKEN = f"manifest{PART}"  # a line for each file, as it is there: what a run that is killed has taken out
_DAMAGED = f"{MANIFEST}.damaged"
_VERSION = 1


@dataclass(slots=True)
class Manifest:
    """What a take-out holds."""

    base_url: str
    """Where it was taken from."""
    families: tuple[str, ...]
    """The lists that were asked for."""
    complete: bool = False
    """Whether it was gone through to the end."""
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the name of its file: the resource, the count of objects, bytes and SHA-256 of a list."""
    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the name of its file: bytes and SHA-256 of a content; `told_bytes` where the platform says others."""
    missing: dict[str, str] = field(default_factory=dict)
    """By the name that its file would have: why something could not be read, or differs from what was told."""
    withheld: int = 0
    """How many contents the platform does not give back."""


class WrongFolder(LocalFileError):
    """The folder holds something else, or another take-out."""


class DamagedManifest(WrongFolder):
    """The manifest is there and cannot be read, so that nobody knows what the files are."""


class Folder:
    """The folder of one take-out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._taken: dict[str, dict[str, Any]] = {}  # by name, what earlier runs have told of files

    def name_list(self, operation: Operation, path: Mapping[str, str]) -> str:
        """Return the name of a list's file. Raises BadRequest where an id would lead elsewhere."""
        return f"{_name(operation, path)}.jsonl"

    def name_content(self, operation: Operation, path: Mapping[str, str], filename: str) -> str:
        """Return the name of the file with an object's content. Raises BadRequest as `name_list` does."""
        below = _name(operation, path).removesuffix("/content")
        return f"{below}/{safe_name('', filename or 'content')}"

    def has(self, name: str) -> bool:
        """Return whether a file is there, whole."""
        path = self.root / name
        return path.is_file() and not path.is_symlink()

    def keep(self, name: str) -> dict[str, Any] | None:
        """Return count, bytes and SHA-256 of a file that is there as it was taken out.

        One that is not known, or differs, is removed, so that it is taken out anew: None. Raises LocalFileError.
        """
        if not self.has(name):
            return None
        facts = measure(self.root / name)
        if self._taken.get(name, {}).get("sha256") == facts["sha256"]:
            return facts
        try:
            (self.root / name).unlink()
        except OSError as error:
            raise LocalFileError.of(error, self.root / name) from None
        return None

    def note(self, name: str) -> dict[str, Any]:
        """Note that a file was taken out whole, and return its count, bytes and SHA-256. Raises LocalFileError."""
        facts = measure(self.root / name)
        try:
            append_line(self.root / _TAKEN, json.dumps({"name": name, **facts}).encode())
        except OSError as error:
            raise LocalFileError.of(error, self.root / _TAKEN) from None
        return facts

    def prepare(self, name: str) -> Path:
        """Return the path of a file that is to be written, in a directory of this user. Raises LocalFileError."""
        path = self.root / name
        try:
            below = self.root
            for step in path.relative_to(self.root).parts[:-1]:
                below /= step
                if below.is_symlink():
                    raise WrongFolder(f"{below} is a link, and nothing is written behind it.", "Remove it.")
                private_directory(below)
        except OSError as error:
            raise LocalFileError.of(error, path) from None
        return path

    def read_list(self, name: str) -> Iterator[Any]:
        """Yield the objects of a list that is there. Raises LocalFileError."""
        try:
            with (self.root / name).open("rb") as file:
                for line in file:
                    with suppress(ValueError):
                        yield json.loads(line)
        except OSError as error:
            raise LocalFileError.of(error, self.root / name) from None

    def begin(self, base_url: str, families: tuple[str, ...], *, anew: bool = False) -> Manifest:
        """Return the manifest of a new take-out, or of one from the same place that is gone on with.

        With `anew` a damaged manifest is put aside: what no run has told of is then taken out again.
        Raises LocalFileError where the folder cannot be used, and WrongFolder where it holds something else.
        """
        try:
            found = {path.name for path in self.root.iterdir()} if self.root.exists() else set()
            found -= {name for name in found if name.startswith(f".{MANIFEST}.")}  # cut by a kill
            if found and MANIFEST not in found:
                raise WrongFolder(f"{self.root} is not empty, and holds no take-out.", "Name another folder.")
            private_directory(self.root)
        except OSError as error:
            raise LocalFileError.of(error, self.root) from None
        if not found:
            manifest = Manifest(base_url, families)
            self.write_manifest(manifest)
            return manifest
        manifest = self._read_or_replace(base_url, families) if anew else self.read_manifest()
        told = {**manifest.lists, **manifest.contents, **self.read_taken()}
        # What was not whole is taken out anew.
        self._taken = {name: facts for name, facts in told.items() if name not in manifest.missing}
        if manifest.base_url != base_url:
            raise WrongFolder(
                f"{self.root} holds a take-out from {manifest.base_url}, and this is {base_url}.",
                "Name another folder.",
            )
        return Manifest(base_url, tuple(dict.fromkeys((*manifest.families, *families))))

    def _read_or_replace(self, base_url: str, families: tuple[str, ...]) -> Manifest:
        """Return the manifest; an empty one in the place of one that is damaged, which is put aside."""
        try:
            return self.read_manifest()
        except DamagedManifest:
            try:
                (self.root / MANIFEST).replace(self.root / _DAMAGED)
            except OSError as error:
                raise LocalFileError.of(error, self.root / MANIFEST) from None
        manifest = Manifest(base_url, families)
        self.write_manifest(manifest)
        return manifest

    def read_taken(self) -> dict[str, dict[str, Any]]:
        """Return what runs that were killed have told of the files they took out."""
        found: dict[str, dict[str, Any]] = {}
        with suppress(OSError):
            for line in (self.root / _TAKEN).read_bytes().splitlines():
                with suppress(ValueError, TypeError, KeyError):
                    told = json.loads(line)
                    found[str(told.pop("name"))] = told
        return found

    def read_manifest(self) -> Manifest:
        """Return what the manifest tells. Raises LocalFileError, and WrongFolder where it is none."""
        path = self.root / MANIFEST
        try:
            told = json.loads(path.read_bytes())
            if told.pop("version") != _VERSION:
                raise ValueError
            manifest = Manifest(**{**told, "families": tuple(told["families"])})
            for each in (*manifest.lists.values(), *manifest.contents.values()):
                each["sha256"], each["bytes"] = str(each["sha256"]), int(each["bytes"])
        except OSError as error:
            raise LocalFileError.of(error, path) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DamagedManifest(
                f"{path} cannot be read as the manifest of a take-out.",
                f"o9s takeout --anew {self.root} puts it aside and takes out anew what is not known; "
                "or name another folder.",
            ) from None
        return manifest

    def write_manifest(self, manifest: Manifest) -> None:
        """Put the manifest in its place. Raises LocalFileError."""
        told = {"version": _VERSION, **{name: getattr(manifest, name) for name in Manifest.__slots__}}
        for name in ("lists", "contents", "missing"):
            told[name] = dict(sorted(told[name].items()))
        text = dump_json(told, indent=1, ensure_ascii=False)
        write_whole(self.root / MANIFEST, [text.encode(), b"\n"], replace=True)

    def sweep(self, manifest: Manifest) -> None:
        """Remove what was left unfinished by runs that were killed."""
        for path in self.root.rglob(f"*{PART}"):
            name = path.relative_to(self.root).as_posix()
            if name not in manifest.contents and path.is_file():
                with suppress(OSError):
                    path.unlink()
        for path in self.root.glob(f".{MANIFEST}.*"):
            with suppress(OSError):
                path.unlink()

    def files(self) -> Iterator[str]:
        """Yield the names of all files that are there, but the manifest's and of one put aside."""
        found = (path for path in self.root.rglob("*") if path.is_symlink() or not path.is_dir())
        yield from (
            name for path in found if (name := path.relative_to(self.root).as_posix()) not in (MANIFEST, _DAMAGED)
        )


def measure(path: Path) -> dict[str, Any]:
    """Return count of lines, bytes and SHA-256 of a file. Raises LocalFileError."""
    digest, count, size = hashlib.sha256(), 0, 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                count += chunk.count(b"\n")
                size += len(chunk)
    except OSError as error:
        raise LocalFileError.of(error, path) from None
    return {"count": count, "bytes": size, "sha256": digest.hexdigest()}


def _name(operation: Operation, path: Mapping[str, str]) -> str:
    # Not every file system takes a colon, and some take capitals for small letters, which ids do not mean.
    return target_of(operation, path).lstrip("/").replace(":", "%3A")
