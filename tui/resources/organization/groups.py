"""Groups of people, who is in them, and the projects they are let into.

https://platform.openai.com/docs/api-reference/groups
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.resources.language.asking.inputs import ObjectId, Own, Power
from tui.resources.language.cells import id_link, instant, own_id
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.objects import Id, Object, Request, Time
from tui.resources.language.parts import create, delete, edit
from tui.resources.language.resource import Child, Resource
from tui.resources.organization.common import (
    AGE,
    CREATED,
    EMAIL,
    ORGANIZATION,
    PROJECT,
    Named,
    NamedObject,
    Person,
    UserId,
    admin,
    age_column,
    identity_section,
    person_section,
)


class Group(NamedObject):
    """A group of people."""

    is_scim_managed: bool | None = None
    group_type: str | None = None


class GroupUser(Person):
    """Somebody in a group."""

    user_type: str | None = None
    is_service_account: bool | None = None


class ProjectGroup(Object):
    """A group that is let into a project."""

    group_id: Id = None
    group_name: str | None = None
    group_type: str | None = None
    created_at: Time = None


class NameGroup(Request):
    """The request that makes or renames a group."""

    name: Named


class AddGroupUser(Request):
    """The request that adds somebody to a group."""

    user_id: UserId


class AddProjectGroup(Request):
    """The request that lets a group into a project."""

    group_id: Annotated[str, ObjectId("groups"), Own()] = Input(
        min_length=1, description="The id of the group, such as group_abc."
    )
    role: Annotated[str, ObjectId("project-roles"), Power()] = Input(
        min_length=1, examples=["member"], description="The role its people get: member, owner, or an id."
    )


def _refuse_managed(group: Group) -> str | None:
    return "the identity provider manages it" if group.is_scim_managed else None


_GROUPS, _GROUP = f"{ORGANIZATION}/groups", f"{ORGANIZATION}/groups/{{group_id}}"
_USERS, _USER = f"{_GROUP}/users", f"{_GROUP}/users/{{user_id}}"
_TEAMS, _TEAM = f"{PROJECT}/groups", f"{PROJECT}/groups/{{group_id}}"

GROUPS: Resource[Group] = Resource(
    name="groups",
    singular="group",
    family="Organization",
    model=Group,
    aliases=("g", "group"),
    prefixes=("group_",),
    list=admin("list-groups", "GET", _GROUPS),
    get=admin("retrieve-group", "GET", _GROUP),
    page_max=1000,
    columns=(
        Column("NAME", "name", width=28, grow=True),
        Column("SCIM", lambda group: "managed" if group.is_scim_managed else "no", width=7),
        AGE,
        Column("ID", "id", own_id, 17, drop_order=2),
    ),
    title="name",
    detail=(
        identity_section("Group", Field("kind", "group_type"), Field("SCIM managed", "is_scim_managed"), CREATED),
    ),
    actions=(
        create(admin("create-group", "POST", _GROUPS, NameGroup), "new group"),
        edit(admin("update-group", "POST", _GROUP, NameGroup), "rename", refuse=_refuse_managed),
        delete(
            admin("delete-group", "DELETE", _GROUP),
            "Its people lose what they have through it. This cannot be undone.",
            refuse=_refuse_managed,
        ),
    ),
    children=(Child("group-users"), Child("group-roles")),
    enter="group-users",
    empty="No groups. Press n to make one.",
)

GROUP_USERS: Resource[GroupUser] = Resource(
    name="group-users",
    singular="group user",
    family="Organization",
    model=GroupUser,
    aliases=("gu",),
    parent="groups",
    list=admin("list-group-users", "GET", _USERS),
    get=admin("retrieve-group-user", "GET", _USER),
    page_max=1000,
    columns=(
        Column("NAME", "name", width=20),
        EMAIL,
        Column("KIND", "user_type", width=11, drop_order=2),
        Column("ID", "id", id_link, 17, drop_order=1),
    ),
    title="email",
    detail=(
        person_section("Group user", Field("kind", "user_type"), Field("service account", "is_service_account")),
    ),
    actions=(
        create(admin("add-group-user", "POST", _USERS, AddGroupUser), "add user"),
        delete(
            admin("remove-group-user", "DELETE", _USER), "They lose what they have through the group.", "remove"
        ),
    ),
    empty="Nobody is in this group. Press n to add somebody.",
)

PROJECT_GROUPS: Resource[ProjectGroup] = Resource(
    name="project-groups",
    singular="project group",
    family="Organization",
    model=ProjectGroup,
    aliases=("pg",),
    parent="projects",
    identify="group_id",
    list=admin("list-project-groups", "GET", _TEAMS),
    get=admin("retrieve-project-group", "GET", _TEAM),
    columns=(
        Column("GROUP", "group_name", width=28, grow=True),
        Column("KIND", "group_type", width=12, drop_order=3),
        age_column("ADDED", "created_at"),
        Column("ID", "group_id", id_link, 17, drop_order=2),
    ),
    title="group_name",
    detail=(
        Section(
            "Project group",
            (
                Field("name", "group_name"),
                Field("group", "group_id", id_link),
                Field("kind", "group_type"),
                Field("added", "created_at", instant),
            ),
        ),
    ),
    actions=(
        create(admin("add-project-group", "POST", _TEAMS, AddProjectGroup), "add group"),
        delete(
            admin("remove-project-group", "DELETE", _TEAM),
            "Its people lose the project, unless they belong to it themselves.",
            "remove",
        ),
    ),
    children=(Child("project-group-roles"),),
    empty="No group was let into this project. Press n to add one.",
)
