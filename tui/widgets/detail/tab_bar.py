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

    def _tabs_in_sight(self) -> list[tuple[str, str]]:
        """Return the tabs with their labels from the first on that leaves the open one in sight."""
        named = [(tab, tab.removeprefix(self._prefix)) for tab in self._tabs]
        until = self._tabs.index(self._open) + 1 if self._open in self._tabs else 1
        start = 0
        while start + 1 < until and sum(len(label) + 3 for _, label in named[start:until]) > self.size.width:
            start += 1
        return named[start:]

    def render(self) -> Content:
        """Draw the tabs, the open one in strong capitals: it shows without colour too."""
        seen = self._tabs_in_sight()
        parts: list[Content | str | tuple[str, str]] = [" " if len(seen) == len(self._tabs) else "‹"]
        for index, (tab, label) in enumerate(seen):
            if index:
                parts.append((" │ ", STYLES["dim"]))
            parts.append((label.upper(), "bold $text-accent") if tab == self._open else (label, STYLES["dim"]))
        tabs = Content.assemble(*parts)
        room = self.size.width - tabs.cell_length - 3
        if not self._name or room < _LEAST:
            return tabs
        name = fit(self._name, min(room, cell_width(clean(self._name))), middle=True)
        return Content.assemble(tabs, " " * (room + 2 - cell_width(name)), (name, STYLES["strong"]))

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        at = 1
        for tab, label in self._tabs_in_sight():
            if at <= event.x < at + len(label):
                self.post_message(self.Chosen(tab))
            at += len(label) + 3
