"""The organization's families, called as they are declared: what the keyboard does not show."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.declared import declared, described
from tests.support.desk import Desk
from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tests.support.filling import action_of
from tests.support.nursery import SLOW
from tests.support.samples import CONTEXT, NOW, SAMPLES
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import ApiError, NoKey
from tui.live.platform import Platform
from tui.resources.organization.certificates import find_certificate_fault
from tui.resources.organization.key_risks import list_risks
from tui.resources.organization.keys import KEYS, ProjectKey
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


RESOURCES = [REGISTRY[name] for name, entry in REGISTRY.entries.items() if "organization" in entry.module]
DAY = 86_400


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox with an organization worth administering."""
    with served(scenario="busy", speed=SLOW) as server:
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


async def test_a_secret_is_in_no_list_and_keys_of_an_account_go_with_it(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        scope = {"project_id": (await at.make("projects", name="accounts")).id}
        watch = at.platform.watch(REGISTRY["service-accounts"], scope)
        watch.start()
        answer = await at.do("service-accounts", "create", None, scope, name="robot")
        account = await at.get("service-accounts", answer["id"], scope)
        key = await at.do("service-accounts", "key", account, scope, name="second")
        listed = await at.list("project-keys", scope)
        assert {answer["api_key"]["id"], key["id"]} == set(listed)
        shown = await at.get("project-keys", key["id"], scope)
        for known in (*listed.values(), shown, account, *watch.collection.records.values()):
            assert answer["api_key"]["value"] not in str(known.raw)
            assert key["value"] not in str(known.raw)
        assert "service account" in str(action_of("project-keys", "delete").refuse(shown.object))
        with pytest.raises(ApiError, match="service account"):
            await at.do("project-keys", "delete", shown, scope)
        await at.gone("service-accounts", "delete", account, scope)
        assert not await at.list("project-keys", scope)


async def test_certificates_are_switched_on_together_and_cannot_be_deleted_then(
    server: Server, tmp_path: Path
) -> None:
    async with desk(server, tmp_path) as at:
        scope = {"project_id": (await at.make("projects", name="tls")).id}
        local = REGISTRY["project-certificates"]
        both = list((await at.list("certificates")).values())[:2]
        ids = [one.id for one in both]
        await at.platform.act(local, scope, None, action_of(local.name, "activate"), {"certificate_ids": ids})
        active = {id_ for id_, one in (await at.list(local.name, scope)).items() if one.at("active")}
        assert active == set(ids)
        with pytest.raises(ApiError, match="inactive"):
            await at.do("certificates", "delete", both[0])


async def test_the_audit_log_is_filtered_by_the_server(server: Server, tmp_path: Path) -> None:
    async with desk(server, tmp_path) as at:
        made = await at.make("projects", name="told of")
        told = (await at.list("audit")).values()  # and of what others did meanwhile
        assert [record.at("type") for record in told if record.object.target == made.id] == ["project.created"]
        at.platform.watch(REGISTRY["audit"]).set_query({"event_types[]": "project.created"})
        assert {record.at("type") for record in (await at.list("audit")).values()} == {"project.created"}


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
        return list_risks(ProjectKey.read({**SAMPLES["keys"], **changes}), NOW)

    fine = {"owner_project_access": "active", "last_used_at": NOW, "expires_at": NOW + 30 * DAY}
    assert told(**fine) == []
    assert told(**{**fine, "expires_at": None}) == ["never expires"]
    assert told(**{**fine, "expires_at": NOW + 13 * DAY}) == ["expires in 13 d"]
    assert told(**{**fine, "expires_at": NOW - 1}) == ["expired"]
    assert told(**{**fine, "last_used_at": None}) == ["never used in 120 d"]
    assert told(**{**fine, "last_used_at": None, "created_at": NOW - 29 * DAY}) == []
    assert told(**{**fine, "last_used_at": NOW - 91 * DAY}) == ["unused for 91 d"]
    assert told() == ["owner has no access", "expires in 9 d", "unused for 100 d"]
    assert KEYS.columns[0].cell(KEYS.record(SAMPLES["keys"]), CONTEXT).tone == "bad"


def test_a_private_key_is_no_certificate() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    assert find_certificate_fault(pem) is None
    assert "private key" in str(find_certificate_fault(pem + "\n-----BEGIN PRIVATE KEY-----\n"))
    assert "PEM" in str(find_certificate_fault("hello"))


def test_every_operation_of_the_organization_is_within_reach() -> None:
    ours = {path for path in described() if path.split()[1].startswith(("/organization", "/projects"))}
    assert not ours - declared()
