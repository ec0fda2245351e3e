"""The files of vector stores: how each was read, and batches of them on their way in.

https://platform.openai.com/docs/api-reference/vector-stores-files
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.base import (
    Action,
    Cell,
    Child,
    Column,
    Field,
    Look,
    Progress,
    Resource,
    Section,
    ServerFilter,
    Tone,
)
from tui.resources.cells import (
    NOTHING,
    age,
    alert,
    duration,
    failures,
    ident,
    instant,
    metadata,
    named,
    own,
    progress,
    size,
    status,
    unless_stalled,
)
from tui.resources.inputs import FileRef, ObjectId, When
from tui.resources.objects import Id, Object, Request
from tui.resources.parts import Trouble, cancel, create, delete, edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.objects import Record

STALLED = 600.0  # seconds after which a file that is still being read may never be
_STORE = "/vector_stores/{vector_store_id}"
Attributes = dict[str, str | int | float | bool]


class FileCounts(Object):
    """How far the files of a store or a batch are."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class Counted(Object):
    """What holds files that are read one after the other."""

    created_at: float | None = None
    status: str | None = None
    file_counts: FileCounts | None = None

    @property
    def done(self) -> Progress | None:
        """Files read, well or badly, of all."""
        counts = self.file_counts
        if counts is None:
            return None
        return Progress(counts.completed + counts.failed, counts.failed, counts.total)

    @property
    def running(self) -> bool:
        """Whether files are being read. The counts know it where the status lags behind."""
        return self.status == "in_progress" or bool(self.file_counts and self.file_counts.in_progress)


class Chunks(Object):
    """Sizes of chunks in tokens."""

    max_chunk_size_tokens: int | None = None
    chunk_overlap_tokens: int | None = None


class Strategy(Object):
    """How a file is cut."""

    type: str | None = None
    static: Chunks | None = None


class StoreFile(Object):
    """A file in a vector store. Its id is that of the file."""

    created_at: float | None = None
    vector_store_id: Id = None
    status: str | None = None
    usage_bytes: int | None = None
    last_error: Trouble | None = None
    chunking_strategy: Strategy | None = None
    attributes: dict[str, Any] | None = None

    @property
    def chunking(self) -> str:
        """Tokens a chunk holds at the most, and how many of them the next one repeats: `800/400`."""
        strategy = self.chunking_strategy
        if strategy is None or strategy.static is None:
            return (strategy.type if strategy else None) or ""
        return f"{strategy.static.max_chunk_size_tokens}/{strategy.static.chunk_overlap_tokens}"


class FileBatch(Counted):
    """Files that were put into a vector store together."""

    vector_store_id: Id = None


# --- Requests


class StaticChunks(Request):
    """Sizes of chunks, in tokens."""

    max_chunk_size_tokens: int = Input(ge=100, le=4096, description="100 to 4096 tokens; the platform takes 800.")
    chunk_overlap_tokens: int = Input(ge=0, le=2048, description="At most half a chunk; the platform takes 400.")


class Chunking(Request):
    """How files are cut into chunks."""

    type: Literal["auto", "static"] = Input("auto", description="static lets you choose the sizes.")
    static: Annotated[StaticChunks | None, When("chunking_strategy.type", "static")] = None


_ATTRIBUTES = 'JSON that searches can filter by, up to 16 keys, such as {"year": 2026, "draft": false}.'


class AttachFile(Request):
    """The request that puts a file into a vector store."""

    file_id: Annotated[str, FileRef("assistants")] = Input(description="A file on this machine, or a file's id.")
    attributes: Attributes | None = Input(None, max_length=16, description=_ATTRIBUTES)
    chunking_strategy: Chunking | None = None


class AttachFiles(Request):
    """The request that puts many files into a vector store at once."""

    file_ids: Annotated[list[str], ObjectId("files")] = Input(
        min_length=1, max_length=2000, description="Ids of files, separated by commas; up to 2,000."
    )
    attributes: Attributes | None = Input(None, max_length=16, description=_ATTRIBUTES)
    chunking_strategy: Chunking | None = None


class EditAttributes(Request):
    """The request that replaces the attributes of a file in a vector store."""

    attributes: Attributes | None = Input(None, max_length=16, description=_ATTRIBUTES)


# --- How it looks


def _tone(counted: Counted) -> Tone:
    if counted.file_counts and counted.file_counts.failed:
        return "warn"
    return "accent" if counted.running else "dim" if counted.status in ("expired", "cancelled") else "good"


def _share(counted: Counted) -> float:
    return counted.done.done / counted.done.total if counted.done and counted.done.total else 0.0


def unread(counted: Counted) -> str | None:
    """How many files could not be read, as a reason to look."""
    if counted.file_counts and counted.file_counts.failed:
        return f"{counted.file_counts.failed:,} of {counted.file_counts.total:,} files could not be read"
    return None


def standing_still(counted: Counted, look: Look) -> str | None:
    """That no file was read for long, as far as it was watched."""
    if counted.running and look.still is not None and look.still >= STALLED:
        return f"no file was read for {duration(look.still)}; a file may be stuck"
    return None


def tally(counted: Counted, _look: Look) -> Sequence[tuple[str, Cell]]:
    """How many files are in which state."""
    counts = counted.file_counts or FileCounts()
    parts = (("read", counts.completed), ("on their way", counts.in_progress), ("cancelled", counts.cancelled))
    failed: Tone = "bad" if counts.failed else ""
    return [
        *((label, Cell(f"{number:,}")) for label, number in parts if number),
        ("failed", Cell(f"{counts.failed:,}", failed)),
        ("all", Cell(f"{counts.total:,}")),
    ]


def _attributes(file: StoreFile, _look: Look) -> Sequence[tuple[str, Cell]]:
    return [(key, Cell(str(value))) for key, value in (file.attributes or {}).items()]


def _file_error(file: StoreFile) -> str | None:
    return file.last_error.words if file.last_error else None


def _stalled(file: StoreFile, look: Look) -> str | None:
    waited = look.now - file.created_at if file.created_at and file.status == "in_progress" else 0.0
    if waited < STALLED:
        return None
    return f"still being read after {duration(waited)}; detached and added again, it may be read"


_BAR = progress(lambda counted: counted.done, _tone, 5)


def _bar(value: Any, record: Record, look: Look) -> Cell:
    """A bar of what was read; an empty store is not one at its beginning."""
    done = record.object.done
    shown: Cell = _BAR(value, record, look) if done and done.total else NOTHING
    return shown


FILES = Column("FILES", _share, _bar, 23, first="down")
FAILED = Column("FAIL", "file_counts.failed", failures, 5, align="right", rank=2, first="down")
AGE = Column("AGE", "created_at", age, 5, align="right", rank=5, first="down")
_ATTACH_MANY = Operation("createVectorStoreFileBatch", "POST", f"{_STORE}/file_batches", body=AttachFiles)

STORE_FILES = Resource(
    name="store-files",
    singular="file of a vector store",
    family="Vector stores",
    model=StoreFile,
    aliases=("vsf", "store-file", "vector-store-files"),
    parent="vector-stores",
    list=Operation("listVectorStoreFiles", "GET", f"{_STORE}/files"),
    get=Operation("getVectorStoreFile", "GET", f"{_STORE}/files/{{file_id}}"),
    filters=(ServerFilter("filter", ("in_progress", "completed", "failed", "cancelled")),),
    columns=(
        Column("STATUS", "status", unless_stalled(_stalled), 13),
        Column("FILE", "id", named, 18, grow=True, drawn=True),
        Column("SIZE", "usage_bytes", size, 9, align="right", rank=2, first="down"),
        Column("CHUNKS", lambda file: file.chunking, width=8, align="right", rank=4),
        Column("ATTRIBUTES", "attributes", metadata, 14, grow=True, rank=3),
        Column("ERROR", lambda file: file.last_error.code, width=16, rank=1),
        AGE,
        Column("ID", "id", own, 15, rank=6),
    ),
    active=lambda file: file.status == "in_progress",
    stalled=_stalled,
    attention=lambda file: (_file_error(file) or "it could not be read") if file.status == "failed" else None,
    detail=(
        Section("", lines=alert(_file_error)),
        Section(
            "File",
            (
                Field("file", "id", ident),
                Field("store", "vector_store_id", ident),
                Field("status", "status", status),
                Field("size", "usage_bytes", size),
                Field("added", "created_at", instant),
                Field("chunks", lambda file: file.chunking),
            ),
        ),
        Section("Attributes", lines=_attributes),
    ),
    actions=(
        Action(
            "attach",
            "n",
            "add a file",
            Operation("createVectorStoreFile", "POST", f"{_STORE}/files", body=AttachFile),
            whole=True,
        ),
        Action("attach-many", "", "add many files", _ATTACH_MANY, whole=True),
        Action(
            "content",
            "enter",
            "read the parsed text",
            Operation("retrieveVectorStoreFileContent", "GET", f"{_STORE}/files/{{file_id}}/content"),
            refuse=lambda file: None if file.status == "completed" else "it has no text yet",
            view=True,
        ),
        edit(
            Operation(
                "updateVectorStoreFileAttributes", "POST", f"{_STORE}/files/{{file_id}}", body=EditAttributes
            ),
            "edit attributes",
        ),
        delete(
            Operation("deleteVectorStoreFile", "DELETE", f"{_STORE}/files/{{file_id}}"),
            "Searches no longer find it here. The file itself stays.",
            name="detach",
        ),
    ),
    enter="content",
    empty="No files in this store. Press n to add one.",
)

FILE_BATCHES = Resource(
    name="file-batches",
    singular="file batch",
    family="Vector stores",
    model=FileBatch,
    aliases=("vsb", "file-batch"),
    prefixes=("vsfb_",),
    parent="vector-stores",
    get=Operation("getVectorStoreFileBatch", "GET", f"{_STORE}/file_batches/{{batch_id}}"),
    columns=(
        Column("STATUS", "status", unless_stalled(standing_still), 13),
        Column("ID", "id", own, 18, grow=True),
        FILES,
        FAILED,
        AGE,
    ),
    active=lambda batch: batch.running,
    attention=unread,
    stalled=standing_still,
    progress=lambda batch: batch.done,
    detail=(
        Section(
            "File batch",
            (
                Field("id", "id", own),
                Field("store", "vector_store_id", ident),
                Field("status", "status", status),
                Field("created", "created_at", instant),
            ),
        ),
        Section("Files", lines=tally),
    ),
    actions=(
        create(_ATTACH_MANY, "add many files"),
        cancel(
            Operation("cancelVectorStoreFileBatch", "POST", f"{_STORE}/file_batches/{{batch_id}}/cancel"),
            "Files that are read already stay in the store.",
        ),
    ),
    children=(Child("file-batch-files"),),
    enter="file-batch-files",
    empty="No file batches seen from here. The API has no list of them; press n to add many files at once.",
)

BATCH_FILES = replace(
    STORE_FILES,
    name="file-batch-files",
    aliases=("vsbf",),
    parent="file-batches",
    list=Operation("listFilesInVectorStoreBatch", "GET", f"{_STORE}/file_batches/{{batch_id}}/files"),
    actions=tuple(action for action in STORE_FILES.actions if not action.whole),
    empty="No files in this batch.",
)
