"""Files: what the platform stores for batches, fine-tuning, vector stores and models.

https://platform.openai.com/docs/api-reference/files
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.fine_tuning.training import check_any_examples
from tui.resources.language.action import Action, Ask, Fetch, Open
from tui.resources.language.asking.inputs import Check, LocalFile, Own, Report
from tui.resources.language.cells import NOT_KNOWN, age, instant, own_id, size, status, until
from tui.resources.language.checks import check_items, check_requests
from tui.resources.language.column import Cell, CellContext, Column, Field, Section
from tui.resources.language.objects import Object, Request, Time
from tui.resources.language.parts import delete
from tui.resources.language.reading.statuses import Status
from tui.resources.language.resource import Resource, ServerFilter
from tui.resources.language.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.asking.inputs import Source
    from tui.resources.language.objects import Record

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]
PartsPurpose = Literal["assistants", "batch", "fine-tune", "vision"]  # of what goes up in parts
PURPOSES = (*get_args(Purpose), "assistants_output", "batch_output", "fine-tune-results")
_USERS_SHOWN = 20  # objects that use a file, in its detail
# The platform answers a download of these with an error; what it made itself can be fetched.
CLOSED_PURPOSES = ("assistants", "user_data", "vision")
BEGINNING = ("batch", "fine-tune")  # the purposes of files that a batch or a job begins with


class FileUser(Object):
    """An object that names a file, its resource, what people call it, where in it, and its metadata by line."""

    resource: str = ""
    name: str = ""
    where: str = ""
    labels: str = ""


class File(Object):
    """A stored file. `bytes` is its size."""

    bytes: int | None = None
    created_at: Time = None
    expires_at: Time = None
    filename: str | None = None
    purpose: str | None = None
    status: Status = None
    status_details: str | None = None
    used_by: list[FileUser] | None = None
    """What names it, as far as o9s has read it; None where that is not known."""


class FileExpiry(Request):
    """When a file is deleted by itself."""

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Unit.SECONDS] = Input(
        ge=3_600,
        le=2_592_000,
        title="delete after",
        description="1h to 30d after the upload. Files of purpose batch go after 30d anyway.",
    )


# What a file is read for later, by its purpose: it is checked for that before it goes up.
_CHECKS: dict[str, Check] = {"batch": check_requests, "fine-tune": check_any_examples, "evals": check_items}


def check_upload(file: Source, values: Mapping[str, Any]) -> Report:
    """Check a file to be stored as what its purpose makes of it will be: a batch, a job, an eval."""
    if check := _CHECKS.get(str(values.get("purpose"))):
        return check(file, values)
    report = Report()
    if not file.size:
        report.fault(0, "The file is empty")
    return report


class CreateFile(Request):
    """The request that uploads a file."""

    file: Annotated[str, LocalFile(check_upload)] = Input(
        description="A file on this machine. Above 512 MB it goes up in parts."
    )
    purpose: Annotated[Purpose, Own()] = Input(
        examples=["batch"], description="What it is for. It cannot be changed later."
    )
    expires_after: FileExpiry | None = None


class CreateUpload(Request):
    """The request that opens an upload in parts."""

    filename: str
    purpose: PartsPurpose
    bytes: int
    mime_type: str
    expires_after: FileExpiry | None = None


class AddPart(Request):
    """The request that sends one part, up to 64 MB."""

    data: Annotated[str, LocalFile()]


class CompleteUpload(Request):
    """The request that joins the parts, in this order, to a file."""

    part_ids: list[str]
    md5: str | None = None


def _name_users(_value: Any, record: Record, _context: CellContext) -> Cell:
    """Name the first object that uses a file, and count the others."""
    users = record.object.used_by
    if users is None:
        return NOT_KNOWN
    if not users:
        return Cell("nothing", "dim")
    more = f" +{len(users) - 1:,}" if len(users) > 1 else ""
    return Cell(f"{users[0].name or users[0].id}{more}")


def _list_users(file: File, context: CellContext) -> list[tuple[str, Cell]]:
    """Return a line for each object that uses a file."""
    if file.used_by is None:
        return [("", Cell("not known" if "used_by" not in context.reading else "being read", "dim"))]
    lines = [
        (user.where, Cell(f"{user.name} {user.id}".strip(), ref=user.id)) for user in file.used_by[:_USERS_SHOWN]
    ]
    more = len(file.used_by) - len(lines)
    return [*lines, *([("", Cell(f"and {more:,} more: u lists them", "dim"))] if more else [])] or [
        ("", Cell("nothing that was read", "dim"))
    ]


def _refuse_download(file: File) -> str | None:
    if file.purpose in CLOSED_PURPOSES:
        return f"the platform does not give back files of purpose {file.purpose}"
    return None


def _refuse_begin(file: File) -> str | None:
    return None if file.purpose in BEGINNING else "it is neither for batches nor for fine-tuning"


_DELETE_WARNING = "It is also removed from every vector store that holds it. This cannot be undone."

CONTENT = Operation("downloadFile", "GET", "/files/{file_id}/content")

FILES: Resource[File] = Resource(
    name="files",
    singular="file",
    family="Files",
    model=File,
    aliases=("f", "file"),
    prefixes=("file-", "file_"),
    list=Operation("listFiles", "GET", "/files"),
    get=Operation("retrieveFile", "GET", "/files/{file_id}"),
    query={"order": "desc"},
    filters=(ServerFilter("purpose", PURPOSES),),
    page_max=10_000,
    title="filename",
    columns=(
        Column("NAME", "filename", width=18, grow=True),
        Column("PURPOSE", "purpose", width=17),
        Column("SIZE", "bytes", size, 9, align="right", first_sort="down"),
        Column("AGE", "created_at", age, 5, align="right", first_sort="down"),
        Column("USED BY", "used_by", _name_users, 20, drop_order=5, beside="used_by"),
        Column("EXPIRES", "expires_at", until, 7, align="right", drop_order=3),
        Column("STATUS", "status", status, 12, drop_order=8, wide=True),
        Column("ID", "id", own_id, 17, drop_order=2),
    ),
    stops="expires_at",
    spare=lambda file, _: "nothing uses it" if file.used_by == [] else None,
    attention=lambda file, _: file.status_details or "its processing failed" if file.status == "failed" else None,
    detail=(
        Section(
            "File",
            (
                Field("id", "id", own_id),
                Field("name", "filename"),
                Field("purpose", "purpose"),
                Field("size", "bytes", size),
                Field("created", "created_at", instant),
                Field("expires", "expires_at", instant),
                Field("status", "status", status),
                Field("details", "status_details"),
            ),
        ),
        Section("Used by", lines=_list_users),
    ),
    actions=(
        Action(
            "upload",
            "n",
            "upload",
            Ask(
                Operation("createFile", "POST", "/files", body=CreateFile, multipart=True),
                uses=(
                    Operation("createUpload", "POST", "/uploads", body=CreateUpload),
                    Operation("addUploadPart", "POST", "/uploads/{upload_id}/parts", body=AddPart, multipart=True),
                    Operation("completeUpload", "POST", "/uploads/{upload_id}/complete", body=CompleteUpload),
                    Operation("cancelUpload", "POST", "/uploads/{upload_id}/cancel"),
                ),
            ),
            on="list",
        ),
        Action("view", "enter", "view content", Fetch(CONTENT, "screen"), refuse=_refuse_download),
        Action("download", "D", "download", Fetch(CONTENT, "disk"), on="many", refuse=_refuse_download),
        Action("begin", "", "new batch or job with it", Open("begin_with_file", CONTENT), refuse=_refuse_begin),
        delete(Operation("deleteFile", "DELETE", "/files/{file_id}"), _DELETE_WARNING),
    ),
    enter="view",
    screen="files",
    empty="No files yet. Those you upload and those that jobs make appear here. Press n to upload one.",
)
