"""Sentences on what could not be used, such as a line of the config: told once, and kept for `:faults`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App


class Notices:
    """Tells what could not be used, as soon as there is a screen to say it on."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self.waiting: list[str] = []
        """Those to be told once there is a screen."""
        self.told: list[str] = []

    def add(self, *faults: str) -> None:
        """Have these told with the next ones; "" is none."""
        self.waiting += filter(None, faults)

    def tell(self, fault: str) -> None:
        """Tell of one now, once."""
        if fault not in self.told:
            self._show([fault])

    def tell_waiting(self, more: Iterable[str]) -> None:
        """Tell of those that wait and of `more`."""
        new, self.waiting = [*self.waiting, *more], []
        self._show(new)

    def _show(self, new: list[str]) -> None:
        """Show the first, and where all stand if there is more."""
        self.told += [fault for fault in new if fault not in self.told]
        several = f"{len(new)} notices on the config and the keys: :faults lists them." if len(new) > 1 else ""
        for words in filter(None, (several, *new[:1])):
            self._app.notify(words, severity="warning", markup=False, timeout=10)
