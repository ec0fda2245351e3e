"""The people of the organization, and those invited to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.common import (
    DAY,
    Email,
    Strings,
    change,
    find_row,
    look,
    objects,
    page,
    project,
)
from tui.sandbox.families.organization.roles import PREDEFINED
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Listing, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, Row, World

family = Family()


class UserQuery(Listing):
    """The query of the list."""

    emails: Strings = []


class ModifyUser(Body):
    """Changes to a person."""

    role: Literal["owner", "reader"] | None = None
    role_id: str | None = None
    technical_level: str | None = None
    developer_persona: str | None = None


class Grant(Body):
    """A project to join on acceptance."""

    id: str
    role: Literal["member", "owner"]


class SendInvite(Body):
    """Somebody to invite."""

    email: Email
    role: Literal["reader", "owner"]
    projects: list[Grant] = []


def add_user(
    world: World, id_: str, name: str, email: str, role: str, *, added: float, scim: bool = False
) -> JSON:
    """Add somebody to the organization."""
    user: JSON = {
        "object": "organization.user",
        "id": id_,
        "name": name,
        "email": email,
        "role": role,
        "added_at": int(added),
        "created": int(added) - 7 * DAY,
        "is_default": False,
        "is_service_account": False,
        "is_scim_managed": scim,
        "is_scale_tier_authorized_purchaser": role == "owner",
        "api_key_last_used_at": None,
        "technical_level": None,
        "developer_persona": None,
        "user": {"object": "user", "id": id_, "email": email, "name": name, "enabled": True, "banned": False},
    }
    world.put("user", user, created=added)
    return user


@family.route("GET", "/organization/users", query=UserQuery)
def list_users(world: World, query: UserQuery) -> Answer:
    """List people, those who joined first ahead."""
    users = [user for user in objects(world, "user") if not query.emails or user.get("email") in query.emails]
    return page(users, query)


@family.route("GET", "/organization/users/{user_id}")
def retrieve_user(world: World, user_id: str) -> Answer:
    """Retrieve a person, with the projects they belong to."""
    user = look(world, find_row(world, "user", user_id))
    teams = []
    for one in objects(world, "project"):
        if member := world.find("project_user", f"{one['id']}/{user_id}"):
            teams.append({"id": one["id"], "name": one.get("name"), "role": look(world, member).get("role")})
    return {**user, "projects": {"object": "list", "data": teams}}


@family.route("POST", "/organization/users/{user_id}", body=ModifyUser)
def modify_user(world: World, user_id: str, body: ModifyUser) -> Answer:
    """Give somebody another role. The last owner stays one."""
    row = find_row(world, "user", user_id)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    if role_id := changes.pop("role_id", None):
        if role_id not in PREDEFINED or not role_id.startswith("role_organization_"):
            raise Problem(f"No role found with id '{role_id}'.", status=404, param="role_id")
        changes["role"] = PREDEFINED[role_id]["name"]
    if changes.get("role") == "reader":
        _not_last_owner(world, row)
    if "role" in changes:
        record(world, "user.updated", {"id": user_id, "changes_requested": {"role": changes["role"]}})
    return change(world, row, **changes)


@family.route("DELETE", "/organization/users/{user_id}")
def delete_user(world: World, user_id: str) -> Answer:
    """Take somebody out of the organization, its projects and groups. Their keys stay, owned by nobody inside."""
    row = find_row(world, "user", user_id)
    _not_last_owner(world, row)
    world.remove(row)
    _forget(world, user_id)
    record(world, "user.deleted", {"id": user_id})
    return {"object": "organization.user.deleted", "id": user_id, "deleted": True}


def _forget(world: World, user_id: str) -> None:
    """End all memberships of somebody."""
    for parent, kind in (("project", "project_user"), ("group", "group_user")):
        for one in objects(world, parent):
            if member := world.find(kind, f"{one['id']}/{user_id}"):
                world.remove(member)


def _not_last_owner(world: World, row: Row) -> None:
    owners = [user for user in objects(world, "user") if user.get("role") == "owner"]
    if [user["id"] for user in owners] == [row.id]:
        raise Problem("The organization needs at least one owner.", param="user_id")


# Invites.


def add_invite(world: World, id_: str, email: str, role: str, *, created: float, grants: list[JSON]) -> Row:
    """Invite somebody. Nobody accepts in the sandbox: invites expire after a week."""
    invite: JSON = {
        "object": "organization.invite",
        "id": id_,
        "email": email,
        "role": role,
        "status": "pending",
        "created_at": int(created),
        "expires_at": int(created) + 7 * DAY,
        "accepted_at": None,
        "projects": grants,
    }
    return world.put("invite", id=id_, facts=invite, created=created)


@family.shows("invite")
def _show_invite(world: World, row: Row) -> JSON:
    invite = row.known
    expired = invite["status"] == "pending" and invite["expires_at"] <= world.now()
    return {**invite, "status": "expired"} if expired else invite


@family.route("GET", "/organization/invites", query=Listing)
def list_invites(world: World, query: Listing) -> Answer:
    """List invites, oldest first."""
    return page(list(objects(world, "invite")), query)


@family.route("POST", "/organization/invites", body=SendInvite)
def send_invite(world: World, body: SendInvite) -> Answer:
    """Invite somebody."""
    if any(user.get("email") == body.email for user in objects(world, "user")):
        raise Problem(f"'{body.email}' is already a member of the organization.", param="email")
    for grant in body.projects:
        project(world, grant.id, alive=True)
    id_ = world.new_id("invite-")
    grants = [grant.model_dump() for grant in body.projects]
    row = add_invite(world, id_, body.email, body.role, created=world.now(), grants=grants)
    record(world, "invite.sent", {"id": id_, "data": {"email": body.email, "role": body.role}})
    return look(world, row)


@family.route("GET", "/organization/invites/{invite_id}")
def retrieve_invite(world: World, invite_id: str) -> Answer:
    """Retrieve an invite."""
    return look(world, find_row(world, "invite", invite_id))


@family.route("DELETE", "/organization/invites/{invite_id}")
def delete_invite(world: World, invite_id: str) -> Answer:
    """Take an invite back, if it was not accepted."""
    row = find_row(world, "invite", invite_id)
    if look(world, row).get("status") == "accepted":
        raise Problem("An invite that was accepted cannot be deleted.", param="invite_id")
    world.remove(row)
    record(world, "invite.deleted", {"id": invite_id})
    return {"object": "organization.invite.deleted", "id": invite_id, "deleted": True}
