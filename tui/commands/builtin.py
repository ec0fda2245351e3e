"""The `:` commands that are not resources, and what the palette offers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui.config import set_value
from tui.resources.generation import endpoints as generation
from tui.resources.language.cells import stamp
from tui.resources.language.times import unix_time
from tui.resources.registry import REGISTRY
from tui.screens.dialogs.viewer import Viewer
from tui.screens.navigation.navigator import Command, CommandError, Navigator
from tui.screens.places.base import PlaceScreen
from tui.text import clean
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from textual.app import App
    from textual.screen import Screen

    from tui.api.operation import Operation
    from tui.resources.language.resource import ServerFilter


def commands(
    app: App[Any],
    navigator: Navigator,
    *,
    profiles: Collection[str],
    connect_as: Callable[[str], object],
    show_help: Callable[[], object],
) -> list[Command]:
    """The commands of an application that is connected.

    `connect_as` connects as another of the `profiles`; `show_help` shows the keys that work here.
    """
    client = navigator.platform.client

    def read_only(on: bool) -> Callable[[str], None]:
        def run(_: str) -> None:
            client.read_only = on
            app.notify("Read-only: nothing that changes the platform is sent." if on else "Writing is open again.")
            _say(app.screen)

        return run

    def theme(name: str) -> None:
        if name not in app.available_themes:
            raise CommandError(
                f"There is no theme {name!r}: choose one of {', '.join(sorted(app.available_themes))}."
            )
        app.theme = name
        try:
            set_value(("theme",), name)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or error
            app.notify(clean(f"The theme lasts until the end only: {reason}."), severity="warning", markup=False)

    def filter_here(param: str) -> ServerFilter | None:
        screen = app.screen
        known = screen.resource.filters if isinstance(screen, PlaceScreen) and not screen.place.id else ()
        return next((each for each in known if each.param == param), None)

    def where(param: str) -> Command:
        """The command that has the server filter the list shown by `param`."""

        def run(value: str) -> None:
            screen = app.screen
            if not isinstance(screen, PlaceScreen) or not filter_here(param):
                raise CommandError(f"The server filters no list shown here by {param}.")
            screen.set_server_filter(param, value)

        def choices() -> tuple[str, ...]:
            here = filter_here(param)
            return here.choices if here else ()

        meaning = f"let the server filter by {param.removesuffix('[]')}"
        return Command(
            param.removesuffix("[]"),
            meaning,
            run,
            "VALUE",
            choices,
            applies=lambda: filter_here(param) is not None,
        )

    def profile(name: str) -> None:
        if not name:
            known = ", ".join(sorted(profiles)) or "none besides default"
            raise CommandError(f"Which profile? There are: {known}.")
        connect_as(name)

    def exchanges(_: str) -> None:
        from tui.screens.dialogs.http_log import ExchangesScreen

        app.push_screen(ExchangesScreen(client.exchanges, client.connection.base_url))

    async def open_id(id_: str) -> None:
        if not id_:
            raise CommandError("Give the id to open, such as :open batch_abc.")
        await navigator.open_id(id_)

    def offboard(mail: str) -> None:
        known = navigator.platform.find(mail) is REGISTRY["users"]
        if not known and "@" not in mail:
            raise CommandError("Give the mail address, such as :offboard ada@acme.example, or the user's id.")
        from tui.screens.workflows.offboard import show

        show(app, navigator.platform, mail, mail if known else "")

    def mails() -> list[str]:
        lists = (each for each in navigator.platform.loaded() if each.resource.name == "users")
        found = {user.at("email") for users in lists for user in users.records.values()}
        return sorted(mail for mail in found if isinstance(mail, str))

    def bench(operation: Operation) -> Callable[[str], None]:
        def run(model: str) -> None:
            from tui.screens.workflows.bench import show

            show(app, navigator.platform, operation, {"model": model})

        return run

    filters = dict.fromkeys(each.param for resource in REGISTRY.values() for each in resource.filters)
    return [
        Command("open", "an object by its id, behind those of what it is in", open_id, "[ID …] ID"),
        Command("http", "the requests made", exchanges, aliases=("requests",)),
        Command(
            "outcome", "what the last action on many objects was not done to", lambda _: _outcome(app, navigator)
        ),
        Command("journal", "the writes made from this machine", lambda _: _journal(app)),
        Command("ro", "read-only: refuse everything that changes the platform", read_only(True)),
        Command("rw", "allow writing again", read_only(False)),
        Command("theme", "the colours", theme, "NAME", lambda: sorted(app.available_themes), ("skin",)),
        Command("profile", "connect as another profile", profile, "NAME", lambda: sorted(profiles), ("ctx",)),
        Command("offboard", "what somebody holds, and taking it from them", offboard, "MAIL", mails),
        Command("respond", "try a model: responses", bench(generation.RESPOND), aliases=("bench", "try")),
        Command("chat", "try a model: chat completions", bench(generation.CHAT)),
        Command("complete", "try a model: legacy completions", bench(generation.COMPLETE)),
        Command("embed", "try a model: how near texts are", bench(generation.EMBED)),
        Command("moderate", "try a model: what texts are flagged for", bench(generation.MODERATE)),
        *map(where, filters),
        Command("help", "every key that works here", lambda _: show_help(), aliases=("?",)),
        Command("quit", "leave", lambda _: app.exit(), aliases=("q", "q!", "exit")),
    ]


def offers(navigator: Navigator, screen: Screen[Any]) -> Iterable[tuple[str, str, Callable[[], object]]]:
    """What the palette lists: actions of this place, resources, commands without an argument."""
    if isinstance(screen, PlaceScreen):
        for action in screen.resource.actions:
            words = f"{action.label} · {screen.resource.singular}"
            yield words, action.operation.name, partial(screen.perform, action)
    for resource in REGISTRY.values():
        if not resource.parent:
            go = partial(navigator.open_resource, resource)
            yield resource.name, f"list {resource.name}", go
    for command in navigator.commands.values():
        if not command.argument:
            yield f":{command.name}", command.meaning, partial(command.run, "")
        for choice in command.choices():
            run = partial(command.run, choice)
            yield f":{command.name} {choice}", command.meaning, run


def _say(screen: Screen[Any]) -> None:
    if isinstance(screen, PlaceScreen):
        screen.say()


def _outcome(app: App[Any], navigator: Navigator) -> None:
    from tui.screens.places.bulk_progress import BulkOutcome

    bulk = navigator.platform.bulk
    if bulk is None:
        raise CommandError("Nothing was done to many objects yet.")
    app.push_screen(BulkOutcome(bulk))


def _journal(app: App[Any]) -> None:
    from tui.api.log.journal import Journal

    def line(entry: Mapping[str, Any]) -> str:
        # Anybody may write to the file: a value of another kind is shown as it is, and costs no line.
        told = {name: "" if value is None else str(value) for name, value in entry.items()}
        at = unix_time(entry.get("time"))
        return (
            f"{stamp(at) if at is not None else '·'}  {told['outcome']:<8}{told.get('status', ''):<5}"
            f"{told.get('method', ''):<7}{told.get('path', '')}  {told.get('profile', '')}  "
            f"{told.get('request_id', '')}"
        )

    lines = [line(entry) for entry in Journal("").entries()]
    view = TextView(MemoryLines(lines), empty="Nothing was written from this machine yet.")
    app.push_screen(Viewer("journal", view, note="writes of this machine, oldest first"))
