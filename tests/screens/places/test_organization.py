"""The organization from the keyboard: projects, secrets shown once, keys of all projects, certificates."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import PROJECT_KEY, Drive, Server, opened, served
from tests.support.nursery import SLOW
from tui.screens.dialogs.secret import SecretScreen
from tui.screens.places.listing.screen import ResourceScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def acme() -> Iterator[Server]:
    """A sandbox with an organization worth administering."""
    with served(scenario="busy", speed=SLOW) as server:
        yield server


def organization(server: Server, path: str, method: str = "GET", **kwargs: Any) -> Any:
    return server.call(method, f"/organization/{path}", admin=True, **kwargs)


def project(server: Server, name: str) -> str:
    id_: str = organization(server, "projects", "POST", json={"name": name})["id"]
    return id_


async def at(drive: Drive, id_: str) -> None:
    """Put the cursor on an object that is listed."""
    await drive.until(lambda: id_ in drive.table.view.ids, f"{id_} in the list")
    drive.table.cursor_id = id_
    await drive.until(lambda: drive.record and drive.record.id == id_, "the cursor on it")


async def child(drive: Drive, name: str) -> None:
    """Open a child of the object under the cursor from the menu of actions."""
    await drive.press("a")
    await drive.type(name)
    await drive.press("enter")
    await drive.until(
        lambda: isinstance(drive.app.screen, ResourceScreen) and drive.app.screen.resource.name == name, name
    )
    await drive.until(lambda: drive.app.screen.list_watch.health.state == "live", f"the list of {name}")  # type: ignore[attr-defined]


async def secret(drive: Drive) -> str:
    """The secret that the dialog shows."""
    await drive.until(lambda: isinstance(drive.app.screen, SecretScreen), "the secret")
    shown = await drive.until(
        lambda: [word for word in drive.text().split() if word.startswith("sk-")], "the secret to be drawn"
    )
    return str(shown[0])


def kept(folder: Path) -> bytes:
    """All that any file of a folder holds."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_project_is_made_renamed_and_archived_by_its_id(acme: Server) -> None:
    async with opened(acme, "projects") as drive:
        await drive.press("n")
        await drive.sees("/organization/projects")
        await drive.type("moon base")
        await drive.press("ctrl+s")
        made = await drive.until(
            lambda: next(p for p in organization(acme, "projects?limit=100")["data"] if p["name"] == "moon base"),
            "the project on the server",
        )
        await drive.until(lambda: drive.record and drive.record.id == made["id"], "the cursor on it")
        await drive.press("ctrl+x")
        await drive.sees("its users lose it")
        await drive.until(lambda: drive.armed, "the dialog to listen")
        await drive.type("moon")
        await drive.press("enter")
        assert drive.armed, "half of the name was enough"
        await drive.type("moon base")  # the field is empty again
        await drive.press("enter")
        await drive.until(
            lambda: organization(acme, f"projects/{made['id']}")["status"] == "archived", "the archived project"
        )
        await drive.command("include_archived true")
        await drive.sees("■ archived")


@pytest.mark.opens("SecretScreen")
async def test_a_new_key_is_shown_once_and_kept_nowhere(acme: Server, tmp_path: Path) -> None:
    id_ = project(acme, "secrets")
    async with opened(acme, "projects") as drive:
        await at(drive, id_)
        await child(drive, "service-accounts")
        await drive.press("n")
        await drive.sees("without a key")
        await drive.type("robot")
        await drive.press("ctrl+s")
        shown = await secret(drive)
        assert "is shown once" in drive.text()
        written: list[str] = []
        drive.app._driver.write = written.append  # type: ignore[union-attr, method-assign]
        await drive.press("escape")
        await drive.sees("It was not copied.")
        await drive.press("c")
        await drive.until(lambda: base64.b64encode(shown.encode()).decode() in "".join(written), "the copy")
        await drive.press("escape")
        await drive.until(lambda: drive.record and drive.record.raw["name"] == "robot", "the account in the list")
        assert shown not in drive.text()
        assert shown not in str(drive.record.raw)
        assert shown not in str(list(drive.app.platform.client.exchanges))  # type: ignore[union-attr]
        await drive.press("R")
        await drive.sees("New key: service account robot")
        await drive.type("second")
        await drive.press("ctrl+s")
        second = await secret(drive)
        await drive.press("c", "escape")
        await drive.command("admin-keys")
        await drive.sees("terraform")
        await drive.press("n")
        await drive.type("ci")
        await drive.press("ctrl+s")
        await drive.answer("may do everything in the organization")
        third = await secret(drive)
        await drive.press("c", "escape")
        await drive.sees("ci ")
    keys = organization(acme, f"projects/{id_}/api_keys?owner_project_access=any")["data"]
    assert {key["name"] for key in keys} >= {"second"}
    files = kept(tmp_path)
    assert b"service_accounts" in files, "the journal is not where it is looked for"
    for told in (shown, second, third):
        assert told.encode() not in files


async def test_keys_of_all_projects_in_one_list_and_one_deleted_there(acme: Server) -> None:
    async with opened(acme, "keys") as drive:
        await drive.sees("owner has no access")
        await drive.until(lambda: drive.table.view.ids, "rows")
        orphan = next(
            id_
            for id_ in drive.table.view.ids
            if drive.app.screen.list_watch.collection.records[id_].raw["name"] == "checkout-prod"  # type: ignore[attr-defined]
        )
        await at(drive, orphan)
        home = drive.record.raw["project"]["id"]
        await drive.press("ctrl+d")
        await drive.sees("Delete this API key?")
        await drive.until(lambda: drive.armed, "the dialog to listen")
        await drive.type("checkout-prod")
        await drive.press("enter")
        await drive.until(lambda: orphan not in drive.table.view.ids, "the row to go")
        listed = organization(acme, f"projects/{home}/api_keys?owner_project_access=any&limit=100")["data"]
        assert orphan not in {key["id"] for key in listed}


async def test_a_certificate_from_a_file_and_switching_it_on_warns(acme: Server, tmp_path: Path) -> None:
    before = {one["id"] for one in organization(acme, "certificates?limit=100")["data"]}
    known = min(before)
    details = organization(acme, f"certificates/{known}?include[]=content")["certificate_details"]
    pem, bad = tmp_path / "edge.pem", tmp_path / "edge.key"
    pem.write_text(details["content"])
    bad.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    async with opened(acme, "certificates") as drive:
        await drive.press("n")
        await drive.sees("The path of a PEM file")
        await drive.type("no-such.pem")
        await drive.press("ctrl+s")
        await drive.sees("cannot be read")
        for path, said in ((bad, "must stay here"), (pem, "Created certificate ")):
            drive.app.screen.query_one("TextArea").text = str(path)  # type: ignore[attr-defined]
            await drive.press("ctrl+s")
            await drive.sees(said)
        after = {one["id"] for one in organization(acme, "certificates?limit=100")["data"]}
        (made,) = after - before
        await at(drive, made)
        await drive.press("s")
        await drive.sees("locked out")
        await drive.answer()
        await drive.until(lambda: drive.record.raw["active"] is True, "the active certificate")
    active = {one["id"] for one in organization(acme, "certificates?limit=100")["data"] if one["active"]}
    assert made in active


@pytest.mark.opens("SettingScreen")
async def test_a_setting_fills_its_place_and_a_grave_one_is_typed(acme: Server) -> None:
    async with opened(acme, "retention") as drive:
        await drive.sees("What it means")  # the object itself, not a list of one row
        assert "What requests ask to be stored is stored." in drive.text()
        assert "RETENTION" not in drive.text()
        assert "e change" in drive.text()
        await drive.press("tab", "slash", "p")  # keys of lists do nothing here
        assert "What it means" in drive.text()
        await drive.press("y")
        await drive.sees('"type": "modified_abuse_monitoring"')
        await drive.press("d")
        await drive.press("e")
        await drive.sees("It decides what is stored")
        await drive.until(lambda: drive.armed, "the dialog to listen")
        await drive.type("retention")
        await drive.press("enter")
        await drive.sees("/organization/data_retention")
        await drive.press("escape")
        await drive.command("spend-limit")
        await drive.sees("$12,000.00")
        await drive.press("e")
        await drive.sees("Requests are refused once")
        await drive.press("ctrl+u")
        await drive.type("$50,000")
        await drive.press("ctrl+s")
        await drive.sees("$12,000.00 → $50,000.00")
        await drive.answer()
        await drive.sees("limit     $50,000.00")
        await drive.press("ctrl+d")
        await drive.sees("no cap from then on")
        await drive.press("escape")
    assert organization(acme, "spend_limit")["threshold_amount"] == 5_000_000


async def test_without_an_admin_key_a_list_says_what_is_needed(acme: Server) -> None:
    before = len([seen for seen in acme.requests() if "/organization" in seen["path"]])
    async with opened(acme, env={"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ""}) as drive:
        for name in ("projects", "keys", "spend-limit"):
            await drive.command(name)
            await drive.sees("admin key")
            await drive.sees("OPENAI_ADMIN_KEY")
    assert len([seen for seen in acme.requests() if "/organization" in seen["path"]]) == before
