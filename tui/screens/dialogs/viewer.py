"""Text or JSON over the whole terminal: a file's content, an answer, the exchanges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.screen import Screen

from tui.api.numbers import read_float
from tui.text import cell_width, clean, fit
from tui.toolkit.controls import Input
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import Bar, FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.input.prompt import Prompt
from tui.widgets.text.json_view import JsonView
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import App, ComposeResult

    from tui.widgets.text.line_view import LineView


_LEAST = 20  # cells of a title


class Viewer(Screen[None]):
    """One text view, with search and the position of the cursor."""

    BINDINGS = [
        Binding("escape,q", "back", "back", id="viewer.back"),
        # With priority, so that what is typed ahead of the prompt lands in it; see check_action.
        Binding("slash", "search", "search", id="viewer.search", priority=True),
    ]

    DEFAULT_CSS = """
    Viewer LineView { height: 1fr; }
    """

    def __init__(
        self,
        title: str,
        body: LineView,
        *,
        note: str = "",
        heads: str = "",
        line: int = 1,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        """`heads` are titles over columns of the text, `line` is where to begin.

        `closed` is called when the screen is gone, to give back what it read.
        """
        super().__init__()
        self._title, self._body, self._note, self._give_back = title, body, note, closed
        self._line, self._heads = line, heads
        self._where = self._found = ""

    def compose(self) -> ComposeResult:
        """Yield header, title, text, prompt, keys."""
        yield HeaderBar()
        yield TitleBar()
        if self._heads:
            yield Bar(id="heads")
        yield self._body
        yield Prompt()
        yield FooterBar()

    def on_mount(self) -> None:
        """Show title and keys, and go to the line to begin with."""
        self._say()
        for bar in self.query("#heads").results(Bar):
            bar.show([(f" {' ' * len(self._body.prefix(0))}{self._heads}", "dim")])
        keys = [KeyHint("/", "search"), KeyHint("n", "next"), KeyHint("w", "wrap"), KeyHint("c", "copy")]
        opens = [KeyHint("enter", "open")] if isinstance(self._body, JsonView | TextView) else []
        if isinstance(self._body, TextView) and self._body.tell_briefly:
            opens.append(KeyHint("b", "brief"))
        go = KeyHint(":", "go", getattr(self.app, "navigator", None) is not None)
        self.query_one(FooterBar).show_keys([*opens, *keys, go, KeyHint("esc", "back")])
        self.set_focus(self._body)
        if self._line > 1:
            self.call_after_refresh(self.go_to_line, self._line)

    def on_resize(self) -> None:
        """Give the title the room that there is now."""
        if self.is_mounted:
            self._say()

    def on_unmount(self) -> None:
        """Release what the text was read from."""
        self._give_back()

    def _say(self) -> None:
        note, found = (f"  {text}" if text else "" for text in (self._note, self._found))
        room = self.size.width - sum(map(cell_width, (found, self._where))) - 4
        whole, noted = cell_width(clean(self._title)), cell_width(clean(note))
        note = fit(note, max(0, min(noted, room - min(whole, _LEAST))))
        title = fit(self._title, min(whole, max(_LEAST, room - cell_width(note))), middle=True)
        left = [(f" {title}", "strong"), (note, "dim")]
        self.query_one(TitleBar).show(left, [(found, ""), (f"  {self._where}", "dim")])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that open the prompt to a text field that has the focus."""
        if action == "search" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Close the viewer."""
        self.dismiss(None)

    def action_search(self) -> None:
        """Ask what to look for."""
        self.query_one(Prompt).open_search(self._body, self._body.search)

    def on_prompt_closed(self) -> None:
        """Put the focus back into the text."""
        self.set_focus(self._body)

    def go_to_line(self, number: int) -> None:
        """Go to a line; `:` and its number does so."""
        if isinstance(self._body, TextView):
            self._body.go_to(number)
        else:
            self._body.move_to(number - 1)

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Show where the cursor is."""
        self._where = f"{event.row + 1:,}/{event.total:,} " if event.total else ""
        self._say()

    def on_json_view_path_changed(self, event: JsonView.PathChanged) -> None:
        """Show the path of the cursor."""
        self._note = event.path if event.path != "$" else ""
        self._say()

    def on_line_view_searched(self, event: LineView.Searched) -> None:
        """Show how the search stands."""
        self._found = event.words
        self._say()

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy the text."""
        copy(self.app, event.text)

    def value_of(self, line: TextView.LineChosen) -> object:
        """Return what a line stands for: here the JSON that it is. Raises ValueError and RecursionError."""
        return json.loads(line.text, parse_float=read_float)

    def on_text_view_line_chosen(self, event: TextView.LineChosen) -> None:
        """Open what a line stands for in a viewer of its own."""
        try:
            value = self.value_of(event)
        except (ValueError, RecursionError):
            self.notify(f"Line {event.number:,} is not JSON.", severity="warning", markup=False)
            return
        view = JsonView()
        view.show(value)
        self.app.push_screen(Viewer(f"{self._title}:{event.number}", view))


def show_lines(app: App[Any], title: str, lines: Sequence[str], note: str = "", *, wrapped: bool = False) -> None:
    """Show lines over what is shown."""
    app.push_screen(Viewer(title, TextView(MemoryLines(list(lines)), wrapped=wrapped), note=note))
