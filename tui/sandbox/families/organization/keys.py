"""Keys: those of projects, and the organization's admin keys. A secret is told once and never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.common import Name, Order, chance, find_row, look, objects, page, project
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Listing, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.sandbox.world import JSON, Row, World

family = Family()

_KEYS = "/organization/projects/{project_id}/api_keys"
_ADMIN = "/organization/admin_api_keys"


class KeyQuery(Listing):
    """The query of the list. Who does not ask for `any` misses keys whose owner is no member of the project."""

    owner_project_access: Literal["active", "inactive", "any"] | None = None


class AdminQuery(Listing):
    """The query of the list of admin keys."""

    order: Order = "asc"


class CreateAdminKey(Body):
    """An admin key to make."""

    name: Name
    expires_in_seconds: Annotated[int, Field(ge=1, le=31_536_000)] | None = None


def make_secret(kind: str, id_: str) -> str:
    """Return a stand-in for the secret of a key that nobody could mistake for one."""
    return f"sk-{kind}-simulated-not-a-secret-{id_[-4:]}"


def redact(kind: str, id_: str) -> str:
    """Return a secret with all but its ends hidden."""
    return f"sk-{kind}-********************{id_[-4:]}"


# Keys of projects.


def add_key(
    world: World,
    project_id: str,
    id_: str,
    name: str,
    owner: JSON,
    *,
    created: float,
    used: float | None = None,
    live: bool = False,
    expires: float | None = None,
) -> Row:
    """Add a key. `owner` is a user or a service account as it is now; `live`: always in use."""
    facts = {"name": name, "owner": owner, "used": used, "live": live, "expires": expires}
    return world.put("api_key", id=id_, parent=project_id, facts=facts, created=created)


@family.shows("api_key")
def _show(world: World, row: Row) -> JSON:
    """Return the object of a key, with its owner as that is now."""
    facts, owner = row.known, row.known["owner"]
    person = owner["object"] == "organization.user"
    member = world.find("project_user", f"{row.parent}/{owner['id']}") if person else _account(world, row)
    holder = {
        "id": owner["id"],
        "name": owner["name"],
        "created_at": owner.get("added_at") or owner.get("created_at"),
        "role": look(world, member)["role"] if member else "none",
    }
    if person:
        holder["email"] = owner["email"]
    used, kind = facts["used"], "user" if person else "service_account"
    if facts["live"]:
        pace = 60 + int(1200 * chance(row.id))  # seconds between its uses
        used = min(world.now(), facts["expires"] or world.now()) // pace * pace
    return {
        "object": "organization.project.api_key",
        "id": row.id,
        "name": facts["name"],
        "redacted_value": redact("proj" if person else "svcacct", row.id),
        "created_at": int(row.created),
        "last_used_at": None if used is None else int(used),
        "expires_at": None if facts["expires"] is None else int(facts["expires"]),
        "owner_project_access": "active" if member or _through_group(world, row) else "inactive",
        "owner": {"type": kind, kind: holder},
    }


def _through_group(world: World, row: Row) -> bool:
    """Return whether a group of the project has the owner of a key: access, but no membership."""
    grants = (look(world, grant).get("group_id") for grant in world.rows("project_group", parent=row.parent))
    return any(world.find("group_user", f"{group_id}/{row.known['owner']['id']}") for group_id in grants)


def _account(world: World, row: Row) -> Row | None:
    """Return the service account that owns a key, unless it is gone or locked away with its project."""
    archived = look(world, find_row(world, "project", row.parent)).get("status") == "archived"
    return None if archived else world.find("service_account", row.known["owner"]["id"])


def new_account_key(
    world: World, team: JSON, account: JSON, name: str, lifetime: int | None, scopes: Sequence[str] | None = None
) -> JSON:
    """Make a key for a service account; the only answer with its secret."""
    id_, now = world.new_id("key_"), world.now()
    expires = None if lifetime is None else now + lifetime
    add_key(world, team["id"], id_, name, account, created=now, expires=expires)
    record(world, "api_key.created", {"id": id_, "data": {"scopes": scopes or ["api.all"]}}, team)
    return {
        "object": "organization.project.service_account.api_key",
        "id": id_,
        "name": name,
        "value": make_secret("svcacct", id_),
        "created_at": int(now),
        "expires_at": None if expires is None else int(expires),
    }


@family.route("GET", _KEYS, query=KeyQuery)
def list_keys(world: World, project_id: str, query: KeyQuery) -> Answer:
    """List the keys of a project; those whose owner is no member of it only if asked for."""
    project(world, project_id)
    wanted = query.owner_project_access
    keys = objects(world, "api_key", project_id)
    if wanted is None:
        return page([key for key in keys if _of_member(key)], query)
    return page([key for key in keys if wanted in ("any", key.get("owner_project_access"))], query)


def _of_member(key: JSON) -> bool:
    owner = key.get("owner")
    holder = owner.get(owner.get("type")) if isinstance(owner, dict) else None
    return not isinstance(holder, dict) or holder.get("role") != "none"


@family.route("GET", f"{_KEYS}/{{api_key_id}}")
def retrieve_key(world: World, project_id: str, api_key_id: str) -> Answer:
    """Retrieve a key."""
    return look(world, find_row(world, "api_key", api_key_id, parent=project_id, noun="API key"))


@family.route("DELETE", f"{_KEYS}/{{api_key_id}}")
def delete_key(world: World, project_id: str, api_key_id: str) -> Answer:
    """Revoke a key of a person. Those of service accounts go with their account."""
    team = project(world, project_id)
    row = find_row(world, "api_key", api_key_id, parent=project_id, noun="API key")
    if (look(world, row).get("owner") or {}).get("type") == "service_account":
        message = "API keys of service accounts cannot be deleted. Delete the service account instead."
        raise Problem(message, param="api_key_id", code="service_account_key")
    world.remove(row)
    record(world, "api_key.deleted", {"id": api_key_id}, team)
    return {"object": "organization.project.api_key.deleted", "id": api_key_id, "deleted": True}


# Admin keys.


def add_admin_key(
    world: World,
    id_: str,
    name: str,
    owner: JSON,
    *,
    created: float,
    used: float | None = None,
    expires: float | None = None,
) -> JSON:
    """Add an admin key."""
    key: JSON = {
        "object": "organization.admin_api_key",
        "id": id_,
        "name": name,
        "redacted_value": redact("admin", id_),
        "created_at": int(created),
        "expires_at": None if expires is None else int(expires),
        "last_used_at": None if used is None else int(used),
        "owner": {
            "type": "user",
            "object": "organization.user",
            "id": owner["id"],
            "name": owner["name"],
            "created_at": owner["added_at"],
            "role": "owner",
        },
    }
    world.put("admin_api_key", key, created=created)
    return key


@family.route("GET", _ADMIN, query=AdminQuery)
def list_admin_keys(world: World, query: AdminQuery) -> Answer:
    """List admin keys, oldest first."""
    return page(list(objects(world, "admin_api_key")), query)


@family.route("POST", _ADMIN, body=CreateAdminKey)
def create_admin_key(world: World, body: CreateAdminKey) -> Answer:
    """Make an admin key. Its secret is told here and never again."""
    id_, now = world.new_id("key_"), world.now()
    owner = next(user for user in objects(world, "user") if user.get("role") == "owner")
    expires = None if body.expires_in_seconds is None else now + body.expires_in_seconds
    key = add_admin_key(world, id_, body.name, owner, created=now, expires=expires)
    record(world, "api_key.created", {"id": id_, "data": {"scopes": ["api.management.all"]}})
    return {**key, "value": make_secret("admin", id_)}


@family.route("GET", f"{_ADMIN}/{{key_id}}")
def retrieve_admin_key(world: World, key_id: str) -> Answer:
    """Retrieve an admin key."""
    return look(world, find_row(world, "admin_api_key", key_id, noun="admin API key"))


@family.route("DELETE", f"{_ADMIN}/{{key_id}}")
def delete_admin_key(world: World, key_id: str) -> Answer:
    """Revoke an admin key at once."""
    world.remove(find_row(world, "admin_api_key", key_id, noun="admin API key"))
    record(world, "api_key.deleted", {"id": key_id})
    return {"object": "organization.admin_api_key.deleted", "id": key_id, "deleted": True}
