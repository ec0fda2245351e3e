"""Where the user is: places, and the way back and forward between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.resource import Resource

_KEPT = 100


@dataclass(slots=True, eq=False)
class Place:
    """A list of a resource, or with `id` one object of it, and how it was being looked at.

    `scope` fills the path parameters of the parents, `trail` names them for people. The rest is written by the
    screen while it is open, so that coming back finds everything as it was.
    """

    resource: Resource
    scope: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    trail: tuple[str, ...] = ()
    up: Place | None = None
    filter: str = ""
    query: dict[str, Any] = field(default_factory=dict)
    sort: str | None = None
    attention: bool = False
    wide: bool = False
    cursor: str | None = None
    tab: str = ""


class History:
    """Places visited, as a browser keeps them."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def current(self) -> Place | None:
        """Where the user is."""
        return self._places[self._at] if self._places else None

    def visit(self, place: Place) -> None:
        """Go somewhere new; what lay ahead is forgotten."""
        self._places = [*self._places[: self._at + 1], place][-_KEPT:]
        self._at = len(self._places) - 1

    def step(self, by: int) -> Place | None:
        """Go back (-1) or forward (1); None at the ends."""
        if not 0 <= self._at + by < len(self._places):
            return None
        self._at += by
        return self._places[self._at]
