"""The line of tabs over the detail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.text import cell_width, clean, fit
from tui.widgets.base.tones import STYLES

if TYPE_CHECKING:
    from textual import events


_LEAST = 8  # cells of a name that tell something
_WIDE_GAP, _NARROW_GAP = " │ ", "│"  # between tabs


class TabBar(Widget):
    """The names of the tabs, the open one marked."""

    DEFAULT_CSS = """
    TabBar { height: 1; }
    """

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        tab: str

    def __init__(self) -> None:
        super().__init__()
        self._tabs: tuple[str, ...] = ()
        self._open = self._prefix = self._name = ""

    def show(self, tabs: tuple[str, ...], open_tab: str, prefix: str = "") -> None:
        """Show these tabs. `prefix` is what their names share with the name of the object, and is left out."""
        if (tabs, open_tab, prefix) != (self._tabs, self._open, self._prefix):
            self._tabs, self._open, self._prefix = tabs, open_tab, prefix
            self.refresh()

    def name_object(self, name: str) -> None:
        """Say at the right whose tabs these are, where there is room; "" says nothing."""
        if name != self._name:
            self._name = name
            self.refresh()

    def _lay_out(self) -> tuple[str, list[tuple[int, str, str]]]:
        """Return what parts tabs, and of those in sight the cell where each begins, the tab and its label.

        Where there is no room for all, they stand closer; then the first are left out, until the open one shows.
        """
        named = [(tab, tab.removeprefix(self._prefix)) for tab in self._tabs]
        until = self._tabs.index(self._open) + 1 if self._open in self._tabs else 1
        gap = _WIDE_GAP if _add_up(named, _WIDE_GAP) <= self.size.width else _NARROW_GAP
        start = 0
        while start + 1 < until and _add_up(named[start:until], gap) > self.size.width:
            start += 1
        placed, x = [], 1
        for tab, label in named[start:]:
            placed.append((x, tab, label))
            x += len(label) + len(gap)
        return gap, placed

    def render(self) -> Content:
        """Draw the tabs, the open one in strong capitals: it shows without colour too."""
        gap, seen = self._lay_out()
        open_style = "bold underline" if self.app.native_ansi_color else "bold $text-accent"  # read on any band
        parts: list[Content | str | tuple[str, str]] = [" " if len(seen) == len(self._tabs) else "‹"]
        for index, (_, tab, label) in enumerate(seen):
            if index:
                parts.append((gap, STYLES["dim"]))
            parts.append((label.upper(), open_style) if tab == self._open else (label, STYLES["dim"]))
        tabs = Content.assemble(*parts)
        room = self.size.width - tabs.cell_length - 3
        if room < -3:  # some go on at the right
            return Content.assemble(tabs[: self.size.width - 1], ("›", STYLES["dim"]))
        if not self._name or room < _LEAST:
            return tabs
        name = fit(self._name, min(room, cell_width(clean(self._name))), middle=True)
        return Content.assemble(tabs, " " * (room + 2 - cell_width(name)), (name, STYLES["strong"]))

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        for x, tab, label in self._lay_out()[1]:
            if x <= event.x < x + len(label):
                self.post_message(self.Chosen(tab))


def _add_up(named: list[tuple[str, str]], gap: str) -> int:
    """Return the cells that tabs take."""
    return 1 + sum(len(label) for _, label in named) + len(gap) * (len(named) - 1)
