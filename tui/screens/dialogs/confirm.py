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
MOST = 100  # objects that are named, of however many
ARM_SECONDS = 0.4  # keys typed ahead of the dialog must not answer it


class _Words(VerticalScroll, BoundedHeight):
    """What is asked, scrolled where it does not fit."""


class _Typed(Input):
    """What is typed to agree. It is short: keys that go to its ends scroll what is asked instead."""

    BINDINGS = [
        Binding("home", "screen.scroll(-100_000)", "to the top", id="confirm.typed_top", show=False),
        Binding("end", "screen.scroll(100_000)", "to the end", id="confirm.typed_end", show=False),
    ]


class Confirm(ModalScreen[bool]):
    """Names what will happen to which ids. Cancel is the default.

    Sentences on many stand above their list, which may be long. `typed` is the word to type for grave things;
    without it `y` agrees.
    """

    BINDINGS = [
        Binding("escape,n,q", "answer(False)", "cancel", id="confirm.no"),
        Binding("y", "answer(True)", "yes", id="confirm.yes"),
        Binding("left,right", "app.focus_next", "other answer", id="confirm.other", show=False),
        Binding("up", "scroll(-1)", "scroll up", id="confirm.up", show=False),
        Binding("down", "scroll(1)", "scroll down", id="confirm.down", show=False),
        Binding("pageup", "page(-1)", "a page up", id="confirm.page_up", show=False),
        Binding("pagedown", "page(1)", "a page down", id="confirm.page_down", show=False),
        Binding("home", "scroll(-100_000)", "to the top", id="confirm.top", show=False),
        Binding("end", "scroll(100_000)", "to the end", id="confirm.end", show=False),
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
        left: str = "",
    ) -> None:
        """`things` are `(id, description)`: the answer is for exactly these; `gaps` is what is not known of it.

        `left` says what is left alone of all that was chosen.
        """
        super().__init__()
        self._left = left
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
                things = Static(list_things(self._things, self.count()), id="things", classes="line")
                things.display = bool(self._things)
                if self.is_about_one:
                    yield things
                for words, name in ((self._left, "left"), (self._warning, "warning"), (self._gaps, "gaps")):
                    line = Static(build_line([(words, "warn")]), id=name, classes="line")
                    line.display = bool(words)
                    yield line
                yield from self.more()
                if not self.is_about_one:
                    yield things
            with Horizontal(classes="typed" if self._typed else ""):
                if self._typed:
                    yield Static(_build_question(self._typed), classes="ask")
                    yield _Typed(compact=True, restrict=r"\d*" if self._typed.isdecimal() else None)
                else:
                    yield Static("", classes="space")
                # Where the question is whether to cancel, that word would stand for both answers.
                yield Button("Leave it" if self._verb.startswith("cancel") else "Cancel", id="no", compact=True)
                if not self._typed:
                    yield Button(f"{self._verb} (y)", id="yes", variant="warning", compact=True)

    @property
    def is_about_one(self) -> bool:
        """Whether it names one object, above the sentences on it."""
        return len(self._things) == 1

    def count(self) -> int:
        """Return how many objects there are: not each has to be named."""
        return len(self._things)

    def more(self) -> ComposeResult:
        """Yield what a subclass shows below the sentences."""
        yield from ()

    def tell(self, gaps: str | None) -> None:
        """Say what is not known now; with None what is known must be said before: it is left, and outdated."""
        if gaps is None:
            self.outdated = True
            self.dismiss(False)
            return
        self._gaps = gaps
        if line := self.query_one_optional("#gaps", Static):  # none before `compose`, which writes them
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
        """Scroll what does not fit by so many lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll what does not fit by a page."""
        self.action_scroll(by * max(1, self.query_one(VerticalScroll).size.height - 1))

    def _arm(self) -> None:
        self.armed = True

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
            event.input.clear()
            if self.armed and self._typed != _NOTHING:
                self.notify(clean(f"That is not {self._typed}: nothing was done."), severity="error", markup=False)


def list_things(things: Sequence[tuple[str, str]], count: int = 0) -> Content:
    """Return the objects to confirm, a line each; of more than `MOST`, or of `count` in all, the first."""
    lines = [build_line([(id_, "strong"), (f"  {words}" if words else "", "dim")]) for id_, words in things[:MOST]]
    if (more := max(count, len(things)) - len(lines)) > 0:
        lines.append(build_line([(f"… and {more:,} more", "dim")]))
    return Content("\n").join(lines)


def _build_question(typed: str) -> Content:
    return build_line([("Nothing is chosen." if typed == _NOTHING else f"Type {typed} to confirm:", "")])


class Thing(NamedTuple):
    """An object to confirm: its id, what there is to say of it, and its size in bytes, 0 for none."""

    id: str
    words: str
    size: int


class Many(NamedTuple):
    """Objects to confirm: the first `MOST` of them, how many there are, and their size in bytes, 0 for none."""

    first: Sequence[Thing]
    number: int
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
        nouns: tuple[str, str],
        free: Many,
        held: Many,
        warning: str,
        gaps: str = "",
        *,
        verb: str,
        whose: str = "",
        left: str = "",
    ) -> None:
        """`nouns` are for one and for many; `free` is what nothing uses, `held` what something does.

        `whose` is such as ` of acme`.
        """
        things = [thing[:2] for thing in free.first]
        super().__init__("", things, warning, gaps, verb=verb, typed=str(free.number), left=left)
        self._free, self._held, self._verb_title, self._nouns = free, held, title, nouns
        self.ticked: set[str] = set()
        """The ids of what is chosen although something uses it."""
        self._whose = whose
        self._title = self._question()

    is_about_one = False

    def count(self) -> int:
        """Return how many objects there are that nothing uses."""
        return self._free.number

    def _question(self) -> str:
        size = self._free.size + sum(thing.size for thing in self._held.first if thing.id in self.ticked)
        total = f", {short_size(size)} in all" if size else ""
        number, (one, many) = self._free.number + len(self.ticked), self._nouns
        if not number:
            return f"{self._verb_title} which {many}{self._whose}?"
        return f"{self._verb_title} {number:,} {one if number == 1 else many}{self._whose}{total}?"

    def more(self) -> ComposeResult:
        """Yield what something uses, and what the other objects are."""
        if not self._held.number:
            return
        words = "In use, left alone unless ticked (shift+tab, then space):"
        yield Static(build_line([(words, "warn")]), classes="line")
        boxes = (Option(self._box(thing), id=str(at)) for at, thing in enumerate(self._held.first))
        yield UsedThings(*boxes)
        if more := self._held.number - len(self._held.first):
            yield Static(build_line([(f"… and {more:,} more that are left alone", "dim")]), classes="line")
        if self._free.number:
            yield Static(build_line([(f"To {self._verb}:", "")]), classes="line")

    def _box(self, thing: Thing) -> Content:
        box = "[x] " if thing.id in self.ticked else "[ ] "
        return build_line([(box, ""), (thing.id, "strong"), (f"  {thing.words}", "dim")])

    @on(OptionList.OptionSelected)
    def _tick(self, event: OptionList.OptionSelected) -> None:
        thing = self._held.first[event.option_index]
        self.ticked ^= {thing.id}
        event.option_list.replace_option_prompt_at_index(event.option_index, self._box(thing))
        self._typed = str(self._free.number + len(self.ticked))
        self.query_one(Vertical).border_title = build_line([(self._question(), "strong")]).markup
        self.query_one(".ask", Static).update(_build_question(self._typed))
