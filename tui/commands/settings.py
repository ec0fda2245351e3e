"""Commands that change how the program works: writing, colours, the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.commands.context import Builtin, Context
from tui.config import set_value
from tui.screens.navigation.command import CommandError
from tui.screens.places.base import PlaceScreen
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

_AUTO = "auto"  # the theme that is dark or light as the terminal is


class SetReadOnly(Builtin):
    """Turn read-only mode on or off."""

    def __init__(self, context: Context, name: str, meaning: str, *, on: bool) -> None:
        super().__init__(context)
        self.name, self.meaning, self._on = name, meaning, on

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Turn it on or off, and show that."""
        self.navigator.platform.client.read_only = self._on
        self.app.notify(
            "Read-only: nothing that changes the platform is sent." if self._on else "Writing is open again."
        )
        if isinstance(self.app.screen, PlaceScreen):
            self.app.screen.say()


class SetTheme(Builtin):
    """Change the colours, for later starts too."""

    name = "theme"
    meaning = "the colours"
    argument = "NAME"
    aliases = ("skin",)

    def choices(self) -> Sequence[str]:
        """Return the names of the themes, and what follows the terminal."""
        return [_AUTO, *sorted(self.app.available_themes)]

    async def run(self, argument: str) -> None:
        """Change to the theme `argument`, and keep it in the config."""
        if argument not in self.choices():
            raise CommandError(f"There is no theme {argument!r}: choose one of {', '.join(self.choices())}.")
        if argument != _AUTO:
            self.app.theme = argument
        self.context.follow_terminal(argument == _AUTO)
        try:
            set_value(("theme",), argument)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or error
            words = clean(f"The theme lasts until the end only: {reason}.")
            self.app.notify(words, severity="warning", markup=False)


class ConnectAs(Builtin):
    """Connect as another profile."""

    name = "profile"
    meaning = "connect as another profile"
    argument = "NAME"
    aliases = ("ctx",)

    def choices(self) -> Sequence[str]:
        """Return the names of the profiles."""
        return sorted(self.context.profiles)

    async def run(self, argument: str) -> None:
        """Connect as the profile `argument`."""
        if not argument:
            known = ", ".join(self.choices()) or "none besides default"
            raise CommandError(f"Which profile? There are: {known}.")
        self.context.connect_as(argument)
