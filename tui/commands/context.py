"""What the `:` commands work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.screens.navigation.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual.app import App

    from tui.screens.navigation.navigator import Navigator


@dataclass(frozen=True, slots=True)
class Context:
    """The application, the connection and the rest that commands work with."""

    app: App[Any]
    navigator: Navigator
    profiles: Collection[str]
    """The names of the profiles there are."""
    connect_as: Callable[[str], object]
    """Connects as another profile, or as several with commas. Raises UnknownProfile."""
    choose_profiles: Callable[[], object]
    """Has the user tick the profiles to connect as."""
    show_help: Callable[[], object]
    """Shows the keys that work on the screen that is shown."""
    follow_terminal: Callable[[bool], object]
    """Has the colours follow the terminal's, or no longer."""
    present: Callable[[bool], object]
    """Begins or ends presentation mode."""
    tell_replay: Callable[[str], object]
    """Says how time is to pass in the replay that is shown."""
    faults: Sequence[str]
    """Sentences on what could not be used when the program began."""


class Builtin(Command):
    """A command that works with the application and its connection."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.app, self.navigator = context.app, context.navigator
