"""Who belongs to a project: its users and its service accounts.

https://platform.openai.com/docs/api-reference/project-users,
https://platform.openai.com/docs/api-reference/project-service-accounts
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.resources.base import Action, Child, Column, Field, Resource, Risk, Section
from tui.resources.cells import age, ident, instant, own
from tui.resources.inputs import ObjectId
from tui.resources.objects import Object, Request
from tui.resources.organization.common import PROJECT, Created, MemberRole, Named, Rename, admin, role

Scopes = Annotated[list[str] | None, Input(description="What it may be used for, such as api.model.request.")]


class ProjectUser(Object):
    """A user of a project."""

    name: str | None = None
    email: str | None = None
    role: str | None = None
    added_at: float | None = None


class AddUser(Request):
    """The request that lets a user of the organization into a project."""

    role: MemberRole = Input(examples=["member"], description="Owners manage the project.")
    email: str | None = Input(None, description="The address of a user of the organization; or else the id.")
    user_id: Annotated[str | None, ObjectId("users")] = Input(None, description="The id, such as user-abc.")


class EditUser(Request):
    """The request that gives a user another role in a project."""

    role: MemberRole | None = Input(None, description="Owners manage the project.")


class ServiceAccount(Created):
    """A service account: a user that is a program."""

    role: str | None = None


class CreateAccount(Request):
    """The request that makes a service account."""

    name: Named
    create_service_account_only: bool | None = Input(None, description="Without a key.")


class EditAccount(Request):
    """The request that changes a service account."""

    name: Rename = None
    role: MemberRole | None = Input(None, description="Owners manage the project.")


class CreateAccountKey(Request):
    """The request that makes a key for a service account."""

    name: Rename = None
    scopes: Scopes = None


_USERS, _USER = f"{PROJECT}/users", f"{PROJECT}/users/{{user_id}}"
_ACCOUNTS, _ACCOUNT = f"{PROJECT}/service_accounts", f"{PROJECT}/service_accounts/{{service_account_id}}"

PROJECT_USERS = Resource(
    name="project-users",
    singular="project user",
    family="Organization",
    model=ProjectUser,
    aliases=("pu", "members"),
    parent="projects",
    list=admin("list-project-users", "GET", _USERS),
    get=admin("retrieve-project-user", "GET", _USER),
    columns=(
        Column("NAME", "name", width=18),
        Column("EMAIL", "email", width=26, grow=True),
        Column("ROLE", "role", role, 8),
        Column("ID", "id", ident, 17, rank=3),
        Column("ADDED", "added_at", age, 5, align="right", rank=1, first="down"),
    ),
    title="email",
    detail=(
        Section(
            "Project user",
            (
                Field("name", "name"),
                Field("email", "email"),
                Field("role", "role", role),
                Field("user", "id", ident),
                Field("added", "added_at", instant),
            ),
        ),
    ),
    actions=(
        Action("create", "n", "add user", admin("create-project-user", "POST", _USERS, AddUser), whole=True),
        Action("edit", "e", "change role", admin("modify-project-user", "POST", _USER, EditUser), edit=True),
        Action(
            "delete",
            "ctrl+d",
            "remove",
            admin("delete-project-user", "DELETE", _USER),
            Risk.STOP,
            warn=lambda _: "Keys made for this project stay, with an owner who has no access to it.",
            bulk=True,
        ),
    ),
    children=(Child("project-user-roles"),),
    empty="Nobody belongs to this project. Press n to add somebody of the organization.",
)

SERVICE_ACCOUNTS = Resource(
    name="service-accounts",
    singular="service account",
    family="Organization",
    model=ServiceAccount,
    aliases=("sa", "service-account"),
    prefixes=("svc_acct_",),
    parent="projects",
    list=admin("list-project-service-accounts", "GET", _ACCOUNTS),
    get=admin("retrieve-project-service-account", "GET", _ACCOUNT),
    columns=(
        Column("NAME", "name", width=24, grow=True),
        Column("ROLE", "role", role, 8),
        Column("ID", "id", own, 24, rank=2),
        Column("AGE", "created_at", age, 5, align="right", rank=1, first="down"),
    ),
    title="name",
    detail=(
        Section(
            "Service account",
            (
                Field("name", "name"),
                Field("id", "id", own),
                Field("role", "role", role),
                Field("created", "created_at", instant),
            ),
        ),
    ),
    actions=(
        Action(
            "create",
            "n",
            "new service account",
            admin("create-project-service-account", "POST", _ACCOUNTS, CreateAccount),
            whole=True,
            secret="api_key.value",
        ),
        Action(
            "edit", "e", "edit", admin("update-project-service-account", "POST", _ACCOUNT, EditAccount), edit=True
        ),
        Action(
            "key",
            "R",
            "new key",
            admin("CreateanAPIkeyforaserviceaccount", "POST", f"{_ACCOUNT}/api_keys", CreateAccountKey),
            secret="value",
        ),
        Action(
            "delete",
            "ctrl+d",
            "delete",
            admin("delete-project-service-account", "DELETE", _ACCOUNT),
            Risk.GRAVE,
            warn=lambda _: "Its keys stop working at once. This cannot be undone.",
            bulk=True,
        ),
    ),
    empty="No service accounts in this project. Press n to make one; its key is shown once.",
)
