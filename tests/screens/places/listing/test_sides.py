"""Accounts side by side, whose ids are all the same: keys act in the one that has the focus, and in no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.accounts import ACCOUNTS, urls_of, write_profiles, writes_of
from tests.support.driving import opened
from tui.live.combined.rows import make_key, split_key
from tui.screens.forms.form import Form
from tui.screens.workflows.difference import Difference
from tui.widgets.detail.detail_pane import DetailPane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.driving import Drive, Server

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def urls(servers: tuple[Server, Server]) -> Iterator[dict[str, str]]:
    yield urls_of(servers)
    for server in servers:
        server.control("faults", spec="")


def place(drive: Drive) -> Any:
    return drive.app.screen


def sides(drive: Drive) -> dict[str, Any]:
    return {side.account: side for side in place(drive).sides}


def shown(drive: Drive) -> list[str]:
    return [account for account, side in sides(drive).items() if side.display]


def owners(side: Any) -> set[str]:
    return {side.view.record(row).account for row in range(len(side.view))}


async def until_both(drive: Drive) -> None:
    await drive.until(
        lambda: (
            drive.app.navigator
            and {each for side in sides(drive).values() for each in owners(side)} == set(ACCOUNTS)
        ),
        "the rows of both",
    )


async def stand_on(drive: Drive, account: str, id_: str) -> None:
    """Go to the side of an account by tab, and there to a row."""
    for _ in range(3):
        if place(drive).side.account == account and place(drive).focused is place(drive).table:
            break
        await drive.press("tab")
    assert place(drive).account.name == account
    place(drive).table.cursor_id = make_key(account, id_)
    await drive.until(lambda: place(drive).record and place(drive).record.id == id_, "the row")


def ids_of(server: Server, path: str = "/files") -> list[str]:
    return [each["id"] for each in server.call("GET", f"{path}?limit=100")["data"]]


async def test_keys_act_in_the_side_that_has_the_focus(
    servers: tuple[Server, Server], urls: dict[str, str]
) -> None:
    write_profiles(urls)
    acme, beta = servers
    unused = [each["id"] for each in acme.call("GET", "/files?purpose=user_data")["data"]]
    first, second, third = [id_ for id_ in ids_of(acme) if id_ in unused][:3]
    async with opened(None, "files", env={}, profile="acme,beta", size=(150, 40)) as drive:
        await until_both(drive)
        await drive.press("|")
        assert shown(drive) == ["acme", "beta"]
        assert [owners(side) for side in sides(drive).values()] == [{"acme"}, {"beta"}]
        await drive.sees("files  2 accounts side by side")
        assert " PROFILE " not in drive.text()
        tables = [side.table for side in sides(drive).values()]
        assert all(len(each.seen_columns) < len(each.view.columns) for each in tables), (
            "what has no room is left out"
        )
        # Marked in one, done in the other: what is marked is left alone where the focus is not.
        await stand_on(drive, "acme", first)
        await drive.sees(" o9s ▸ acme  rw  beta  rw")
        await drive.press("space")
        await stand_on(drive, "beta", second)
        await drive.sees(" o9s  acme  rw ▸ beta  rw")
        await drive.until(lambda: place(drive).query_one(DetailPane).shown == ("beta", second), "its detail")
        await drive.press("ctrl+d")
        await drive.answer("Delete this file of beta?")
        await drive.told("beta: ")
        assert [id_ in ids_of(acme) for id_ in (first, second)] == [True, True]
        assert [id_ in ids_of(beta) for id_ in (first, second)] == [True, False]
        await drive.until(lambda: "1 marked" in drive.text(), "what is marked")
        await stand_on(drive, "acme", third)
        await drive.press("ctrl+d")
        await drive.answer("Delete this file of acme?")
        await drive.told("acme: ")
        assert [id_ in ids_of(acme) for id_ in (first, second, third)] == [False, True, True]
        assert [id_ in ids_of(beta) for id_ in (first, second, third)] == [True, False, True]

        # What is made is made there, unasked; a new row in one moves nothing in the other.
        await stand_on(drive, "beta", third)
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.sees("in beta")
        await drive.press("escape")
        made = acme.call("POST", "/files", data={"purpose": "user_data"}, files={"file": ("new.txt", b"new")})[
            "id"
        ]
        await drive.press("r")
        await drive.until(lambda: make_key("acme", made) in sides(drive)["acme"].view.ids, "what is new in acme")
        assert (place(drive).account.name, place(drive).record.id) == ("beta", third)

        # Filter and order are those of both, and the cursors stay.
        await drive.press("slash")
        await drive.type("purpose:user_data")
        await drive.press("enter", "N", "w")
        assert [side.table.wide for side in sides(drive).values()] == [True, True]
        await drive.press("w")
        for account, side in sides(drive).items():
            assert len(side.view)
            assert {side.view.record(row).raw["purpose"] for row in range(len(side.view))} == {"user_data"}
            assert (side.view.sort, owners(side)) == ("NAME", {account})
        assert (place(drive).account.name, place(drive).record.id) == ("beta", third)

        # One marked in each: they are compared, each named with its account. Together again both are marked.
        await drive.press("space")
        await stand_on(drive, "acme", second)
        await drive.press("space", "=")
        await drive.until(lambda: isinstance(drive.app.screen, Difference), "the comparison")
        await drive.sees("  acme: ")
        await drive.sees("  beta: ")
        await drive.press("escape")
        await drive.until(lambda: hasattr(place(drive), "sides"), "the list")
        await drive.press("|")
        assert place(drive).view.marks == {make_key("beta", third), make_key("acme", second)}
        assert owners(place(drive).side) == set(ACCOUNTS)
        assert place(drive).location.filter == "purpose:user_data"
        await drive.sees(" PROFILE ")
        await drive.press("|")
        assert {account: side.view.marks for account, side in sides(drive).items()} == {
            "acme": {make_key("acme", second)},
            "beta": {make_key("beta", third)},
        }

        # Where one was is found again, and a narrow terminal shows one after the other.
        await stand_on(drive, "beta", third)
        await drive.press("f")
        await drive.until(lambda: place(drive).location.id == third, "the object")
        assert place(drive).location.account == "beta"
        await drive.press("q")
        await until_both(drive)
        await drive.until(lambda: place(drive).record and place(drive).record.id == third, "the row")
        assert (place(drive).account.name, shown(drive)) == ("beta", ["acme", "beta"])
        await drive.pilot.resize_terminal(60, 24)
        await drive.until(lambda: shown(drive) == ["beta"], "the one that keys act in")
        await drive.sees("1 of 2 accounts side by side · tab goes on")
        await drive.press("tab")
        assert (shown(drive), place(drive).account.name) == (["acme"], "acme")
        await drive.press("shift+tab")
        assert (shown(drive), place(drive).account.name) == (["beta"], "beta")

        # What was begun in one goes on there, whatever is shown and has the focus meanwhile.
        rest = {split_key(key)[1] for key in place(drive).view.ids}
        await drive.press("asterisk", "ctrl+d")
        await drive.until(lambda: drive.armed, "the dialog")
        await drive.type(str(len(rest)))
        await drive.app._press_keys(["enter", "|", "|", "tab"])
        await drive.until(lambda: not rest & set(ids_of(beta)), "what beta no longer has")
    deleted = {name: {entry["ids"]["file_id"] for entry in writes_of(name)} for name in ACCOUNTS}
    assert deleted == {"acme": {first}, "beta": {second, *rest}}


async def test_a_side_tells_its_own_faults_and_refuses_by_itself(
    servers: tuple[Server, Server], urls: dict[str, str]
) -> None:
    write_profiles(urls, {"beta": "read_only = true"})
    acme, beta = servers
    store = ids_of(acme, "/vector_stores")[0]
    async with opened(None, "vector-stores", env={}, profile="acme", size=(120, 40)) as drive:
        await drive.until(lambda: drive.app.navigator and len(place(drive).view), "the stores of one")
        await drive.press("|")
        await drive.told("P ticks several")
        await drive.command("profile acme,beta")
        await until_both(drive)
        await drive.press("|")
        await stand_on(drive, "acme", store)
        await drive.sees(" o9s ▸ acme  rw  beta  ro")
        await stand_on(drive, "beta", store)
        await drive.press("ctrl+d")
        await drive.told("beta: Cannot delete: read-only mode is on")
        await stand_on(drive, "acme", store)
        await drive.press("ctrl+d")
        await drive.answer("Delete this vector store of acme?", key="escape")

        there = len(sides(drive)["beta"].view)
        beta.control("faults", spec="500")
        made = acme.call("POST", "/vector_stores", json={"name": "while beta was down"})["id"]
        await drive.press("r")
        await drive.until(lambda: make_key("acme", made) in sides(drive)["acme"].view.ids, "what is new in acme")
        await drive.sees("▲ as of")
        title, notice = [line.split("│", 1) for line in drive.text().splitlines() if "│" in line][:2]
        assert ("● live" in title[0], "▲ as of" in title[1], "▲ " in notice[1]) == (True, True, True)
        assert len(sides(drive)["beta"].view) == there
        beta.control("faults", spec="")
        await drive.press("r")
        await drive.until(lambda: "▲ as of" not in drive.text(), "all as it was")

        # One without rows says so itself, and keys still know whose it is.
        await drive.press("slash")
        await drive.type("down")
        await drive.press("enter", "tab")
        await drive.sees("Nothing matches /down")
        assert (place(drive).account.name, place(drive).record) == ("beta", None)
        await drive.press("ctrl+d", "shift+tab")
        assert (place(drive).account.name, place(drive).record.id) == ("acme", made)
        acme.call("DELETE", f"/vector_stores/{made}")
        await drive.press("r")
        await drive.until(lambda: not len(place(drive).view), "the last row gone")
        await drive.press("j", "ctrl+d")
        await drive.told("acme: Cannot delete: there is nothing")
        await drive.press("escape")
        assert place(drive).focused is sides(drive)["acme"].table, "keys move in it again"
        await drive.command("usage")
        await drive.until(lambda: place(drive).location.resource.name == "usage", "a place of one account")
        assert place(drive).location.account == "acme"
    assert not writes_of("acme")
    assert not writes_of("beta")
