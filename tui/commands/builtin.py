"""The `:` commands that are not resources: all of them, and those that go somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.commands.context import Builtin, Context
from tui.commands.overlays import (
    ShowDoctor,
    ShowFaults,
    ShowHelp,
    ShowJournal,
    ShowNews,
    ShowOutcome,
    ShowRequests,
    ShowWatched,
)
from tui.commands.recording import PauseReplay, Record, SetReplaySpeed
from tui.commands.settings import AllowWriting, ConnectAs, ForbidWriting, Present, SetPlace, SetTheme
from tui.resources.generation import endpoints
from tui.resources.registry import PLACES, REGISTRY
from tui.screens.navigation.command import Command, CommandError
from tui.screens.places.base import PlaceScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual.app import App

    from tui.api.operation import Operation
    from tui.resources.language.resource import Resource, ServerFilter
    from tui.screens.navigation.navigator import Navigator


def build_commands(
    app: App[Any],
    navigator: Navigator,
    *,
    profiles: Collection[str],
    connect_as: Callable[[str], object],
    choose_profiles: Callable[[], object],
    show_help: Callable[[], object],
    follow_terminal: Callable[[bool], object],
    present: Callable[[bool], object],
    tell_replay: Callable[[str], object],
    faults: Sequence[str] = (),
) -> list[Command]:
    """Return the commands of an application that is connected; see `Context`."""
    context = Context(
        app,
        navigator,
        profiles,
        connect_as,
        choose_profiles,
        show_help,
        follow_terminal,
        present,
        tell_replay,
        faults,
    )
    filters = dict.fromkeys(each.param for resource in REGISTRY.values() for each in resource.filters)
    return [
        *(GoTo(context, resource) for resource in PLACES.values()),
        ShowNews(context),
        ShowWatched(context),
        OpenId(context),
        ShowRequests(context),
        ShowOutcome(context),
        ShowJournal(context),
        ShowDoctor(context),
        ShowFaults(context),
        Record(context),
        PauseReplay(context),
        SetReplaySpeed(context),
        ForbidWriting(context),
        AllowWriting(context),
        Present(context),
        SetTheme(context),
        SetPlace(context),
        ConnectAs(context),
        OffBoard(context),
        TakeOut(context),
        Try(context, "respond", "responses", endpoints.RESPOND, aliases=("bench", "try")),
        Try(context, "chat", "chat completions", endpoints.CHAT),
        Try(context, "complete", "legacy completions", endpoints.COMPLETE),
        Try(context, "embed", "how near texts are", endpoints.EMBED),
        Try(context, "moderate", "what texts are flagged for", endpoints.MODERATE),
        *(FilterOnServer(context, param) for param in filters),
        ShowHelp(context),
        Quit(context),
    ]


def find_words() -> set[str]:
    """Return what the commands are called; no application is needed for that."""
    none: Any = None
    commands = build_commands(
        none,
        none,
        profiles=(),
        connect_as=none,
        choose_profiles=none,
        show_help=none,
        follow_terminal=none,
        present=none,
        tell_replay=none,
    )
    return {name for command in commands for name in (command.name, *command.aliases)}


class GoTo(Builtin):
    """Go to a place that is gathered from several lists."""

    def __init__(self, context: Context, resource: Resource) -> None:
        super().__init__(context)
        self.name, self.meaning, self.aliases = resource.name, resource.notice, resource.aliases
        self._resource = resource

    async def run(self, argument: str) -> None:
        """Go there, with the filter `/argument` if one is given."""
        self.navigator.open_resource(self._resource, argument.removeprefix("/"))


class OpenId(Builtin):
    """Open an object by its id."""

    name = "open"
    meaning = "an object by its id, behind those of what it is in"
    argument = "[ID …] ID"
    asks_server = True

    async def run(self, argument: str) -> None:
        """Open the object with the id `argument`."""
        if not argument:
            raise CommandError("Give the id to open, such as :open batch_abc.")
        await self.navigator.open_id(argument)


class OffBoard(Builtin):
    """Open the page on what somebody holds."""

    name = "offboard"
    meaning = "what somebody holds, and taking it from them"
    argument = "MAIL"

    def choices(self) -> Sequence[str]:
        """Return the mail addresses of the users whose list is loaded."""
        loaded = (each for account in self.navigator.accounts for each in account.platform.loaded())
        lists = (each for each in loaded if each.resource.name == "users")
        mails = {user.at("email") for users in lists for user in users.records.values()}
        return sorted(mail for mail in mails if isinstance(mail, str))

    async def run(self, argument: str) -> None:
        """Open the page of the user with this mail address or id."""
        is_id = self.navigator.platform.find(argument) is REGISTRY["users"]
        if not is_id and "@" not in argument:
            raise CommandError("Give the mail address, such as :offboard ada@acme.example, or the user's id.")
        platform = (await self.navigator.choose_account("Off-board in")).platform
        from tui.screens.workflows.plans.offboard import open_user

        open_user(self.app, platform, argument, argument if is_id else "")


class TakeOut(Builtin):
    """Take lists and contents out into a folder."""

    name = "takeout"
    meaning = "keep lists, what is inside their objects and contents of files in a folder"
    argument = "[RESOURCE …]"

    def choices(self) -> Sequence[str]:
        """Return the lists that can be taken out."""
        from tui.workflows.takeout.takeout import list_families

        return list_families(REGISTRY)

    async def run(self, argument: str) -> None:
        """Ask for the folder, with the lists named in `argument` ticked; the command is done meanwhile."""
        names = argument.replace(",", " ").split()
        if unknown := [name for name in names if name not in self.choices()]:
            raise CommandError(f"{unknown[0]} cannot be taken out. There are: {', '.join(self.choices())}.")
        from tui.screens.workflows.takeout import ask_and_take_out

        platform = (await self.navigator.choose_account("Take out of")).platform
        self.app.run_worker(ask_and_take_out(self.app, platform, names), exit_on_error=False)


class Try(Builtin):
    """Open the bench of an endpoint."""

    def __init__(
        self, context: Context, name: str, what: str, operation: Operation, aliases: tuple[str, ...] = ()
    ) -> None:
        super().__init__(context)
        self.name, self.meaning, self.aliases = name, f"try a model: {what}", aliases
        self._operation = operation

    async def run(self, argument: str) -> None:
        """Open the bench, on the model `argument` if it is given."""
        from tui.screens.workflows.bench import open_endpoint

        platform = (await self.navigator.choose_account("Try a model in")).platform
        open_endpoint(self.app, platform, self._operation, {"model": argument})


class FilterOnServer(Builtin):
    """Have the server filter the list that is shown by one parameter."""

    argument = "VALUE"

    def __init__(self, context: Context, param: str) -> None:
        super().__init__(context)
        self._param = param
        self.name = param.removesuffix("[]")
        self.meaning = f"let the server filter by {self.name}"

    def _filter(self) -> ServerFilter | None:
        """Return the filter that the list shown declares for the parameter."""
        screen = self.app.screen
        filters = screen.resource.filters if isinstance(screen, PlaceScreen) and not screen.location.id else ()
        return next((each for each in filters if each.param == self._param), None)

    def applies(self) -> bool:
        """Return whether the list shown can be filtered by it."""
        return self._filter() is not None

    def choices(self) -> Sequence[str]:
        """Return the values that the parameter may have."""
        here = self._filter()
        return here.choices if here else ()

    async def run(self, argument: str) -> None:
        """Filter by the value `argument`; without one no longer."""
        screen = self.app.screen
        if not isinstance(screen, PlaceScreen) or not self._filter():
            raise CommandError(f"The server filters no list shown here by {self._param}.")
        screen.set_server_filter(self._param, argument)


class Quit(Builtin):
    """End the program."""

    name = "quit"
    meaning = "leave"
    aliases = ("q", "q!", "exit")

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """End it."""
        await self.app.action_quit()
