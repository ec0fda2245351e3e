"""The organization: what an admin key sees and rules. `seeds` fills it, so it comes last."""

from tui.sandbox.families.organization import (
    groups,
    keys,
    limits,
    members,
    people,
    projects,
    roles,
    seeds,
    settings,
)
from tui.sandbox.families.organization.audit import routes as audit
from tui.sandbox.families.organization.certificates import routes as certificates
from tui.sandbox.families.organization.usage import routes as usage

FAMILIES = (
    projects.family,
    members.family,
    keys.family,
    limits.family,
    certificates.family,
    groups.family,
    roles.family,
    people.family,
    settings.family,
    audit.family,
    usage.family,
    seeds.family,
)
