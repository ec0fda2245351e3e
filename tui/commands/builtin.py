"""The `:` commands that are not resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.config import set_value
from tui.resources.generation import endpoints
from tui.resources.language.cells import stamp
from tui.resources.language.reading.times import unix_time
from tui.resources.registry import PLACES, REGISTRY
from tui.screens.dialogs.viewer import Viewer
from tui.screens.navigation.command import Command, CommandError
from tui.screens.places.base import PlaceScreen
from tui.text import clean
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from textual.app import App

    from tui.api.operation import Operation
    from tui.resources.language.resource import Resource, ServerFilter
    from tui.screens.navigation.navigator import Navigator


@dataclass(frozen=True, slots=True)
class Context:
    """The application, the connection and the rest that commands work with."""

    app: App[Any]
    navigator: Navigator
    profiles: Collection[str]
    """The names of the profiles there are."""
    connect_as: Callable[[str], object]
    """Connects as another profile."""
    show_help: Callable[[], object]
    """Shows the keys that work on the screen that is shown."""


def build_commands(
    app: App[Any],
    navigator: Navigator,
    *,
    profiles: Collection[str],
    connect_as: Callable[[str], object],
    show_help: Callable[[], object],
) -> list[Command]:
    """Return the commands of an application that is connected; see `Context`."""
    context = Context(app, navigator, profiles, connect_as, show_help)
    filters = dict.fromkeys(each.param for resource in REGISTRY.values() for each in resource.filters)
    return [
        *(GoTo(context, resource) for resource in PLACES.values()),
        ShowNews(context),
        ShowWatched(context),
        OpenId(context),
        ShowRequests(context),
        ShowOutcome(context),
        ShowJournal(context),
        SetReadOnly(context, "ro", "read-only: refuse everything that changes the platform", on=True),
        SetReadOnly(context, "rw", "allow writing again", on=False),
        SetTheme(context),
        ConnectAs(context),
        OffBoard(context),
        Try(context, "respond", "responses", endpoints.RESPOND, aliases=("bench", "try")),
        Try(context, "chat", "chat completions", endpoints.CHAT),
        Try(context, "complete", "legacy completions", endpoints.COMPLETE),
        Try(context, "embed", "how near texts are", endpoints.EMBED),
        Try(context, "moderate", "what texts are flagged for", endpoints.MODERATE),
        *(FilterOnServer(context, param) for param in filters),
        ShowHelp(context),
        Quit(context),
    ]


class _Builtin(Command):
    def __init__(self, context: Context) -> None:
        self.context = context
        self.app, self.navigator = context.app, context.navigator


class GoTo(_Builtin):
    """Go to a place that is gathered from several lists."""

    def __init__(self, context: Context, resource: Resource) -> None:
        super().__init__(context)
        self.name, self.meaning, self.aliases = resource.name, resource.notice, resource.aliases
        self._resource = resource

    async def run(self, argument: str) -> None:
        """Go there, with the filter `/argument` if one is given."""
        self.navigator.open_resource(self._resource, argument.removeprefix("/"))


class ShowNews(_Builtin):
    """Show what has changed since the last visit."""

    name = "news"
    meaning = "what has changed since you were last here"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show it; the change that is chosen is opened."""
        from tui.screens.dialogs.pick import Choice, Pick
        from tui.screens.navigation.follow import follow

        overview = self.navigator.overview
        if overview.before is None:
            kept = "From now on it is kept." if overview.keeps_visits else "Here none is kept."
            raise CommandError(f"No earlier visit of this profile is known. {kept}")
        changes = overview.changes()
        if not changes:
            raise CommandError(f"Nothing has changed since {stamp(overview.before.at)}.")
        choices = [
            Choice(each.id, each.what, f"{each.resource.singular} {each.name}", each.id) for each in changes
        ]
        chosen = await self.app.push_screen_wait(Pick(f"Since {stamp(overview.before.at)}", choices))
        if chosen:
            follow(self.app, chosen[0])


class ShowWatched(_Builtin):
    """Show what the user is told of when it is over."""

    name = "watches"
    meaning = "what you are told of when it is over (W watches, and ends that)"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show it; the object that is chosen is opened."""
        from tui.screens.dialogs.pick import Choice, Pick
        from tui.screens.navigation.follow import follow
        from tui.toolkit.terminal.sequences import title, write

        session = self.navigator.session
        session.ended = 0
        write(self.app, title("o9s"))
        rules = session.rules.rules if session.rules else {}
        if not rules:
            raise CommandError("Nothing is watched. W on a batch, a job or a store has you told of its end.")
        choices = [Choice(rule.id, rule.id, f"{rule.resource} {rule.name}") for rule in rules.values()]
        chosen = await self.app.push_screen_wait(Pick("You are told when these are over", choices))
        if chosen:
            follow(self.app, chosen[0])


class OpenId(_Builtin):
    """Open an object by its id."""

    name = "open"
    meaning = "an object by its id, behind those of what it is in"
    argument = "[ID …] ID"

    async def run(self, argument: str) -> None:
        """Open the object with the id `argument`."""
        if not argument:
            raise CommandError("Give the id to open, such as :open batch_abc.")
        await self.navigator.open_id(argument)


class ShowRequests(_Builtin):
    """Show the requests made."""

    name = "http"
    meaning = "the requests made"
    aliases = ("requests",)

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show them over what is shown."""
        from tui.screens.dialogs.http_log import ExchangesScreen

        client = self.navigator.platform.client
        self.app.push_screen(ExchangesScreen(client.exchanges, client.connection.base_url))


class ShowOutcome(_Builtin):
    """Show which objects the last action on many was not done to."""

    name = "outcome"
    meaning = "what the last action on many objects was not done to"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show them over what is shown."""
        from tui.screens.places.bulk_progress import BulkOutcome

        bulk = self.navigator.platform.bulk
        if bulk is None:
            raise CommandError("Nothing was done to many objects yet.")
        self.app.push_screen(BulkOutcome(bulk))


class ShowJournal(_Builtin):
    """Show the journal of writes."""

    name = "journal"
    meaning = "the writes made from this machine"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show it over what is shown."""
        from tui.api.log.journal import Journal

        lines = [format_entry(entry) for entry in Journal("").entries()]
        view = TextView(MemoryLines(lines), empty="Nothing was written from this machine yet.")
        self.app.push_screen(Viewer("journal", view, note="writes of this machine, oldest first"))


class SetReadOnly(_Builtin):
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


class SetTheme(_Builtin):
    """Change the colours, for later starts too."""

    name = "theme"
    meaning = "the colours"
    argument = "NAME"
    aliases = ("skin",)

    def choices(self) -> Sequence[str]:
        """Return the names of the themes."""
        return sorted(self.app.available_themes)

    async def run(self, argument: str) -> None:
        """Change to the theme `argument`, and keep it in the config."""
        if argument not in self.app.available_themes:
            raise CommandError(f"There is no theme {argument!r}: choose one of {', '.join(self.choices())}.")
        self.app.theme = argument
        try:
            set_value(("theme",), argument)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or error
            words = clean(f"The theme lasts until the end only: {reason}.")
            self.app.notify(words, severity="warning", markup=False)


class ConnectAs(_Builtin):
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


class OffBoard(_Builtin):
    """Open the page on what somebody holds."""

    name = "offboard"
    meaning = "what somebody holds, and taking it from them"
    argument = "MAIL"

    def choices(self) -> Sequence[str]:
        """Return the mail addresses of the users whose list is loaded."""
        lists = (each for each in self.navigator.platform.loaded() if each.resource.name == "users")
        mails = {user.at("email") for users in lists for user in users.records.values()}
        return sorted(mail for mail in mails if isinstance(mail, str))

    async def run(self, argument: str) -> None:
        """Open the page of the user with this mail address or id."""
        platform = self.navigator.platform
        is_id = platform.find(argument) is REGISTRY["users"]
        if not is_id and "@" not in argument:
            raise CommandError("Give the mail address, such as :offboard ada@acme.example, or the user's id.")
        from tui.screens.workflows.offboard import open_user

        open_user(self.app, platform, argument, argument if is_id else "")


class Try(_Builtin):
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

        open_endpoint(self.app, self.navigator.platform, self._operation, {"model": argument})


class FilterOnServer(_Builtin):
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


class ShowHelp(_Builtin):
    """Show the keys that work here."""

    name = "help"
    meaning = "every key that works here"
    aliases = ("?",)

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show them over what is shown."""
        self.context.show_help()


class Quit(_Builtin):
    """End the program."""

    name = "quit"
    meaning = "leave"
    aliases = ("q", "q!", "exit")

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """End it."""
        self.app.exit()


def format_entry(entry: Mapping[str, Any]) -> str:
    """Return a write in the journal as one line.

    Anybody may write to the file: a value of another kind is shown as it is.
    """
    texts = {name: "" if value is None else str(value) for name, value in entry.items()}
    at = unix_time(entry.get("time"))
    return (
        f"{stamp(at) if at is not None else '·'}  {texts['outcome']:<8}{texts.get('status', ''):<5}"
        f"{texts.get('method', ''):<7}{texts.get('path', '')}  {texts.get('profile', '')}  "
        f"{texts.get('request_id', '')}"
    )
