"""Odd objects: hostile names, missing and mistyped fields, unknown kinds and states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.families.organization.audit import routes as audit
from tui.sandbox.families.organization.audit.events import administrator
from tui.sandbox.families.organization.roster import VENTURES
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, World


def seed(world: World) -> None:
    """Add the odd objects."""
    now, team = int(world.now()), VENTURES[1].id(world)
    odd: dict[str, list[JSON]] = {
        "project": [
            {"id": f"proj_odd_name_{number}", "object": "organization.project", "name": name, "status": "active"}
            for number, name in enumerate(HOSTILE[:16])
        ]
        + [
            {"id": "proj_odd_bare"},
            {"id": "proj_odd_status", "name": None, "status": "suspended", "created_at": "yesterday"},
            {
                "id": "proj_odd_types",
                "name": 7,
                "status": None,
                "created_at": -1,
                "archived_at": [],
                "residency": {},
            },
            {
                "id": "proj_odd_future",
                "name": "later",
                "status": "active",
                "created_at": 10**12,
                "residency": "MOON",
            },
        ],
        "user": [
            {"id": "user-odd-name", "name": HOSTILE[2], "email": HOSTILE[7], "role": HOSTILE[6], "added_at": now},
            {"id": "user-odd-bare"},
            {"id": "user-odd-role", "name": None, "email": None, "role": "emperor", "added_at": None, "user": "x"},
        ],
        "invite": [
            {"id": "invite-odd", "email": HOSTILE[1], "role": "guest", "status": "bounced", "projects": "all"},
        ],
        "admin_api_key": [
            {"id": "key_odd_owner", "name": HOSTILE[9], "redacted_value": HOSTILE[0], "owner": None},
            {"id": "key_odd_times", "name": "", "created_at": "1", "expires_at": 0, "owner": {"type": "robot"}},
        ],
        "group": [{"id": "group_odd", "name": HOSTILE[14], "is_scim_managed": "maybe", "group_type": "cult"}],
        "role": [{"id": "role_odd", "name": HOSTILE[12], "permissions": "all", "resource_type": None}],
        "spend_alert": [{"id": "alert_odd", "threshold_amount": "a lot", "currency": HOSTILE[6]}],
        "certificate": [
            {"id": "cert_odd_bare", "object": "certificate", "name": None, "created_at": now},
            {
                "id": "cert_odd_name",
                "name": HOSTILE[10],
                "certificate_details": {"valid_at": "?", "expires_at": None},
            },
        ],
    }
    for kind, objects in odd.items():
        for number, object_ in enumerate(objects):
            world.put(kind, object_, created=now - 1000 - number)
    below: dict[str, list[JSON]] = {
        "project_user": [{"id": "user-odd-member", "name": HOSTILE[3], "role": 7, "added_at": {}}],
        "service_account": [{"id": "svc_acct_odd", "name": HOSTILE[5], "role": "supreme", "created_at": None}],
        "api_key": [
            {"id": "key_odd_bare", "object": "organization.project.api_key", "owner_project_access": "active"},
            {
                "id": "key_odd_owner_type",
                "owner": {"type": "ghost", "ghost": {"name": HOSTILE[6]}},
                "name": HOSTILE[8],
            },
            {"id": "key_odd_access", "owner_project_access": "sometimes", "last_used_at": "never", "owner": []},
        ],
        "project_group": [{"group_id": "group_odd", "id": "group_odd", "group_name": HOSTILE[13]}],
    }
    for kind, objects in below.items():
        for object_ in objects:
            id_ = f"{team}/{object_['id']}" if kind.startswith("project_") else object_["id"]
            world.put(kind, object_, id=id_, parent=team, created=now - 900)
    limit = {"id": "rl-odd", "model": HOSTILE[10], "max_requests_per_1_minute": -1, "max_tokens_per_1_minute": "∞"}
    world.put("rate_limit", limit, id=f"{team}/rl-odd", parent=team)
    _seed_entries(world, now)


def _seed_entries(world: World, now: int) -> None:
    """Start with audit entries of unknown types, without details, by nobody."""
    user = {"id": "user-odd-name", "email": HOSTILE[7]}
    hostile: JSON = {
        "type": "session",
        "session": {"user": user, "ip_address": HOSTILE[1], "user_agent": HOSTILE[2]},
    }
    entries: list[tuple[str, JSON | None, object, JSON | None]] = [
        (
            "galaxy.renamed",
            administrator(world),
            {"id": "galaxy_1", "changes_requested": {"name": HOSTILE[0]}},
            None,
        ),
        ("project.updated", None, {"id": "proj_odd_bare", "changes_requested": {"title": HOSTILE[7]}}, None),
        ("project.created", hostile, None, {"id": "proj_odd_name_0", "name": HOSTILE[0]}),
        ("login.failed", hostile, {"error_code": HOSTILE[6], "error_message": HOSTILE[2]}, None),
        ("user.added", {"type": "martian"}, [1, 2], {"id": None, "name": None}),
        ("role.bound_to_resource", administrator(world), {"id": "ws_1__conn_1", "source": "role_toggle"}, None),
    ]
    for number, (type_, actor, detail, project) in enumerate(entries):
        audit.add(world, f"audit_log-odd-{number}", type_, now - 500 - number, actor, detail, project)
