"""Vector stores: kept, counted, searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from tui.sandbox import search
from tui.sandbox.families.files import find_file
from tui.sandbox.families.vector_stores import seeds as vector_store_seeds
from tui.sandbox.families.vector_stores import work as vector_store_work
from tui.sandbox.families.vector_stores.work import BATCH, KIND, STORE, attach
from tui.sandbox.family import Family
from tui.sandbox.lists import list_stored
from tui.sandbox.protocol import Answer, Body, Metadata, OrderedListing, Problem, json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.sandbox.world import JSON, Row, World

family = Family()
family.shows(KIND)(vector_store_work.show)
family.settles(KIND)(vector_store_work.settle)
family.forgets("file")(vector_store_work.forget)
family.seeds(vector_store_seeds.seed)


class Expiry(Body):
    """The days a store lives after it was last used."""

    anchor: Literal["last_active_at"]
    days: Annotated[int, Field(ge=1, le=365)]


class Sizes(Body):
    """The size of chunks and the overlap of one with the next, in tokens."""

    max_chunk_size_tokens: Annotated[int, Field(ge=100, le=4096)]
    chunk_overlap_tokens: Annotated[int, Field(ge=0)]


class Static(Body):
    """Chunks of a given size."""

    type: Literal["static"]
    static: Sizes


class Auto(Body):
    """Chunks of the usual size."""

    type: Literal["auto"]


Strategy = Annotated[Auto | Static, Field(discriminator="type")]
Attributes = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=64)],
        Annotated[str, StringConstraints(max_length=512)] | int | float | bool,
    ],
    Field(max_length=16),
]


class CreateStore(Body):
    """A store to make."""

    file_ids: Annotated[list[str], Field(max_length=500)] = []
    name: str | None = None
    description: str | None = None
    expires_after: Expiry | None = None
    chunking_strategy: Strategy | None = None
    metadata: Metadata | None = None


class ModifyStore(Body):
    """Changes to a store."""

    name: str | None = None
    expires_after: Expiry | None = None
    metadata: Metadata | None = None


class StoreRanking(Body):
    """The ranker of a search, and the score below which results are left out."""

    ranker: Literal["none", "auto", "default-2024-11-15"] = "auto"
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0


class Search(Body):
    """A search in a store."""

    query: str | Annotated[list[str], Field(min_length=1)]
    rewrite_query: bool = False
    max_num_results: Annotated[int, Field(ge=1, le=50)] = 10
    filters: search.Filter | None = None
    ranking_options: StoreRanking = StoreRanking()


@family.route("GET", "/vector_stores", query=OrderedListing)
def list_stores(world: World, query: OrderedListing) -> Answer:
    """List stores, newest first unless asked otherwise."""
    newest = query.order == "desc"
    return list_stored(world, STORE, after=query.after, before=query.before, limit=query.limit, newest=newest)


@family.route("POST", "/vector_stores", body=CreateStore)
def create_store(world: World, body: CreateStore) -> Answer:
    """Make a store, and begin to read its files."""
    sizes = sizes_of(body.chunking_strategy)
    for file_id in body.file_ids:
        find_file(world, file_id)
    given: JSON = body.model_dump(include={"name", "description", "expires_after", "metadata"})
    row = vector_store_work.make_store(world, **given)
    for place, file_id in enumerate(dict.fromkeys(body.file_ids)):
        attach(world, row.id, file_id, strategy=sizes, place=place)
    return json_response(world.text(row))


@family.route("GET", "/vector_stores/{vector_store_id}")
def retrieve_store(world: World, vector_store_id: str) -> Answer:
    """Retrieve a store."""
    return json_response(world.text(find_store(world, vector_store_id)))


@family.route("POST", "/vector_stores/{vector_store_id}", body=ModifyStore)
def modify_store(world: World, vector_store_id: str, body: ModifyStore) -> Answer:
    """Change what is given; null takes away."""
    row = find_store(world, vector_store_id)
    return json_response(world.text(world.derive(row, row.known | body.model_dump(exclude_unset=True), row.due)))


@family.route("DELETE", "/vector_stores/{vector_store_id}")
def delete_store(world: World, vector_store_id: str) -> Answer:
    """Delete a store. Its files stay files."""
    row = find_store(world, vector_store_id)
    for kind in (KIND, BATCH):
        for part in world.rows(kind, parent=row.id):
            world.remove(part)
    world.remove(row)
    return {"id": row.id, "object": "vector_store.deleted", "deleted": True}


@family.route("POST", "/vector_stores/{vector_store_id}/search", body=Search)
def search_store(world: World, vector_store_id: str, body: Search) -> Answer:
    """Search a store for the chunks that answer a query best."""
    row = use_store(world, vector_store_id)
    queries = [body.query] if isinstance(body.query, str) else body.query
    if body.rewrite_query:
        queries = [search.rewrite_query(query) for query in queries]
    files = reversed(list(world.rows(KIND, parent=row.id)))
    chunks = vector_store_work.read_chunks(
        world, files, lambda found: not body.filters or search.fulfils(body.filters, found)
    )
    scores = search.score_texts(queries, [chunk.text for chunk in chunks], ranker=body.ranking_options.ranker)
    best = sorted(zip(scores, chunks, strict=True), key=lambda found: -found[0])[: body.max_num_results]
    data = [_result(*found) for found in best if found[0] >= body.ranking_options.score_threshold]
    return page("search_results", data) | {"search_query": queries}


def _result(score: float, chunk: vector_store_work.StoreChunk) -> JSON:
    content = [{"type": "text", "text": chunk.text}]
    found = {name: value for name, value in chunk._asdict().items() if name != "text"}
    return {**found, "score": score, "content": content}


def page(name: str, data: Sequence[JSON]) -> JSON:
    """Return results and contents as a page. There is never a second one."""
    return {"object": f"vector_store.{name}.page", "data": data, "has_more": False, "next_page": None}


def sizes_of(strategy: Auto | Static | None, param: str = "chunking_strategy") -> JSON | None:
    """Return the chunk sizes that are asked for, None for the default. Raises `Problem`."""
    if not isinstance(strategy, Static):
        return None
    sizes = strategy.static
    if sizes.chunk_overlap_tokens > sizes.max_chunk_size_tokens // 2:
        message = "chunk_overlap_tokens must be less than or equal to max_chunk_size_tokens / 2."
        raise Problem(message, param=f"{param}.static.chunk_overlap_tokens", code="invalid_value")
    return sizes.model_dump()


def find_store(world: World, id_: str) -> Row:
    """Return the store of this id. Raises `Problem`."""
    row = world.find(STORE, id_)
    if not row:
        raise Problem(f"Vector store with id '{id_}' not found.", status=404)
    return row


def use_store(world: World, id_: str) -> Row:
    """Find a store and note its use. Raises `Problem`, also when it has expired."""
    row = find_store(world, id_)
    expires = vector_store_work.expires_at(row.known)
    if expires is not None and expires <= world.now():
        raise Problem(f"Vector store with id '{id_}' has expired.", code="vector_store_expired")
    return world.derive(row, {**row.known, "active": world.now()}, row.due)


@family.shows(STORE)
def _show(world: World, row: Row) -> JSON:
    known: Any = row.known
    files = list(world.rows(KIND, parent=row.id))
    counts = vector_store_work.count_statuses(files)
    expires = vector_store_work.expires_at(known)
    status = "in_progress" if counts["in_progress"] else "completed"
    return {
        "id": row.id,
        "object": STORE,
        "created_at": int(row.created),
        "name": known["name"] or "",
        "description": known["description"],
        "usage_bytes": sum(file.known.get("usage", 0) for file in files),
        "file_counts": counts,
        "status": "expired" if expires is not None and expires <= world.now() else status,
        **({"expires_after": known["expires_after"]} if known["expires_after"] else {}),
        "expires_at": None if expires is None else int(expires),
        "last_active_at": int(known["active"]),
        "metadata": known["metadata"] or {},
    }
