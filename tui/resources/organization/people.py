"""The people of the organization, and those invited to it.

https://platform.openai.com/docs/api-reference/users, https://platform.openai.com/docs/api-reference/invite
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer
from pydantic import Field as Input

from tui.resources.language.action import Action, Open, Risk
from tui.resources.language.asking.inputs import Kept, ObjectId, Own, Power
from tui.resources.language.cells import age, id_link, instant, own_id, status, until
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object, Request, Time
from tui.resources.language.parts import create, delete, edit
from tui.resources.language.reading.statuses import Status
from tui.resources.language.resource import Child, Resource, ServerFilter
from tui.resources.organization.common import (
    ADDED,
    EMAIL,
    GIVEN_ROLE,
    ORGANIZATION,
    ROLE,
    MemberRole,
    Person,
    admin,
    age_column,
)

OrganizationRole = Literal["reader", "owner"]


class Membership(Object):
    """A project that somebody belongs to."""

    name: str | None = None
    role: str | None = None


class Memberships(Object):
    """The projects that somebody belongs to."""

    data: list[Membership] | None = None


class User(Person):
    """Somebody of the organization."""

    is_service_account: bool | None = None
    is_scim_managed: bool | None = None
    api_key_last_used_at: Time = None
    technical_level: str | None = None
    developer_persona: str | None = None
    projects: Memberships | None = None


class EditUser(Request):
    """The request that changes somebody's role."""

    role: Annotated[OrganizationRole | None, Kept(), Power()] = Input(
        None, description="Owners may do everything."
    )
    role_id: Annotated[str | None, ObjectId("roles"), Power()] = Input(
        None, title="custom role", description="Or a role by its id."
    )
    technical_level: str | None = None
    developer_persona: str | None = None


class Invite(Object):
    """Somebody asked to join."""

    email: str | None = None
    role: str | None = None
    status: Status = None
    created_at: Time = None
    expires_at: Time = None
    accepted_at: Time = None
    projects: list[Membership] | None = None


def _name_grants(roles: dict[str, str] | None) -> list[dict[str, str]] | None:
    """Return projects and roles as the platform wants them."""
    return None if roles is None else [{"id": id_, "role": role} for id_, role in roles.items()]


def _read_grants(roles: Any) -> Any:
    """Return roles by project, also of what is written as the platform wants it."""
    if not isinstance(roles, list):
        return roles
    return {each.get("id"): each.get("role") for each in roles if isinstance(each, dict)}


class SendInvite(Request):
    """The request that invites somebody."""

    email: Annotated[str, Own()] = Input(min_length=1, description="Who to invite, such as ada@acme.example.")
    role: Annotated[OrganizationRole, Power()] = Input(
        examples=["reader"], description="Owners may do everything."
    )
    projects: Annotated[
        dict[str, MemberRole] | None,
        ObjectId("projects"),
        Power(),
        BeforeValidator(_read_grants),
        PlainSerializer(_name_grants),
    ] = Input(None, description="Projects to join at once and as what, such as proj_abc=member, proj_def=owner.")


def _membership_lines(user: User, _context: CellContext) -> list[tuple[str, Cell]]:
    joined = (user.projects.data if user.projects else None) or []
    return [(one.role or "", Cell(one.name or one.id, ref=one.id)) for one in joined]


def _invite_lines(invite: Invite, _context: CellContext) -> list[tuple[str, Cell]]:
    return [(one.role or "", Cell(one.id, ref=one.id)) for one in invite.projects or []]


def _expiry_reason(invite: Invite, _context: CellContext) -> str | None:
    return "expired before it was accepted" if invite.status == "expired" else None


def _expires(invite: Invite) -> float | None:
    """Return when it expires, as long as that can happen."""
    return None if invite.accepted_at or invite.status in ("accepted", "expired") else invite.expires_at


_USERS, _USER = f"{ORGANIZATION}/users", f"{ORGANIZATION}/users/{{user_id}}"
_INVITES, _INVITE = f"{ORGANIZATION}/invites", f"{ORGANIZATION}/invites/{{invite_id}}"

USERS: Resource[User] = Resource(
    name="users",
    singular="user",
    family="Organization",
    model=User,
    aliases=("u", "user", "people"),
    prefixes=("user-", "user_"),
    list=admin("list-users", "GET", _USERS),
    get=admin("retrieve-user", "GET", _USER),
    filters=(ServerFilter("emails[]"),),
    columns=(
        Column("NAME", "name", width=20),
        EMAIL,
        ROLE,
        Column("SCIM", lambda user: "yes" if user.is_scim_managed else None, width=4, drop_order=4),
        Column("KEY USED", "api_key_last_used_at", age, 8, align="right", drop_order=3),
        ADDED,
        Column("ID", "id", own_id, 17, drop_order=5),
    ),
    title="email",
    detail=(
        Section(
            "User",
            (
                Field("name", "name"),
                Field("email", "email"),
                Field("id", "id", own_id),
                GIVEN_ROLE,
                Field("SCIM managed", "is_scim_managed"),
                Field("key last used", "api_key_last_used_at", instant),
                Field("technical level", "technical_level"),
                Field("persona", "developer_persona"),
                Field("added", "added_at", instant),
            ),
        ),
        Section("Projects", lines=_membership_lines),
    ),
    actions=(
        edit(admin("modify-user", "POST", _USER, EditUser)),
        Action("offboard", "ctrl+x", "off-board", Open("offboard", admin("retrieve-user", "GET", _USER))),
        delete(
            admin("delete-user", "DELETE", _USER),
            "Projects and groups lose them; their keys stay, owned by nobody: off-board instead.",
            "remove",
            risk=Risk.GRAVE,
        ),
    ),
    children=(Child("user-roles"),),
    empty="Nobody is here.",
)

INVITES: Resource[Invite] = Resource(
    name="invites",
    singular="invite",
    family="Organization",
    model=Invite,
    aliases=("inv", "invite"),
    prefixes=("invite-", "invite_"),
    list=admin("list-invites", "GET", _INVITES),
    get=admin("retrieve-invite", "GET", _INVITE),
    columns=(
        Column("STATUS", "status", status, 11),
        EMAIL,
        ROLE,
        Column("PROJECTS", lambda invite: len(invite.projects or ()), width=8, align="right", drop_order=3),
        Column("EXPIRES", _expires, until, 7, align="right", drop_order=2),
        age_column("SENT", "created_at"),
        Column("ID", "id", own_id, 17, drop_order=4),
    ),
    title="email",
    attention=_expiry_reason,
    stops=_expires,
    detail=(
        Section(
            "Invite",
            (
                Field("email", "email"),
                Field("id", "id", id_link),
                Field("status", "status", status),
                GIVEN_ROLE,
                Field("sent", "created_at", instant),
                Field("expires", _expires, instant),
                Field("accepted", "accepted_at", instant),
            ),
        ),
        Section("Projects", lines=_invite_lines),
    ),
    actions=(
        create(admin("inviteUser", "POST", _INVITES, SendInvite), "invite"),
        delete(
            admin("delete-invite", "DELETE", _INVITE),
            "Its link stops working.",
            refuse=lambda invite: "it was accepted" if invite.status == "accepted" else None,
        ),
    ),
    empty="No invites. Press n to invite somebody.",
)
