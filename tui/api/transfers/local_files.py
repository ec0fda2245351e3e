"""Files on this machine: read in stretches, and written complete or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import stat
from typing import IO, TYPE_CHECKING, BinaryIO

from tui.api.errors import LocalFileError
from tui.system.locking import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_STEP_BYTES = 8 << 20


class Window:
    """A stretch of an open file, as httpx reads it into a multipart body. `on_read` hears the bytes read."""

    def __init__(
        self, file: BinaryIO, path: Path, start: int, length: int, on_read: Callable[[int], None]
    ) -> None:
        self._file, self._path = file, path
        self._start, self._length = start, length
        self._on_read = on_read
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """Read the next bytes. Raises LocalFileError when the file cannot be read or became shorter."""
        size = self._length - self._at if size < 0 else min(size, self._length - self._at)
        try:
            self._file.seek(self._start + self._at)
            found = self._file.read(size)
        except OSError as error:
            raise LocalFileError.of(error, self._path) from None
        if len(found) < size:
            raise LocalFileError(
                f"{self._path} became shorter while it was sent.", "Send it again once it is whole."
            )
        self._at += len(found)
        self._on_read(self._at)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move within the stretch, as for a file."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        return self._at

    def tell(self) -> int:
        """Return where the next read starts."""
        return self._at

    def describe(self) -> dict[str, object]:
        """Return its bytes and their hash, read apart from what is sent; no hash where the file cannot be read."""
        digest, left = hashlib.sha256(), self._length
        try:
            with self._path.open("rb") as file:
                file.seek(self._start)
                while left and (found := file.read(min(left, _STEP_BYTES))):
                    digest.update(found)
                    left -= len(found)
        except OSError:
            left = self._length
        return {"bytes": self._length, **({} if left else {"sha256": digest.hexdigest()})}


@contextlib.contextmanager
def open_file(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file for reading; gives it and its size in bytes. Raises LocalFileError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise LocalFileError.of(error, path) from None
    with file:
        yield file, os.fstat(file.fileno()).st_size


def write_whole(target: Path, chunks: Iterable[bytes], *, replace: bool = False) -> int:
    """Write a new file, whole or not at all, and return its bytes; with `replace` in the place of an old one.

    Raises LocalFileError where it cannot be written, and whatever `chunks` raise. Nothing but a file is replaced.
    """
    size = 0
    check_place(target)
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}") if replace else target
    with open_whole(new) as file:
        for chunk in chunks:
            size += file.write(chunk)
        sync(file)
    if replace:
        take_place(new, target)
    return size


def check_place(target: Path) -> None:
    """Raise LocalFileError where something is in the place of a file that is none: a device, a pipe, a link."""
    try:
        found = target.lstat().st_mode
    except OSError:  # nothing is there, or the writing will fail and say why
        return
    if stat.S_ISDIR(found):
        raise LocalFileError.of(IsADirectoryError(errno.EISDIR, ""), target)
    if not stat.S_ISREG(found):
        what = "a link" if stat.S_ISLNK(found) else "a device or a pipe"
        raise LocalFileError(f"{target} is {what}, not a file, and is left as it is.", "Name a file.")


def take_place(new: Path, target: Path) -> None:
    """Put a finished file in the place of another. Raises LocalFileError, and the finished file is gone then."""
    try:
        check_place(target)
        new.replace(target)
    except (OSError, LocalFileError) as error:
        new.unlink(missing_ok=True)
        raise (LocalFileError.of(error, target) if isinstance(error, OSError) else error) from None


def check_room(target: Path, size: int | None, have: int) -> None:
    """Raise LocalFileError where a disk has no room for what is missing of so many bytes; None: not known."""
    try:
        if size is not None and shutil.disk_usage(target.parent).free < size - have:
            raise OSError(errno.ENOSPC, "")
    except OSError as error:
        raise LocalFileError.of(error, target) from None


@contextlib.contextmanager
def open_whole(target: Path, part: Path | None = None) -> Iterator[BinaryIO]:
    """Open a file that appears as `target` when the block ends well, readable by this user only.

    Until then it is a `.part` beside it; when the block raises, that is removed. A `part` that is given stays with
    what it holds, and is opened so again. Nothing is overwritten. The block syncs what it writes.

    Raises:
        LocalFileError: `target` exists, or the disk is full, read-only …
    """
    kept, opened = part is not None, False
    part = part or target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "")
        file = _open_part(part, new=not kept)
        opened = True
        with file:
            yield file
        _take_name(part, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            if not kept or (opened and not part.stat().st_size):
                part.unlink()
        if isinstance(error, OSError):
            raise LocalFileError.of(error, target) from None
        raise
    with contextlib.suppress(OSError):
        part.unlink()


def _open_part(part: Path, *, new: bool) -> BinaryIO:
    """Open a file of this user to write on, a new one or one that is there and nobody writes on.

    Raises OSError and LocalFileError.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(part, flags | (os.O_EXCL if new else 0), 0o600), "r+b")
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode) or (os.name == "posix" and found.st_uid != os.geteuid()):
        file.close()
        raise FileExistsError(errno.EEXIST, "")
    if not new and not lock(file):
        file.close()
        raise LocalFileError(f"{part} is being written by another program.", "Wait until that has ended.")
    return file


def _take_name(part: Path, target: Path) -> None:
    """Give a finished file its name, unless something took that meanwhile, and have the directory know it."""
    try:
        # A link, unlike a rename, never replaces.
        target.hardlink_to(part)
    except (NotImplementedError, OSError):  # taken, or a file system without links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "") from None
        part.rename(target)
    if os.name == "posix":
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def sync(file: IO[bytes]) -> None:
    """Have the disk hold what was written. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())
