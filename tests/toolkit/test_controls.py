"""The controls draw what they hold made harmless, and hold it as it is."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.app import App
from textual.suggester import SuggestFromList

import tui
from tui.app import O9s
from tui.resources.language.asking.questions import Question, QuestionKind
from tui.start import Start
from tui.toolkit.controls import Checkbox, Input, Option, OptionList, Select
from tui.toolkit.text_area import TextArea
from tui.widgets.input.form_field import FormField

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

HOSTILE = "a\x1b]52;c;aGk=\x07\x9b31m\x9d\u202egnp\u2066\t[/oops][@click=app.bell]é漢"
OWN = {"Checkbox", "Input", "OptionList", "Select", "SelectionList", "RadioSet", "RadioButton", "TextArea"}


class Holding(App[None]):
    """One control, without the application's own last door."""

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__()
        self._make = make

    def compose(self) -> ComposeResult:
        """The control."""
        self.control = self._make()
        yield self.control

    def drawn(self) -> str:
        """What stands on the screen."""
        return "\n".join("".join(each.text for each in strip) for strip in self.screen._compositor.render_strips())


def acts(text: str) -> list[str]:
    return [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]


@pytest.mark.parametrize(
    ("make", "held"),
    [
        (lambda: Input(HOSTILE), HOSTILE),
        (lambda: TextArea(f"{HOSTILE}\n\n{HOSTILE}"), f"{HOSTILE}\n\n{HOSTILE}"),
        (lambda: OptionList(Option(HOSTILE)), None),
        (lambda: Select([HOSTILE], value=HOSTILE), HOSTILE),
        (
            lambda: FormField(
                Question(("name",), QuestionKind.TEXT, required=False, description=HOSTILE), HOSTILE
            ),
            HOSTILE,
        ),
    ],
    ids=["Input", "TextArea", "OptionList", "Select", "FormField"],
)
async def test_what_is_drawn_is_harmless_and_what_is_held_stays(make: Any, held: str | None) -> None:
    app = Holding(make)
    async with app.run_test(size=(70, 20)) as pilot:
        await pilot.pause()
        app.screen.focus_next()
        await pilot.pause()
        assert "␛]52;c;aGk=" in app.drawn()
        assert acts(app.drawn()) == []
        control = app.control
        if isinstance(control, FormField):
            assert control.answer() == held
        elif held is not None:
            assert (control.text if isinstance(control, TextArea) else control.value) == held


async def test_the_cursor_counts_characters_whatever_they_are_drawn_as() -> None:
    app = Holding(lambda: Input(HOSTILE))
    async with app.run_test(size=(70, 20)) as pilot:
        await pilot.press("home", "right", "delete", "end", "backspace")
        assert app.control.value == HOSTILE[0] + HOSTILE[2:-1]
    app = Holding(lambda: TextArea(HOSTILE * 4, soft_wrap=True))
    async with app.run_test(size=(30, 20)) as pilot:
        await pilot.press("end", "backspace", "down", "x")
        assert len(app.control.text) == len(HOSTILE) * 4
        assert acts(app.drawn()) == []
        lines = app.drawn().replace("\n", "").replace(" ", "")
        assert lines.count("␛") == 4, "wrapping lost some of it"


async def test_a_suggestion_is_drawn_harmless_and_taken_as_it_is() -> None:
    app = Holding(lambda: Input(suggester=SuggestFromList([HOSTILE])))
    async with app.run_test(size=(70, 20)) as pilot:
        await pilot.press("a")
        for _ in range(100):
            await pilot.pause()
            if "␛]52" in app.drawn():
                break
        assert "␛]52;c;aGk=" in app.drawn()
        assert acts(app.drawn()) == []
        await pilot.press("right")
        assert app.control.value == HOSTILE


async def test_a_switch_says_what_it_is_without_a_colour() -> None:
    app = Holding(lambda: Checkbox(value=True, compact=True))
    async with app.run_test(size=(30, 3)) as pilot:
        await pilot.pause()
        assert "[x] on" in app.drawn()
        await pilot.press("tab", "space")
        assert "[ ] off" in app.drawn()
        await pilot.press("space")
        assert "[x] on" in app.drawn()


@pytest.mark.parametrize("control", [Input, TextArea])
async def test_cutting_nothing_leaves_the_clipboard_as_it_is(control: Any) -> None:
    app = O9s(Start(base_url="http://127.0.0.1:9/v1"))
    async with app.run_test(size=(70, 20)) as pilot:
        field, written = control("", id="field"), list[str]()
        await app.screen.mount(field)
        assert app._driver
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app._driver, "write", written.append)
            field.action_cut()
            await pilot.pause()
            assert not [each for each in written if "]52;" in each]
            field.insert("kept", *([0] if control is Input else []))
            field.action_select_all()
            field.action_cut()
            await pilot.pause()
            assert len([each for each in written if "]52;" in each]) == 1


def test_no_control_of_textual_is_used_raw() -> None:
    root = Path(tui.__file__).parent
    raw = []
    for path in root.rglob("*.py"):
        if path.name in ("controls.py", "text_area.py"):
            continue
        for names in re.findall(
            r"from textual\.widgets\S* import (\([^)]*\)|.*)", path.read_text(encoding="utf-8")
        ):
            raw += [f"{path.relative_to(root)}: {name}" for name in re.findall(r"\w+", names) if name in OWN]
    assert raw == []


async def test_a_line_scrolls_to_the_end_of_the_first_text_pasted() -> None:
    app = Holding(Input)
    async with app.run_test(size=(20, 5)) as pilot:
        app.control.focus()
        await pilot.pause()
        app.post_message(events.Paste("a" * 60))
        await pilot.pause()
        assert app.control.scroll_offset.x == app.control.max_scroll_x > 0
