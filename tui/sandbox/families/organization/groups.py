"""Groups of people, and the projects that groups are let into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.common import (
    Name,
    Next,
    Order,
    change,
    find_row,
    look,
    next_page,
    objects,
    project,
)
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Fields, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

_GROUPS = "/organization/groups"
_TEAMS = "/organization/projects/{project_id}/groups"


class GroupQuery(Next):
    """The query of the list of groups."""

    limit: Annotated[int, Field(ge=0, le=1000)] = 100


class GroupUserQuery(GroupQuery):
    """The query of the list of a group's people."""

    order: Order = "desc"


class ProjectGroupQuery(Next):
    """The query of the list of a project's groups."""

    limit: Annotated[int, Field(ge=0, le=100)] = 20


class OneGroupQuery(Fields):
    """The kind of the group to look for."""

    group_type: Literal["group", "tenant_group"] = "group"


class NameGroup(Body):
    """The name of a group."""

    name: Name


class AddGroupUser(Body):
    """Somebody to add."""

    user_id: str


class AddProjectGroup(Body):
    """A group to let into a project."""

    group_id: str
    role: str


def add_group(world: World, id_: str, name: str, *, created: float, scim: bool = False) -> JSON:
    """Add a group. With `scim` it belongs to the identity provider."""
    group: JSON = {
        "object": "group",
        "id": id_,
        "name": name,
        "created_at": int(created),
        "is_scim_managed": scim,
        "group_type": "group",
    }
    world.put("group", group, created=created)
    return group


def add_group_user(world: World, group_id: str, user: JSON, *, created: float) -> None:
    """Add somebody to a group."""
    member = {
        "object": "organization.user",
        "id": user["id"],
        "name": user.get("name"),
        "email": user.get("email"),
        "picture": None,
        "is_service_account": False,
        "user_type": "user",
    }
    world.put("group_user", member, id=f"{group_id}/{user['id']}", parent=group_id, created=created)


def add_project_group(world: World, project_id: str, group: JSON, *, created: float) -> JSON:
    """Add a group to a project."""
    grant: JSON = {
        "object": "project.group",
        "project_id": project_id,
        "group_id": group["id"],
        "group_name": group["name"],
        "group_type": group["group_type"],
        "created_at": int(created),
    }
    world.put("project_group", grant, id=f"{project_id}/{group['id']}", parent=project_id, created=created)
    return grant


def _ours(world: World, group_id: str) -> Row:
    """Return a group that can be changed here. Raises `Problem`."""
    row = find_row(world, "group", group_id)
    if look(world, row).get("is_scim_managed"):
        message = "This group is managed through SCIM. Change it with your identity provider."
        raise Problem(message, param="group_id", code="scim_managed")
    return row


@family.route("GET", _GROUPS, query=GroupQuery)
def list_groups(world: World, query: GroupQuery) -> Answer:
    """List groups, oldest first."""
    return next_page(list(objects(world, "group")), query)


@family.route("POST", _GROUPS, body=NameGroup)
def create_group(world: World, body: NameGroup) -> Answer:
    """Make a group."""
    group = add_group(world, world.new_id("group_"), body.name, created=world.now())
    record(world, "group.created", {"id": group["id"], "data": {"group_name": body.name}})
    return group


@family.route("GET", f"{_GROUPS}/{{group_id}}")
def retrieve_group(world: World, group_id: str) -> Answer:
    """Retrieve a group."""
    return look(world, find_row(world, "group", group_id))


@family.route("POST", f"{_GROUPS}/{{group_id}}", body=NameGroup)
def update_group(world: World, group_id: str, body: NameGroup) -> Answer:
    """Rename a group."""
    group = change(world, _ours(world, group_id), name=body.name)
    record(world, "group.updated", {"id": group_id, "changes_requested": {"group_name": body.name}})
    return group


@family.route("DELETE", f"{_GROUPS}/{{group_id}}")
def delete_group(world: World, group_id: str) -> Answer:
    """Delete a group, and what was granted through it."""
    world.remove(_ours(world, group_id))
    for row in world.rows("group_user", parent=group_id):
        world.remove(row)
    for one in objects(world, "project"):
        if grant := world.find("project_group", f"{one['id']}/{group_id}"):
            world.remove(grant)
    record(world, "group.deleted", {"id": group_id})
    return {"object": "group.deleted", "id": group_id, "deleted": True}


# The people of a group.


@family.route("GET", f"{_GROUPS}/{{group_id}}/users", query=GroupUserQuery)
def list_group_users(world: World, group_id: str, query: GroupUserQuery) -> Answer:
    """List the people of a group, those who joined last ahead."""
    find_row(world, "group", group_id)
    return next_page(list(objects(world, "group_user", group_id)), query)


@family.route("POST", f"{_GROUPS}/{{group_id}}/users", body=AddGroupUser)
def create_group_user(world: World, group_id: str, body: AddGroupUser) -> Answer:
    """Add somebody to a group."""
    _ours(world, group_id)
    user = look(world, find_row(world, "user", body.user_id))
    if not world.find("group_user", f"{group_id}/{body.user_id}"):
        add_group_user(world, group_id, user, created=world.now())
    return {"object": "group.user", "group_id": group_id, "user_id": body.user_id}


@family.route("GET", f"{_GROUPS}/{{group_id}}/users/{{user_id}}")
def retrieve_group_user(world: World, group_id: str, user_id: str) -> Answer:
    """Retrieve one of a group's people."""
    return look(world, find_row(world, "group_user", f"{group_id}/{user_id}", parent=group_id, noun="user"))


@family.route("DELETE", f"{_GROUPS}/{{group_id}}/users/{{user_id}}")
def delete_group_user(world: World, group_id: str, user_id: str) -> Answer:
    """Take somebody out of a group."""
    _ours(world, group_id)
    world.remove(find_row(world, "group_user", f"{group_id}/{user_id}", parent=group_id, noun="user"))
    return {"object": "group.user.deleted", "deleted": True}


# The groups of a project.


@family.route("GET", _TEAMS, query=ProjectGroupQuery)
def list_project_groups(world: World, project_id: str, query: ProjectGroupQuery) -> Answer:
    """List the groups of a project, those let in first ahead."""
    project(world, project_id)
    return next_page(list(objects(world, "project_group", project_id)), query, key="group_id")


@family.route("POST", _TEAMS, body=AddProjectGroup)
def create_project_group(world: World, project_id: str, body: AddProjectGroup) -> Answer:
    """Add a group to a project."""
    project(world, project_id, alive=True)
    group = look(world, find_row(world, "group", body.group_id))
    if world.find("project_group", f"{project_id}/{body.group_id}"):
        raise Problem(f"Group '{body.group_id}' already has access to the project.", param="group_id")
    return add_project_group(world, project_id, group, created=world.now())


@family.route("GET", f"{_TEAMS}/{{group_id}}", query=OneGroupQuery)
def retrieve_project_group(world: World, project_id: str, group_id: str, query: OneGroupQuery) -> Answer:
    """Retrieve one of a project's groups."""
    row = find_row(world, "project_group", f"{project_id}/{group_id}", parent=project_id, noun="group")
    grant = look(world, row)
    if grant.get("group_type") != query.group_type:
        raise Problem(f"No {query.group_type} found with id '{group_id}'.", status=404, param="group_id")
    return grant


@family.route("DELETE", f"{_TEAMS}/{{group_id}}")
def delete_project_group(world: World, project_id: str, group_id: str) -> Answer:
    """Take a project away from a group."""
    project(world, project_id, alive=True)
    world.remove(find_row(world, "project_group", f"{project_id}/{group_id}", parent=project_id, noun="group"))
    return {"object": "project.group.deleted", "deleted": True}
