"""The members of a project: its users and its service accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.common import Name, change, find_row, look, objects, page, project
from tui.sandbox.families.organization.keys import new_account_key
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Listing, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, World

family = Family()

Role = Literal["owner", "member"]
_USERS = "/organization/projects/{project_id}/users"
_ACCOUNTS = "/organization/projects/{project_id}/service_accounts"


class AddUser(Body):
    """Somebody of the organization to let into a project, by id or address."""

    role: Role
    user_id: str | None = None
    email: str | None = None


class ModifyMember(Body):
    """Another role."""

    role: Role | None = None


class CreateAccount(Body):
    """A service account to make, with a key unless told otherwise."""

    name: Name
    create_service_account_only: bool | None = None
    expires_in_seconds: Annotated[int, Field(ge=1)] | None = None


class ModifyAccount(Body):
    """Changes to a service account."""

    name: Name | None = None
    role: Role | None = None


class CreateAccountKey(Body):
    """A key to make for a service account."""

    name: Name | None = None
    scopes: list[str] | None = None
    expires_in_seconds: Annotated[int, Field(ge=1)] | None = None


# Users.


def add_member(world: World, project_id: str, user: JSON, role: str, *, added: float) -> JSON:
    """Add somebody to a project."""
    member: JSON = {
        "object": "organization.project.user",
        "id": user["id"],
        "name": user.get("name"),
        "email": user.get("email"),
        "role": role,
        "added_at": int(added),
    }
    world.put("project_user", member, id=f"{project_id}/{user['id']}", parent=project_id, created=added)
    return member


@family.route("GET", _USERS, query=Listing)
def list_members(world: World, project_id: str, query: Listing) -> Answer:
    """List the users of a project."""
    project(world, project_id, alive=True)
    return page(list(objects(world, "project_user", project_id)), query)


@family.route("POST", _USERS, body=AddUser)
def create_member(world: World, project_id: str, body: AddUser) -> Answer:
    """Add somebody of the organization to a project."""
    team = project(world, project_id, alive=True)
    if not body.user_id and not body.email:
        raise Problem(
            "One of 'user_id' and 'email' is required.", param="user_id", code="missing_required_parameter"
        )
    users = objects(world, "user")
    user = next((one for one in users if body.user_id == one["id"] or body.email == one.get("email")), None)
    if not user:
        raise Problem("Users must be members of the organization to be added to a project.", param="user_id")
    if world.find("project_user", f"{project_id}/{user['id']}"):
        raise Problem(
            f"User '{user['id']}' is already in the project.", param="user_id", code="user_already_exists"
        )
    member = add_member(world, project_id, user, body.role, added=world.now())
    record(world, "user.added", {"id": user["id"], "data": {"role": body.role}}, team)
    return member


@family.route("GET", f"{_USERS}/{{user_id}}")
def retrieve_member(world: World, project_id: str, user_id: str) -> Answer:
    """Retrieve a user of a project."""
    project(world, project_id, alive=True)
    return look(world, find_row(world, "project_user", f"{project_id}/{user_id}", parent=project_id, noun="user"))


@family.route("POST", f"{_USERS}/{{user_id}}", body=ModifyMember)
def modify_member(world: World, project_id: str, user_id: str, body: ModifyMember) -> Answer:
    """Give somebody another role in a project."""
    team = project(world, project_id, alive=True)
    row = find_row(world, "project_user", f"{project_id}/{user_id}", parent=project_id, noun="user")
    if not body.role:
        return look(world, row)
    record(world, "user.updated", {"id": user_id, "changes_requested": {"role": body.role}}, team)
    return change(world, row, role=body.role)


@family.route("DELETE", f"{_USERS}/{{user_id}}")
def delete_member(world: World, project_id: str, user_id: str) -> Answer:
    """Take somebody out of a project. Their keys of it stay, with an owner who has no access."""
    team = project(world, project_id, alive=True)
    world.remove(find_row(world, "project_user", f"{project_id}/{user_id}", parent=project_id, noun="user"))
    record(world, "user.deleted", {"id": user_id}, team)
    return {"object": "organization.project.user.deleted", "id": user_id, "deleted": True}


# Service accounts.


def add_account(
    world: World, project_id: str, id_: str, name: str, *, created: float, role: str = "member"
) -> JSON:
    """Add a service account."""
    account: JSON = {
        "object": "organization.project.service_account",
        "id": id_,
        "name": name,
        "role": role,
        "created_at": int(created),
    }
    world.put("service_account", account, parent=project_id, created=created)
    return account


@family.route("GET", _ACCOUNTS, query=Listing)
def list_accounts(world: World, project_id: str, query: Listing) -> Answer:
    """List the service accounts of a project."""
    project(world, project_id, alive=True)
    return page(list(objects(world, "service_account", project_id)), query)


@family.route("POST", _ACCOUNTS, body=CreateAccount)
def create_account(world: World, project_id: str, body: CreateAccount) -> Answer:
    """Make a service account. The secret of its key is told here and never again."""
    team = project(world, project_id, alive=True)
    alone = bool(body.create_service_account_only)
    if alone and body.expires_in_seconds is not None:
        message = "'expires_in_seconds' cannot be used with 'create_service_account_only'."
        raise Problem(message, param="expires_in_seconds")
    role = "none" if alone else "member"
    id_ = world.new_id("svc_acct_")
    account = add_account(world, project_id, id_, body.name, created=world.now(), role=role)
    record(world, "service_account.created", {"id": id_, "data": {"role": role}}, team)
    key = None if alone else new_account_key(world, team, account, "Secret Key", body.expires_in_seconds)
    return {**account, "api_key": key}


@family.route("GET", f"{_ACCOUNTS}/{{service_account_id}}")
def retrieve_account(world: World, project_id: str, service_account_id: str) -> Answer:
    """Retrieve a service account."""
    project(world, project_id, alive=True)
    return look(world, find_row(world, "service_account", service_account_id, parent=project_id))


@family.route("POST", f"{_ACCOUNTS}/{{service_account_id}}", body=ModifyAccount)
def modify_account(world: World, project_id: str, service_account_id: str, body: ModifyAccount) -> Answer:
    """Rename a service account, or give it another role."""
    team = project(world, project_id, alive=True)
    row = find_row(world, "service_account", service_account_id, parent=project_id)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    record(world, "service_account.updated", {"id": row.id, "changes_requested": changes}, team)
    return change(world, row, **changes)


@family.route("DELETE", f"{_ACCOUNTS}/{{service_account_id}}")
def delete_account(world: World, project_id: str, service_account_id: str) -> Answer:
    """Delete a service account and its keys."""
    team = project(world, project_id, alive=True)
    world.remove(find_row(world, "service_account", service_account_id, parent=project_id))
    for row in world.rows("api_key", parent=project_id):
        if row.known["owner"]["id"] == service_account_id:
            world.remove(row)
            record(world, "api_key.deleted", {"id": row.id}, team)
    record(world, "service_account.deleted", {"id": service_account_id}, team)
    return {"object": "organization.project.service_account.deleted", "id": service_account_id, "deleted": True}


@family.route("POST", f"{_ACCOUNTS}/{{service_account_id}}/api_keys", body=CreateAccountKey)
def create_account_key(world: World, project_id: str, service_account_id: str, body: CreateAccountKey) -> Answer:
    """Make another key for a service account. Its secret is told here and never again."""
    team = project(world, project_id, alive=True)
    account = look(world, find_row(world, "service_account", service_account_id, parent=project_id))
    return new_account_key(world, team, account, body.name or "Secret Key", body.expires_in_seconds, body.scopes)
