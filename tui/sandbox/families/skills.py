"""Skills: instructions and code that models take up when they need them, in versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from tui.sandbox.bundles import BadBundle, Bundle, pack, read_zip
from tui.sandbox.family import Family
from tui.sandbox.lists import list_stored
from tui.sandbox.protocol import Answer, Body, Fields, Listing, Problem, json_response
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

_KIND = "skill"
_VERSION = "skill.version"


class SkillForm(Fields):
    """The files of a skill: each with its path, or all in one zip."""

    files: Annotated[list[UploadFile], Field(min_length=1, max_length=500)] | UploadFile


class VersionForm(SkillForm):
    """The files of a version, and whether it is the one to use from now."""

    default: bool = False


class SetDefault(Body):
    """The version to use."""

    default_version: str


class SkillQuery(Listing):
    """The query of the lists."""

    limit: Annotated[int, Field(ge=0, le=100)] = 20
    order: Literal["asc", "desc"] = "desc"


@family.route("GET", "/skills", query=SkillQuery)
def list_skills(world: World, query: SkillQuery) -> Answer:
    """List skills, newest first unless asked otherwise."""
    return list_stored(world, _KIND, after=query.after, limit=query.limit, newest=query.order == "desc")


@family.route("POST", "/skills", form=SkillForm)
def create_skill(world: World, form: SkillForm) -> Answer:
    """Make a skill of its first version."""
    return json_response(world.text(_make(world, _bundle(form))))


@family.route("GET", "/skills/{skill_id}")
def retrieve_skill(world: World, skill_id: str) -> Answer:
    """Retrieve a skill."""
    return json_response(world.text(_find(world, skill_id)))


@family.route("POST", "/skills/{skill_id}", body=SetDefault)
def set_default(world: World, skill_id: str, body: SetDefault) -> Answer:
    """Choose the version to use."""
    row = _find(world, skill_id)
    version = _version(world, row, body.default_version)
    return json_response(world.text(world.derive(row, {"default": version.tag}, None)))


@family.route("DELETE", "/skills/{skill_id}")
def delete_skill(world: World, skill_id: str) -> Answer:
    """Delete a skill with all its versions."""
    row = _find(world, skill_id)
    for version in world.rows(_VERSION, parent=row.id):
        _remove(world, version)
    world.remove(row)
    return {"id": skill_id, "object": "skill.deleted", "deleted": True}


@family.route("GET", "/skills/{skill_id}/content")
def download_skill(world: World, skill_id: str) -> Answer:
    """Download the zip of the version that is used."""
    row = _find(world, skill_id)
    return _zip(world, _version(world, row, row.known.get("default", "")))


@family.route("GET", "/skills/{skill_id}/versions", query=SkillQuery)
def list_versions(world: World, skill_id: str, query: SkillQuery) -> Answer:
    """List the versions of a skill, newest first unless asked otherwise."""
    parent, newest = _find(world, skill_id).id, query.order == "desc"
    return list_stored(world, _VERSION, after=query.after, limit=query.limit, newest=newest, parent=parent)


@family.route("POST", "/skills/{skill_id}/versions", form=VersionForm)
def create_version(world: World, skill_id: str, form: VersionForm) -> Answer:
    """Add a version."""
    row = _find(world, skill_id)
    version = _add(world, row, _bundle(form), created=world.now())
    if form.default:
        world.derive(row, {"default": version.tag}, None)
    return json_response(world.text(version))


@family.route("GET", "/skills/{skill_id}/versions/{version}")
def retrieve_version(world: World, skill_id: str, version: str) -> Answer:
    """Retrieve a version."""
    return json_response(world.text(_version(world, _find(world, skill_id), version)))


@family.route("DELETE", "/skills/{skill_id}/versions/{version}")
def delete_version(world: World, skill_id: str, version: str) -> Answer:
    """Delete a version that is not the one to use."""
    row = _find(world, skill_id)
    found = _version(world, row, version)
    if found.tag == row.known.get("default"):
        raise Problem("Cannot delete the default version of a skill.", param="version", code="invalid_value")
    _remove(world, found)
    return {"id": found.id, "object": "skill.version.deleted", "deleted": True, "version": version}


@family.route("GET", "/skills/{skill_id}/versions/{version}/content")
def download_version(world: World, skill_id: str, version: str) -> Answer:
    """Download the zip of a version."""
    return _zip(world, _version(world, _find(world, skill_id), version))


@family.shows(_KIND)
def _show(world: World, row: Row) -> JSON:
    *_, latest = versions = list(world.rows(_VERSION, parent=row.id))
    default = next(version for version in versions if version.tag == row.known["default"])
    told: JSON = json.loads(world.text(default))
    return {
        "id": row.id,
        "object": _KIND,
        "name": told["name"],
        "description": told["description"],
        "created_at": int(row.created),
        "default_version": default.tag,
        "latest_version": latest.tag,
    }


def _bundle(form: SkillForm) -> Bundle:
    """Return the bundle in a form. Raises `Problem`."""
    files = form.files if isinstance(form.files, list) else [form.files]
    contents = {file.filename or "": file.file.read() for file in files}
    try:
        if len(files) == 1 and (files[0].filename or "").endswith(".zip"):
            return read_zip(next(iter(contents.values())))
        return pack(contents)
    except BadBundle as why:
        raise Problem(str(why), param="files", code="invalid_skill") from None


def _make(world: World, bundle: Bundle, *, created: float | None = None) -> Row:
    created = world.now() if created is None else created
    row = world.put(_KIND, id=world.new_id("skill_", 32), facts={"default": "1"}, created=created)
    _add(world, row, bundle, created=created)
    return row


def _add(world: World, row: Row, bundle: Bundle, *, created: float) -> Row:
    number = max((int(version.tag) for version in world.rows(_VERSION, parent=row.id)), default=0) + 1
    version: dict[str, Any] = {
        "id": world.new_id("skillver_", 32),
        "object": _VERSION,
        "skill_id": row.id,
        "version": str(number),
        "created_at": int(created),
        "name": bundle.name,
        "description": bundle.description,
    }
    world.content(version["id"]).write_bytes(bundle.content)
    return world.put(_VERSION, version, created=created, parent=row.id, tag=str(number))


def _remove(world: World, version: Row) -> None:
    world.remove(version)
    world.content(version.id).unlink(missing_ok=True)


def _zip(world: World, version: Row) -> FileResponse:
    return FileResponse(world.content(version.id), media_type="application/zip")


def _find(world: World, id_: str) -> Row:
    row = world.find(_KIND, id_)
    if not row:
        raise Problem(f"Skill with id '{id_}' not found.", status=404)
    return row


def _version(world: World, skill: Row, number: str) -> Row:
    for row in world.rows(_VERSION, parent=skill.id):
        if row.tag == number:
            return row
    raise Problem(f"Skill '{skill.id}' has no version '{number}'.", status=404)


# What scenarios start with.

_DAY = 86400
_SKILLS = (
    ("expense-report", "Turn a folder of receipts into an expense report.", 2),
    ("brand-voice", "Rewrite text in the voice of the company.", 1),
    ("incident-summary", "Summarize an incident from its log for people who were not there.", 3),
)


@family.seeds
def _seed(world: World, scenario: str) -> None:
    for place, (name, description, versions) in enumerate(_SKILLS):
        created = world.now() - (20 - 5 * place) * _DAY
        row = _make(world, _pack(name, description, 1), created=created)
        for number in range(1, versions):
            _add(world, row, _pack(name, description, number + 1), created=created + number * _DAY)
        world.derive(row, {"default": str(max(versions - 1, 1))}, None)
    if scenario == "nasty":
        _make(world, _pack(HOSTILE[7], HOSTILE[2] + HOSTILE[6], 1))
        world.put(_KIND, {"id": "skill_odd_bare", "object": _KIND})
        world.put(
            _KIND, {"id": "skill_odd_types", "object": _KIND, "name": 7, "default_version": 2, "created_at": "x"}
        )


def _pack(name: str, description: str, version: int) -> Bundle:
    text = f"---\nname: {name}\ndescription: {description}\n---\n\n# {name}\n\n[simulated] Version {version}.\n"
    return pack({f"{name}/SKILL.md": text.encode(), f"{name}/scripts/run.py": b'print("[simulated]")\n'})
