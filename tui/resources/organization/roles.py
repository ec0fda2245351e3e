"""Roles of the organization and of projects, and who has which: the same operations on several paths.

https://platform.openai.com/docs/api-reference/roles
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as Input

from tui.resources.language.asking.inputs import Among, ObjectId, Power
from tui.resources.language.cells import NO_VALUE, excerpt, own_id
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object, Request
from tui.resources.language.parts import create, delete, edit
from tui.resources.language.resource import Resource
from tui.resources.organization.common import (
    ORGANIZATION,
    Named,
    Rename,
    admin,
    identity_section,
)

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

_TEAM = "/projects/{project_id}"


class Source(Object):
    """The assignment of a role to a user or a group."""

    principal_id: str | None = None
    principal_type: str | None = None


class Role(Object):
    """A role: permissions under a name."""

    name: str | None = None
    description: str | None = None
    permissions: list[str] | None = None
    resource_type: str | None = None
    predefined_role: bool | None = None
    assignment_sources: list[Source] | None = None


Permissions = Annotated[
    list[str],
    Power(),
    Among("roles", "permissions"),
    Input(min_length=1, description="Such as api.files.read."),
]
About = Annotated[str | None, Input(description="What it is for.")]


class CreateRole(Request):
    """The request that makes a role."""

    role_name: Named = Input(title="name")
    permissions: Permissions
    description: About = None


class EditRole(Request):
    """The request that changes a role."""

    role_name: Rename = Input(None, title="name")
    permissions: Annotated[Permissions | None, Power(), Among("roles", "permissions")] = None
    description: About = None


class AssignRole(Request):
    """The request that gives somebody a role of the organization."""

    role_id: Annotated[str, ObjectId("roles"), Power()] = Input(min_length=1, description="The id of the role.")


class AssignProjectRole(Request):
    """The request that gives somebody a role of a project."""

    role_id: Annotated[str, ObjectId("project-roles"), Power()] = Input(
        min_length=1, description="The id of the role."
    )


def _kind(value: Any, _record: Record, _context: CellContext) -> Cell:
    return NO_VALUE if value is None else Cell("built in", "dim") if value else Cell("custom", "accent")


def _permissions(role: Role, _context: CellContext) -> list[tuple[str, Cell]]:
    return [("", Cell(permission)) for permission in role.permissions or []]


def _sources(role: Role, _context: CellContext) -> list[tuple[str, Cell]]:
    return [
        (one.principal_type or "", Cell(one.principal_id or "", ref=one.principal_id or ""))
        for one in role.assignment_sources or []
    ]


def _refuse_predefined(role: Role) -> str | None:
    return "it is built in" if role.predefined_role else None


_COLUMNS = (
    Column("NAME", "name", width=20),
    Column("KIND", "predefined_role", _kind, 8),
    Column("PERMISSIONS", lambda role: ", ".join(role.permissions), excerpt, 24, grow=True),
    Column("DESCRIPTION", "description", excerpt, 24, drop_order=3),
    Column("ID", "id", own_id, 17, drop_order=2),
)
_DETAIL = (
    identity_section(
        "Role",
        Field("description", "description"),
        Field("kind", "predefined_role", _kind),
        Field("applies to", "resource_type"),
    ),
    Section("Permissions", lines=_permissions),
    Section("Given through", lines=_sources),
)


def _declare_roles(
    name: str, path: str, operation: str, *, aliases: tuple[str, ...], parent: str = "", prefix: str = ""
) -> Resource[Role]:
    """Return the resource of the roles of a place; `operation` begins the names of its operations."""
    one = f"{path}/{{role_id}}"
    return Resource(
        name=name,
        singular=f"{operation}role".replace("-", " "),
        family="Organization",
        model=Role,
        aliases=aliases,
        prefixes=(prefix,) if prefix else (),
        parent=parent,
        list=admin(f"list-{operation}roles", "GET", path),
        get=admin(f"retrieve-{operation}role", "GET", one),
        page_max=1000,
        columns=_COLUMNS,
        title="name",
        detail=_DETAIL,
        actions=(
            create(admin(f"create-{operation}role", "POST", path, CreateRole), "new role"),
            edit(
                admin(f"update-{operation}role", "POST", one, EditRole),
                refuse=_refuse_predefined,
                fill=lambda role: {
                    "role_name": role.name,
                    "permissions": role.permissions,
                    "description": role.description,
                },
            ),
            delete(
                admin(f"delete-{operation}role", "DELETE", one),
                "Whoever has it loses its permissions at once.",
                refuse=_refuse_predefined,
            ),
        ),
        empty="No roles here. Press n to make one.",
    )


def _declare_assignments(name: str, parent: str, path: str, holder: str, body: type[Request]) -> Resource[Role]:
    """Return the resource of the roles somebody has; `holder` stands in the names of its operations."""
    one = f"{path}/roles/{{role_id}}"
    return Resource(
        name=name,
        singular=f"role of a {holder.replace('-', ' ')}",
        family="Organization",
        model=Role,
        parent=parent,
        list=admin(f"list-{holder}-role-assignments", "GET", f"{path}/roles"),
        get=admin(f"retrieve-{holder}-role", "GET", one),
        page_max=1000,
        columns=_COLUMNS,
        title="name",
        detail=_DETAIL,
        actions=(
            create(admin(f"assign-{holder}-role", "POST", f"{path}/roles", body), "give a role"),
            delete(
                admin(f"unassign-{holder}-role", "DELETE", one),
                "Its permissions go at once; it can be given again.",
                "withdraw",
            ),
        ),
        empty="No role was given. Press n to give one.",
    )


ROLES = _declare_roles("roles", f"{ORGANIZATION}/roles", "", aliases=("role",), prefix="role_")
PROJECT_ROLES = _declare_roles("project-roles", f"{_TEAM}/roles", "project-", aliases=("pr",), parent="projects")

_USER, _GROUP = "/users/{user_id}", "/groups/{group_id}"
USER_ROLES = _declare_assignments("user-roles", "users", f"{ORGANIZATION}{_USER}", "user", AssignRole)
GROUP_ROLES = _declare_assignments("group-roles", "groups", f"{ORGANIZATION}{_GROUP}", "group", AssignRole)
PROJECT_USER_ROLES = _declare_assignments(
    "project-user-roles", "project-users", f"{_TEAM}{_USER}", "project-user", AssignProjectRole
)
PROJECT_GROUP_ROLES = _declare_assignments(
    "project-group-roles", "project-groups", f"{_TEAM}{_GROUP}", "project-group", AssignProjectRole
)
