"""The choice of one or several values of a list that is narrowed by typing."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.text import cell_width, clean, fit
from tui.toolkit.controls import Input, Option, OptionList
from tui.widgets.base.bars import Bar
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

    from tui.widgets.base.tones import Part


NAME = 40  # cells a name has at least, however long the notes
WIDTH = 76  # cells a dialog has at least, where there is room
AROUND = 6  # cells of its frame, and of a bar to scroll
MOST = 200  # shown at once; typing narrows them down


class Choice(NamedTuple):
    """A choice: its value, a note beside it, and the name it is shown by if that is not the value."""

    value: str
    note: str = ""
    name: str = ""
    found_by: str = ""
    """Further words that typing finds it by."""

    @property
    def label(self) -> str:
        """The text it is shown by."""
        return self.name or self.value


class _Line(Input):
    """A line to type in; where things are ticked, the space bar is the list's."""

    ticks = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether the line takes a key: all that is printed but that."""
        return not (self.ticks and key == "space") and super().check_consume_key(key, character)


class Pick(ModalScreen["list[str] | None"]):
    """A list narrowed by typing. Dismissed with the values ticked, else the one under the cursor; None when left.

    Without `ticked` there is only one to choose.
    """

    BINDINGS = [
        Binding("escape", "leave", "cancel", id="pick.cancel"),
        Binding("down", "move(1)", "next", id="pick.next", show=False),
        Binding("up", "move(-1)", "previous", id="pick.previous", show=False),
        Binding("pagedown", "move(10)", "ten down", id="pick.page_down", show=False),
        Binding("pageup", "move(-10)", "ten up", id="pick.page_up", show=False),
        # With priority over the line above the list.
        Binding("space", "tick", "tick", id="pick.tick", priority=True),
    ]

    DEFAULT_CSS = """
    Pick { align: center middle; }
    Pick > Vertical {
        max-width: 98%; height: auto; max-height: 90%;
        border: round $primary; padding: 0 1; background: $surface;
    }
    Pick Input { height: 1; border: none; padding: 0; }
    Pick OptionList, Pick OptionList:focus {
        height: auto; max-height: 66vh; border: none; padding: 0; background: $surface;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def __init__(
        self,
        question: str,
        choices: Sequence[Choice],
        ticked: Iterable[str] | None = None,
        *,
        note: str = "",
        wanted: str = "",
        verb: str = "choose",
    ) -> None:
        """`wanted` is typed already; `verb` is what enter does."""
        super().__init__()
        self._question, self._choices, self._note = question, choices, note
        self._ticked = None if ticked is None else set(ticked)
        self._shown: list[Choice] = []
        self._wanted, self._verb = wanted, verb

    def compose(self) -> ComposeResult:
        """Yield the line to type in, and the list."""
        with Vertical() as box:
            box.border_title = clean(self._question).replace("[", "\\[")
            field = _Line(self._wanted, placeholder="type to narrow", compact=True)
            field.ticks = self._ticked is not None
            yield field
            yield OptionList()
            yield Bar()

    def on_mount(self) -> None:
        """Put the focus where it belongs and show all choices."""
        self.focus_first()
        self.begin()

    def focus_first(self) -> None:
        """Put the focus into the line."""
        self.set_focus(self.query_one(Input))

    def keys(self) -> list[Part]:
        """Return the keys of the dialog, each with what it does."""
        ticks: list[Part] = [("space", "key"), (" tick   ", "")] if self._ticked is not None else []
        return [*ticks, ("enter", "key"), (f" {self._verb}   ", ""), ("esc", "key"), (" cancel   ", "")]

    def begin(self) -> None:
        """Offer the choices to begin with."""
        self.offer(self._choices, self._note)

    def offer(self, choices: Sequence[Choice], note: str, tone: str = "dim") -> None:
        """Offer these choices; the cursor stays on its own."""
        at = self.query_one(OptionList).highlighted
        before = self._shown[at].value if at is not None else None
        self._choices = choices
        self.query_one(Bar).show([*self.keys(), (note, tone)])
        self._show(self._wanted)
        values = [choice.value for choice in self._shown]
        if before in values:
            self.query_one(OptionList).highlighted = values.index(before)

    def _show(self, wanted: str, at: int = 0) -> None:
        self._wanted, words = wanted, wanted.lower().split()
        fitting = (choice for choice in self._choices if all(word in _write_text(choice) for word in words))
        self._shown = list(islice(fitting, MOST))
        widest = self._share_room()
        options = self.query_one(OptionList)
        options.clear_options()
        for choice in self._shown:
            tick = "" if self._ticked is None else "[x] " if choice.value in self._ticked else "[ ] "
            parts = [(tick, "good"), (fit(choice.label, widest, middle=True), ""), (f"  {choice.note}", "dim")]
            options.add_option(Option(build_line(parts)))
        options.highlighted = min(at, len(self._shown) - 1) if self._shown else None

    def _share_room(self) -> int:
        """Make the dialog as wide as the choices need, as far as there is room; return the cells of a name."""
        name = max((cell_width(clean(choice.label)) for choice in self._shown), default=0)
        note = max((cell_width(clean(choice.note)) for choice in self._shown), default=0)
        beside = AROUND + (0 if self._ticked is None else 4) + (note + 2 if note else 0)
        most = self.app.size.width * 98 // 100
        width = min(max(WIDTH, beside + name), most)
        self.query_one(Vertical).styles.width = width
        return min(name, max(NAME, width - beside))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self._wanted:
            self._show(event.value)
            self.narrowed()

    def narrowed(self) -> None:
        """Do what is to be done when something was typed."""

    @property
    def _at(self) -> int | None:
        """The index of the choice under the cursor, after what was typed just before."""
        typed = self.query_one(Input).value
        if typed != self._wanted:
            self._show(typed)
        return self.query_one(OptionList).highlighted

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let a space be typed where nothing is ticked."""
        return self._ticked is not None if action == "tick" else super().check_action(action, parameters)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        if (at := self._at) is not None:
            self.query_one(OptionList).highlighted = max(0, min(len(self._shown) - 1, at + by))

    def action_tick(self) -> None:
        """Tick the choice under the cursor, or untick it, and go down."""
        if self._ticked is not None and (at := self._at) is not None:
            self._ticked ^= {self._shown[at].value}
            self._show(self._wanted, at + 1)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _take(self) -> None:
        if (chosen := self.list_chosen()) is not None:
            self.dismiss(chosen)

    def list_chosen(self) -> list[str] | None:
        """Return what is chosen now; None when it is nothing."""
        at = self._at
        if self._ticked:
            return [choice.value for choice in self._choices if choice.value in self._ticked]
        return None if at is None else [self._shown[at].value]

    def action_leave(self) -> None:
        """Leave without a choice."""
        self.dismiss(None)


class Browse(Pick):
    """Several things of which one is opened. Keys are keys here, as in a place; `/` narrows by typing."""

    BINDINGS = [
        Binding("q", "leave", "back", id="pick.back"),
        Binding("slash", "narrow", "narrow", id="pick.narrow"),
        Binding("colon", "command", "command", id="go.command", key_display=":"),
    ]

    def focus_first(self) -> None:
        """Put the focus into the list."""
        self.query_one(Input).display = False
        self.set_focus(self.query_one(OptionList))

    def keys(self) -> list[Part]:
        """Return the keys of the list, each with what it does."""
        return [
            *(("enter", "key"), (" open   ", ""), ("/", "key"), (" narrow   ", "")),
            *((":", "key"), (" go   ", ""), ("q", "key"), (" back   ", "")),
        ]

    def action_narrow(self) -> None:
        """Have the list narrowed by what is typed."""
        line = self.query_one(Input)
        line.display = True
        self.set_focus(line)

    def action_leave(self) -> None:
        """Show all again where the list is narrowed, else leave."""
        line = self.query_one(Input)
        if not line.display:
            self.dismiss(None)
            return
        line.value = ""
        self.focus_first()

    def action_command(self) -> None:
        """Leave, and ask for a command."""
        app = self.app
        self.dismiss(None)
        app.call_later(
            lambda: app.screen.run_action("command" if hasattr(app.screen, "action_command") else "app.command")
        )


def _write_text(choice: Choice) -> str:
    return f"{choice.label} {choice.note} {choice.found_by}".lower()
