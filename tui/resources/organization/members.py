"""Who belongs to a project: its users and its service accounts.

https://platform.openai.com/docs/api-reference/project-users,
https://platform.openai.com/docs/api-reference/project-service-accounts
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.resources.language.action import Action, Ask, Risk
from tui.resources.language.asking.inputs import Among, Kept, ObjectId, Own, Power
from tui.resources.language.cells import id_link, instant, own_id
from tui.resources.language.column import Column, Field
from tui.resources.language.objects import Request
from tui.resources.language.parts import create, delete, edit
from tui.resources.language.resource import Child, Resource
from tui.resources.organization.common import (
    ADDED,
    AGE,
    CREATED,
    EMAIL,
    GIVEN_ROLE,
    PROJECT,
    ROLE,
    MemberRole,
    Named,
    NamedObject,
    Person,
    Rename,
    admin,
    identity_section,
    person_section,
)
from tui.resources.organization.key_risks import rotate

NewRole = Annotated[MemberRole | None, Kept(), Power(), Input(description="Owners manage the project.")]
Scopes = Annotated[
    list[str] | None,
    Power(),
    Among("roles", "permissions"),
    Input(description="What it may do, such as api.model.request."),
]


class AddUser(Request):
    """The request that lets a user of the organization into a project."""

    email: Annotated[str | None, Own()] = Input(
        None, description="The address of a user of the organization; or else the id."
    )
    user_id: Annotated[str | None, ObjectId("users"), Own()] = Input(None, description="The id, such as user-abc.")
    role: Annotated[MemberRole, Power()] = Input(examples=["member"], description="Owners manage the project.")


class ServiceAccount(NamedObject):
    """A service account: a user that is a program."""

    role: str | None = None


class CreateAccount(Request):
    """The request that makes a service account."""

    name: Named
    create_service_account_only: bool | None = Input(
        None, title="without a key", description="The account alone; a key can be made later."
    )


class EditUser(Request):
    """The request that gives a user another role in a project."""

    role: NewRole = None


class EditAccount(Request):
    """The request that changes a service account."""

    name: Rename = None
    role: NewRole = None


class CreateAccountKey(Request):
    """The request that makes a key for a service account."""

    name: Rename = None
    scopes: Scopes = None


_USERS, _USER = f"{PROJECT}/users", f"{PROJECT}/users/{{user_id}}"
_ACCOUNTS, _ACCOUNT = f"{PROJECT}/service_accounts", f"{PROJECT}/service_accounts/{{service_account_id}}"

PROJECT_USERS: Resource[Person] = Resource(
    name="project-users",
    singular="project user",
    family="Organization",
    model=Person,
    aliases=("pu", "members"),
    parent="projects",
    list=admin("list-project-users", "GET", _USERS),
    get=admin("retrieve-project-user", "GET", _USER),
    columns=(
        Column("NAME", "name", width=18),
        EMAIL,
        ROLE,
        ADDED,
        Column("ID", "id", id_link, 17, drop_order=3),
    ),
    title="email",
    detail=(person_section("Project user", GIVEN_ROLE, Field("added", "added_at", instant)),),
    actions=(
        create(admin("create-project-user", "POST", _USERS, AddUser), "add user"),
        edit(admin("modify-project-user", "POST", _USER, EditUser), "change role"),
        delete(
            admin("delete-project-user", "DELETE", _USER),
            "Keys made for this project stay, with an owner who has no access to it.",
            "remove",
        ),
    ),
    children=(Child("project-user-roles"),),
    empty="Nobody belongs to this project. Press n to add somebody of the organization.",
)

SERVICE_ACCOUNTS: Resource[ServiceAccount] = Resource(
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
        ROLE,
        AGE,
        Column("ID", "id", own_id, 24, drop_order=2),
    ),
    title="name",
    detail=(identity_section("Service account", GIVEN_ROLE, CREATED),),
    actions=(
        create(
            admin("create-project-service-account", "POST", _ACCOUNTS, CreateAccount),
            "new service account",
            secret="api_key.value",
        ),
        edit(admin("update-project-service-account", "POST", _ACCOUNT, EditAccount)),
        Action(
            "key",
            "R",
            "new key",
            Ask(
                admin("CreateanAPIkeyforaserviceaccount", "POST", f"{_ACCOUNT}/api_keys", CreateAccountKey),
                secret="value",
            ),
        ),
        rotate(admin("retrieve-project-service-account", "GET", _ACCOUNT)),
        delete(
            admin("delete-project-service-account", "DELETE", _ACCOUNT),
            "Its keys stop working at once. This cannot be undone.",
            risk=Risk.GRAVE,
        ),
    ),
    empty="No service accounts in this project. Press n to make one; its key is shown once.",
)
