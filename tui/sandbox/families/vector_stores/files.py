"""The files in vector stores, attached one by one or many at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.families.files import find_file
from tui.sandbox.families.vector_stores.routes import Attributes, Strategy, find_store, page, sizes_of, use_store
from tui.sandbox.families.vector_stores.work import (
    BATCH,
    KIND,
    attach,
    chunks,
    count_statuses,
    file_id_of,
    key,
    make_batch,
    status_of,
)
from tui.sandbox.family import Family
from tui.sandbox.lists import list_computed
from tui.sandbox.protocol import Answer, Body, OrderedListing, Problem, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

    from tui.sandbox.world import JSON, Row, World

family = Family()

_POLL = {"openai-poll-after-ms": "1000"}


class StoreFileQuery(OrderedListing):
    """The query of the lists."""

    filter: Literal["in_progress", "completed", "failed", "cancelled"] | None = None


class AttachFile(Body):
    """A file to attach."""

    file_id: str
    chunking_strategy: Strategy | None = None
    attributes: Attributes | None = None


class UpdateFile(Body):
    """Changes to a file in a store."""

    attributes: Attributes | None


class AttachFiles(Body):
    """Files to attach: ids that share what is said of them, or each with its own."""

    file_ids: Annotated[list[str], Field(min_length=1, max_length=2000)] | None = None
    files: Annotated[list[AttachFile], Field(min_length=1, max_length=2000)] | None = None
    chunking_strategy: Strategy | None = None
    attributes: Attributes | None = None


# One by one.


@family.route("GET", "/vector_stores/{vector_store_id}/files", query=StoreFileQuery)
def list_files(world: World, vector_store_id: str, query: StoreFileQuery) -> Answer:
    """List the files of a store, newest first unless asked otherwise."""
    return _list(world, world.rows(KIND, parent=find_store(world, vector_store_id).id), query)


@family.route("POST", "/vector_stores/{vector_store_id}/files", body=AttachFile)
def attach_file(world: World, vector_store_id: str, body: AttachFile) -> Answer:
    """Begin to read a file."""
    strategy = sizes_of(body.chunking_strategy)
    store, file = use_store(world, vector_store_id), find_file(world, body.file_id)
    return _show_with_poll(world, attach(world, store.id, file.id, strategy=strategy, attributes=body.attributes))


@family.route("GET", "/vector_stores/{vector_store_id}/files/{file_id}")
def retrieve_file(world: World, vector_store_id: str, file_id: str) -> Answer:
    """Retrieve a file of a store."""
    return _show_with_poll(world, _find(world, vector_store_id, file_id))


@family.route("POST", "/vector_stores/{vector_store_id}/files/{file_id}", body=UpdateFile)
def update_file(world: World, vector_store_id: str, file_id: str, body: UpdateFile) -> Answer:
    """Give a file other attributes."""
    row = _find(world, vector_store_id, file_id)
    return _show_with_poll(world, world.derive(row, {**row.known, "attributes": body.attributes or {}}, row.due))


@family.route("DELETE", "/vector_stores/{vector_store_id}/files/{file_id}")
def detach_file(world: World, vector_store_id: str, file_id: str) -> Answer:
    """Take a file out of a store. It stays a file."""
    world.remove(_find(world, vector_store_id, file_id))
    return {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}


@family.route("GET", "/vector_stores/{vector_store_id}/files/{file_id}/content")
def read_file(world: World, vector_store_id: str, file_id: str) -> Answer:
    """List the chunks of a file in a store; none while it is not read."""
    row = _find(world, vector_store_id, file_id)
    done = row.tag == "completed" and row.text is None
    return page("file_content", [{"type": "text", "text": text} for text in (chunks(world, row) if done else ())])


# Many at once.


@family.route("POST", "/vector_stores/{vector_store_id}/file_batches", body=AttachFiles)
def create_batch(world: World, vector_store_id: str, body: AttachFiles) -> Answer:
    """Begin to read many files."""
    if (body.file_ids is None) == (body.files is None):
        message = "Provide exactly one of 'file_ids' and 'files'."
        raise Problem(message, param="file_ids", code="mutually_exclusive_parameters")
    files = body.files or [
        AttachFile(file_id=id_, chunking_strategy=body.chunking_strategy, attributes=body.attributes)
        for id_ in body.file_ids or ()
    ]
    strategies = [
        sizes_of(
            file.chunking_strategy, f"files[{number}].chunking_strategy" if body.files else "chunking_strategy"
        )
        for number, file in enumerate(files)
    ]
    store = use_store(world, vector_store_id)
    for file in files:
        find_file(world, file.file_id)
    for place, (file, strategy) in enumerate(zip(files, strategies, strict=True)):
        attach(world, store.id, file.file_id, strategy=strategy, attributes=file.attributes, place=place)
    return _show_with_poll(world, make_batch(world, store.id, [file.file_id for file in files]))


@family.route("GET", "/vector_stores/{vector_store_id}/file_batches/{batch_id}")
def retrieve_batch(world: World, vector_store_id: str, batch_id: str) -> Answer:
    """Retrieve a batch."""
    return _show_with_poll(world, _find_batch(world, vector_store_id, batch_id))


@family.route("POST", "/vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel")
def cancel_batch(world: World, vector_store_id: str, batch_id: str) -> Answer:
    """Stop reading; what is read by now stays."""
    row = _find_batch(world, vector_store_id, batch_id)
    status = _show(world, row)["status"]
    if status != "in_progress":
        raise Problem(f"Cannot cancel a file batch with status '{status}'.")
    for file in _files(world, row):
        if status_of(file) == "in_progress":
            world.derive(file, file.known, None, tag="cancelled")
    return json_response(world.text(world.derive(row, {**row.known, "cancelled": True}, None)))


@family.route("GET", "/vector_stores/{vector_store_id}/file_batches/{batch_id}/files", query=StoreFileQuery)
def list_batch_files(world: World, vector_store_id: str, batch_id: str, query: StoreFileQuery) -> Answer:
    """List the files of a batch that are still in the store."""
    return _list(world, _files(world, _find_batch(world, vector_store_id, batch_id)), query)


@family.shows(BATCH)
def _show(world: World, row: Row) -> JSON:
    found = count_statuses(_files(world, row))
    if found["in_progress"]:
        status = "in_progress"
    elif row.known["cancelled"]:
        status = "cancelled"
    else:
        status = "failed" if found["failed"] == found["total"] > 0 else "completed"
    return {
        "id": row.id,
        "object": "vector_store.files_batch",
        "created_at": int(row.created),
        "vector_store_id": row.parent,
        "status": status,
        "file_counts": found,
    }


def _files(world: World, batch: Row) -> list[Row]:
    found = (world.find(KIND, key(batch.parent, file_id)) for file_id in batch.known["files"])
    return [row for row in found if row]


def _list(world: World, rows: Iterable[Row], query: StoreFileQuery) -> Response:
    # The cursor stays in its place also when it got another status meanwhile.
    kept = [
        row
        for row in rows
        if query.filter in (None, status_of(row)) or file_id_of(row) in (query.after, query.before)
    ]
    if query.order == "desc":
        kept.reverse()
    ids = [file_id_of(row) for row in kept]

    def make(number: int) -> JSON:
        object_: JSON = json.loads(world.text(kept[number]))
        return object_

    return list_computed(ids, make, after=query.after, before=query.before, limit=query.limit)


def _find(world: World, store_id: str, file_id: str) -> Row:
    row = world.find(KIND, key(find_store(world, store_id).id, file_id))
    if not row:
        raise Problem(f"No file found with id '{file_id}' in vector store '{store_id}'.", status=404)
    return row


def _find_batch(world: World, store_id: str, batch_id: str) -> Row:
    row = world.find(BATCH, batch_id)
    if not row or row.parent != find_store(world, store_id).id:
        raise Problem(f"No file batch found with id '{batch_id}' in vector store '{store_id}'.", status=404)
    return row


def _show_with_poll(world: World, row: Row) -> Response:
    """Return the object of a file or a batch, and when to ask again."""
    text = world.text(row)
    return json_response(text, headers=_POLL if '"status": "in_progress"' in text else None)
