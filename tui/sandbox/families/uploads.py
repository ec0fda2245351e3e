"""Uploads: a big file in parts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated

from pydantic import Field
from starlette.datastructures import UploadFile

from tui.sandbox.families.files import Purpose, add_file, check_upload
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, ExpiresAfter, Fields, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

_LIFE = 3600
_MAX_BYTES = 8 * 2**30
_MAX_PART = 64 * 2**20


class CreateUpload(Body):
    """An upload to begin."""

    filename: str
    purpose: Purpose
    bytes: Annotated[int, Field(ge=1, le=_MAX_BYTES)]
    mime_type: str
    expires_after: ExpiresAfter | None = None


class PartForm(Fields):
    """The form of a part."""

    data: UploadFile


class CompleteUpload(Body):
    """The parts in their order, and optionally the MD5 of the whole in hexadecimal."""

    part_ids: Annotated[list[str], Field(min_length=1)]
    md5: str | None = None


@family.route("POST", "/uploads", body=CreateUpload)
def create_upload(world: World, body: CreateUpload) -> Answer:
    """Begin an upload."""
    check_upload(body.filename, body.purpose, body.bytes)
    created = world.now()
    upload = {
        "id": world.new_id("upload_", 32),
        "object": "upload",
        "bytes": body.bytes,
        "created_at": int(created),
        "filename": body.filename,
        "purpose": body.purpose,
        "status": "pending",
        "expires_at": int(created + _LIFE),
        "file": None,
    }
    expiry = body.expires_after.seconds if body.expires_after else None
    world.put("upload", upload, facts={"expires_after": expiry}, created=created, due=created + _LIFE)
    return upload


@family.route("POST", "/uploads/{upload_id}/parts", form=PartForm)
def add_part(world: World, upload_id: str, form: PartForm) -> Answer:
    """Add a part, in any order."""
    _pending(world, upload_id)
    size = form.data.size or 0
    if size > _MAX_PART:
        raise Problem("Part exceeds the maximum size of 64 MB.", status=413, param="data")
    part: JSON = {
        "id": world.new_id("part_", 32),
        "object": "upload.part",
        "created_at": int(world.now()),
        "upload_id": upload_id,
    }
    world.put("part", part, facts={"bytes": size}, parent=upload_id)
    with world.content(part["id"]).open("wb") as sink:
        while chunk := form.data.file.read(2**20):
            sink.write(chunk)
    return part


@family.route("POST", "/uploads/{upload_id}/complete", body=CompleteUpload)
def complete_upload(world: World, upload_id: str, body: CompleteUpload) -> Answer:
    """Join the parts into a file."""
    row, upload = _pending(world, upload_id)
    parts = {part.id: part for part in world.rows("part", parent=upload_id)}
    for id_ in body.part_ids:
        if id_ not in parts:
            raise Problem(f"Part '{id_}' does not belong to this upload.", param="part_ids", code="invalid_value")
    if len(set(body.part_ids)) < len(body.part_ids):
        raise Problem("A part can be used only once.", param="part_ids", code="invalid_value")
    size = sum(parts[id_].known["bytes"] for id_ in body.part_ids)
    if size != upload["bytes"]:
        message = f"The parts hold {size} bytes, but the upload was created for {upload['bytes']} bytes."
        raise Problem(message, param="part_ids", code="bytes_mismatch")
    whole = world.content(upload_id)
    digest = hashlib.md5(usedforsecurity=False)
    with whole.open("wb") as sink:
        for id_ in body.part_ids:
            data = world.content(id_).read_bytes()
            digest.update(data)
            sink.write(data)
    if body.md5 and body.md5.lower() != digest.hexdigest():
        whole.unlink()
        raise Problem("The MD5 of the parts differs from the given one.", param="md5", code="checksum_mismatch")
    expiry = row.known["expires_after"]
    name, purpose = upload["filename"], upload["purpose"]
    file = add_file(world, filename=name, purpose=purpose, content=whole, expires_after=expiry)
    return _end(world, row, {**upload, "status": "completed", "file": file})


@family.route("POST", "/uploads/{upload_id}/cancel")
def cancel_upload(world: World, upload_id: str) -> Answer:
    """Give an upload up."""
    row, upload = _pending(world, upload_id)
    return _end(world, row, {**upload, "status": "cancelled"})


@family.settles("upload")
def _expire(world: World, row: Row) -> None:
    _end(world, row, {**json.loads(world.text(row)), "status": "expired"})


def _end(world: World, row: Row, upload: JSON) -> JSON:
    for part in world.rows("part", parent=row.id):
        world.remove(part)
        world.content(part.id).unlink(missing_ok=True)
    world.finish(row, upload)
    return upload


def _pending(world: World, upload_id: str) -> tuple[Row, JSON]:
    row = world.find("upload", upload_id)
    if not row:
        raise Problem(f"No such Upload object: {upload_id}", status=404, param="upload_id")
    upload: JSON = json.loads(world.text(row))
    if upload["status"] != "pending":
        raise Problem(f"The upload is {upload['status']} and takes no more changes.", code="invalid_upload_status")
    return row, upload
