"""A resource nobody has heard of: one declaration gives it everything."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pydantic import Field as Input

from tests.support.driving import Server, opened
from tui.api.operation import Operation
from tui.resources.index import Entry
from tui.resources.language.action import Action, Ask, Call, Risk
from tui.resources.language.cells import age, instant, own_id
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.objects import Object, Request
from tui.resources.language.resource import Resource
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    import pytest


class Gadget(Object):
    """What the server calls a vector store."""

    name: str | None = None
    created_at: float | None = None


class CreateGadget(Request):
    """The request that makes one."""

    name: str = Input(description="What to call the gadget.")


GADGETS = Resource(
    name="gadgets",
    singular="gadget",
    family="Gadgets",
    model=Gadget,
    aliases=("gd",),
    prefixes=("vs_",),
    list=Operation("listGadgets", "GET", "/vector_stores"),
    get=Operation("retrieveGadget", "GET", "/vector_stores/{vector_store_id}"),
    columns=(
        Column("NAME", "name", width=20, grow=True),
        Column("ID", "id", own_id, 17),
        Column("AGE", "created_at", age, 5, align="right"),
    ),
    detail=(Section("Gadget", (Field("called", "name"), Field("made", "created_at", instant))),),
    actions=(
        Action(
            "create",
            "n",
            "new gadget",
            Ask(Operation("createGadget", "POST", "/vector_stores", body=CreateGadget)),
            on="list",
        ),
        Action(
            "delete",
            "ctrl+d",
            "scrap",
            Call(Operation("deleteGadget", "DELETE", "/vector_stores/{vector_store_id}")),
            Risk.STOP,
        ),
    ),
    empty="No gadgets yet.",
)


async def test_list_detail_form_command_help_and_confirmation(
    fresh: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A resource is a module with its declaration, and a line of the index.
    monkeypatch.setitem(sys.modules, "tui.resources.gadgets", sys.modules[__name__])
    entry = Entry(GADGETS.name, "gadgets", GADGETS.aliases, GADGETS.prefixes)
    monkeypatch.setitem(REGISTRY.entries, "gadgets", entry)
    async with opened(fresh) as drive:
        await drive.command("gd")
        await drive.sees(" gadgets ")
        stores = fresh.call("GET", "/vector_stores?limit=100")["data"]
        await drive.until(lambda: len(drive.table.view) == len(stores), "every gadget")
        await drive.sees("called")
        await drive.press("n")
        await drive.sees("What to call the gadget.")
        await drive.press("ctrl+u", "ctrl+s")  # without the name that the row under the cursor gave
        await drive.sees("This is needed.")
        await drive.type("Sprocket")
        await drive.press("ctrl+s")
        made = await drive.until(
            lambda: next(
                (s for s in fresh.call("GET", "/vector_stores")["data"] if s["name"] == "Sprocket"), None
            ),
            "the gadget on the server",
        )
        await drive.until(lambda: drive.table.cursor_id == made["id"], "the cursor on it")
        await drive.press("question_mark")
        await drive.sees("new gadget")
        await drive.sees("scrap")
        await drive.press("escape", "ctrl+d")
        await drive.sees("Scrap this gadget?")
        await drive.answer()
        await drive.until(
            lambda: made["id"] not in [each["id"] for each in fresh.call("GET", "/vector_stores")["data"]],
            "it to go",
        )
