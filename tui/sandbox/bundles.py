"""Bundles of skills: a zip with a SKILL.md that says what it is for."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_MANIFEST = "SKILL.md"
_MOST_FILES = 500
_MOST_BYTES = 25 * 2**20  # of all files, unpacked
_HEAD = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(name|description):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


class BadBundle(ValueError):
    """A bundle that is no skill. Its text says why."""


class Bundle(NamedTuple):
    """A skill as it is kept."""

    name: str
    description: str
    content: bytes  # a zip


def pack(files: Mapping[str, bytes]) -> Bundle:
    """Pack the files of a directory, contents by path, into a bundle. Raises `BadBundle`."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path), files[path])  # without times: the same files, the same bytes
    return read_zip(sink.getvalue())


def read_zip(content: bytes) -> Bundle:
    """Read a zip as a bundle. Raises `BadBundle`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive.infolist())
            manifests = [info for info in archive.infolist() if PurePosixPath(info.filename).name == _MANIFEST]
            if len(manifests) != 1:
                raise BadBundle(f"A skill must have exactly one {_MANIFEST}, this has {len(manifests)}.")
            text = archive.read(manifests[0]).decode("utf-8", "replace")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadBundle(f"The zip file cannot be read: {error}") from None
    head = _HEAD.match(text)
    fields = dict(_FIELD.findall(head[1])) if head else {}
    for name in ("name", "description"):
        if not fields.get(name):
            raise BadBundle(f"The front matter of {_MANIFEST} has no {name}.")
    return Bundle(fields["name"].strip("\"'"), fields["description"].strip("\"'"), content)


def _check(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > _MOST_FILES:
        raise BadBundle(f"A skill has at most {_MOST_FILES} files, this has {len(infos)}.")
    if sum(info.file_size for info in infos) > _MOST_BYTES:
        raise BadBundle(f"A skill has at most {_MOST_BYTES // 2**20} MB unpacked.")
    for info in infos:
        path = PurePosixPath(info.filename)
        if path.is_absolute() or ".." in path.parts:
            raise BadBundle(f"A path leads out of the skill: {info.filename}")
