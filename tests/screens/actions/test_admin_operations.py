"""Every operation that wants an admin key is done from the keyboard; what it did is looked up on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Server, opened, served
from tests.support.walking import Scripts, Walk, declared
from tui.api.operation import Key
from tui.resources.usage import KINDS
from tui.screens.dialogs.secret import SecretScreen
from tui.screens.places.usage.screen import UsageScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.walking import Script

ALL = "/organization"
SCRIPTS = Scripts(Key.ADMIN)
does = SCRIPTS.does


@pytest.fixture(scope="module")
def acme() -> Iterator[Server]:
    """An organization worth administering, where nothing moves but what a test does."""
    with served(scenario="calm") as server:
        yield server


def listed(walk: Walk, path: str, key: str = "id") -> dict[str, Any]:
    """What the server lists at a path."""
    separator = "&" if "?" in path else "?"
    return {one[key]: one for one in walk.call("GET", f"{path}{separator}limit=100")["data"]}


def project(walk: Walk, name: str) -> tuple[str, str]:
    """Make a project to work on: its id and its path."""
    id_: str = walk.call("POST", f"{ALL}/projects", json={"name": name})["id"]
    return id_, f"{ALL}/projects/{id_}"


def person(walk: Walk, name: str) -> str:
    """The id of somebody of the organization."""
    return next(str(user["id"]) for user in listed(walk, f"{ALL}/users").values() if user["name"] == name)


async def into(walk: Walk, child: str, id_: str = "") -> None:
    """Go into a child of the object under the cursor, or of this one, from the menu."""
    if id_:
        await walk.on(id_)
    await walk.chooses(child)
    await walk.lists(child)


async def edits(walk: Walk, path: str, key: str, value: Any, **answers: Any) -> None:
    """Change the object under the cursor in its form, and see that the server has it."""
    await walk.press("e")
    await walk.fill(**answers)
    await walk.holds(f"the new {key}", path, *key.split("."), is_=value)


async def tells(walk: Walk, key: str, **answers: Any) -> None:
    """Make a key, and close what shows its secret."""
    await walk.press(key)
    await walk.fill(**answers)
    await walk.drive.until(lambda: isinstance(walk.drive.app.screen, SecretScreen), "the secret")
    await walk.drive.sees("sk-")
    await walk.press("c", "escape")
    await walk.drive.until(lambda: walk.place, "the place again")


@does("list-projects", "create-project", "retrieve-project", "modify-project", "archive-project")
async def projects(walk: Walk, folder: Path) -> None:
    await walk.lists("projects", by="projects")
    id_ = await walk.makes(name="moon", residency="EU_STORAGE_PROCESSING")
    path = f"{ALL}/projects/{id_}"
    await walk.holds("where data is kept", path, "residency", is_="EU_STORAGE_PROCESSING")
    await walk.reads(id_)
    await edits(walk, path, "name", "mars", name="mars")
    await walk.agrees("ctrl+x", "mars")
    await walk.holds("the project to be archived", path, "status", is_="archived")


@does(
    *("list-project-users", "retrieve-project-user", "create-project-user", "modify-project-user"),
    *("delete-project-user", "list-project-user-role-assignments", "retrieve-project-user-role"),
    *("assign-project-user-role", "unassign-project-user-role"),
    *("list-project-roles", "retrieve-project-role", "create-project-role", "update-project-role"),
    "delete-project-role",
)
async def members(walk: Walk, folder: Path) -> None:
    id_, path = project(walk, "members")
    roles = f"/projects/{id_}/roles"
    await walk.lists("project-roles", by=f"project-roles {id_}")
    role = await walk.makes(role_name="Reader", permissions="api.files.read")
    await walk.reads(role)
    await edits(walk, f"{roles}/{role}", "permissions", ["api.all"], permissions="api.all")
    await walk.lists("projects", by="projects")
    await into(walk, "project-users", id_)
    priya = await walk.makes(email="priya.nair@acme.example")
    assert listed(walk, f"{path}/users")[priya]["role"] == "member"
    await walk.reads(priya)
    await edits(walk, f"{path}/users/{priya}", "role", "owner", role="owner")
    held = f"/projects/{id_}/users/{priya}/roles"
    await into(walk, "project-user-roles", priya)
    assert await walk.makes(role_id=role) == role
    assert role in listed(walk, held)
    await walk.reads(role)
    await walk.removes(role)
    assert role not in listed(walk, held)
    await walk.lists("project-users", "escape")
    await walk.removes(priya)
    assert priya not in listed(walk, f"{path}/users")
    await walk.lists("project-roles", by=f"project-roles {id_}")
    await walk.removes(role)
    assert role not in listed(walk, roles)


@does(
    *("list-project-service-accounts", "retrieve-project-service-account", "create-project-service-account"),
    *("update-project-service-account", "delete-project-service-account", "CreateanAPIkeyforaserviceaccount"),
)
async def accounts(walk: Walk, folder: Path) -> None:
    id_, path = project(walk, "accounts")
    await walk.lists("service-accounts", by=f"service-accounts {id_}")
    await tells(walk, "n", name="robot")
    account = (await walk.drive.until(walk.ids, "the account")).pop()
    await walk.reads(account)
    await edits(walk, f"{path}/service_accounts/{account}", "role", "owner", role="owner")
    await tells(walk, "R", name="second")
    keys = listed(walk, f"{path}/api_keys?owner_project_access=any")
    assert len(keys) == 2
    await walk.removes(account, "robot")
    assert not listed(walk, f"{path}/service_accounts")


@does("list-project-api-keys", "retrieve-project-api-key", "delete-project-api-key")
async def keys(walk: Walk, folder: Path) -> None:
    every = listed(walk, f"{ALL}/projects")
    id_ = next(one for one, each in every.items() if each["name"] == "storefront")
    path = f"{ALL}/projects/{id_}/api_keys?owner_project_access=any"
    key = next(each for each in listed(walk, path).values() if each["owner"]["type"] == "user")
    await walk.lists("project-keys", by=f"project-keys {id_}")
    await walk.reads(key["id"])
    await walk.removes(key["id"], key["name"])
    assert key["id"] not in listed(walk, path)


@does(
    *("list-project-rate-limits", "update-project-rate-limits", "retrieve-project-model-permissions"),
    *("update-project-model-permissions", "delete-project-model-permissions"),
    *("retrieve-project-hosted-tool-permissions", "update-project-hosted-tool-permissions"),
)
async def limits(walk: Walk, folder: Path) -> None:
    id_, path = project(walk, "limits")
    await walk.lists("rate-limits", by=f"rate-limits {id_}")
    await walk.on("rl-gpt-5")
    await walk.press("enter")
    await walk.fill(max_requests_per_1_minute="100")
    assert listed(walk, f"{path}/rate_limits")["rl-gpt-5"]["max_requests_per_1_minute"] == 100
    models, tools = f"{path}/model_permissions", f"{path}/hosted_tool_permissions"
    await walk.lists("project-models", by=f"project-models {id_}")
    await edits(walk, models, "model_ids", ["gpt-5"], mode="allow_list", model_ids="gpt-5")
    await walk.agrees("ctrl+d")
    await walk.holds("all models again", models, "model_ids", is_=[])
    await walk.lists("project-tools", by=f"project-tools {id_}")
    await edits(walk, tools, "mcp.enabled", False, mcp__enabled=False)
    assert walk.call("GET", tools)["web_search"]["enabled"]


async def spends(walk: Walk, path: str, start: str = "", scope: str = "") -> None:
    """Set retention, the spending limit and alerts of the organization or of a project."""

    def there(name: str) -> dict[str, str]:
        return {"name": f"{start}{name}", "by": f"{start}{name} {scope}".strip()}

    retention, limit, alerts = (f"{path}/{name}" for name in ("data_retention", "spend_limit", "spend_alerts"))
    await walk.lists(**there("retention"))
    await walk.agrees("e", there("retention")["name"].replace("-", " "))
    await walk.fill(retention_type="zero_data_retention")
    await walk.holds("the retention", retention, "type", is_="zero_data_retention")
    await walk.lists(**there("spend-limit"))
    if not walk.ids():
        await walk.makes(threshold_amount="$500")
        await walk.holds("the limit", limit, "threshold_amount", is_=50_000)
    await edits(walk, limit, "threshold_amount", 60_000, threshold_amount="$600")
    await walk.agrees("ctrl+d", there("spend-limit")["name"].replace("-", " "))
    await walk.drive.until(lambda: not walk.ids(), "the limit to go")
    await walk.lists(**there("spend-alerts"))
    alert = await walk.makes(threshold_amount="$10", notification_channel__recipients="a@acme.example")
    assert listed(walk, alerts)[alert]["notification_channel"]["recipients"] == ["a@acme.example"]
    await walk.reads(alert)
    await edits(walk, f"{alerts}/{alert}", "threshold_amount", 2000, threshold_amount="$20")
    await walk.removes(alert)
    assert alert not in listed(walk, alerts)


@does(
    *("retrieve-organization-data-retention", "update-organization-data-retention"),
    *("Getorganizationspendlimit", "Updateorganizationspendlimit", "Deleteorganizationspendlimit"),
    *("list-organization-spend-alerts", "retrieve-organization-spend-alert", "create-organization-spend-alert"),
    *("update-organization-spend-alert", "delete-organization-spend-alert"),
)
async def spending(walk: Walk, folder: Path) -> None:
    await spends(walk, ALL)


@does(
    *("retrieve-project-data-retention", "update-project-data-retention"),
    *("Getprojectspendlimit", "Updateprojectspendlimit", "Deleteprojectspendlimit"),
    *("list-project-spend-alerts", "retrieve-project-spend-alert", "create-project-spend-alert"),
    *("update-project-spend-alert", "delete-project-spend-alert"),
)
async def spending_of_a_project(walk: Walk, folder: Path) -> None:
    id_, path = project(walk, "spending")
    await spends(walk, path, "project-", id_)


@does(
    *("list-users", "retrieve-user", "modify-user", "delete-user", "list-user-role-assignments"),
    *("retrieve-user-role", "assign-user-role", "unassign-user-role"),
    *("list-roles", "retrieve-role", "create-role", "update-role", "delete-role"),
    *("list-invites", "retrieve-invite", "inviteUser", "delete-invite"),
)
async def people(walk: Walk, folder: Path) -> None:
    await walk.lists("roles", by="roles")
    role = await walk.makes(role_name="Observer", permissions="api.usage.read", description="Looks")
    await walk.reads(role)
    await edits(walk, f"{ALL}/roles/{role}", "permissions", ["api.all"], permissions="api.all")
    jonas = person(walk, "Jonas Berg")
    path = f"{ALL}/users/{jonas}"
    await walk.lists("users", by="users")
    await walk.reads(jonas)
    await edits(walk, path, "role", "owner", role="owner")
    await into(walk, "user-roles")
    assert await walk.makes(role_id=role) == role
    await walk.reads(role)
    await walk.removes(role)
    assert role not in listed(walk, f"{path}/roles")
    await walk.lists("users", "escape")
    await walk.removes(jonas, "jonas.berg@acme.example")
    assert jonas not in listed(walk, f"{ALL}/users")
    await walk.lists("roles", by="roles")
    await walk.removes(role)
    assert role not in listed(walk, f"{ALL}/roles")
    await walk.lists("invites", by="invites")
    id_, _ = project(walk, "joined")
    invite = await walk.makes(email="new@acme.example", projects=f"{id_}=member")
    assert listed(walk, f"{ALL}/invites")[invite]["projects"] == [{"id": id_, "role": "member"}]
    await walk.reads(invite)
    await walk.removes(invite)
    assert invite not in listed(walk, f"{ALL}/invites")


@does(
    *("list-groups", "retrieve-group", "create-group", "update-group", "delete-group"),
    *("list-group-users", "retrieve-group-user", "add-group-user", "remove-group-user"),
    *("list-group-role-assignments", "retrieve-group-role", "assign-group-role", "unassign-group-role"),
    *("list-project-groups", "retrieve-project-group", "add-project-group", "remove-project-group"),
    *("list-project-group-role-assignments", "retrieve-project-group-role"),
    *("assign-project-group-role", "unassign-project-group-role"),
)
async def groups(walk: Walk, folder: Path) -> None:
    await walk.lists("groups", by="groups")
    group = await walk.makes(name="Night watch")
    path = f"{ALL}/groups/{group}"
    await walk.reads(group)
    await edits(walk, path, "name", "Day watch", name="Day watch")
    await walk.lists("group-users", "enter")
    kenji = person(walk, "Kenji Sato")
    assert await walk.makes(user_id=kenji) == kenji
    await walk.reads(kenji)
    await walk.removes(kenji)
    assert not listed(walk, f"{path}/users")
    await walk.lists("groups", "escape")
    await into(walk, "group-roles", group)
    role = next(iter(listed(walk, f"{ALL}/roles")))
    assert await walk.makes(role_id=role) == role
    await walk.reads(role)
    await walk.removes(role)
    assert not listed(walk, f"{path}/roles")

    id_, team = project(walk, "watch")
    await walk.lists("project-groups", by=f"project-groups {id_}")
    assert await walk.makes(group_id=group) == group
    assert group in listed(walk, f"{team}/groups", "group_id")
    await walk.reads(group)
    await into(walk, "project-group-roles")
    owner, held = "role_project_owner", f"/projects/{id_}/groups/{group}/roles"
    assert await walk.makes(role_id=owner) == owner
    await walk.reads(owner)
    await walk.removes(owner)
    assert owner not in listed(walk, held)
    await walk.lists("project-groups", "escape")
    await walk.removes(group)
    assert not listed(walk, f"{team}/groups", "group_id")
    await walk.lists("groups", by="groups")
    await walk.removes(group)
    assert group not in listed(walk, f"{ALL}/groups")


@does("admin-api-keys-list", "admin-api-keys-get", "admin-api-keys-create", "admin-api-keys-delete")
async def admin_keys(walk: Walk, folder: Path) -> None:
    await walk.lists("admin-keys", by="admin-keys")
    before = walk.ids()
    await tells(walk, "n", name="ci", expires_in_seconds="1d")
    key = (await walk.drive.until(lambda: walk.ids() - before, "the key")).pop()
    assert listed(walk, f"{ALL}/admin_api_keys")[key]["name"] == "ci"
    await walk.reads(key)
    await walk.removes(key, "ci")
    assert key not in listed(walk, f"{ALL}/admin_api_keys")


@does(
    *("listOrganizationCertificates", "getCertificate", "uploadCertificate", "modifyCertificate"),
    *("deleteCertificate", "activateOrganizationCertificates", "deactivateOrganizationCertificates"),
    *("listProjectCertificates", "activateProjectCertificates", "deactivateProjectCertificates"),
)
async def certificates(walk: Walk, folder: Path) -> None:
    known = next(iter(listed(walk, f"{ALL}/certificates")))
    details = walk.call("GET", f"{ALL}/certificates/{known}?include[]=content")["certificate_details"]
    pem = folder / "edge.pem"
    pem.write_text(details["content"])
    id_, path = project(walk, "tls")

    async def toggled(path: str, active: bool) -> None:
        await walk.agrees("s")
        await walk.drive.until(
            lambda: listed(walk, f"{path}/certificates")[made]["active"] is active, f"active to be {active}"
        )
        await walk.drive.until(lambda: walk.drive.record.raw["active"] is active, "the row to say so")

    await walk.lists("certificates", by="certificates")
    made = await walk.makes(certificate=str(pem), name="copy")
    await walk.reads(made)
    await edits(walk, f"{ALL}/certificates/{made}", "name", "spare", name="spare")
    await toggled(ALL, True)
    await toggled(ALL, False)
    await walk.lists("project-certificates", by=f"project-certificates {id_}")
    await walk.on(made)
    await toggled(path, True)
    await toggled(path, False)
    await walk.lists("certificates", by="certificates")
    await walk.removes(made, "spare")
    assert made not in listed(walk, f"{ALL}/certificates")


@does(
    "listFineTuningCheckpointPermissions",
    "createFineTuningCheckpointPermission",
    "deleteFineTuningCheckpointPermission",
)
async def permissions(walk: Walk, folder: Path) -> None:
    jobs = walk.server.call("GET", "/fine_tuning/jobs")["data"]
    job = next(each["id"] for each in jobs if each["status"] == "succeeded")
    checkpoint = walk.server.call("GET", f"/fine_tuning/jobs/{job}/checkpoints")["data"][0]
    path = f"/fine_tuning/checkpoints/{checkpoint['fine_tuned_model_checkpoint']}/permissions"
    id_, _ = project(walk, "tuned")
    await walk.lists("checkpoints", by=f"checkpoints {job}")
    await walk.on(checkpoint["id"])
    await walk.lists("permissions", "enter")
    made = await walk.makes(project_ids=id_)
    assert listed(walk, path)[made]["project_id"] == id_
    await walk.removes(made)
    assert made not in listed(walk, path)


@does("list-audit-logs")
async def audit(walk: Walk, folder: Path) -> None:
    project(walk, "told of")
    newest = walk.call("GET", f"{ALL}/audit_logs?limit=1")["data"][0]
    await walk.drive.command("audit")
    await walk.drive.sees("project.created")
    await walk.drive.until(lambda: walk.drive.record and walk.drive.record.id == newest["id"], "the newest entry")


USAGE = tuple(name for name in declared(Key.ADMIN) if name.startswith("usage-"))


@does(*USAGE)
async def usage(walk: Walk, folder: Path) -> None:
    def whole(name: str) -> bool:
        report = walk.place._usage.report if isinstance(walk.place, UsageScreen) else None
        return bool(report and report.complete and report.question.kind.name == name)

    await walk.drive.command("costs")
    await walk.drive.until(lambda: whole("costs"), "the costs")
    await walk.drive.command("usage")
    for place, kind in enumerate(kind for kind in KINDS if kind != "costs"):
        await walk.press("K")
        await walk.drive.sees("Usage of")
        await walk.press(*["down"] * place, "enter")
        await walk.drive.until(lambda name=kind: whole(name), f"the usage of {kind}")  # type: ignore[misc]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("script", SCRIPTS.operations, ids=lambda script: script.__name__)
async def test_done_from_the_keyboard(script: Script, acme: Server, tmp_path: Path) -> None:
    async with opened(acme, size=(80, 24)) as drive:
        await SCRIPTS.run(script, drive, acme, tmp_path)


def test_every_operation_is_driven() -> None:
    assert SCRIPTS.driven == set(declared(Key.ADMIN))


def test_what_o9s_promises_is_driven() -> None:
    """By name: taking one of these out of the registry must not go unseen."""
    promised = """
        list-audit-logs listOrganizationCertificates uploadCertificate
        activateOrganizationCertificates deactivateOrganizationCertificates getCertificate
        modifyCertificate deleteCertificate usage-costs list-projects create-project
        retrieve-project modify-project list-project-api-keys retrieve-project-api-key
        delete-project-api-key archive-project listProjectCertificates activateProjectCertificates
        deactivateProjectCertificates list-project-rate-limits update-project-rate-limits
        list-project-service-accounts create-project-service-account
        retrieve-project-service-account delete-project-service-account list-project-users
        create-project-user retrieve-project-user modify-project-user delete-project-user
        usage-audio-speeches usage-audio-transcriptions usage-code-interpreter-sessions
        usage-completions usage-embeddings usage-file-search-calls usage-images usage-moderations
        usage-vector-stores usage-web-search-calls
    """.split()  # noqa: SIM905 - a list would take a line for each
    assert not set(promised) - SCRIPTS.driven
