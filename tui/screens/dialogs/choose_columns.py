"""The choice of the columns of a list, and of their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.text import clean
from tui.toolkit.controls import Option, OptionList
from tui.widgets.base.bars import Bar
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult


class ChooseColumns(ModalScreen["list[str] | None"]):
    """The columns there are, those that are shown first. Dismissed with these in order, or None when left.

    Without any it is dismissed with an empty list, as it is to go back to the columns of the start.
    """

    BINDINGS = [
        Binding("escape,q", "leave", "cancel", id="columns.cancel"),
        Binding("space", "tick", "show or hide", id="columns.tick"),
        Binding("shift+up,K", "shift(-1)", "further left", id="columns.earlier", key_display="K"),
        Binding("shift+down,J", "shift(1)", "further right", id="columns.later", key_display="J"),
        Binding("r", "reset", "as at the start", id="columns.reset"),
        Binding("j", "move(1)", "next", id="columns.next", show=False),
        Binding("k", "move(-1)", "previous", id="columns.previous", show=False),
    ]
    DEFAULT_CSS = """
    ChooseColumns { align: center middle; }
    ChooseColumns > Vertical {
        width: 64; max-width: 98%; height: auto; max-height: 90%;
        border: round $primary; padding: 0 1; background: $surface;
    }
    ChooseColumns OptionList, ChooseColumns OptionList:focus {
        height: auto; max-height: 80vh; border: none; padding: 0; background: $surface; text-wrap: nowrap;
    }
    """

    def __init__(self, name: str, shown: Sequence[str], others: Iterable[str]) -> None:
        """`shown` are the columns shown now, `others` those that can be."""
        super().__init__()
        self._name = name
        self._names = [*shown, *others]
        self._shown = set(shown)

    def compose(self) -> ComposeResult:
        """Yield the columns, and the keys."""
        with Vertical() as box:
            box.border_title = f"Columns of {self._name}"
            yield OptionList()
            yield Bar()

    def on_mount(self) -> None:
        """Show the columns."""
        keys = (("space", "show"), ("J K", "move"), ("r", "reset"), ("enter", "take"), ("esc", "cancel"))
        self.query_one(Bar).show([part for key, word in keys for part in ((key, "key"), (f" {word}  ", ""))])
        self._show(0)
        self.set_focus(self.query_one(OptionList))

    def _show(self, at: int) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        for name in self._names:
            is_shown = name in self._shown
            tick = ("[x] ", "good") if is_shown else ("[ ] ", "dim")
            options.add_option(Option(build_line([tick, (clean(name), "" if is_shown else "dim")])))
        options.highlighted = max(0, min(at, len(self._names) - 1))

    @property
    def _at(self) -> int:
        return self.query_one(OptionList).highlighted or 0

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.query_one(OptionList).highlighted = max(0, min(len(self._names) - 1, self._at + by))

    def action_tick(self) -> None:
        """Show the column under the cursor, or hide it, and go down."""
        self._shown ^= {self._names[self._at]}
        self._show(self._at + 1)

    def action_shift(self, by: int) -> None:
        """Move the column under the cursor to the left or right of its neighbour."""
        at, there = self._at, self._at + by
        if 0 <= there < len(self._names):
            self._names[at], self._names[there] = self._names[there], self._names[at]
            self._show(there)

    def action_reset(self) -> None:
        """Go back to the columns of the start."""
        self.dismiss([])

    @on(OptionList.OptionSelected)
    def _take(self) -> None:
        self.dismiss([name for name in self._names if name in self._shown])

    def action_leave(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)
