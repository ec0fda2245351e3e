"""Projects: made, renamed and archived, never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.common import Name, change, find_row, objects, page, project
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Listing, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, World

family = Family()

Residency = Literal[
    "GLOBAL",
    "US_STORAGE_PROCESSING",
    "EU_STORAGE_PROCESSING",
    "JP_STORAGE",
    "KR_STORAGE",
    "CA_STORAGE",
    "SG_STORAGE",
    "IN_STORAGE",
    "AU_STORAGE",
    "GB_STORAGE",
    "AE_STORAGE",
    "AE_STORAGE_PROCESSING",
]


class ProjectQuery(Listing):
    """The query of the list."""

    include_archived: bool = False


class CreateProject(Body):
    """A project to make."""

    name: Name
    residency: Residency | None = None
    external_key_id: str | None = None


class ModifyProject(Body):
    """Changes to a project."""

    name: Name | None = None
    external_key_id: str | None = None


def add_project(
    world: World, id_: str, name: str, *, created: float, residency: str | None = None, key: str | None = None
) -> JSON:
    """Add a project."""
    made: JSON = {
        "id": id_,
        "object": "organization.project",
        "name": name,
        "created_at": int(created),
        "archived_at": None,
        "status": "active",
        "external_key_id": key,
        "residency": residency or "GLOBAL",
    }
    world.put("project", made, created=created)
    return made


@family.route("GET", "/organization/projects", query=ProjectQuery)
def list_projects(world: World, query: ProjectQuery) -> Answer:
    """List projects, oldest first; without those in the archive unless asked for."""
    shown = [one for one in objects(world, "project") if query.include_archived or one.get("status") != "archived"]
    return page(shown, query)


@family.route("POST", "/organization/projects", body=CreateProject)
def create_project(world: World, body: CreateProject) -> Answer:
    """Make a project."""
    id_, now = world.new_id("proj_"), world.now()
    made = add_project(world, id_, body.name, created=now, residency=body.residency, key=body.external_key_id)
    record(world, "project.created", {"id": id_, "data": {"name": body.name, "title": body.name}}, made)
    return made


@family.route("GET", "/organization/projects/{project_id}")
def retrieve_project(world: World, project_id: str) -> Answer:
    """Retrieve a project."""
    return project(world, project_id)


@family.route("POST", "/organization/projects/{project_id}", body=ModifyProject)
def modify_project(world: World, project_id: str, body: ModifyProject) -> Answer:
    """Rename a project, or encrypt it with another key."""
    project(world, project_id, alive=True)
    _not_default(world, project_id)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    changed = change(world, find_row(world, "project", project_id), **changes)
    if "name" in changes:
        record(
            world, "project.updated", {"id": project_id, "changes_requested": {"title": changes["name"]}}, changed
        )
    return changed


@family.route("POST", "/organization/projects/{project_id}/archive")
def archive_project(world: World, project_id: str) -> Answer:
    """Put a project away for good. Its users lose it; what it used stays on the bill."""
    project(world, project_id, alive=True)
    _not_default(world, project_id)
    archived = archive(world, project_id, world.now())
    record(world, "project.archived", {"id": project_id}, archived)
    return archived


def archive(world: World, project_id: str, moment: float) -> JSON:
    """Put a project away."""
    row = find_row(world, "project", project_id)
    archived = change(world, row, status="archived", archived_at=int(moment))
    for kind in ("project_user", "project_group"):
        for member in world.rows(kind, parent=project_id):
            world.remove(member)
    return archived


def _not_default(world: World, project_id: str) -> None:
    if project_id == world.meta("default project", ""):
        raise Problem("The default project cannot be updated or archived.", param="project_id")
