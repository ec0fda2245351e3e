"""Where a form asks for an id, its object is chosen by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened, served
from tui.screens.forms.form import Form
from tui.screens.forms.pick_object import PickObject

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def acme() -> Iterator[Server]:
    """An organization where nothing moves by itself."""
    with served(scenario="calm") as server:
        yield server


@pytest.mark.opens("PickObject")
async def test_somebody_is_added_by_name(acme: Server) -> None:
    group = acme.call("POST", "/organization/groups", admin=True, json={"name": "Choosers"})["id"]
    async with opened(acme, size=(80, 24)) as drive:
        await drive.command(f"group-users {group}")
        await drive.sees("Nobody is in this group")
        await drive.press("n")
        await drive.sees("ctrl+o")
        await drive.press("ctrl+o")
        await drive.sees("kenji.sato@acme.example")
        await drive.sees("11 users")
        await drive.type("kenji")
        await drive.until(lambda: "ada.okafor" not in drive.text(), "the others to go")
        await drive.press("enter")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("user-")
        await drive.press("ctrl+s")
        await drive.sees("Kenji Sato")
    users = acme.call("GET", f"/organization/groups/{group}/users", admin=True)["data"]
    assert [user["email"] for user in users] == ["kenji.sato@acme.example"]


async def test_several_are_chosen_one_after_the_other(acme: Server) -> None:
    projects = acme.call("GET", "/organization/projects", admin=True)["data"]
    async with opened(acme, "projects", size=(80, 24)) as drive:
        await drive.command(f"project-models {projects[0]['id']}")
        await drive.sees("all models")
        await drive.press("e", "tab")
        for wanted in ("gpt-5-mini", "gpt-4.1-mini"):
            await drive.press("ctrl+o")
            await drive.until(lambda: isinstance(drive.app.screen, PickObject), "the list")
            await drive.type(wanted)
            await drive.sees(f" {wanted} ")
            await drive.press("enter")
        await drive.sees("gpt-5-mini, gpt-4.1-mini")


async def test_what_cannot_be_listed_says_why(acme: Server) -> None:
    async with opened(acme, "groups", size=(80, 24)) as drive:
        await drive.press("n", "ctrl+o")
        await drive.sees("There is no list to choose this from.")
        await drive.press("escape")
        await drive.command("users")
        await drive.until(lambda: drive.record, "somebody")
        await drive.command("user-roles")
        await drive.sees("user-roles")
        acme.control("faults", spec="403@GET /organization/roles")
        try:
            await drive.press("n", "ctrl+o")
            await drive.until(lambda: isinstance(drive.app.screen, PickObject), "the list")
            await drive.sees("403")
        finally:
            acme.control("faults", spec="")
        await drive.press("enter")
        assert isinstance(drive.app.screen, PickObject), "nothing was chosen"
        await drive.press("escape")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form, as it was")
