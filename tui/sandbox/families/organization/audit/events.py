"""Events that happen in an organization by themselves: logins, new keys, changed roles. Each by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.sandbox.families.organization.common import chance, id_of_name
from tui.sandbox.families.organization.roster import ADA, PEOPLE, ROBIN, VENTURES, Person, account_id, accounts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.sandbox.families.organization.roster import Venture
    from tui.sandbox.world import JSON, World

    Happening = tuple[str, JSON, JSON, JSON | None]

EVENT_TYPES = frozenset(
    f"{thing}.{deed}"
    for thing, deeds in {
        "api_key": "created updated deleted",
        "certificate": "created updated deleted",
        "certificates": "activated deactivated",
        "checkpoint.permission": "created deleted",
        "external_key": "registered removed",
        "group": "created updated deleted",
        "invite": "sent accepted deleted",
        "ip_allowlist": "created updated deleted config.activated config.deactivated",
        "login": "succeeded failed",
        "logout": "succeeded failed",
        "organization": "updated",
        "project": "created updated archived deleted",
        "rate_limit": "updated deleted",
        "resource": "deleted",
        "tunnel": "created updated deleted",
        "workload_identity_provider": "created updated deleted",
        "workload_identity_provider_mapping": "created updated deleted",
        "role": "created updated deleted assignment.created assignment.deleted",
        "scim": "enabled disabled",
        "service_account": "created updated deleted",
        "user": "added updated deleted",
    }.items()
    for deed in deeds.split()
)

_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
)
_PLACES = (("DE", "Berlin", "BE"), ("US", "San Francisco", "CA"), ("FR", "Lyon", "ARA"), ("JP", "Osaka", "27"))
_MODELS = ("gpt-5.4", "gpt-5.4-mini", "gpt-5-mini", "gpt-4.1", "text-embedding-3-small")


def of_tenant(type_: object) -> bool:
    """Return whether events of a type belong to the tenant: they are told apart from all others."""
    return str(type_).startswith("tenant.") or type_ in ("role.bound_to_resource", "role.unbound_from_resource")


def administrator(world: World) -> JSON:
    """Return the person who holds the admin key that calls the sandbox."""
    user = {"id": ROBIN.id(world), "email": ROBIN.email}
    key = {"id": id_of_name(world, "key_", "admin/o9s"), "type": "user", "user": user}
    return {"type": "api_key", "api_key": key}


def session(world: World, person: Person, number: int = 0) -> JSON:
    """Return a person in a browser, as the actor of an entry."""
    place = _PLACES[int(chance(person.name) * len(_PLACES))]
    octet = 1 + int(chance(person.name, number // 40) * 250)
    held = {
        "user": {"id": person.id(world), "email": person.email},
        "ip_address": f"203.0.113.{octet}",  # a block that documentation may use
        "user_agent": _AGENTS[int(chance("agent", person.name) * len(_AGENTS))],
        "ja3": id_of_name(world, "", f"ja3/{person.name}"),
        "ja4": "t13d1516h2_" + id_of_name(world, "", f"ja4/{person.name}")[:12],
        "ip_address_details": {
            **dict(zip(("country", "city", "region_code"), place, strict=True)),
            "asn": "64500",
            "latitude": "0.0",
            "longitude": "0.0",
        },
    }
    return {"type": "session", "session": held}


def background(world: World, number: int) -> Happening:
    """Return the event of this number: its type, actor, detail and project."""
    about = _Draw(world, number)
    type_, make, scoped = about.pick(_KINDS)
    # What a service account does, it does in its project.
    actor = about.actor() if scoped else session(world, about.person(), number)
    return type_, actor, make(about), about.project() if scoped else None


class _Draw:
    """Random choices for one event: the same for the same number."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number

    def pick(self, of: Any, salt: str = "kind") -> Any:
        """Return one of a sequence."""
        return of[int(chance(self.world.seed, self.number, salt) * len(of))]

    def person(self) -> Person:
        """Return somebody of the organization."""
        return self.pick([person for person in PEOPLE if not person.left], "person")  # type: ignore[no-any-return]

    def venture(self) -> Venture:
        """Return one of the living projects."""
        return self.pick([venture for venture in VENTURES if not venture.archived], "project")  # type: ignore[no-any-return]

    def project(self) -> JSON:
        """Return one of the living projects as entries name it."""
        return {"id": self.venture().id(self.world), "name": self.venture().name}

    def id(self, prefix: str) -> str:
        """Return the id of something that came or went with this event."""
        return id_of_name(self.world, prefix, f"event {self.number}")

    def actor(self) -> JSON:
        """Return who did it: mostly a person in a browser, sometimes a service account."""
        if self.pick(range(5), "actor") == 0 and (names := accounts(self.venture())):
            account = {"id": account_id(self.world, self.venture(), names[0])}
            key = id_of_name(self.world, "key_", f"{self.venture().name}/{self.venture().name}-{names[0]}")
            return {
                "type": "api_key",
                "api_key": {"id": key, "type": "service_account", "service_account": account},
            }
        return session(self.world, self.person(), self.number)

    def role(self) -> str:
        """Return a role in a project."""
        return self.pick(("member", "owner"), "role")  # type: ignore[no-any-return]


def _limits(about: _Draw) -> JSON:
    tokens = about.pick((500_000, 1_000_000, 2_000_000, 4_000_000), "limit")
    changes = {"max_requests_per_1_minute": tokens // 200, "max_tokens_per_1_minute": tokens}
    return {"id": f"rl-{about.pick(_MODELS, 'model')}", "changes_requested": changes}


def _assignment(about: _Draw) -> JSON:
    return {
        "id": about.id("role_assignment_"),
        "principal_id": about.person().id(about.world),
        "principal_type": "user",
        "resource_id": about.venture().id(about.world),
        "resource_type": "api.project",
    }


def _role(about: _Draw) -> JSON:
    permissions = ["api.organization.projects.api_keys.read"]
    return {
        "id": about.id("role_"),
        "role_name": "Key auditor",
        "permissions": permissions,
        "resource_type": "api.organization",
        "resource_id": "org-acme",
    }


def _role_change(about: _Draw) -> JSON:
    return {"id": about.id("role_"), "changes_requested": {"permissions_added": ["api.audit_logs.read"]}}


def _list(about: _Draw) -> JSON:
    return {"id": about.id("ipal_"), "name": "offices", "allowed_ips": ["203.0.113.0/24", "198.51.100.7/32"]}


def _scopes(about: _Draw) -> list[str]:
    return about.pick((["api.all"], ["api.model.request"], ["api.files.read", "api.files.write"]), "scopes")  # type: ignore[no-any-return]


def _detail_of_id(prefix: str, **more: Any) -> Callable[[_Draw], JSON]:
    return lambda about: {"id": about.id(prefix), **more}


_MAKERS: tuple[tuple[str, int, bool, Callable[[_Draw], JSON]], ...] = (
    # Event type, how often among others, whether it belongs to a project, its detail.
    ("login.succeeded", 22, False, lambda _: {}),
    (
        "login.failed",
        5,
        False,
        lambda _: {"error_code": "invalid_credentials", "error_message": "Wrong password."},
    ),
    ("logout.succeeded", 9, False, lambda _: {}),
    ("api_key.created", 6, True, lambda about: {"id": about.id("key_"), "data": {"scopes": _scopes(about)}}),
    (
        "api_key.updated",
        3,
        True,
        lambda about: {"id": about.id("key_"), "changes_requested": {"scopes": _scopes(about)}},
    ),
    ("api_key.deleted", 4, True, _detail_of_id("key_")),
    (
        "service_account.created",
        2,
        True,
        lambda about: {"id": about.id("svc_acct_"), "data": {"role": about.role()}},
    ),
    (
        "service_account.updated",
        1,
        True,
        lambda about: {"id": about.id("svc_acct_"), "changes_requested": {"role": about.role()}},
    ),
    ("service_account.deleted", 1, True, _detail_of_id("svc_acct_")),
    ("rate_limit.updated", 4, True, _limits),
    ("user.added", 2, True, lambda about: {"id": about.person().id(about.world), "data": {"role": about.role()}}),
    (
        "user.updated",
        2,
        True,
        lambda about: {"id": about.person().id(about.world), "changes_requested": {"role": about.role()}},
    ),
    (
        "project.updated",
        1,
        True,
        lambda about: {"id": about.project()["id"], "changes_requested": {"title": "Search"}},
    ),
    (
        "invite.sent",
        2,
        False,
        _detail_of_id("invite-", data={"email": "new.colleague@acme.example", "role": "reader"}),
    ),
    ("invite.accepted", 1, False, _detail_of_id("invite-")),
    ("invite.deleted", 1, False, _detail_of_id("invite-")),
    ("group.created", 1, False, _detail_of_id("group_", data={"group_name": "Night shift"})),
    ("group.updated", 1, False, _detail_of_id("group_", changes_requested={"group_name": "On call"})),
    ("role.created", 1, False, _role),
    ("role.updated", 1, False, _role_change),
    ("role.assignment.created", 2, False, _assignment),
    ("role.assignment.deleted", 1, False, _assignment),
    ("certificate.created", 1, False, _detail_of_id("cert_", name="partner-gateway")),
    (
        "certificates.activated",
        1,
        True,
        lambda about: {"certificates": [{"id": about.id("cert_"), "name": "edge"}]},
    ),
    ("ip_allowlist.updated", 1, False, _list),
    (
        "organization.updated",
        1,
        False,
        _detail_of_id("org-", changes_requested={"usage_dashboard_visibility": "EVERYONE"}),
    ),
    (
        "checkpoint.permission.created",
        1,
        False,
        lambda about: {
            "id": about.id("cp_"),
            "data": {
                "project_id": about.project()["id"],
                "fine_tuned_model_checkpoint": "ft:gpt-4.1-mini:acme::step-40",
            },
        },
    ),
)
_KINDS = tuple((type_, make, scoped) for type_, often, scoped, make in _MAKERS for _ in range(often))

CAUSE: tuple[tuple[str, Person, JSON], ...] = (
    # What went before the spike of costs: a key without limits, in the hands of a loop.
    ("api_key.created", ADA, {"data": {"scopes": ["api.all"]}}),
    ("rate_limit.updated", ADA, {"changes_requested": {"max_tokens_per_1_minute": 30_000_000}}),
)
