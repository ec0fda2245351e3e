"""A platform in whose every text strangers had their say, and the lists that show it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from tests.support.examples import THOROUGH
from tests.support.hostile_texts import KINDS, TEXTS, fill
from tests.support.samples import sample_of
from tests.support.walking import meant
from tui.resources.registry import REGISTRY
from tui.screens.navigation.history import Location
from tui.screens.places.base import PlaceScreen
from tui.toolkit.drawing.harmless import Harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.segment import Segment
    from textual.app import App
    from textual.color import Color
    from textual.screen import Screen

    from tui.api.requests import Request

OBJECTS = 4  # of each list


class Watched(Harmless):
    """The last door, which notes what was not made harmless before it came there."""

    def __init__(self, app: App[Any]) -> None:
        super().__init__()
        self.late: dict[str, str] = {}
        self._app = app

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments as ever."""
        shown = super().apply(segments, background)
        if shown != segments:
            came = next(a.text for a, b in zip(segments, shown, strict=True) if a != b)
            self.late.setdefault(f"{self._app.screen!r}"[:60], came[:200])
        return shown


class HostilePlatform:
    """Answers each request with objects made of the texts of strangers, all of them in turn."""

    def __init__(self) -> None:
        self._texts = itertools.cycle(TEXTS)
        self._resources = {
            operation.name: resource
            for resource in REGISTRY.values()
            for operation in (resource.get, resource.list)
            if operation
        }
        self._answers: dict[str, dict[str, Any]] = {}
        self.count = 0

    async def json(self, request: Request, **_: Any) -> dict[str, Any]:
        """Return the answer to a request, the same each time: nothing moves."""
        if request.target not in self._answers:
            self._answers[request.target] = self._answer(request)
        return self._answers[request.target]

    def _answer(self, request: Request) -> dict[str, Any]:
        name = meant(request.method, request.target.partition("?")[0])
        resource = self._resources.get(name)
        if resource is None:
            return {"object": "list", "data": []}
        made: list[dict[str, Any]] = [fill(sample_of(resource), self._texts, keep=KINDS) for _ in range(OBJECTS)]
        for number, each in enumerate(made):
            each[resource.identify] = f"{next(iter(resource.prefixes), '')}{number}{next(self._texts)[:40]}"
        self.count += len(made)
        if resource.list and resource.list.name == name:
            return {"object": "list", "data": made, "has_more": False}
        return made[0]


def find_places() -> Iterator[Location]:
    """Yield the list of every resource; one within parents, drawn by the same screen, only for a thorough look."""
    for number, resource in enumerate(REGISTRY.values()):
        if resource.list and (THOROUGH or not resource.within):
            scope = {name: f"{name}1\x1b[2J" for name in resource.within}
            yield Location(resource, scope, trail=(TEXTS[number], TEXTS[-number]))


def is_shown(screen: Screen[Any], location: Location) -> bool:
    """Return whether a location is shown, with all that was read of it."""
    if not isinstance(screen, PlaceScreen) or screen.location is not location or not screen.is_mounted:
        return False
    return bool(screen.source.health.since or screen.source.health.error)
