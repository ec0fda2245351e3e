"""The list of a child in a tab of the detail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Drive, Server, opened, served
from tui.screens.places.listing.screen import ResourceScreen
from tui.screens.places.object import ObjectScreen
from tui.widgets.detail.detail_pane import DetailPane
from tui.widgets.table.child_list import ChildList
from tui.widgets.table.live_table import LiveTable

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def acme() -> Iterator[Server]:
    """An organization where nothing moves by itself."""
    with served(scenario="calm") as server:
        yield server


def group(server: Server, name: str) -> str:
    made: dict[str, Any] = server.call("POST", "/organization/groups", admin=True, json={"name": name})
    return str(made["id"])


async def opens(drive: Drive, id_: str, tab: str) -> None:
    """Open an object by itself, on one of its tabs."""
    await drive.command(f"open {id_}")
    await drive.until(lambda: isinstance(drive.app.screen, ObjectScreen) and drive.record, "the object")
    await turns(drive, tab)


async def turns(drive: Drive, tab: str) -> None:
    """Turn to a tab; which one is open first depends on who was here before."""
    detail = drive.app.screen.query_one(DetailPane)
    while detail.tab != tab:
        await drive.press(">")


async def lists(drive: Drive, name: str) -> None:
    await drive.until(
        lambda: isinstance(drive.app.screen, ResourceScreen) and drive.app.screen.resource.name == name, name
    )


async def test_an_empty_one_says_so_and_enter_goes_where_its_keys_work(acme: Server) -> None:
    id_ = group(acme, "Nobody")
    async with opened(acme, "groups", size=(80, 24)) as drive:
        acme.control("faults", spec="403@GET /organization/groups/")
        try:
            await drive.until(lambda: id_ in drive.table.view.ids, "the group")
            drive.table.cursor_id = id_
            await drive.press("f")
            await drive.until(lambda: isinstance(drive.app.screen, ObjectScreen), "the object")
            await turns(drive, "group-users")
            await drive.sees("403")
        finally:
            acme.control("faults", spec="")
        await drive.press("q")
        await lists(drive, "groups")
        await opens(drive, id_, "group-users")
        await drive.sees("Nobody is in this group.")
        await drive.sees("Enter here opens the list.")
        await drive.sees("enter open the list")
        await drive.press("enter")
        await lists(drive, "group-users")
        assert drive.app.screen.location.scope == {"group_id": id_}  # type: ignore[attr-defined]
        await drive.press("n")
        await drive.sees("add user")


async def test_the_chosen_one_is_under_the_cursor_and_the_screen_hears_of_nothing_else(acme: Server) -> None:
    id_ = group(acme, "Two of them")
    users = [user["id"] for user in acme.call("GET", "/organization/users", admin=True)["data"][:2]]
    for user in users:
        acme.call("POST", f"/organization/groups/{id_}/users", admin=True, json={"user_id": user})
    async with opened(acme, "groups", size=(120, 40)) as drive:
        await drive.until(lambda: id_ in drive.table.view.ids, "the group")
        drive.table.cursor_id = id_
        await drive.until(lambda: drive.record.id == id_, "the cursor on it")
        await turns(drive, "group-users")
        await drive.until(lambda: drive.app.screen.query_one(ChildList).query_one(LiveTable).cursor_id, "the rows")
        await drive.press("tab")
        await drive.press("down", "space", "up", "down")
        screen: Any = drive.app.screen
        assert (screen.location.cursor, screen.record.id) == (id_, id_)
        await drive.press("enter")
        await lists(drive, "group-users")
        await drive.until(lambda: drive.record and drive.record.id in users, "the cursor on the chosen")
        await drive.press("q")
        await lists(drive, "groups")
        await drive.until(lambda: drive.record and drive.record.id == id_, "the group again")
