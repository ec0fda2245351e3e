"""The files of vector stores: how each was read.

https://platform.openai.com/docs/api-reference/vector-stores-files
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.language.action import Action, Ask, Read
from tui.resources.language.asking.inputs import FileRef, More, ObjectId, When
from tui.resources.language.cells import (
    alert_lines,
    duration,
    id_link,
    instant,
    metadata,
    name_link,
    own_id,
    size,
    status,
    unless_stalled,
)
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Id, Object, Request, Time
from tui.resources.language.parts import Trouble, delete, edit
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.reading.statuses import Status
from tui.resources.language.resource import Resource, ServerFilter
from tui.resources.vector_stores.file_holders import AGE, STALLED

if TYPE_CHECKING:
    from collections.abc import Sequence


STORE = "/vector_stores/{vector_store_id}"
Attributes = dict[str, str | int | float | bool]


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

    created_at: Time = None
    vector_store_id: Id = None
    status: Status = None
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
        sizes = (strategy.static.max_chunk_size_tokens, strategy.static.chunk_overlap_tokens)
        return "/".join("?" if size is None else str(size) for size in sizes)


# Requests.


class StaticChunks(Request):
    """Sizes of chunks, in tokens."""

    max_chunk_size_tokens: int = Input(
        ge=100, le=4096, title="largest chunk", description="100 to 4096 tokens; the platform takes 800."
    )
    chunk_overlap_tokens: int = Input(
        ge=0,
        le=2048,
        title="overlap of chunks",
        description="In tokens, at most half a chunk; the platform takes 400.",
    )


class Chunking(Request):
    """How files are cut into chunks."""

    type: Literal["auto", "static"] = Input(
        "auto", title="chunks", description="static lets you choose the sizes."
    )
    static: Annotated[StaticChunks | None, When("chunking_strategy.type", "static")] = None


_ATTRIBUTES = 'JSON that searches can filter by, up to 16 keys, such as {"year": 2026, "draft": false}.'


class AttachFile(Request):
    """The request that puts a file into a vector store."""

    file_id: Annotated[str, FileRef("assistants")] = Input(description="A file on this machine, or a file's id.")
    attributes: Attributes | None = Input(None, max_length=16, description=_ATTRIBUTES)
    chunking_strategy: Annotated[Chunking | None, More()] = None


class AttachFiles(Request):
    """The request that puts many files into a vector store at once."""

    file_ids: Annotated[list[str], ObjectId("files")] = Input(
        min_length=1, max_length=2000, description="Ids of files, separated by commas; up to 2,000."
    )
    attributes: Attributes | None = Input(None, max_length=16, description=_ATTRIBUTES)
    chunking_strategy: Annotated[Chunking | None, More()] = None


class EditAttributes(Request):
    """The request that replaces the attributes of a file in a vector store."""

    attributes: Attributes | None = Input(None, max_length=16, description=_ATTRIBUTES)


# Columns, sections and actions.


def _attributes(file: StoreFile, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    return [(key, Cell(word_of(value))) for key, value in (file.attributes or {}).items()]


def _file_error(file: StoreFile) -> str | None:
    return file.last_error.words if file.last_error else None


def _describe_stall(file: StoreFile, context: CellContext) -> str | None:
    waited = context.now - file.created_at if file.created_at and file.status == "in_progress" else 0.0
    if waited < STALLED:
        return None
    return f"still being read after {duration(waited)}; detached and added again, it may be read"


ATTACH_MANY = Operation("createVectorStoreFileBatch", "POST", f"{STORE}/file_batches", body=AttachFiles)

STORE_FILES: Resource[StoreFile] = Resource(
    name="store-files",
    singular="file of a vector store",
    family="Vector stores",
    model=StoreFile,
    aliases=("vsf", "store-file", "vector-store-files"),
    parent="vector-stores",
    list=Operation("listVectorStoreFiles", "GET", f"{STORE}/files"),
    get=Operation("getVectorStoreFile", "GET", f"{STORE}/files/{{file_id}}"),
    filters=(ServerFilter("filter", ("in_progress", "completed", "failed", "cancelled")),),
    columns=(
        Column("STATUS", "status", unless_stalled(_describe_stall), 13),
        Column("FILE", "id", name_link, 18, grow=True, sort_by_text=True),
        Column("SIZE", "usage_bytes", size, 9, align="right", drop_order=2, first_sort="down"),
        Column("CHUNKS", lambda file: file.chunking, width=8, align="right", drop_order=4),
        Column("ATTRIBUTES", "attributes", metadata, 14, grow=True, drop_order=3),
        Column("ERROR", lambda file: file.last_error and file.last_error.code, width=16, drop_order=1),
        AGE,
        Column("ID", "id", own_id, 15, drop_order=6),
    ),
    active=lambda file: file.status == "in_progress",
    stalled=_describe_stall,
    attention=lambda file, _: (_file_error(file) or "it could not be read") if file.status == "failed" else None,
    detail=(
        Section("", lines=alert_lines(lambda file, _: _file_error(file))),
        Section(
            "File",
            (
                Field("file", "id", id_link),
                Field("store", "vector_store_id", id_link),
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
            Ask(Operation("createVectorStoreFile", "POST", f"{STORE}/files", body=AttachFile)),
            on="list",
        ),
        Action("attach-many", "", "add many files", Ask(ATTACH_MANY), on="list"),
        Action(
            "content",
            "enter",
            "read the parsed text",
            Read(Operation("retrieveVectorStoreFileContent", "GET", f"{STORE}/files/{{file_id}}/content")),
            refuse=lambda file: None if file.status == "completed" else "it has no text yet",
        ),
        edit(
            Operation(
                "updateVectorStoreFileAttributes", "POST", f"{STORE}/files/{{file_id}}", body=EditAttributes
            ),
            "edit attributes",
        ),
        delete(
            Operation("deleteVectorStoreFile", "DELETE", f"{STORE}/files/{{file_id}}"),
            "Searches no longer find it here. The file itself stays.",
            "detach",
            name="detach",
        ),
    ),
    enter="content",
    empty="No files in this store. Press n to add one.",
)
