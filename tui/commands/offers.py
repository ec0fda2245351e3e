"""The lines of the palette: actions of the place that is shown, resources, commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui.resources.language.resource import title_of
from tui.resources.registry import PLACES, REGISTRY
from tui.screens.actions.permissions import find_refusal
from tui.screens.navigation.command import Command, CommandError
from tui.screens.places.base import PlaceScreen
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App
    from textual.screen import Screen

    from tui.screens.navigation.navigator import Navigator


def find_offers(navigator: Navigator, screen: Screen[Any]) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Yield what the palette lists on a screen: its title, words about it, and what runs it.

    What can be done to the object that keys act on comes first, then the places used most in this session, then
    all places, the commands, and last their choices, such as themes.
    """
    if isinstance(screen, PlaceScreen):
        yield from _find_actions(screen)
    used = navigator.history.count_visits()
    known = [*PLACES.values(), *(each for each in REGISTRY.values() if not each.parent)]
    absent = {each.name: navigator.describe_absence(each) for each in known}
    for resource in sorted(known, key=lambda each: (bool(absent[each.name]), -used[each.name])):
        about = resource.notice if resource.name in PLACES else f"list {resource.name}"
        about = absent[resource.name] or about
        yield resource.name, about, partial(navigator.open_resource, resource)
    for word, line in navigator.own.aliases.items():
        yield f":{word}", f"yours: {line}", partial(_run_line, navigator, word)
    commands = [each for each in navigator.commands.values() if each.name not in PLACES]
    for command in commands:
        if not command.argument:
            yield f":{command.name}", command.meaning, partial(_run, navigator.app, command, "")
    for command in commands:
        for choice in command.choices():
            yield f":{command.name} {choice}", command.meaning, partial(_run, navigator.app, command, choice)


def _find_actions(screen: PlaceScreen) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Yield what can be done here, first to the object that keys act on; what cannot be done now says why."""
    (record, platform), resource = screen.acting, screen.resource
    called = f"{resource.singular} {title_of(resource, record) or record.id}" if record else resource.name
    found = []
    for action in resource.actions:
        about = None if action.on == "list" else record
        reason = find_refusal(action, about, platform)
        words = f"not now: {reason}" if reason else resource.name if about is None else called
        found.append((bool(reason), about is None, action, words))
    for _, _, action, words in sorted(found, key=lambda each: each[:2]):
        yield f"{action.label} · {resource.singular}", words, partial(screen.perform, action)
    for own in screen.own_commands():
        reason = screen.own_refusal(own)
        yield own.name, f"not now: {reason}" if reason else called, partial(screen.run_own_command, own)


async def _run_line(navigator: Navigator, line: str) -> None:
    """Do a `:` line that was not typed."""
    try:
        await navigator.run(line)
    except CommandError as error:
        navigator.app.notify(clean(str(error)), severity="error", markup=False)


async def _run(app: App[Any], command: Command, argument: str) -> None:
    """Run a command that was not typed: there is no line to show a fault beside."""
    try:
        await command.run(argument)
    except CommandError as error:
        app.notify(clean(str(error)), severity="error", markup=False)
