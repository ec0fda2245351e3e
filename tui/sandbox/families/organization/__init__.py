"""The organization: what an admin key sees and rules. `start` fills it, so it comes last."""

from tui.sandbox.families.organization import (
    audit,
    certificates,
    groups,
    keys,
    limits,
    members,
    people,
    projects,
    roles,
    settings,
    start,
    usage,
)

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
    start.family,
)
