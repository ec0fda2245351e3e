"""What a dialog before a write takes for a yes: nothing before it is armed, nothing on Cancel or mistyped."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual.app import App

from tui.screens.dialogs import confirm
from tui.screens.dialogs.confirm import Confirm, ConfirmMany, Thing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from textual.pilot import Pilot

    Ask = Callable[[Callable[[], Confirm]], Awaitable[tuple[Confirm, list[bool | None]]]]

NEVER = 3_600.0  # seconds: longer than any test
THING = ("file-1", "a.jsonl")


@asynccontextmanager
async def shown() -> AsyncIterator[tuple[Ask, Pilot[None]]]:
    """What asks a question in a program that shows nothing else, and the pilot that presses keys there."""
    app: App[None] = App()

    async def ask(make: Callable[[], Confirm]) -> tuple[Confirm, list[bool | None]]:
        """Show a dialog in the place of the last one; its answers come into the list."""
        while len(app.screen_stack) > 1:
            await app.pop_screen()
        dialog, answers = make(), list[bool | None]()
        await app.push_screen(dialog, answers.append)
        return dialog, answers

    async with app.run_test() as pilot:
        yield ask, pilot


@pytest.fixture
def unarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dialogs that arm themselves too late to matter."""
    monkeypatch.setattr(confirm, "ARM_SECONDS", NEVER)


def plain() -> Confirm:
    return Confirm("Delete this file?", [THING], verb="delete")


def typed() -> Confirm:
    return Confirm("Delete this key?", [THING], verb="delete", typed="prod")


def many() -> ConfirmMany:
    return ConfirmMany("Delete", "files", [Thing("file-1", "", 0)], [Thing("file-2", "", 0)], "", verb="delete")


Keys = tuple[str, ...]
TYPED: Keys = ("p", "r", "o", "d")


@pytest.mark.usefixtures("unarmed")
async def test_nothing_is_agreed_to_before_it_is_armed() -> None:
    cases: list[tuple[Callable[[], Confirm], Keys]] = [
        (plain, ("y",) * 50),
        (plain, ("tab", "enter")),
        (plain, ("right", "enter", "space", "y")),
        (typed, (*TYPED, "enter")),
        (typed, ("y",) * 20),
        (many, ("1", "enter")),
    ]
    async with shown() as (ask, pilot):
        for make, keys in cases:
            dialog, answers = await ask(make)
            await pilot.press(*keys)
            assert (dialog.armed, answers) == (False, []), keys


@pytest.mark.usefixtures("unarmed")
async def test_what_an_armed_dialog_takes_for_a_yes() -> None:
    cases: list[tuple[Callable[[], Confirm], Keys, list[bool]]] = [
        (plain, ("enter",), [False]),
        (plain, ("space",), []),
        (plain, ("n",), [False]),
        (plain, ("q",), [False]),
        (plain, ("escape",), [False]),
        (plain, ("tab", "enter"), [True]),
        (plain, ("y",), [True]),
        (typed, ("enter",), []),
        (typed, ("y", "enter"), []),
        (typed, ("p", "r", "o", "enter"), []),
        (typed, ("P", "r", "o", "d", "enter"), []),
        (typed, (*TYPED, "x", "enter"), []),
        (typed, (*TYPED, "enter"), [True]),
        (many, ("2", "enter"), []),
        (many, ("1", "enter"), [True]),
    ]
    async with shown() as (ask, pilot):
        for make, keys, answer in cases:
            dialog, answers = await ask(make)
            dialog._arm()
            await pilot.press(*keys)
            assert answers == answer, keys


def test_the_question_names_every_object_and_what_to_type() -> None:
    assert confirm.list_things([("file-1", "a.jsonl"), ("file-2", "")]).plain == "file-1  a.jsonl\nfile-2"
    assert confirm._build_question("12").plain == "Type 12 to confirm:"
    assert confirm._build_question("0").plain == "Nothing is chosen."


async def test_it_arms_itself() -> None:
    async with shown() as (ask, pilot):
        dialog, _ = await ask(plain)
        while not dialog.armed:
            await pilot.pause(0.01)


@pytest.mark.usefixtures("unarmed")
async def test_what_is_ticked_counts() -> None:
    async with shown() as (ask, pilot):
        dialog, answers = await ask(many)
        dialog._arm()
        assert dialog.agreed == {"file-1"}
        await pilot.press("shift+tab", "space", "tab")
        assert dialog.agreed == {"file-1", "file-2"}
        await pilot.press("1", "enter")
        assert answers == []
        await pilot.press("backspace", "2", "enter")
        assert answers == [True]
