"""The dialog before anything that changes the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.resources.language.cells import short_size
from tui.text import clean
from tui.toolkit.controls import Input, Option, OptionList
from tui.toolkit.drawing.layouts import BoundedHeight
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

_NOTHING = "0"  # chosen of many: there is nothing to agree to
ARM_SECONDS = 0.4  # keys typed ahead of the dialog must not answer it


class _Words(VerticalScroll, BoundedHeight):
    """What is asked, scrolled where it does not fit."""


class Confirm(ModalScreen[bool]):
    """Names what will happen to which ids. Cancel is the default.

    `typed` is the word to type for grave things; without it `y` agrees.
    """

    BINDINGS = [
        Binding("escape,n,q", "answer(False)", "cancel", id="confirm.no"),
        Binding("y", "answer(True)", "yes", id="confirm.yes"),
        Binding("left,right", "app.focus_next", "other answer", id="confirm.other", show=False),
        Binding("up,pageup", "scroll(-1)", "scroll up", id="confirm.up", show=False),
        Binding("down,pagedown", "scroll(1)", "scroll down", id="confirm.down", show=False),
    ]

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        border: round $warning; padding: 0 1; background: $surface;
    }
    Confirm VerticalScroll { height: auto; max-height: 60vh; }
    Confirm .line { height: auto; }
    Confirm Horizontal { height: 1; margin-top: 1; }
    Confirm Input { width: 1fr; height: 1; border: none; padding: 0; }
    Confirm .ask { width: auto; margin-right: 1; }
    Confirm Button { height: 1; border: none; min-width: 12; margin-left: 2; }
    Confirm .space { width: 1fr; }
    Confirm .-small { width: 100%; max-width: 100%; height: 100%; max-height: 100%; }
    Confirm .-small VerticalScroll { height: 1fr; max-height: 100%; }
    Confirm .-small Horizontal { height: auto; margin-top: 0; }
    Confirm .-small Button { min-width: 0; margin-left: 1; }
    Confirm .-small .typed { layout: vertical; }
    Confirm .-small .ask, Confirm .-small Input { width: 100%; margin: 0; }
    """

    def __init__(
        self,
        title: str,
        things: Sequence[tuple[str, str]],
        warning: str = "",
        gaps: str = "",
        *,
        verb: str = "yes",
        typed: str = "",
    ) -> None:
        """`things` are `(id, description)`: the answer is for exactly these; `gaps` is what is not known of it."""
        super().__init__()
        self._title, self._things, self._warning, self._gaps = title, things, warning, gaps
        self._verb, self._typed = verb, typed
        self.armed = False
        self.outdated = False
        """Whether it was left as something is known now that must be said before."""

    def compose(self) -> ComposeResult:
        """Yield the question, its objects, the warning, and the answers."""
        with Vertical() as box:
            box.border_title = build_line([(self._title, "strong")]).markup
            with _Words(can_focus=False):
                # One widget, however many things.
                things = Static(list_things(self._things), id="things", classes="line")
                things.display = bool(self._things)
                yield things
                yield from self.more()
                for words, name in ((self._warning, "warning"), (self._gaps, "gaps")):
                    line = Static(build_line([(words, "warn")]), id=name, classes="line")
                    line.display = bool(words)
                    yield line
            with Horizontal(classes="typed" if self._typed else ""):
                if self._typed:
                    yield Static(_build_question(self._typed), classes="ask")
                    yield Input(compact=True)
                else:
                    yield Static("", classes="space")
                # Where the question is whether to cancel, that word would stand for both answers.
                yield Button("Leave it" if self._verb.startswith("cancel") else "Cancel", id="no", compact=True)
                if not self._typed:
                    yield Button(f"{self._verb} (y)", id="yes", variant="warning", compact=True)

    def more(self) -> ComposeResult:
        """Yield what a subclass shows below the objects."""
        yield from ()

    def tell(self, gaps: str | None) -> None:
        """Say what is not known now; with None what is known must be said before: it is left, and outdated."""
        if gaps is None:
            self.outdated = True
            self.dismiss(False)
            return
        self._gaps = gaps
        if line := self.query_one_optional("#gaps", Static):  # else it is composed with that
            line.update(build_line([(gaps, "warn")]))
            line.display = bool(gaps)

    def on_mount(self) -> None:
        """Focus the safe answer; listen a moment later. Leave if it is outdated by the time that it is shown."""
        if self.outdated:
            self.dismiss(False)
        self.set_focus(self.query_one(Input if self._typed else "#no"))
        self.set_timer(ARM_SECONDS, self._arm)

    def on_resize(self) -> None:
        """Take the whole of a small terminal."""
        self.query_one(Vertical).set_class(self.size.width < 50 or self.size.height < 16, "-small")

    def action_scroll(self, by: int) -> None:
        """Scroll what does not fit by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def _arm(self) -> None:
        self.armed = True

    @property
    def agreed(self) -> set[str]:
        """The ids that the answer is for."""
        return {id_ for id_, _ in self._things}

    def action_answer(self, yes: bool) -> None:
        """Answer; agreeing counts only once the dialog is armed."""
        if not yes:
            self.dismiss(False)
        elif self.armed and not self._typed:
            self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id == "yes")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if self.armed and event.value.strip() == self._typed != _NOTHING:
            self.dismiss(True)
        else:
            self.app.bell()
            if self.armed and self._typed != _NOTHING:
                self.notify(clean(f"That is not {self._typed}: nothing was done."), severity="error", markup=False)


def list_things(things: Sequence[tuple[str, str]]) -> Content:
    """Return the objects to confirm, a line each."""
    return Content("\n").join(
        build_line([(id_, "strong"), (f"  {words}" if words else "", "dim")]) for id_, words in things
    )


def _build_question(typed: str) -> Content:
    return build_line([("Nothing is chosen." if typed == _NOTHING else f"Type {typed} to confirm:", "")])


class Thing(NamedTuple):
    """An object to confirm: its id, what there is to say of it, and its size in bytes, 0 for none."""

    id: str
    words: str
    size: int


class UsedThings(OptionList):
    """The things that something uses, each with a box to tick."""

    BINDINGS = [Binding("space", "select", "tick", id="confirm.tick")]


class ConfirmMany(Confirm):
    """The dialog before an action on many objects: their number is typed.

    What something uses stands apart and is left alone unless it is ticked. The number counts what is chosen.
    """

    DEFAULT_CSS = """
    ConfirmMany UsedThings, ConfirmMany UsedThings:focus {
        height: auto; max-height: 34vh; border: none; padding: 0; background: $surface;
    }
    """

    def __init__(
        self,
        title: str,
        noun: str,
        free: Sequence[Thing],
        held: Sequence[Thing],
        warning: str,
        gaps: str = "",
        *,
        verb: str,
        whose: str = "",
    ) -> None:
        """`free` is what nothing uses, `held` what something does, `whose` such as ` of acme`."""
        super().__init__("", [thing[:2] for thing in free], warning, gaps, verb=verb, typed=str(len(free)))
        self._free, self._held, self._verb_title, self._noun = free, held, title, noun
        self._ticked: set[str] = set()
        self._whose = whose
        self._title = self._question()

    @property
    def agreed(self) -> set[str]:
        """The ids that the answer is for."""
        return {thing.id for thing in self._free} | self._ticked

    def _question(self) -> str:
        chosen = self.agreed
        size = sum(thing.size for thing in (*self._free, *self._held) if thing.id in chosen)
        total = f", {short_size(size)} in all" if size else ""
        number = len(chosen)
        if not number:
            return f"{self._verb_title} which {self._noun}{self._whose}?"
        noun = self._noun if number != 1 else self._noun.removesuffix("s")
        return f"{self._verb_title} {number:,} {noun}{self._whose}{total}?"

    def more(self) -> ComposeResult:
        """Yield what a subclass shows below the objects."""
        if self._held:
            words = "In use, left alone unless ticked (shift+tab, then space):"
            yield Static(build_line([(words, "warn")]), classes="line")
            yield UsedThings(*(Option(self._box(thing), id=str(at)) for at, thing in enumerate(self._held)))

    def _box(self, thing: Thing) -> Content:
        box = "[x] " if thing.id in self._ticked else "[ ] "
        return build_line([(box, ""), (thing.id, "strong"), (f"  {thing.words}", "dim")])

    @on(OptionList.OptionSelected)
    def _tick(self, event: OptionList.OptionSelected) -> None:
        thing = self._held[event.option_index]
        self._ticked ^= {thing.id}
        event.option_list.replace_option_prompt_at_index(event.option_index, self._box(thing))
        self._typed = str(len(self.agreed))
        self.query_one(Vertical).border_title = build_line([(self._question(), "strong")]).markup
        self.query_one(".ask", Static).update(_build_question(self._typed))
