"""Files: what is uploaded, and what jobs write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

from pydantic import ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from tui.sandbox.family import Family
from tui.sandbox.lists import list_stored
from tui.sandbox.protocol import Answer, ExpiresAfter, Fields, Listing, Problem, json_response
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]

_DAY = 86400
_BATCH_LIFE = 30 * _DAY  # the only purpose whose files go by themselves
_BATCH_BYTES = 200 * 2**20
_HUGE = 100_000
_WITHHELD = ("assistants", "user_data", "vision")
# A file of the huge scenario has no bytes on disk: its content is this line, numbered. Always of one length.
_RECIPE = (
    '{"custom_id":"request-%08d","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5-mini",'
    '"messages":[{"role":"user","content":"Summarize ticket %08d."}]}}\n'
)


class FileQuery(Listing):
    """The query of the list."""

    limit: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    order: Literal["asc", "desc"] = "desc"
    purpose: str = ""


class FormExpiry(ExpiresAfter):
    """`ExpiresAfter` sent as form fields."""

    model_config = ConfigDict(strict=False)


class FileForm(Fields):
    """The form of an upload."""

    file: UploadFile
    purpose: Purpose
    expires_after: FormExpiry | None = None


def add_file(
    world: World,
    *,
    filename: str,
    purpose: str,
    content: bytes | BinaryIO | Path,
    created: float | None = None,
    expires_after: float | None = None,
) -> JSON:
    """Store a file and its bytes; a path is moved. `expires_after` in seconds; purpose batch has a default."""
    id_ = world.new_id("file-", 22)
    target = world.content(id_)
    if isinstance(content, Path):
        content.replace(target)
    elif isinstance(content, bytes):
        target.write_bytes(content)
    else:
        with target.open("wb") as sink:
            shutil.copyfileobj(content, sink, 2**20)
    size = target.stat().st_size
    created = world.now() if created is None else created
    if expires_after is None and purpose == "batch":
        expires_after = _BATCH_LIFE
    expires = None if expires_after is None else created + expires_after
    file = describe(id_, filename=filename, purpose=purpose, size=size, created=created, expires=expires)
    world.put("file", file, created=created, due=expires, tag=purpose)
    return file


def describe(id_: str, *, filename: str, purpose: str, size: int, created: float, expires: float | None) -> JSON:
    """Return the object of a file."""
    return {
        "object": "file",
        "id": id_,
        "purpose": purpose,
        "filename": filename,
        "bytes": size,
        "created_at": int(created),
        "expires_at": None if expires is None else int(expires),
        "status": "processed",
        "status_details": None,
    }


def check_upload(filename: str, purpose: str, size: int) -> None:
    """Refuse a file that its purpose does not allow. Raises `Problem`."""
    if not size:
        raise Problem("The file is empty.", param="file", code="empty_file")
    if purpose in ("batch", "fine-tune") and not filename.endswith(".jsonl"):
        api = "Batch" if purpose == "batch" else "Fine-Tuning"
        raise Problem(f"Invalid file format for {api} API. Must be .jsonl", param="file")
    if purpose == "batch" and size > _BATCH_BYTES:
        raise Problem("File exceeds the maximum size of 200 MB for purpose batch.", status=413, param="file")


@family.route("GET", "/files", query=FileQuery)
def list_files(world: World, query: FileQuery) -> Answer:
    """List files, newest first unless asked otherwise."""
    newest = query.order == "desc"
    return list_stored(world, "file", after=query.after, limit=query.limit, newest=newest, tag=query.purpose)


@family.route("POST", "/files", form=FileForm)
def create_file(world: World, form: FileForm) -> Answer:
    """Upload a file."""
    filename = form.file.filename or "upload"
    check_upload(filename, form.purpose, form.file.size or 0)
    seconds = form.expires_after.seconds if form.expires_after else None
    return add_file(world, filename=filename, purpose=form.purpose, content=form.file.file, expires_after=seconds)


@family.route("GET", "/files/{file_id}")
def retrieve_file(world: World, file_id: str) -> Answer:
    """Retrieve a file."""
    return json_response(world.text(find_file(world, file_id)))


@family.route("DELETE", "/files/{file_id}")
def delete_file(world: World, file_id: str) -> Answer:
    """Delete a file for good."""
    world.remove_with_content(find_file(world, file_id))
    return {"object": "file", "id": file_id, "deleted": True}


@family.route("GET", "/files/{file_id}/content")
def download_file(world: World, file_id: str) -> Answer:
    """Download the bytes of a file, whole or a range."""
    row = find_file(world, file_id)
    if row.tag in _WITHHELD:
        raise Problem(f"Not allowed to download files of purpose: {row.tag}")
    return FileResponse(content_of(world, row.id), media_type="application/octet-stream")


def content_of(world: World, file_id: str) -> Path:
    """Return the path of a file's bytes. Raises FileNotFoundError when it is deleted."""
    path = world.content(file_id)
    row = world.find("file", file_id)
    if row and not path.exists():  # one of the huge scenario
        lines = json.loads(world.text(row))["bytes"] // len(_RECIPE % (0, 0))
        path.write_text("".join(_RECIPE % (number, number) for number in range(lines)))
    return path.resolve(strict=True)


def filename_of(world: World, file_id: str) -> str:
    """Return the name of a file; nothing if it is deleted."""
    row = world.find("file", file_id)
    return str(json.loads(world.text(row)).get("filename")) if row else ""


def find_file(world: World, file_id: str) -> Row:
    """Return the file of this id. Raises `Problem`."""
    row = world.find("file", file_id)
    if not row:
        raise Problem(f"No such File object: {file_id}", status=404, param="id")
    return row


@family.settles("file")
def _expire(world: World, row: Row) -> None:
    world.remove_with_content(row)


# What scenarios start with.


@family.seeds
def _seed(world: World, scenario: str) -> None:
    if scenario == "huge":
        _seed_many(world, _HUGE)
        return
    _seed_documents(world, 10)
    if scenario == "nasty":
        _seed_odd(world)


_DOCUMENTS = (
    ("handbook-2026.pdf", "assistants"),
    ("pricing-table.csv", "user_data"),
    ("support-macros.md", "assistants"),
    ("floor-plan.png", "vision"),
    ("eval-questions.jsonl", "evals"),
    ("release-notes.txt", "user_data"),
    ("triage-examples.jsonl", "fine-tune"),
    ("contracts-q3.zip", "user_data"),
)


def _seed_documents(world: World, count: int) -> None:
    """Start with files nobody's job uses."""
    now = world.now()
    for number in range(count):
        name, purpose = _DOCUMENTS[number % len(_DOCUMENTS)]
        stem, dot, extension = name.rpartition(".")
        version = f"{stem}-v{number // len(_DOCUMENTS) + 1}{dot}{extension}" if number >= len(_DOCUMENTS) else name
        line = f'{{"item": {{"question": "What changed in {stem}?", "answer": "Section {number}."}}}}\n'
        add_file(
            world,
            filename=version,
            purpose=purpose,
            content=line.encode() * (20 + number * number * 7),
            created=now - (number + 1) * 0.7 * _DAY,
            expires_after=(number + 40) * _DAY if number % 5 == 3 else None,
        )


def _seed_odd(world: World) -> None:
    """Start with files with hostile names, and objects that do not keep to the schema."""
    now = world.now()
    purposes = ("batch", "user_data", "assistants", "vision", "fine-tune", "batch_output")
    for number, name in enumerate(HOSTILE):
        purpose = purposes[number % len(purposes)]
        add_file(world, filename=name, purpose=purpose, content=b'{"hostile": true}\n', created=now - number * 60)
    plain = {"object": "file", "filename": "odd.jsonl", "created_at": int(now), "bytes": 1, "status": "processed"}
    odd: list[JSON] = [
        {"id": "file-OddUnknownPurpose", **plain, "purpose": "telepathy"},
        {"id": "file-OddUnknownStatus", **plain, "purpose": "evals", "status": "quarantined"},
        {"id": "file-OddStringNumbers", **plain, "purpose": "batch", "bytes": "2048", "created_at": str(int(now))},
        {"id": "file-OddNulls", "object": "file", **dict.fromkeys(plain), "purpose": None},
        {"id": "file-OddMissing", "object": "file"},
        {"id": "file-OddNegative", **plain, "purpose": "batch", "bytes": -5, "created_at": -1, "expires_at": 0},
        {"id": "file-OddMilliseconds", **plain, "purpose": "batch", "created_at": int(now * 1000)},
        {"id": "file-OddHuge", **plain, "purpose": "user_data", "bytes": 2**63, "created_at": 10**18},
        {"id": "file-OddNested", **plain, "purpose": ["batch"], "filename": {"name": "x"}, "bytes": [1]},
        {"id": "file-OddError", **plain, "purpose": "fine-tune", "status": "error", "status_details": HOSTILE[2]},
        {"id": "file-OddExtra", **plain, "purpose": "batch", "new_field": {"deep": [1, {"er": HOSTILE[6]}]}},
    ]
    for number, file in enumerate(odd):
        row = world.put("file", file, created=now - 30 - number, tag=str(file.get("purpose") or ""))
        world.content(row.id).write_bytes(b"odd\n")


def _seed_many(world: World, count: int) -> None:
    """Start with files in bulk, made by the database itself, oldest first; number 0 is the newest."""
    text = (
        '{"object":"file","id":"%s","purpose":"%s","filename":"tickets-%06d.jsonl","bytes":%d,"created_at":%d,'
        '"expires_at":null,"status":"processed","status_details":null}'
    )
    world.put_many(
        f"""
        WITH RECURSIVE
          numbers (n) AS (SELECT :count - 1 UNION ALL SELECT n - 1 FROM numbers WHERE n > 0),
          files AS (SELECT n, printf('file-%08x%014x', :count - n, n * 2654435761) AS id,
            CASE n % 7 WHEN 0 THEN 'fine-tune' WHEN 1 THEN 'batch_output' WHEN 2 THEN 'user_data'
              ELSE 'batch' END AS purpose,
            1 + n * 7919 % 997 AS lines, :now - n * 60 AS created FROM numbers)
        SELECT 'file', id, '', purpose, created, NULL,
          printf('{text}', id, purpose, :count - n, lines * :line, created), NULL
        FROM files""",
        {"count": count, "now": int(world.now()), "line": len(_RECIPE % (0, 0))},
    )


def huge_file_id(number: int) -> str:
    """Return the id of file `number` of the huge scenario. Ids ascend, which halves the time to index them."""
    return f"file-{_HUGE - number:08x}{number * 2654435761:014x}"
