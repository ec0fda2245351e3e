"""Where a form asks for an id, its object is chosen by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened, served
from tui.screens.forms.form import Form
from tui.screens.forms.pick_object import PickObject
from tui.widgets.input.form_field import ListArrow

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
        # Ticks say it all: one goes, one comes.
        await drive.press("ctrl+o")
        await drive.type("gpt-5-mini")
        await drive.sees("[x] gpt-5-mini")
        await drive.press("space", *["backspace"] * len("gpt-5-mini"))
        await drive.type("gpt-4o-mini")
        await drive.sees("[ ] gpt-4o-mini")
        await drive.press("space", "enter")
        await drive.sees("gpt-4.1-mini, gpt-4o-mini")


@pytest.mark.opens("PickValue")
async def test_permissions_are_ticked_and_ids_put_into_json(acme: Server) -> None:
    roles = acme.call("GET", "/organization/roles", admin=True)["data"]
    known = sorted({permission for role in roles for permission in role["permissions"] or ()})
    async with opened(acme, "roles", size=(120, 40)) as drive:
        await drive.until(lambda: drive.record, "the roles")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        form = drive.app.screen
        assert isinstance(form, Form)
        field = form._fields["permissions"]
        field.write("api.made.up")
        form.set_focus(field.control)
        await drive.press("ctrl+o")
        await drive.sees("[x] api.made.up")
        await drive.type(known[-1])
        await drive.sees(f"[ ] {known[-1]}")
        await drive.press("space", "enter")
        await drive.until(lambda: field.text() == f"api.made.up, {known[-1]}", "both")
        await drive.sees(f'"{known[-1][:16]}')  # in the request beside it
        await drive.sees("missing, or not right: name")
        await drive.press("escape")
        file = acme.call("GET", "/files?limit=1")["data"][0]
        await drive.command("evals")
        await drive.until(lambda: drive.record and drive.record.id.startswith("eval_"), "the evals")
        await drive.command(f"eval-runs {drive.record.id}")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        form = drive.app.screen
        assert isinstance(form, Form)
        field = form._fields["data_source"]
        field.write('{"id": ')
        form.set_focus(field.control)
        await drive.press("end")
        await drive.click(field.query_one(ListArrow))
        await drive.type(file["filename"])
        await drive.sees(f"…{file['id'][-6:]}")
        await drive.press("enter")
        await drive.until(lambda: field.text() == f'{{"id": "{file["id"]}"', "the id, quoted")


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
