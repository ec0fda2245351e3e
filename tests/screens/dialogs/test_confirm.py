"""What a dialog before a write takes for a yes: nothing before it is armed, nothing on Cancel or mistyped."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.screens.dialogs import confirm
from tui.screens.dialogs.confirm import Confirm, ConfirmMany, Many, Thing
from tui.toolkit.controls import Input

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from textual.pilot import Pilot

    Ask = Callable[[Callable[[], Confirm]], Awaitable[tuple[Confirm, list[bool | None]]]]

NEVER = 3_600.0  # seconds: longer than any test
THING = ("file-1", "a.jsonl")


@asynccontextmanager
async def shown(size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Ask, Pilot[None]]]:
    """What asks a question in a program that shows nothing else, and the pilot that presses keys there."""
    app: App[None] = App()

    async def ask(make: Callable[[], Confirm]) -> tuple[Confirm, list[bool | None]]:
        """Show a dialog in the place of the last one; its answers come into the list."""
        while len(app.screen_stack) > 1:
            await app.pop_screen()
        dialog, answers = make(), list[bool | None]()
        await app.push_screen(dialog, answers.append)
        return dialog, answers

    async with app.run_test(size=size) as pilot:
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
    free, held = (Many([Thing(id_, "", 0)], 1, 0) for id_ in ("file-1", "file-2"))
    return ConfirmMany("Delete", ("file", "files"), free, held, "", verb="delete")


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
        assert isinstance(dialog, ConfirmMany)
        assert dialog.ticked == set()
        await pilot.press("shift+tab", "space", "tab")
        assert dialog.ticked == {"file-2"}
        await pilot.press("1", "enter")
        assert answers == []
        await pilot.press("backspace", "2", "enter")
        assert answers == [True]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_sentences_on_many_stand_above_their_list_which_is_bounded(size: tuple[int, int]) -> None:
    free = Many([Thing(f"file-{at}", "tickets.jsonl", 10) for at in range(confirm.MOST)], 66_324, 10)
    held = Many([Thing(f"used-{at}", "Used by batch batch_1.", 10) for at in range(28)], 28, 10)
    gaps = "Not read yet: older batches, older store-files. All of it is read before anything is deleted."
    question = ConfirmMany(
        "Delete",
        ("file", "files"),
        free,
        held,
        "For each of them: it also leaves every vector store that holds it. This cannot be undone.",
        gaps,
        verb="delete",
        left="28 of the 66,352 marked are in use, and left alone unless ticked.",
    )
    async with shown(size) as (ask, pilot):
        dialog, _ = await ask(lambda: question)
        await pilot.pause()
        seen = dialog.query_one(VerticalScroll)
        for name in ("#left", "#warning", "#gaps"):
            assert seen.region.contains_region(dialog.query_one(name).region), name
        things = dialog.query_one("#things", Static)
        assert things.region.y >= dialog.query_one("#gaps").region.bottom
        lines = str(things.content).splitlines()
        assert (len(lines), lines[-1]) == (confirm.MOST + 1, "… and 66,224 more")
        await pilot.press("end")
        assert seen.scroll_y == seen.max_scroll_y > 0
        await pilot.press("home")
        assert seen.scroll_y == 0
        await pilot.press("pagedown")
        assert seen.scroll_y > 1


def test_what_more_is_in_use_than_can_be_ticked_is_counted() -> None:
    held = Many([Thing("used-1", "", 0)], 5_000, 0)
    dialog = ConfirmMany("Cancel", ("batch", "batches"), Many([Thing("a", "", 0)], 1, 0), held, "", verb="cancel")
    told = [str(each.content) for each in dialog.more() if isinstance(each, Static)]
    assert "… and 4,999 more that are left alone" in told
    assert dialog._title == "Cancel 1 batch?"


async def test_a_wrong_answer_goes_and_a_number_takes_digits_alone() -> None:
    async with shown() as (ask, pilot):
        for make, wrong, right in ((many, ("y", "2"), ("y", "1")), (typed, ("p", "r"), TYPED)):
            dialog, answers = await ask(make)
            dialog.armed = True
            await pilot.press(*wrong, "enter")
            assert not answers
            assert dialog.query_one(Input).value == "", "it stays and spoils the next"
            await pilot.press(*right, "enter")
            assert answers == [True]
