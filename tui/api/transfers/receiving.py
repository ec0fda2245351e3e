"""The receiving of a file: gone on with by `Range` where it was cut, and hashed on the way."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from tui.api import bodies
from tui.api.errors import BadAnswer, LocalFileError, StatusError
from tui.api.transfers.local_files import check_room, open_file, sync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    import httpx

    from tui.api.transfers.sending import Progress

    Open = Callable[[AsyncExitStack, Mapping[str, str]], Awaitable[httpx.Response]]

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)", re.ASCII)
_STEP_BYTES = 8 << 20
_WRITE_BYTES = 1 << 20
_NOT_SATISFIABLE = 416


@dataclass(slots=True)
class Part:
    """Where the bytes of a file stand until all are there, and which version of the content they are of."""

    path: Path
    version: str = ""
    """The ETag of the answer that they came with; "" where the server tells none."""
    sha256: str = ""
    """Of the whole file, in hexadecimal, once it is there."""
    changed: Callable[[], object] = lambda: None
    """Called when the version is another."""

    @classmethod
    def beside(cls, target: Path) -> Part:
        """Return one that nothing else uses."""
        return cls(target.with_name(f"{target.name}.{secrets.token_hex(4)}.part"))


async def receive(
    open_answer: Open,
    file: BinaryIO,
    target: Path,
    part: Part,
    *,
    expected: int | None,
    progress: Progress | None,
    exact: bool,
) -> None:
    """Write what is missing of a content to the open file of a part, and to the disk.

    `open_answer` asks for it with some more headers. What is there is kept only where the server says that it goes
    on from there, with the same version or to the same size; else all comes anew. `expected` is the size in bytes;
    where it is None or below 1, the answer tells it. Raises ApiError.
    """
    expected = expected if expected and expected > 0 else None
    have = os.fstat(file.fileno()).st_size
    if not part.version and (expected is None or have > expected):
        have = 0
    while True:
        digest = hashlib.sha256()
        try:
            await asyncio.to_thread(_begin, file, have, digest)
        except OSError as error:
            raise LocalFileError.of(error, target) from None
        if have and have == expected:
            break
        headers = {"Range": f"bytes={have}-", **({"If-Range": part.version} if part.version else {})}
        async with AsyncExitStack() as stack:
            try:
                response = await open_answer(stack, headers if have else {})
            except StatusError as error:
                if not have or error.status != _NOT_SATISFIABLE:
                    raise
                have = 0
                continue
            if have and not _goes_on(response, have, None if part.version else expected):
                have = 0
                if response.status_code == 206:  # a part of something else
                    continue
                _begin(file, 0, digest := hashlib.sha256())
            _note_version(part, response)
            writer = _Writer(file, target, digest)
            told = _read_size(response, have)
            check_room(target, expected if told is None else told, have)
            size, exact = (told, True) if expected is None else (expected, exact)
            await _save(response, writer, have, expected=size, progress=progress, exact=exact)
        break
    part.sha256 = digest.hexdigest()


class _Writer:
    """Writes bytes to the end of an open file, many at once and in a thread, and hashes them."""

    def __init__(self, file: BinaryIO, path: Path, digest: hashlib._Hash) -> None:
        self._file, self._path, self._digest = file, path, digest
        self._waiting: list[bytes] = []
        self._held = 0  # bytes of what waits

    async def add(self, chunk: bytes) -> None:
        """Take the next bytes. Raises LocalFileError where the disk does not."""
        self._waiting.append(chunk)
        self._held += len(chunk)
        if self._held >= _WRITE_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits. It always ends, so that nothing is written twice. Raises LocalFileError."""
        writing = asyncio.ensure_future(asyncio.to_thread(self.write))
        try:
            await asyncio.shield(writing)
        except OSError as error:
            raise LocalFileError.of(error, self._path) from None
        except asyncio.CancelledError:
            await asyncio.wait({writing})
            raise
        self._held = 0

    def write(self) -> None:
        """Write what waits, here and now. Raises OSError."""
        while self._waiting:
            chunk = self._waiting.pop(0)
            self._file.write(chunk)
            self._digest.update(chunk)

    async def end(self) -> None:
        """Write what waits, to the disk. Raises LocalFileError and OSError."""
        await self.flush()
        await asyncio.to_thread(sync, self._file)


async def _save(
    response: httpx.Response,
    writer: _Writer,
    have: int,
    *,
    expected: int | None,
    progress: Progress | None,
    exact: bool,
) -> None:
    """Write an answer's body behind the `have` bytes that are there.

    Raises:
        BadAnswer: it is not as long as `expected` (bytes), or shorter where that is not `exact`.
        LocalFileError: the disk does not take it.
    """
    written = have
    try:
        async for chunk in bodies.unpack(response):
            written += len(chunk)
            await writer.add(chunk)
            if exact and expected is not None and written > expected:
                break
            if progress:
                progress(written, expected)
    except LocalFileError:
        raise
    except BaseException:
        with suppress(OSError):
            writer.write()  # what has come may be gone on with
        raise
    await writer.end()
    if expected is not None and (written < expected or (exact and written > expected)):
        more = written > expected
        raise BadAnswer(
            "big" if more else "cut", f"The file is {expected} bytes, but {'more' if more else written} came."
        )


def _begin(file: BinaryIO, have: int, digest: hashlib._Hash) -> None:
    """Keep so many bytes of a file, hashed, and no more. Raises OSError."""
    file.truncate(have)
    file.seek(0)
    while chunk := file.read(_STEP_BYTES):
        digest.update(chunk)


def _read_size(response: httpx.Response, have: int) -> int | None:
    """Return the bytes of the whole content, as an answer tells them; None where it does not, or packs it."""
    length = response.headers.get("content-length", "")
    plain = response.headers.get("content-encoding", "identity").strip().lower() == "identity"
    return have + int(length) if plain and length.isdecimal() else None


def _goes_on(response: httpx.Response, have: int, expected: int | None) -> bool:
    """Return whether an answer is the rest of a content of which `have` bytes are there."""
    found = _RANGE.fullmatch(response.headers.get("content-range", ""))
    plain = response.headers.get("content-encoding", "identity").strip().lower() == "identity"
    if response.status_code != 206 or not found or not plain:
        return False
    start, total = map(int, found.groups())
    return start == have and expected in (None, total)


def _note_version(part: Part, response: httpx.Response) -> None:
    etag = response.headers.get("etag", "")
    version = "" if etag.startswith("W/") else etag[:200]
    if version != part.version:
        part.version = version
        part.changed()


async def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal. Raises LocalFileError."""
    digest = hashlib.sha256()

    def step(file: BinaryIO) -> bool:
        digest.update(chunk := file.read(_STEP_BYTES))
        return bool(chunk)

    with open_file(path) as (file, _):
        try:
            while await asyncio.to_thread(step, file):
                pass
        except OSError as error:
            raise LocalFileError.of(error, path) from None
    return digest.hexdigest()
