"""Roles of the organization and of projects, and who has which: the same operations on four paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.common import (
    Name,
    Next,
    change,
    find_row,
    look,
    next_page,
    objects,
    project,
)
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()

Permissions = Annotated[list[str], Field(min_length=1)]


class CreateRole(Body):
    """A role to make."""

    role_name: Name
    permissions: Permissions
    description: str | None = None


class UpdateRole(Body):
    """Changes to a role."""

    role_name: Name | None = None
    permissions: Permissions | None = None
    description: str | None = None


class AssignRole(Body):
    """A role to give."""

    role_id: str


def role(id_: str, name: str, permissions: list[str], resource: str, description: str | None, **more: Any) -> JSON:
    """Return a role as the platform tells it."""
    return {
        "object": "role",
        "id": id_,
        "name": name,
        "description": description,
        "permissions": permissions,
        "resource_type": f"api.{resource}",
        "predefined_role": False,
        **more,
    }


PREDEFINED: dict[str, JSON] = {
    id_: role(id_, id_.rpartition("_")[2], permissions, resource, description, predefined_role=True)
    for id_, resource, permissions, description in (
        ("role_organization_owner", "organization", ["api.all", "api.management.all"], "May do everything"),
        ("role_organization_reader", "organization", ["api.management.read"], "May see the organization"),
        ("role_project_owner", "project", ["api.all", "api.organization.projects.write"], "Runs a project"),
        ("role_project_member", "project", ["api.all"], "Works in a project"),
    )
}


def add_role(world: World, made: JSON, *, project_id: str = "", created: float) -> None:
    """Add a custom role."""
    world.put("role", made, parent=project_id, created=created)


def _find(world: World, role_id: str, project_id: str) -> JSON:
    """Return a role that can be given there. Raises `Problem` when there is none."""
    known = PREDEFINED.get(role_id)
    if known and known["resource_type"] == ("api.project" if project_id else "api.organization"):
        return known
    return look(world, find_row(world, "role", role_id, parent=project_id))


def _custom(world: World, role_id: str, project_id: str) -> Row:
    if role_id in PREDEFINED:
        raise Problem("Predefined roles cannot be changed or deleted.", param="role_id", code="predefined_role")
    return find_row(world, "role", role_id, parent=project_id)


# The roles themselves.


def _declare_roles(path: str, resource: str) -> None:
    """Declare the operations on roles below a path, of the organization or of one project."""

    @family.route("GET", path, query=Next)
    def list_roles(world: World, query: Next, project_id: str = "") -> Answer:
        if project_id:
            project(world, project_id)
        predefined = [one for one in PREDEFINED.values() if one["resource_type"] == f"api.{resource}"]
        return next_page([*predefined, *objects(world, "role", project_id)], query)

    @family.route("POST", path, body=CreateRole)
    def create_role(world: World, body: CreateRole, project_id: str = "") -> Answer:
        team = project(world, project_id, alive=True) if project_id else None
        made = role(world.new_id("role_"), body.role_name, body.permissions, resource, body.description)
        add_role(world, made, project_id=project_id, created=world.now())
        scope = {"resource_type": made["resource_type"], "resource_id": project_id or "org-acme"}
        detail = {"id": made["id"], "role_name": body.role_name, "permissions": body.permissions, **scope}
        record(world, "role.created", detail, team)
        return made

    @family.route("GET", f"{path}/{{role_id}}")
    def retrieve_role(world: World, role_id: str, project_id: str = "") -> Answer:
        return _find(world, role_id, project_id)

    @family.route("POST", f"{path}/{{role_id}}", body=UpdateRole)
    def update_role(world: World, role_id: str, body: UpdateRole, project_id: str = "") -> Answer:
        row = _custom(world, role_id, project_id)
        had = set(look(world, row).get("permissions", ()))
        changes = body.model_dump(exclude_unset=True, exclude_none=True)
        told = {name: value for name, value in changes.items() if name != "permissions"}
        if body.permissions:
            told["permissions_added"] = sorted(set(body.permissions) - had)
            told["permissions_removed"] = sorted(had - set(body.permissions))
        record(world, "role.updated", {"id": role_id, "changes_requested": told})
        if name := changes.pop("role_name", None):
            changes["name"] = name
        return change(world, row, **changes)

    @family.route("DELETE", f"{path}/{{role_id}}")
    def delete_role(world: World, role_id: str, project_id: str = "") -> Answer:
        world.remove(_custom(world, role_id, project_id))
        for row in world.rows("role_of", parent=role_id):
            world.remove(row)
            world.remove(find_row(world, "role_assignment", row.id, parent=row.id.rpartition("/")[0]))
        record(world, "role.deleted", {"id": role_id})
        return {"object": "role.deleted", "id": role_id, "deleted": True}


_declare_roles("/organization/roles", "organization")
_declare_roles("/projects/{project_id}/roles", "project")


# Who has them.


class _Holder(NamedTuple):
    """The users or groups that get roles on one path, in the organization or a project."""

    path: str
    kind: str

    def of(self, world: World, where: dict[str, str]) -> JSON:
        """Return the user or group. Raises `Problem` when there is none, or not in that project."""
        id_, project_id = where[f"{self.kind}_id"], where.get("project_id", "")
        held = look(world, find_row(world, self.kind, id_))
        if project_id:
            project(world, project_id, alive=True)
            member = find_row(
                world, f"project_{self.kind}", f"{project_id}/{id_}", parent=project_id, noun=self.kind
            )
            held = {**held, "role": look(world, member).get("role")}
        return held

    def roles(self, world: World, held: JSON, project_id: str) -> list[JSON]:
        """Return the roles of a user or group, that of its membership first."""
        own = PREDEFINED.get(f"role_{'project' if project_id else 'organization'}_{held.get('role')}")
        given = (row for row in world.rows("role_assignment", parent=f"{project_id}/{held['id']}"))
        details = [{"created_at": int(row.created), **_find(world, row.tag, project_id)} for row in given]
        return [self._detail(one, held) for one in ([own] if own else []) + details]

    def _detail(self, role_: JSON, held: JSON) -> JSON:
        """Return a role as those who have it are told."""
        made = role_.get("created_at")
        return {
            **{name: value for name, value in role_.items() if name != "object"},
            "created_at": made,
            "updated_at": made,
            "created_by": None,
            "created_by_user_obj": None,
            "metadata": {},
            "assignment_sources": [{"principal_id": held["id"], "principal_type": self.kind}],
        }


def assign(
    world: World, holder_id: str, role_id: str, *, project_id: str = "", created: float | None = None
) -> None:
    """Give somebody a role; nothing happens if they have it."""
    id_, scope = f"{project_id}/{holder_id}/{role_id}", f"{project_id}/{holder_id}"
    if not world.find("role_assignment", id_):
        world.put("role_assignment", id=id_, parent=scope, tag=role_id, facts={}, created=created)
        world.put("role_of", id=id_, parent=role_id, facts={}, created=created)


def _declare_holder(holder: _Holder) -> None:
    """Declare the four operations on the roles of somebody."""

    @family.route("GET", f"{holder.path}/roles", query=Next)
    def list_assignments(world: World, query: Next, **where: str) -> Answer:
        held = holder.of(world, where)
        return next_page(holder.roles(world, held, where.get("project_id", "")), query)

    @family.route("POST", f"{holder.path}/roles", body=AssignRole)
    def assign_role(world: World, body: AssignRole, **where: str) -> Answer:
        held, project_id = holder.of(world, where), where.get("project_id", "")
        role_ = _find(world, body.role_id, project_id)
        assign(world, held["id"], body.role_id, project_id=project_id)
        record(world, "role.assignment.created", _audit_details(holder, held, body.role_id, project_id))
        if holder.kind == "group":
            held = {"object": "group", **{name: held[name] for name in ("id", "name", "created_at")}} | {
                "scim_managed": held["is_scim_managed"]
            }
        return {"object": f"{holder.kind}.role", holder.kind: held, "role": role_}

    @family.route("GET", f"{holder.path}/roles/{{role_id}}")
    def retrieve_assignment(world: World, role_id: str, **where: str) -> Answer:
        held = holder.of(world, where)
        for one in holder.roles(world, held, where.get("project_id", "")):
            if one["id"] == role_id:
                return one
        raise Problem(f"The {holder.kind} does not have the role '{role_id}'.", status=404, param="role_id")

    @family.route("DELETE", f"{holder.path}/roles/{{role_id}}")
    def unassign_role(world: World, role_id: str, **where: str) -> Answer:
        held, project_id = holder.of(world, where), where.get("project_id", "")
        id_ = f"{project_id}/{held['id']}/{role_id}"
        world.remove(find_row(world, "role_assignment", id_, parent=f"{project_id}/{held['id']}", noun="role"))
        world.remove(find_row(world, "role_of", id_, parent=role_id))
        record(world, "role.assignment.deleted", _audit_details(holder, held, role_id, project_id))
        return {"object": f"{holder.kind}.role.deleted", "deleted": True}


def _audit_details(holder: _Holder, held: JSON, role_id: str, project_id: str) -> JSON:
    """Return the details of an assignment for the audit log."""
    return {
        "id": role_id,
        "principal_id": held["id"],
        "principal_type": holder.kind,
        "resource_id": project_id or "org-acme",
        "resource_type": "api.project" if project_id else "api.organization",
    }


for _path in ("/organization", "/projects/{project_id}"):
    for _kind in ("user", "group"):
        _declare_holder(_Holder(f"{_path}/{_kind}s/{{{_kind}_id}}", _kind))
