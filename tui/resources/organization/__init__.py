"""The organization: its projects, people, keys, limits, certificates and settings. All want an admin key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.organization.admin_keys import ADMIN_KEYS
from tui.resources.organization.audit import AUDIT
from tui.resources.organization.certificates import CERTIFICATES, PROJECT_CERTIFICATES
from tui.resources.organization.groups import GROUP_USERS, GROUPS, PROJECT_GROUPS
from tui.resources.organization.keys import KEYS, PROJECT_KEYS
from tui.resources.organization.limits import LIMITS, RATE_LIMITS
from tui.resources.organization.members import PROJECT_USERS, SERVICE_ACCOUNTS
from tui.resources.organization.people import INVITES, USERS
from tui.resources.organization.permissions import PROJECT_MODELS, PROJECT_TOOLS
from tui.resources.organization.projects import PROJECTS
from tui.resources.organization.roles import (
    GROUP_ROLES,
    PROJECT_GROUP_ROLES,
    PROJECT_ROLES,
    PROJECT_USER_ROLES,
    ROLES,
    USER_ROLES,
)
from tui.resources.organization.settings import PROJECT_SETTINGS, SETTINGS

if TYPE_CHECKING:
    from tui.resources.language.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    PROJECTS,
    PROJECT_KEYS,
    PROJECT_USERS,
    SERVICE_ACCOUNTS,
    RATE_LIMITS,
    PROJECT_CERTIFICATES,
    PROJECT_GROUPS,
    PROJECT_ROLES,
    PROJECT_MODELS,
    PROJECT_TOOLS,
    *PROJECT_SETTINGS,
    PROJECT_USER_ROLES,
    PROJECT_GROUP_ROLES,
    USERS,
    USER_ROLES,
    INVITES,
    GROUPS,
    GROUP_USERS,
    GROUP_ROLES,
    ROLES,
    KEYS,
    LIMITS,
    ADMIN_KEYS,
    CERTIFICATES,
    AUDIT,
    *SETTINGS,
)
