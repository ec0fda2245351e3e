"""What a command is to do, who hears of it, and what is asked before."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tui.headless.writes.requests import model_of
from tui.headless.writes.targets import WrongUse
from tui.resources.language.action import Ask, Fetch, Open

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.headless.writes.outcomes import Outcome
    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource


@dataclass(frozen=True, slots=True)
class Order:
    """What a command is to do."""

    resource: Resource
    action: Action
    parents: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    body: Mapping[str, Any] | None = None
    used_too: bool = False
    """Whether it is done to what something else uses, too."""
    dry_run: bool = False
    count: int | None = None
    """How many objects it is said to be for."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent that is asked for before something is done."""

    title: str
    things: Sequence[tuple[str, str]]
    """The id and the name of each object, or the name and the value of each field."""
    warnings: Sequence[str]
    count: int
    """How many objects it is done to."""
    verb: str
    typed: str = ""
    """What must be typed instead of a y."""
    general: str = ""
    """The warning that is said of each such action, whatever it is done to."""


@dataclass(slots=True)
class Hearing:
    """Who hears of the work: lines of output, sentences, progress; and who agrees to it."""

    tell: Callable[[Outcome], None]
    say: Callable[[str], None]
    progress: Callable[[str], None]
    agree: Callable[[Consent], bool]
    asks: bool = False
    """Whether somebody is asked."""


def find_action(resource: Resource, name: str) -> Action:
    """Return the action of a name; `create` and `delete` are what makes and removes objects, whatever its name.

    Raises WrongUse.
    """
    found = resource.action(name)
    if found is None and name == "create":
        makers = (each for each in resource.actions if each.on == "list" and isinstance(each.does, Ask))
        found = next(makers, None)
    if found is None and name == "delete":
        found = next((each for each in resource.actions if each.removes), None)
    if found is None:
        possible = [each.name for each in list_possible(resource)]
        near = get_close_matches(name, possible, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise WrongUse(
            f"There is no action {name} for {resource.name}.{hint} There are: {', '.join(possible) or 'none'}."
        )
    return found


def list_possible(resource: Resource) -> list[Action]:
    """Return the actions of a resource that a command can do."""
    return [each for each in resource.actions if not explain_impossible(resource, each)]


def explain_impossible(resource: Resource, action: Action) -> str:
    """Return why an action is nothing that a command can do, in a sentence; "" where it can."""
    if isinstance(action.does, Fetch):
        return f"{action.label.capitalize()} fetches a content: use `o9s download`."
    if isinstance(action.does, Open) and model_of(action) is None:
        return f"{action.label.capitalize()} is a screen of its own: `o9s {resource.name}` leads to it."
    return ""
