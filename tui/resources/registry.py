"""The one registry: every resource, by name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.resources.batches import BATCHES
from tui.resources.checkpoints import CHECKPOINTS, PERMISSIONS
from tui.resources.files import FILES
from tui.resources.fine_tuning import EVENTS, JOBS
from tui.resources.models import MODELS

if TYPE_CHECKING:
    from tui.resources.base import Resource

REGISTRY: dict[str, Resource] = {
    resource.name: resource for resource in (BATCHES, FILES, JOBS, EVENTS, CHECKPOINTS, PERMISSIONS, MODELS)
}


class UnknownResource(LookupError):
    """No resource has this name; the message says which are near."""

    def __init__(self, name: str) -> None:
        names = [alias for resource in REGISTRY.values() for alias in (resource.name, *resource.aliases)]
        near = get_close_matches(name.lower(), names, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(REGISTRY)}."
        super().__init__(f"There is no resource called {name!r}: {hint}")


def lookup(name: str) -> Resource:
    """The resource of this name or alias, whatever its case. Raises `UnknownResource`."""
    wanted = name.strip().lower()
    for resource in REGISTRY.values():
        if wanted == resource.name or wanted in resource.aliases:
            return resource
    raise UnknownResource(name)
