"""The line at the bottom for `:` commands and `/` filters, with completion and its faults beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Static

from tui.text import cell_width, clean, fit
from tui.toolkit.controls import Input, Option, OptionList
from tui.widgets.base.tones import STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

MAX_SUGGESTIONS = 8  # once something is typed; before that everything can be looked through
_GROUP = 14  # cells
WAITING = "waiting… esc stops"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to go on: the whole line it makes, and what that means."""

    text: str
    meaning: str = ""
    group: str = ""
    """What it belongs to; told while nothing is typed."""
    is_dim: bool = False
    """Whether it leads nowhere now; its meaning says why."""


class _Ghost(Suggester):
    """The first suggestion that goes on from what is typed, in grey after the cursor."""

    def __init__(self, complete: Callable[[str], Sequence[Suggestion]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        found = (suggestion.text for suggestion in self._complete(value))
        return next((text for text in found if text.startswith(value)), None)


class _Line(Input):
    """The line itself. While the prompt waits, it stays as it is."""

    async def _on_key(self, event: events.Key) -> None:
        if self.query_ancestor(Prompt).is_waiting:
            bound = self.screen.active_bindings.get(event.key)
            if bound is None or bound.binding.action != "close":
                event.stop().prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        if self.query_ancestor(Prompt).is_waiting:
            event.stop().prevent_default()

    async def action_submit(self) -> None:
        """Hand the line over at once where it can be judged at once."""
        if not self.query_ancestor(Prompt).hand_over(self.value):
            await super().action_submit()


class Prompt(Vertical):
    """A prompt that appears when opened and is gone when it closes."""

    DEFAULT_CSS = """
    Prompt { dock: bottom; height: auto; display: none; background: $surface; margin-bottom: 1; }
    Prompt Horizontal { height: auto; max-height: 8; }
    Prompt .sign { width: 2; color: $text-accent; text-style: bold; }
    Prompt Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
    Prompt .fault { width: auto; max-width: 60%; height: auto; color: $text-error; }
    Prompt.-told Input { width: auto; max-width: 40%; margin-right: 2; }
    Prompt OptionList, Prompt OptionList:focus {
        height: auto; max-height: 50vh; border: none; padding: 0 1; background: $surface;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    KEYS_FIRST: ClassVar[bool] = True  # while it is open, its keys go before those of the screen
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="prompt.close"),
        Binding("down", "choose(1)", "next", show=False, id="prompt.next"),
        Binding("up", "choose(-1)", "previous", show=False, id="prompt.previous"),
        Binding("ctrl+r", "recall", "earlier lines", show=False, id="prompt.recall", priority=True),
        Binding("tab", "accept", "complete", show=False, id="prompt.complete", priority=True),
    ]

    @dataclass
    class Changed(Message):
        """The text was edited."""

        sign: str
        text: str

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        sign: str
        text: str

    @dataclass
    class Closed(Message):
        """It was closed without a decision."""

        sign: str

    def __init__(self) -> None:
        super().__init__()
        self.sign = ""
        self.is_waiting = False
        """Whether the line was handed over and is being done: until then it takes no key but esc."""
        self._complete: Callable[[str], Sequence[Suggestion]] = lambda _: ()
        self._suggestions: Sequence[Suggestion] = ()
        self._earlier: Sequence[str] = ()
        self._recalled = 0  # how many lines back the line shown is; 0 for none
        self._accept: Callable[[str], bool] | None = None

    def compose(self) -> ComposeResult:
        """Yield suggestions above, the line below."""
        yield OptionList()
        with Horizontal():
            yield Static("", classes="sign", markup=False)
            yield _Line(compact=True)
            yield Static("", classes="fault", markup=False)

    def open(
        self,
        sign: str,
        text: str = "",
        complete: Callable[[str], Sequence[Suggestion]] = lambda _: (),
        accept: Callable[[str], bool] | None = None,
        earlier: Sequence[str] = (),
    ) -> None:
        """Ask for a line that begins with `sign`, starting from `text`.

        `accept` takes the finished line and says whether it will do; without it `Submitted` is posted.
        `earlier` are lines of before, the newest last.
        """
        self._earlier, self._recalled = earlier, 0
        self.sign, self._complete, self._accept = sign, complete, accept
        self.query_one(".sign", Static).update(sign)
        self.query_one(Input).suggester = _Ghost(complete)
        field = self._put(text)
        self.display = True
        self._suggest(text)
        # At once, not when the queue comes to it: the next key may have been typed already.
        self.screen.set_focus(field, scroll_visible=False)

    def open_search(self, view: Widget, search: Callable[[str], object]) -> None:
        """Ask what to look for in a view, have `search` look, and go back to the view.

        `search` raises ValueError with a sentence when it cannot look for that.
        """

        def accept(text: str) -> bool:
            try:
                search(text)
            except ValueError as error:
                self.fault(str(error))
                return False
            self.close()
            self.screen.set_focus(view)
            return True

        self.open("/", accept=accept)

    def hand_over(self, text: str) -> bool:
        """Hand the finished line to `accept`. Returns whether there is one."""
        if self._accept is None:
            return False
        self._accept(text)
        return True

    def wait(self) -> None:
        """Keep the line as it is, and show that it is being done, until there is a fault or it closes."""
        self.fault(WAITING, STYLES["dim"])
        self.is_waiting = True
        self.query_one(OptionList).display = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow no more than esc while it waits."""
        if self.is_waiting and action != "close":
            return False
        return super().check_action(action, parameters)

    def close(self) -> None:
        """Hide: nothing is asked for any more."""
        self.is_waiting = False
        self.display = False
        self.sign = ""

    def fault(self, sentence: str, style: str = "") -> None:
        """Show what is wrong with the line, right behind it."""
        self.is_waiting = False
        self.set_class(bool(sentence), "-told")
        self.query_one(".fault", Static).update(Content.styled(clean(sentence), style))

    @property
    def is_open(self) -> bool:
        """Whether it is asking."""
        return bool(self.sign)

    def action_close(self) -> None:
        """Leave without a decision."""
        sign = self.sign
        self.close()
        self.post_message(self.Closed(sign))

    def action_choose(self, step: int) -> None:
        """Take the next or previous suggestion into the line; up from the line itself, a line of before."""
        options = self.query_one(OptionList)
        if self._earlier and options.highlighted is None and (step < 0 or self._recalled):
            self._recall(self._recalled - step)
            return
        if not self._suggestions:
            return
        at = 0 if options.highlighted is None else (options.highlighted + step) % len(self._suggestions)
        if options.highlighted is None and step < 0:
            at = len(self._suggestions) - 1
        options.highlighted = at
        self._put(self._suggestions[at].text)

    def _put(self, text: str) -> Input:
        """Put a text into the line, as nobody typed it."""
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        return field

    def _recall(self, back: int) -> None:
        """Put the line into the field that is so many before this one; 0 empties it."""
        self._recalled = max(0, min(back, len(self._earlier)))
        self._put(self._earlier[-self._recalled] if self._recalled else "")
        self._offer([] if self._recalled else self._complete(""))

    def action_recall(self) -> None:
        """Offer the lines of before that hold what is typed, the newest first."""
        typed = self.query_one(Input).value.lower()
        found = [Suggestion(line, "typed before") for line in reversed(self._earlier) if typed in line.lower()]
        if found:
            self._offer(found)
        else:
            self.fault("No earlier line has this." if typed else "Nothing was typed here before.")

    def action_accept(self) -> None:
        """Complete with the first suggestion."""
        if self._suggestions:
            field = self.query_one(Input)
            field.value = self._suggestions[0].text
            field.cursor_position = len(field.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._suggest(event.value)
        self.post_message(self.Changed(self.sign, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(self.sign, event.value))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        text = self._suggestions[event.option_index].text
        if not self.hand_over(text):
            self.post_message(self.Submitted(self.sign, text))

    def _suggest(self, text: str) -> None:
        self.fault("")  # it was of what stood there before
        self._offer(self._complete(text)[: MAX_SUGGESTIONS if text else None])

    def _offer(self, suggestions: Sequence[Suggestion]) -> None:
        """Show these ways to go on; those of a group under its name."""
        self._suggestions = suggestions
        options = self.query_one(OptionList)
        options.clear_options()
        options.display = bool(suggestions)
        browsing = any(each.group for each in suggestions) and not self.query_one(Input).value
        width = max((cell_width(clean(each.text)) for each in suggestions), default=0) if browsing else 0
        group = ""
        for each in suggestions:
            heading = each.group if each.group != group else ""
            group = each.group
            text = fit(each.text, width) if browsing else clean(each.text)
            parts = [(fit(heading, _GROUP), STYLES["dim"])] if browsing else []
            told = each.meaning.removeprefix(f"{each.group} · ") if browsing else each.meaning
            meaning = f"  {clean(told)}" if told else ""
            name = (text, STYLES["dim"]) if each.is_dim else text
            options.add_option(Option(Content.assemble(*parts, name, (meaning, STYLES["dim"]))))
