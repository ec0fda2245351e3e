"""The organization as the official client sees it: each family's objects are made, changed and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest

from tests.sandbox.conftest import NOW, Steer, get
from tests.support.certificate import PEM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from openai.resources.admin.organization import Organization
    from openai.types.admin.organization import Project
    from openai.types.admin.organization.projects import ProjectAPIKey

DAY = 86400


@pytest.fixture(scope="module")
def org(official_admin: openai.OpenAI) -> Organization:
    return official_admin.admin.organization


@pytest.fixture
def project(org: Organization) -> Iterator[Project]:
    """A new project, put away afterwards."""
    made = org.projects.create(name="tests")
    yield made
    if org.projects.retrieve(made.id).status == "active":
        org.projects.archive(made.id)


def named(org: Organization, name: str) -> str:
    """The id of the project of this name."""
    return str(next(one.id for one in org.projects.list(limit=100, include_archived=True) if one.name == name))


def newest(org: Organization, count: int = 1) -> list[str]:
    """The types of the newest entries of the audit log."""
    return [entry.type for entry in org.audit_logs.list(limit=count).data]


def test_only_an_admin_key_is_let_in(org: Organization, official: openai.OpenAI, api: httpx.Client) -> None:
    assert next(iter(org.projects.list())).object == "organization.project"
    refused = api.get("/organization/projects")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "missing_scope")
    with pytest.raises(TypeError, match="authentication"):
        official.admin.organization.projects.list()


def test_projects(org: Organization) -> None:
    alive = list(org.projects.list(limit=5))
    everything = list(org.projects.list(limit=100, include_archived=True))
    assert len(alive) == len({one.id for one in alive}) == 12
    assert sorted(str(one.name) for one in everything if one.status == "archived") == [
        "hackathon-2025",
        "legacy-chat",
    ]
    assert [one.created_at for one in alive] == sorted(one.created_at for one in alive)

    made = org.projects.create(name="atlas", residency="EU_STORAGE_PROCESSING")
    assert (made.name, made.status, made.residency, made.created_at) == (
        "atlas",
        "active",
        made.residency,
        int(NOW),
    )
    assert org.projects.retrieve(made.id) == made
    assert org.projects.update(made.id, name="atlas-2").name == "atlas-2"
    archived = org.projects.archive(made.id)
    assert (archived.status, archived.archived_at) == ("archived", int(NOW))
    assert newest(org, 3) == ["project.archived", "project.updated", "project.created"]
    entry = org.audit_logs.list(limit=3).data[2]
    assert entry.project
    assert (entry.project.id, entry.project.name) == (made.id, "atlas")
    assert entry.actor
    assert entry.actor.type == "api_key"
    assert entry.to_dict()["project.created"] == {"id": made.id, "data": {"name": "atlas", "title": "atlas"}}

    late: tuple[Callable[[], Any], ...] = (
        lambda: org.projects.update(made.id, name="again"),
        lambda: org.projects.archive(made.id),
        lambda: org.projects.update(named(org, "Default project"), name="mine"),
        lambda: org.projects.users.list(made.id),
        lambda: org.projects.service_accounts.create(made.id, name="late"),
    )
    for refused in late:
        with pytest.raises(openai.BadRequestError):
            refused()
    with pytest.raises(openai.NotFoundError):
        org.projects.retrieve("proj_none")


def test_users_of_a_project(org: Organization, project: Project) -> None:
    users = org.projects.users
    ada, lena = org.users.list(limit=3).data[1:3]
    assert users.create(project.id, role="owner", user_id=ada.id).role == "owner"
    assert users.create(project.id, role="member", email=lena.email).id == lena.id
    assert [one.id for one in users.list(project.id, limit=1)] == [ada.id, lena.id]
    assert users.update(lena.id, project_id=project.id, role="owner").role == "owner"
    assert users.retrieve(lena.id, project_id=project.id).role == "owner"
    assert newest(org) == ["user.updated"]
    with pytest.raises(openai.BadRequestError, match="already"):
        users.create(project.id, role="member", user_id=ada.id)
    with pytest.raises(openai.BadRequestError, match="members of the organization"):
        users.create(project.id, role="member", email="stranger@example.com")
    assert users.delete(lena.id, project_id=project.id).deleted
    assert [one.id for one in users.list(project.id)] == [ada.id]
    memberships = org.users.retrieve(ada.id).projects
    assert memberships
    assert project.id in [one.id for one in memberships.data]


def test_a_service_account_and_its_keys(org: Organization, project: Project) -> None:
    accounts, keys = org.projects.service_accounts, org.projects.api_keys
    made = accounts.create(project.id, name="etl")
    assert made.api_key
    assert made.api_key.value.startswith("sk-svcacct-simulated-")
    (key,) = keys.list(project.id)
    assert (key.id, key.last_used_at, key.owner_project_access) == (made.api_key.id, None, "active")
    assert key.redacted_value[-4:] == made.api_key.value[-4:]
    assert "simulated" not in key.redacted_value
    assert key.owner.service_account
    assert key.owner.service_account.id == made.id
    with pytest.raises(openai.BadRequestError, match="service account"):
        keys.delete(key.id, project_id=project.id)

    another = accounts.api_keys.create(made.id, project_id=project.id, name="second", expires_in_seconds=60)
    assert another.expires_at == NOW + 60
    assert [one.name for one in keys.list(project.id)] == ["Secret Key", "second"]
    bare = accounts.create(project.id, name="bare", create_service_account_only=True)
    assert (bare.role, bare.api_key) == ("none", None)
    assert accounts.update(made.id, project_id=project.id, name="etl-2", role="owner").role == "owner"
    assert [one.name for one in accounts.list(project.id, limit=1)] == ["etl-2", "bare"]
    assert accounts.delete(made.id, project_id=project.id).deleted
    assert list(keys.list(project.id, owner_project_access="any")) == []
    assert newest(org) == ["service_account.deleted"]
    with pytest.raises(openai.NotFoundError):
        accounts.retrieve(made.id, project_id=project.id)


def test_keys_of_who_left_are_hidden_unless_asked_for(org: Organization) -> None:
    keys, project_id = org.projects.api_keys, named(org, "storefront")

    def names(**query: Any) -> set[str]:
        return {key.name for key in keys.list(project_id, limit=2, **query)}

    hidden = {"checkout-prod", "tom-old-notebook"}
    assert not names() & hidden
    assert names(owner_project_access="inactive") == hidden
    assert names(owner_project_access="any") == names() | hidden
    old = next(key for key in keys.list(project_id, owner_project_access="any") if key.name == "tom-old-notebook")
    assert keys.retrieve(old.id, project_id=project_id) == old
    assert keys.delete(old.id, project_id=project_id).deleted
    assert names(owner_project_access="inactive") == {"checkout-prod"}


def test_access_through_a_group_is_access_but_hides_the_key(org: Organization) -> None:
    keys, project_id = org.projects.api_keys, named(org, "storefront")
    key = next(one for one in keys.list(project_id) if one.owner.user)
    assert key.owner.user
    org.projects.users.delete(key.owner.user.id, project_id=project_id)
    assert keys.retrieve(key.id, project_id=project_id).owner_project_access == "inactive"
    group = org.groups.create(name="Door keepers")
    org.groups.users.create(group.id, user_id=key.owner.user.id)
    org.projects.groups.create(project_id, group_id=group.id, role="member")
    assert keys.retrieve(key.id, project_id=project_id).owner_project_access == "active"
    assert key.id in [one.id for one in keys.list(project_id, owner_project_access="active")]
    assert key.id not in [one.id for one in keys.list(project_id)]


def test_the_keys_that_an_owner_should_know(org: Organization) -> None:
    found: list[ProjectAPIKey] = []
    for one in org.projects.list(limit=100, include_archived=True):
        found += org.projects.api_keys.list(one.id, owner_project_access="any")
    risks = {
        "owner has no access": [key for key in found if key.owner_project_access == "inactive"],
        "never used": [key for key in found if key.last_used_at is None],
        "unused for long": [key for key in found if key.last_used_at and key.last_used_at < NOW - 90 * DAY],
        "expires soon": [key for key in found if key.expires_at and NOW < key.expires_at < NOW + 14 * DAY],
        "expired": [key for key in found if key.expires_at and key.expires_at < NOW],
        "in use": [key for key in found if key.last_used_at and key.last_used_at > NOW - 3600],
        "of a service account": [key for key in found if key.owner.type == "service_account"],
    }
    assert [risk for risk, keys in risks.items() if not keys] == []
    assert len({key.id for key in found}) == len(found) > 40


def test_who_leaves_loses_everything_but_the_keys(
    org: Organization, project: Project, admin_api: httpx.Client
) -> None:
    jonas = next(user for user in org.users.list() if user.name == "Jonas Berg")
    theirs = {}
    for one in org.projects.list(limit=100):
        for key in org.projects.api_keys.list(one.id, owner_project_access="any"):
            if key.owner.user and key.owner.user.id == jonas.id:
                theirs[key.id] = one.id
    assert theirs, "somebody without keys shows nothing"
    org.projects.users.create(project.id, role="member", user_id=jonas.id)
    assert org.users.delete(jonas.id).deleted
    assert list(org.projects.users.list(project.id)) == []
    for key_id, project_id in theirs.items():
        key = org.projects.api_keys.retrieve(key_id, project_id=project_id)
        assert key.owner_project_access == "inactive"
        assert key.owner.user
        assert key.owner.user.email == "jonas.berg@acme.example"
    for group in org.groups.list():
        assert jonas.id not in [member.id for member in org.groups.users.list(group.id)]
    assert admin_api.get(f"/organization/users/{jonas.id}").status_code == 404


def test_admin_keys(org: Organization) -> None:
    keys = org.admin_api_keys
    before = [key.id for key in keys.list(limit=2)]
    assert before == [key.id for key in keys.list(order="desc")][::-1]
    made = keys.create(name="exporter", expires_in_seconds=3600)
    assert made.value.startswith("sk-admin-simulated-")
    assert made.expires_at == NOW + 3600
    kept = keys.retrieve(made.id)
    assert "value" not in kept.to_dict()
    assert kept.redacted_value[-4:] == made.value[-4:]
    assert keys.delete(made.id).deleted
    assert [key.id for key in keys.list()] == before


def test_limits(org: Organization, project: Project) -> None:
    limits = org.projects.rate_limits
    rows = list(limits.list_rate_limits(project.id, limit=5))
    assert [row.id for row in rows] == [row.id for row in limits.list_rate_limits(project.id)]
    assert all(row.id == f"rl-{row.model}" for row in rows)
    ahead = limits.list_rate_limits(project.id, before=rows[4].id, limit=2).data
    assert [row.id for row in ahead] == [row.id for row in rows[2:4]]
    changed = limits.update_rate_limit("rl-gpt-5.4", project_id=project.id, max_requests_per_1_minute=60)
    assert (changed.max_requests_per_1_minute, changed.max_tokens_per_1_minute) == (60, 40_000_000)
    listed = next(row for row in limits.list_rate_limits(project.id) if row.model == "gpt-5.4")
    assert listed == changed
    assert org.audit_logs.list(limit=1).data[0].to_dict()["rate_limit.updated"] == {
        "id": "rl-gpt-5.4",
        "changes_requested": {"max_requests_per_1_minute": 60},
    }
    with pytest.raises(openai.BadRequestError, match=r"limit for .* is 15000"):
        limits.update_rate_limit("rl-gpt-5.4", project_id=project.id, max_requests_per_1_minute=15_001)
    with pytest.raises(openai.BadRequestError, match="does not apply"):
        limits.update_rate_limit("rl-gpt-5.4", project_id=project.id, max_images_per_1_minute=1)
    with pytest.raises(openai.NotFoundError):
        limits.update_rate_limit("rl-gpt-1", project_id=project.id)
    staging = limits.list_rate_limits(named(org, "storefront-staging")).data
    usual = limits.list_rate_limits(named(org, "storefront")).data
    drifted = [row.model for row, other in zip(staging, usual, strict=True) if row != other]
    assert drifted == ["gpt-5.4", "gpt-5-mini"]


def test_certificates(org: Organization, project: Project) -> None:
    certificates, below = org.certificates, org.projects.certificates
    made = certificates.create(certificate=PEM, name="gateway")
    assert (made.object, made.name, made.active) == ("certificate", "gateway", None)
    assert (made.certificate_details.valid_at, made.certificate_details.expires_at) == (1795371482, 2110731482)
    assert certificates.create(certificate=PEM).name == "gateway.test.example"
    assert certificates.retrieve(made.id).certificate_details.content is None
    assert certificates.retrieve(made.id, include=["content"]).certificate_details.content == PEM
    assert certificates.update(made.id, name="edge").name == "edge"

    (on,) = certificates.activate(certificate_ids=[made.id])
    assert (on.object, on.active, on.name) == ("organization.certificate", True, "edge")
    (on_below,) = below.activate(project.id, certificate_ids=[made.id])
    assert on_below.object == "organization.project.certificate"
    assert [one.id for one in certificates.list(limit=2) if one.active and one.name == "edge"] == [made.id]
    assert [one.id for one in below.list(project.id) if one.active] == [made.id]
    assert next(iter(certificates.deactivate(certificate_ids=[made.id]))).active is False
    with pytest.raises(openai.BadRequestError, match="inactive for the organization and all projects"):
        certificates.delete(made.id)
    below.deactivate(project.id, certificate_ids=[made.id])
    below.deactivate(project.id, certificate_ids=[made.id])  # once more does no harm
    assert newest(org) == ["certificates.deactivated"]
    assert certificates.delete(made.id).id == made.id

    with pytest.raises(openai.NotFoundError):
        certificates.activate(certificate_ids=[certificates.list().data[0].id, made.id])
    assert [one.active for one in certificates.list(limit=1).data] == [False], "half of a change was done"
    for ids in ([], ["cert_x"] * 11):
        with pytest.raises(openai.BadRequestError):
            certificates.activate(certificate_ids=ids)
    left = [one.certificate_details.expires_at or 0 for one in certificates.list(limit=100) if one.active]
    assert any(NOW < moment < NOW + 30 * DAY for moment in left)


@pytest.mark.parametrize(
    "text", ["", "garbage", PEM + PEM, PEM.replace("MIIB", "AAAA"), PEM[:300] + PEM[-60:], PEM.replace("=", "")]
)
def test_what_is_no_certificate_is_refused(org: Organization, text: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        org.certificates.create(certificate=text)
    assert (refused.value.code, refused.value.param) == ("invalid_certificate", "certificate")


def test_people_and_invites(org: Organization, steer: Steer) -> None:
    people = list(org.users.list(limit=4))
    owners = [one for one in people if one.role == "owner"]
    assert len(owners) == 2
    assert [one.id for one in org.users.list(emails=[str(people[3].email), "nobody@example.com"])] == [
        people[3].id
    ]
    assert org.users.update(people[3].id, role="owner").role == "owner"
    assert org.users.update(people[3].id, role_id="role_organization_reader").role == "reader"
    org.users.update(owners[1].id, role="reader")
    with pytest.raises(openai.BadRequestError, match="at least one owner"):
        org.users.update(owners[0].id, role="reader")
    org.users.update(owners[1].id, role="owner")

    assert {invite.status for invite in org.invites.list(limit=1)} == {"expired", "pending"}
    grants: list[Any] = [{"id": named(org, "search"), "role": "owner"}]
    made = org.invites.create(email="new@example.com", role="reader", projects=grants)
    assert (made.status, made.projects[0].role) == ("pending", "owner")
    steer("clock", advance=8 * DAY)
    assert org.invites.retrieve(made.id).status == "expired"
    steer("clock", advance=-8 * DAY)
    assert org.invites.delete(made.id).deleted
    with pytest.raises(openai.BadRequestError, match="already a member"):
        org.invites.create(email=str(people[0].email), role="reader")
    with pytest.raises(openai.BadRequestError):
        org.invites.create(email="no address", role="reader")


def test_groups(org: Organization, project: Project) -> None:
    group = org.groups.create(name="Night shift")
    users = org.users.list().data[:3]
    for user in users:
        assert org.groups.users.create(group.id, user_id=user.id).user_id == user.id
    assert [one.id for one in org.groups.users.list(group.id, limit=2)] == [user.id for user in users][::-1]
    assert org.groups.users.delete(users[0].id, group_id=group.id).deleted
    assert org.groups.users.retrieve(users[1].id, group_id=group.id).email == users[1].email
    assert org.groups.update(group.id, name="On call").name == "On call"
    assert [one.name for one in org.groups.list(limit=2)][-1] == "On call"

    below = org.projects.groups
    assert below.create(project.id, group_id=group.id, role="member").group_name == "On call"
    assert [one.group_id for one in below.list(project.id, limit=1)] == [group.id]
    assert below.retrieve(group.id, project_id=project.id).group_type == "group"
    assert below.delete(group.id, project_id=project.id).deleted
    assert org.groups.delete(group.id).deleted
    managed = next(one for one in org.groups.list() if one.is_scim_managed)
    with pytest.raises(openai.BadRequestError, match="SCIM"):
        org.groups.update(managed.id, name="ours")


def test_roles(org: Organization, project: Project, official_admin: openai.OpenAI) -> None:
    made = org.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"], description="reads")
    assert org.roles.update(made.id, role_name="Reader", permissions=["api.files.read"]).name == "Reader"
    assert org.roles.retrieve(made.id).permissions == ["api.files.read"]
    assert [one.id for one in org.roles.list(limit=1)][-1] == made.id
    with pytest.raises(openai.BadRequestError, match="Predefined"):
        org.roles.delete("role_organization_owner")
    below = org.projects.roles.create(project.id, role_name="Tuner", permissions=["api.fine_tuning.jobs.write"])
    assert below.resource_type == "api.project"

    user, group = org.users.list().data[0], org.groups.list().data[0]
    org.projects.users.create(project.id, role="member", user_id=user.id)
    org.projects.groups.create(project.id, group_id=group.id, role="member")
    for roles, holder, role_id, where in (
        (org.users.roles, user.id, made.id, {}),
        (org.groups.roles, group.id, made.id, {}),
        (org.projects.users.roles, user.id, below.id, {"project_id": project.id}),
        (org.projects.groups.roles, group.id, below.id, {"project_id": project.id}),
    ):
        call: Any = roles
        name = "group_id" if holder == group.id else "user_id"
        assert call.create(holder, role_id=role_id, **where).role.id == role_id
        assert role_id in [one.id for one in call.list(holder, **where)]
        assert call.retrieve(role_id, **{name: holder}, **where).assignment_sources[0].principal_id == holder
        assert call.delete(role_id, **{name: holder}, **where).deleted
        assert role_id not in [one.id for one in call.list(holder, **where)]
        with pytest.raises(openai.NotFoundError):
            call.retrieve(role_id, **{name: holder}, **where)
    assert [one.name for one in org.users.roles.list(user.id)] == ["owner"]
    org.users.roles.create(user.id, role_id=made.id)
    assert org.roles.delete(made.id).deleted
    assert [one.name for one in org.users.roles.list(user.id)] == ["owner"]


def test_settings(org: Organization, project: Project) -> None:
    assert org.data_retention.update(retention_type="zero_data_retention").type == "zero_data_retention"
    assert org.projects.data_retention.retrieve(project.id).type == "organization_default"
    assert org.projects.data_retention.update(project.id, retention_type="none").type == "none"

    limit: dict[str, Any] = {"currency": "USD", "interval": "month"}
    assert org.spend_limit.update(threshold_amount=500, **limit).enforcement.status == "enforcing"
    assert org.spend_limit.retrieve().threshold_amount == 500
    assert org.spend_limit.delete().deleted
    with pytest.raises(openai.NotFoundError):
        org.spend_limit.retrieve()
    assert org.projects.spend_limit.update(project.id, threshold_amount=1, **limit).object == "project.spend_limit"
    assert org.projects.spend_limit.delete(project.id).deleted

    alert = {**limit, "notification_channel": {"type": "email", "recipients": ["finance@example.com"]}}
    for alerts, where in ((org.spend_alerts, ()), (org.projects.spend_alerts, (project.id,))):
        call: Any = alerts
        made = call.create(*where, threshold_amount=10, **alert)
        keep = {"project_id": project.id} if where else {}
        assert call.update(made.id, threshold_amount=20, **alert, **keep).threshold_amount == 20
        assert call.retrieve(made.id, **keep).threshold_amount == 20
        assert [one.id for one in call.list(*where, limit=1)][-1] == made.id
        assert call.delete(made.id, **keep).deleted

    models = org.projects.model_permissions
    assert models.retrieve(project.id).mode == "deny_list"
    assert models.update(project.id, mode="allow_list", model_ids=["gpt-5"]).api_model_ids == ["gpt-5"]
    assert models.delete(project.id).deleted
    assert models.retrieve(project.id).api_model_ids == []
    tools = org.projects.hosted_tool_permissions
    assert tools.update(project.id, mcp={"enabled": False}).mcp.enabled is False
    assert (tools.retrieve(project.id).mcp.enabled, tools.retrieve(project.id).web_search.enabled) == (False, True)


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("projects", {}, "name"),
        ("projects", {"name": ""}, "name"),
        ("projects", {"name": "x", "residency": "MOON"}, "residency"),
        ("admin_api_keys", {"name": "x", "expires_in_seconds": 0}, "expires_in_seconds"),
        ("spend_limit", {"threshold_amount": 0, "currency": "USD", "interval": "month"}, "threshold_amount"),
        ("spend_limit", {"threshold_amount": 1, "currency": "EUR", "interval": "month"}, "currency"),
        ("data_retention", {"retention_type": "none"}, "retention_type"),
        ("groups", {"name": "x" * 256}, "name"),
        ("roles", {"role_name": "x", "permissions": []}, "permissions"),
        ("certificates/activate", {"certificate_ids": "cert_x"}, "certificate_ids"),
    ],
)
def test_bodies_are_checked(admin_api: httpx.Client, path: str, body: dict[str, Any], param: str) -> None:
    answer = admin_api.post(f"/organization/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_lists_with_next_go_on_to_their_end(admin_api: httpx.Client) -> None:
    first = get(admin_api, "/organization/groups?limit=1")
    assert (len(first["data"]), first["has_more"], first["next"]) == (1, True, first["data"][0]["id"])
    rest = get(admin_api, f"/organization/groups?after={first['next']}")
    assert (rest["has_more"], rest["next"]) == (False, None)
    assert get(admin_api, "/organization/groups?limit=0")["data"] == []
    assert admin_api.get("/organization/groups?after=group_none").json()["error"]["param"] == "after"
