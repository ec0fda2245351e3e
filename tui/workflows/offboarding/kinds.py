"""The kinds of things a person holds: the list each is in, and the call that takes one away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.resources.organization.admin_keys import ADMIN_KEYS
from tui.resources.organization.audit import AUDIT
from tui.resources.organization.groups import GROUP_USERS
from tui.resources.organization.keys import KEYS
from tui.resources.organization.members import PROJECT_USERS
from tui.resources.organization.people import INVITES, USERS
from tui.resources.organization.roles import USER_ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource


@dataclass(frozen=True, slots=True, eq=False)
class HoldingKind:
    """A kind of thing that a person holds.

    `verb` says what its call does, `if_left` what it means not to make it. `name` is the path of the name of one,
    `scope` holds the paths of the parameters that its calls need. What does not `outlive` the user ends with their
    removal from the organization, too.
    """

    title: str
    verb: str
    resource: Resource
    if_left: str
    name: str = "name"
    scope: Mapping[str, str] = field(default_factory=dict)
    outlives: bool = False

    @property
    def action(self) -> Action:
        """The action that takes one away."""
        return next(action for action in self.resource.actions if action.removes)


_OF_PROJECT = {"project_id": "project.id"}

API_KEYS = HoldingKind(
    "API keys", "delete key", KEYS, "whoever has it can go on using it", scope=_OF_PROJECT, outlives=True
)
ADMIN_API_KEYS = HoldingKind(
    "Admin keys", "delete admin key", ADMIN_KEYS, "whoever has it can change the organization", outlives=True
)
PROJECTS = HoldingKind(
    "Projects", "remove from project", PROJECT_USERS, "they stay in it", "project.name", scope=_OF_PROJECT
)
GROUPS = HoldingKind(
    "Groups",
    "take out of group",
    GROUP_USERS,
    "they keep what it is let into",
    "group.name",
    {"group_id": "group.id"},
)
GIVEN_ROLES = HoldingKind(
    "Roles", "withdraw role", USER_ROLES, "they keep its permissions", scope={"user_id": "user.id"}
)
OPEN_INVITES = HoldingKind(
    "Invites", "delete invite", INVITES, "it lets them in again", name="email", outlives=True
)
PERSON = HoldingKind("Organization", "remove from the organization", USERS, "they can still sign in", name="email")
EVENTS = HoldingKind("Last in the audit log", "", AUDIT, "", name="type", outlives=True)
"""What they did last. It is shown, and no part of the plan."""
KINDS = (API_KEYS, ADMIN_API_KEYS, PROJECTS, GROUPS, GIVEN_ROLES, OPEN_INVITES, PERSON)
