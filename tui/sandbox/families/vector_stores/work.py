"""The work of vector stores: reading files, counting them, searching them.

A file in a store is a derived object. While it is due it is in progress; settling it reads the file and tags its
row with the status it ended in.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox import chunking
from tui.sandbox.families import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tui.sandbox.world import JSON, Row, World

KIND = "vector_store.file"
BATCH = "vector_store.batch"
STORE = "vector_store"

AUTO = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}

_STATUSES = ("in_progress", "completed", "failed", "cancelled")
_DAY = 86400
_VECTOR_BYTES = 1024  # of each chunk, besides its text
_MOST_CHUNKS = 600  # that one search reads; newer files come first


class StoreChunk(NamedTuple):
    """A piece of a file in a store."""

    file_id: str
    filename: str
    attributes: JSON
    text: str


def make_store(
    world: World,
    *,
    name: str | None = None,
    description: str | None = None,
    expires_after: JSON | None = None,
    metadata: JSON | None = None,
    created: float | None = None,
    active: float | None = None,
) -> Row:
    """Make a store, which was last `active` at a time."""
    created = world.now() if created is None else created
    facts = {
        "name": name,
        "description": description,
        "expires_after": expires_after,
        "metadata": metadata,
        "active": created if active is None else active,
    }
    return world.put(STORE, id=world.new_id("vs_", 32), facts=facts, created=created)


def expires_at(store: JSON) -> float | None:
    """Return when a store of these facts expires, or None."""
    expiry = store.get("expires_after")
    return store["active"] + expiry["days"] * _DAY if expiry else None


def attach(
    world: World,
    store_id: str,
    file_id: str,
    *,
    strategy: JSON | None = None,
    attributes: JSON | None = None,
    place: int = 0,
    created: float | None = None,
    fate: JSON | None = None,
    seconds: float | None = None,
) -> Row:
    """Put a file into a store; one that is there already is read again.

    `place` is how many files are worked on before. `fate` has an end of its own: a `status` and a `last_error`.
    `seconds` is how long it takes.
    """
    if row := world.find(KIND, key(store_id, file_id)):
        world.remove(row)
    created = world.now() if created is None else created
    facts = {"strategy": strategy or AUTO, "attributes": attributes or {}, "usage": 0, "fate": fate}
    due = created + world.lasting(3 + place * 0.6 + sum(file_id.encode()) % 4 if seconds is None else seconds)
    return world.put(KIND, id=key(store_id, file_id), facts=facts, parent=store_id, created=created, due=due)


def make_batch(world: World, store_id: str, file_ids: Iterable[str], *, created: float | None = None) -> Row:
    """Make a batch of files that are attached."""
    facts = {"files": list(dict.fromkeys(file_ids)), "cancelled": False}
    return world.put(BATCH, id=world.new_id("vsfb_", 32), facts=facts, parent=store_id, created=created)


def key(store_id: str, file_id: str) -> str:
    """Return the id under which a file in a store is kept: the same file may be in many stores."""
    return f"{store_id}/{file_id}"


def file_id_of(row: Row) -> str:
    """Return the id of the file that is in a store."""
    return row.id.rpartition("/")[2]


def status_of(row: Row) -> str:
    """Return the status of a file in a store."""
    return row.tag if row.due is None else "in_progress"


def count_statuses(rows: Iterable[Row]) -> JSON:
    """Return the counts of files by status."""
    found = Counter(map(status_of, rows))
    return {status: found[status] for status in _STATUSES} | {"total": found.total()}


def show(_world: World, row: Row) -> JSON:
    """Return the object of a file in a store."""
    known = row.known
    return {
        "id": file_id_of(row),
        "object": KIND,
        "usage_bytes": known["usage"],
        "created_at": int(row.created),
        "vector_store_id": row.parent,
        "status": status_of(row),
        "last_error": known.get("error"),
        "chunking_strategy": {"type": "static", "static": known["strategy"]},
        "attributes": known["attributes"],
    }


def settle(world: World, row: Row) -> Iterator[None]:
    """Read a file and store its status."""
    known = row.known
    if fate := known["fate"]:
        world.derive(row, {**known, "error": fate["last_error"]}, None, tag=fate["status"])
        return
    try:
        usage = 0
        for text in chunks(world, row):
            usage += len(text.encode()) + _VECTOR_BYTES
            yield
    except chunking.Unreadable as why:
        error = {"code": why.code, "message": str(why)}
        world.derive(row, {**known, "error": error}, None, tag="failed")
    else:
        world.derive(row, {**known, "usage": usage}, None, tag="completed")


def chunks(world: World, row: Row) -> Iterator[str]:
    """Yield the pieces that a store makes of a file. Raises `chunking.Unreadable`."""
    file_id, strategy = file_id_of(row), row.known["strategy"]
    text = chunking.read_text(files.content_of(world, file_id), files.filename_of(world, file_id))
    return chunking.split_text(text, strategy["max_chunk_size_tokens"], strategy["chunk_overlap_tokens"])


def read_chunks(world: World, rows: Iterable[Row], wanted: Callable[[JSON], bool]) -> list[StoreChunk]:
    """Return the pieces of the files that a store is done with and whose attributes are wanted, up to a limit."""

    def pieces() -> Iterator[StoreChunk]:
        for row in rows:
            attributes = row.known.get("attributes", {})
            if row.tag == "completed" and row.text is None and wanted(attributes):
                name = files.filename_of(world, file_id_of(row))
                yield from (StoreChunk(file_id_of(row), name, attributes, text) for text in chunks(world, row))

    return list(itertools.islice(pieces(), _MOST_CHUNKS))


def forget(world: World, file_id: str) -> None:
    """Take a deleted file out of all stores."""
    for store in world.rows(STORE):
        if row := world.find(KIND, key(store.id, file_id)):
            world.remove(row)
