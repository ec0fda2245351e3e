"""One believable object of each of the organization's resources, as the platform would send it."""

from __future__ import annotations

from typing import Any

NOW = 1_790_000_000.0
DAY = 86_400
USER = {
    "id": "user-1",
    "name": "Ada Okafor",
    "email": "ada@acme.example",
    "role": "owner",
    "added_at": NOW - 90 * DAY,
}
ROLE = {
    "object": "role",
    "id": "role_1",
    "name": "Key auditor",
    "description": "May see keys",
    "permissions": ["api.keys.read", "api.files.read"],
    "resource_type": "api.organization",
    "predefined_role": False,
    "assignment_sources": [{"principal_id": "user-1", "principal_type": "user"}],
}
KEY = {
    "object": "organization.project.api_key",
    "id": "key_1",
    "name": "nightly",
    "redacted_value": "sk-proj-********************1234",
    "created_at": NOW - 120 * DAY,
    "last_used_at": NOW - 100 * DAY,
    "expires_at": NOW + 9 * DAY,
    "owner_project_access": "inactive",
    "owner": {"type": "user", "user": {**USER, "role": "none"}},
}
CERTIFICATE = {
    "object": "organization.certificate",
    "id": "cert_1",
    "name": "edge-2026",
    "created_at": NOW - 40,
    "certificate_details": {"valid_at": NOW - 40, "expires_at": NOW + 300 * DAY},
    "active": True,
}
LIMIT = {"threshold_amount": 1_200_000, "currency": "USD", "interval": "month"}
ALERT = {
    "id": "alert_1",
    **LIMIT,
    "notification_channel": {"type": "email", "recipients": ["ada@acme.example"], "subject_prefix": "[acme]"},
}
RETENTION = {"object": "organization.data_retention", "type": "modified_abuse_monitoring"}

ORGANIZATION: dict[str, dict[str, Any]] = {
    "projects": {
        "id": "proj_1",
        "name": "storefront",
        "created_at": NOW - 900,
        "archived_at": None,
        "status": "active",
        "external_key_id": None,
        "residency": "GLOBAL",
    },
    "project-keys": KEY,
    "keys": {**KEY, "project": {"id": "proj_1", "name": "storefront"}},
    "project-users": USER,
    "service-accounts": {"id": "svc_acct_1", "name": "deploy", "role": "member", "created_at": NOW - 40},
    "rate-limits": {
        "id": "rl-gpt-5",
        "model": "gpt-5",
        "max_requests_per_1_minute": 15_000,
        "max_tokens_per_1_minute": 40_000_000,
        "batch_1_day_max_input_tokens": 15_000_000_000,
    },
    "project-certificates": CERTIFICATE,
    "project-groups": {
        "project_id": "proj_1",
        "group_id": "group_1",
        "group_name": "Platform team",
        "group_type": "group",
        "created_at": NOW - 40,
    },
    "project-roles": ROLE,
    "project-models": {"mode": "allow_list", "model_ids": ["gpt-5", "gpt-5-mini"]},
    "project-tools": {
        name: {"enabled": name != "mcp"}
        for name in ("file_search", "web_search", "image_generation", "mcp", "code_interpreter")
    },
    "project-retention": RETENTION,
    "project-spend-limit": {**LIMIT, "enforcement": {"status": "enforcing"}},
    "project-spend-alerts": ALERT,
    "project-user-roles": ROLE,
    "project-group-roles": ROLE,
    "users": {
        **USER,
        "is_scim_managed": True,
        "api_key_last_used_at": NOW - 40,
        "projects": {"object": "list", "data": [{"id": "proj_1", "name": "storefront", "role": "member"}]},
    },
    "user-roles": ROLE,
    "invites": {
        "id": "invite-1",
        "email": "paul@acme.example",
        "role": "reader",
        "status": "pending",
        "created_at": NOW - 40,
        "expires_at": NOW + 7 * DAY,
        "projects": [{"id": "proj_1", "role": "member"}],
    },
    "groups": {"id": "group_1", "name": "Platform team", "created_at": NOW - 40, "is_scim_managed": False},
    "group-users": {"id": "user-1", "name": "Ada Okafor", "email": "ada@acme.example", "user_type": "user"},
    "group-roles": ROLE,
    "roles": ROLE,
    "admin-keys": {
        "id": "key_2",
        "name": "terraform",
        "redacted_value": "sk-admin-********************5678",
        "created_at": NOW - 400 * DAY,
        "expires_at": None,
        "last_used_at": NOW - 40,
        "owner": {"type": "user", "id": "user-1", "name": "Ada Okafor", "role": "owner"},
    },
    "certificates": CERTIFICATE,
    "audit": {
        "id": "audit_log-1",
        "type": "rate_limit.updated",
        "effective_at": NOW - 40,
        "project": {"id": "proj_1", "name": "storefront"},
        "actor": {
            "type": "session",
            "session": {"user": {"id": "user-1", "email": "ada@acme.example"}, "ip_address": "203.0.113.9"},
        },
        "rate_limit.updated": {"id": "rl-gpt-5", "changes_requested": {"max_requests_per_1_minute": 100}},
    },
    "retention": RETENTION,
    "spend-limit": {**LIMIT, "enforcement": {"status": "enforcing"}},
    "spend-alerts": ALERT,
}
