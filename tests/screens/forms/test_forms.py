"""Forms on the screen: whose they are, what they change, and what they ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Server, opened, served
from tests.support.sent_files import training_file
from tui.screens.dialogs.confirm import Confirm
from tui.screens.forms.form import Form
from tui.toolkit.controls import Input, Select
from tui.widgets.input.field_list import MoreLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def acme() -> Iterator[Server]:
    """An organization where nothing moves by itself."""
    with served(scenario="calm") as server:
        yield server


def _role(server: Server, id_: str) -> str:
    role: str = server.call("GET", f"/organization/users/{id_}", admin=True)["role"]
    return role


@pytest.mark.usefixtures("at_once")
async def test_a_role_is_changed_by_name_and_asked_about_again(acme: Server) -> None:
    users = acme.call("GET", "/organization/users?limit=100", admin=True)["data"]
    reader = next(user for user in users if user["role"] == "reader")
    async with opened(acme, "users", size=(80, 24)) as drive:
        await drive.command(f"open {reader['id']}")
        await drive.sees("SCIM managed")
        await drive.press("e")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees(f"Edit user {reader['name']}")
        assert "{user_id}" not in drive.text()
        form = drive.app.screen
        form.query_one(Select).value = "owner"
        await drive.sees("reader → owner")
        await drive.press("ctrl+s")
        await drive.until(lambda: isinstance(drive.app.screen, Confirm), "the question")
        await drive.sees(f"Edit user {reader['name']}?")
        await drive.sees("role  reader → owner")
        await drive.press("n")
        await drive.sees("Nothing was sent.")
        assert _role(acme, reader["id"]) == "reader"
        await drive.press("ctrl+s")
        await drive.answer()
        await drive.until(lambda: _role(acme, reader["id"]) == "owner", "the change")


@pytest.mark.usefixtures("at_once")
async def test_what_gives_no_power_is_not_asked_about(acme: Server) -> None:
    store = acme.call("POST", "/vector_stores", json={"name": "one"})["id"]
    async with opened(acme, "vector-stores") as drive:
        await drive.command(f"open {store}")
        await drive.sees("one")
        await drive.press("e")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("Edit vector store one")
        await drive.type("two")
        await drive.sees("one → ")
        await drive.press("ctrl+s")
        changed = f"/vector_stores/{store}"
        await drive.until(lambda: "two" in acme.call("GET", changed)["name"], "the change")


async def test_what_is_seldom_needed_is_behind_more_until_something_is_there(acme: Server) -> None:
    async with opened(acme, "responses", size=(80, 24)) as drive:
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        form = drive.app.screen
        assert isinstance(form, Form)
        hidden, fold = form._fields["top_p"], form.query_one(MoreLine)
        await drive.sees("▸ more  previous response, conversation, tools")
        assert "top p   " not in drive.text()
        await drive.press("ctrl+t")
        await drive.sees("top p   ")
        assert form.focused is form._fields["previous_response_id"].control
        hidden.write("9")
        await drive.press("ctrl+t")
        assert form.focused is fold, "what had the focus is gone"
        await drive.press("enter")
        await drive.sees("▾ less")
        await drive.click(fold)
        await drive.sees("▸ more")
        form._fields["input"].write("Hello")
        await drive.press("ctrl+s")
        await drive.sees("Should be at most 1")
        assert form.focused is hidden.control, "a fault opens what it is behind"
        action = form._resource.action("create")
        assert action
        drive.app.switch_screen(Form(form._platform, form._resource, {}, action, start={"top_p": 0.5}))
        await drive.sees("▾ less")


async def test_what_was_typed_and_not_sent_is_there_when_the_form_is_opened_again(acme: Server) -> None:
    async with opened(acme, "vector-stores") as drive:
        platform: Any = drive.app.platform

        async def begin(*keys: str) -> Form:
            await drive.press(*keys)
            await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
            assert isinstance(drive.app.screen, Form)
            return drive.app.screen

        await drive.until(lambda: drive.record, "a store")
        first = (await begin("n"))._fields["name"].held
        await drive.press("escape")
        assert not platform.drafts, "nothing was typed"
        await begin("n")
        await drive.type("half a name")
        await drive.press("escape")
        await drive.told("What you typed is kept")
        form = await begin("n")
        await drive.sees("What you typed here before is back. ctrl+n begins anew.")
        assert form._fields["name"].held == f"{first}half a name"
        await drive.press("ctrl+n")
        assert form._fields["name"].held == first
        assert not platform.drafts
        await drive.type("half a name")
        await drive.press("escape")
        form = await begin("e")
        assert "half a name" not in form._fields["name"].held, "that was for another form"
        await drive.press("escape")
        form = await begin("n")
        await drive.press("ctrl+s")
        await drive.told("Created vector store half a name (vs_")
        assert not platform.drafts, "it was sent"


async def test_files_named_at_once_are_each_checked(acme: Server, tmp_path: Path) -> None:
    path = training_file(tmp_path)
    async with opened(acme, "fine-tuning") as drive:
        await drive.press("n")
        form = await drive.until(lambda: isinstance(drive.app.screen, Form) and drive.app.screen, "the form")
        for name in ("training_file", "validation_file"):
            form._fields[name].put(str(path))
        await drive.until(lambda: drive.text().count("examples 20") == 2, "what was found in both")


async def test_a_message_of_a_form_is_there_whole(acme: Server) -> None:
    async with opened(acme, "vector-stores", size=(160, 24)) as drive:
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        form = drive.app.screen
        assert isinstance(form, Form)
        await drive.sees(" key …")
        await drive.pilot.resize_terminal(80, 24)
        await drive.until(
            lambda: (
                (header := drive.text().splitlines()[0].rstrip()).endswith(" rw")
                and len(header) == 79
                and " of OPENAI" not in header
            ),
            "a header made for the narrower terminal",
        )
        form.say(" ".join(f"word{number}" for number in range(40)) + " and press r to look.", "bad")
        await drive.sees("press r to look.")
        await drive.sees("word0 ")


async def test_a_new_batch_starts_from_the_one_under_the_cursor(acme: Server) -> None:
    batch = acme.call("GET", "/batches?limit=1")["data"][0]
    async with opened(acme, "batches") as drive:
        await drive.until(lambda: drive.record and drive.record.id == batch["id"], "the first batch")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees(batch["input_file_id"])
        await drive.sees(f"like {batch['metadata']['run']}")
        form = drive.app.screen
        assert isinstance(form, Form)
        typed = form._list.read_typed()
        assert (typed["input_file_id"], typed["endpoint"]) == (batch["input_file_id"], batch["endpoint"])
        await drive.press("tab", "tab", "ctrl+u")
        await drive.type("mine=yes")
        await drive.press("ctrl+n")
        await drive.until(lambda: form._list.read_typed()["input_file_id"] is None, "what was copied to go")
        assert "  like " not in drive.text(), "it is no copy now"
        typed = form._list.read_typed()
        assert (typed["endpoint"], typed["metadata"]) == ("/v1/responses", {"mine": "yes"}), "what was typed stays"
        await drive.sees("missing, or not right: input file")
        await drive.until(lambda: "Same input file" not in drive.text(), "what was said of it to go")


async def test_a_switch_of_a_form_is_legible(acme: Server) -> None:
    async with opened(acme, "responses") as drive:
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("[x] on")  # store
        await drive.sees("[ ] off")  # background


@pytest.mark.usefixtures("at_once")
async def test_requests_that_were_answered_are_paid_again_only_if_somebody_says_so(acme: Server) -> None:
    listed = acme.call("GET", "/batches?limit=1")["data"]
    batch, many = listed[0], len(acme.call("GET", "/batches?limit=100")["data"])
    assert batch["request_counts"]["completed"]
    async with opened(acme, "batches") as drive:
        await drive.until(lambda: drive.record and drive.record.id == batch["id"], "the first batch")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("Same input file as ")
        for answer in ("n", "y"):
            await drive.press("ctrl+s")
            await drive.until(lambda: drive.armed, "the question")
            await drive.sees("Pay for this again?")
            await drive.sees(batch["input_file_id"])
            assert len(acme.call("GET", "/batches?limit=100")["data"]) == many
            await drive.press(answer)
            if answer == "n":
                await drive.sees("Nothing was sent.")
        await drive.until(lambda: len(acme.call("GET", "/batches?limit=100")["data"]) > many, "the batch")


@pytest.mark.usefixtures("at_once")
async def test_a_limit_of_money_is_asked_about_in_dollars(acme: Server) -> None:
    money = {"threshold_amount": 40_000, "currency": "USD", "interval": "month"}
    acme.call("POST", "/organization/spend_limit", admin=True, json=money)
    async with opened(acme, "spend-limit") as drive:
        await drive.sees("$400.00")
        await drive.press("e")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("Change spend limit")
        form = drive.app.screen
        form.query_one(Input).value = "$500"
        await drive.sees("$400.00 → $500.00")
        await drive.sees('"threshold_amount": 50000')  # what is sent, beside it
        await drive.press("ctrl+s")
        await drive.until(lambda: drive.armed, "the question")
        await drive.sees("Change spend limit?")
        await drive.sees("most in a month  $400.00 → $500.00")


@pytest.mark.usefixtures("at_once")
async def test_power_that_is_copied_is_asked_about_too(acme: Server) -> None:
    async with opened(acme, "roles", size=(80, 24)) as drive:
        await drive.until(lambda: drive.record and drive.record.raw["name"] == "owner", "the role of owners")
        await drive.press("n")
        await drive.sees("like owner")
        await drive.sees("2 chosen: api.all, api.management.all")
        await drive.type("Deputies")
        await drive.press("ctrl+s")
        await drive.until(lambda: drive.armed, "the question")
        await drive.sees("permissions  api.all, api.management.all")
        await drive.press("n")
        await drive.sees("Nothing was sent.")
