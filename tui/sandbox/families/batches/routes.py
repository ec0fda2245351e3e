"""Batches: they read every line of their input file and write real output and error files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from tui.sandbox.families.batches.seeds import arrive, seed
from tui.sandbox.families.batches.work import begin, cancel, settle, show
from tui.sandbox.families.files import find_file
from tui.sandbox.family import Family
from tui.sandbox.lists import list_stored
from tui.sandbox.protocol import Answer, Body, ExpiresAfter, Listing, Metadata, Problem, json_response

if TYPE_CHECKING:
    from tui.sandbox.world import Row, World

family = Family()
family.shows("batch")(show)
family.settles("batch")(settle)
family.settles("arrival")(arrive)
family.seeds(seed)

Endpoint = Literal[
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
]


class CreateBatch(Body):
    """A batch to begin."""

    input_file_id: str
    endpoint: Endpoint
    completion_window: Literal["24h"]
    metadata: Metadata | None = None
    output_expires_after: ExpiresAfter | None = None


@family.route("GET", "/batches", query=Listing)
def list_batches(world: World, query: Listing) -> Answer:
    """List batches, newest first."""
    return list_stored(world, "batch", after=query.after, limit=query.limit)


@family.route("POST", "/batches", body=CreateBatch)
def create_batch(world: World, body: CreateBatch) -> Answer:
    """Begin a batch. What is wrong with the file's lines is found while validating, not here."""
    file = find_file(world, body.input_file_id)
    if file.tag != "batch":
        message = f"Invalid purpose of file '{file.id}': expected 'batch', but got '{file.tag}'."
        raise Problem(message, param="input_file_id", code="invalid_file_purpose")
    expiry = body.output_expires_after.seconds if body.output_expires_after else None
    row = begin(world, file.id, body.endpoint, metadata=body.metadata, output_expiry=expiry)
    return json_response(world.text(row))


@family.route("GET", "/batches/{batch_id}")
def retrieve_batch(world: World, batch_id: str) -> Answer:
    """Retrieve a batch."""
    return json_response(world.text(_find(world, batch_id)))


@family.route("POST", "/batches/{batch_id}/cancel")
def cancel_batch(world: World, batch_id: str) -> Answer:
    """Stop a batch; what is answered by now stays."""
    row = _find(world, batch_id)
    status = json.loads(world.text(row)).get("status")
    over = row.text is not None or (row.due or 0) <= world.now()
    if over or status not in ("validating", "in_progress", "finalizing"):
        message = f"Cannot cancel a batch with status '{status}'."
        headers = {"x-should-retry": "false"}  # clients repeat a 409 otherwise
        raise Problem(message, status=409, code="invalid_batch_status", headers=headers)
    return json_response(world.text(cancel(world, row)))


def _find(world: World, batch_id: str) -> Row:
    row = world.find("batch", batch_id)
    if not row:
        raise Problem(f"No batch found with id '{batch_id}'.", status=404)
    return row
