"""The row of places that digits jump to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.message import Message

from tui.text import cell_width, clean
from tui.widgets.base.bars import Bar

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual import events


JUMPS = tuple(
    Binding(str((number + 1) % 10), f"jump({number})", f"place {number + 1} of yours", id=f"go.place_{number + 1}")
    for number in range(10)
)
"""The keys that jump: the same wherever one is and does not type."""


class PlacesBar(Bar):
    """The digits and where they jump to, the place one is at in capitals. A click jumps, too."""

    DEFAULT_CSS = """
    PlacesBar { background: $surface; }
    """

    @dataclass
    class Chosen(Message):
        """The place at this index was clicked; behind the last it is None."""

        index: int | None

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []

    def show_places(self, places: Sequence[str], here: int | None, absent: Collection[int] = ()) -> None:
        """Show these places: the one at index `here` as where one is, those at indices `absent` as not there."""
        self._words = [f" {(index + 1) % 10} {clean(place)} " for index, place in enumerate(places)]
        parts = []
        for index, word in enumerate(self._words):
            name = word[2:].upper() if index == here else word[2:]
            key = "dim" if index in absent else "key"
            parts += [(word[:2], key), (name, "strong" if index == here else "dim")]
        self.show([*parts, (" :", "key"), (" more", "dim")])

    def on_click(self, event: events.Click) -> None:
        """Choose the place under the mouse."""
        edge = 0
        for index, word in enumerate(self._words):
            edge += cell_width(word)
            if event.x < edge:
                self.post_message(self.Chosen(index))
                return
        self.post_message(self.Chosen(None))
