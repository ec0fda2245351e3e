"""Routes: from what is shown to the screen that shows it, and from an action to what it opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.screen import Screen

from tui.screens.navigation.history import Location

N = TypeVar("N")
"""What moves about, and is given to each screen."""
# Begins a workflow for an action on records: `await open_workflow(actor, action, *records)`.
OpenWorkflow = Callable[..., Awaitable[None]]
# Makes the screen that shows a place.
MakeScreen = Callable[[N, Location], Screen[Any]]


@dataclass(frozen=True, slots=True)
class Routes(Generic[N]):
    """The screens by what they show. Each is imported when it is first opened."""

    listing: Callable[[], MakeScreen[N]]
    """The list of any resource."""
    object: Callable[[], MakeScreen[N]]
    """One object of any resource."""
    setting: Callable[[], MakeScreen[N]]
    """The one object of a resource that has no others."""
    screens: Mapping[str, Callable[[], MakeScreen[N]]]
    """What shows a resource instead of a list, by the name that its declaration gives as `screen`."""
    workflows: Mapping[str, Callable[[], OpenWorkflow]]
    """What an action opens, by the name that its `Open` gives."""
    combined: frozenset[str] = frozenset()
    """Which of `screens` can show several accounts at once; plain lists that stand by themselves can."""

    def can_combine(self, location: Location) -> bool:
        """Return whether a location can show several accounts at once."""
        resource = location.resource
        if location.id or location.scope or resource.single:
            return False
        return not resource.screen or resource.screen in self.combined

    def screen_of(self, location: Location) -> MakeScreen[N]:
        """Return the screen that shows a location."""
        if location.id:
            return self.object()
        own = self.screens.get(location.resource.screen)
        if own:
            return own()
        return self.setting() if location.resource.single else self.listing()
