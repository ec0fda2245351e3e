"""Vector stores: files cut into chunks to be searched. The files in them have a file of their own.

https://platform.openai.com/docs/api-reference/vector-stores
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.language.action import Action, Open, Together
from tui.resources.language.asking.inputs import More, Name, ObjectId, Pairs
from tui.resources.language.cells import age, instant, own_id, size, status, unless_stalled, until
from tui.resources.language.column import (
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object, Request, Time
from tui.resources.language.parts import META, METADATA, create, delete, edit
from tui.resources.language.resource import Child, Resource
from tui.resources.language.units import Unit
from tui.resources.vector_stores.file_holders import (
    AGE,
    FAILED,
    FILES,
    FileHolder,
    count_unread,
    describe_stall,
    tally_lines,
)
from tui.resources.vector_stores.store_files import ATTACH_MANY, Chunking

if TYPE_CHECKING:
    from collections.abc import Sequence

_STORE = "/vector_stores/{vector_store_id}"


class StoreExpiry(Object):
    """How long a store lives without being used."""

    days: int | None = None


class VectorStore(FileHolder):
    """A vector store. `usage_bytes` is what it is charged for, not the size of its files."""

    name: str | None = None
    usage_bytes: int | None = None
    expires_after: StoreExpiry | None = None
    expires_at: Time = None
    last_active_at: Time = None


# Requests.


class StoreExpires(Request):
    """How long a store lives without being used."""

    anchor: Literal["last_active_at"] = "last_active_at"
    days: Annotated[int, Unit.DAYS] = Input(
        ge=1,
        le=365,
        title="delete after",
        description="1d to 365d after it was last used. Without it the store stays, and costs.",
    )


class CreateVectorStore(Request):
    """The request that creates a vector store."""

    name: Name = None
    description: Annotated[str | None, More()] = Input(None, description="What it holds.")
    file_ids: Annotated[list[str] | None, ObjectId("files")] = Input(
        None, max_length=500, description="Ids of files to start with, separated by commas; up to 500."
    )
    chunking_strategy: Annotated[Chunking | None, More()] = None
    expires_after: StoreExpires | None = None
    metadata: Pairs = None


class EditVectorStore(Request):
    """The request that changes a vector store."""

    name: Name = None
    expires_after: StoreExpires | None = None
    metadata: Pairs = None


class Ranking(Request):
    """How results are ordered and which are dropped."""

    ranker: Literal["auto", "default-2024-11-15", "none"] = Input(
        "auto", title="ranked by", description="none keeps raw likeness."
    )
    score_threshold: float = Input(
        0, title="least score", ge=0, le=1, description="Drops what scores less; 0 keeps all."
    )


class Search(Request):
    """The request that searches a vector store."""

    query: str = Input(description="What to look for, in words.")
    max_num_results: int = Input(10, title="results at most", ge=1, le=50, description="1 to 50.")
    rewrite_query: bool = Input(False, description="Let the platform put the query into better words.")
    filters: dict[str, Any] | None = Input(
        None,
        description='JSON, such as {"type": "eq", "key": "year", "value": 2026}; types are eq, ne, gt, gte, lt, '
        'lte, in, nin, and {"type": "and", "filters": [...]} or "or" to join them.',
    )
    ranking_options: Ranking | None = None


# Columns, sections and actions.


def _attention(store: VectorStore, context: CellContext) -> str | None:
    return "expired, and can no longer be searched" if store.status == "expired" else count_unread(store, context)


_CREATE = Operation("createVectorStore", "POST", "/vector_stores", body=CreateVectorStore)


def _warn_of_deletion(stores: Sequence[VectorStore]) -> str:
    """Return what is lost with stores, and that the files in them are not."""
    where, whose = ("it", "Its") if len(stores) == 1 else ("them", "Their")
    told = f"Searches in {where} fail from now on."
    if not (count := sum(store.file_counts.total for store in stores if store.file_counts)):
        return told
    return f"{told} {whose} {'one file itself stays' if count == 1 else f'{count:,} files themselves stay'}."


VECTOR_STORES: Resource[VectorStore] = Resource(
    name="vector-stores",
    singular="vector store",
    family="Vector stores",
    model=VectorStore,
    aliases=("vs", "store", "stores", "vector-store"),
    prefixes=("vs_",),
    list=Operation("listVectorStores", "GET", "/vector_stores"),
    get=Operation("getVectorStore", "GET", _STORE),
    title="name",
    columns=(
        Column("NAME", "name", width=16, grow=True),
        Column("STATUS", "status", unless_stalled(describe_stall), 13),
        FILES,
        FAILED,
        Column("SIZE", "usage_bytes", size, 9, align="right", drop_order=1, first_sort="down"),
        Column("EXPIRES", "expires_at", until, 7, align="right", drop_order=3),
        Column("USED", "last_active_at", age, 5, align="right", drop_order=4, first_sort="down"),
        AGE,
        META,
        Column("ID", "id", own_id, 15, drop_order=6),
    ),
    active=lambda store: store.running,
    attention=_attention,
    stops=lambda store: None if store.status == "expired" else store.expires_at,
    stalled=describe_stall,
    progress=lambda store: store.done,
    detail=(
        Section(
            "Vector store",
            (
                Field("id", "id", own_id),
                Field("name", "name"),
                Field("status", "status", status),
                Field("size", "usage_bytes", size),
                Field("created", "created_at", instant),
                Field("last used", "last_active_at", instant),
                Field("expires", "expires_at", instant),
                Field("unused days", "expires_after.days"),
            ),
        ),
        Section("Files", lines=tally_lines),
        METADATA,
    ),
    actions=(
        create(_CREATE, "new store"),
        Action(
            "search",
            "F",
            "search in it",
            Open(
                "search_bench", Operation("searchVectorStore", "POST", f"{_STORE}/search", body=Search, safe=True)
            ),
            refuse=lambda store: "it is expired" if store.status == "expired" else None,
        ),
        Action(
            "fill",
            "R",
            "fill from a folder",
            Open("store_folder", ATTACH_MANY),
            refuse=lambda store: "it is expired" if store.status == "expired" else None,
        ),
        Action(
            "sync",
            "",
            "keep like a folder",
            Open("store_folder", ATTACH_MANY),
            refuse=lambda store: "it is expired" if store.status == "expired" else None,
        ),
        Action("fill-new", "", "new store from a folder", Open("store_folder", _CREATE), on="list"),
        edit(Operation("modifyVectorStore", "POST", _STORE, body=EditVectorStore)),
        delete(
            Operation("deleteVectorStore", "DELETE", _STORE),
            Together(_warn_of_deletion),
        ),
    ),
    children=(Child("store-files"), Child("file-batches")),
    enter="store-files",
    empty="No vector stores yet. One lets models search your files. Press n to make one.",
)
