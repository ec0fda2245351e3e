"""Textual's controls as they are used here: they draw what was typed or came from outside made harmless.

What a control holds stays as it is; only what reaches the terminal is changed. Import these, not Textual's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import widgets
from textual.content import Content
from textual.widgets.option_list import Option

from tui.text import visible
from tui.toolkit.drawing.layouts import BoundedHeight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.suggester import SuggestionReady
    from textual.visual import Visual

__all__ = ["Checkbox", "Input", "Option", "OptionList", "Select"]


class Input(widgets.Input):
    """A line to type in. Neither its text nor the suggestion after the cursor is drawn raw."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.set_reactive(Input.cursor_blink, False)  # nothing repaints when nothing changed
        self._suggested = ""  # the suggestion as it is; Textual draws `_suggestion`

    @property
    def _value(self) -> Text:
        """The text as Textual draws and measures it."""
        if self.password:
            return super()._value
        return Text(visible(self.value), no_wrap=True, overflow="ignore", end="")

    def _on_paste(self, _event: events.Paste) -> None:
        """Let the line scroll to the end of what is pasted: Textual's own does not when that is its first text."""
        self._initial_value = False

    async def _on_suggestion_ready(self, event: SuggestionReady) -> None:
        """Show a suggestion when it still fits what is typed; taking it takes what it really is."""
        event.prevent_default()  # Textual's own would show it raw
        if event.value == self.value:
            self._suggested, self._suggestion = event.suggestion, visible(event.suggestion)

    def action_cursor_right(self, select: bool = False) -> None:
        """Move to the right; at the end of the text take the suggestion."""
        if self._suggestion and self.cursor_at_end and not select:
            self.value = self._suggested
            self.cursor_position = len(self.value)
        else:
            super().action_cursor_right(select)


class LongOption(Option):
    """An option of several lines, which whoever made it has broken."""


class OptionList(widgets.OptionList, BoundedHeight):
    """A list to choose from. Its options are never read as markup, whoever made them."""

    def __init__(self, *options: Option, **settings: Any) -> None:
        super().__init__(*options, **{"markup": False, **settings})

    def _get_visual(self, option: Option) -> Visual:
        prompt = option.prompt
        if isinstance(prompt, str):
            option._set_prompt(Content(visible(prompt)))
        elif isinstance(prompt, Content):
            lines = prompt.plain.split("\n") if isinstance(option, LongOption) else [prompt.plain]
            if (shown := "\n".join(map(visible, lines))) != prompt.plain:
                option._set_prompt(Content(shown, spans=list(prompt.spans)))
        return super()._get_visual(option)


class Select(widgets.Select[str]):
    """One of several words to choose from. What it holds can be asked and changed before it is shown."""

    def __init__(self, words: Iterable[str], **settings: Any) -> None:
        super().__init__([(Text(visible(word)), word) for word in words], **settings)
        held = self._options[0][1] if self._value is self.NULL else self._value  # the first is the blank, if any
        self.set_reactive(Select.value, held)  # type: ignore[misc]

    def _init_selected_option(self, hint: Any = widgets.Select.NULL) -> None:
        before = self.value
        super()._init_selected_option(hint)
        if self.value == before != self.NULL:  # Textual shows what is not new to it no more
            self._watch_value(before)

    @property
    def may_be_empty(self) -> bool:
        """Whether none of them can be chosen."""
        return self._allow_blank


class Checkbox(widgets.Checkbox):
    """A switch that says in a sign and a word whether it is on, so that it can be read without colours."""

    def __init__(self, *, value: bool = False, **settings: Any) -> None:
        super().__init__("on" if value else "off", value, **settings)

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")

    def watch_value(self) -> None:
        """Show the word of the new value."""
        super().watch_value()
        self.label = "on" if self.value else "off"
