"""The sending of files: streamed and counted, in parts where they are large."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from tui.api.errors import (
    ApiError,
    BadAnswer,
    BadRequest,
    LinkError,
    NotDone,
    OutcomeUnknown,
    ServerError,
)
from tui.api.operation import Operation
from tui.api.requests import flatten
from tui.api.transfers.local_files import Window, open_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.api.requests import Check, Form

CREATE_FILE = Operation("createFile", "POST", "/files", multipart=True)
CREATE_UPLOAD = Operation("createUpload", "POST", "/uploads")
ADD_PART = Operation("addUploadPart", "POST", "/uploads/{upload_id}/parts", multipart=True)
COMPLETE_UPLOAD = Operation("completeUpload", "POST", "/uploads/{upload_id}/complete")
CANCEL_UPLOAD = Operation("cancelUpload", "POST", "/uploads/{upload_id}/cancel")

WHOLE_BYTES = 512 << 20  # the most the platform takes as one file
PARTS_PURPOSES = ("assistants", "batch", "fine-tune", "vision")  # of what may come in parts
PART_BYTES = 64 << 20  # the most it takes as one part of an upload
PART_TRIES = 3
_CANCEL_SECONDS = 5.0
# What the platform calls the files it is given most.
_TYPES = {".jsonl": "text/jsonl", ".md": "text/markdown"}

Progress = Callable[[int, int | None], None]
"""Hears the bytes moved so far, and the total where it is known."""


class Send(Protocol):
    """How a request is sent from here: `Client`'s own way, with keys, read-only mode and journal."""

    async def __call__(
        self,
        operation: Operation,
        path: Mapping[str, str] = ...,
        *,
        body: Mapping[str, Any] | None = ...,
        form: Callable[[], Form] | None = ...,
        check: Check | None = ...,
    ) -> dict[str, Any]:
        """Send and return the answer, once `check` has taken it. Raises ApiError."""


@contextlib.contextmanager
def form_of(body: Mapping[str, Any], progress: Progress | None) -> Iterator[Callable[[], Form]]:
    """Prepare a multipart body: fields, and files where a value is a Path. Gives what makes it for each attempt.

    Raises:
        LocalFileError: a file cannot be read.
    """
    plain = {name: value for name, value in body.items() if not isinstance(value, Path)}
    fields: dict[str, list[str]] = {}
    for name, text in flatten(plain):
        fields.setdefault(name, []).append(text)
    with contextlib.ExitStack() as stack:
        paths = {name: value for name, value in body.items() if isinstance(value, Path)}
        files = {name: (path, *stack.enter_context(open_file(path))) for name, path in paths.items()}
        total = sum(size for _, _, size in files.values())

        def form() -> Form:
            sent: dict[str, int] = {}

            def window(name: str, path: Path, file: BinaryIO, size: int) -> Window:
                def tell(count: int) -> None:
                    sent[name] = count
                    if progress:
                        progress(sum(sent.values()), total)

                return Window(file, path, 0, size, tell)

            return fields, {
                name: (_write_name(path), window(name, path, file, size), _find_type(path))
                for name, (path, file, size) in files.items()
            }

        yield form


def _write_name(path: Path) -> str:
    """Return a file's name as it can be sent: names on disk need not be Unicode."""
    return path.name.encode("utf-8", "replace").decode()


def _find_type(path: Path) -> str:
    """Return the media type that the platform expects for a file."""
    return _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


@dataclass(slots=True)
class SentParts:
    """The parts of a file that the platform has, kept where an upload fails so that it can be gone on with."""

    upload_id: str = ""
    parts: list[str] = field(default_factory=list)
    """Their ids, in order; each but the last is of `PART_BYTES`."""
    is_whole: bool = False
    """Whether all are there, and the platform was asked to make the file of them."""
    changed: Callable[[], object] = lambda: None
    """Called when there is one more, and when all are there."""

    def forget(self) -> None:
        """Forget the parts, so that the next upload sends all of them."""
        self.upload_id, self.parts, self.is_whole = "", [], False
        self.changed()


async def upload(
    send: Send,
    source: Path,
    purpose: str,
    expires_after: int | None,
    progress: Progress | None,
    sent: SentParts | None = None,
) -> dict[str, Any]:
    """Send a file, whole or in parts, and return the platform's File. Raises ApiError.

    It is OutcomeUnknown where the answer has no id, and NotDone where it says that the file cannot be used
    or that it has another size or purpose than what was sent.

    With `sent`, the parts that were sent before a fault are kept there, and not sent again.
    """
    expiry = {"anchor": "created_at", "seconds": expires_after} if expires_after else None
    with open_file(source) as (file, size):
        if size > WHOLE_BYTES:
            if purpose not in PARTS_PURPOSES:
                raise BadRequest(
                    f"A file of purpose {purpose} may have 512 MB; larger ones are taken "
                    f"for {', '.join(PARTS_PURPOSES)} only."
                )
            body = {
                "filename": _write_name(source),
                "purpose": purpose,
                "bytes": size,
                "mime_type": _find_type(source),
            }
            begin = {**body, "expires_after": expiry} if expiry else body
            if sent:
                return _check_file(
                    await _upload_parts(send, file, source, size, begin, sent, progress), size, purpose
                )
            sent = SentParts()
            try:
                return _check_file(
                    await _upload_parts(send, file, source, size, begin, sent, progress), size, purpose
                )
            except BaseException:
                await cancel_upload(send, sent)
                raise
    with form_of({"purpose": purpose, "expires_after": expiry, "file": source}, progress) as form:
        return await send(CREATE_FILE, form=form, check=lambda made: _check_file(made, size, purpose))


def _check_file(made: dict[str, Any], size: int, purpose: str) -> dict[str, Any]:
    """Return a File that can be used, of what was sent as far as it tells. Raises OutcomeUnknown and NotDone."""
    try:
        id_ = _read_id(made)
    except BadAnswer:
        raise OutcomeUnknown(BadAnswer("shape", "The upload was answered without the id of a file.")) from None
    if made.get("status") == "error":
        raise NotDone(
            f"The platform has it as {id_} and cannot use it: {made.get('status_details') or 'no reason'}."
        )
    told = made.get("bytes")
    told = int(told) if isinstance(told, str) and told.isdecimal() else told
    if isinstance(told, int) and told > 0 and told != size:  # 0 is what servers say that do not count
        raise _other_file(id_, f"with {told:,} bytes where {size:,} were sent")
    other = made.get("purpose")
    if isinstance(other, str) and other.strip() and _fold(other) != _fold(purpose):
        raise _other_file(id_, f"for {other} where it was sent for {purpose}")
    return made


def _other_file(id_: str, how: str) -> NotDone:
    return NotDone(f"The server has it as {id_}, but {how}: that file is not used.", "Delete it and try again.")


def _fold(purpose: str) -> str:
    return purpose.strip().casefold().replace("_", "-")


async def cancel_upload(send: Send, sent: SentParts) -> None:
    """Have the platform forget the parts of an upload, if it can be told so soon."""
    if sent.upload_id:
        with contextlib.suppress(ApiError, TimeoutError):
            async with asyncio.timeout(_CANCEL_SECONDS):
                await send(CANCEL_UPLOAD, {"upload_id": sent.upload_id})


async def _upload_parts(
    send: Send,
    file: BinaryIO,
    source: Path,
    size: int,
    begin: dict[str, Any],
    sent: SentParts,
    progress: Progress | None,
) -> dict[str, Any]:
    """Send a large file as an Upload, but for the parts that are there."""
    if not sent.upload_id:
        try:
            sent.upload_id = _read_id(await send(CREATE_UPLOAD, body=begin))
        except OutcomeUnknown as error:  # one without parts is forgotten by itself
            raise error.cause from None
        sent.changed()
    path = {"upload_id": sent.upload_id}
    for start in range(len(sent.parts) * PART_BYTES, size, PART_BYTES):

        def tell(count: int, start: int = start) -> None:
            if progress:
                progress(start + count, size)

        window = Window(file, source, start, min(PART_BYTES, size - start), tell)
        sent.parts.append(await _send_part(send, path, window))
        sent.changed()
    sent.is_whole = True
    sent.changed()
    done = await send(COMPLETE_UPLOAD, path, body={"part_ids": sent.parts})
    made = done.get("file")
    return made if isinstance(made, dict) else done


async def _send_part(send: Send, path: Mapping[str, str], window: Window) -> str:
    """Send one part and return its id. Only parts named at completion count, so sending one twice does no harm."""
    files = {"data": ("part", window, "application/octet-stream")}
    for left in range(PART_TRIES - 1, -1, -1):
        try:
            return _read_id(await send(ADD_PART, path, form=lambda: ({}, files)))
        except (LinkError, ServerError, OutcomeUnknown) as error:
            if not left:
                raise (error.cause if isinstance(error, OutcomeUnknown) else error) from None
    raise AssertionError("a part is sent or it raises")


def _read_id(made: Mapping[str, Any]) -> str:
    found = made.get("id")
    if not isinstance(found, str) or not found.strip():
        raise BadAnswer("shape", "The server answered with an object that has no id.")
    return found
