"""Commands that change how the program works: writing, colours, the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.errors import UnknownProfile, advise_writing
from tui.commands.context import Builtin
from tui.config.writing import set_value
from tui.screens.dialogs.confirm import Confirm
from tui.screens.navigation.command import CommandError
from tui.screens.navigation.completion import find_line_fault
from tui.screens.places.base import PlaceScreen
from tui.text import clean
from tui.widgets.base.bars import HeaderBar

if TYPE_CHECKING:
    from collections.abc import Sequence

_AUTO = "auto"  # the theme that is dark or light as the terminal is


class ForbidWriting(Builtin):
    """Turn read-only mode on, for later connections of this session too."""

    name = "ro"
    meaning = "read-only: refuse everything that changes the platform"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Turn it on, and show that."""
        _set_read_only(self, on=True)
        self.app.notify("Read-only: nothing that changes the platform is sent.")


class AllowWriting(Builtin):
    """End read-only mode, once that is agreed to. What the command line or the profile says stays."""

    name = "rw"
    meaning = "allow writing again"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Ask, then turn it off, and show that. Raises CommandError where it was not turned on here."""
        connections = [account.platform.client.connection for account in self.navigator.accounts]
        for connection in connections:
            connection.look_for_closing()
        free = [connection for connection in connections if not connection.read_only]
        if not free:
            by = connections[0].held_by
            since = ", until o9s ends" if connections[0].read_only_by else " now"
            _show_writing(self)
            raise CommandError(f"{by} says read-only{since}. {advise_writing(by)}")
        if not any(account.is_read_only for account in self.navigator.accounts if not account.is_held_read_only):
            self.app.notify("Writing is open.")
            return
        words = "What changes the platform is sent again, behind its dialogs."
        things = [(connection.profile, connection.host) for connection in free]
        question = Confirm("Allow writing again?", things, words, verb="allow")
        self.app.push_screen(question, self._take_answer)

    def _take_answer(self, yes: bool | None) -> None:
        if yes:
            _set_read_only(self, on=False)
            self.app.notify("Writing is open again.")


def _set_read_only(command: Builtin, *, on: bool) -> None:
    """Turn read-only mode on or off, and show that in the header."""
    for account in command.navigator.accounts:
        account.session.read_only = on
        account.platform.client.read_only = on
    _show_writing(command)


def _show_writing(command: Builtin) -> None:
    """Show in the header whether writing is open."""
    if isinstance(command.app.screen, PlaceScreen):
        command.app.screen.say()


class Present(Builtin):
    """Hide who and whose account this is from those who see the screen, or no longer."""

    name = "present"
    meaning = "presentation mode: hide people, keys and accounts"
    argument = "[off]"

    def choices(self) -> Sequence[str]:
        """Return the words for it."""
        return ["on", "off"]

    async def run(self, argument: str) -> None:
        """Begin it, or end it with `off`; the header shows which. Raises CommandError for another word."""
        if argument not in ("", *self.choices()):
            raise CommandError(":present begins presentation mode, and :present off ends it.")
        self.context.present(argument != "off")
        for screen in self.app.screen_stack:
            for bar in screen.query(HeaderBar):
                bar.show(*bar.parts)
            if isinstance(screen, PlaceScreen):
                screen.say()


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
        """Change to the theme `argument`, without one to one that is chosen, and keep it in the config."""
        argument = argument or await self._choose()
        if not argument:
            return
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

    async def _choose(self) -> str:
        """Return the theme that is chosen from a list; "" for none."""
        from tui.screens.dialogs.pick import Choice, Pick

        notes = {self.app.theme: "now", _AUTO: "dark or light as the terminal is"}
        choices = [Choice(name, notes.get(name, "")) for name in self.choices()]
        chosen = await self.app.push_screen_wait(Pick("Theme", choices, verb="use"))
        return chosen[0] if chosen else ""


class SetPlace(Builtin):
    """Put a place on a digit, for later starts too."""

    name = "place"
    meaning = "put the place you are at, or a : line, on a digit"
    argument = "DIGIT [LINE]"
    aliases = ("bookmark",)

    async def run(self, argument: str) -> None:
        """Put it there. Raises CommandError for a digit that cannot have one, and for a line in vain."""
        digit, _, line = argument.strip().partition(" ")
        here, places = self.navigator.history.current, list(self.navigator.places)
        line = line.strip() or (here.line if here else "")
        index = (int(digit) - 1) % 10 if len(digit) == 1 and digit.isascii() and digit.isdecimal() else -1
        if not 0 <= index <= len(places):
            free = f"the next free one is {(len(places) + 1) % 10}" if len(places) < 10 else "all have places"
            raise CommandError(f"Give a digit that has a place, such as :place 3; {free}.")
        if fault := self._find_fault(line):
            raise CommandError(fault[:1].upper() + fault[1:])
        places[index : index + 1] = [line]
        self.navigator.places = tuple(places)
        told, layout = f"{digit} leads to {line}", self.navigator.session.layout
        layout.put_places(places)
        try:
            layout.keep()
        except OSError as error:
            words = f"{told}, until the end only: {error.strerror or error}."
            self.app.notify(clean(words), severity="warning", markup=False)
        else:
            self.app.notify(clean(f"{told}."), markup=False)
        if isinstance(self.app.screen, PlaceScreen):
            self.app.screen.say()

    def _find_fault(self, line: str) -> str:
        """Return the sentence on a line that leads nowhere; "" where it leads somewhere."""
        navigator = self.navigator
        words = {name for each in navigator.commands.values() for name in (each.name, *each.aliases)}
        return find_line_fault(line, words | navigator.own.aliases.keys())


class ConnectAs(Builtin):
    """Connect as another profile, or as several at once."""

    name = "profile"
    meaning = "connect as another profile, or as several: :profile acme,beta"
    argument = "NAME[,NAME]"
    aliases = ("profiles", "ctx")

    def choices(self) -> Sequence[str]:
        """Return the names of the profiles."""
        return sorted(self.context.profiles)

    async def run(self, argument: str) -> None:
        """Connect as the profiles of `argument`; without one they are ticked in a list. Raises CommandError."""
        if not argument:
            if not self.choices():
                raise CommandError("There is no profile besides default: the config may have more.")
            self.context.choose_profiles()
            return
        try:
            self.context.connect_as(argument)
        except UnknownProfile as error:
            raise CommandError(str(error)) from None
