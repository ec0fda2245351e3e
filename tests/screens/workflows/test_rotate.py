"""Rotating a key from its list: the secret is shown once, the old key stays until its deletion is agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.driving import Drive, Server, opened, served
from tui.screens.dialogs.secret import SecretScreen
from tui.screens.workflows.plans.removal import RemovalScreen

if TYPE_CHECKING:
    import pytest


def admin_keys(server: Server, name: str) -> list[str]:
    """The ids of the admin keys of a name."""
    listed = server.call("GET", "/organization/admin_api_keys?limit=100", admin=True)["data"]
    return [each["id"] for each in listed if each["name"] == name]


async def under_cursor(drive: Drive, id_: str) -> None:
    """Put the cursor on a row."""
    await drive.until(lambda: id_ in drive.table.view.ids, f"{id_} in the list")
    drive.table.cursor_id = id_
    await drive.until(lambda: drive.record and drive.record.id == id_, "the cursor on it")


async def test_the_old_key_stays_until_its_deletion_is_agreed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.dialogs.confirm.ARM_SECONDS", 0.01)
    with served(scenario="calm") as server:
        body = {"name": "deploy"}
        old = server.call("POST", "/organization/admin_api_keys", admin=True, json=body)["id"]
        async with opened(server, "admin-keys", size=(80, 24)) as drive:
            platform: Any = drive.app.platform
            await under_cursor(drive, old)
            await drive.press("I")
            await drive.sees("Rotate the admin key deploy")
            await drive.sees("Delete the old one when it has been unused for")
            await drive.press("enter")
            await drive.answer("old one stays: once it has been unused for 7 d")
            await drive.until(lambda: isinstance(drive.app.screen, SecretScreen), "the secret")
            await drive.sees("sk-admin-")
            assert len(admin_keys(server, "deploy")) == 2
            new = next(id_ for id_ in admin_keys(server, "deploy") if id_ != old)
            await drive.press("escape", "escape")
            await drive.told(":due and :tasks have it.")
            await drive.until(lambda: new in drive.table.view.ids, "the new key in the list")
            (task,) = platform.tasks.all
            assert task.state == "paused"

            await drive.command("due")
            await drive.sees("delete the old")  # the name gives way at this width
            await under_cursor(drive, f"rotation/{task.id}")
            await drive.press("c")
            await drive.press("enter")
            await drive.until(lambda: task.id in drive.table.view.ids, "the tasks")
            await under_cursor(drive, task.id)
            await drive.press("s")
            await drive.until(lambda: drive.armed, "the question")
            await drive.sees("It is not due before")
            assert old in admin_keys(server, "deploy"), "nothing is deleted unasked"
            await drive.type("deploy")
            await drive.press("enter")
            await drive.until(lambda: task.is_over, "the end")
            assert task.state == "done" and old not in admin_keys(server, "deploy")
            await drive.command("due")
            await drive.until(
                lambda: not any(id_.startswith("rotation/") for id_ in drive.table.view.ids), "it is no longer due"
            )

            # What is long unused is deleted as a plan, once that is agreed to.
            await drive.command("admin-keys")
            await drive.until(lambda: "old-siem" in drive.text(), "the keys")
            await drive.press("Z")
            await drive.until(lambda: isinstance(drive.app.screen, RemovalScreen), "the plan")
            screen: Any = drive.app.screen
            assert {step.name for step in screen.plan.remaining} == {"old-siem", "billing-export"}
            await drive.press("escape")

            # A key of a user is made by its owner.
            await drive.command("keys")
            await drive.until(lambda: drive.table.view.ids, "the keys")
            records = drive.table.view.collection.records

            def find_users() -> list[str]:
                return [id_ for id_, each in records.items() if each.at("owner.type") == "user"]

            await drive.until(find_users, "a key of a user")
            await under_cursor(drive, find_users()[0])
            await drive.press("I")
            await drive.told("its owner makes the new one")


async def test_a_new_key_whose_answer_got_lost_is_looked_for_and_told_before_another_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.screens.dialogs.confirm.ARM_SECONDS", 0.01)
    with served(scenario="calm") as server:
        body = {"name": "deploy"}
        old = server.call("POST", "/organization/admin_api_keys", admin=True, json=body)["id"]
        async with opened(server, "admin-keys") as drive:
            await under_cursor(drive, old)
            server.control("faults", spec="drop-after@POST /organization/admin_api_keys x1")
            await drive.press("I")
            await drive.sees("Delete the old one when it has been unused for")
            await drive.press("enter")
            await drive.answer("old one stays: once it has been unused for 7 d")
            await drive.told("delete it before you make another")
            assert not drive.app.platform.tasks.all  # type: ignore[union-attr]
            await under_cursor(drive, old)
            await drive.press("I")
            await drive.sees("Delete the old one when it has been unused for")
            await drive.press("enter")
            await drive.until(lambda: drive.armed, "the question")
            (new,) = {*admin_keys(server, "deploy")} - {old}
            await drive.sees(f"rotated already: {new}")
            await drive.press("escape")
            assert len(admin_keys(server, "deploy")) == 2
