"""The names of `:` lines: which command one means, and how one may go on."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.resources.registry import PLACES, REGISTRY, UnknownResource, find_name, find_prefixes
from tui.widgets.input.prompt import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tui.resources.language.resource import Resource
    from tui.screens.navigation.command import Command


_YOURS = "Yours"


def names_of(resource: Resource) -> tuple[str, ...]:
    """Return the name and the aliases of a resource."""
    return (resource.name, *resource.aliases)


def find_command(commands: Mapping[str, Command], name: str) -> Command | None:
    """Return the command that a name or an alias means here; None where a resource is meant, or nothing."""
    wanted = name.lower()
    found = (each for each in commands.values() if wanted == each.name or wanted in each.aliases)
    command = next(found, None)
    if command and not command.applies() and REGISTRY.find(wanted):
        return None
    return command


def find_line_fault(line: str, words: Collection[str]) -> str:
    """Return the sentence on a `:` line whose first word means nothing; "" where it does."""
    head = line.strip().partition(" ")[0].lower()
    is_id = any(head.startswith(prefix) for prefix, _ in find_prefixes(REGISTRY))
    begun = [name for name in REGISTRY if name.startswith(head)]
    if not head or find_name(head) or head in words or len(begun) == 1 or is_id:
        return ""
    near = get_close_matches(head, words, n=1)
    hint = UnknownResource(head).hint or (f"did you mean {near[0]}?" if near else "")
    return f"there is nothing called {head!r}{f'; {hint}' if hint else '.'}"


def complete_line(
    commands: Mapping[str, Command],
    text: str,
    absence: Callable[[Resource], str] = lambda _: "",
    aliases: Mapping[str, str] | None = None,
) -> list[Suggestion]:
    """Return the ways to go on from a `:` line.

    `absence` says why a list is not to be had, "" where it may be; `aliases` are the words of the user.
    """
    head, space, tail = text.partition(" ")
    if space:
        command = find_command(commands, head)
        if command:
            return [
                Suggestion(f"{head} {choice}") for choice in command.choices() if choice.startswith(tail.strip())
            ]
        return []
    wanted = head.lower()
    known = [(names_of(each), each.notice, each.family, "") for each in PLACES.values()]
    for resource in REGISTRY.values():
        if not resource.parent:
            meaning = f"{resource.family} · {', '.join(resource.aliases)}"
            known.append((names_of(resource), meaning, resource.family, absence(resource)))
    known += [((word,), f"{_YOURS} · {line}", _YOURS, "") for word, line in (aliases or {}).items()]
    for command in commands.values():
        if command.name not in PLACES:
            usage = f"{command.meaning}{f' · {command.argument}' if command.argument else ''}"
            known.append(((command.name, *command.aliases), usage, "Commands", ""))
    found = [
        (rank, Suggestion(names[0], absent or meaning, group, is_dim=bool(absent)))
        for names, meaning, group, absent in known
        if (rank := _rank(wanted, names))
    ]
    return [suggestion for _, suggestion in sorted(found, key=lambda pair: pair[0])]


def _rank(wanted: str, names: Sequence[str]) -> int:
    """Return how names fit what is typed: 1 one begins so, 2 it is within, 3 its letters in order; 0 not."""
    if not wanted or any(name.startswith(wanted) for name in names):
        return 1
    if any(wanted in name for name in names):
        return 2
    letters = iter(names[0])
    return 3 if all(letter in letters for letter in wanted) else 0
