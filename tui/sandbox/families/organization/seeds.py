"""The organization at the start: one worth administering, with what an owner ought to find in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.families.organization import odd_seeds as odd
from tui.sandbox.families.organization.audit import routes as audit
from tui.sandbox.families.organization.audit.events import CAUSE, session
from tui.sandbox.families.organization.certificates.routes import activate, add_certificate
from tui.sandbox.families.organization.certificates.x509 import simulate
from tui.sandbox.families.organization.common import DAY, id_of_name
from tui.sandbox.families.organization.groups import add_group, add_group_user, add_project_group
from tui.sandbox.families.organization.keys import add_admin_key, add_key
from tui.sandbox.families.organization.limits import set_limit
from tui.sandbox.families.organization.members import add_account, add_member
from tui.sandbox.families.organization.people import add_invite, add_user
from tui.sandbox.families.organization.projects import add_project, archive
from tui.sandbox.families.organization.roles import add_role, assign, role
from tui.sandbox.families.organization.roster import (
    ADA,
    DEFAULT,
    PEOPLE,
    ROBIN,
    SPIKING,
    TOM,
    VENTURES,
    Credential,
    Person,
    Venture,
    account_id,
    accounts,
    credentials,
    members,
    ventures,
)
from tui.sandbox.families.organization.settings import add_alert, set_value
from tui.sandbox.families.organization.usage import consumption
from tui.sandbox.family import Family

if TYPE_CHECKING:
    from tui.sandbox.world import JSON, World

family = Family()

_GAP = 15.0  # seconds between two entries of a busy audit log


@family.seeds
def _seed(world: World, scenario: str) -> None:
    world.note("default project", DEFAULT.id(world))
    users = {person: _hire(world, person) for person in PEOPLE}
    for venture in sorted(ventures(scenario), key=lambda one: -one.age):
        _begin_project(world, venture, users)
    _seed_admin_keys(world, users)
    _seed_groups(world, users)
    _seed_roles(world)
    _seed_limits(world)
    _seed_certificates(world)
    _seed_settings(world)
    _seed_invites(world)
    consumption.begin(world, scenario)
    audit.begin(world, history=consumption.HISTORY * DAY, gap=None if scenario == "calm" else world.lasting(_GAP))
    _explain_spike(world)
    if scenario == "nasty":
        odd.seed(world)


def _ago(world: World, days: float) -> float:
    return world.now() - days * DAY


def _hire(world: World, person: Person) -> JSON:
    """Add a person to the organization; those who left are known to their keys only."""
    since = _ago(world, person.since)
    if person.left:
        return {
            "object": "organization.user",
            "id": person.id(world),
            "name": person.name,
            "email": person.email,
            "added_at": int(since),
        }
    return add_user(world, person.id(world), person.name, person.email, person.role, added=since)


def _begin_project(world: World, venture: Venture, users: dict[Person, JSON]) -> None:
    """Add a project with its people, service accounts and keys."""
    id_, begun = venture.id(world), _ago(world, venture.age)
    residency = "EU_STORAGE_PROCESSING" if venture.name in ("billing", "translations") else None
    add_project(world, id_, venture.name, created=begun, residency=residency)
    for person, role_ in members(venture):
        add_member(world, id_, users[person], role_, added=max(begun, _ago(world, person.since)))
    robots = {}
    for name in accounts(venture):
        robot = account_id(world, venture, name)
        robots[name] = add_account(world, id_, robot, name, created=begun + DAY)
    for key in credentials(venture):
        owner = robots[key.owner] if isinstance(key.owner, str) else users[key.owner]
        _issue(world, id_, key, owner)
    if venture.archived:
        archive(world, id_, _ago(world, venture.archived))


def _issue(world: World, project_id: str, key: Credential, owner: JSON) -> None:
    age = min(key.age, key.venture.age - 1.0)
    add_key(
        world,
        project_id,
        key.id(world),
        key.name,
        owner,
        created=_ago(world, age),
        used=None if key.used is None else _ago(world, key.used),
        live=key.used == 0 and not key.venture.archived,
        expires=None if key.expires is None else _ago(world, -key.expires),
    )


def _seed_admin_keys(world: World, users: dict[Person, JSON]) -> None:
    for name, owner, age, used, expires in (
        ("terraform", ROBIN, 410, 0.02, None),
        ("o9s", ROBIN, 30, 0.0, 60),
        ("billing-export", ADA, 300, 97.0, None),
        ("old-siem", TOM, 600, None, None),
        ("one-off-audit", ADA, 27, 26.0, 3),
    ):
        add_admin_key(
            world,
            id_of_name(world, "key_", f"admin/{name}"),
            name,
            users[owner],
            created=_ago(world, age),
            used=None if used is None else _ago(world, used),
            expires=None if expires is None else _ago(world, -expires),
        )


def _seed_groups(world: World, users: dict[Person, JSON]) -> None:
    living = [person for person in PEOPLE if not person.left]
    for number, (name, scim, projects) in enumerate(
        (
            ("Platform team", False, ("storefront", "search", "data-pipeline")),
            ("Support", False, ("support-bot",)),
            ("Finance", True, ("billing",)),
            ("All engineers", True, ("internal-tools", "research")),
        )
    ):
        created = _ago(world, 400 - 60 * number)
        group = add_group(world, id_of_name(world, "group_", name), name, created=created, scim=scim)
        for person in living[number :: 4 - number]:
            add_group_user(world, group["id"], users[person], created=max(created, _ago(world, person.since)))
        for venture in VENTURES:
            if venture.name in projects:
                add_project_group(world, venture.id(world), group, created=max(created, _ago(world, venture.age)))


def _seed_roles(world: World) -> None:
    created = _ago(world, 200)
    auditor = role(
        id_of_name(world, "role_", "Key auditor"),
        "Key auditor",
        ["api.organization.projects.api_keys.read", "api.audit_logs.read"],
        "organization",
        "Sees keys and the audit log, changes nothing",
    )
    add_role(world, auditor, created=created)
    for person in PEOPLE[3:5]:
        assign(world, person.id(world), auditor["id"], created=created)
    assign(world, id_of_name(world, "group_", "Finance"), auditor["id"], created=created)
    search = next(venture for venture in VENTURES if venture.name == "search").id(world)
    tuner = role(id_of_name(world, "role_", "Tuner"), "Tuner", ["api.fine_tuning.jobs.write"], "project", None)
    add_role(world, tuner, project_id=search, created=created)
    assign(world, ROBIN.id(world), tuner["id"], project_id=search, created=created)


def _seed_limits(world: World) -> None:
    """Start with limits that somebody set and nobody looked at again."""
    requests, tokens, batch = (
        "max_requests_per_1_minute",
        "max_tokens_per_1_minute",
        "batch_1_day_max_input_tokens",
    )
    for name, model, changes in (
        ("storefront-staging", "gpt-5.4", {requests: 500, tokens: 500_000}),
        ("storefront-staging", "gpt-5-mini", {requests: 500, tokens: 500_000}),
        ("search-staging", "gpt-5.4", {requests: 500, tokens: 800_000}),
        ("search-staging", "gpt-5-mini", {requests: 500, tokens: 500_000}),
        ("search", "gpt-5.4", {tokens: 30_000_000}),
        ("billing", "gpt-4.1", {requests: 60}),
        ("internal-tools", "gpt-5.4", {requests: 0, tokens: 0}),
        ("mobile-app", "gpt-4o-mini-tts", {requests: 1_000}),
        ("data-pipeline", "gpt-5-mini", {batch: 2_000_000_000}),
        ("research", "gpt-5.4", {requests: 3_000, tokens: 12_000_000}),
        ("translations", "gpt-5-mini", {requests: 29_999}),
    ):
        venture = next(one for one in VENTURES if one.name == name)
        set_limit(world, venture.id(world), model, changes)


def _seed_certificates(world: World) -> None:
    for number, (name, since, left, active, project) in enumerate(
        (
            ("edge-2024", 720, -11, False, None),
            ("edge-2025", 380, 9, True, None),
            ("edge-2026", 20, 345, True, None),
            ("partner-gateway", 300, 65, False, "data-pipeline"),
            ("lab", 150, 215, False, None),
            ("not-yet", -14, 379, False, None),
        )
    ):
        moments = (int(_ago(world, since)), int(_ago(world, -left)))
        pem = simulate(f"{name}.acme.example", *moments, serial=1000 * world.seed + number)
        id_ = id_of_name(world, "cert_", name)
        add_certificate(world, id_, name, pem, created=_ago(world, max(since, 0) - 0.1 + number / 100))
        if active:
            activate(world, id_)
        if project:
            activate(world, id_, next(one for one in VENTURES if one.name == project).id(world))


def _seed_settings(world: World) -> None:
    projects = {venture.name: venture.id(world) for venture in VENTURES}
    channel = {"type": "email", "recipients": [ADA.email], "subject_prefix": "[acme] OpenAI spend"}
    monthly = {"currency": "USD", "interval": "month"}
    for cents in (400_000, 800_000):
        id_ = id_of_name(world, "alert_", str(cents))
        add_alert(world, id_, {"threshold_amount": cents, **monthly, "notification_channel": channel})
    alert = {"threshold_amount": 50_000, **monthly, "notification_channel": channel}
    add_alert(world, id_of_name(world, "alert_", "search"), alert, projects["search"])
    limits = {"organization.spend_limit": ("", 1_200_000), "project.spend_limit": (projects["research"], 90_000)}
    for kind, (project_id, cents) in limits.items():
        limit = {"object": kind, "threshold_amount": cents, **monthly, "enforcement": {"status": "enforcing"}}
        set_value(world, "spend_limit", limit, project_id)
    retention = {"object": "project.data_retention", "type": "zero_data_retention"}
    set_value(world, "retention", retention, projects["billing"])
    models = {"object": "project.model_permissions", "mode": "allow_list", "model_ids": ["gpt-5-mini", "gpt-4.1"]}
    set_value(world, "models", models, projects["translations"])
    set_value(world, "tools", {"mcp": {"enabled": False}, "web_search": {"enabled": False}}, projects["billing"])


def _seed_invites(world: World) -> None:
    grants = [{"id": VENTURES[1].id(world), "role": "member"}]
    for email, age, role_ in (
        ("vera.lind@acme.example", 41, "reader"),
        ("paul.ito@acme.example", 5.5, "owner"),
        ("contractor@partner.example", 0.4, "reader"),
    ):
        id_ = id_of_name(world, "invite-", email)
        add_invite(world, id_, email, role_, created=_ago(world, age), grants=grants if role_ == "reader" else [])


def _explain_spike(world: World) -> None:
    """Write the audit entries about the day that cost so much."""
    targets = (SPIKING.id(world), "rl-gpt-5.4")
    project = {"id": SPIKING.venture.id(world), "name": SPIKING.venture.name}
    for number, ((type_, person, detail), target) in enumerate(zip(CAUSE, targets, strict=True)):
        moment = _ago(world, SPIKING.age if number == 0 else consumption.SPIKE_AGE + 0.9)
        actor = session(world, person)
        audit.add(
            world, id_of_name(world, "audit_log-", type_), type_, moment, actor, {"id": target, **detail}, project
        )
