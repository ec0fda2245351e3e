"""Several accounts at once, whose ids are all the same: lists are one, and nothing goes to the wrong account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.accounts import ACCOUNTS, urls_of, write_profiles, writes_of
from tests.support.driving import opened
from tui.live.combined.rows import make_key
from tui.screens.dialogs.confirm import ConfirmMany
from tui.screens.dialogs.pick import Pick
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.form import Form
from tui.widgets.detail.detail_pane import DetailPane
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.driving import Drive, Server

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
async def acme_and_beta(servers: tuple[Server, Server]) -> AsyncIterator[tuple[Server, Server]]:
    write_profiles(urls_of(servers))
    yield servers
    for server in servers:
        server.control("faults", spec="")


def both(resource: str = "files", **start: Any) -> Any:
    return opened(None, resource, env={}, profile="acme,beta", size=(150, 40), **start)


def place(drive: Drive) -> Any:
    return drive.app.screen


def ids_of(server: Server, path: str) -> list[str]:
    return [each["id"] for each in server.call("GET", f"{path}?limit=100")["data"]]


def ids_of_both(servers: tuple[Server, Server], path: str) -> list[str]:
    known = ids_of(servers[1], path)
    return [id_ for id_ in ids_of(servers[0], path) if id_ in known]


async def until_both(drive: Drive) -> None:
    """Wait until the rows of both are there."""
    await drive.until(
        lambda: drive.app.navigator and {row.account for row in rows(drive)} == set(ACCOUNTS), "the rows of both"
    )


def rows(drive: Drive) -> list[Any]:
    view = drive.table.view
    return [view.record(row) for row in range(len(view))]


async def stand_on(drive: Drive, account: str, id_: str) -> None:
    drive.table.cursor_id = make_key(account, id_)
    await drive.until(
        lambda: drive.record and drive.record.id == id_ and place(drive).account.name == account, "the row"
    )


async def test_a_list_is_one_and_keys_act_in_the_account_of_the_row(acme_and_beta: tuple[Server, Server]) -> None:
    acme, beta = acme_and_beta
    unused = [each["id"] for each in acme.call("GET", "/files?purpose=user_data")["data"]]
    first, second, third, fourth = (id_ for id_ in ids_of_both(acme_and_beta, "/files") if id_ in unused[:4])
    async with both() as drive:
        await until_both(drive)
        made = [row.raw["created_at"] for row in rows(drive)]
        assert made == sorted(made, reverse=True)
        await drive.sees(" PROFILE ")
        await drive.sees(" acme  rw  beta  rw")
        await drive.press("slash")
        await drive.type("profile:beta")
        await drive.press("enter")
        assert {row.account for row in rows(drive)} == {"beta"}
        await drive.press("escape")

        await stand_on(drive, "beta", first)
        await drive.press("ctrl+d")
        await drive.answer("Delete this file of beta?")
        await drive.told("beta: ")
        assert (first in ids_of(acme, "/files"), first in ids_of(beta, "/files")) == (True, False)
        assert [row.account for row in rows(drive) if row.own.id == first] == ["acme"]

        # Marks over both, one of them on the same id: each account is asked about by itself.
        marked = [("acme", second), ("beta", second), ("acme", third), ("beta", fourth)]
        drive.table.view.marks |= {make_key(*each) for each in marked}
        await drive.press("ctrl+d")
        for name, chosen in (("acme", {second, third}), ("beta", {second, fourth})):
            await drive.until(lambda: drive.armed, "the dialog")
            await drive.sees(f"Delete 2 files of {name}")
            dialog = drive.app.screen
            assert isinstance(dialog, ConfirmMany)
            assert {thing.id for thing in dialog._free.first} == chosen
            await drive.type("2")
            await drive.press("enter")
            await drive.until(lambda dialog=dialog: drive.app.screen is not dialog, "the answer")
        await drive.until(lambda: not {second, third} & set(ids_of(acme, "/files")), "what acme no longer has")
        await drive.until(lambda: not {second, fourth} & set(ids_of(beta, "/files")), "what beta no longer has")
        assert fourth in ids_of(acme, "/files")
        assert third in ids_of(beta, "/files")
    deleted = {name: {entry["ids"]["file_id"] for entry in writes_of(name)} for name in ACCOUNTS}
    assert deleted == {"acme": {second, third}, "beta": {first, second, fourth}}


async def test_what_is_made_and_changed_is_so_in_the_account_that_is_named(
    acme_and_beta: tuple[Server, Server],
) -> None:
    acme, beta = acme_and_beta
    store, other = ids_of_both(acme_and_beta, "/vector_stores")[:2]
    beta.call("POST", f"/vector_stores/{store}", json={"name": "that of beta"})
    async with both("vector-stores") as drive:
        await until_both(drive)
        await stand_on(drive, "acme", store)
        await drive.until(lambda: drive.app.screen.query_one(DetailPane).shown == ("acme", store), "the detail")
        await stand_on(drive, "beta", store)
        await drive.until(lambda: drive.app.screen.query_one(DetailPane).shown == ("beta", store), "the other")
        assert place(drive).query_one(DetailPane).record.raw["name"] == "that of beta"

        await drive.press("e")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("in beta")
        await drive.type("renamed")
        await drive.press("ctrl+s")
        await drive.told("beta: Changed")
        assert beta.call("GET", f"/vector_stores/{store}")["name"] == "renamed"
        assert acme.call("GET", f"/vector_stores/{store}")["name"] != "renamed"

        # An object of its own, its children and what it names are those of its account.
        await drive.press("f")
        await drive.until(lambda: place(drive).location.id == store, "the object")
        await drive.sees(" beta ")
        assert place(drive).location.account == "beta"
        assert place(drive).platform.client.connection.profile == "beta"
        await drive.press("q")
        await until_both(drive)
        await drive.command(f"open {other}")
        await drive.until(lambda: isinstance(drive.app.screen, Pick), "the question whose it is")
        await drive.press("down", "enter")
        await drive.until(lambda: place(drive).location.id == other, "the object")
        assert place(drive).location.account == "beta"
        await drive.press("q")
        await until_both(drive)

        before = {
            name: len(ids_of(server, "/vector_stores"))
            for name, server in zip(ACCOUNTS, acme_and_beta, strict=True)
        }
        await stand_on(drive, "acme", store)
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Pick), "the question in which account")
        await drive.press("down", "enter")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("in beta")
        await drive.press("ctrl+s")
        await drive.told("beta: Created")
        after = {
            name: len(ids_of(server, "/vector_stores"))
            for name, server in zip(ACCOUNTS, acme_and_beta, strict=True)
        }
        assert after == {**before, "beta": before["beta"] + 1}
    assert not writes_of("acme")
    assert len(writes_of("beta")) == 2


async def test_marks_say_in_which_account_keys_act_wherever_the_cursor_is(
    servers: tuple[Server, Server], tmp_path: Path
) -> None:
    told = tmp_path / "told"
    run = ["sh", "-c", 'echo "$O9S_PROFILE $1" >> "$2"; echo ran', "sh", "{id}", str(told)]
    once = ["sh", "-c", 'cat >> "$1"', "sh", str(told)]
    write_profiles(
        urls_of(servers),
        {"beta": "read_only = true"},
        [
            {"key": "f7", "run": run, "safe": True, "confirm": True, "description": "tell"},
            {"key": "f8", "run": run, "description": "unsafe"},
            {"key": "f9", "run": once, "input": "ids", "safe": True, "description": "at once"},
        ],
    )
    store = ids_of_both(servers, "/vector_stores")[0]
    async with both("vector-stores") as drive:
        await until_both(drive)
        view, acmes, betas = drive.table.view, make_key("acme", store), make_key("beta", store)
        # What is marked is of acme, the row under the cursor of beta, which is read-only.
        view.marks |= {acmes}
        await stand_on(drive, "beta", store)
        await drive.press("ctrl+d")
        await drive.until(lambda: drive.armed, "the dialog")
        await drive.sees("Delete this vector store of acme?")
        await drive.press("escape", "e")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("in acme")
        await drive.press("escape")
        await drive.until(lambda: drive.app.screen.query(LiveTable), "the list again")
        await drive.press("f7")
        await drive.answer("tell in acme?")
        await drive.until(lambda: isinstance(drive.app.screen, Viewer), "what it printed")
        await drive.sees("tell in acme  ")
        assert told.read_text().splitlines() == [f"acme {store}"]
        await drive.press("escape")

        # And the other way round: what is read-only refuses, whatever is under the cursor.
        view.marks.symmetric_difference_update({acmes, betas})
        await stand_on(drive, "acme", store)
        for key, words in (
            ("ctrl+d", "beta: Cannot delete: read-only mode is on"),
            ("f8", "read-only mode is on in"),
        ):
            await drive.press(key)
            await drive.told(words)
        assert place(drive).acting[1].account == "beta"

        # Marks over both: a command for each runs in the account of each, in the order of the list.
        others = [make_key("acme", id_) for id_ in ids_of(servers[0], "/vector_stores")[:6]]
        view.marks |= {acmes, *others}
        order = [tuple(key.split("\x1f")) for key in view.ids if key in view.marks]
        await drive.press("f9")
        await drive.told("marked are objects of acme and beta")
        await drive.press("f8")
        await drive.told("Not now: read-only mode is on in beta")
        told.write_text("")
        await drive.press("f7")
        await drive.answer("tell in acme and beta?")
        await drive.until(lambda: isinstance(drive.app.screen, Viewer), "what it printed")
        await drive.sees("tell in acme and beta  ")
        by_account = [f"{name} {id_}" for name in ACCOUNTS for account, id_ in order if account == name]
        assert told.read_text().splitlines() == by_account
        await drive.press("escape")

        # Who is meant that is not there is told, and the place stays.
        was = place(drive)
        await drive.command("profile acme,betta")
        await drive.sees("There is no profile betta. Did you mean beta?")
        assert place(drive) is was
    assert not writes_of("acme")
    assert not writes_of("beta")


async def test_one_that_is_down_leaves_the_other_whole(acme_and_beta: tuple[Server, Server]) -> None:
    acme, beta = acme_and_beta
    async with both("vector-stores") as drive:
        await until_both(drive)
        there = {row.id for row in rows(drive)}
        beta.control("faults", spec="500")
        made = acme.call("POST", "/vector_stores", json={"name": "while beta was down"})["id"]
        await drive.press("r")
        await drive.sees("▲ beta: ")
        await drive.sees(" acme  rw  beta  ▲ rw")
        await drive.until(lambda: make_key("acme", made) in drive.table.view.ids, "what is new in acme")
        assert there <= {row.id for row in rows(drive)}
        assert any(line.split()[:2] == ["▲", "beta"] for line in drive.text().splitlines())
        assert "▲ as of" in drive.text(), "as fresh as the oldest"
        assert not any("▲ acme" in line for line in drive.text().splitlines())
        beta.control("faults", spec="")
        await drive.press("r")
        await drive.sees("● live")
        assert "▲ beta" not in drive.text()


async def test_each_has_its_own_keys_budget_and_read_only_and_a_place_of_one_says_whose_it_is(
    servers: tuple[Server, Server],
) -> None:
    write_profiles(urls_of(servers), {"beta": "read_only = true\nrequests_per_minute = 77"})
    store = ids_of_both(servers, "/vector_stores")[0]
    async with both("vector-stores") as drive:
        await until_both(drive)
        assert [each.platform.budget for each in drive.app.accounts] == [120, 77]
        await drive.sees(" acme  rw  beta  ro")
        await stand_on(drive, "beta", store)
        await drive.press("ctrl+d")
        await drive.told("beta: Cannot delete: read-only mode is on")
        await stand_on(drive, "acme", store)
        await drive.press("ctrl+d")
        await drive.answer(key="escape")
        await drive.command("ro")
        await drive.sees(" acme  ro  beta  ro")
        await drive.command("rw")
        await drive.answer()
        await drive.sees(" acme  rw  beta  ro")
        await stand_on(drive, "beta", store)
        await drive.command("embed")
        await drive.until(lambda: isinstance(drive.app.screen, Pick), "the question in which account")
        await drive.press("down", "enter")
        await drive.sees("try a model  in acme")
        await drive.press("escape", "escape")
        await drive.until(lambda: drive.app.screen.query(LiveTable), "the list again")
        await stand_on(drive, "beta", store)
        await drive.command("usage")
        await drive.until(lambda: place(drive).location.resource.name == "usage", "the usage")
        assert place(drive).location.account == "beta"
        assert " acme " not in drive.text()
        await drive.press("P")
        await drive.until(lambda: isinstance(drive.app.screen, Pick), "the question of which account")
        await drive.press("down", "enter")
        await drive.until(lambda: place(drive).location.account == "acme", "the usage of the other")
    assert not writes_of("beta")


async def test_profiles_are_picked_and_the_place_stays(acme_and_beta: tuple[Server, Server]) -> None:
    async with opened(None, "files", env={}, profile="acme", size=(120, 30)) as drive:
        await drive.until(lambda: drive.app.platform and len(drive.table.view), "the files of one")
        await drive.press("slash")
        await drive.type("purpose:batch")
        await drive.press("enter", "N")
        shown = len(drive.table.view)
        assert shown
        await drive.press("down", "down")
        at = drive.record.id
        await drive.press("P")
        await drive.until(lambda: isinstance(drive.app.screen, Pick), "the profiles")
        await drive.sees("beta")
        assert "http://" not in drive.text(), "each by its host, in use or not"
        await drive.press("down", "space", "enter")
        await until_both(drive)
        assert sum(row.account == "acme" for row in rows(drive)) == shown
        assert place(drive).location.filter == "purpose:batch"
        assert drive.table.view.sort == "NAME"
        assert (drive.record.id, place(drive).account.name) == (at, "acme")
        kept = drive.app.accounts[0].platform
        await drive.command("profile beta")
        await drive.until(lambda: [each.name for each in drive.app.accounts] == ["beta"], "one account")
        await drive.until(lambda: len(drive.table.view), "its files")
        assert place(drive).location.filter == "purpose:batch"
        assert drive.app.platform is not kept
        assert "PROFILE" not in drive.text()


async def test_home_is_over_all_and_its_rows_are_of_their_account(acme_and_beta: tuple[Server, Server]) -> None:
    async with both("home") as drive:
        await drive.until(lambda: drive.app.navigator and place(drive).location.resource.name == "home", "home")
        await drive.until(
            lambda: {item.account for item in place(drive)._items.values()} == set(ACCOUNTS), "what needs somebody"
        )
        need = next(
            item for (panel, _), item in place(drive)._items.items() if panel == "needs" and len(item.records) == 1
        )
        twin = next(
            (panel, key)
            for (panel, key), item in place(drive)._items.items()
            if item.account == "beta" and item.records[0].id == need.records[0].id and panel == "needs"
        )
        view = place(drive)._views["needs"]
        view.move_to([row.key for row in view.rows].index(twin[1]))
        await drive.until(lambda: place(drive).account.name == "beta", "the cursor on a row of beta")
        assert place(drive).record.id == need.records[0].id
        assert place(drive).platform.client.connection.profile == "beta"
        await drive.sees("beta")
        await drive.press("y")
        await drive.until(lambda: place(drive).location.id == need.records[0].id, "the object")
        assert place(drive).location.account == "beta"
        await drive.press("q")
        await drive.until(lambda: place(drive).location.resource.name == "home", "home again")
        await drive.until(lambda: place(drive).account.name == "beta", "the cursor where it was")
        money = [[text for text, _ in row.cells] for row in place(drive)._views["money"].rows]
        assert [cells[0] for cells in money] == list(ACCOUNTS)
