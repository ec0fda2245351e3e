"""Finding the files of folders and patterns, with what they are told apart by and what is said of them."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.api.transfers.sending import WHOLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Value = str | float | bool

PATH, SHA256 = "path", "sha256"
"""The attributes by which a file of a store is known to be one of this machine."""
MOST_ATTRIBUTES = 16  # attributes of a file
_LONGEST = 512  # characters of a text among them
_KEY = re.compile(r"([A-Za-z_][\w-]{0,63})\s*:\s*(.*)")
_FRONT = (".md", ".markdown", ".mdx", ".txt")  # files that may begin with lines of `key: value` between `---`
_FRONT_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine, as it is to stand in a store."""

    path: Path
    name: str
    """Its path below the folder, with `/`."""
    size: int
    sha256: str
    attributes: dict[str, Value]


@dataclass(slots=True)
class Scan:
    """What was found."""

    files: dict[str, LocalFile] = field(default_factory=dict)
    """By name."""
    left_out: dict[str, str] = field(default_factory=dict)
    """By path, why something that was found is no part of it."""


def scan(sources: Iterable[str], attributes: dict[str, Value]) -> Scan:
    """Return the files that folders, files and patterns name, each with `attributes`.

    Hidden files, links, empty files and those that cannot be read are left out, with the reason. Raises ValueError
    with a sentence where nothing is there, or two files would have one name.
    """
    found = Scan()
    for source in sources:
        written = str(Path(source).expanduser())
        paths = [written] if os.path.lexists(written) else sorted(glob.glob(written, recursive=True))  # noqa: PTH207
        if not paths:
            raise ValueError(f"There is no file, folder or pattern {source} with files.")
        for each in map(Path, paths):
            for path, name in _walk(each, found):
                _take(path, name, attributes, found)
    return found


def _walk(source: Path, found: Scan) -> Iterator[tuple[Path, str]]:
    """Yield the files of a folder, or a file itself, each with its name."""
    if source.is_symlink():
        found.left_out[str(source)] = "it is a link"
    elif not source.is_dir():
        yield source, source.name
    else:
        for directory, folders, names in os.walk(source):
            for each in sorted(each for each in folders if _is_hidden(each)):
                found.left_out[str(Path(directory, each))] = "it is hidden"
            folders[:] = sorted(each for each in folders if not _is_hidden(each))
            for each in [each for each in folders if Path(directory, each).is_symlink()]:
                found.left_out[str(Path(directory, each))] = "it is a link"
            for name in sorted(names):
                path = Path(directory, name)
                if _is_hidden(name):
                    found.left_out[str(path)] = "it is hidden"
                elif path.is_symlink():
                    found.left_out[str(path)] = "it is a link"
                else:
                    yield path, path.relative_to(source).as_posix()


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _take(path: Path, name: str, attributes: dict[str, Value], found: Scan) -> None:
    """Add a file, or the reason why not. Raises ValueError where another has its name."""
    try:
        size = path.stat().st_size if path.is_file() else -1
        if size <= 0 or size > WHOLE_BYTES:
            found.left_out[str(path)] = (
                "it is no file" if size < 0 else "it is empty" if not size else "it is larger than a file may be"
            )
            return
        digest, begin = _read(path)
        name.encode()
    except OSError as error:
        found.left_out[str(path)] = f"it cannot be read ({error.strerror})"
        return
    except UnicodeEncodeError:
        found.left_out[str(path)] = "its name is no text"
        return
    if len(name) > _LONGEST:
        found.left_out[str(path)] = f"its path has more than {_LONGEST} characters"
        return
    if (known := found.files.get(name)) and known.path != path:
        raise ValueError(f"{known.path} and {path} would both be {name}: name a folder that holds both.")
    front = _read_front(begin) if path.suffix.lower() in _FRONT else {}
    told: dict[str, Value] = {**front, **attributes}
    kept = dict(list(told.items())[: MOST_ATTRIBUTES - 2])
    found.files[name] = LocalFile(path, name, size, digest, {**kept, PATH: name, SHA256: digest})


def _read(path: Path) -> tuple[str, bytes]:
    """Return the SHA-256 of a file and its first bytes. Raises OSError."""
    digest, begin = hashlib.sha256(), b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            begin = begin or chunk[:_FRONT_BYTES]
    return digest.hexdigest(), begin


def _read_front(begin: bytes) -> dict[str, Value]:
    """Return the plain values of lines `key: value` between two `---` at a file's beginning."""
    lines = begin.decode("utf-8", errors="ignore").splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
        return {}
    found: dict[str, Value] = {}
    for line in lines[1:]:
        if line.strip() == "---":
            break
        if (match := _KEY.fullmatch(line.rstrip())) and (value := _read_value(match[2])) is not None:
            found[match[1]] = value
    return found


def _read_value(written: str) -> Value | None:
    """Return a plain value as it is written in front matter; None for none, and for lists and objects."""
    written = written.strip()
    if not written or written[0] in "[{|>&*!":
        return None
    if written[0] in "'\"" and written[-1] == written[0] and len(written) > 1:
        return written[1:-1][:_LONGEST]
    if written.lower() in ("true", "false"):
        return written.lower() == "true"
    try:
        return float(written) if not written.lstrip("-").isdigit() else int(written)
    except ValueError:
        return written[:_LONGEST]
