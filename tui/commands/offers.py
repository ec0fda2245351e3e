"""The lines of the palette: actions of the place that is shown, resources, commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui.resources.registry import REGISTRY
from tui.screens.navigation.command import Command, CommandError
from tui.screens.places.base import PlaceScreen
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App
    from textual.screen import Screen

    from tui.screens.navigation.navigator import Navigator


def find_offers(navigator: Navigator, screen: Screen[Any]) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Yield what the palette lists on a screen: its title, words about it, and what runs it."""
    if isinstance(screen, PlaceScreen):
        for action in screen.resource.actions:
            title = f"{action.label} · {screen.resource.singular}"
            yield title, action.operation.name, partial(screen.perform, action)
    for resource in REGISTRY.values():
        if not resource.parent:
            yield resource.name, f"list {resource.name}", partial(navigator.open_resource, resource)
    for command in navigator.commands.values():
        if not command.argument:
            yield f":{command.name}", command.meaning, partial(_run, navigator.app, command, "")
        for choice in command.choices():
            yield f":{command.name} {choice}", command.meaning, partial(_run, navigator.app, command, choice)


async def _run(app: App[Any], command: Command, argument: str) -> None:
    """Run a command that was not typed: there is no line to show a fault beside."""
    try:
        await command.run(argument)
    except CommandError as error:
        app.notify(clean(str(error)), severity="error", markup=False)
