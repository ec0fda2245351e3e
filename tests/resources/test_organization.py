"""Every operation of the organization's families, called as it is declared, with its effect checked."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tests.resources.samples import LOOK, NOW, SAMPLES
from tests.resources.test_against_sandbox import Desk
from tests.resources.test_registry import declared, described
from tui.api.client import Client
from tui.api.credentials import Connection
from tui.api.errors import ApiError, NoKey
from tui.api.keys import Secret
from tui.live.platform import Platform
from tui.resources.organization import RESOURCES
from tui.resources.organization.certificates import not_a_certificate
from tui.resources.organization.keys import KEYS, ProjectKey, risks
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tui.resources.objects import Record

DAY = 86_400


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox with an organization worth administering."""
    with served(scenario="busy") as server:
        yield server


@asynccontextmanager
async def desk(server: Server, folder: Path, *, admin: bool = True) -> AsyncIterator[Desk]:
    client = Client(
        Connection(
            base_url=server.url,
            project_key=Secret(PROJECT_KEY),
            admin_key=Secret(ADMIN_KEY) if admin else None,
            sandbox=True,
        )
    )
    platform = Platform(client, REGISTRY)
    try:
        yield Desk(platform, folder)
    finally:
        await platform.aclose()


def organization(server: Server, path: str, method: str = "GET", **kwargs: Any) -> Any:
    return server.call(method, f"/organization/{path}", admin=True, **kwargs)


async def toggled(at: Desk, name: str, action: str, ids: list[str], scope: dict[str, str]) -> None:
    """Do an action that takes ids in its body."""
    resource = REGISTRY[name]
    found = resource.action(action)
    assert found
    assert found.ids == "certificate_ids"
    at.note(found.operation.name)
    await at.platform.act(resource, scope, None, found, {found.ids: ids})


async def only(at: Desk, name: str, scope: dict[str, str]) -> Record:
    """The one object there is of a setting."""
    records = await at.list(name, scope)
    assert list(records) == [REGISTRY[name].singular]
    return next(iter(records.values()))


async def test_projects(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        made = await at.make("projects", name="pilot", residency="EU_STORAGE_PROCESSING")
        assert made.id in await at.list("projects")
        edited = await at.do("projects", "edit", made, name="pilot 2")
        assert (edited["name"], edited["residency"]) == ("pilot 2", "EU_STORAGE_PROCESSING")
        archived = await at.do("projects", "archive", made)
        assert archived["status"] == "archived"
        assert made.id not in await at.list("projects")
        action = REGISTRY["projects"].action("archive")
        assert action
        assert action.refuse(REGISTRY["projects"].record(archived).object) == "it is archived"
        at.all_called("projects")


async def test_members_of_a_project(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        project = await at.make("projects", name="members")
        scope = {"project_id": project.id}
        added = await at.make("project-users", "create", scope, email="priya.nair@acme.example", role="member")
        assert (await at.do("project-users", "edit", added, scope, role="owner"))["role"] == "owner"
        roles = await at.list("project-roles", scope)
        custom = await at.make(
            "project-roles", "create", scope, role_name="Reader", permissions=["api.files.read"]
        )
        assert custom.id not in roles
        inner = at.into("project-users", added, "project-user-roles", scope)
        await at.do("project-user-roles", "create", None, inner, role_id=custom.id)
        given = await at.get("project-user-roles", custom.id, inner)
        assert given.at("permissions") == ["api.files.read"]
        await at.gone("project-user-roles", "delete", given, inner)
        changed = await at.do("project-roles", "edit", custom, scope, role_name="Keeper", permissions=["api.all"])
        assert (changed["name"], changed["permissions"]) == ("Keeper", ["api.all"])
        await at.gone("project-roles", "delete", custom, scope)
        assert added.id in await at.list("project-users", scope)
        await at.gone("project-users", "delete", added, scope)
        at.all_called("project-users", "project-roles", "project-user-roles")


async def test_service_accounts_and_the_keys_of_a_project(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        project = await at.make("projects", name="accounts")
        scope = {"project_id": project.id}
        watch = at.platform.watch(REGISTRY["service-accounts"], scope)
        watch.start()
        answer = await at.do("service-accounts", "create", None, scope, name="robot")
        secret = answer["api_key"]["value"]
        account = await at.get("service-accounts", answer["id"], scope)
        assert account.id in await at.list("service-accounts", scope)
        assert (await at.do("service-accounts", "edit", account, scope, role="owner"))["role"] == "owner"
        key = await at.do("service-accounts", "key", account, scope, name="second")
        listed = await at.list("project-keys", scope)
        assert {answer["api_key"]["id"], key["id"]} == set(listed)
        shown = await at.get("project-keys", key["id"], scope)
        for known in (*listed.values(), shown, account, *watch.collection.records.values()):
            assert secret not in str(known.raw)
            assert key["value"] not in str(known.raw)
        delete = REGISTRY["project-keys"].action("delete")
        assert delete
        assert "service account" in str(delete.refuse(shown.object))
        with pytest.raises(ApiError, match="service account"):
            await at.do("project-keys", "delete", shown, scope)
        await at.gone("service-accounts", "delete", account, scope)
        assert not await at.list("project-keys", scope)
        at.all_called("service-accounts", "project-keys")


async def test_limits_models_and_tools_of_a_project(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        project = await at.make("projects", name="limits")
        scope = {"project_id": project.id}
        limit = (await at.list("rate-limits", scope))["rl-gpt-5"]
        edited = await at.do("rate-limits", "edit", limit, scope, max_requests_per_1_minute="100")
        assert edited["max_requests_per_1_minute"] == 100
        assert edited["max_tokens_per_1_minute"] == limit.at("max_tokens_per_1_minute")

        models = await only(at, "project-models", scope)
        await at.do("project-models", "edit", models, scope, mode="allow_list", model_ids=["gpt-5"])
        assert (await only(at, "project-models", scope)).at("model_ids") == ["gpt-5"]
        await at.do("project-models", "delete", models, scope)
        assert (await only(at, "project-models", scope)).at("model_ids") == []

        tools = await only(at, "project-tools", scope)
        await at.do("project-tools", "edit", tools, scope, mcp__enabled=False)
        assert (await only(at, "project-tools", scope)).at("mcp.enabled") is False
        assert (await only(at, "project-tools", scope)).at("web_search.enabled") is True
        at.all_called("rate-limits", "project-models", "project-tools")


@pytest.mark.parametrize("start", ["", "project-"])
async def test_retention_and_spending(server: Server, tmp_path: Path, start: str) -> None:
    async with desk(server, tmp_path) as at:
        scope = {"project_id": (await at.make("projects", name="money")).id} if start else {}
        retention, limit, alerts = f"{start}retention", f"{start}spend-limit", f"{start}spend-alerts"
        now = await only(at, retention, scope)
        await at.do(retention, "edit", now, scope, retention_type="zero_data_retention")
        assert (await only(at, retention, scope)).at("type") == "zero_data_retention"

        await at.do(limit, "create", None, scope, threshold_amount="50000")
        set_ = await only(at, limit, scope)
        assert REGISTRY[limit].columns[0].cell(set_, LOOK).text == "$500.00"
        await at.do(limit, "edit", set_, scope, threshold_amount="60000")
        assert (await only(at, limit, scope)).at("threshold_amount") == 60_000
        await at.do(limit, "delete", set_, scope)
        assert not await at.list(limit, scope), "a limit that does not exist is an empty list, not a failure"

        answers = {"threshold_amount": "1000", "notification_channel__recipients": ["a@acme.example"]}
        alert = await at.make(alerts, "create", scope, **answers)
        assert alert.id in await at.list(alerts, scope)
        changed = await at.do(alerts, "edit", alert, scope, **{**answers, "threshold_amount": "2000"})
        assert (changed["threshold_amount"], changed["interval"]) == (2000, "month")
        await at.gone(alerts, "delete", alert, scope)
        at.all_called(retention, limit, alerts)


async def test_people_groups_and_roles(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        users = await at.list("users")
        someone = next(user for user in users.values() if user.at("email") == "jonas.berg@acme.example")
        assert (await at.get("users", someone.id)).at("projects.data")
        assert (await at.do("users", "edit", someone, role="owner"))["role"] == "owner"
        role = await at.make("roles", role_name="Observer", permissions=["api.usage.read"], description="Looks")
        assert role.id in await at.list("roles")
        assert (await at.do("roles", "edit", role, permissions=["api.all"]))["permissions"] == ["api.all"]
        held = at.into("users", someone, "user-roles")
        await at.do("user-roles", "create", None, held, role_id=role.id)
        assert role.id in await at.list("user-roles", held)
        await at.gone("user-roles", "delete", await at.get("user-roles", role.id, held), held)

        group = await at.make("groups", name="Night watch")
        assert (await at.do("groups", "edit", group, name="Day watch"))["name"] == "Day watch"
        inside, given = at.into("groups", group, "group-users"), at.into("groups", group, "group-roles")
        await at.do("group-users", "create", None, inside, user_id=someone.id)
        assert someone.id in await at.list("group-users", inside)
        await at.do("group-roles", "create", None, given, role_id=role.id)
        assert role.id in await at.list("group-roles", given)
        project = await at.make("projects", name="watch")
        scope = {"project_id": project.id}
        await at.do("project-groups", "create", None, scope, group_id=group.id, role="member")
        let_in = await at.get("project-groups", group.id, scope)
        assert let_in.id in await at.list("project-groups", scope)
        inner = at.into("project-groups", let_in, "project-group-roles", scope)
        await at.do("project-group-roles", "create", None, inner, role_id="role_project_owner")
        assert "role_project_owner" in await at.list("project-group-roles", inner)
        held_there = await at.get("project-group-roles", "role_project_owner", inner)
        await at.gone("project-group-roles", "delete", held_there, inner)
        await at.gone("project-groups", "delete", let_in, scope)
        await at.gone("group-roles", "delete", await at.get("group-roles", role.id, given), given)
        await at.gone("group-users", "delete", await at.get("group-users", someone.id, inside), inside)
        await at.gone("groups", "delete", group)
        assert group.id not in await at.list("groups")
        await at.gone("roles", "delete", role)
        await at.gone("users", "delete", someone)
        at.all_called("users", "user-roles", "roles", "groups", "group-users", "group-roles")
        at.all_called("project-groups", "project-group-roles")


async def test_invites_and_admin_keys(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        invite = await at.make("invites", email="new@acme.example", role="reader", projects=[])
        assert invite.id in await at.list("invites")
        await at.gone("invites", "delete", invite)
        watch = at.platform.watch(REGISTRY["admin-keys"])
        watch.start()
        answer = await at.do("admin-keys", "create", name="ci", expires_in_seconds="86400")
        assert answer["value"].startswith("sk-admin-")
        await at.list("admin-keys")
        key = await at.get("admin-keys", answer["id"])
        assert answer["value"] not in str([record.raw for record in watch.collection.records.values()])
        await at.gone("admin-keys", "delete", key)
        at.all_called("invites", "admin-keys")


async def test_certificates(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        first = next(iter(organization(server, "certificates")["data"]))["id"]
        pem = organization(server, f"certificates/{first}", params={"include[]": "content"})
        made = await at.make("certificates", certificate=pem["certificate_details"]["content"], name="copy")
        assert (await at.do("certificates", "edit", made, name="spare"))["name"] == "spare"
        await toggled(at, "certificates", "activate", [made.id], {})
        assert (await at.list("certificates"))[made.id].at("active") is True
        await toggled(at, "certificates", "deactivate", [made.id], {})
        scope = {"project_id": (await at.make("projects", name="tls")).id}
        await toggled(at, "project-certificates", "activate", [made.id, first], scope)
        active = {id_ for id_, one in (await at.list("project-certificates", scope)).items() if one.at("active")}
        assert active == {made.id, first}
        with pytest.raises(ApiError, match="inactive"):
            await at.do("certificates", "delete", made)
        await toggled(at, "project-certificates", "deactivate", [made.id, first], scope)
        await at.gone("certificates", "delete", made)
        at.all_called("certificates", "project-certificates")


async def test_the_audit_log_tells_what_was_done(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        made = await at.make("projects", name="told of")
        newest = next(iter((await at.list("audit")).values()))
        assert (newest.at("type"), newest.object.target) == ("project.created", made.id)
        watch = at.platform.watch(REGISTRY["audit"])
        watch.set_query({"event_types[]": "project.created"})
        types = {record.at("type") for record in (await at.list("audit")).values()}
        assert types == {"project.created"}
        at.all_called("audit")


async def test_without_an_admin_key_nothing_is_sent(server: Server, tmp_path: Path) -> None:
    def asked() -> int:
        return sum("/organization/" in seen["path"] or "/projects/" in seen["path"] for seen in server.requests())

    before = asked()
    async with desk(server, tmp_path, admin=False) as at:
        for resource in RESOURCES:
            if resource.parent:
                continue
            watch = at.platform.watch(resource)
            await watch.refresh()
            assert isinstance(watch.health.error, NoKey), resource.name
            assert "OPENAI_ADMIN_KEY" in watch.health.error.next
    assert asked() == before


def test_all_of_them_want_an_admin_key() -> None:
    assert {op.key for resource in RESOURCES for op in resource.operations} == {"admin"}


def test_risks_of_a_key_in_words() -> None:
    def told(**changes: Any) -> list[str]:
        return risks(ProjectKey.read({**SAMPLES["keys"], **changes}), NOW)

    fine = {"owner_project_access": "active", "last_used_at": NOW, "expires_at": NOW + 30 * DAY}
    assert told(**fine) == []
    assert told(**{**fine, "expires_at": None}) == ["no expiry"]
    assert told(**{**fine, "expires_at": NOW + 13 * DAY}) == ["expires in 13 d"]
    assert told(**{**fine, "expires_at": NOW - 1}) == ["expired"]
    assert told(**{**fine, "last_used_at": None}) == ["never used in 120 d"]
    assert told(**{**fine, "last_used_at": None, "created_at": NOW - 29 * DAY}) == []
    assert told(**{**fine, "last_used_at": NOW - 91 * DAY}) == ["unused for 91 d"]
    assert told() == ["owner has no access", "expires in 9 d", "unused for 100 d"]
    assert KEYS.columns[0].cell(KEYS.record(SAMPLES["keys"]), LOOK).tone == "bad"


def test_a_private_key_is_no_certificate() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    assert not_a_certificate(pem) is None
    assert "private key" in str(not_a_certificate(pem + "\n-----BEGIN PRIVATE KEY-----\n"))
    assert "PEM" in str(not_a_certificate("hello"))


def test_every_operation_of_the_organization_is_within_reach() -> None:
    ours = {path for path in described() if path.split()[1].startswith(("/organization", "/projects"))}
    assert not ours - declared()
