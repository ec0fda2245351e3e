"""Containers of the code interpreter, and the files in them. No code runs in the sandbox."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from tui.sandbox.families.files import content_of, filename_of, find_file
from tui.sandbox.family import Family
from tui.sandbox.lists import list_stored
from tui.sandbox.protocol import Answer, Body, Fields, Listing, Problem, json_response
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from typing import BinaryIO

    from tui.sandbox.world import JSON, Row, World

family = Family()

_KIND = "container"
_FILE = "container.file"
_MINUTES = 20  # that a container lives unused


class ContainerExpiry(Body):
    """The minutes a container lives after it was last used."""

    anchor: Literal["last_active_at"]
    minutes: Annotated[int, Field(ge=1)]


class SkillReference(Body):
    """A skill that the platform has."""

    type: Literal["skill_reference"]
    skill_id: Annotated[str, Field(min_length=1, max_length=64)]
    version: str | None = None


class SkillSource(Body):
    """The zip of a skill inside a request."""

    type: Literal["base64"]
    media_type: Literal["application/zip"]
    data: str


class InlineSkill(Body):
    """A skill that comes with the request."""

    type: Literal["inline"]
    name: str
    description: str
    source: SkillSource


class NoNetwork(Body):
    """A container that reaches nothing."""

    type: Literal["disabled"]


class Secret(Body):
    """A secret that requests to a domain are given, unseen by the code."""

    domain: str
    name: str
    value: str


class Allowlist(Body):
    """A container that reaches some domains."""

    type: Literal["allowlist"]
    allowed_domains: Annotated[list[str], Field(min_length=1)]
    domain_secrets: Annotated[list[Secret], Field(min_length=1)] | None = None


class CreateContainer(Body):
    """A container to start."""

    name: str
    file_ids: list[str] = []
    expires_after: ContainerExpiry | None = None
    skills: list[Annotated[SkillReference | InlineSkill, Field(discriminator="type")]] = []
    memory_limit: Literal["1g", "4g", "16g", "64g"] = "1g"
    network_policy: Annotated[NoNetwork | Allowlist, Field(discriminator="type")] | None = None


class ContainerFileQuery(Listing):
    """The query of the list of files."""

    order: Literal["asc", "desc"] = "desc"


class ContainerQuery(ContainerFileQuery):
    """The query of the list of containers."""

    name: str = ""


class ContainerFileForm(Fields):
    """A file to put into a container: its bytes, or the id of one that is uploaded."""

    file: UploadFile | None = None
    file_id: str | None = None


@family.route("GET", "/containers", query=ContainerQuery)
def list_containers(world: World, query: ContainerQuery) -> Answer:
    """List containers, newest first unless asked otherwise."""
    newest = query.order == "desc"
    return list_stored(world, _KIND, after=query.after, limit=query.limit, newest=newest, tag=query.name)


@family.route("POST", "/containers", body=CreateContainer)
def create_container(world: World, body: CreateContainer) -> Answer:
    """Start a container with copies of files."""
    files = [find_file(world, file_id) for file_id in body.file_ids]
    for number, skill in enumerate(body.skills):
        # Those of the platform itself are not listed anywhere.
        id_ = skill.skill_id if isinstance(skill, SkillReference) else "openai-"
        if not id_.startswith("openai-") and not world.find("skill", id_):
            message = f"Skill with id '{id_}' not found."
            raise Problem(message, status=404, param=f"skills[{number}].skill_id")
    minutes = body.expires_after.minutes if body.expires_after else _MINUTES
    policy = body.network_policy.model_dump(exclude={"domain_secrets"}) if body.network_policy else None
    row = _start(world, body.name, minutes=minutes, memory=body.memory_limit, policy=policy)
    for file in files:
        _copy(world, row, file.id)
    return json_response(world.text(row))


@family.route("GET", "/containers/{container_id}")
def retrieve_container(world: World, container_id: str) -> Answer:
    """Retrieve a container."""
    return json_response(world.text(_find(world, container_id)))


@family.route("DELETE", "/containers/{container_id}")
def delete_container(world: World, container_id: str) -> Answer:
    """Delete a container with its files."""
    row = _find(world, container_id)
    for file in world.rows(_FILE, parent=row.id):
        world.remove_with_content(file)
    world.remove(row)
    return {"id": row.id, "object": "container.deleted", "deleted": True}


@family.route("GET", "/containers/{container_id}/files", query=ContainerFileQuery)
def list_files(world: World, container_id: str, query: ContainerFileQuery) -> Answer:
    """List the files of a container, newest first unless asked otherwise."""
    parent, newest = _use(world, container_id).id, query.order == "desc"
    return list_stored(world, _FILE, after=query.after, limit=query.limit, newest=newest, parent=parent)


@family.route("POST", "/containers/{container_id}/files", form=ContainerFileForm)
def create_file(world: World, container_id: str, form: ContainerFileForm) -> Answer:
    """Put a file into a container."""
    row = _use(world, container_id)
    if (form.file is None) == (form.file_id is None):
        raise Problem(
            "Provide exactly one of 'file' and 'file_id'.", param="file", code="missing_required_parameter"
        )
    if form.file:
        return _add(world, row, form.file.filename or "upload", form.file.file)
    return _copy(world, row, find_file(world, form.file_id or "").id)


@family.route("GET", "/containers/{container_id}/files/{file_id}")
def retrieve_file(world: World, container_id: str, file_id: str) -> Answer:
    """Retrieve a file of a container."""
    return json_response(world.text(_find_file(world, container_id, file_id)))


@family.route("DELETE", "/containers/{container_id}/files/{file_id}")
def delete_file(world: World, container_id: str, file_id: str) -> Answer:
    """Delete a file of a container. The one it was copied from stays."""
    world.remove_with_content(_find_file(world, container_id, file_id))
    return {"id": file_id, "object": "container.file.deleted", "deleted": True}


@family.route("GET", "/containers/{container_id}/files/{file_id}/content")
def download_file(world: World, container_id: str, file_id: str) -> Answer:
    """Download the bytes of a file of a container, whole or a range."""
    path = world.content(_find_file(world, container_id, file_id).id)
    return FileResponse(path, media_type="application/octet-stream")


@family.shows(_KIND)
def _show(world: World, row: Row) -> JSON:
    known = row.known
    return {
        "id": row.id,
        "object": "container",
        "created_at": int(row.created),
        "status": "expired" if _is_over(world, row) else "running",
        "expires_after": {"anchor": "last_active_at", "minutes": known["minutes"]},
        "last_active_at": int(known["active"]),
        "memory_limit": known["memory"],
        **({"network_policy": known["policy"]} if known["policy"] else {}),
        "name": row.tag,
    }


def _start(
    world: World,
    name: str,
    *,
    minutes: int = _MINUTES,
    memory: str = "1g",
    policy: JSON | None = None,
    created: float | None = None,
) -> Row:
    created = world.now() if created is None else created
    facts = {"minutes": minutes, "memory": memory, "policy": policy, "active": created}
    return world.put(_KIND, id=world.new_id("cntr_", 48), facts=facts, created=created, tag=name)


def _is_over(world: World, row: Row) -> bool:
    known = row.known
    return row.text is None and bool(known["active"] + known["minutes"] * 60 <= world.now())


def _find(world: World, id_: str) -> Row:
    row = world.find(_KIND, id_)
    if not row:
        raise Problem(f"Container with id '{id_}' not found.", status=404)
    return row


def _use(world: World, id_: str) -> Row:
    """Find a container and note its use. Raises `Problem`, also when it has expired."""
    row = _find(world, id_)
    if _is_over(world, row):
        raise Problem("Container is expired.", status=404, code="container_expired")
    return world.derive(row, {**row.known, "active": world.now()}, None)


def _find_file(world: World, container_id: str, file_id: str) -> Row:
    row = world.find(_FILE, file_id)
    if not row or row.parent != _use(world, container_id).id:
        message = f"Container file with id '{file_id}' not found in container '{container_id}'."
        raise Problem(message, status=404)
    return row


def _copy(world: World, container: Row, file_id: str) -> JSON:
    with content_of(world, file_id).open("rb") as content:
        return _add(world, container, filename_of(world, file_id), content)


def _add(world: World, container: Row, name: str, content: BinaryIO, *, source: str = "user") -> JSON:
    id_ = world.new_id("cfile_", 32)
    with world.content(id_).open("wb") as sink:
        shutil.copyfileobj(content, sink, 2**20)
    created = max(container.created, container.known["active"])
    file = {
        "id": id_,
        "object": "container.file",
        "created_at": int(created),
        "bytes": world.content(id_).stat().st_size,
        "container_id": container.id,
        "path": f"/mnt/data/{name}",
        "source": source,
    }
    world.put(_FILE, file, created=created, parent=container.id)
    return file


# What scenarios start with.

_CSV = b"month,orders,returns\n2026-08,1204,31\n2026-09,1377,28\n2026-10,1591,44\n"
_CHART = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text y="15">[simulated]</text></svg>\n'
_MACHINES = (
    ("orders-analysis", 45.0, 600, "4g", None),
    ("catalogue-cleanup", 170.0, 120, "1g", {"type": "disabled"}),
    ("nightly-report", 9.0, 20, "1g", {"type": "allowlist", "allowed_domains": ["api.example.com"]}),
    ("forecast-q4", 2.0, 1440, "16g", None),
)


@family.seeds
def _seed(world: World, scenario: str) -> None:
    for name, age, minutes, memory, policy in _MACHINES:
        row = _start(world, name, minutes=minutes, memory=memory, policy=policy, created=world.now() - age * 60)
        _add(world, row, "orders.csv", io.BytesIO(_CSV))
        _add(world, row, "chart.svg", io.BytesIO(_CHART), source="assistant")
    if scenario == "huge":
        for number in range(100):
            _start(world, f"worker-{number}", created=world.now() - number * 300)
    if scenario == "nasty":
        row = _start(world, HOSTILE[7], minutes=10**6)
        for name in HOSTILE:
            _add(world, row, name, io.BytesIO(b"odd\n"))
        plain = {"object": "container", "created_at": int(world.now()), "name": "odd", "status": "running"}
        odd: list[JSON] = [
            {"id": "cntr_odd_status", **plain, "status": "hibernating", "last_active_at": "yesterday"},
            {"id": "cntr_odd_nulls", **dict.fromkeys(plain)},
            {"id": "cntr_odd_bare", "object": "container"},
            {"id": "cntr_odd_expiry", **plain, "expires_after": {"anchor": "birth", "minutes": "20"}},
        ]
        for container in odd:
            world.put(_KIND, container)
