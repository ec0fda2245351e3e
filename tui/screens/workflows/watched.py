"""What is watched: the object or list of a rule is opened, or its watch ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.pick import Browse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.screens.dialogs.pick import Choice
    from tui.widgets.base.tones import Part


class WatchedScreen(Browse):
    """Lists what the user is told of; the value of a choice is the id of its rule."""

    BINDINGS = [
        # With priority over the line above the list, as a key of the list.
        Binding("ctrl+d", "end", "watch it no longer", id="watches.end", priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], end: Callable[[str], object]) -> None:
        """`end` ends the watch of a rule with this id; it raises OSError where that cannot be kept."""
        super().__init__(title, choices)
        self._end = end

    def keys(self) -> list[Part]:
        """Return the keys of the list, each with what it does."""
        return [*super().keys(), ("ctrl+d", "key"), (" end the watch   ", "")]

    def action_end(self) -> None:
        """End the watch under the cursor; leave once nothing is watched any more."""
        if (at := self._at) is None:
            return
        choice = self._shown[at]
        try:
            self._end(choice.value)
        except OSError as error:
            show_toast(self.app, f"What is watched cannot be kept: {error.strerror or error}.", bad=True)
            return
        show_toast(self.app, f"No longer watched: {choice.label}.")
        left = [each for each in self._choices if each.value != choice.value]
        if left:
            self.offer(left, "")
        else:
            self.dismiss(None)
